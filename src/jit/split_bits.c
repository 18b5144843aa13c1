/* Shifts, rotates, and what counts or moves bits. */
#include "jit/split_local.h"

/* -- Shifts ------------------------------------------------------------------------------------
 *
 * Shifts of 64 bits take their amount modulo 64. What is left is whether the amount modulo 128 is
 * 64 or more, which one bit of it tells: then a half holds nothing but what was in the other. */

typedef struct {
    Value amount;
    Value others; /* 63 - amount modulo 64 */
    Value far;    /* not 0 when amount modulo 128 is 64 or more */
} Amount;

static Amount amount_of(Split *s, const InstData *i)
{
    Value n = plain(s, i, 1);
    Type type = func_type(s->b.f, n);
    Value others = on(s, OP_bnot, n);
    return (Amount){n, others, on_two(s, OP_band, n, build_iconst(&s->b, type, 64))};
}

/* `into` shifted by `op`, with the bits that leave `from` where bits of `into` left. The other
 * shift of `from` by 64 - amount is two shifts: the amount may be 0. */
static Value funnel(Split *s, Op op, Value into, Value from, const Amount *n)
{
    Op back = op == OP_ishl ? OP_ushr : OP_ishl;
    Value moved = on_two(s, op, into, n->amount);
    Value first = on_two(s, back, from, constant(s, 1));
    return on_two(s, OP_bor, moved, on_two(s, back, first, n->others));
}

void split_ishl(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 0);
    Amount n = amount_of(s, i);
    Value low = on_two(s, OP_ishl, x.low, n.amount);
    Halves near = {low, funnel(s, OP_ishl, x.high, x.low, &n)}, far = {constant(s, 0), low};
    give(s, i, choose_halves(s, n.far, far, near));
}

/* with: the shift of the high half, which says what comes from above */
void split_shr(Split *s, const InstData *i, const SplitRow *row)
{
    Halves x = halves(s, i, 0);
    Amount n = amount_of(s, i);
    bool sign = row->with[0] == OP_sshr;
    Value high = on_two(s, row->with[0], x.high, n.amount);
    Value above = sign ? on_two(s, OP_sshr, x.high, constant(s, 63)) : constant(s, 0);
    Halves near = {funnel(s, OP_ushr, x.low, x.high, &n), high}, far = {high, above};
    give(s, i, choose_halves(s, n.far, far, near));
}

/* with: a shift in the direction. By 64 or more the halves have changed places. */
void split_rotate(Split *s, const InstData *i, const SplitRow *row)
{
    Halves x = halves(s, i, 0);
    Amount n = amount_of(s, i);
    Halves from = choose_halves(s, n.far, (Halves){x.high, x.low}, x);
    Value low = funnel(s, row->with[0], from.low, from.high, &n);
    give(s, i, (Halves){low, funnel(s, row->with[0], from.high, from.low, &n)});
}

/* -- Bits -------------------------------------------------------------------------------------- */

/* with: the instruction. What stands in one half comes to stand in the other. */
void split_mirrored(Split *s, const InstData *i, const SplitRow *row)
{
    Halves x = halves(s, i, 0);
    Value low = on(s, row->with[0], x.high);
    give(s, i, (Halves){low, on(s, row->with[0], x.low)});
}

/* A result that is a small number */
static void give_small(Split *s, const InstData *i, Value low)
{
    give(s, i, (Halves){low, constant(s, 0)});
}

/* How many bits are 0 in front of the first that is not, `first` being looked at first */
static Value count_zeros(Split *s, Op op, Value first, Value then)
{
    Value more = on_two(s, OP_iadd, on(s, op, then), constant(s, 64));
    return on_three(s, OP_select, first, on(s, op, first), more);
}

void split_clz(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 0);
    give_small(s, i, count_zeros(s, OP_clz, x.high, x.low));
}

void split_ctz(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 0);
    give_small(s, i, count_zeros(s, OP_ctz, x.low, x.high));
}

/* The leading zeros of x ^ (its sign everywhere), without the sign itself */
void split_cls(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 0);
    Value sign = on_two(s, OP_sshr, x.high, constant(s, 63));
    Value low = on_two(s, OP_bxor, x.low, sign), high = on_two(s, OP_bxor, x.high, sign);
    Value zeros = count_zeros(s, OP_clz, high, low);
    give_small(s, i, on_two(s, OP_isub, zeros, constant(s, 1)));
}

void split_popcnt(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 0);
    Value low = on(s, OP_popcnt, x.low);
    give_small(s, i, on_two(s, OP_iadd, low, on(s, OP_popcnt, x.high)));
}

void split_bmask(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Value all = build_unary(&s->b, OP_bmask, TY_i64, truth(s, operand(i, 0)));
    give(s, i, (Halves){all, all});
}
