/* Floats: rounding without the CPU's help, conversions to and from integers. */
#include "jit/x64/rule.h"

#include <math.h>

static bool is_wide(Type t) { return type_lane_bits(t) == 64; }

/* The number as float bits, in all lanes. */
static Bits lanes_of(double n, bool wide)
{
    Bits b;
    for (unsigned k = 0; k < 4; k++) b.f32[k] = (float)n;
    if (wide) b.f64[0] = b.f64[1] = n;
    return b;
}

static Bits lanes_of_bits(uint64_t n, bool wide)
{
    if (wide) return (Bits){.u64 = {n << 32, n << 32}};
    return (Bits){.u64 = {n << 32 | n, n << 32 | n}};
}

static Form by_width(bool wide, Form narrow_form, Form wide_form)
{
    return wide ? wide_form : narrow_form;
}

bool lower_fconst(Lower *l)
{
    load_bits(l, result(l, 0), type_bytes((Type)l->i->type), bits_of((uint64_t)l->i->imm));
    return true;
}

/* -- Rounding ---------------------------------------------------------------------------------- */

enum { CMP_LT = 1, CMP_ORD = 7 };

/* 1.0 where x < y, else 0.0 */
static Reg one_where_less(Lower *l, Reg x, Reg y, bool wide)
{
    Reg less = xmm(l);
    emit(l, best_form(l, by_width(wide, FORM_cmpps, FORM_cmppd)), less, in_reg(x), in_reg(y),
         CMP_LT);
    return packed_bits(l, FORM_andps, less, lanes_of(1, wide));
}

/* Adding 2^23 (2^52) to a magnitude below it leaves no room for a fraction: the sum is rounded to
 * nearest. That is then set right by one where another direction was asked for, and takes the sign
 * of x. Anything larger, or NaN, stays, times 1 so that NaNs become quiet. */
bool lower_round(Lower *l)
{
    bool wide = is_wide((Type)l->i->type);
    Form add = by_width(wide, FORM_addps, FORM_addpd), sub = by_width(wide, FORM_subps, FORM_subpd);
    Bits limit = lanes_of(wide ? 0x1p52 : 0x1p23, wide);
    Bits sign_bit = lanes_of_bits(0x80000000, wide);
    Reg x = use(l, arg(l, 0));
    Reg sign = packed_bits(l, FORM_andps, x, sign_bit);
    Reg size = packed(l, FORM_xorps, x, sign);
    Reg n = packed_bits(l, sub, packed_bits(l, add, size, limit), limit);
    Reg signed_n = packed(l, FORM_orps, n, sign);
    Reg r = n;
    switch (l->i->op) {
    case OP_trunc: r = packed(l, sub, n, one_where_less(l, size, n, wide)); break;
    case OP_floor: r = packed(l, sub, signed_n, one_where_less(l, x, signed_n, wide)); break;
    case OP_ceil: r = packed(l, add, signed_n, one_where_less(l, signed_n, x, wide)); break;
    }
    r = packed(l, FORM_orps, r, sign);
    Reg small = xmm(l);
    emit(l, best_form(l, by_width(wide, FORM_cmpps, FORM_cmppd)), small, in_reg(size),
         pool_operand(l, limit), CMP_LT);
    Reg same = packed_bits(l, by_width(wide, FORM_mulps, FORM_mulpd), x, lanes_of(1, wide));
    Reg kept = packed(l, FORM_andnps, small, same);
    binary(l, FORM_orps, result(l, 0), packed(l, FORM_andps, r, small), kept);
    return true;
}

/* -- From integers ----------------------------------------------------------------------------- */

static void convert_int(Lower *l, Reg d, bool wide, Operand x, unsigned bits)
{
    Form form = bits == 64 ? by_width(wide, FORM_cvtsi2ss_64, FORM_cvtsi2sd_64)
                           : by_width(wide, FORM_cvtsi2ss_32, FORM_cvtsi2sd_32);
    emit(l, best_form(l, form), d, x, NO_OPERAND, 0);
}

bool lower_from_sint(Lower *l)
{
    unsigned bits = type_bits(type_of(l, arg(l, 0)));
    Operand x = bits >= 32 ? use_rm(l, arg(l, 0), bits / 8, 1)
                           : in_reg(extended32(l, arg(l, 0), true));
    convert_int(l, result(l, 0), is_wide((Type)l->i->type), x, bits);
    return true;
}

/* The halves as 2^52 + low and 2^84 + high * 2^32, both exact; what was added is subtracted and
 * the sum rounds once. */
