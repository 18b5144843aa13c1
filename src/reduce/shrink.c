/* The state is one case, traced; a candidate is a copy of it with changes, so that rejecting one
 * costs nothing but the release of its arena. */
#include "reduce/shrink.h"

#include "ir/verify.h"
#include "oracle/expect.h"
#include "oracle/message.h"
#include "reduce/shrink_local.h"

enum { HANGS_MAX = 3, HANGS_MAX_OF_HANG = 12 };

typedef struct {
    Judge *judge;
    Arena *now, *next; /* of the state, of the candidate */
    Arena *bytes;      /* of everything that outlives both */
    Case *c;
    Trace trace;
    bool traced;
    Verdict verdict;
    uint32_t tries, hangs;
    bool floats; /* operations on floats may be changed */
} Shrink;

/* What one mistake can lead to, from what is nearest to it to what is farthest away: a register
 * that is not restored can become a wrong value, a wrong value a wrong address. */
static const VerdictKind order[] = {VERDICT_abi,   VERDICT_results, VERDICT_memory,
                                    VERDICT_crash, VERDICT_ending,  VERDICT_stray};

static uint32_t rank(VerdictKind kind)
{
    uint32_t k = 0;
    while (k < countof(order) && order[k] != kind) k++;
    return k;
}

static bool is_alike(const Verdict *old, const Verdict *fresh)
{
    if (!verdict_is_finding(fresh->kind) || fresh->odd != old->odd) return false;
    if (fresh->kind == old->kind) return message_is_alike(fresh->message, old->message);
    return rank(old->kind) < countof(order) && rank(fresh->kind) < rank(old->kind);
}

static bool same_results(const Ballot *a, const Ballot *b, const Signature *sig)
{
    if (a->outcome.kind != OUTCOME_returned || b->outcome.kind != OUTCOME_returned) return false;
    for (uint32_t k = 0; k < sig->returns.n; k++)
        if (!expect_same((Type)sig->returns.at[k].type, &a->outcome.results[k],
                         &b->outcome.results[k], true))
            return false;
    return true;
}

/* Whether the bits of NaNs, which are nobody's mistake, are all that results differ in: what made
 * them canonical was taken out. */
static bool differs_in_nans(const Case *c, const Verdict *v)
{
    const Signature *sig = &c->module->funcs.at[c->runs.at[v->run].func]->sig;
    for (uint32_t k = 0; v->kind == VERDICT_results && k < v->nballots; k++)
        for (uint32_t e = 0; e < k; e++) {
            const Ballot *a = &v->ballots[e], *b = &v->ballots[k];
            if (a->group == BALLOT_NONE || b->group == BALLOT_NONE) continue;
            if (a->group != b->group && !same_results(a, b, sig)) return false;
        }
    return v->kind == VERDICT_results;
}

static void accept(Shrink *s, const Case *c, const Verdict *v)
{
    arena_reset(s->now);
    s->c = case_extract(c, c->runs.at[0].func, s->now);
    s->verdict = *v;
    s->traced = trace_run(s->judge, s->c, s->now, s->bytes, &s->trace);
}

/* Judges a candidate, without the functions that nothing refers to any more; true when it was
 * accepted. */
static bool try_candidate(Shrink *s, Case *c)
{
    uint32_t hangs_max = s->verdict.kind == VERDICT_hang ? HANGS_MAX_OF_HANG : HANGS_MAX;
    if (s->tries == 0 || s->hangs >= hangs_max) return false;
    s->tries--;
    shrink_clean(c);
    c = case_extract(c, c->runs.at[0].func, s->next);
    Diag d = {.arena = s->next, .file = "candidate"};
    Verdict v;
    if (!case_verify(c, s->next, &d)) return false;
    judge_case(s->judge, c, &v);
    s->hangs += v.kind == VERDICT_hang || v.kind == VERDICT_stuck;
    if (!is_alike(&s->verdict, &v) || differs_in_nans(c, &v)) return false;
    accept(s, c, &v);
    return true;
}

static Case *copy_state(Shrink *s)
{
    arena_reset(s->next);
    return case_extract(s->c, s->c->runs.at[0].func, s->next);
}

