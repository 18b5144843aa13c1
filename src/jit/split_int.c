/* Arithmetic, comparing and choosing on halves. */
#include "jit/split_local.h"

/* The one instruction with its operands, some of which are halves. */
static Value same(Split *s, const SplitRow *row, const Value *args, unsigned n)
{
    switch (n) {
    case 1: return on(s, row->with[0], args[0]);
    case 2: return on_two(s, row->with[0], args[0], args[1]);
    }
    return on_three(s, row->with[0], args[0], args[1], args[2]);
}

/* with: the instruction */
void split_each(Split *s, const InstData *i, const SplitRow *row)
{
    Value low[3], high[3];
    for (unsigned k = 0; k < i->nargs; k++) {
        low[k] = halves(s, i, k).low;
        high[k] = halves(s, i, k).high;
    }
    Value first = same(s, row, low, i->nargs);
    give(s, i, (Halves){first, same(s, row, high, i->nargs)});
}

static Halves choose_by(Split *s, Op op, Value c, Halves x, Halves y)
{
    Value low = on_three(s, op, c, x.low, y.low);
    return (Halves){low, on_three(s, op, c, x.high, y.high)};
}

Halves choose_halves(Split *s, Value c, Halves x, Halves y)
{
    return choose_by(s, OP_select, c, x, y);
}

/* with: the instruction */
void split_select(Split *s, const InstData *i, const SplitRow *row)
{
    Value c = truth(s, operand(i, 0));
    Halves x = halves(s, i, 1);
    give(s, i, choose_by(s, row->with[0], c, x, halves(s, i, 2)));
}

/* with: the instruction. The top bit is the high half's. */
void split_blend(Split *s, const InstData *i, const SplitRow *row)
{
    Value c = halves(s, i, 0).high;
    Halves x = halves(s, i, 1);
    give(s, i, choose_by(s, row->with[0], c, x, halves(s, i, 2)));
}

/* -- Carries ----------------------------------------------------------------------------------- */

/* with: what adds the low halves, and the high ones with what is carried. Both have a second
 * result; the first may take in a carry of its own. */
void split_carried(Split *s, const InstData *i, const SplitRow *row)
{
    Halves x = halves(s, i, 0), y = halves(s, i, 1);
    Value low = i->nargs == 3 ? on_three(s, row->with[0], x.low, y.low, plain(s, i, 2))
                              : on_two(s, row->with[0], x.low, y.low);
    Value high = on_three(s, row->with[1], x.high, y.high, second(low));
    give(s, i, (Halves){low, high});
    if (i->nresults == 2) give_plain(s, i, 1, second(high));
}

Halves subtract(Split *s, Halves x, Halves y)
{
    Value low = on_two(s, OP_usub_overflow, x.low, y.low);
    return (Halves){low, on_three(s, OP_usub_overflow_bin, x.high, y.high, second(low))};
}

void split_ineg(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Value zero = constant(s, 0);
    give(s, i, subtract(s, (Halves){zero, zero}, halves(s, i, 0)));
}

/* (x ^ sign) - sign, where the sign stands in all bits */
void split_iabs(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 0);
    Value sign = on_two(s, OP_sshr, x.high, constant(s, 63));
    Halves inverted = {on_two(s, OP_bxor, x.low, sign), on_two(s, OP_bxor, x.high, sign)};
    give(s, i, subtract(s, inverted, (Halves){sign, sign}));
}

/* -- Products and quotients -------------------------------------------------------------------- */

/* low * low, of which the upper half counts too, + (low * high + high * low) << 64 */
void split_imul(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 0), y = halves(s, i, 1);
    Value upper = on_two(s, OP_umulhi, x.low, y.low);
    Value across = on_two(s, OP_iadd, on_two(s, OP_imul, x.low, y.high),
                          on_two(s, OP_imul, x.high, y.low));
    Value high = on_two(s, OP_iadd, upper, across);
    give(s, i, (Halves){on_two(s, OP_imul, x.low, y.low), high});
}

