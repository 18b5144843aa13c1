/* Floats: constants, rounding without the CPU's help. */
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

/* -- Bits -------------------------------------------------------------------------------------- */

void to_xmm(Lower *l, Reg d, Reg x, unsigned bits)
{
    unary(l, bits == 64 ? FORM_movq_xr : FORM_movd_xr, d, x);
}

void from_xmm(Lower *l, Reg d, Reg x, unsigned bits)
{
    unary(l, bits == 64 ? FORM_movq_rx : FORM_movd_rx, d, x);
}

bool lower_bitcast(Lower *l)
{
    Type to = (Type)l->i->type, from = type_of(l, arg(l, 0));
    Reg d = result(l, 0), x = use(l, arg(l, 0));
    if (type_in_xmm(to) == type_in_xmm(from)) copy(l, d, x);
    else if (type_in_xmm(to)) to_xmm(l, d, x, type_bits(to));
    else from_xmm(l, d, x, type_bits(to));
    return true;
}
