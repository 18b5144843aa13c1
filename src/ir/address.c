/* The derivation itself: passes over the blocks until nothing changes. */
#include "ir/address_local.h"

/* Loops are settled one by one at first, within the first passes; after some more what still
 * changes is given up, at last everything is. */
enum { PASSES_LOCAL = 32, PASSES_MAX = 96, PASSES_END = 256 };

static void set_fact(Derivation *d, Value v, const Fact *now, bool in_loop_header)
{
    Fact *old = &d->x->facts[v.i];
    if (fact_equal(old, now)) return;
    if (old->kind == FACT_none) {
        *old = *now;
        return;
    }
    Fact next = fact_update(old, *now, in_loop_header);
    if (fact_equal(old, &next)) return;
    *old = d->passes > PASSES_MAX ? fact_mixed() : next;
    d->changed = true;
}

/* ---- block parameters --------------------------------------------------------------------- */

static void enter_function(Derivation *d, const bool *used)
{
    const Func *f = d->x->f;
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    for (uint32_t k = 0; k < params->n; k++) {
        Value v = params->at[k];
        Fact address = {
            .kind = FACT_address,
            .base = f->slots.n + k,
            .n = number_exact(0),
        };
        bool is_address = func_contract(f, k) || (used && used[k]);
        set_fact(d, v, is_address ? &address : fact_any(func_type(f, v)), false);
    }
}

static Fact choose_incoming(Derivation *d, Block b, uint32_t index, Value param)
{
    const Cfg *c = d->x->cfg;
    Fact p = {0};
    for (const Edge *e = cfg_preds(c, b); e < cfg_preds_end(c, b); e++) {
        const BlockCall *dest = &func_terminator(d->x->f, e->from)->dests[e->dest];
        p = fact_choose(d, &d->choices[param.i], p, d->x->facts[dest->args[index].i]);
    }
    return p;
}

static void enter_block(Derivation *d, Block b)
{
    const ValueVec *params = &func_block(d->x->f, b)->params;
    bool header = cfg_is_loop_header(d->x->cfg, b);
    for (uint32_t k = 0; k < params->n; k++) {
        Value v = params->at[k];
        Type t = func_type(d->x->f, v);
        Fact chosen;
        if (fact_is_followed(t)) chosen = choose_incoming(d, b, k, v);
        set_fact(d, v, fact_is_followed(t) ? &chosen : fact_any(t), header);
    }
}

/* ---- passes ------------------------------------------------------------------------------- */

static void do_memory(Derivation *d, const InstData *i)
{
    if (op_has(i->op, EFFECT_K)) cell_call(d, i);
    else if (i->type == TY_i64) cell_store(d, i);
}

static void do_result(Derivation *d, const InstData *i)
{
    Fact *r = &d->x->facts[i->result.i], now;
    bool first = r->kind == FACT_none;
    inst_fact(d, i, first ? r : &now);
    if (!first) set_fact(d, i->result, &now, false);
}

static void do_inst(Derivation *d, const InstData *i)
{
    if (i->nresults) do_result(d, i);
    for (uint32_t k = 1; k < i->nresults; k++) {
        Value v = inst_result(i, k);
        set_fact(d, v, fact_any(func_type(d->x->f, v)), false);
    }
    if (op_has(i->op, EFFECT_K | EFFECT_S)) do_memory(d, i);
}

static void enter(Derivation *d, Block b, const bool *used)
{
    cells_enter(d, b);
    if (b.i == func_entry(d->x->f).i) enter_function(d, used);
    else enter_block(d, b);
}

static void do_block(Derivation *d, Block b, const bool *used)
{
    const Func *f = d->x->f;
    const BlockData *bd = func_block(f, b);
    enter(d, b, used);
    for (uint32_t n = 0; n < bd->insts.n; n++) do_inst(d, func_inst(f, bd->insts.at[n]));
    cells_leave(d, b);
}

/* Whether more is to be said of a loop header now that its loop was visited. */
static bool is_unsettled(Derivation *d, Block header)
{
    d->changed = false;
    enter(d, header, NULL);
    return d->changed || d->weakened;
}

/* The number of the last block that leads to a block. */
static uint32_t last_pred(const Cfg *c, Block to)
{
    uint32_t last = 0;
    for (const Edge *e = cfg_preds(c, to); e < cfg_preds_end(c, to); e++)
        if (c->number[e->from.i] > last) last = c->number[e->from.i];
    return last;
}

/* The innermost header, of a number below `below`, whose loop ends with block number `k`; norder
 * when there is none. */
