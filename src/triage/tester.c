#include "triage/tester.h"

#include "base/file.h"
#include "ir/load.h"
#include "oracle/describe.h"
#include "oracle/expect.h"
#include "triage/errata.h"
#include "triage/excuse.h"

#include <stdlib.h>

typedef struct {
    const char *reason;
    uint32_t count;
} Skip;

struct Tester {
    Judge *judge;
    Arena *process, *file;
    Str text; /* of the file */
    uint32_t corrected; /* lines that are wrong, and judged by what is right */
    TesterCounts counts;
    VEC(Skip) skips;
    TesterReport report;
};

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
    t->counts.skipped += runs;
    for (uint32_t k = 0; k < t->skips.n; k++) {
        if (strcmp(t->skips.at[k].reason, reason) != 0) continue;
        t->skips.at[k].count += runs;
        return;
    }
    *vec_push(t->process, &t->skips) =
        (Skip){arena_strndup(t->process, reason, strlen(reason)), runs};
}

static void count_refused(Tester *t, const Case *c, const Config *config, const char *reason,
                          uint32_t runs)
{
    const char *better = excuse_of(c, config, t->file);
    count_skip(t, better ? better : reason, runs);
}

static void tell_failure(Tester *t, const char *path, const Config *config, const Run *run,
                         const char *text)
{
    t->counts.failed++;
    if (t->report == TESTER_JSON)
        describe_print(json_pack("{s:s, s:s, s:i, s:s, s:s}", "event", "failure", "file", path,
                                 "line", (int)run->line, "configuration", config->name, "text",
                                 text),
                       stdout);
    else
        printf("%s:%u: %s: failed: %s\n", path, run->line, config->name, text);
}

static void run_line(Tester *t, const char *path, const Config *config, const Case *c,
                     const Run *run)
{
    Outcome o;
    char text[240];
    const char *reason = "";
    bool any_nan = config->backend->run && !case_has_header(c, "test", "interpret");
    if (!judge_place(t->judge, c, run, &reason)) {
        count_refused(t, c, config, reason, 1);
        return;
    }
    judge_run(t->judge, config, c, run, &o);
    Run expected = *run;
    t->corrected += errata_correct(t->text, &expected, t->file);
    expected.trap = judge_seen_trap(config, c, expected.trap);
    if (o.kind == OUTCOME_refused) {
        count_refused(t, c, config, o.detail ? o.detail : "refused", 1);
    } else if (expect_holds(&expected, &o, judge_image(t->judge), any_nan, text, sizeof text)) {
        t->counts.passed++;
    } else {
        tell_failure(t, path, config, run, text);
    }
}

/* A compiler that cannot is skipped, and so is one that says that it made a mistake with what is
 * not meant for it; else one that fails has failed, and always one that dies or does not end. */
static void count_uncompiled(Tester *t, const char *path, const Config *config, const Case *c,
                             const char *why)
{
    CompileStatus status = judge_compiled(t->judge, config);
    if (status == COMPILE_refused ||
        (status == COMPILE_failed && excuse_of(c, config, t->file))) {
        count_refused(t, c, config, why, c->runs.n);
        return;
    }
    for (uint32_t k = 0; k < c->runs.n; k++)
        tell_failure(t, path, config, &c->runs.at[k], arena_printf(t->file, "compiling: %s", why));
}

/* All run lines of one function, in every configuration, whatever targets the file names: what they
 * expect is the language's. */
static void test_func(Tester *t, const char *path, const Case *c)
{
    const ConfigVec *configs = judge_configs(t->judge);
    for (uint32_t k = 0; k < configs->n; k++) {
        const char *refused = "no reason";
        if (!judge_compile(t->judge, configs->at[k], c, &refused)) {
            count_uncompiled(t, path, configs->at[k], c, refused);
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
    Str text = d->text.n ? d->text : str_of("");
    uint32_t lines = count_run_lines(text) * judge_configs(t->judge)->n;
    if (strstr(text.at, "\ntarget ") && !strstr(text.at, "\ntarget x86_64")) {
        count_skip(t, "other architecture only", lines);
        return;
    }
    if (d->errors == d->unsupported) {
        count_skip(t, d->entries.at[0].text, lines);
        return;
    }
    diag_print(d, stderr);
    t->counts.failed++;
    t->counts.bad_files++;
}

static json_t *describe_sums(const char *event, TesterCounts n)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:i}", "event", event, "passed", (int)n.passed,
                     "failed", (int)n.failed, "skipped", (int)n.skipped, "unread",
                     (int)n.bad_files);
}

