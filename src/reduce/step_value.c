/* A value becomes a constant, an argument, an operand; an operator a simpler one. */
#include "reduce/step.h"

bool step_zero(Case *c, const Trace *t, Site p)
{
    (void)t;
    Bits zero = bits_of(0);
    return set_results(c, p, &zero);
}

bool step_ones(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    Bits ones = {.u64 = {~UINT64_C(0), ~UINT64_C(0)}};
    if (i->nresults == 0 || type_has_float_lanes((Type)func_type(func_at(c, p), i->result)))
        return false;
    return set_results(c, p, &ones);
}

/* ---- what a value was --------------------------------------------------------------------- */

static const Seen *seen_at(const Case *c, const Trace *t, Site p)
{
    const InstData *i = data_at(c, p);
    if (i->nresults != 1 || op_has(i->op, EFFECT_T)) return NULL;
    if (i->result.i >= t->c->module->funcs.at[p.func]->values.n) return NULL; /* a new one */
    const Seen *s = &t->values[p.func][i->result.i];
    return s->how == SEEN_once ? s : NULL;
}

bool step_constant(Case *c, const Trace *t, Site p)
{
    const Seen *s = seen_at(c, t, p);
    if (!s || !s->number) return false;
    return set_results(c, p, &s->bits);
}

bool step_argument(Case *c, const Trace *t, Site p)
{
    Func *f = func_at(c, p);
    const Seen *s = seen_at(c, t, p);
    if (!s || p.func != ENTRY || f->sig.params.n >= ARGUMENTS_MAX) return false;
    InstData *i = data_at(c, p);
    Value result = i->result;
    DataValue value = {.type = func_type(f, result), .bits = s->bits};
    Contract contract = {0};
    if (i->nargs == 0 && !op_has(i->op, EFFECT_K)) return false;
    if (!s->number && !trace_heap_address(t, s->bits.u64[0], &value)) return false;
    if (value.heap && c->discipline && !trace_contract(c, t, result, &value, &contract))
        return false;
    make_nop(i);
    const Contract *said = contract.is_address ? &contract : NULL;
    replace_value(f, result, add_argument(c, value.type, &value, said));
    return true;
}

/* ---- operands and operators --------------------------------------------------------------- */

/* The operand number `nth` (from 0) that has the type of the only result, or none. */
static Value operand_like(const Func *f, const InstData *i, unsigned nth)
{
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++)
        if (func_type(f, args[k]) == func_type(f, i->result) && nth-- == 0) return args[k];
    return VALUE_none;
}

static bool become_operand(Case *c, Site p, unsigned nth)
{
    Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (i->nresults != 1 || op_has(i->op, EFFECT_T)) return false;
    Value operand = operand_like(f, i, nth), result = i->result;
    if (operand.i == NO_INDEX || operand.i == result.i) return false;
    make_nop(i);
    replace_value(f, result, operand);
    return true;
}

bool step_first_operand(Case *c, const Trace *t, Site p)
{
    (void)t;
    return become_operand(c, p, 0);
}

bool step_second_operand(Case *c, const Trace *t, Site p)
{
    (void)t;
    return become_operand(c, p, 1);
}

bool step_third_operand(Case *c, const Trace *t, Site p)
{
    (void)t;
    return become_operand(c, p, 2);
}

/* Turn this: z := x + y     z := clz x     z := x * y (floats)
 * Into this: z := x ^ y     z := ~x        z := x + y */
bool step_plain(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    const OpInfo *o = inst_op(i);
    bool two = !strcmp(o->operands, "TT"), one = !strcmp(o->operands, "T");
    if (strcmp(o->results, "T") || (!one && !two) || op_has(i->op, EFFECT_T)) return false;
    bool floats = type_has_float_lanes((Type)i->type);
    Op plain = two ? (floats ? OP_fadd : OP_bxor) : floats ? OP_fneg : OP_bnot;
    if (i->op == plain) return false;
    i->op = (uint8_t)plain;
    i->imm = 0;
    return true;
}

/* ---- equal values ------------------------------------------------------------------------- */

static bool is_equal(const Case *c, const Trace *t, Site p, Value v, const Seen *to)
{
    const Func *f = func_at(c, p);
    if (func_type(f, v) != func_type(f, data_at(c, p)->result)) return false;
    if (v.i >= t->c->module->funcs.at[p.func]->values.n) return false;
    const Seen *s = &t->values[p.func][v.i];
    return s->how == SEEN_once && s->number == to->number && bits_equal(s->bits, to->bits);
}

/* The first value of the function that was the same, when that is ahead of the site. */
static Value first_equal(const Case *c, const Trace *t, Site p, const Seen *to)
{
    const Func *f = func_at(c, p);
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->params.n; k++)
            if (is_equal(c, t, p, bd->params.at[k], to)) return bd->params.at[k];
        for (uint32_t k = 0; k < bd->insts.n; k++) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            if (f->layout.at[b].i == p.block.i && k == p.at) return VALUE_none;
            if (i->nresults == 1 && is_equal(c, t, p, i->result, to)) return i->result;
        }
    }
    return VALUE_none;
}

bool step_equal(Case *c, const Trace *t, Site p)
{
    const Seen *s = seen_at(c, t, p);
    if (!s) return false;
    Value same = first_equal(c, t, p, s), old = data_at(c, p)->result;
    if (same.i == NO_INDEX || same.i == old.i) return false;
    make_nop(data_at(c, p));
    replace_value(func_at(c, p), old, same);
    return true;
}
