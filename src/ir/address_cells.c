/* Addresses in memory: what the cells of slots hold at each point, and what loads of cells give. */
#include "ir/address_local.h"

/* What more cells than this hold is not followed. */
enum { CELLS_MAX = 64, STATES_MAX = 1 << 13, ROUNDS_MAX = 8 };

AccessRow access_rows[OP_COUNT];

/* Runs after op.c's constructor, which has a priority. */
__attribute__((constructor)) static void fill_rows(void)
{
    for (Op op = 0; op < OP_COUNT; op++) {
        const OpInfo *o = &op_info[op];
        const char *address = strchr(o->operands, 'a'), *value = strchr(o->operands, 'T');
        bool accesses = (o->effects & (EFFECT_L | EFFECT_S)) && !(o->effects & EFFECT_K);
        access_rows[op] = (AccessRow){
            .accesses = accesses && address,
            .address = accesses && address ? (uint8_t)(address - o->operands) : 0,
            .reads = o->effects & EFFECT_L,
            .writes = o->effects & EFFECT_S,
            .words = !(o->effects & EFFECT_E) && !o->access_bytes,
            .value = value ? (int8_t)(value - o->operands) : -1,
            .lane_bytes = o->access_bytes,
        };
    }
}

uint32_t address_callees(const Addresses *x, const InstData *call, uint32_t refs[static 64],
                         bool *all)
{
    const OpInfo *o = &op_info[call->op];
    *all = o->format == FORMAT_call || o->format == FORMAT_try_call;
    refs[0] = call->entity;
    if (!o->indirect) return *all; /* stack_switch continues who knows whom */
    const Fact *p = address_fact(x, inst_args_const(call)[0]);
    uint64_t set = p->kind == FACT_code ? p->n.low : 0;
    uint32_t n = 0;
    for (uint32_t k = 0; k < 63; k++)
        if (set >> k & 1) refs[n++] = k;
    *all = set && !(set >> 63);
    return n;
}

const Contract *address_callee_contract(const Func *f, uint32_t ref, uint32_t k)
{
    uint32_t callee = f->refs.at[ref].callee;
    return callee == NO_INDEX ? NULL : func_contract(f->module->funcs.at[callee], k);
}

const Cell *address_contract_cell(const Addresses *x, const Fact *p, int64_t offset)
{
    const Base *b = address_base(x, p);
    int64_t at;
    if (!b || !b->contract || !number_is_exact(&p->n)) return NULL;
    if (__builtin_add_overflow(p->n.lo, offset, &at)) return NULL;
    for (uint32_t k = 0; k < b->contract->cells.n; k++)
        if (b->contract->cells.at[k].offset == at) return &b->contract->cells.at[k];
    return NULL;
}

static uint32_t find_cell(const Addresses *x, uint32_t n, uint32_t slot, int64_t offset)
{
    for (uint32_t k = 0; k < n; k++)
        if (x->cells.at[k].slot == slot && x->cells.at[k].offset == offset) return k;
    return NO_INDEX;
}

CellState *address_cell(const Addresses *x, uint32_t slot, int64_t offset)
{
    uint32_t k = find_cell(x, x->work->ncells, slot, offset);
    return k == NO_INDEX ? NULL : &x->now[k];
}

/* Slot and offset of an exact address in a slot, `offset` bytes behind `p`. */
static bool find_place(const Addresses *x, const Fact *p, int64_t offset, SlotCell *out)
{
    const Base *b = address_base(x, p);
    if (!b || b->kind != BASE_slot || !number_is_exact(&p->n)) return false;
    out->slot = b->index;
    return !__builtin_add_overflow(p->n.lo, offset, &out->offset);
}

/* ---- loads and stores --------------------------------------------------------------------- */

Fact cell_load(Derivation *d, const InstData *i)
{
    const Addresses *x = d->x;
    Access a;
    SlotCell at;
    if (i->type != TY_i64 || !inst_access(i, &a) || !a.word) return *fact_any(i->type);
    const Fact *p = address_fact(x, inst_args_const(i)[a.address]);
    const Cell *cell = address_contract_cell(x, p, a.offset);
    if (cell)
        return fact_by_contract(d, &d->choices[i->result.i], &cell->target, BASE_loaded,
                                i->result.i);
    if (!find_place(x, p, a.offset, &at)) return *fact_any(i->type);
    const CellState *s = address_cell(x, at.slot, at.offset);
    return s && s->must ? s->fact : *fact_any(i->type);
}

/* Tracks a cell from the next round on. */
static void track_cell(Derivation *d, SlotCell at)
{
    Addresses *x = d->x;
    size_t states = (size_t)(x->cells.n + 1) * x->f->blocks.n;
    bool room = x->cells.n < CELLS_MAX && states <= STATES_MAX && d->rounds < ROUNDS_MAX;
    if (room && find_cell(x, x->cells.n, at.slot, at.offset) == NO_INDEX)
        *vec_push(x->arena, &x->cells) = at;
}

void cell_store(Derivation *d, const InstData *i)
{
    Addresses *x = d->x;
    Access a;
    SlotCell at;
    if (!inst_access(i, &a) || !a.word || !a.writes) return;
    const Value *args = inst_args_const(i);
    if (!find_place(x, address_fact(x, args[a.address]), a.offset, &at)) return;
    const Fact *stored = address_fact(x, args[(unsigned)a.value]);
    bool is_cell = stored->kind == FACT_address || stored->kind == FACT_code;
    CellState *s = address_cell(x, at.slot, at.offset);
    if (s) *s = is_cell ? (CellState){true, true, *stored} : (CellState){0};
    else if (is_cell) track_cell(d, at);
}

