/* The state is one case, traced; a candidate is a copy of it with changes, so that rejecting one
 * costs nothing but the release of its arena. */
#include "reduce/lab.h"

#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "oracle/expect.h"
#include "oracle/message.h"
#include "reduce/tidy.h"

/* ---- the same finding --------------------------------------------------------------------- */

static const VerdictKind order[] = {VERDICT_abi,   VERDICT_results, VERDICT_memory,
                                    VERDICT_crash, VERDICT_ending,  VERDICT_stray};

uint32_t lab_rank(VerdictKind kind)
{
    for (uint32_t k = 0; k < countof(order); k++)
        if (order[k] == kind) return k;
    return VERDICT_COUNT;
}

static bool is_alike(const Lab *l, const Verdict *fresh)
{
    const Verdict *old = &l->verdict;
    if (!verdict_is_finding(fresh->kind) || fresh->odd != old->odd) return false;
    if (fresh->kind == old->kind) return message_is_alike(fresh->message, old->message);
    uint32_t rank = lab_rank(fresh->kind);
    bool too_near = l->o.written && rank < lab_rank(l->o.nearest);
    return lab_rank(old->kind) < countof(order) && rank < lab_rank(old->kind) && !too_near;
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

static bool shows(const Lab *l, const Case *c, const Verdict *v)
{
    return is_alike(l, v) && !differs_in_nans(c, v);
}

/* What few judge the same, all must. */
static bool all_agree(Lab *l, const Case *c, Verdict *v)
{
    if (!l->o.written) return true;
    judge_unfocus(l->o.judge, l->voters);
    judge_case(l->o.judge, c, v);
    bool same = shows(l, c, v);
    l->voters = judge_focus(l->o.judge, same ? v : &l->verdict);
    return same;
}

/* Where a compiler fails nothing is run: that the reference gets to an end is looked at here. */
static bool reference_ends(Lab *l, const Case *c, VerdictKind kind)
{
    Trace t;
    if (!l->o.written || kind != VERDICT_failed) return true;
    return trace_run(l->o.judge, c, l->next, l->next, &t);
}

TryResult lab_judge(Lab *l, const Case *c, Verdict *v)
{
    judge_case(l->o.judge, c, v);
    if (shows(l, c, v) && reference_ends(l, c, v->kind) && all_agree(l, c, v)) return TRY_kept;
    return v->kind == VERDICT_hang || v->kind == VERDICT_stuck ? TRY_hung : TRY_failed;
}

/* ---- the case as it is -------------------------------------------------------------------- */

/* What it was expected to give is no longer what it gives. */
static void drop_expectations(Case *c)
{
    Run *run = &c->runs.at[0];
    run->kind = RUN_PRINT;
    run->results.n = run->checks.n = 0;
}

/* Extracting copies no names: those of what was read are in the arena of its text. */
static Case *copy_case(Lab *l, const Case *c)
{
    if (!l->o.written) return case_extract(c, c->runs.at[0].func, l->now);
    Diag d = {.arena = l->now, .file = "case"};
    Case *copy = case_read(l->now, "case", case_text(c, l->now), &d);
    CHECK(copy);
    drop_expectations(copy);
    tidy_case(copy);
    copy = case_extract(copy, copy->runs.at[0].func, l->now); /* in the order of candidates */
    number_case(copy);
    return copy;
}

static void take(Lab *l, const Case *c, const Verdict *v)
{
    arena_reset(l->now);
    l->listed = 0;
    l->c = copy_case(l, c);
    l->verdict = *v;
    l->traced = trace_run(l->o.judge, l->c, l->now, l->bytes, &l->trace);
    /* NaNs are made canonical by comparing floats and selecting: while it is not known that the
     * reference is right, that is left as it is. */
    l->trace.floats = v->odd && v->odd != judge_configs(l->o.judge)->at[0];
}

void lab_open(Lab *l, const LabOptions *o, const Case *c, const Verdict *v, Arena *bytes)
{
    *l = (Lab){.o = *o, .now = arena_create(), .next = arena_create(), .bytes = bytes};
    take(l, c, v);
    if (o->written) l->voters = judge_focus(o->judge, v);
}

void lab_close(Lab *l)
{
    if (l->o.written) judge_unfocus(l->o.judge, l->voters);
    arena_destroy(l->now);
    arena_destroy(l->next);
}

void lab_adopt(Lab *l, const Case *c, const Verdict *v)
{
    take(l, c, v);
}

/* The one run of the verdict, under its own function. */
Case *lab_single_run(const Case *c, const Verdict *v, Arena *a)
{
    Case one = *c;
    one.runs.at = (Run *)&c->runs.at[v->run];
    one.runs.n = 1;
    return case_extract(&one, one.runs.at[0].func, a);
}

/* ---- candidates --------------------------------------------------------------------------- */

/* As a file will have it; NULL when it cannot be read, or breaks a rule. */
static Case *read_again(Lab *l, Case *c)
{
    Diag d = {.arena = l->next, .file = "candidate"};
    number_case(c);
    Case *again = case_read(l->next, "candidate", case_text(c, l->next), &d);
    return again && again->discipline == c->discipline ? again : NULL;
}

/* What steps of a kind win: those of which one is kept at a time could undo what others do, and
 * are for what makes a case shorter. */
static bool is_worth_it(const Lab *l, const StepInfo *s, const Case *c)
{
    if (!l->o.written || s->how != HOW_first) return true;
    return module_inst_count(c->module) < module_inst_count(l->c->module);
}

/* Judges a candidate, without the functions that nothing refers to any more. */
static TryResult try_candidate(Lab *l, const StepInfo *s, Case *c)
{
    Diag d = {.arena = l->next, .file = "candidate"};
    Verdict v;
    clean_case(c);
    if (l->o.written) tidy_case(c);
    c = case_extract(c, c->runs.at[0].func, l->next);
    if (!is_worth_it(l, s, c)) return TRY_none;
    if (!case_verify(c, l->next, &d)) return TRY_failed;
    if (l->o.written && !(c = read_again(l, c))) return TRY_failed;
    TryResult r = lab_judge(l, c, &v);
    if (r == TRY_kept) take(l, c, &v);
    return r;
}

static const SiteVec *list_sites(Lab *l, uint32_t step)
{
    if (l->listed != step + 1) l->sites = steps[step].sites(l->c, &l->trace, l->now);
    l->listed = step + 1;
    return &l->sites;
}

/* From all sites at once, from the last site alone, or from the first one. */
static Cursor begin(uint32_t step, uint32_t n, bool kept)
{
    switch ((StepHow)steps[step].how) {
    case HOW_first: return (Cursor){step, 1, 0, true, kept};
    case HOW_chunks: return (Cursor){step, n, n, true, kept};
    case HOW_again: return (Cursor){step, n ? 1 : 0, n, true, kept};
    }
    return (Cursor){0};
}

/* Whether the cursor's step has a site left. */
static bool has_site(Cursor *c, uint32_t n)
{
    if (steps[c->step].how == HOW_first) return c->to < n;
    if (c->to == 0) c->size /= 2, c->to = n;
    return c->size && n;
}

/* Moves on to a step that has a site left. False when there is none. */
static bool settle(Lab *l, Cursor *c)
{
    for (; l->traced; c->step++, c->begun = false) {
        if (c->step == steps_n && !c->kept) return false;
        if (c->step == steps_n) *c = (Cursor){0};
        if (l->o.quick && !steps[c->step].quick) continue;
        uint32_t n = list_sites(l, c->step)->n;
        if (!c->begun) *c = begin(c->step, n, c->kept);
        if (has_site(c, n)) return true;
    }
    return false;
}

static uint32_t chunk_start(const Cursor *c)
{
    return c->to > c->size ? c->to - c->size : 0;
}

/* Applies the step to the cursor's sites, from the last to the first so that places stay true. */
static TryResult try_sites(Lab *l, const Cursor *at)
{
    const StepInfo *s = &steps[at->step];
    arena_reset(l->next);
    Case *c = case_extract(l->c, l->c->runs.at[0].func, l->next);
    bool first = s->how == HOW_first;
    uint32_t from = first ? at->to : chunk_start(at), to = first ? at->to + 1 : at->to;
    bool changed = false;
    for (uint32_t k = to; k-- > from;) changed |= s->apply(c, &l->trace, l->sites.at[k]);
    return changed ? try_candidate(l, s, c) : TRY_none;
}

static void move_on(Cursor *c)
{
    if (steps[c->step].how == HOW_first) c->to++;
    else c->to = chunk_start(c);
}

/* What was kept has other sites. */
static void move_on_kept(Lab *l, Cursor *c)
{
    StepHow how = steps[c->step].how;
    c->kept = true;
    if (how == HOW_first) {
        c->step++;
        c->begun = false;
        return;
    }
    if (how == HOW_chunks) c->to = chunk_start(c);
    if (l->traced) c->to = (uint32_t)min_u64(c->to, list_sites(l, c->step)->n);
}

bool lab_skip(Lab *l, Cursor *c)
{
    if (!settle(l, c)) return false;
    move_on(c);
    return true;
}

TryResult lab_try(Lab *l, Cursor *c)
{
    if (!settle(l, c)) return TRY_over;
    TryResult r = try_sites(l, c);
    if (r == TRY_kept) move_on_kept(l, c);
    else move_on(c);
    return r;
}
