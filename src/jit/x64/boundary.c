/* Where control flow meets. Behind a block's last instruction the registers hold what its
 * successors, which were walked before it, expect at their beginning; where two of them want
 * different things of one register, or a value elsewhere, the edge moves it.
 *
 * Edges that go backward lead to a block that was not walked yet. What the loop keeps alive is
 * known from the walk forwards: as much of it as there is room for gets a register at the loop's
 * end, so that it need not be reloaded in every iteration. Once the header has been walked, the
 * edge moves what does not fit.
 *
 * An edge to a handler leaves in the middle of a call, which does not return: registers are lost,
 * those too that the callee would have restored, but for what the exception brings. So it takes
 * nothing from the registers behind the block's last instruction, and asks nothing of them: what
 * its target expects in registers is loaded or made anew.
 */
#include "jit/x64/allocate_local.h"

static bool is_walked(uint32_t from, uint32_t to) { return to > from; }

static MEdge *edge_at(const Assign *s, uint32_t e) { return &s->m->edges.at[e]; }

static Reg *edge_args(const Assign *s, const MEdge *e) { return &s->m->regs.at[e->args]; }

static const MBlock *target(const Assign *s, const MEdge *e) { return &s->m->blocks.at[e->to]; }

static void take_snapshot(const Assign *s, RegState *out)
{
    *out = s->regs;
    out->held = out->params = 0;
    for (RegSet rest = s->allocatable & ~s->free; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest);
        if (s->regs.holder[reg] < HOLDS_FIXED) out->held |= bit_of(reg);
    }
}

static void clear(Assign *s)
{
    for (RegSet rest = s->allocatable & ~s->free; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest), v = s->regs.holder[reg];
        if (v < HOLDS_FIXED) s->values[v].reg = NO_REG;
        s->regs.holder[reg] = HOLDS_NOTHING;
    }
    s->free = s->allocatable;
}

static void restore(Assign *s, const RegState *state)
{
    for (RegSet rest = state->held; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest);
        hold(s, state->holder[reg], reg);
    }
}

/* -- What an edge moves ------------------------------------------------------------------------ */

/* Where a value is that is in no register. */
static uint32_t place_without_register(Assign *s, uint32_t v)
{
    if (vreg_at(s, v)->remat) return PLACE_REMAT;
    s->values[v].wants_store = true;
    return PLACE_SLOT + spill_slot(s, v);
}

static uint32_t place_at_edge(Assign *s, const MEdge *e, Reg r)
{
    if (reg_is_physical(r)) return r.i;
    uint32_t reg = s->values[vreg_number(r)].reg;
    return reg == NO_REG || e->handler ? place_without_register(s, vreg_number(r)) : reg;
}

static void add_move(Assign *s, const MEdge *e, EdgeMoves *moves, EdgeMove move, Reg from)
{
    move.from = place_at_edge(s, e, from);
    if (move.from == PLACE_REMAT) move.remat = vreg_number(from);
    if (move.from != move.to) *vec_push(s->a, moves) = move;
}

/* The registers are as at the edge's beginning. */
static void resolve(Assign *s, MEdge *e)
{
    const RegState *entry = &s->entry[e->to];
    const MBlock *to = target(s, e);
    EdgeMoves moves = {0};
    for (RegSet rest = entry->held & ~entry->params; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest), v = entry->holder[reg];
        add_move(s, e, &moves, (EdgeMove){.v = v, .to = reg}, reg_virtual(v));
    }
    for (uint32_t k = 0; k < to->nparams; k++) {
        uint32_t param = vreg_number(s->m->regs.at[to->params + k]);
        const RegLife *life = &s->values[param];
        EdgeMove move = {.v = param, .to = life->param_reg};
        if (move.to == NO_REG && !life->param_in_memory) continue;
        if (move.to == NO_REG) move.to = PLACE_SLOT + spill_slot(s, param);
        add_move(s, e, &moves, move, edge_args(s, e)[k]);
    }
    e->moves = s->m->moves.n;
    if (moves.n) write_moves(s, &moves);
    e->nmoves = s->m->moves.n - e->moves;
}

/* -- The end of a block ------------------------------------------------------------------------ */

/* In a register of its own choice, if there is one. */
static bool settle(Assign *s, uint32_t v)
{
    uint32_t reg = pick(s, v, s->free & class_regs(s, v));
    if (reg == NO_REG) return false;
    hold(s, v, reg);
    return true;
}

static void settle_or_store(Assign *s, uint32_t v)
{
    if (s->values[v].reg != NO_REG || vreg_at(s, v)->remat || settle(s, v)) return;
    s->values[v].wants_store = true;
}

/* Whether `v` passes a loop that this edge leaves: then it is not worth a register in it. */
static bool passes_loop(const Assign *s, const MBlock *from, uint32_t v)
{
    if (from->loop == NO_INDEX) return false;
    const MLoop *loop = &s->m->loops.at[from->loop];
    return s->values[v].def < position_of_start(&s->m->blocks.at[loop->header]);
}

