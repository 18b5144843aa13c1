/* Evaluators of values that are no expression on lanes: constants, choice, and what moves lanes
 * about. */
#include "interp/engine.h"

#include <string.h>

/* Constants. */

static bool give(Interp *in, const InstData *i, uint64_t low)
{
    *result(in, i) = bits_of(low);
    return true;
}

bool eval_iconst(Interp *in, const InstData *i)
{
    return give(in, i, low64((uint64_t)i->imm, type_bits(i->type)));
}

bool eval_f16const(Interp *in, const InstData *i) { return give(in, i, (uint64_t)i->imm); }
bool eval_f32const(Interp *in, const InstData *i) { return give(in, i, (uint64_t)i->imm); }
bool eval_f64const(Interp *in, const InstData *i) { return give(in, i, (uint64_t)i->imm); }

static bool give_constant(Interp *in, const InstData *i)
{
    const ConstantData *c = &in->f->constants.at[i->entity];
    Bits r = {0};
    if (!fits_bits(in, i->type)) return false;
    memcpy(&r, c->bytes, min_u64(c->n, type_bytes(i->type)));
    *result(in, i) = r;
    return true;
}

bool eval_f128const(Interp *in, const InstData *i) { return give_constant(in, i); }
bool eval_vconst(Interp *in, const InstData *i) { return give_constant(in, i); }

/* What there is nothing to do for, with one thread and one order of execution. */

bool eval_nop(Interp *in, const InstData *i) { (void)in; (void)i; return true; }
bool eval_fence(Interp *in, const InstData *i) { (void)in; (void)i; return true; }
bool eval_sequence_point(Interp *in, const InstData *i) { (void)in; (void)i; return true; }

bool eval_get_pinned_reg(Interp *in, const InstData *i) { return give(in, i, in->pinned); }

bool eval_set_pinned_reg(Interp *in, const InstData *i)
{
    in->pinned = operand(in, i, 0)->u64[0];
    return true;
}

/* Choice. */

bool eval_select(Interp *in, const InstData *i)
{
    if (!fits_bits(in, i->type)) return false;
    *result(in, i) = *operand(in, i, is_true(in, i) ? 1 : 2);
    return true;
}

bool eval_select_spectre_guard(Interp *in, const InstData *i) { return eval_select(in, i); }

/* Integers. */

bool eval_isplit(Interp *in, const InstData *i)
{
    unsigned half = type_bits(i->type) / 2;
    Wide x = operand(in, i, 0)->u128;
    result(in, i)[0].u128 = low128(x, half);
    result(in, i)[1].u128 = x >> half;
    return true;
}

bool eval_iconcat(Interp *in, const InstData *i)
{
    unsigned half = type_bits(i->type);
    Wide high = operand(in, i, 1)->u128 << half;
    result(in, i)->u128 = low128(operand(in, i, 0)->u128, half) | high;
    return true;
}

/* The bytes of each lane change their order. */
static void swap_lanes(Bits *b, Type t)
{
    unsigned n = type_lane_bits(t) / 8;
    Bits old = *b;
    for (unsigned k = 0; k < type_bytes(t); k++) b->u8[k] = old.u8[k / n * n + n - 1 - k % n];
}

/* As if stored and loaded again, both with the byte order of the flags. */
bool eval_bitcast(Interp *in, const InstData *i)
{
    Bits r = *operand(in, i, 0);
    if (!fits_bits(in, i->type)) return false;
    if (i->flags.bits & MEMFLAG_big) {
        swap_lanes(&r, func_type(in->f, i->args_.few[0]));
        swap_lanes(&r, i->type);
    }
    *result(in, i) = r;
    return true;
}

/* Lanes. */

bool eval_splat(Interp *in, const InstData *i)
{
    Bits r = {0};
    if (!fits_bits(in, i->type)) return false;
    for (unsigned k = 0; k < type_lanes(i->type); k++)
        bits_set_lane(&r, i->type, k, operand(in, i, 0)->u64[0]);
    *result(in, i) = r;
    return true;
}

