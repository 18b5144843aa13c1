/* Places that no wrong value shows: of crashes, traps, broken conventions, compilers that fail. */
#include "oracle/message.h"

#include "triage/picture.h"

#include "triage/locate_local.h"

static void set_inst(Locator *l, LocatedWhat what, LocatedBy by, uint32_t func, Inst inst)
{
    const Func *f = l->c->module->funcs.at[func];
    l->out->what = inst.i == NO_INDEX ? LOCATED_function : what;
    l->out->by = by;
    l->out->func = func;
    l->out->inst = inst;
    for (uint32_t b = 0; b < f->layout.n && inst.i != NO_INDEX; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++)
            if (bd->insts.at[k].i == inst.i) l->out->block = f->layout.at[b];
    }
}

/* ---- where a run stopped ------------------------------------------------------------------ */

/* The instruction whose machine code holds `offset`. */
static bool find_piece(Locator *l, uint64_t offset, CodePiece *out)
{
    const char *refused;
    const Config *config = l->out->odd;
    if (offset == NO_OFFSET || !config->backend->pieces) return false;
    if (!judge_compile(l->judge, config, l->c, &refused)) return false;
    uint32_t n;
    const CodePiece *pieces = config->backend->pieces(config->state, &n);
    for (uint32_t k = 0; pieces && k < n; k++) {
        *out = pieces[k];
        if (offset - out->offset < out->size) return out->func != NO_INDEX;
    }
    return false;
}

/* Its instruction in the case; INST_none where a pass hook has put in one of its own. */
static Inst inst_of_piece(const Locator *l, const CodePiece *piece)
{
    const Func *f = l->c->module->funcs.at[piece->func];
    return piece->inst < f->insts.n ? (Inst){piece->inst} : INST_none;
}

/* What comes behind what the reference did last. */
static Inst next_inst(const Locator *l)
{
    const Func *f = l->c->module->funcs.at[l->last_func];
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        if (l->last_inst.i == NO_INDEX && f->layout.at[b].i == l->last_block.i)
            return bd->insts.at[0];
        for (uint32_t k = 0; k + 1 < bd->insts.n; k++)
            if (bd->insts.at[k].i == l->last_inst.i) return bd->insts.at[k + 1];
    }
    return INST_none;
}

/* The first place, in the order of execution, behind which the run may end and still stops so. */
static void stop_by_cutting(Locator *l)
{
    bool *seen = arena_array(l->a, bool, l->out->sites->n + 1);
    for (uint32_t k = 0; k < l->order.n; k++) {
        Both b = {0};
        uint32_t site = l->order.at[k].site;
        if (seen[site] || (seen[site] = true, !locate_run_both(l, site, SHADOW_cut, &b))) continue;
        if (b.kind != l->v->kind) continue;
        const ShadowSite *s = &l->out->sites->at[site];
        set_inst(l, LOCATED_fault, BY_cut, s->func, s->inst);
        return;
    }
}

void locate_stop(Locator *l)
{
    CodePiece piece;
    const Outcome *odd = &l->v->ballots[l->pair.odd].outcome;
    bool traps = l->v->kind == VERDICT_ending;
    if (find_piece(l, odd->offset, &piece))
        set_inst(l, traps ? LOCATED_trap : LOCATED_fault, BY_machine, piece.func,
                 inst_of_piece(l, &piece));
    else if (traps && l->stopped)
        set_inst(l, LOCATED_trap, BY_trace, l->last_func, next_inst(l));
    else if (!traps)
        stop_by_cutting(l);
}

/* ---- the shortest beginning that still does it -------------------------------------------- */

typedef bool StillShows(Locator *l, const Case *c);

static bool breaks_convention(Locator *l, const Case *c)
{
    Side s;
    return side_run(l, l->out->odd, c, &s) && s.outcome.kind == OUTCOME_abi;
}

