/* Vectors of floats to vectors of integers and back, of as many lanes. */
#include "jit/x64/rule.h"

#include <math.h>

static Reg zero(Lower *l)
{
    Reg d = xmm(l);
    load_bits(l, d, 16, (Bits){0});
    return d;
}

static Bits dwords(uint32_t n)
{
    uint64_t two = (uint64_t)n << 32 | n;
    return (Bits){.u64 = {two, two}};
}

static Bits quads(uint64_t n) { return (Bits){.u64 = {n, n}}; }

static Bits floats(double n)
{
    Bits b;
    for (unsigned k = 0; k < 4; k++) b.f32[k] = (float)n;
    return b;
}

/* The second of two lanes, in the lowest place */
static Reg second_lane(Lower *l, Reg x, unsigned bits)
{
    return packed_imm(l, FORM_pshufd, x, bits == 64 ? 0xee : 0x55);
}

static Form interleave_form(unsigned bits)
{
    static const uint16_t forms[] = {FORM_punpcklbw, FORM_punpcklwd, FORM_punpckldq,
                                     FORM_punpcklqdq};
    return (Form)forms[__builtin_ctz(bits / 8)];
}

/* -- From integers ----------------------------------------------------------------------------- */

/* The lowest lanes, of 8 or 16 bits, in 32 */
static Reg widen_to_dwords(Lower *l, Reg x, unsigned from, bool sign)
{
    for (unsigned bits = from; bits < 32; bits *= 2)
        x = packed(l, interleave_form(bits), x, sign ? x : zero(l));
    return sign ? packed_imm(l, FORM_psrad_i, x, 32 - from) : x;
}

/* The halves, exact as floats; their sum rounds once. */
static void u32_to_f32(Lower *l, Reg d, Reg x)
{
    Reg high = xmm(l), low = xmm(l);
    unary(l, FORM_cvtdq2ps, high, packed_imm(l, FORM_psrld_i, x, 16));
    unary(l, FORM_cvtdq2ps, low, packed_bits(l, FORM_pand, x, dwords(0xffff)));
    binary(l, FORM_addps, d, packed_bits(l, FORM_mulps, high, floats(65536)), low);
}

/* 2^52 + x, exact */
static void u32_to_f64(Lower *l, Reg d, Reg x)
{
    Reg sum = packed_bits(l, FORM_punpckldq, x, dwords(0x43300000));
    with_bits(l, FORM_subpd, d, sum, quads(0x4330000000000000));
}

/* 2^52 + low and 2^84 + high * 2^32, both exact. What was added to either is subtracted from the
 * second, still exact, and the sum rounds once. A signed upper half is made unsigned by adding
 * 2^31. */
static void quads_to_f64(Lower *l, Reg d, Reg x, bool sign)
{
    Reg low = packed_bits(l, FORM_pand, x, quads(0xffffffff));
    low = packed_bits(l, FORM_por, low, quads(0x4330000000000000));
    Reg high = packed_imm(l, FORM_psrlq_i, x, 32);
    high = packed_bits(l, FORM_pxor, high, quads(sign ? 0x4530000080000000 : 0x4530000000000000));
    Bits added = {.f64 = {0x1p84 + 0x1p52, 0x1p84 + 0x1p52}};
    if (sign) added.f64[0] = added.f64[1] = 0x1p84 + 0x1p63 + 0x1p52;
    binary(l, FORM_addpd, d, packed_bits(l, FORM_subpd, high, added), low);
}

static void quads_to_f32(Lower *l, Reg d, Reg x, bool sign)
{
    Reg lanes[] = {x, second_lane(l, x, 64)};
    for (unsigned k = 0; k < 2; k++) {
        Reg n = temp(l, REG_GPR, 8), r = xmm(l);
        unary(l, FORM_movq_rx, n, lanes[k]);
        convert_quad(l, r, n, sign, false);
        lanes[k] = r;
    }
    binary(l, FORM_punpckldq, d, lanes[0], lanes[1]);
}

bool lower_from_int_lanes(Lower *l)
{
    Type from = type_of(l, arg(l, 0));
    unsigned bits = type_lane_bits(from);
    bool sign = l->i->op == OP_fcvt_from_sint, wide = type_lane_bits((Type)l->i->type) == 64;
    Reg x = use(l, arg(l, 0)), d = result(l, 0);
    if (bits < 32) {
        x = widen_to_dwords(l, x, bits, sign);
        sign = true; /* as signed as not */
    }
    if (bits == 64) (wide ? quads_to_f64 : quads_to_f32)(l, d, x, sign);
    else if (sign) unary(l, wide ? FORM_cvtdq2pd : FORM_cvtdq2ps, d, x);
    else (wide ? u32_to_f64 : u32_to_f32)(l, d, x);
    return true;
}

/* -- To integers: two lanes, each by itself ---------------------------------------------------- */

typedef void Convert(Lower *l, const ToInt *c);