static void tell_file(const Tester *t, const char *path, TesterCounts before)
{
    TesterCounts n = {
        .passed = t->counts.passed - before.passed,
        .failed = t->counts.failed - before.failed,
        .skipped = t->counts.skipped - before.skipped,
        .bad_files = t->counts.bad_files - before.bad_files,
    };
    if (t->report == TESTER_JSON) {
        json_t *o = describe_sums("file", n);
        json_object_set_new(o, "file", json_string(path));
        describe_print(o, stdout);
    } else if (t->report == TESTER_VERBOSE) {
        printf("%s: %u passed, %u failed, %u skipped\n", path, n.passed, n.failed, n.skipped);
    }
}

/* How many functions are compiled at once where a start of the compiler is dear; 0: none is. */
static uint32_t room_for_functions(const Tester *t)
{
    const ConfigVec *configs = judge_configs(t->judge);
    uint32_t room = 0;
    for (uint32_t k = 0; k < configs->n; k++) {
        uint32_t batch = judge_batch(t->judge, k);
        if (batch > 1 && (!room || batch < room)) room = batch;
    }
    return room;
}

static void prefetch(Tester *t, const Case *const *cases, uint32_t n)
{
    for (uint32_t k = 0; k < judge_configs(t->judge)->n; k++)
        if (judge_batch(t->judge, k) > 1) judge_prefetch(t->judge, k, cases, n);
}

static void test_case(Tester *t, const char *path, const Case *c)
{
    const Case **cases = arena_array(t->file, const Case *, c->module->funcs.n);
    uint32_t n = 0, room = room_for_functions(t);
    for (uint32_t k = 0; k < c->module->funcs.n; k++)
        if (has_runs(c, k)) cases[n++] = case_extract(c, k, t->file);
    for (uint32_t k = 0; k < n; k++) {
        if (room && k % room == 0) prefetch(t, cases + k, n - k < room ? n - k : room);
        test_func(t, path, cases[k]);
    }
    if (room) prefetch(t, NULL, 0);
}

static bool test_file(void *data, const char *path)
{
    Tester *t = data;
    arena_reset(t->file);
    Diag d = {.arena = t->file, .file = path};
    TesterCounts before = t->counts;
    const Case *c = case_load(&d);
    t->text = d.text;
    if (c && t->report == TESTER_VERBOSE) diag_print(&d, stderr);
    if (c) test_case(t, path, c);
    else count_unread(t, &d);
    tell_file(t, path, before);
    return true;
}

static int by_count(const void *a, const void *b)
{
    const Skip *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return strcmp(x->reason, y->reason);
}

static void print_end_json(const Tester *t)
{
    json_t *o = describe_sums("end", t->counts), *reasons = json_object();
    for (uint32_t k = 0; k < t->skips.n; k++)
        json_object_set_new(reasons, t->skips.at[k].reason, json_integer(t->skips.at[k].count));
    json_object_set_new(o, "corrected", json_integer(t->corrected));
    json_object_set_new(o, "skipped_by", reasons);
    describe_print(o, stdout);
}

void tester_print_end(Tester *t, bool skips)
{
    TesterCounts n = t->counts;
    if (t->skips.n) qsort(t->skips.at, t->skips.n, sizeof *t->skips.at, by_count);
    if (t->report == TESTER_JSON) {
        print_end_json(t);
        return;
    }
    for (uint32_t k = 0; skips && k < t->skips.n; k++)
        printf("%7u skipped: %s\n", t->skips.at[k].count, t->skips.at[k].reason);
    if (skips && t->corrected)
        printf("%7u judged by the documentation: their lines contradict it\n", t->corrected);
    printf("%u passed, %u failed, %u skipped\n", n.passed, n.failed, n.skipped);
}

void tester_run(Tester *t, const char *path)
{
    const char *error;
    if (file_walk(t->process, path, ".clif", test_file, t, &error)) return;
    fprintf(stderr, "%s: error: %s\n", path, error);
    t->counts.failed++;
    t->counts.bad_files++;
}

TesterCounts tester_counts(const Tester *t)
{
    return t->counts;
}

Tester *tester_create(Judge *j, TesterReport report)
{
    Arena *a = arena_create();
    Tester *t = arena_new(a, Tester);
    *t = (Tester){.judge = j, .process = a, .file = arena_create(), .report = report};
    return t;
}

void tester_destroy(Tester *t)
{
    arena_destroy(t->file);
    arena_destroy(t->process);
}
