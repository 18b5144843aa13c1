/* Scalar floats: constants, rounding, conversions. Without branches: a block has its jumps at its
 * end. */
#include "jit/x64/rule.h"

#include <math.h>

typedef struct {
    bool wide; /* f64 */
} Width;

static Width width_of(Type t) { return (Width){type_lane(t) == TY_f64}; }

static Form pick(const Lower *l, Width w, Form single, Form both)
{
    return best_form(l, w.wide ? both : single);
}

static Reg xmm(Lower *l) { return temp(l, REG_XMM, 16); }

/* d := form(x, y) of the width */
static Reg op2(Lower *l, Width w, Form single, Form both, Reg x, Reg y)
{
    Reg d = xmm(l);
    emit(l, pick(l, w, single, both), d, in_reg(x), in_reg(y), 0);
    return d;
}

static Reg op1(Lower *l, Form form, Reg d, Reg x)
{
    emit(l, best_form(l, form), d, in_reg(x), NO_OPERAND, 0);
    return d;
}

static Bits float_bits(Width w, double n)
{
    Bits b = {0};
    if (w.wide) b.f64[0] = b.f64[1] = n;
    else b.f32[0] = b.f32[1] = b.f32[2] = b.f32[3] = (float)n;
    return b;
}

static Reg float_constant(Lower *l, Width w, double n)
{
    Reg d = xmm(l);
    load_bits(l, d, 16, float_bits(w, n));
    return d;
}

static Reg sign_constant(Lower *l, Width w)
{
    return float_constant(l, w, -0.0);
}

bool lower_float_const(Lower *l)
{
    load_bits(l, result(l, 0), type_bytes((Type)l->i->type), bits_of((uint64_t)l->i->imm));
    return true;
}

bool lower_vconst(Lower *l)
{
    Bits b = {0};
    const ConstantData *c = &l->f->constants.at[l->i->entity];
    memcpy(&b, c->bytes, c->n < sizeof b ? c->n : sizeof b);
    load_bits(l, result(l, 0), 16, b);
    return true;
}

/* -- Same bits, other registers ---------------------------------------------------------------- */

bool lower_bitcast(Lower *l)
{
    Type from = type_of(l, arg(l, 0)), to = (Type)l->i->type;
    Reg d = result(l, 0), x = use(l, arg(l, 0));
    bool wide = type_bits(to) == 64;
    if (class_of(from) == class_of(to)) copy(l, d, x);
    else if (class_of(to) == REG_XMM) op1(l, wide ? FORM_movq_xr : FORM_movd_xr, d, x);
    else op1(l, wide ? FORM_movq_rx : FORM_movd_rx, d, x);
    return true;
}

/* -- Rounding ---------------------------------------------------------------------------------- */

typedef enum { ROUND_nearest = 0, ROUND_floor = 1, ROUND_ceil = 2, ROUND_trunc = 3 } Rounding;

/* x through an integer: toward zero. Good below 2^52 (2^23). */
static Reg through_integer(Lower *l, Width w, Reg x)
{
    Reg n = temp(l, REG_GPR, w.wide ? 8 : 4), d = xmm(l);
    op1(l, w.wide ? FORM_cvttsd2si_64 : FORM_cvttss2si_32, n, x);
    return op1(l, w.wide ? FORM_cvtsi2sd_64 : FORM_cvtsi2ss_32, d, n);
}

/* mask of x < y */
static Reg less_mask(Lower *l, Width w, Reg x, Reg y)
{
    Reg d = xmm(l);
    emit(l, pick(l, w, FORM_cmpss, FORM_cmpsd), d, in_reg(x), in_reg(y), 1);
    return d;
}

/* All 128 bits of both. */
static Reg logic(Lower *l, Form form, Reg x, Reg y)
{
    Reg d = xmm(l);
    emit(l, best_form(l, form), d, in_reg(x), in_reg(y), 0);
    return d;
}

static Reg both_bits(Lower *l, Reg x, Reg y) { return logic(l, FORM_pand, x, y); }
static Reg bits_without(Lower *l, Reg not, Reg x) { return logic(l, FORM_pandn, not, x); }
static Reg either_bits(Lower *l, Reg x, Reg y) { return logic(l, FORM_por, x, y); }

