/* Scalar floats to integers and back. */
#include "jit/x64/rule.h"

#include <math.h>

static bool is_wide(Type t) { return type_lane_bits(t) == 64; }

static Form by_width(bool wide, Form narrow_form, Form wide_form)
{
    return wide ? wide_form : narrow_form;
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
static void u64_to_f64(Lower *l, Reg d, Reg x)
{
    Reg a = xmm(l);
    unary(l, FORM_movq_xr, a, x);
    Reg halves = packed_bits(l, FORM_punpckldq, a, (Bits){.u64 = {0x4530000043300000u, 0}});
    Reg exact = packed_bits(l, FORM_subpd, halves,
                            (Bits){.u64 = {0x4330000000000000u, 0x4530000000000000u}});
    Reg high = xmm(l);
    with_imm(l, FORM_pshufd, high, exact, 0xee);
    binary(l, FORM_addsd, d, exact, high);
}

/* What has its top bit set is halved, the lost bit kept for rounding, and the result doubled. */
static void u64_to_f32(Lower *l, Reg d, Reg x)
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
    choose(l, TY_f32, test_one(COND_s), d, twice, r);
}

void convert_quad(Lower *l, Reg d, Reg x, bool sign, bool wide)
{
    if (sign) convert_int(l, d, wide, in_reg(x), 64);
    else if (wide) u64_to_f64(l, d, x);
    else u64_to_f32(l, d, x);
}