/* ---- calls -------------------------------------------------------------------------------- */

static uint32_t *call_base(Derivation *d, const InstData *call, uint32_t cell, uint32_t ref)
{
    for (uint32_t k = 0; k < d->calls.n; k++) {
        CallCell *c = &d->calls.at[k];
        if (c->call == call && c->cell == cell && c->ref == ref) return &c->base;
    }
    *vec_push(d->x->arena, &d->calls) = (CallCell){call, cell, ref, NO_INDEX};
    return &vec_last(&d->calls).base;
}

/* What callee `ref` may have put where `target` holds. */
static Fact written_by(Derivation *d, const InstData *call, uint32_t cell, uint32_t ref,
                       const Contract *target)
{
    uint32_t base = *call_base(d, call, cell, ref);
    Fact p = fact_by_contract(d, &base, target, BASE_loaded, NO_INDEX);
    *call_base(d, call, cell, ref) = base;
    return p;
}

/* The cell holds what it held, or what the callee put there. */
static void weaken(Derivation *d, const InstData *call, uint32_t k, uint32_t ref, const Cell *cell)
{
    CellState *s = &d->x->now[k];
    if (!s->may) return;
    Fact written = written_by(d, call, k, ref, &cell->target);
    uint32_t choice = *call_base(d, call, k, NO_INDEX);
    s->fact = fact_choose(d, &choice, s->fact, written);
    *call_base(d, call, k, NO_INDEX) = choice;
}

typedef struct {
    const InstData *call;
    uint32_t ref;
} CallTo;

static void pass_contract(Derivation *d, CallTo to, const Contract *c, const Fact *p);

static bool may_write(const Contract *c) { return !c->nowrite && !c->readonly; }

/* The callee reaches cell `cell` of the object that `p` points into. */
static void pass_cell(Derivation *d, CallTo to, const Contract *c, const Cell *cell, const Fact *p)
{
    SlotCell at;
    bool exact = find_place(d->x, p, cell->offset, &at);
    for (uint32_t k = 0; k < d->ncells; k++) {
        const SlotCell *tracked = &d->x->cells.at[k];
        if (exact && (tracked->slot != at.slot || tracked->offset != at.offset)) continue;
        Fact held = d->x->now[k].fact;
        if (held.kind == FACT_address) pass_contract(d, to, &cell->target, &held);
        if (may_write(c)) weaken(d, to.call, k, to.ref, cell);
    }
}

/* `p` is passed under contract `c`. What is not an exact place in a slot may be any, but nothing
 * from outside leads to a slot. */
static void pass_contract(Derivation *d, CallTo to, const Contract *c, const Fact *p)
{
    if (!address_base(d->x, p)->own_slot) return;
    for (uint32_t k = 0; k < c->cells.n; k++) pass_cell(d, to, c, &c->cells.at[k], p);
}

void cell_call(Derivation *d, const InstData *i)
{
    if (d->ncells == 0) return;
    uint32_t refs[64], nargs;
    bool all;
    uint32_t n = address_callees(d->x, i, refs, &all);
    const Value *args = func_call_args(d->x->f, i, &nargs);
    for (uint32_t r = 0; r < n; r++)
        for (uint32_t k = 0; k < nargs; k++) {
            const Contract *c = address_callee_contract(d->x->f, refs[r], k);
            const Fact *p = address_fact(d->x, args[k]);
            if (c && p->kind == FACT_address) pass_contract(d, (CallTo){i, refs[r]}, c, p);
        }
}

/* ---- blocks ------------------------------------------------------------------------------- */

static void merge(Derivation *d, uint32_t *choice, CellState *s, const CellState *from)
{
    s->must &= from->must;
    if (!from->may) return;
    s->fact = s->may ? fact_choose(d, choice, s->fact, from->fact) : from->fact;
    s->may = true;
}

static bool state_equal(const CellState *a, const CellState *b)
{
    return a->may == b->may && a->must == b->must && fact_equal(&a->fact, &b->fact);
}

void cells_enter(Derivation *d, Block b)
{
    if (d->ncells == 0) return;
    const Cfg *c = d->x->cfg;
    CellState *now = d->x->now, *in = d->in + (size_t)b.i * d->ncells;
    bool first = true;
    for (uint32_t k = 0; k < d->ncells; k++) now[k] = (CellState){0};
    for (const Edge *e = cfg_preds(c, b); e < cfg_preds_end(c, b); e++) {
        const CellState *out = d->out + (size_t)e->from.i * d->ncells;
        if (!d->done[e->from.i]) continue;
        for (uint32_t k = 0; k < d->ncells; k++) {
            uint32_t *choice = &d->cell_choices[(size_t)b.i * d->ncells + k];
            if (first) now[k] = out[k];
            else merge(d, choice, &now[k], &out[k]);
        }
        first = false;
    }
    for (uint32_t k = 0; k < d->ncells; k++) {
        now[k].fact = fact_update(&in[k].fact, now[k].fact, cfg_is_loop_header(c, b));
        d->changed |= !state_equal(&now[k], &in[k]);
        in[k] = now[k];
    }
}

void cells_leave(Derivation *d, Block b)
{
    if (d->ncells == 0) return;
    memcpy(d->out + (size_t)b.i * d->ncells, d->x->now, d->ncells * sizeof *d->out);
    d->done[b.i] = true;
}