/* The whole number beside a small x, its sign not yet right for zeros. */
static Reg rounded_small(Lower *l, Width w, Rounding r, Reg x, Reg sign)
{
    if (r == ROUND_nearest) { /* adding 2^52 leaves no room for a fraction */
        Reg big = either_bits(l, float_constant(l, w, w.wide ? 0x1p52 : 0x1p23), sign);
        Reg sum = op2(l, w, FORM_addss, FORM_addsd, x, big);
        return op2(l, w, FORM_subss, FORM_subsd, sum, big);
    }
    Reg whole = through_integer(l, w, x);
    if (r == ROUND_trunc) return whole;
    Reg past = r == ROUND_floor ? less_mask(l, w, x, whole) : less_mask(l, w, whole, x);
    Reg one = both_bits(l, past, float_constant(l, w, 1));
    if (r == ROUND_floor) return op2(l, w, FORM_subss, FORM_subsd, whole, one);
    return op2(l, w, FORM_addss, FORM_addsd, whole, one);
}

static bool lower_round(Lower *l, Rounding r)
{
    Type t = (Type)l->i->type;
    Width w = width_of(t);
    Reg x = use(l, arg(l, 0));
    if (has_feature(l, FEATURE_SSE41)) {
        emit(l, pick(l, w, FORM_roundss, FORM_roundsd), result(l, 0), in_reg(x), NO_OPERAND, r | 8);
        return true;
    }
    Reg sign_bit = sign_constant(l, w);
    Reg sign = both_bits(l, sign_bit, x), magnitude = bits_without(l, sign_bit, x);
    Reg small = less_mask(l, w, magnitude, float_constant(l, w, w.wide ? 0x1p52 : 0x1p23));
    Reg whole = either_bits(l, rounded_small(l, w, r, x, sign), sign);
    Reg taken = both_bits(l, small, whole), left = bits_without(l, small, x);
    emit(l, best_form(l, FORM_por), result(l, 0), in_reg(taken), in_reg(left), 0);
    return true;
}

bool lower_ceil(Lower *l) { return lower_round(l, ROUND_ceil); }
bool lower_floor(Lower *l) { return lower_round(l, ROUND_floor); }
bool lower_trunc(Lower *l) { return lower_round(l, ROUND_trunc); }
bool lower_nearest(Lower *l) { return lower_round(l, ROUND_nearest); }

/* -- From integers ----------------------------------------------------------------------------- */

static Form form_from_int(const Lower *l, Width w, bool from64)
{
    return from64 ? pick(l, w, FORM_cvtsi2ss_64, FORM_cvtsi2sd_64)
                  : pick(l, w, FORM_cvtsi2ss_32, FORM_cvtsi2sd_32);
}

/* A narrower integer in a register of 32 bits, or a u32 in one of 64. */
static Reg widened(Lower *l, Value v, bool sign)
{
    unsigned bits = type_bits(type_of(l, v));
    Reg d = temp(l, REG_GPR, bits == 32 ? 8 : 4);
    Form form = bits == 8    ? (sign ? FORM_movsxb_32 : FORM_movzxb_32)
                : bits == 16 ? (sign ? FORM_movsxw_32 : FORM_movzxw_32)
                             : FORM_mov_32;
    emit(l, form, d, in_reg(use(l, v)), NO_OPERAND, 0);
    if (form == FORM_mov_32) l->group[l->ngroup - 1].extra = MARK_keep;
    return d;
}

bool lower_fcvt_from_sint(Lower *l)
{
    Width w = width_of((Type)l->i->type);
    unsigned bits = type_bits(type_of(l, arg(l, 0)));
    Reg x = bits < 32 ? widened(l, arg(l, 0), true) : use(l, arg(l, 0));
    emit(l, form_from_int(l, w, bits == 64), result(l, 0), in_reg(x), NO_OPERAND, 0);
    return true;
}