bool lower_from_uint(Lower *l)
{
    Value v = arg(l, 0);
    unsigned bits = type_bits(type_of(l, v));
    bool wide = is_wide((Type)l->i->type);
    if (bits == 64) {
        convert_quad(l, result(l, 0), use(l, v), false, wide);
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

static ToInt to_int(Lower *l, bool sign)
{
    return (ToInt){
        .d = result(l, 0),
        .x = use(l, arg(l, 0)),
        .wide = is_wide(type_of(l, arg(l, 0))),
        .sign = sign,
        .bits = type_bits((Type)l->i->type),
    };
}

static void compare(Lower *l, const ToInt *c, Reg x, Operand y)
{
    emit_test(l, best_form(l, by_width(c->wide, FORM_ucomiss, FORM_ucomisd)), in_reg(x), y, 0);
}

/* The number as float bits, in all lanes. */
static Bits lanes_of(double n, bool wide)
{
    Bits b;
    for (unsigned k = 0; k < 4; k++) b.f32[k] = (float)n;
    if (wide) b.f64[0] = b.f64[1] = n;
    return b;
}

static Operand bound(Lower *l, const ToInt *c, double n)
{
    return pool_operand(l, lanes_of(n, c->wide));
}

static void truncate(Lower *l, const ToInt *c, Reg d, Reg x, unsigned bits)
{
    Form form = bits == 64 ? by_width(c->wide, FORM_cvttss2si_64, FORM_cvttsd2si_64)
                           : by_width(c->wide, FORM_cvttss2si_32, FORM_cvttsd2si_32);
    unary(l, form, d, x);
}

/* From [0, 2^64): the CPU gives 2^63 for what it cannot convert, and then the lower 63 bits are
 * those of x - 2^63. */
static void truncate_u64(Lower *l, const ToInt *c, Reg d, Reg x)
{
    Reg low = temp(l, REG_GPR, 8), high = temp(l, REG_GPR, 8), rest = xmm(l);
    Reg is_high = temp(l, REG_GPR, 8), part = temp(l, REG_GPR, 8);
    truncate(l, c, low, x, 64);
    with_bits(l, by_width(c->wide, FORM_subss, FORM_subsd), rest, x, lanes_of(0x1p63, c->wide));
    truncate(l, c, high, rest, 64);
    with_imm(l, FORM_sar_i_64, is_high, low, 63);
    binary(l, FORM_and_64, part, high, is_high);
    binary(l, FORM_or_64, d, part, low);
}

/* Some integers' smallest value less 1 is no float: then the smallest itself is the bound. */
static void trap_if_outside(Lower *l, const ToInt *c)
{
    double most = ldexp(1, (int)(c->bits - c->sign));
    bool exact = c->wide ? c->bits < 64 : c->bits < 32;
    compare(l, c, c->x, in_reg(c->x));
    trap_if(l, COND_p, TRAP_bad_toint);
    if (!c->sign) compare(l, c, c->x, bound(l, c, -1));
    else compare(l, c, c->x, bound(l, c, exact ? -most - 1 : -most));
    trap_if(l, !c->sign || exact ? COND_be : COND_b, TRAP_int_ovf);
    compare(l, c, c->x, bound(l, c, most));
    trap_if(l, COND_nb, TRAP_int_ovf);
}

bool lower_to_int(Lower *l)
{
    ToInt c = to_int(l, l->i->op == OP_fcvt_to_sint);
    bool by_64 = c.bits == 64 || (c.bits == 32 && !c.sign);
    trap_if_outside(l, &c);
    if (c.bits == 64 && !c.sign) truncate_u64(l, &c, c.d, c.x);
    else truncate(l, &c, c.d, c.x, by_64 ? 64 : 32);
    return true;
}

/* -- To integers, saturating ------------------------------------------------------------------- */

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
static void saturate_narrow(Lower *l, ToInt c)
{
    Reg x = c.x, known = xmm(l), above = xmm(l), inside = xmm(l);
    if (!c.wide) {
        x = temp(l, REG_XMM, 8);
        emit(l, best_form(l, FORM_cvtss2sd), x, in_reg(c.x), NO_OPERAND, 0);
        c.wide = true;
    }
    double most = ldexp(1, (int)(c.bits - c.sign)) - 1, least = c.sign ? -most - 1 : 0;
    Reg ordered = xmm(l);
    emit(l, best_form(l, FORM_cmpsd), ordered, in_reg(x), in_reg(x), CMP_ORD);
    binary(l, FORM_andps, known, x, ordered);
    emit(l, best_form(l, FORM_maxsd), above, in_reg(known), bound(l, &c, least), 0);
    emit(l, best_form(l, FORM_minsd), inside, in_reg(above), bound(l, &c, most), 0);
    truncate(l, &c, c.d, inside, c.bits == 32 && !c.sign ? 64 : 32);
}

/* The CPU gives 2^63 for what it cannot convert: one less if x is above, 0 if it is NaN. */
static void saturate_s64(Lower *l, const ToInt *c)
{
    Reg n = temp(l, REG_GPR, 8), flipped = temp(l, REG_GPR, 8);
    truncate(l, c, n, c->x, 64);
    compare(l, c, c->x, bound(l, c, 0x1p63));
    binary(l, FORM_xor_64, flipped, n, mask_of(l, test_one(COND_nb)));
    compare(l, c, c->x, in_reg(c->x));
    binary(l, FORM_and_64, c->d, flipped, mask_of(l, test_one(COND_np)));
}

/* max(x, 0) is 0 for NaN, because the CPU then gives the second operand. */
static void saturate_u64(Lower *l, const ToInt *c)
{
    Reg zero = xmm(l), x = xmm(l), n = temp(l, REG_GPR, 8);
    load_bits(l, zero, 16, (Bits){0});
    binary(l, by_width(c->wide, FORM_maxss, FORM_maxsd), x, c->x, zero);
    truncate_u64(l, c, n, x);
    compare(l, c, x, bound(l, c, 0x1p64));
    binary(l, FORM_or_64, c->d, n, mask_of(l, test_one(COND_nb)));
}

void to_int_saturating(Lower *l, const ToInt *c)
{
    if (c->bits < 64) saturate_narrow(l, *c);
    else if (c->sign) saturate_s64(l, c);
    else saturate_u64(l, c);
}

bool lower_to_int_sat(Lower *l)
{
    ToInt c = to_int(l, l->i->op == OP_fcvt_to_sint_sat);
    to_int_saturating(l, &c);
    return true;
}

/* As the CPU does it in 32 and 64 bits; narrower ones are checked. */
void to_int_or_smallest(Lower *l, const ToInt *c)
{
    if (c->bits >= 32) return truncate(l, c, c->d, c->x, c->bits);
    Reg n = temp(l, REG_GPR, 4), same = temp(l, REG_GPR, 4);
    truncate(l, c, n, c->x, 32);
    Reg smallest = int_constant(l, 4, -(1 << (c->bits - 1)));
    unary(l, c->bits == 8 ? FORM_movsxb_32 : FORM_movsxw_32, same, n);
    emit_test(l, FORM_cmp_32, in_reg(n), in_reg(same), 0);
    choose(l, TY_i32, test_one(COND_z), c->d, n, smallest);
}

bool lower_to_int_or_smallest(Lower *l)
{
    ToInt c = to_int(l, true);
    to_int_or_smallest(l, &c);
    return true;
}