/* What the successor has in registers stays there as far as they are free. */
static void adopt(Assign *s, const MBlock *from, const MEdge *e, bool leaves)
{
    const RegState *entry = &s->entry[e->to];
    RegSet live_in = entry->held & ~entry->params;
    for (RegSet rest = live_in; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest), v = entry->holder[reg];
        if (s->values[v].reg != NO_REG || !(s->free & bit_of(reg))) continue;
        if (leaves && passes_loop(s, from, v)) continue;
        hold(s, v, reg);
    }
    for (RegSet rest = live_in; rest; rest &= rest - 1) {
        uint32_t v = entry->holder[__builtin_ctz(rest)];
        if (!leaves || !passes_loop(s, from, v)) settle_or_store(s, v);
    }
}

/* An argument goes where the parameter is expected, if it is not needed elsewhere too. */
static void adopt_arguments(Assign *s, const MEdge *e)
{
    const MBlock *to = target(s, e);
    for (uint32_t k = 0; k < to->nparams; k++) {
        uint32_t param = vreg_number(s->m->regs.at[to->params + k]);
        uint32_t arg = vreg_number(edge_args(s, e)[k]), reg = s->values[param].param_reg;
        if (s->values[arg].reg != NO_REG || vreg_at(s, arg)->remat) continue;
        if (reg == NO_REG && !s->values[param].param_in_memory) continue; /* nobody needs it */
        bool lasts = reg != NO_REG && clobbered_at(s, reg) <= s->values[arg].def;
        if (reg != NO_REG && (s->free & bit_of(reg)) && lasts) hold(s, arg, reg);
        else settle_or_store(s, arg);
    }
}

/* The target is still to come; wherever the argument is put, the parameter should be. */
static void place_arguments_back(Assign *s, const MEdge *e)
{
    const MBlock *to = target(s, e);
    for (uint32_t k = 0; k < to->nparams; k++) {
        uint32_t param = vreg_number(s->m->regs.at[to->params + k]);
        uint32_t arg = vreg_number(edge_args(s, e)[k]);
        settle_or_store(s, arg);
        uint32_t reg = s->values[arg].reg;
        VReg *p = &s->m->vregs.at[param];
        if (reg != NO_REG && p->hint == REG_ANY) p->hint = (uint8_t)reg;
    }
}

/* -- What a loop keeps ------------------------------------------------------------------------- */

typedef struct {
    const MLoop *loop;
    uint32_t start; /* position of the loop's beginning */
    int room[2];    /* registers left, by class */
} Keep;

/* A register for `v` that nothing in the loop clobbers. */
static void keep(Assign *s, Keep *k, uint32_t v, uint32_t wish)
{
    const VReg *r = vreg_at(s, v);
    if (s->values[v].reg != NO_REG || k->room[r->class] <= (r->remat ? 2 : 0)) return;
    RegSet candidates = s->free & class_regs(s, v);
    if (r->remat) candidates &= ~reg_callee_saved();
    bool granted = wish != NO_REG && (candidates & bit_of(wish)) &&
                   clobbered_at(s, wish) < k->start;
    uint32_t reg = granted ? wish : pick(s, v, candidates);
    if (reg == NO_REG || clobbered_at(s, reg) >= k->start) return;
    hold(s, v, reg);
    k->room[r->class]--;
}

static void keep_what_exits_expect(Assign *s, Keep *k, uint32_t from)
{
    for (uint32_t n = 0; n < k->loop->nexits; n++) {
        uint32_t to = k->loop->exits[n];
        if (!is_walked(from, to)) continue;
        const RegState *entry = &s->entry[to];
        for (RegSet rest = entry->held & ~entry->params; rest; rest &= rest - 1) {
            uint32_t reg = (uint32_t)__builtin_ctz(rest), v = entry->holder[reg];
            if (s->values[v].def < k->start && !vreg_at(s, v)->remat) keep(s, k, v, reg);
        }
    }
}

static void keep_in_loop(Assign *s, uint32_t from, const MEdge *e)
{
    uint32_t n = target(s, e)->loop;
    if (n == NO_INDEX || s->m->loops.at[n].header != e->to) return;
    const LoopLive *live = &s->live->loops[n];
    Keep k = {
        .loop = &s->m->loops.at[n],
        .start = position_of_start(target(s, e)),
        .room = {live->room[0], live->room[1]},
    };
    for (RegSet rest = s->allocatable & ~s->free; rest; rest &= rest - 1) {
        uint32_t v = s->regs.holder[__builtin_ctz(rest)];
        if (v < HOLDS_FIXED && s->values[v].def < k.start) k.room[vreg_at(s, v)->class]--;
    }
    for (uint32_t i = 0; i < live->invariants.n; i++) {
        uint32_t v = live->invariants.at[i];
        if (!vreg_at(s, v)->remat) keep(s, &k, v, NO_REG);
    }
    keep_what_exits_expect(s, &k, from);
    for (uint32_t i = 0; i < live->invariants.n; i++) keep(s, &k, live->invariants.at[i], NO_REG);
}

