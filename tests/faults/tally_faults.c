/* What the fuzzer finds: a table of planted faults, executions until each is found, with addresses
 * passed to callees and without.
 *
 *     tally_faults                         all of faults.def, three seeds, 200,000 executions
 *     tally_faults --quick                 each once, up to its first finding
 *     tally_faults --signatures 50         what 50 findings of each fault are called
 *     tally_faults --small 6               whether what is left of 6 findings of each reads back
 *     tally_faults --reduce 3              how small 3 findings of each become
 *     tally_faults --explain 1             whether a finding of each is explained by its plant
 *     tally_faults --bisect 1              whether 1 finding of each leads to the fault's pass
 *     tally_faults --plant ./mine.so       a fault from outside (docs/planting-a-fault.md)
 *
 * Ends with `N passed, N failed`, and exit status 1 when something failed: a fault that was not
 * found, or one of the bounds below.
 */
#define _GNU_SOURCE
#include "tests/faults/bisect.h"
#include "tests/faults/explain.h"
#include "tests/faults/reduce.h"
#include "tests/faults/row.h"

#include "fuzz/replay.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BOUND = 200000,
    EARLY = 100,           /* executions; at most EARLY_MAX faults are found within them */
    EARLY_MAX = 2,
    ADDRESS_MIN = 7,       /* faults that are not found without addresses */
    SIGNATURES_A_FAULT = 5,
    REDUCED_MEDIAN = 12,   /* instructions of what is reduced, */
    REDUCED_MANY = 30,     /* 95 % of it */
    EXPLAINED_PERCENT = 90, /* of findings whose explanation names the edit */
};

typedef struct {
    RowOptions rows;
    const Fault *chosen[ROWS_MAX];
    uint32_t n;
    uint64_t signatures, small, reduce, bisect;
    uint32_t explain;
    bool all, quick, show, json;
    uint32_t passed, failed;
} Options;

static const struct argp_option options[] = {
    {"fault", 'f', "NAME", 0, "this one (again for more; default: all of faults.def)", 0},
    {"plant", 'p', "FILE", 0, "the fault of a shared object", 0},
    {"bound", 'n', "N", 0, "executions a search (default 200000)", 0},
    {"seeds", 's', "N", 0, "searches a fault, 1 to 3 (default 3)", 0},
    {"quick", 'q', 0, 0, "one search a fault, with addresses", 0},
    {"with", 'w', 0, 0, "no searches with addresses switched off", 0},
    {"signatures", 'g', "N", 0, "what N findings of each fault are called, instead", 0},
    {"small", 'm', "N", 0, "whether what is left of N findings of each reads back, instead", 0},
    {"reduce", 'd', "N", 0, "how small N findings of each become, instead", 0},
    {"show", 'o', 0, 0, "with --reduce: what is left; with --explain: of those named wrongly", 0},
    {"explain", 'e', "N", 0, "whether N findings of each are explained by the plant, instead", 0},
    {"bisect", 'b', "N", 0, "whether N findings of each lead to its pass, instead", 0},
    {"run-tests", 'r', "DIR", 0, "run tests that the faults should pass", 0},
    {"jobs", 'k', "N", 0, "searches at a time (default: one a processor)", 0},
    {"json", 'j', 0, 0, "the table as JSON", 0},
    {"list", 'l', 0, 0, "the faults, and end", 0},
    {0},
};

static const Fault *load_or_die(struct argp_state *state, const char *path)
{
    const char *error = "";
    const Fault *f = fault_load(path, &error);
    if (!f) argp_error(state, "%s: %s", path, error);
    return f;
}

static const Fault *find_or_die(struct argp_state *state, const char *name)
{
    const Fault *f = fault_find(name);
    if (!f) argp_error(state, "there is no fault `%s`; --list", name);
    return f;
}