static Halves call_on_two(Split *s, const InstData *i, Library fn)
{
    Halves x = halves(s, i, 0), y = halves(s, i, 1);
    Value low = call_library(s, fn, (Value[]){x.low, x.high, y.low, y.high});
    return (Halves){low, second(low)};
}

/* with: the function */
void split_multiply(Split *s, const InstData *i, const SplitRow *row)
{
    give(s, i, call_on_two(s, i, row->with[0]));
}

/* x == the smallest integer and y == -1: all bits of x but the top one are 0, all of y are 1. */
static void trap_if_overflow(Split *s, Halves x, Halves y)
{
    Value top = on_two(s, OP_bxor, x.high, constant(s, INT64_MIN));
    Value ones = on_two(s, OP_band, y.low, y.high);
    Value differs = on_two(s, OP_bor, on_two(s, OP_bor, x.low, top), on(s, OP_bnot, ones));
    build_cond_trap(&s->b, OP_trapz, differs, TRAP_int_ovf);
}

/* with: the function, which takes what does not trap */
void split_divide(Split *s, const InstData *i, const SplitRow *row)
{
    build_cond_trap(&s->b, OP_trapz, truth(s, operand(i, 1)), TRAP_int_divz);
    if (i->op == OP_sdiv) trap_if_overflow(s, halves(s, i, 0), halves(s, i, 1));
    give(s, i, call_on_two(s, i, row->with[0]));
}

/* -- Comparing --------------------------------------------------------------------------------- */

/* How low halves are compared when the high ones are equal. */
static const uint8_t low_conds[INTCC_COUNT] = {
    [INTCC_eq] = INTCC_eq,   [INTCC_ne] = INTCC_ne,   [INTCC_slt] = INTCC_ult,
    [INTCC_sge] = INTCC_uge, [INTCC_sgt] = INTCC_ugt, [INTCC_sle] = INTCC_ule,
    [INTCC_ult] = INTCC_ult, [INTCC_uge] = INTCC_uge, [INTCC_ugt] = INTCC_ugt,
    [INTCC_ule] = INTCC_ule,
};

Value compare_halves(Split *s, IntCC cc, Halves x, Halves y)
{
    if (cc == INTCC_eq || cc == INTCC_ne) {
        Value low = on_two(s, OP_bxor, x.low, y.low), high = on_two(s, OP_bxor, x.high, y.high);
        return compare(s, cc, on_two(s, OP_bor, low, high), constant(s, 0));
    }
    Value by_low = compare(s, low_conds[cc], x.low, y.low);
    Value by_high = compare(s, cc, x.high, y.high);
    return on_three(s, OP_select, compare(s, INTCC_eq, x.high, y.high), by_low, by_high);
}

void split_icmp(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Value c = compare_halves(s, (IntCC)i->cond, halves(s, i, 0), halves(s, i, 1));
    give_plain(s, i, 0, c);
}

/* with: the condition under which the first operand is taken */
void split_lesser(Split *s, const InstData *i, const SplitRow *row)
{
    Halves x = halves(s, i, 0), y = halves(s, i, 1);
    give(s, i, choose_halves(s, compare_halves(s, row->with[0], x, y), x, y));
}

/* -- Widths ------------------------------------------------------------------------------------ */

static Value widened(Split *s, const InstData *i, Op op)
{
    Value x = plain(s, i, 0);
    if (func_type(s->b.f, x) == TY_i64) return x;
    return build_unary(&s->b, op, TY_i64, x);
}

void split_uextend(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Value low = widened(s, i, OP_uextend);
    give(s, i, (Halves){low, constant(s, 0)});
}

void split_sextend(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Value low = widened(s, i, OP_sextend);
    give(s, i, (Halves){low, on_two(s, OP_sshr, low, constant(s, 63))});
}

void split_ireduce(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Value x = plain(s, i, 0);
    give_plain(s, i, 0, i->type == TY_i64 ? x : build_unary(&s->b, OP_ireduce, i->type, x));
}

void split_isplit(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    give_plain(s, i, 0, halves(s, i, 0).low);
    give_plain(s, i, 1, halves(s, i, 0).high);
}

void split_iconcat(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    give(s, i, (Halves){plain(s, i, 0), plain(s, i, 1)});
}
