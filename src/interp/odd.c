/* Evaluators of values that are no expression on lanes: constants, choice, conversions between
 * integers and floats, and what moves lanes about. */
#include "interp/engine.h"
#include "interp/float.h"

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

/* Floats to integers and back. */

/* Lane `k` of type `t` as a double, exactly. */
static double float_lane(const Bits *x, Type t, unsigned k)
{
    return type_lane_bits(t) == 32 ? (double)x->f32[k] : x->f64[k];
}

static bool is_plain_float(Interp *in, Type t)
{
    return likely(type_lane_bits(t) == 32 || type_lane_bits(t) == 64) ||
           stop_refused(in, "conversion of type %s", type_name(t));
}

/* No code generator converts floats to i128, and upstream's interpreter saturates where it should
 * trap: there is nothing to compare with. */
static bool converts_to(Interp *in, Type t)
{
    return likely(type_lane_bits(t) <= 64) ||
           stop_refused(in, "conversion of floats to %s", type_name(t));
}

typedef FloatFit ToInteger(double x, unsigned bits, uint64_t *out);

static bool to_integer(Interp *in, const InstData *i, ToInteger *convert)
{
    Type from = func_type(in->f, i->args_.few[0]);
    Bits r = {0};
    if (!is_plain_float(in, from) || !converts_to(in, i->type)) return false;
    switch (convert(float_lane(operand(in, i, 0), from, 0), type_bits(i->type), &r.u64[0])) {
    case FLOAT_fits: break;
    case FLOAT_nan: return stop_trap(in, TRAP_bad_toint);
    case FLOAT_below:
    case FLOAT_above: return stop_trap(in, TRAP_int_ovf);
    }
    *result(in, i) = r;
    return true;
}

bool eval_fcvt_to_uint(Interp *in, const InstData *i)
{
    return to_integer(in, i, float_to_unsigned);
}

bool eval_fcvt_to_sint(Interp *in, const InstData *i)
{
    return to_integer(in, i, float_to_signed);
}

static bool to_integer_lanes(Interp *in, const InstData *i, ToInteger *convert)
{
    Type from = func_type(in->f, i->args_.few[0]), t = i->type;
    Bits r = {0};
    if (!is_plain_float(in, from) || !fits_bits(in, from)) return false;
    if (!converts_to(in, t) || !fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++) {
        uint64_t out;
        convert(float_lane(operand(in, i, 0), from, k), type_lane_bits(t), &out);
        bits_set_lane(&r, t, k, out);
    }
    *result(in, i) = r;
    return true;
}

bool eval_fcvt_to_uint_sat(Interp *in, const InstData *i)
{
    return to_integer_lanes(in, i, float_to_unsigned);
}

bool eval_fcvt_to_sint_sat(Interp *in, const InstData *i)
{
    return to_integer_lanes(in, i, float_to_signed);
}

/* The smallest integer stands for all that does not fit. */
static FloatFit to_signed_or_smallest(double x, unsigned bits, uint64_t *out)
{
    FloatFit fit = float_to_signed(x, bits, out);
    if (fit != FLOAT_fits) *out = UINT64_C(1) << (bits - 1);
    return fit;
}

bool eval_x86_cvtt2dq(Interp *in, const InstData *i)
{
    return to_integer_lanes(in, i, to_signed_or_smallest);
}

static Wide int_lane(const Bits *x, Type t, unsigned k)
{
    return type_lane_bits(t) == 128 ? x->u128 : bits_lane(x, t, k);
}

/* C's conversions of integers round to nearest even. */
static void set_float(Bits *r, unsigned bits, unsigned k, Wide x, bool is_signed)
{
    if (bits == 32) r->f32[k] = is_signed ? (float)(SignedWide)x : (float)x;
    else r->f64[k] = is_signed ? (double)(SignedWide)x : (double)x;
}

static bool from_integer(Interp *in, const InstData *i, bool is_signed)
{
    Type from = func_type(in->f, i->args_.few[0]), t = i->type;
    Bits r = {0};
    if (!is_plain_float(in, t) || !fits_bits(in, from) || !fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++) {
        Wide x = int_lane(operand(in, i, 0), from, k);
        if (is_signed) x = (Wide)sx128(x, type_lane_bits(from));
        set_float(&r, type_lane_bits(t), k, x, is_signed);
    }
    *result(in, i) = r;
    return true;
}

bool eval_fcvt_from_uint(Interp *in, const InstData *i) { return from_integer(in, i, false); }
bool eval_fcvt_from_sint(Interp *in, const InstData *i) { return from_integer(in, i, true); }

/* Between float widths; a NaN becomes the one NaN. */

static void set_promoted(Bits *r, unsigned k, float x)
{
    if (x == x) r->f64[k] = x;
    else r->u64[k] = 0x7ff8000000000000;
}

static void set_demoted(Bits *r, unsigned k, double x)
{
    if (x == x) r->f32[k] = (float)x;
    else r->u32[k] = 0x7fc00000;
}

bool eval_fpromote(Interp *in, const InstData *i)
{
    Type from = func_type(in->f, i->args_.few[0]);
    Bits r = {0};
    if (!is_plain_float(in, from) || !is_plain_float(in, i->type)) return false;
    set_promoted(&r, 0, operand(in, i, 0)->f32[0]);
    *result(in, i) = r;
    return true;
}

bool eval_fdemote(Interp *in, const InstData *i)
{
    Type from = func_type(in->f, i->args_.few[0]);
    Bits r = {0};
    if (!is_plain_float(in, from) || !is_plain_float(in, i->type)) return false;
    set_demoted(&r, 0, operand(in, i, 0)->f64[0]);
    *result(in, i) = r;
    return true;
}

bool eval_fvdemote(Interp *in, const InstData *i)
{
    Bits r = {0};
    for (unsigned k = 0; k < 2; k++) set_demoted(&r, k, operand(in, i, 0)->f64[k]);
    *result(in, i) = r;
    return true;
}

bool eval_fvpromote_low(Interp *in, const InstData *i)
{
    Bits r = {0};
    for (unsigned k = 0; k < 2; k++) set_promoted(&r, k, operand(in, i, 0)->f32[k]);
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