static void u64_to_f64(Lower *l, Reg x)
{
    Reg a = xmm(l);
    unary(l, FORM_movq_xr, a, x);
    Reg halves = packed_bits(l, FORM_punpckldq, a, (Bits){.u64 = {0x4530000043300000u, 0}});
    Reg exact = packed_bits(l, FORM_subpd, halves,
                            (Bits){.u64 = {0x4330000000000000u, 0x4530000000000000u}});
    Reg high = xmm(l);
    with_imm(l, FORM_pshufd, high, exact, 0xee);
    binary(l, FORM_addsd, result(l, 0), exact, high);
}

/* What has its top bit set is halved, the lost bit kept for rounding, and the result doubled. */
static void u64_to_f32(Lower *l, Reg x)
{
    Reg lost = temp(l, REG_GPR, 8), half = temp(l, REG_GPR, 8), sum = temp(l, REG_GPR, 8);
    with_imm(l, FORM_and_i8_64, lost, x, 1);
    with_imm(l, FORM_shr_i_64, half, x, 1);
    binary(l, FORM_or_64, sum, half, lost);
    Reg part = temp(l, REG_GPR, 8), r = xmm(l);
    emit_test(l, FORM_test_64, in_reg(x), in_reg(x), 0);
    choose(l, TY_i64, test_one(COND_s), part, sum, x);
    convert_int(l, r, false, in_reg(part), 64);
    Reg twice = packed(l, FORM_addss, r, r);
    emit_test(l, FORM_test_64, in_reg(x), in_reg(x), 0);
    choose(l, TY_f32, test_one(COND_s), result(l, 0), twice, r);
}

bool lower_from_uint(Lower *l)
{
    Value v = arg(l, 0);
    unsigned bits = type_bits(type_of(l, v));
    bool wide = is_wide((Type)l->i->type);
    if (bits == 64) {
        if (wide) u64_to_f64(l, use(l, v));
        else u64_to_f32(l, use(l, v));
        return true;
    }
    Reg x = extended32(l, v, false);
    if (bits == 32) {
        Reg zeros_above = temp(l, REG_GPR, 8);
        emit(l, FORM_mov_32, zeros_above, in_reg(x), NO_OPERAND, 0);
        keep_last(l);
        x = zeros_above;
    }
    convert_int(l, result(l, 0), wide, in_reg(x), bits == 32 ? 64 : 32);
    return true;
}

/* -- To integers ------------------------------------------------------------------------------- */

typedef struct {
    Lower *l;
    bool wide;     /* from f64 */
    bool sign;     /* to a signed integer */
    unsigned bits; /* of the integer */
    Reg x;
} ToInt;

static ToInt to_int(Lower *l, bool sign)
{
    return (ToInt){l, is_wide(type_of(l, arg(l, 0))), sign, type_bits((Type)l->i->type),
                   use(l, arg(l, 0))};
}

static void compare(const ToInt *c, Reg x, Operand y)
{
    emit_test(c->l, best_form(c->l, by_width(c->wide, FORM_ucomiss, FORM_ucomisd)), in_reg(x), y,
              0);
}

static Operand bound(const ToInt *c, double n)
{
    return pool_operand(c->l, lanes_of(n, c->wide));
}

static void truncate(const ToInt *c, Reg d, Reg x, unsigned bits)
{
    Form form = bits == 64 ? by_width(c->wide, FORM_cvttss2si_64, FORM_cvttsd2si_64)
                           : by_width(c->wide, FORM_cvttss2si_32, FORM_cvttsd2si_32);
    unary(c->l, form, d, x);
}

/* From [0, 2^64): the CPU gives 2^63 for what it cannot convert, and then the lower 63 bits are
 * those of x - 2^63. */
static void truncate_u64(const ToInt *c, Reg d, Reg x)
{
    Lower *l = c->l;
    Reg low = temp(l, REG_GPR, 8), high = temp(l, REG_GPR, 8), rest = xmm(l);
    Reg is_high = temp(l, REG_GPR, 8), part = temp(l, REG_GPR, 8);
    truncate(c, low, x, 64);
    with_bits(l, by_width(c->wide, FORM_subss, FORM_subsd), rest, x, lanes_of(0x1p63, c->wide));
    truncate(c, high, rest, 64);
    with_imm(l, FORM_sar_i_64, is_high, low, 63);
    binary(l, FORM_and_64, part, high, is_high);
    binary(l, FORM_or_64, d, part, low);
}