/* Above 2^63: half of it, the lost bit kept for rounding, converted and doubled. */
static void from_u64(Lower *l, Width w, Reg d, Reg x)
{
    Reg half = temp(l, REG_GPR, 8), odd = temp(l, REG_GPR, 8), sticky = temp(l, REG_GPR, 8);
    Reg operand = temp(l, REG_GPR, 8), top = temp(l, REG_GPR, 8), mask = xmm(l), converted = xmm(l);
    emit(l, FORM_shr_i_64, half, in_reg(x), NO_OPERAND, 1);
    emit(l, FORM_and_i8_64, odd, in_reg(x), NO_OPERAND, 1);
    emit(l, FORM_or_64, sticky, in_reg(half), in_reg(odd), 0);
    emit_test(l, FORM_test_64, in_reg(x), in_reg(x), 0);
    emit(l, FORM_cmovcc_64, operand, in_reg(x), in_reg(sticky), 0);
    l->group[l->ngroup - 1].cond = COND_s;
    emit(l, form_from_int(l, w, true), converted, in_reg(operand), NO_OPERAND, 0);
    emit(l, FORM_sar_i_64, top, in_reg(x), NO_OPERAND, 63);
    op1(l, FORM_movq_xr, mask, top);
    Reg again = both_bits(l, mask, converted);
    emit(l, pick(l, w, FORM_addss, FORM_addsd), d, in_reg(converted), in_reg(again), 0);
}

bool lower_fcvt_from_uint(Lower *l)
{
    Width w = width_of((Type)l->i->type);
    unsigned bits = type_bits(type_of(l, arg(l, 0)));
    if (bits == 64) {
        from_u64(l, w, result(l, 0), use(l, arg(l, 0)));
        return true;
    }
    Reg x = widened(l, arg(l, 0), false);
    emit(l, form_from_int(l, w, bits == 32), result(l, 0), in_reg(x), NO_OPERAND, 0);
    return true;
}

/* -- To integers ------------------------------------------------------------------------------- */

static const Width f64 = {true};

/* The operand as f64, which holds every f32 and every bound exactly. */
static Reg promoted(Lower *l, Value v)
{
    Reg x = use(l, v);
    if (type_of(l, v) == TY_f64) return x;
    return op1(l, FORM_cvtss2sd, xmm(l), x);
}

/* Compares x with y, unordered impossible; the flags are those of an unsigned comparison. */
static void compare(Lower *l, Reg x, Reg y)
{
    emit_test(l, best_form(l, FORM_ucomisd), in_reg(x), in_reg(y), 0);
}

/* x in [0, 2^64): what is too large for a signed conversion gives 2^63, and the rest is converted
 * by itself. */
static Reg to_u64(Lower *l, Reg d, Reg x)
{
    Reg low = temp(l, REG_GPR, 8), high = temp(l, REG_GPR, 8), over = temp(l, REG_GPR, 8);
    Reg taken = temp(l, REG_GPR, 8);
    Reg rest = op2(l, f64, FORM_subsd, FORM_subsd, x, float_constant(l, f64, 0x1p63));
    op1(l, FORM_cvttsd2si_64, low, x);
    op1(l, FORM_cvttsd2si_64, high, rest);
    emit(l, FORM_sar_i_64, over, in_reg(low), NO_OPERAND, 63);
    emit(l, FORM_and_64, taken, in_reg(high), in_reg(over), 0);
    emit(l, FORM_or_64, d, in_reg(low), in_reg(taken), 0);
    return d;
}

/* x is in range. */
static void convert_in_range(Lower *l, bool sign, unsigned bits, Reg d, Reg x)
{
    if (bits == 64 && !sign) to_u64(l, d, x);
    else if (bits == 64 || (bits == 32 && !sign)) op1(l, FORM_cvttsd2si_64, d, x);
    else op1(l, FORM_cvttsd2si_32, d, x);
}

/* Traps unless the truncated x fits: x < 2^bits and x > -1, or the like for signed; -2^63 - 1 is no
 * f64, so there -2^63 itself is the bound. */
static void trap_out_of_range(Lower *l, bool sign, unsigned bits, Reg x)
{
    double above = ldexp(1, (int)bits - sign);
    bool exact = sign && bits == 64;
    double below = exact ? -above : sign ? -above - 1 : -1;
    compare(l, x, float_constant(l, f64, above));
    trap_if(l, COND_nb, TRAP_int_ovf);
    compare(l, x, float_constant(l, f64, below));
    trap_if(l, exact ? COND_b : COND_be, TRAP_int_ovf);
}

static bool lower_fcvt_to(Lower *l, bool sign)
{
    unsigned bits = type_bits((Type)l->i->type);
    Reg x = promoted(l, arg(l, 0));
    compare(l, x, x);
    trap_if(l, COND_p, TRAP_bad_toint);
    trap_out_of_range(l, sign, bits, x);
    convert_in_range(l, sign, bits, result(l, 0), x);
    return true;
}

