/* Fuzzes the reader, the verifier, the printer and the interpreter: any bytes are a case or a
 * message; what is read is printed as text that reads as the same text, is as valid as before, and
 * does the same when it is run. What an older dialect can say is read back, too. A broken promise
 * is our own bug (the text is printed, the engine keeps the input).
 *
 *     build/reader_fuzzer -dict=build/clif.dict -runs=300000 -seed=1 DIR build/texts
 */
#include "base/hash.h"
#include "ir/limits.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "oracle/judge.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

enum { FUEL = 2000, RUNS_MOST = 4 };

/* A case as text and as what was read from it. */
typedef struct {
    Str text;
    const Case *c;
    bool valid;
} Reading;

static _Noreturn void fail(const char *what, Str text, const Diag *d)
{
    fwrite(text.at, 1, text.n, stderr);
    diag_print(d, stderr);
    bug("%s", what);
}

static Str print(const Case *c, const Dialect *dialect, Arena *a)
{
    Buf text = {.arena = a};
    case_write(&text, c, &(WriteOptions){.dialect = dialect});
    return buf_str(&text);
}

/* Reads what `from` was printed as, which is as valid. */
static Reading read_again(const Reading *from, Str text, Arena *a)
{
    Diag d = {.arena = a}, after = {.arena = a, .file = "printed"};
    const Case *c = case_read(a, "printed", text, &d);
    if (!c) fail("what was read and printed cannot be read", text, &d);
    bool valid = case_verify(c, a, &after);
    if (valid != from->valid) fail("printing changes whether a case is valid", text, &after);
    return (Reading){text, c, valid};
}

typedef struct {
    Outcome outcome; /* OUTCOME_COUNT: its heaps have no room */
    uint64_t memory;
} Ran;

static Ran run(Judge *j, const Case *c, const Run *run)
{
    Ran r = {.outcome.kind = OUTCOME_COUNT};
    const char *reason;
    if (!judge_place(j, c, run, &reason)) return r;
    judge_run(j, judge_configs(j)->at[0], c, run, &r.outcome);
    r.memory = image_hash(judge_image(j));
    return r;
}

/* What the first runs come to. */
static void run_case(Judge *j, const Case *c, Ran ran[RUNS_MOST])
{
    const char *reason;
    CHECK(judge_compile(j, judge_configs(j)->at[0], c, &reason));
    for (uint32_t k = 0; k < c->runs.n && k < RUNS_MOST; k++) ran[k] = run(j, c, &c->runs.at[k]);
}

static void check_runs(const Reading *first, const Reading *again)
{
    static Judge *j;
    const char *error;
    Ran before[RUNS_MOST], after[RUNS_MOST];
    if (!j) j = judge_create(&(JudgeOptions){.backends = "interp", .fuel = FUEL}, &error);
    CHECK(j && first->c->runs.n == again->c->runs.n);
    run_case(j, first->c, before);
    run_case(j, again->c, after);
    for (uint32_t k = 0, result; k < first->c->runs.n && k < RUNS_MOST; k++) {
        const Func *f = first->c->module->funcs.at[first->c->runs.at[k].func];
        if (before[k].memory != after[k].memory ||
            !outcome_equal(&before[k].outcome, &after[k].outcome, &f->sig, &result))
            fail("what was printed and read runs otherwise", again->text, &(Diag){0});
    }
}

/* The input chooses: every second one the oldest, which is spelled otherwise more than others. */
static const Dialect *choose_dialect(uint64_t hash)
{
    return hash & 1 ? &dialects[0] : &dialects[(hash >> 1) % dialects_count];
}

static void check_dialect(const Reading *first, const Dialect *d, Arena *a)
{
    if (!first->valid || dialect_refuses(d, first->c->module, a)) return;
    read_again(first, print(first->c, d, a), a);
}

static void check(const Case *c, const Dialect *d, Arena *a)
{
    Diag before = {.arena = a, .file = "read"};
    Reading first = {print(c, NULL, a), c, case_verify(c, a, &before)};
    Reading again = read_again(&first, first.text, a);
    if (!str_equal(first.text, print(again.c, NULL, a)))
        fail("reading and printing again gives other text", first.text, &before);
    if (first.valid) check_runs(&first, &again);
    check_dialect(&first, d, a);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    static Arena *a;
    if (!a) a = arena_create();
    check_abort = abort;
    arena_reset(a);
    Diag d = {.arena = a};
    const Case *c = case_read(a, "input", (Str){(const char *)bytes, n}, &d);
    CHECK((c == NULL) == (d.errors > 0));
    CHECK(arena_used(a) <= 2 * LIMIT_reader_bytes);
    if (c) check(c, choose_dialect(hash_bytes(bytes, n)), a);
    return 0;
}
