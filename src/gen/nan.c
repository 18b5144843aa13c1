#include "gen/nan.h"

/* The one NaN, infinity, everything but the sign, of lanes of 16, 32, 64 and 128 bits; of those of
 * 128 the high halves. */
static const struct {
    uint64_t nan, infinity, magnitude;
} layouts[] = {
    {0x7e00, 0x7c00, 0x7fff},
    {0x7fc00000, 0x7f800000, 0x7fffffff},
    {0x7ff8000000000000, 0x7ff0000000000000, 0x7fffffffffffffff},
    {0x7fff800000000000, 0x7fff000000000000, 0x7fffffffffffffff},
};

static unsigned layout_of(Type t) { return (unsigned)__builtin_ctz(type_lane_bits(t)) - 4; }

/* `lane` in all lanes; of 128 bits it is the high half, and `low` the other. */
static Value splat_bits(Fn *fn, Type t, uint64_t lane, uint64_t low)
{
    Bits b = {.u64 = {low, lane}};
    for (unsigned k = 0; type_lane_bits(t) < 128 && k < type_lanes(t); k++)
        bits_set_lane(&b, t, k, lane);
    return gen_bits(fn, t, &b);
}

/* (bits & magnitude) > infinity ? the NaN : bits */
static Value fix_lanes(Fn *fn, Value bits)
{
    Type t = func_type(fn->f, bits);
    unsigned k = layout_of(t);
    Value mask = splat_bits(fn, t, layouts[k].magnitude, ~UINT64_C(0));
    Value size = gen_binary(fn, OP_band, bits, mask);
    Value is_nan = gen_icmp(fn, INTCC_sgt, size, splat_bits(fn, t, layouts[k].infinity, 0));
    Op choice = type_is_vector(t) ? OP_bitselect : OP_select;
    return gen_select(fn, choice, is_nan, splat_bits(fn, t, layouts[k].nan, 0), bits);
}

/* All NaNs, signalling ones too, have more than infinity's bits, once the sign is shifted out: one
 * unsigned minimum makes them equal, and costs the sign. */
static Value fix_without_sign(Fn *fn, Value bits)
{
    Type t = func_type(fn->f, bits);
    uint64_t infinity = layouts[layout_of(t)].infinity << 1;
    Value size = gen_binary_imm(fn, OP_ishl, bits, 1);
    Value most = splat_bits(fn, t, t == TY_i128 ? infinity : infinity + 1, 1);
    return gen_binary(fn, OP_umin, size, most);
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

static Value as_integers(Fn *fn, Choice *c, Value v)
{
    if (value_is_open(fn, v)) return nan_fix_bits(fn, c, v);
    return gen_bitcast(fn, type_int_like(func_type(fn->f, v)), v);
}

Value nan_mix(Fn *fn, Choice *c, Value x, Value y)
{
    unsigned bits = type_lane_bits(func_type(fn->f, x));
    if (bits == 32 || bits == 64) return gen_binary(fn, chance(c, 1, 2) ? OP_fsub : OP_fadd, x, y);
    Type t = func_type(fn->f, x);
    y = as_integers(fn, c, y);
    x = as_integers(fn, c, x);
    return gen_bitcast(fn, t, gen_binary(fn, OP_bxor, x, y));
}