static uint32_t loop_that_ends(const Derivation *d, uint32_t k, uint32_t below)
{
    const Cfg *c = d->x->cfg;
    const InstData *end = func_terminator(d->x->f, c->order[k]);
    uint32_t found = c->norder;
    for (uint32_t n = 0; n < end->ndests; n++) {
        uint32_t header = c->number[end->dests[n].block.i];
        bool further = found == c->norder || header > found;
        if (header < below && further && last_pred(c, c->order[header]) == k) found = header;
    }
    return found;
}

/* What comes after block number `k`: the header of a loop that is done once more, or the next.
 * Inner loops are settled before outer ones: a weaker base is seen by what follows it in the order,
 * and through headers by what comes before. */
static uint32_t step_from(Derivation *d, uint32_t k)
{
    uint32_t header = k + 1;
    while (d->passes < PASSES_LOCAL) {
        header = loop_that_ends(d, k, header);
        if (header == d->x->cfg->norder) break;
        if (!is_unsettled(d, d->x->cfg->order[header])) continue;
        d->weakened = false;
        d->passes++;
        return header;
    }
    return k + 1;
}

/* From block number `from` on. */
static void do_pass(Derivation *d, uint32_t from, const bool *used)
{
    const Cfg *c = d->x->cfg;
    d->weakened = false;
    d->passes++;
    for (uint32_t k = from; k < c->norder; k = step_from(d, k)) do_block(d, c->order[k], used);
}

/* The first unsettled loop header; norder when there is none. All edges against the order lead to
 * headers. */
static uint32_t next_start(Derivation *d)
{
    const Cfg *c = d->x->cfg;
    for (uint32_t k = 0; k < c->norder; k++)
        if (cfg_is_loop_header(c, c->order[k]) && is_unsettled(d, c->order[k])) return k;
    return c->norder;
}

/* Begins again with all cells that are known by now. */
static void begin_round(Derivation *d)
{
    Addresses *x = d->x;
    uint32_t nblocks = x->f->blocks.n, nvalues = x->f->values.n;
    size_t states = (size_t)nblocks * x->cells.n;
    d->ncells = x->cells.n;
    d->passes = 0;
    d->calls.n = 0;
    if (d->rounds++) memset(x->facts, 0, nvalues * sizeof *x->facts);
    memset(d->choices, 0xff, nvalues * sizeof *d->choices);
    memset(d->done, 0, nblocks * sizeof *d->done);
    x->now = arena_array(x->arena, CellState, d->ncells);
    d->in = arena_array(x->arena, CellState, states);
    d->out = arena_array(x->arena, CellState, states);
    d->cell_choices = arena_array(x->arena, uint32_t, states);
    memset(d->cell_choices, 0xff, states * sizeof *d->cell_choices);
    bases_begin(d);
}

static void give_up(Derivation *d)
{
    for (uint32_t k = 0; k < d->x->f->values.n; k++) d->x->facts[k] = fact_mixed();
}

/* Without contracts, parameters that loads and stores use; else NULL. */
static bool *find_used_params(const Func *f, const Cfg *c, Arena *a)
{
    if (f->contracts) return NULL;
    bool *used = arena_array(a, bool, f->sig.params.n);
    for (uint32_t b = 0; b < c->norder; b++) {
        const BlockData *bd = func_block(f, c->order[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            Access access;
            if (!inst_access(i, &access)) continue;
            Value v = value_without_constants(f, inst_args_const(i)[access.address]);
            const ValueData *data = func_value(f, v);
            if (data->kind == VALUE_PARAM && data->owner == func_entry(f).i)
                used[data->index] = true;
        }
    }
    return used;
}

Addresses *address_derive(const Func *f, const Cfg *c, Arena *a)
{
    Addresses *x = arena_new(a, Addresses);
    Derivation *d = arena_new(a, Derivation);
    x->f = f;
    x->cfg = c;
    x->arena = a;
    x->work = d;
    x->facts = arena_array(a, Fact, f->values.n);
    d->x = x;
    d->choices = arena_array(a, uint32_t, f->values.n);
    d->done = arena_array(a, bool, f->blocks.n);
    const bool *used = find_used_params(f, c, a);
    do {
        begin_round(d);
        uint32_t from = 0;
        do {
            do_pass(d, from, used);
            from = next_start(d);
        } while (from < c->norder && d->passes < PASSES_END);
        if (from < c->norder) give_up(d);
    } while (x->cells.n > d->ncells);
    return x;
}

void address_walk(Addresses *x, void (*visit)(void *data, Block b, Inst i), void *data)
{
    Derivation *d = x->work;
    for (uint32_t k = 0; k < x->cfg->norder; k++) {
        Block b = x->cfg->order[k];
        const BlockData *bd = func_block(x->f, b);
        cells_enter(d, b);
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            visit(data, b, bd->insts.at[n]);
            const InstData *i = func_inst(x->f, bd->insts.at[n]);
            if (d->ncells && op_has(i->op, EFFECT_K | EFFECT_S)) do_memory(d, i);
        }
    }
}