static void convert_two(Lower *l, bool sign, Convert *convert)
{
    unsigned from = type_lane_bits(type_of(l, arg(l, 0)));
    unsigned to = type_lane_bits((Type)l->i->type);
    Reg x = use(l, arg(l, 0)), lanes[] = {x, second_lane(l, x, from)};
    for (unsigned k = 0; k < 2; k++) {
        ToInt c = {.d = temp(l, REG_GPR, 8), .x = lanes[k], .wide = from == 64, .sign = sign,
                   .bits = to};
        convert(l, &c);
        lanes[k] = xmm(l);
        unary(l, to == 64 ? FORM_movq_xr : FORM_movd_xr, lanes[k], c.d);
    }
    binary(l, interleave_form(to), result(l, 0), lanes[0], lanes[1]);
}

/* -- Four lanes from f32x4 --------------------------------------------------------------------- */

static Reg compare_bits(Lower *l, Bits n, Reg x, int64_t predicate)
{
    Reg d = xmm(l), bound = xmm(l);
    load_bits(l, bound, 16, n);
    emit(l, best_form(l, FORM_cmpps), d, in_reg(bound), in_reg(x), predicate);
    return d;
}

static Reg truncated(Lower *l, Reg x)
{
    Reg d = xmm(l);
    unary(l, FORM_cvttps2dq, d, x);
    return d;
}

/* 0 for NaN */
static Reg known(Lower *l, Reg x)
{
    Reg ordered = xmm(l);
    emit(l, best_form(l, FORM_cmpps), ordered, in_reg(x), in_reg(x), CMP_ORD);
    return packed(l, FORM_andps, x, ordered);
}

/* The CPU gives -2^31 for what is out of range: one less where x is above. */
static void saturate_s32(Lower *l, Reg d, Reg x)
{
    x = known(l, x);
    Reg above = compare_bits(l, floats(0x1p31), x, CMP_LE);
    binary(l, FORM_pxor, d, truncated(l, x), above);
}

/* x below 2^31, and from there on what is above 2^31, up to 2^31 - 1, added to the CPU's -2^31 */
static void saturate_u32(Lower *l, Reg d, Reg x)
{
    x = packed(l, FORM_maxps, x, zero(l)); /* 0 for NaN: then the CPU gives the second operand */
    Reg rest = packed_bits(l, FORM_subps, x, floats(0x1p31));
    Reg above = compare_bits(l, floats(0x1p31), rest, CMP_LE);
    Reg most = packed(l, FORM_pxor, truncated(l, rest), above);
    Reg negative = packed_imm(l, FORM_psrad_i, most, 31);
    Reg more = packed(l, FORM_pandn, negative, most);
    binary(l, FORM_paddd, d, truncated(l, x), more);
}

/* The low words of four doublewords, in the lower half */
static Reg low_words(Lower *l, Reg x)
{
    Reg signs = packed_imm(l, FORM_psrad_i, packed_imm(l, FORM_pslld_i, x, 16), 16);
    return packed(l, FORM_packssdw, signs, signs);
}

/* Up to 16 bits: bounds are exact in f32, so the floats are clamped before they are converted. */
static void saturate_narrow(Lower *l, Reg d, Reg x, unsigned bits, bool sign)
{
    double most = ldexp(1, (int)(bits - sign)) - 1, least = sign ? -most - 1 : 0;
    Reg above = packed_bits(l, FORM_maxps, known(l, x), floats(least));
    Reg words = low_words(l, truncated(l, packed_bits(l, FORM_minps, above, floats(most))));
    if (bits == 16) copy(l, d, words);
    else binary(l, sign ? FORM_packsswb : FORM_packuswb, d, words, words);
}

bool lower_to_int_sat_lanes(Lower *l)
{
    Type t = (Type)l->i->type;
    unsigned bits = type_lane_bits(t);
    bool sign = l->i->op == OP_fcvt_to_sint_sat;
    Reg d = result(l, 0);
    if (type_lanes(t) == 2) convert_two(l, sign, to_int_saturating);
    else if (bits < 32) saturate_narrow(l, d, use(l, arg(l, 0)), bits, sign);
    else (sign ? saturate_s32 : saturate_u32)(l, d, use(l, arg(l, 0)));
    return true;
}

/* Where 16 bits do not hold the number, the word -2^15; the same for bytes. */
static void smallest_if_narrow(Lower *l, Reg d, Reg n, unsigned bits)
{
    unsigned spare = 32 - bits;
    Reg same = packed_imm(l, FORM_psrad_i, packed_imm(l, FORM_pslld_i, n, spare), spare);
    Reg fits = packed(l, FORM_pcmpeqd, n, same);
    Reg smallest = xmm(l);
    load_bits(l, smallest, 16, dwords(UINT32_MAX << (bits - 1)));
    Reg kept = packed(l, FORM_pand, n, fits), others = packed(l, FORM_pandn, fits, smallest);
    Reg words = low_words(l, packed(l, FORM_por, kept, others));
    if (bits == 16) copy(l, d, words);
    else binary(l, FORM_packsswb, d, words, words);
}

bool lower_to_int_or_smallest_lanes(Lower *l)
{
    Type t = (Type)l->i->type;
    unsigned bits = type_lane_bits(t);
    if (type_lanes(t) == 2) {
        convert_two(l, true, to_int_or_smallest);
    } else {
        Reg n = truncated(l, use(l, arg(l, 0)));
        if (bits < 32) smallest_if_narrow(l, result(l, 0), n, bits);
        else copy(l, result(l, 0), n);
    }
    return true;
}