/* The deepest callees first: what they need, they are given. */
static bool promote(Shrink *s)
{
    for (uint32_t k = s->traced ? s->trace.starts.n : 0; k-- > 0;) {
        Case *c = copy_state(s);
        if (shrink_promote(c, &s->trace.starts.at[k]) && try_candidate(s, c)) return true;
    }
    return false;
}

typedef VEC(InstPlace) InstPlaceVec;

/* NaNs are made canonical by comparing floats and selecting: while it is not known that the
 * reference is right, that is left as it is. */
static bool is_open(const Shrink *s, const Func *f, const InstData *i)
{
    if (s->floats) return true;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (type_has_float_lanes(func_type(f, inst_args_const(i)[k]))) return false;
    return true;
}

static InstPlaceVec list_places(const Shrink *s, Arena *a)
{
    InstPlaceVec list = {0};
    for (uint32_t k = 0; k < s->c->module->funcs.n; k++) {
        const Func *f = s->c->module->funcs.at[k];
        for (uint32_t b = 0; b < f->layout.n; b++) {
            const BlockData *bd = func_block(f, f->layout.at[b]);
            for (uint32_t n = 0; n < bd->insts.n; n++)
                if (is_open(s, f, func_inst(f, bd->insts.at[n])))
                    *vec_push(a, &list) = (InstPlace){k, f->layout.at[b], n};
        }
    }
    return list;
}

/* Applies a step to some instructions, from the last to the first so that places stay true. */
static bool try_places(Shrink *s, const ShrinkStepInfo *step, const InstPlace *places, uint32_t n)
{
    Case *c = copy_state(s);
    bool changed = false;
    for (uint32_t k = n; k-- > 0;) changed |= step->apply(c, &s->trace, places[k]);
    return changed && try_candidate(s, c);
}

/* All instructions, halves, quarters, … down to single ones, from the end. */
static bool try_chunks(Shrink *s, const ShrinkStepInfo *step)
{
    bool progress = false;
    InstPlaceVec list = list_places(s, s->now);
    for (uint32_t size = list.n; size; size /= 2)
        for (uint32_t to = list.n; to;) {
            uint32_t from = to > size ? to - size : 0;
            if (try_places(s, step, list.at + from, to - from)) {
                progress = true;
                list = list_places(s, s->now);
            }
            to = from < list.n ? from : list.n;
        }
    return progress;
}

static bool try_first(Shrink *s, const ShrinkStepInfo *step)
{
    InstPlaceVec list = list_places(s, s->now);
    for (uint32_t k = 0; k < list.n; k++)
        if (try_places(s, step, list.at + k, 1)) return true;
    return false;
}

static bool try_everything(Shrink *s)
{
    bool progress = promote(s);
    for (uint32_t k = 0; k < shrink_steps_n && s->traced; k++) {
        const ShrinkStepInfo *step = &shrink_steps[k];
        progress |= step->chunks ? try_chunks(s, step) : try_first(s, step);
    }
    return progress;
}

/* The one run of the verdict, under its own function. */
static Case *single_run(const Case *c, const Verdict *v, Arena *a)
{
    Case one = *c;
    one.runs.at = (Run *)&c->runs.at[v->run];
    one.runs.n = 1;
    return case_extract(&one, one.runs.at[0].func, a);
}

Case *shrink_case(Judge *j, const Case *c, const Verdict *v, Arena *a, uint32_t tries,
                  Verdict *out)
{
    Shrink s = {
        .judge = j,
        .now = arena_create(),
        .next = arena_create(),
        .bytes = a,
        .verdict = *v,
        .tries = tries,
        .floats = v->odd && v->odd != judge_configs(j)->at[0],
    };
    Counts before = *judge_counts(j);
    try_candidate(&s, single_run(c, v, s.next));
    if (!s.c) s.c = single_run(c, v, s.now);
    while (s.traced && try_everything(&s)) continue;
    *judge_counts(j) = before; /* candidates are no executions */
    Case *small = case_extract(s.c, s.c->runs.at[0].func, a);
    *out = s.verdict;
    arena_destroy(s.now);
    arena_destroy(s.next);
    return small;
}