static bool fails_alike(Locator *l, const Case *c)
{
    static const VerdictKind verdict_of[] = {
        [COMPILE_failed] = VERDICT_failed,
        [COMPILE_died] = VERDICT_died,
        [COMPILE_stuck] = VERDICT_stuck,
    };
    const char *message;
    l->out->tried++;
    judge_compile(l->judge, l->out->odd, c, &message);
    CompileStatus status = judge_compiled(l->judge, l->out->odd);
    return status >= COMPILE_failed && verdict_of[status] == l->v->kind &&
           message_is_alike(message, l->v->message);
}

/* Behind how many instructions of a function, in the order of the layout, it is cut. */
static bool cut_shows(Locator *l, StillShows *shows, uint32_t func, uint32_t at)
{
    const Func *f = l->c->module->funcs.at[func];
    uint32_t b = 0;
    arena_reset(l->scratch);
    while (at >= func_block(f, f->layout.at[b])->insts.n)
        at -= func_block(f, f->layout.at[b++])->insts.n;
    return shows(l, shadow_cut_return(l->c, func, f->layout.at[b], at, l->scratch));
}

static Inst inst_number(const Func *f, uint32_t at)
{
    uint32_t b = 0;
    while (at >= func_block(f, f->layout.at[b])->insts.n)
        at -= func_block(f, f->layout.at[b++])->insts.n;
    return func_block(f, f->layout.at[b])->insts.at[at];
}

static uint32_t inst_count(const Func *f)
{
    uint32_t n = 0;
    for (uint32_t b = 0; b < f->layout.n; b++) n += func_block(f, f->layout.at[b])->insts.n;
    return n;
}

/* Names the instruction behind which it is there; false when it is there too when the function
 * returns at once. */
static bool locate_in(Locator *l, StillShows *shows, uint32_t func)
{
    const Func *f = l->c->module->funcs.at[func];
    uint32_t without = 0, with = inst_count(f);
    if (cut_shows(l, shows, func, 0)) return false;
    while (with - without > 1) {
        uint32_t middle = without + (with - without) / 2;
        if (cut_shows(l, shows, func, middle)) with = middle;
        else without = middle;
    }
    set_inst(l, LOCATED_inst, BY_prefix, func, inst_number(f, without));
    return true;
}

/* Callees stand behind their callers. */
static void locate_by_prefix(Locator *l, StillShows *shows)
{
    for (uint32_t k = l->c->module->funcs.n; k-- > 0;)
        if (locate_in(l, shows, k)) return;
}

/* Where the function that is run breaks it although it does nothing, nobody else does. */
void locate_breach(Locator *l)
{
    uint32_t first = l->c->runs.at[0].func;
    locate_by_prefix(l, breaks_convention);
    if (l->out->what == LOCATED_nothing && cut_shows(l, breaks_convention, first, 0))
        set_inst(l, LOCATED_function, BY_prefix, first, INST_none);
}

/* What is kept alive by being written down, and nothing behind it: compilers leave out what nobody
 * uses. */
static void failure_by_cutting(Locator *l)
{
    for (uint32_t k = 0; k < l->out->sites->n && l->out->what == LOCATED_nothing; k++) {
        Shadow copy;
        const ShadowSite *s = &l->out->sites->at[k];
        arena_reset(l->scratch);
        if (s->inst.i == NO_INDEX) continue;
        if (!shadow_make(&copy, l->judge, l->c, l->out->sites, k, SHADOW_cut, l->scratch)) continue;
        if (fails_alike(l, copy.c)) set_inst(l, LOCATED_inst, BY_cut, s->func, s->inst);
    }
}

/* Each try may take as long as the compiler is given when it is stuck: a few are enough, as their
 * number is the logarithm of that of the instructions. */
void locate_failure(Locator *l)
{
    if (l->v->kind != VERDICT_stuck) failure_by_cutting(l);
    if (l->out->what == LOCATED_nothing) locate_by_prefix(l, fails_alike);
}
