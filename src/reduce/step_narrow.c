/* Integers of fewer bits: a value, and all that must have the same type with it, through blocks,
 * calls and returns. */
#include "reduce/step.h"

typedef struct {
    uint32_t func;
    Value value;
} Member;

typedef struct {
    Case *c;
    Type from, to;
    bool **in;      /* by function and value */
    bool **returns; /* by function and result */
    VEC(Member) list;
    bool good;
} Class;

static Type narrower(Type t)
{
    bool scalar = type_is_int(t) && type_lanes(t) == 1;
    return scalar && t != TY_i8 ? type_half_int(t) : TY_none;
}

static void join(Class *k, uint32_t func, Value v)
{
    k->good &= func_type(k->c->module->funcs.at[func], v) == k->from;
    if (!k->good || k->in[func][v.i]) return;
    k->in[func][v.i] = true;
    *vec_push(k->c->arena, &k->list) = (Member){func, v};
}

/* ---- what has the same type --------------------------------------------------------------- */

/* Calls `visit` for each instruction of the layout. */
typedef void Visit(Class *k, uint32_t func, const InstData *i, uint32_t a, uint32_t b);

static void visit_func(Class *k, uint32_t func, Visit *visit, uint32_t a, uint32_t b)
{
    const Func *f = k->c->module->funcs.at[func];
    for (uint32_t n = 0; n < f->layout.n; n++) {
        const BlockData *bd = func_block(f, f->layout.at[n]);
        for (uint32_t m = 0; m < bd->insts.n; m++)
            visit(k, func, func_inst(f, bd->insts.at[m]), a, b);
    }
}

static void visit_all(Class *k, Visit *visit, uint32_t a, uint32_t b)
{
    for (uint32_t m = 0; m < k->c->module->funcs.n; m++) visit_func(k, m, visit, a, b);
}

/* What ways to block `b` pass for parameter `at`. */
static void join_passed(Class *k, uint32_t func, const InstData *i, uint32_t b, uint32_t at)
{
    for (uint32_t d = 0; d < i->ndests; d++)
        if (i->dests[d].block.i == b) join(k, func, i->dests[d].args[at]);
}

static bool calls(const Class *k, uint32_t func, const InstData *i, uint32_t callee)
{
    return i->op == OP_call && k->c->module->funcs.at[func]->refs.at[i->entity].callee == callee;
}

static void join_argument(Class *k, uint32_t func, const InstData *i, uint32_t callee, uint32_t at)
{
    if (calls(k, func, i, callee)) join(k, func, inst_args_const(i)[at]);
}

static void join_result(Class *k, uint32_t func, const InstData *i, uint32_t callee, uint32_t at)
{
    if (calls(k, func, i, callee)) join(k, func, inst_result(i, at));
}

static void join_returned(Class *k, uint32_t func, const InstData *i, uint32_t at, uint32_t unused)
{
    (void)unused;
    if (i->op == OP_return) join(k, func, inst_args_const(i)[at]);
}

/* Result `at` of a function. */
static void join_returns(Class *k, uint32_t func, uint32_t at)
{
    if (k->returns[func][at]) return;
    k->returns[func][at] = true;
    k->good &= func_is_only_called(k->c, func);
    visit_func(k, func, join_returned, at, 0);
    visit_all(k, join_result, func, at);
}

static void join_param(Class *k, uint32_t func, Block b, uint32_t at)
{
    const Func *f = k->c->module->funcs.at[func];
    join(k, func, func_block(f, b)->params.at[at]);
    visit_func(k, func, join_passed, b.i, at);
    if (b.i != func_entry(f).i) return;
    k->good &= func_is_only_called(k->c, func);
    visit_all(k, join_argument, func, at);
}

/* Operands and results that have the instruction's controlling type. */
static void join_alike(Class *k, uint32_t func, const InstData *i)
{
    const OpInfo *o = inst_op(i);
    for (uint32_t n = 0; o->operands[n]; n++)
        if (o->operands[n] == 'T') join(k, func, inst_args_const(i)[n]);
    for (uint32_t n = 0; o->results[n]; n++)
        if (o->results[n] == 'T') join(k, func, inst_result(i, n));
}

static uint32_t callee_of(const Class *k, uint32_t func, const InstData *i)
{
    return i->op == OP_call ? k->c->module->funcs.at[func]->refs.at[i->entity].callee : NO_INDEX;
}

static void join_definition(Class *k, uint32_t func, Value v)
{
    const Func *f = k->c->module->funcs.at[func];
    const ValueData *d = func_value(f, v);
    const InstData *i = func_def(f, v);
    if (!i) {
        join_param(k, func, (Block){d->owner}, d->index);
        return;
    }
    uint32_t callee = callee_of(k, func, i);
    if (callee != NO_INDEX) join_returns(k, callee, d->index);
    else if (op_has(i->op, EFFECT_K)) k->good = false;
    else if (inst_op(i)->results[d->index] == 'T') join_alike(k, func, i);
    else k->good = false;
}

