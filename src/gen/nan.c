#include "gen/nan.h"

/* The one NaN, infinity, everything but the sign: by width of the lane. */
static uint64_t quiet_nan(unsigned bits)
{
    return bits == 32 ? 0x7fc00000 : UINT64_C(0x7ff8000000000000);
}

static uint64_t infinity(unsigned bits)
{
    return bits == 32 ? 0x7f800000 : UINT64_C(0x7ff0000000000000);
}

static uint64_t magnitude(unsigned bits)
{
    return ~UINT64_C(0) >> (65 - bits);
}

static Value splat_bits(Fn *fn, Type t, uint64_t lane)
{
    Bits b = {0};
    for (unsigned k = 0; k < type_lanes(t); k++) bits_set_lane(&b, t, k, lane);
    return type_is_vector(t) ? gen_vconst(fn, t, &b) : gen_iconst(fn, t, (int64_t)lane);
}

/* (bits & magnitude) > infinity ? the NaN : bits */
static Value fix_lanes(Fn *fn, Value bits)
{
    Type t = func_type(fn->f, bits);
    unsigned width = type_lane_bits(t);
    Value size = gen_binary(fn, OP_band, bits, splat_bits(fn, t, magnitude(width)));
    Value is_nan = gen_icmp(fn, INTCC_sgt, size, splat_bits(fn, t, infinity(width)));
    Op choice = type_is_vector(t) ? OP_bitselect : OP_select;
    return gen_select(fn, choice, is_nan, splat_bits(fn, t, quiet_nan(width)), bits);
}

/* All NaNs, signalling ones too, have more than infinity's bits, once the sign is shifted out: one
 * unsigned minimum makes them equal, and costs the sign. */
static Value fix_without_sign(Fn *fn, Value bits)
{
    Type t = func_type(fn->f, bits);
    unsigned width = type_lane_bits(t);
    Value size = gen_binary_imm(fn, OP_ishl, bits, 1);
    return gen_binary_imm(fn, OP_umin, size, (int64_t)((infinity(width) << 1) + 1));
}

Value nan_fix_integer(Fn *fn, Choice *c, Value bits)
{
    if (!type_is_vector(func_type(fn->f, bits)) && chance(c, 1, 3))
        return fix_without_sign(fn, bits);
    return fix_lanes(fn, bits);
}

Value nan_fix_bits(Fn *fn, Choice *c, Value v)
{
    if (!value_is_open(fn, v)) return v;
    return nan_fix_integer(fn, c, gen_bitcast(fn, type_int_like(func_type(fn->f, v)), v));
}

Value nan_fix(Fn *fn, Choice *c, Value v)
{
    (void)c;
    if (!value_is_open(fn, v)) return v;
    Type t = func_type(fn->f, v);
    return gen_bitcast(fn, t, fix_lanes(fn, gen_bitcast(fn, type_int_like(t), v)));
}
