#include "tests/faults/reduce.h"

#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "reduce/lab.h"
#include "reduce/reduce.h"
#include "reduce/shrink.h"
#include "reduce/signature.h"
#include "tests/faults/hunt.h"

#include <time.h>

static double clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Reads it, verifies it, and has it judged once more by a judge of its own. */
static const char *breach_of(const char *text, const JudgeOptions *o, VerdictKind kind,
                             VerdictKind nearest, Arena *a)
{
    const char *error;
    Verdict v;
    Diag d = {.arena = a, .file = "reduced"};
    Case *c = case_read(a, "reduced", str_of(text), &d);
    if (!c || !case_verify(c, a, &d)) return "the result cannot be read";
    Judge *j = judge_create(o, &error);
    CHECK(j);
    judge_case(j, c, &v);
    bool odd = config_is_planted(v.odd);
    judge_destroy(j);
    if (!odd) return "the result names another configuration";
    bool between = lab_rank(v.kind) <= lab_rank(kind) && lab_rank(v.kind) >= lab_rank(nearest);
    return v.kind == kind || between ? NULL : "the result is of another kind";
}

static void shorten(const JudgeOptions *o, const char *found, VerdictKind kind,
                    VerdictKind nearest, Arena *a, Shortened *out)
{
    Reduced r;
    Diag d = {.arena = a, .file = "finding"};
    Case *c = case_read(a, "finding", str_of(found), &d);
    CHECK(c);
    double start = clock_seconds();
    reduce_case(&(ReduceOptions){.judge = o, .nearest = nearest}, c, a, &r);
    out->seconds = clock_seconds() - start;
    out->from = r.progress.from;
    out->insts = r.progress.insts;
    out->tries = r.progress.tries;
    out->text = case_text(r.c, a).at;
    out->breach = r.end == REDUCE_done ? breach_of(out->text, o, kind, nearest, a)
                                       : "the reduction did not come to its end";
}

bool measure_reduce(const Fault *fault, Campaign *c, Shortened *out, Arena *a)
{
    Hunt h;
    SessionEvent e;
    bool found = false;
    hunt_begin(&h, fault, c);
    while (!found && hunt_executions(&h) < c->bound)
        found = hunt_step(&h, &e) && config_is_planted(e.verdict.odd);
    *out = (Shortened){.executions = hunt_executions(&h), .seed = h.seed - 1};
    c->first = h.seed;
    if (found) {
        Verdict left;
        shrink_case(session_judge(h.session), e.c, &e.verdict, h.arena, SIGNATURE_TRIES, &left);
        const char *text = case_text(e.c, a).at;
        VerdictKind kind = e.verdict.kind;
        JudgeOptions o = {.backends = fault_backends(a, fault), .host = fault_host(&h.state)};
        session_destroy(h.session); /* one judge at a time */
        shorten(&o, text, kind, left.kind, a, out);
        arena_destroy(h.arena);
    } else {
        hunt_end(&h);
    }
    return found;
}