static void list_faults(void)
{
    for (uint32_t k = 0; k < faults_n; k++)
        printf("%-20s %-10s %-7s %s\n%40s%s\n", faults[k].name, faults[k].family, faults[k].cpu,
               faults[k].meaning, "", faults[k].model);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'f': o->chosen[o->n++ % countof(o->chosen)] = find_or_die(state, arg); return 0;
    case 'p': o->chosen[o->n++ % countof(o->chosen)] = load_or_die(state, arg); return 0;
    case 'n': o->rows.bound = strtoull(arg, NULL, 0); return 0;
    case 's': o->rows.seeds = (uint32_t)strtoul(arg, NULL, 0); return 0;
    case 'q': o->quick = o->rows.with_only = true, o->rows.seeds = 1; return 0;
    case 'w': o->rows.with_only = true; return 0;
    case 'g': o->signatures = strtoull(arg, NULL, 0); return 0;
    case 'm': o->small = strtoull(arg, NULL, 0); return 0;
    case 'd': o->reduce = strtoull(arg, NULL, 0); return 0;
    case 'b': o->bisect = strtoull(arg, NULL, 0); return 0;
    case 'o': o->show = true; return 0;
    case 'e': o->explain = (uint32_t)strtoul(arg, NULL, 0); return 0;
    case 'r': o->rows.run_tests = arg; return 0;
    case 'k': o->rows.jobs = (uint32_t)strtoul(arg, NULL, 0); return 0;
    case 'j': o->json = true; return 0;
    case 'l': list_faults(); exit(EXIT_AGREE);
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not understood", arg); return EINVAL;
    case ARGP_KEY_END:
        if (o->rows.seeds < 1 || o->rows.seeds > ROW_SEEDS) argp_error(state, "--seeds is 1 to 3");
        if (!o->rows.jobs) argp_error(state, "--jobs is at least 1");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static void expect(Options *o, bool holds, const char *what, const char *name)
{
    if (holds) o->passed++;
    else o->failed++, printf("FAILED: %s: %s\n", name, what);
}

static void show(void *data, const Row *r)
{
    Options *o = data;
    for (uint32_t k = 0; k < o->rows.seeds; k++) {
        expect(o, r->with[k].found, "not found", r->fault->name);
        expect(o, !r->with[k].astray && !r->without[k].astray,
               "something else than the planted configuration was named", r->fault->name);
    }
    if (o->json) row_print_json(&o->rows, r);
    else row_print(&o->rows, r);
}

static bool found_early(const Options *o, const Row *r)
{
    for (uint32_t k = 0; k < o->rows.seeds; k++)
        if (r->with[k].found && r->with[k].executions <= EARLY) return true;
    return false;
}

static bool needs_addresses(const Options *o, const Row *r)
{
    for (uint32_t k = 0; k < o->rows.seeds; k++)
        if (!r->with[k].found || r->without[k].found) return false;
    return true;
}

/* What must hold of the whole table. */
static void judge_table(Options *o, const Row *rows)
{
    uint32_t early = 0, address = 0, passing = 0;
    for (uint32_t k = 0; k < o->n; k++) {
        early += found_early(o, &rows[k]);
        address += !o->rows.with_only && needs_addresses(o, &rows[k]);
        passing += rows[k].run_tests.failed == 0;
    }
    if (!o->json) {
        printf("%u of %u found within %d executions", early, o->n, EARLY);
        if (!o->rows.with_only) printf(", %u not found without addresses", address);
        if (o->rows.run_tests) printf(", %u pass all run tests", passing);
        printf("\n");
    }
    expect(o, early <= EARLY_MAX, "too many are found at once", "the table");
    if (!o->rows.with_only)
        expect(o, address >= ADDRESS_MIN, "too few need addresses", "the table");
    if (o->rows.run_tests) expect(o, 2 * passing >= o->n, "run tests see too many", "the table");
}

static void search_all(Options *o)
{
    Arena *a = arena_create();
    Row *rows = arena_array(a, Row, o->n);
    if (!o->json) row_print_head(&o->rows);
    rows_measure(&o->rows, o->chosen, o->n, rows, show, o);
    if (o->all && !o->quick) judge_table(o, rows);
    arena_destroy(a);
}

/* Faults of different families that share a signature. */
static void compare_lists(Options *o, const SignatureList *lists)
{
    for (uint32_t x = 0; x < o->n; x++)
        for (uint32_t y = 0; y < x; y++) {
            if (!strcmp(o->chosen[x]->family, o->chosen[y]->family)) continue;
            const char *shared = NULL;
            for (uint32_t k = 0; k < lists[x].n; k++)
                for (uint32_t m = 0; m < lists[y].n; m++)
                    if (!strcmp(lists[x].all[k].text, lists[y].all[m].text))
                        shared = lists[x].all[k].text;
            if (shared)
                printf("%s and %s share %s\n", o->chosen[x]->name, o->chosen[y]->name, shared);
            expect(o, !shared, "a signature of two families", o->chosen[x]->name);
        }
}

static void name_all(Options *o)
{
    Arena *a = arena_create();
    SignatureList *lists = arena_array(a, SignatureList, o->n);
    for (uint32_t k = 0; k < o->n; k++) {
        SignatureList *list = &lists[k];
        Campaign c = row_campaign(&o->rows, 0, NULL);
        measure_signatures(o->chosen[k], &c, (uint32_t)o->signatures, list);
        printf("%s: %u findings in %llu executions, %u signatures, %.3f s each\n",
               o->chosen[k]->name, list->findings, (unsigned long long)list->executions, list->n,
               list->seconds);
        for (uint32_t n = 0; n < list->n; n++)
            printf("%8u  %s\n", list->all[n].count, list->all[n].text);
        fflush(stdout);
        expect(o, list->findings == o->signatures, "too few findings", o->chosen[k]->name);
        expect(o, list->n <= SIGNATURES_A_FAULT, "too many signatures", o->chosen[k]->name);
    }
    compare_lists(o, lists);
    arena_destroy(a);
}

static void shrink_all(Options *o)
{
    for (uint32_t k = 0; k < o->n; k++) {
        SmallList list;
        const char *name = o->chosen[k]->name;
        Campaign c = row_campaign(&o->rows, 0, NULL);
        measure_small(o->chosen[k], &c, (uint32_t)o->small, &list);
        printf("%s: %u findings in %llu executions, %u of them whole when small, of %.1f "
               "instructions\n",
               name, list.findings, (unsigned long long)list.executions, list.whole,
               (double)list.insts / (list.findings ? list.findings : 1));
        fflush(stdout);
        expect(o, list.findings == o->small, "too few findings", name);
        if (list.breach) expect(o, false, list.breach, name);
    }
}

static int compare_insts(const void *a, const void *b)
{
    const Shortened *x = a, *y = b;
    return (x->insts > y->insts) - (x->insts < y->insts);
}

static int compare_seconds(const void *a, const void *b)
{
    const Shortened *x = a, *y = b;
    return (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

/* Bounds of sizes; the times are for who reads. */
static void judge_reduced(Options *o, Shortened *all, uint32_t n)
{
    uint32_t middle = n / 2, many = n * 95 / 100;
    if (!n) return;
    qsort(all, n, sizeof *all, compare_seconds);
    double half = all[middle].seconds, most = all[many].seconds;
    qsort(all, n, sizeof *all, compare_insts);
    printf("%u findings: median %u instructions, 95 %% at most %u, largest %u; median %.2f s, "
           "95 %% at most %.2f s\n",
           n, all[middle].insts, all[many].insts, all[n - 1].insts, half, most);
    expect(o, all[middle].insts <= REDUCED_MEDIAN, "the median is too large", "all");
    if (!o->all) return; /* of few findings the largest is 5 % */
    expect(o, all[many].insts <= REDUCED_MANY, "too many are too large", "all");
}

/* One finding after the other of several campaigns: what is rare is found in each of them. */
static bool reduce_one(Options *o, const Fault *fault, uint32_t number, Shortened *s, Arena *a)
{
    Campaign c = row_campaign(&o->rows, number % ROW_SEEDS, NULL);
    bool found = false;
    for (uint32_t k = 0; k <= number / ROW_SEEDS; k++) found = measure_reduce(fault, &c, s, a);
    expect(o, found, "not found", fault->name);
    if (!found) return false;
    printf("%-22s seed %#-12llx %4u to %2u instructions, %5u tries, %.2f s\n", fault->name,
           (unsigned long long)s->seed, s->from, s->insts, s->tries, s->seconds);
    if (o->show) printf("%s\n", s->text);
    fflush(stdout);
    expect(o, !s->breach, s->breach, fault->name);
    return true;
}

static void reduce_all(Options *o)
{
    Arena *a = arena_create();
    Shortened *all = arena_array(a, Shortened, o->n * o->reduce);
    uint32_t n = 0;
    for (uint32_t k = 0; k < o->n; k++)
        for (uint32_t m = 0; m < o->reduce; m++)
            n += reduce_one(o, o->chosen[k], m, &all[n], a);
    judge_reduced(o, all, n);
    arena_destroy(a);
}

/* One line for each finding, and two more for one in which what is named is not what was edited. */
static void print_explained(const Fault *fault, const Explained *x)
{
    printf("%-22s %#-12llx %3u instructions  ", fault->name, (unsigned long long)x->seed,
           x->insts);
    if (x->right) printf("yes  %s\n", x->named);
    else printf("NO\n    named   %s\n    edited  %s\n", x->named, x->edited);
    fflush(stdout);
}

static void explain_all(Options *o)
{
    uint32_t right = 0, found = 0;
    Arena *a = arena_create();
    Explained *x = arena_array(a, Explained, o->explain);
    for (uint32_t k = 0; k < o->n; k++) {
        Campaign c = {.first = explain_first_seed(o->chosen[k]), .bound = o->rows.bound};
        uint32_t n = measure_explain(o->chosen[k], &c, o->explain, o->show, x);
        for (uint32_t i = 0; i < n; i++) {
            print_explained(o->chosen[k], &x[i]);
            right += x[i].right;
        }
        found += n;
        expect(o, n > 0, "not found", o->chosen[k]->name);
    }
    arena_destroy(a);
    printf("%u of %u name what was planted\n", right, found);
    expect(o, right * 100 >= found * EXPLAINED_PERCENT, "too few name what was planted", "all");
}

/* One finding after the other of a campaign; the row's stage is what must come of each. */
static void bisect_one(Options *o, const Fault *fault, Campaign *c, Arena *a)
{
    Narrowed n;
    bool found = measure_bisect(fault, c, &n, a);
    expect(o, found, "not found", fault->name);
    if (!found) return;
    const BisectJit *at = &n.at;
    bool known = at->found == FOUND_rewrite;
    printf("%-22s seed %#-8llx %-8s %4u of %-4u %-16s %2u probes%s\n", fault->name,
           (unsigned long long)n.seed, known ? pass_name(at->pass) : "?", at->number, at->of,
           known ? rewrite_name(at->rewrite.rewrite) : "?", n.probes, at->by_ir ? ", in IR" : "");
    fflush(stdout);
    expect(o, known && at->pass == fault_stage(fault), "another pass", fault->name);
    expect(o, known && at->rewrite.rewrite == rewrite_of_hook(at->pass), "another rewrite",
           fault->name);
}

static void bisect_all(Options *o)
{
    for (uint32_t k = 0; k < o->n; k++) {
        Campaign c = row_campaign(&o->rows, 0, NULL);
        for (uint32_t m = 0; m < o->bisect; m++) {
            Arena *a = arena_create();
            bisect_one(o, o->chosen[k], &c, a);
            arena_destroy(a);
        }
    }
}

/* The program `name` in the folder of this one. */
static char *neighbour(const char *self, const char *name)
{
    const char *slash = strrchr(self, '/');
    char *path;
    if (asprintf(&path, "%.*s%s", slash ? (int)(slash + 1 - self) : 0, self, name) < 0)
        die("out of memory");
    return path;
}

int main(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Plant faults in the JIT and measure after how many executions the fuzzer names the "
               "configuration that has them.\v"
               "Example: tally_faults --fault load_over_store --bound 20000",
    };
    replay_if_asked();
    Options o = {.rows = {.bound = BOUND, .seeds = ROW_SEEDS}};
    o.rows.jobs = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN);
    argp_err_exit_status = EXIT_INPUT;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    o.rows.tally = neighbour(argv[0], "tally_planted");
    o.all = o.n == 0;
    for (uint32_t k = 0; o.all && k < faults_n; k++) o.chosen[k] = &faults[k], o.n = faults_n;
    if (o.signatures) name_all(&o);
    else if (o.small) shrink_all(&o);
    else if (o.reduce) reduce_all(&o);
    else if (o.explain) explain_all(&o);
    else if (o.bisect) bisect_all(&o);
    else search_all(&o);
    if (!o.json || o.failed) printf("%u passed, %u failed\n", o.passed, o.failed);
    return o.failed ? EXIT_FINDING : EXIT_AGREE;
}