/* Some integers' smallest value less 1 is no float: then the smallest itself is the bound. */
static void trap_if_outside(const ToInt *c)
{
    Lower *l = c->l;
    double most = ldexp(1, (int)(c->bits - c->sign));
    bool exact = c->wide ? c->bits < 64 : c->bits < 32;
    compare(c, c->x, in_reg(c->x));
    trap_if(l, COND_p, TRAP_bad_toint);
    if (!c->sign) compare(c, c->x, bound(c, -1));
    else compare(c, c->x, bound(c, exact ? -most - 1 : -most));
    trap_if(l, !c->sign || exact ? COND_be : COND_b, TRAP_int_ovf);
    compare(c, c->x, bound(c, most));
    trap_if(l, COND_nb, TRAP_int_ovf);
}

bool lower_to_int(Lower *l)
{
    ToInt c = to_int(l, l->i->op == OP_fcvt_to_sint);
    trap_if_outside(&c);
    if (c.bits == 64 && !c.sign) truncate_u64(&c, result(l, 0), c.x);
    else truncate(&c, result(l, 0), c.x, c.bits == 64 || (c.bits == 32 && !c.sign) ? 64 : 32);
    return true;
}

/* All bits where the test holds */
static Reg mask_of(Lower *l, Test t)
{
    Reg byte = temp(l, REG_GPR, 4), word = temp(l, REG_GPR, 8), mask = temp(l, REG_GPR, 8);
    materialise(l, t, byte);
    unary(l, FORM_movzxb_32, word, byte);
    unary(l, FORM_neg_64, mask, word);
    return mask;
}

/* Up to 32 bits: bounds are exact in f64, so the float is clamped before it is converted. */
static void saturate_narrow(ToInt *c)
{
    Lower *l = c->l;
    Reg x = c->x, known = xmm(l), above = xmm(l), inside = xmm(l);
    if (!c->wide) {
        x = temp(l, REG_XMM, 8);
        emit(l, best_form(l, FORM_cvtss2sd), x, in_reg(c->x), NO_OPERAND, 0);
        c->wide = true;
    }
    double most = ldexp(1, (int)(c->bits - c->sign)) - 1, least = c->sign ? -most - 1 : 0;
    Reg ordered = xmm(l);
    emit(l, best_form(l, FORM_cmpsd), ordered, in_reg(x), in_reg(x), CMP_ORD);
    binary(l, FORM_andps, known, x, ordered);
    emit(l, best_form(l, FORM_maxsd), above, in_reg(known), bound(c, least), 0);
    emit(l, best_form(l, FORM_minsd), inside, in_reg(above), bound(c, most), 0);
    truncate(c, result(l, 0), inside, c->bits == 32 && !c->sign ? 64 : 32);
}

/* The CPU gives 2^63 for what it cannot convert: one less if x is above, 0 if it is NaN. */
static void saturate_s64(const ToInt *c)
{
    Lower *l = c->l;
    Reg n = temp(l, REG_GPR, 8), flipped = temp(l, REG_GPR, 8);
    truncate(c, n, c->x, 64);
    compare(c, c->x, bound(c, 0x1p63));
    binary(l, FORM_xor_64, flipped, n, mask_of(l, test_one(COND_nb)));
    compare(c, c->x, in_reg(c->x));
    binary(l, FORM_and_64, result(l, 0), flipped, mask_of(l, test_one(COND_np)));
}

/* max(x, 0) is 0 for NaN, because the CPU then gives the second operand. */
static void saturate_u64(const ToInt *c)
{
    Lower *l = c->l;
    Reg zero = xmm(l), x = xmm(l), n = temp(l, REG_GPR, 8);
    load_bits(l, zero, 16, (Bits){0});
    binary(l, by_width(c->wide, FORM_maxss, FORM_maxsd), x, c->x, zero);
    truncate_u64(c, n, x);
    compare(c, x, bound(c, 0x1p64));
    binary(l, FORM_or_64, result(l, 0), n, mask_of(l, test_one(COND_nb)));
}

bool lower_to_int_sat(Lower *l)
{
    ToInt c = to_int(l, l->i->op == OP_fcvt_to_sint_sat);
    if (c.bits < 64) saturate_narrow(&c);
    else if (c.sign) saturate_s64(&c);
    else saturate_u64(&c);
    return true;
}

/* -- Bits -------------------------------------------------------------------------------------- */

bool lower_bitcast(Lower *l)
{
    Type to = (Type)l->i->type, from = type_of(l, arg(l, 0));
    Reg d = result(l, 0), x = use(l, arg(l, 0));
    if (type_in_xmm(to) == type_in_xmm(from)) copy(l, d, x);
    else if (type_bits(to) == 32) unary(l, type_in_xmm(to) ? FORM_movd_xr : FORM_movd_rx, d, x);
    else unary(l, type_in_xmm(to) ? FORM_movq_xr : FORM_movq_rx, d, x);
    return true;
}