bool lower_fcvt_to_sint(Lower *l) { return lower_fcvt_to(l, true); }
bool lower_fcvt_to_uint(Lower *l) { return lower_fcvt_to(l, false); }

/* maxsd and minsd give their second operand when one is a NaN. */
static Reg max_of(Lower *l, Reg x, Reg y) { return op2(l, f64, FORM_maxsd, FORM_maxsd, x, y); }
static Reg min_of(Lower *l, Reg x, Reg y) { return op2(l, f64, FORM_minsd, FORM_minsd, x, y); }

/* x, but 0 for a NaN */
static Reg without_nan(Lower *l, Reg x)
{
    Reg ordered = xmm(l);
    emit(l, best_form(l, FORM_cmpsd), ordered, in_reg(x), in_reg(x), 7);
    return both_bits(l, ordered, x);
}

/* All bits set when x >= bound. */
static Reg reaches(Lower *l, Reg x, double bound)
{
    Reg byte = temp(l, REG_GPR, 4), word = temp(l, REG_GPR, 8), mask = temp(l, REG_GPR, 8);
    compare(l, x, float_constant(l, f64, bound));
    emit_inst(l, (MInst){.form = FORM_setcc, .cond = COND_nb, .reg = {byte}});
    emit(l, FORM_movzxb_32, word, in_reg(byte), NO_OPERAND, 0);
    emit(l, FORM_neg_64, mask, in_reg(word), NO_OPERAND, 0);
    return mask;
}

bool lower_fcvt_to_uint_sat(Lower *l)
{
    unsigned bits = type_bits((Type)l->i->type);
    Reg x = max_of(l, promoted(l, arg(l, 0)), float_constant(l, f64, 0));
    if (bits < 64) {
        x = min_of(l, x, float_constant(l, f64, ldexp(1, (int)bits) - 1));
        convert_in_range(l, false, bits, result(l, 0), x);
        return true;
    }
    Reg n = to_u64(l, temp(l, REG_GPR, 8), x);
    emit(l, FORM_or_64, result(l, 0), in_reg(n), in_reg(reaches(l, x, 0x1p64)), 0);
    return true;
}

/* Out of range the CPU gives the smallest number: right below, its complement above. */
bool lower_fcvt_to_sint_sat(Lower *l)
{
    unsigned bits = type_bits((Type)l->i->type);
    Reg x = without_nan(l, promoted(l, arg(l, 0)));
    if (bits < 64) {
        double bound = ldexp(1, (int)bits - 1);
        x = max_of(l, x, float_constant(l, f64, -bound));
        x = min_of(l, x, float_constant(l, f64, bound - 1));
        convert_in_range(l, true, bits, result(l, 0), x);
        return true;
    }
    Reg n = op1(l, FORM_cvttsd2si_64, temp(l, REG_GPR, 8), x);
    emit(l, FORM_xor_64, result(l, 0), in_reg(n), in_reg(reaches(l, x, 0x1p63)), 0);
    return true;
}

/* -- Fused multiply-add without the feature: the C library's, which rounds once ----------------- */

static Reg helper_address(Lower *l, bool wide)
{
    double (*both)(double, double, double) = fma;
    float (*single)(float, float, float) = fmaf;
    return int_constant(l, 8, wide ? (int64_t)(uintptr_t)both : (int64_t)(uintptr_t)single);
}

bool lower_fma_call(Lower *l)
{
    Reg values[3];
    for (unsigned k = 0; k < 3; k++) values[k] = use(l, arg(l, k));
    Reg target = helper_address(l, (Type)l->i->type == TY_f64);
    uint32_t site = l->m->calls.n;
    RegSet first = (RegSet)1 << REG_xmm0;
    *vec_push(l->a, &l->m->calls) = (MCall){
        .uses = first | first << 1 | first << 2,
        .defs = first,
        .clobbers = abi_clobbers(),
        .callee = NO_INDEX,
    };
    for (unsigned k = 0; k < 3; k++) copy(l, reg_of(REG_xmm0 + k), values[k]);
    emit_inst(l, (MInst){.form = FORM_call_rm, .imm = site, .reg = {target}});
    copy(l, result(l, 0), reg_of(REG_xmm0));
    return true;
}
