/* Smaller numbers: constants, offsets, what the run passes. Each gets nearer to 0, so that no two
 * steps undo each other's work. */
#include "reduce/step.h"

/* ---- constants ---------------------------------------------------------------------------- */

static bool is_constant(const InstData *i)
{
    return i->nargs == 0 && i->nresults == 1 && op_has(i->op, EFFECT_P) &&
           strpbrk(format_operands[inst_op(i)->format], "ihfdk") != NULL;
}

static bool is_zero(const Func *f, const InstData *i)
{
    if (!strchr(format_operands[inst_op(i)->format], 'k')) return i->imm == 0;
    const ConstantData *c = &f->constants.at[i->entity];
    for (uint32_t k = 0; k < c->n; k++)
        if (c->bytes[k]) return false;
    return true;
}

bool step_zero_constant(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (!is_constant(i) || is_zero(f, i)) return false;
    Bits zero = bits_of(0);
    Value result = i->result;
    make_nop(i);
    insert_constant(f, p.block, p.at, result, &zero);
    return true;
}

bool step_one_constant(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (i->op != OP_iconst || (uint64_t)i->imm + 1 <= 2) return false;
    i->imm = 1;
    return true;
}

bool step_half_constant(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (i->op != OP_iconst || (uint64_t)i->imm + 1 <= 2) return false;
    i->imm /= 2;
    return true;
}

/* ---- offsets ------------------------------------------------------------------------------ */

static bool has_offset(const InstData *i)
{
    return i->imm && strchr(format_operands[inst_op(i)->format], 'o') != NULL;
}

bool step_zero_offset(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (!has_offset(i)) return false;
    i->imm = 0;
    return true;
}

bool step_half_offset(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (!has_offset(i)) return false;
    i->imm /= 2;
    return true;
}

/* ---- arguments ---------------------------------------------------------------------------- */

bool step_zero_argument(Case *c, const Trace *t, Site p)
{
    (void)t;
    DataValue *d = &c->runs.at[0].args.at[p.at];
    Bits zero = bits_of(0);
    if (d->heap || bits_equal(d->bits, zero)) return false;
    d->bits = zero;
    return true;
}

bool step_half_argument(Case *c, const Trace *t, Site p)
{
    (void)t;
    DataValue *d = &c->runs.at[0].args.at[p.at];
    if (d->heap || !type_is_int(d->type) || d->bits.u64[0] + d->bits.u64[1] < 2) return false;
    d->bits.u64[0] = d->bits.u64[0] / 2;
    d->bits.u64[1] = 0;
    return true;
}
