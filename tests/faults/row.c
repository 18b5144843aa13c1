#define _GNU_SOURCE
#include "tests/faults/row.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* -- Measuring --------------------------------------------------------------------------------- */

Campaign row_campaign(const RowOptions *o, uint32_t seed, const char *off)
{
    return (Campaign){.first = (uint64_t)seed << 32, .bound = o->bound, .off = off};
}

static void measure(const RowOptions *o, Row *r)
{
    if (o->run_tests) r->run_tests = measure_run_tests(r->fault, o->tally, o->run_tests);
    for (uint32_t k = 0; k < o->seeds; k++) {
        Campaign with = row_campaign(o, k, NULL), without = row_campaign(o, k, "address");
        measure_search(r->fault, &with, &r->with[k]);
        if (!o->with_only) measure_search(r->fault, &without, &r->without[k]);
    }
}

/* Rows that processes write and this one reads. */
typedef struct {
    const RowOptions *options;
    Row *shared;
    pid_t *process; /* 0: not begun, or ended */
    uint32_t n, begun, ended, shown;
} Work;

static void begin(Work *w)
{
    uint32_t k = w->begun++;
    fflush(NULL);
    w->process[k] = fork();
    if (w->process[k] < 0) die("no further process");
    if (w->process[k]) return;
    measure(w->options, &w->shared[k]);
    _exit(EXIT_AGREE);
}

static void await_one(Work *w)
{
    int status;
    pid_t ended = wait(&status);
    for (uint32_t k = 0; k < w->begun; k++)
        if (w->process[k] == ended) w->process[k] = 0;
    w->ended++;
    if (WIFSIGNALED(status)) bug("a search was ended by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) != EXIT_AGREE) exit(WEXITSTATUS(status));
}

void rows_measure(const RowOptions *o, const Fault *const *chosen, uint32_t n, Row *rows,
                  RowShow *show, void *data)
{
    Arena *a = arena_create();
    size_t size = (n + 1) * sizeof(Row);
    Row *shared = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) die("out of memory");
    for (uint32_t k = 0; k < n; k++) shared[k] = (Row){.fault = chosen[k], .run_tests = {-1, -1}};
    Work w = {.options = o, .shared = shared, .process = arena_array(a, pid_t, n), .n = n};
    while (w.shown < n) {
        while (w.begun < n && w.begun - w.ended < o->jobs) begin(&w);
        await_one(&w);
        for (; w.shown < w.begun && !w.process[w.shown]; w.shown++) {
            rows[w.shown] = shared[w.shown];
            show(data, &rows[w.shown]);
        }
    }
    munmap(shared, size);
    arena_destroy(a);
}

/* -- Showing ----------------------------------------------------------------------------------- */

static uint64_t sum_changed(const Search *s, uint32_t n)
{
    uint64_t sum = 0;
    for (uint32_t k = 0; k < n; k++) sum += s[k].changed;
    return sum;
}

static void print_searches(const RowOptions *o, const Search *s)
{
    char found[80];
    int n = 0;
    for (uint32_t k = 0; k < o->seeds; k++) {
        const char *space = k ? " " : "";
        if (s[k].found)
            n += snprintf(found + n, sizeof found - (size_t)n, "%s%llu", space,
                          (unsigned long long)s[k].executions);
        else
            n += snprintf(found + n, sizeof found - (size_t)n, "%s-", space);
    }
    printf(" | %7llu %-19s", (unsigned long long)sum_changed(s, o->seeds), found);
}

static const char *run_tests_text(const RunTests *r, char text[24])
{
    if (r->passed < 0) return "";
    if (!r->failed) return "pass";
    snprintf(text, 24, "%d fail", r->failed);
    return text;
}

void row_print_head(const RowOptions *o)
{
    printf("Cases of seeds from ");
    for (uint32_t k = 0; k < o->seeds; k++)
        printf("%s%#llx", k ? ", " : "", (unsigned long long)row_campaign(o, k, NULL).first);
    printf(" on, at most %llu executions a search.\n"
           "changed: executions in which the plant changed code, all searches summed\n"
           "found after: executions until the verdict named the planted configuration\n\n",
           (unsigned long long)o->bound);
    const char *right = o->with_only ? "" : " | --off address";
    printf("%-21s %-9s %-6s %-7s | %-27s%s\n", "", "", "", "run", "with addresses", right);
    right = o->with_only ? "" : " | changed found after";
    printf("%-21s %-9s %-6s %-7s | %7s %-19s%s\n", "fault", "family", "cpu", "tests", "changed",
           "found after", right);
}

void row_print(const RowOptions *o, const Row *r)
{
    char text[24];
    printf("%-21s %-9s %-6s %-7s", r->fault->name, r->fault->family, r->fault->cpu,
           run_tests_text(&r->run_tests, text));
    print_searches(o, r->with);
    if (!o->with_only) print_searches(o, r->without);
    printf("\n");
    fflush(stdout);
}

static json_t *searches_json(const Search *s, uint32_t n)
{
    json_t *list = json_array();
    for (uint32_t k = 0; k < n; k++)
        json_array_append_new(
            list, json_pack("{s:I, s:I, s:b, s:s}", "executions", (json_int_t)s[k].executions,
                            "changed", (json_int_t)s[k].changed, "found", s[k].found, "signature",
                            s[k].signature));
    return list;
}

void row_print_json(const RowOptions *o, const Row *r)
{
    json_t *one = json_pack("{s:s, s:s, s:s, s:i, s:o}", "fault", r->fault->name, "family",
                            r->fault->family, "cpu", r->fault->cpu, "run_tests_failed",
                            r->run_tests.failed, "with", searches_json(r->with, o->seeds));
    if (!o->with_only)
        json_object_set_new(one, "without", searches_json(r->without, o->seeds));
    json_dumpf(one, stdout, JSON_COMPACT);
    json_decref(one);
    printf("\n");
    fflush(stdout);
}
