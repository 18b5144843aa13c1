#include "cli/cli.h"

#include "base/file.h"
#include "ir/read.h"
#include "oracle/expect.h"
#include "oracle/judge.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
    const char *backends;
    char **paths;
    uint32_t npaths;
    bool verbose, skips;
} Options;

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "configurations (default " DEFAULT_BACKENDS ")", 0},
    {"skips", 's', 0, 0, "end with a table of the reasons for skipping", 0},
    {"verbose", 'v', 0, 0, "a line for each file", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'b': o->backends = arg; return 0;
    case 's': o->skips = true; return 0;
    case 'v': o->verbose = true; return 0;
    case ARGP_KEY_ARGS:
        o->paths = state->argv + state->next;
        o->npaths = (uint32_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which file or folder?"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

typedef struct {
    const char *reason;
    uint32_t count;
} Skip;

typedef struct {
    const Options *options;
    Judge *judge;
    Arena *process, *file;
    uint32_t passed, failed, skipped, bad_files;
    VEC(Skip) skips;
} Tester;

/* `%f, line 18, v1 = op.i128: why` becomes `op.i128: why`: the table is by instruction. */
static const char *without_place(const char *reason)
{
    const char *line = strstr(reason, ", line "), *after = line ? strstr(line + 7, ", ") : NULL;
    const char *equals = after ? strstr(after, " = ") : NULL;
    return equals ? equals + 3 : after ? after + 2 : reason;
}

static void count_skip(Tester *t, const char *reason, uint32_t runs)
{
    reason = without_place(reason);
    t->skipped += runs;
    for (uint32_t k = 0; k < t->skips.n; k++) {
        if (strcmp(t->skips.at[k].reason, reason) != 0) continue;
        t->skips.at[k].count += runs;
        return;
    }
    *vec_push(t->process, &t->skips) =
        (Skip){arena_strndup(t->process, reason, strlen(reason)), runs};
}

static bool has_header(const Case *c, const char *word, const char *prefix)
{
    size_t n = strlen(prefix);
    for (uint32_t k = 0; k < c->header.n; k++) {
        const HeaderLine *line = &c->header.at[k];
        if (str_is(line->word, word) && line->rest.n >= n && !memcmp(line->rest.at, prefix, n))
            return true;
    }
    return false;
}

static void run_line(Tester *t, const char *path, const Config *config, const Case *c,
                     const Run *run)
{
    Outcome o;
    char text[240];
    const char *reason = "";
    bool any_nan = config->backend->run && !has_header(c, "test", "interpret");
    if (!judge_place(t->judge, c, run, &reason)) {
        count_skip(t, reason, 1);
        return;
    }
    judge_run(t->judge, config, c, run, &o);
    if (o.kind == OUTCOME_refused) {
        count_skip(t, o.detail ? o.detail : "refused", 1);
    } else if (expect_holds(run, &o, judge_image(t->judge), any_nan, text, sizeof text)) {
        t->passed++;
    } else {
        t->failed++;
        printf("%s:%u: %s: failed: %s\n", path, run->line, config->name, text);
    }
}

/* The file names machines, and x86-64 is not among them. */
static bool is_for_others(const Case *c)
{
    return has_header(c, "target", "") && !has_header(c, "target", "x86_64");
}

/* All run lines of one function, in every configuration. */
static void test_func(Tester *t, const char *path, const Case *c)
{
    const ConfigVec *configs = judge_configs(t->judge);
    for (uint32_t k = 0; k < configs->n; k++) {
        const char *refused = "no reason";
        if (!configs->at[k]->backend->run && is_for_others(c)) {
            count_skip(t, "other architecture only", c->runs.n);
            continue;
        }
        if (!judge_compile(t->judge, configs->at[k], c->module, &refused)) {
            count_skip(t, refused, c->runs.n);
            continue;
        }
        for (uint32_t r = 0; r < c->runs.n; r++)
            run_line(t, path, configs->at[k], c, &c->runs.at[r]);
    }
}

static bool has_runs(const Case *c, uint32_t func)
{
    for (uint32_t k = 0; k < c->runs.n; k++)
        if (c->runs.at[k].func == func) return true;
    return false;
}

/* Lines that are run directives, counted without reading the rest. */
static uint32_t count_run_lines(Str text)
{
    static const char *const words[] = {"; run:", "; traps:", "; print:"};
    uint32_t n = 0;
    for (const char *at = text.at, *end = text.at + text.n; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        Str line = {at, (size_t)((newline ? newline : end) - at)};
        for (size_t k = 0; k < countof(words); k++)
            n += line.n > strlen(words[k]) && !memcmp(line.at, words[k], strlen(words[k]));
        at += line.n + 1;
    }
    return n;
}

/* A file that cannot be read is skipped when all that is wrong is that we do not support it. */
static void count_unread(Tester *t, const Diag *d)
{
    uint32_t lines = count_run_lines(d->text) * judge_configs(t->judge)->n;
    if (strstr(d->text.at, "\ntarget ") && !strstr(d->text.at, "\ntarget x86_64")) {
        count_skip(t, "other architecture only", lines);
        return;
    }
    if (d->errors == d->unsupported) {
        count_skip(t, d->entries.at[0].text, lines);
        return;
    }
    diag_print(d, stderr);
    t->failed++;
    t->bad_files++;
}

static bool test_file(void *data, const char *path)
{
    Tester *t = data;
    arena_reset(t->file);
    Diag d = {.arena = t->file, .file = path};
    const Case *c = cli_read_quietly(&d);
    if (!c) return count_unread(t, &d), true;
    if (t->options->verbose) diag_print(&d, stderr);
    uint32_t passed = t->passed, failed = t->failed, skipped = t->skipped;
    for (uint32_t k = 0; k < c->module->funcs.n; k++)
        if (has_runs(c, k)) test_func(t, path, case_extract(c, k, t->file));
    if (t->options->verbose)
        printf("%s: %u passed, %u failed, %u skipped\n", path, t->passed - passed,
               t->failed - failed, t->skipped - skipped);
    return true;
}

static int by_count(const void *a, const void *b)
{
    const Skip *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->reason, y->reason);
}

static void print_skips(Tester *t)
{
    if (t->skips.n) qsort(t->skips.at, t->skips.n, sizeof *t->skips.at, by_count);
    for (uint32_t k = 0; k < t->skips.n; k++)
        printf("%7u skipped: %s\n", t->skips.at[k].count, t->skips.at[k].reason);
}

static int test_all(Tester *t)
{
    const Options *o = t->options;
    for (uint32_t k = 0; k < o->npaths; k++) {
        const char *error;
        if (file_walk(t->process, o->paths[k], ".clif", test_file, t, &error)) continue;
        fprintf(stderr, "%s: error: %s\n", o->paths[k], error);
        t->failed++;
        t->bad_files++;
    }
    if (o->skips) print_skips(t);
    printf("%u passed, %u failed, %u skipped\n", t->passed, t->failed, t->skipped);
    if (t->failed) return t->failed == t->bad_files ? EXIT_INPUT : EXIT_FINDING;
    return t->passed ? EXIT_AGREE : EXIT_UNJUDGED;
}

int command_test(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "PATH…",
        .doc = "Check the run lines of CLIF files, or of all .clif files in folders, in each "
               "configuration by itself.\v"
               "docs/clif-tests.md describes the lines. Each line counts once a configuration; "
               "the last line of output is `N passed, N failed, N skipped`.\n\n"
               "Example: tally test --backend interp corpus/regressions",
    };
    Options o = {0};
    cli_parse(&argp, argc, argv, &o);
    const char *error;
    Judge *j = judge_create(&(JudgeOptions){.backends = o.backends, .fuel = UINT64_C(50000000)},
                            &error);
    if (!j) {
        fprintf(stderr, "tally test: %s\n", error);
        return EXIT_INPUT;
    }
    Tester t = {
        .options = &o, .judge = j, .process = arena_create(), .file = arena_create(),
    };
    int status = test_all(&t);
    judge_destroy(j);
    arena_destroy(t.file);
    arena_destroy(t.process);
    return cli_finish(status);
}