/* -- Entry points ------------------------------------------------------------------------------ */

static void unmention_arguments(Assign *s, const MBlock *b)
{
    for (uint32_t e = b->edges + b->nedges; e > b->edges; e--) {
        const MEdge *edge = edge_at(s, e - 1);
        for (uint32_t k = target(s, edge)->nparams; k > 0; k--)
            s->live->regs[edge_args(s, edge)[k - 1].i].last = s->live->before[--s->nbefore];
    }
}

/* A jump through a table reads two registers when all moves are done: they must be free then. */
static RegSet kept_free(const Assign *s, const MBlock *b)
{
    bool table = b->end > b->first && s->m->code.at[b->end - 1].form == FORM_jmp_rm;
    return table ? bit_of(REG_r10) | bit_of(REG_r11) : 0;
}

static bool leaves_loop(const Assign *s, const MBlock *from, const MEdge *e)
{
    if (from->loop == NO_INDEX) return false;
    for (uint32_t n = target(s, e)->loop; n != NO_INDEX; n = s->m->loops.at[n].outer)
        if (n == from->loop) return false;
    return true;
}

static void adopt_edges(Assign *s, uint32_t k, bool leaving)
{
    const MBlock *b = &s->m->blocks.at[k];
    for (uint32_t e = b->edges; e < b->edges + b->nedges; e++) {
        const MEdge *edge = edge_at(s, e);
        if (!is_walked(k, edge->to) || leaves_loop(s, b, edge) != leaving) continue;
        if (edge->handler) continue;
        adopt(s, b, edge, leaving);
        adopt_arguments(s, edge);
    }
}

/* What is walked when the edge is resolved has no definition left that could store it. */
static void store_arguments_back(Assign *s, const MEdge *e)
{
    for (uint32_t k = 0; k < target(s, e)->nparams; k++) {
        Reg r = edge_args(s, e)[k];
        if (reg_is_virtual(r) && !vreg_at(s, vreg_number(r))->remat)
            s->values[vreg_number(r)].wants_store = true;
    }
}

static bool enter_edges_back(Assign *s, uint32_t k)
{
    const MBlock *b = &s->m->blocks.at[k];
    bool any = false;
    for (uint32_t e = b->edges; e < b->edges + b->nedges; e++) {
        MEdge *edge = edge_at(s, e);
        if (is_walked(k, edge->to)) continue;
        edge->next_back = s->m->blocks.at[edge->to].first_back;
        s->m->blocks.at[edge->to].first_back = e + 1;
        if (edge->handler) {
            store_arguments_back(s, edge);
            continue;
        }
        place_arguments_back(s, edge);
        keep_in_loop(s, k, edge);
        any = true;
    }
    return any;
}

void enter_block_end(Assign *s, uint32_t k)
{
    const MBlock *b = &s->m->blocks.at[k];
    s->origin = minst_extra(MARK_none, NO_INDEX);
    unmention_arguments(s, b);
    RegSet reserved = kept_free(s, b);
    s->free &= ~reserved;
    adopt_edges(s, k, false);
    bool back = enter_edges_back(s, k);
    adopt_edges(s, k, true);
    for (uint32_t e = b->edges; e < b->edges + b->nedges; e++)
        if (is_walked(k, edge_at(s, e)->to)) resolve(s, edge_at(s, e));
    s->free |= reserved;
    if (!back) return;
    s->exit[k] = arena_array_room(s->a, RegState, 1);
    take_snapshot(s, s->exit[k]);
}

static void note_params(Assign *s, const MBlock *b, RegState *entry)
{
    for (uint32_t k = 0; k < b->nparams; k++) {
        uint32_t v = vreg_number(s->m->regs.at[b->params + k]), reg = s->values[v].reg;
        s->values[v].param_reg = (uint8_t)reg;
        if (reg == NO_REG) {
            s->values[v].param_in_memory = s->values[v].wants_store;
            continue;
        }
        entry->params |= bit_of(reg);
        if (s->values[v].wants_store) store_inst(insert(s, MARK_store), s, v, reg);
        s->values[v].wants_store = false;
    }
}

void leave_block_start(Assign *s, uint32_t k)
{
    const MBlock *b = &s->m->blocks.at[k];
    RegState *entry = &s->entry[k];
    s->origin = minst_extra(MARK_none, NO_INDEX);
    take_snapshot(s, entry);
    note_params(s, b, entry);
    clear(s);
    for (uint32_t e = b->first_back; e; e = edge_at(s, e - 1)->next_back) {
        MEdge *edge = edge_at(s, e - 1);
        if (!edge->handler) restore(s, s->exit[edge->from]);
        resolve(s, edge);
        clear(s);
    }
}