bool eval_scalar_to_vector(Interp *in, const InstData *i)
{
    unsigned lane = type_lane_bits(i->type);
    if (!fits_bits(in, i->type)) return false;
    result(in, i)->u128 = low128(operand(in, i, 0)->u128, lane);
    return true;
}

bool eval_insertlane(Interp *in, const InstData *i)
{
    Bits r = *operand(in, i, 0);
    if (!fits_bits(in, i->type)) return false;
    bits_set_lane(&r, i->type, (unsigned)i->imm, operand(in, i, 1)->u64[0]);
    *result(in, i) = r;
    return true;
}

bool eval_extractlane(Interp *in, const InstData *i)
{
    return fits_bits(in, i->type) &&
           give(in, i, bits_lane(operand(in, i, 0), i->type, (unsigned)i->imm));
}

bool eval_shuffle(Interp *in, const InstData *i)
{
    const uint8_t *mask = in->f->constants.at[i->entity].bytes;
    Bits r = {0};
    for (unsigned k = 0; k < 16; k++)
        r.u8[k] = operand(in, i, mask[k] / 16)->u8[mask[k] % 16];
    *result(in, i) = r;
    return true;
}

/* Bytes of x by the indices in y; those from `end` on give 0, others count mod 16. */
static bool pick_bytes(Interp *in, const InstData *i, unsigned end)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    Bits r = {0};
    for (unsigned k = 0; k < 16; k++)
        if (y->u8[k] < end) r.u8[k] = x->u8[y->u8[k] % 16];
    *result(in, i) = r;
    return true;
}

bool eval_swizzle(Interp *in, const InstData *i) { return pick_bytes(in, i, 16); }
bool eval_x86_pshufb(Interp *in, const InstData *i) { return pick_bytes(in, i, 128); }

static bool count_true(Interp *in, const InstData *i, unsigned *n)
{
    Type t = func_type(in->f, i->args_.few[0]);
    *n = 0;
    for (unsigned k = 0; fits_bits(in, t) && k < type_lanes(t); k++)
        *n += bits_lane(operand(in, i, 0), t, k) != 0;
    return fits_bits(in, t);
}

bool eval_vany_true(Interp *in, const InstData *i)
{
    unsigned n;
    return count_true(in, i, &n) && give(in, i, n > 0);
}

bool eval_vall_true(Interp *in, const InstData *i)
{
    unsigned n;
    return count_true(in, i, &n) && give(in, i, n == type_lanes(i->type));
}

bool eval_vhigh_bits(Interp *in, const InstData *i)
{
    Type t = func_type(in->f, i->args_.few[0]);
    uint64_t r = 0;
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++)
        r |= (uint64_t)top64(bits_lane(operand(in, i, 0), t, k), type_lane_bits(t)) << k;
    return give(in, i, low64(r, type_bits(i->type)));
}

bool eval_iadd_pairwise(Interp *in, const InstData *i)
{
    Type t = i->type;
    unsigned n = type_lanes(t);
    Bits r = {0};
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < n; k++) {
        const Bits *from = operand(in, i, 2 * k / n);
        unsigned at = 2 * k % n;
        bits_set_lane(&r, t, k, bits_lane(from, t, at) + bits_lane(from, t, at + 1));
    }
    *result(in, i) = r;
    return true;
}

bool eval_x86_pmaddubsw(Interp *in, const InstData *i)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    Bits r = {0};
    for (unsigned k = 0; k < 8; k++) {
        int even = (int8_t)x->u8[2 * k] * y->u8[2 * k];
        int odd = (int8_t)x->u8[2 * k + 1] * y->u8[2 * k + 1];
        r.u16[k] = (uint16_t)clamp_signed(even + odd, 16);
    }
    *result(in, i) = r;
    return true;
}
