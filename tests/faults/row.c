#define _GNU_SOURCE
#include "tests/faults/row.h"

#include <errno.h>
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

/* What processes share: they write, and this one reads. */
typedef struct {
    const RowOptions *options;
    uint32_t n, ncpus;
    const char *cpus[ROWS_MAX];
    Row rows[ROWS_MAX];
    bool idle[ROWS_MAX][ROW_SEEDS]; /* changes no code without addresses */
} Work;

typedef void Step(Work *w, uint32_t k);

static void fork_step(Work *w, Step *step, uint32_t k, pid_t *process)
{
    fflush(NULL);
    *process = fork();
    if (*process < 0) die("no further process");
    if (*process) return;
    step(w, k);
    _exit(EXIT_AGREE);
}

static void await_one(pid_t *processes, uint32_t n)
{
    int status;
    pid_t ended;
    while ((ended = wait(&status)) < 0)
        if (errno != EINTR) die("no process to wait for");
    for (uint32_t k = 0; k < n; k++)
        if (processes[k] == ended) processes[k] = 0;
    if (WIFSIGNALED(status)) bug("a search was ended by signal %d", WTERMSIG(status));
    if (WEXITSTATUS(status) == EXIT_AGREE) return;
    fprintf(stderr, "a search ended with exit status %d\n", WEXITSTATUS(status));
    exit(WEXITSTATUS(status));
}

/* Does steps 0 to n-1, each in a process of its own, several at a time, and shows the rows of those
 * that are done in their order. */
static void run_steps(Work *w, uint32_t n, Step *step, RowShow *show, void *data)
{
    pid_t processes[ROWS_MAX * ROW_SEEDS];
    uint32_t begun = 0, ended = 0, told = 0;
    while (ended < n) {
        for (; begun < n && begun - ended < w->options->jobs; begun++)
            fork_step(w, step, begun, &processes[begun]);
        await_one(processes, begun);
        ended++;
        for (; told < begun && !processes[told]; told++)
            if (show) show(data, &w->rows[told]);
    }
}

/* Asks the faults of one CPU about the cases of one seed. */
static void find_idle(Work *w, uint32_t k)
{
    const char *cpu = w->cpus[k / w->options->seeds];
    uint32_t seed = k % w->options->seeds, n = 0, at[ROWS_MAX];
    const Fault *asked[ROWS_MAX] = {NULL};
    bool idle[ROWS_MAX];
    for (uint32_t r = 0; r < w->n; r++)
        if (!strcmp(w->rows[r].fault->cpu, cpu)) asked[n] = w->rows[r].fault, at[n++] = r;
    Campaign c = row_campaign(w->options, seed, "address");
    measure_idle(asked, n, &c, idle);
    for (uint32_t r = 0; r < n; r++) w->idle[at[r]][seed] = idle[r];
}

static void search_without(Work *w, uint32_t k, uint32_t seed)
{
    Campaign c = row_campaign(w->options, seed, "address");
    if (w->idle[k][seed]) w->rows[k].without[seed].executions = c.bound;
    else measure_search(w->rows[k].fault, &c, &w->rows[k].without[seed]);
}

static void measure_row(Work *w, uint32_t k)
{
    const RowOptions *o = w->options;
    Row *r = &w->rows[k];
    if (o->run_tests) r->run_tests = measure_run_tests(r->fault, o->tally, o->run_tests);
    for (uint32_t seed = 0; seed < o->seeds; seed++) {
        Campaign c = row_campaign(o, seed, NULL);
        measure_search(r->fault, &c, &r->with[seed]);
        if (!o->with_only) search_without(w, k, seed);
    }
}

static void add_cpu(Work *w, const char *cpu)
{
    for (uint32_t k = 0; k < w->ncpus; k++)
        if (!strcmp(w->cpus[k], cpu)) return;
    w->cpus[w->ncpus++] = cpu;
}

void rows_measure(const RowOptions *o, const Fault *const *chosen, uint32_t n, Row *rows,
                  RowShow *show, void *data)
{
    CHECK(n <= ROWS_MAX);
    Work *w = mmap(NULL, sizeof *w, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (w == MAP_FAILED) die("out of memory");
    *w = (Work){.options = o, .n = n};
    for (uint32_t k = 0; k < n; k++) {
        w->rows[k] = (Row){.fault = chosen[k], .run_tests = {-1, -1}};
        add_cpu(w, chosen[k]->cpu);
    }
    if (!o->with_only) run_steps(w, w->ncpus * o->seeds, find_idle, NULL, NULL);
    run_steps(w, n, measure_row, show, data);
    memcpy(rows, w->rows, n * sizeof *rows);
    munmap(w, sizeof *w);
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
