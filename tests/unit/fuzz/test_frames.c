/* Signatures are told apart by a crash collector that compares the top three lines of a crash:
 * two crashes are one when two lines are equal or the lines are 80 % alike on average. */
#include "fuzz/frames.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIGNATURES = 200, LINE = 80 };

static const char *const kinds[] = {"results", "memory", "trap", "hung", "abi"};
static const char *const families[] = {"iadd", "imul", "load", "store", "rotl"};

static void make_signature(char *out, uint32_t k)
{
    snprintf(out, LINE / 2, "%s-jit-none-sse2-%s-%s", kinds[k % 5], families[k / 5 % 5],
             families[k / 25 % 5]);
    if (k >= 125) snprintf(out + strlen(out), LINE / 2 - strlen(out), "-%s", families[k / 125]);
}

/* Levenshtein's distance. */
static uint32_t distance(const char *a, const char *b)
{
    uint32_t row[LINE + 1];
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

static double likeness(const char *a, const char *b)
{
    return 1 - (double)distance(a, b) / (double)(strlen(a) + strlen(b));
}

/* The three lines that a collector sees. */
typedef struct {
    char line[3][LINE];
} State;

static void make_state(State *s, uint32_t k)
{
    char signature[LINE / 2];
    FrameNames f;
    make_signature(signature, k);
    frames_of(signature, &f);
    snprintf(s->line[0], LINE, "%s %s", f.letters, signature);
    snprintf(s->line[1], LINE, "%s", f.inner);
    snprintf(s->line[2], LINE, "%s", f.outer);
}

static bool merged(const State *a, const State *b)
{
    int equal = 0;
    double alike = 0;
    for (int k = 0; k < 3; k++) {
        equal += strcmp(a->line[k], b->line[k]) == 0;
        alike += likeness(a->line[k], b->line[k]) / 3;
    }
    return equal >= 2 || alike > 0.8;
}

static void no_pair_is_merged(void **state)
{
    (void)state;
    static State all[SIGNATURES];
    for (uint32_t i = 0; i < SIGNATURES; i++) {
        make_state(&all[i], i);
        for (uint32_t j = 0; j < i; j++)
            if (merged(&all[i], &all[j]))
                fail_msg("%s and %s are merged", all[i].line[0], all[j].line[0]);
    }
}

static void names_are_letters_only(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < SIGNATURES; k++) {
        char a[LINE / 2];
        make_signature(a, k);
        FrameNames f;
        frames_of(a, &f);
        assert_int_equal(strspn(f.inner, "abcdefghijklmnopqrstuvwxyz"), FRAMES_NAME_SIZE - 1);
        assert_int_equal(strspn(f.outer, "abcdefghijklmnopqrstuvwxyz"), FRAMES_NAME_SIZE - 1);
    }
}

static void the_process_aborts(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        frames_abort("results-jit");
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_pair_is_merged),
        cmocka_unit_test(names_are_letters_only),
        cmocka_unit_test(the_process_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