static void join_operand(Class *k, uint32_t func, const InstData *i, uint32_t at)
{
    uint32_t callee = callee_of(k, func, i);
    if (callee != NO_INDEX) {
        join_param(k, callee, func_entry(k->c->module->funcs.at[callee]), at);
    } else if (i->op == OP_return) {
        join_returns(k, func, at);
    } else if (op_has(i->op, EFFECT_K)) {
        k->good = false;
    } else {
        char letter = inst_op(i)->operands[at];
        if (letter == 'T') join_alike(k, func, i);
        else k->good &= letter && strchr("CSNW", letter);
    }
}

static void join_use(Class *k, uint32_t func, const InstData *i, uint32_t value, uint32_t unused)
{
    (void)unused;
    for (uint32_t n = 0; n < i->nargs && k->good; n++)
        if (inst_args_const(i)[n].i == value) join_operand(k, func, i, n);
    for (uint32_t d = 0; d < i->ndests; d++)
        for (uint32_t n = 0; n < i->dests[d].nargs && k->good; n++)
            if (i->dests[d].args[n].i == value) join_param(k, func, i->dests[d].block, n);
}

static bool collect(Class *k, uint32_t func, Value v)
{
    Case *c = k->c;
    k->in = arena_array(c->arena, bool *, c->module->funcs.n);
    k->returns = arena_array(c->arena, bool *, c->module->funcs.n);
    for (uint32_t m = 0; m < c->module->funcs.n; m++) {
        k->in[m] = arena_array(c->arena, bool, c->module->funcs.at[m]->values.n);
        k->returns[m] = arena_array(c->arena, bool, c->module->funcs.at[m]->sig.returns.n + 1);
    }
    k->good = true;
    join(k, func, v);
    for (uint32_t n = 0; n < k->list.n && k->good; n++) {
        Member m = k->list.at[n];
        join_definition(k, m.func, m.value);
        visit_func(k, m.func, join_use, m.value.i, 0);
    }
    return k->good;
}

/* ---- the other type ----------------------------------------------------------------------- */

/* An extension, or a reduction, from a type to itself goes. */
static void drop_conversion(Func *f, InstData *i)
{
    const char *from = inst_op(i)->operands; /* a narrower integer, or a wider one */
    if (strcmp(from, "N") != 0 && strcmp(from, "W") != 0) return;
    Value x = inst_args_const(i)[0], result = i->result;
    if (func_type(f, x) != func_type(f, result)) return;
    make_nop(i);
    replace_value(f, result, x);
}

static void set_inst_type(const Class *k, uint32_t func, InstData *i)
{
    const OpInfo *o = inst_op(i);
    const bool *in = k->in[func];
    bool alike = false;
    for (uint32_t n = 0; o->operands[n]; n++)
        alike |= o->operands[n] == 'T' && in[inst_args_const(i)[n].i];
    for (uint32_t n = 0; o->results[n]; n++)
        alike |= o->results[n] == 'T' && in[inst_result(i, n).i];
    if (!alike) return;
    i->type = (uint8_t)k->to;
    unsigned spare = 64 - type_bits(k->to);
    if (i->op == OP_iconst) i->imm = (int64_t)((uint64_t)i->imm << spare) >> spare;
}

static void set_types(const Class *k, uint32_t func)
{
    Func *f = k->c->module->funcs.at[func];
    for (uint32_t n = 0; n < f->values.n; n++)
        if (k->in[func][n]) f->values.at[n].type = (uint8_t)k->to;
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t n = 0; n < bd->insts.n; n++)
            set_inst_type(k, func, func_inst(f, bd->insts.at[n]));
        for (uint32_t n = 0; n < bd->insts.n; n++)
            drop_conversion(f, func_inst(f, bd->insts.at[n]));
    }
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    for (uint32_t n = 0; n < params->n; n++)
        f->sig.params.at[n].type = (uint8_t)func_type(f, params->at[n]);
    for (uint32_t n = 0; n < f->sig.returns.n; n++)
        if (k->returns[func][n]) f->sig.returns.at[n].type = (uint8_t)k->to;
}

/* False when an address would be cut. */
static bool set_arguments(const Class *k)
{
    const Func *f = k->c->module->funcs.at[ENTRY];
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    Run *run = &k->c->runs.at[0];
    if (run->args.n != params->n) return false;
    for (uint32_t n = 0; n < params->n; n++) {
        DataValue *d = &run->args.at[n];
        if (!k->in[ENTRY][params->at[n].i]) continue;
        if (d->heap || func_contract(f, n)) return false;
        d->type = k->to;
        memset(d->bits.u8 + type_bytes(k->to), 0, sizeof d->bits - type_bytes(k->to));
    }
    return true;
}

static bool narrow(Case *c, uint32_t func, Value v)
{
    Type from = func_type(c->module->funcs.at[func], v);
    Class k = {.c = c, .from = from, .to = narrower(from)};
    if (k.to == TY_none || !collect(&k, func, v) || !set_arguments(&k)) return false;
    for (uint32_t m = 0; m < c->module->funcs.n; m++) set_types(&k, m);
    match_signatures(c);
    return true;
}

bool step_narrow(Case *c, const Trace *t, Site p)
{
    (void)t;
    const InstData *i = data_at(c, p);
    return i->nresults && !op_has(i->op, EFFECT_T) && narrow(c, p.func, i->result);
}

bool step_narrow_param(Case *c, const Trace *t, Site p)
{
    (void)t;
    return narrow(c, p.func, func_block(func_at(c, p), p.block)->params.at[p.at]);
}
