/* When a crash collector takes two crashes for one: the rules of ClusterFuzz's CrashComparer.
 *
 * A state is up to three lines: the text of an assertion that failed, then the top frames of the
 * stack, each cut to 80 characters, without those that every crash has. Two states are one when
 * they are equal, when their longest common subsequence has two lines, or when lines at equal
 * places are more than 80 % alike on average (Levenshtein's distance over the sum of lengths).
 */
#ifndef TESTS_COLLECTOR_H
#define TESTS_COLLECTOR_H

#include "base/base.h"

#include <stdio.h>
#include <string.h>

enum { STATE_LINES = 3, STATE_LINE = 80 };

typedef struct {
    char line[STATE_LINES][STATE_LINE + 1];
    uint32_t n;
} State;

static inline void state_add(State *s, const char *text, size_t n)
{
    if (s->n == STATE_LINES) return;
    snprintf(s->line[s->n++], STATE_LINE + 1, "%.*s", (int)n, text);
}

static inline uint32_t state_distance(const char *a, const char *b)
{
    uint32_t row[STATE_LINE + 1];
    size_t n = strlen(b);
    for (uint32_t j = 0; j <= n; j++) row[j] = j;
    for (uint32_t i = 0; a[i]; i++) {
        uint32_t corner = row[0]++;
        for (uint32_t j = 0; j < n; j++) {
            uint32_t best = corner + (a[i] != b[j]);
            if (row[j] + 1 < best) best = row[j] + 1;
            corner = row[j + 1];
            if (corner + 1 < best) best = corner + 1;
            row[j + 1] = best;
        }
    }
    return row[n];
}

static inline uint32_t state_common(const State *a, const State *b)
{
    uint32_t most[STATE_LINES + 1][STATE_LINES + 1] = {0};
    for (uint32_t i = 1; i <= a->n; i++) {
        for (uint32_t j = 1; j <= b->n; j++) {
            uint32_t up = most[i - 1][j], left = most[i][j - 1];
            most[i][j] = strcmp(a->line[i - 1], b->line[j - 1]) == 0 ? most[i - 1][j - 1] + 1
                         : up > left                                 ? up
                                                                     : left;
        }
    }
    return most[a->n][b->n];
}

static inline bool state_merged(const State *a, const State *b)
{
    uint32_t n = a->n < b->n ? a->n : b->n;
    if (!n) return false;
    bool equal = a->n == b->n;
    double alike = 0;
    for (uint32_t k = 0; k < n; k++) {
        const char *x = a->line[k], *y = b->line[k];
        equal = equal && strcmp(x, y) == 0;
        double sum = (double)(strlen(x) + strlen(y));
        alike += sum ? (sum - state_distance(x, y)) / sum : 1;
    }
    return equal || state_common(a, b) >= 2 || alike / n > 0.8;
}

/* Functions that every crash has: begins of names that ClusterFuzz leaves out. Its list has `raise`
 * for whole lines only, which a line with a file is not. */
static inline bool state_ignores(const char *frame)
{
    static const char *const names[] = {"__sanitizer", "__asan_", "__ubsan_", "__interceptor_",
                                        "__pthread_kill", "__libc_", "_start", "fuzzer::",
                                        "abort", "gsignal", "main", "(/lib"};
    for (size_t k = 0; k < countof(names); k++)
        if (strncmp(frame, names[k], strlen(names[k])) == 0) return true;
    return false;
}

/* Reads the state from what a fuzzing process has printed: the first stack trace. */
static inline void state_read(State *s, FILE *file)
{
    char line[4096];
    *s = (State){.n = 0};
    while (s->n < STATE_LINES && fgets(line, sizeof line, file)) {
        char *assertion = strstr(line, ": Assertion `"), *frame = strstr(line, " in ");
        const char *end = strstr(line, "' failed.");
        if (assertion && end && s->n == 0) {
            assertion += strlen(": Assertion `");
            state_add(s, assertion, (size_t)(end - assertion));
        } else if (strncmp(line, "    #", 5) == 0 && frame && !state_ignores(frame + 4)) {
            state_add(s, frame + 4, strcspn(frame + 4, " \n"));
        }
    }
}

#endif
