/* Integer arithmetic that steps cannot say: division, widening, counting bits, choosing. */
#include "jit/x64/rule.h"

static Reg rax(void) { return reg_of(REG_rax); }
static Reg rdx(void) { return reg_of(REG_rdx); }

static unsigned bits_of_type(const Lower *l) { return type_bits((Type)l->i->type); }

/* The width that narrow arithmetic is done in. */
static unsigned wide(unsigned bits) { return bits < 32 ? 32 : bits; }

static Reg wide_temp(Lower *l, unsigned bits)
{
    return temp(l, REG_GPR, wide(bits) / 8);
}

/* -- Widths ------------------------------------------------------------------------------------ */

static Form extending_form(unsigned from, unsigned to, bool sign)
{
    bool to64 = to == 64;
    switch (from) {
    case 8: return !sign ? FORM_movzxb_32 : to64 ? FORM_movsxb_64 : FORM_movsxb_32;
    case 16: return !sign ? FORM_movzxw_32 : to64 ? FORM_movsxw_64 : FORM_movsxw_32;
    default: return sign ? FORM_movsxd : FORM_mov_32;
    }
}

/* d := the value, extended from its own width */
static void extend_into(Lower *l, Reg d, Value v, unsigned to, bool sign)
{
    unsigned from = type_bits(type_of(l, v));
    Form form = extending_form(from, to, sign);
    Operand x = use_rm(l, v, from / 8, 1);
    emit(l, form, d, x, NO_OPERAND, 0);
    if (form == FORM_mov_32 && !is_memory(x)) l->group[l->ngroup - 1].extra = MARK_keep;
}

/* The value in a register of at least 32 bits whose bits above its width are its sign or zeros. */
static Reg extended(Lower *l, Value v, bool sign)
{
    unsigned bits = type_bits(type_of(l, v));
    if (bits >= 32) return use(l, v);
    Reg d = temp(l, REG_GPR, 4);
    extend_into(l, d, v, 32, sign);
    return d;
}

bool lower_uextend(Lower *l)
{
    extend_into(l, result(l, 0), arg(l, 0), bits_of_type(l), false);
    return true;
}

bool lower_sextend(Lower *l)
{
    extend_into(l, result(l, 0), arg(l, 0), bits_of_type(l), true);
    return true;
}

bool lower_ireduce(Lower *l)
{
    copy(l, result(l, 0), use(l, arg(l, 0)));
    return true;
}

/* -- Choosing ---------------------------------------------------------------------------------- */

static void cmov(Lower *l, unsigned bits, Cond cond, Reg d, Reg otherwise, Reg then)
{
    emit(l, form_sized(FORM_cmovcc, wide(bits)), d, in_reg(otherwise), in_reg(then), 0);
    l->group[l->ngroup - 1].cond = (uint8_t)cond;
}

static void choose_int(Lower *l, unsigned bits, Test t, Reg d, Reg x, Reg y)
{
    if (t.how == BOTH) {
        Reg swap = x;
        x = y;
        y = swap;
        t = invert_test(t);
    }
    if (t.how == ONE) return cmov(l, bits, t.first, d, y, x);
    Reg first = wide_temp(l, bits);
    cmov(l, bits, t.first, first, y, x);
    cmov(l, bits, t.second, d, first, x);
}

/* All bits of the vector register are the condition: there is no conditional move for these. */
static Reg vector_mask(Lower *l, Test t)
{
    Reg byte = temp(l, REG_GPR, 4), word = temp(l, REG_GPR, 4), mask = temp(l, REG_GPR, 4);
    Reg low = temp(l, REG_XMM, 16), all = temp(l, REG_XMM, 16);
    materialise(l, t, byte);
    emit(l, FORM_movzxb_32, word, in_reg(byte), NO_OPERAND, 0);
    emit(l, FORM_neg_32, mask, in_reg(word), NO_OPERAND, 0);
    emit(l, best_form(l, FORM_movd_xr), low, in_reg(mask), NO_OPERAND, 0);
    emit(l, best_form(l, FORM_pshufd), all, in_reg(low), NO_OPERAND, 0);
    return all;
}

void choose(Lower *l, Type type, Test t, Reg d, Reg x, Reg y)
{
    if (class_of(type) == REG_GPR) return choose_int(l, type_bits(type), t, d, x, y);
    Reg mask = vector_mask(l, t);
    Reg taken = temp(l, REG_XMM, 16), left = temp(l, REG_XMM, 16);
    emit(l, best_form(l, FORM_pand), taken, in_reg(mask), in_reg(x), 0);
    emit(l, best_form(l, FORM_pandn), left, in_reg(mask), in_reg(y), 0);
    emit(l, best_form(l, FORM_por), d, in_reg(taken), in_reg(left), 0);
}

bool lower_select(Lower *l)
{
    Reg x = use(l, arg(l, 1)), y = use(l, arg(l, 2));
    Test t = test_value(l, arg(l, 0));
    choose(l, (Type)l->i->type, t, result(l, 0), x, y);
    return true;
}

/* Smallest and largest: the condition under which x is taken. */
static bool lower_extreme(Lower *l, Cond takes_x)
{
    unsigned bits = bits_of_type(l);
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    emit_test(l, form_sized(FORM_cmp, bits), in_reg(x), in_reg(y), 0);
    choose_int(l, bits, (Test){.first = takes_x, .how = ONE}, result(l, 0), x, y);
    return true;
}

bool lower_smin(Lower *l) { return lower_extreme(l, COND_l); }
bool lower_smax(Lower *l) { return lower_extreme(l, COND_nle); }
bool lower_umin(Lower *l) { return lower_extreme(l, COND_b); }
bool lower_umax(Lower *l) { return lower_extreme(l, COND_nbe); }

/* x < 1 sets the carry when x is 0: -1 + 0 + carry */
bool lower_bmask(Lower *l)
{
    unsigned bits = type_bits(type_of(l, arg(l, 0))), to = wide(bits_of_type(l));
    Reg minus_one = int_constant(l, to / 8, -1);
    emit_test(l, form_sized(FORM_cmp_i, bits), in_reg(use(l, arg(l, 0))), NO_OPERAND, 1);
    emit(l, form_sized(FORM_adc_i8, to), result(l, 0), in_reg(minus_one), NO_OPERAND, 0);
    return true;
}

bool lower_iabs(Lower *l)
{
    unsigned bits = bits_of_type(l);
    Reg x = extended(l, arg(l, 0), true), negated = wide_temp(l, bits);
    emit(l, form_sized(FORM_neg, wide(bits)), negated, in_reg(x), NO_OPERAND, 0);
    cmov(l, bits, COND_s, result(l, 0), negated, x);
    return true;
}

/* -- Multiplication and division --------------------------------------------------------------- */

/* The upper half of the product: by a wider multiplication, or in rdx. */
static bool lower_mulhi(Lower *l, bool sign)
{
    unsigned bits = bits_of_type(l);
    Reg d = result(l, 0);
    if (bits < 32) {
        Reg x = extended(l, arg(l, 0), sign), y = extended(l, arg(l, 1), sign);
        Reg product = temp(l, REG_GPR, 4);
        emit(l, FORM_imul_32, product, in_reg(x), in_reg(y), 0);
        emit(l, FORM_shr_i_32, d, in_reg(product), NO_OPERAND, bits);
        return true;
    }
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    copy(l, rax(), x);
    emit_inst(l, (MInst){
        .form = (uint16_t)form_sized(sign ? FORM_imul_wide : FORM_mul_wide, bits),
        .reg = {rax(), rdx(), y},
    });
    copy(l, d, rdx());
    return true;
}

bool lower_umulhi(Lower *l) { return lower_mulhi(l, false); }
bool lower_smulhi(Lower *l) { return lower_mulhi(l, true); }

static bool is_nonzero_constant(const Lower *l, Value v, int64_t *n)
{
    return constant_of(l, v, n) && *n != 0;
}

static void trap_if_zero(Lower *l, unsigned bits, Reg y)
{
    emit_test(l, form_sized(FORM_test, wide(bits)), in_reg(y), in_reg(y), 0);
    trap_if(l, COND_z, TRAP_int_divz);
}

/* The smallest number divided by -1: both differences are zero. */
static void trap_if_overflow(Lower *l, unsigned bits, Reg x, Reg y)
{
    unsigned w = wide(bits);
    Reg minus_one = wide_temp(l, bits), least = wide_temp(l, bits), both = wide_temp(l, bits);
    Reg smallest = int_constant(l, w / 8, -(int64_t)((uint64_t)1 << (bits - 1)));
    emit(l, form_sized(FORM_add_i8, w), minus_one, in_reg(y), NO_OPERAND, 1);
    emit(l, form_sized(FORM_xor, w), least, in_reg(x), in_reg(smallest), 0);
    emit(l, form_sized(FORM_or, w), both, in_reg(minus_one), in_reg(least), 0);
    trap_if(l, COND_z, TRAP_int_ovf);
}

/* y, but 1 in the place of -1: then the remainder is 0 without a fault. */
static Reg harmless_divisor(Lower *l, unsigned bits, Reg y)
{
    Reg d = wide_temp(l, bits), instead = int_constant(l, wide(bits) / 8, 1);
    emit_test(l, form_sized(FORM_cmp_i8, wide(bits)), in_reg(y), NO_OPERAND, -1);
    cmov(l, bits, COND_z, d, y, instead);
    return d;
}

static void divide(Lower *l, unsigned bits, bool sign, Reg x, Reg y)
{
    unsigned w = wide(bits);
    copy(l, rax(), x);
    if (!sign) emit_inst(l, (MInst){.form = FORM_mov_u32, .reg = {rdx()}});
    else emit_inst(l, (MInst){.form = w == 64 ? FORM_cqo : FORM_cdq, .reg = {rdx(), rax()}});
    emit_inst(l, (MInst){
        .form = (uint16_t)form_sized(sign ? FORM_idiv : FORM_div, w),
        .reg = {rax(), rdx(), y},
    });
}

static bool lower_division(Lower *l, bool sign, bool remainder)
{
    unsigned bits = bits_of_type(l);
    int64_t n = 0;
    bool known = is_nonzero_constant(l, arg(l, 1), &n);
    Reg x = extended(l, arg(l, 0), sign), y = extended(l, arg(l, 1), sign);
    if (!known) trap_if_zero(l, bits, y);
    bool may_overflow = sign && (!known || n == -1);
    if (may_overflow && !remainder) trap_if_overflow(l, bits, x, y);
    if (may_overflow && remainder && bits >= 32) y = harmless_divisor(l, bits, y);
    divide(l, bits, sign, x, y);
    copy(l, result(l, 0), remainder ? rdx() : rax());
    return true;
}

bool lower_udiv(Lower *l) { return lower_division(l, false, false); }
bool lower_sdiv(Lower *l) { return lower_division(l, true, false); }
bool lower_urem(Lower *l) { return lower_division(l, false, true); }
bool lower_srem(Lower *l) { return lower_division(l, true, true); }

/* -- Counting bits ----------------------------------------------------------------------------- */

/* d := x op n, in at least 32 bits */
static Reg with_constant(Lower *l, Form row, unsigned bits, Reg x, int64_t n)
{
    Reg d = wide_temp(l, bits);
    emit(l, form_sized(row, wide(bits)), d, in_reg(x), NO_OPERAND, n);
    return d;
}

static Reg with_register(Lower *l, Form row, unsigned bits, Reg x, Reg y)
{
    Reg d = wide_temp(l, bits);
    emit(l, form_sized(row, wide(bits)), d, in_reg(x), in_reg(y), 0);
    return d;
}

/* bsr gives the highest bit's number, which is bits - 1 - clz, or nothing for 0: then `for_zero`
 * is what the last step makes `bits` of. */
bool lower_clz(Lower *l)
{
    unsigned bits = bits_of_type(l), w = wide(bits);
    Reg x = extended(l, arg(l, 0), false);
    if (has_feature(l, FEATURE_LZCNT)) {
        Reg count = bits < 32 ? wide_temp(l, bits) : result(l, 0);
        emit(l, form_sized(FORM_lzcnt, w), count, in_reg(x), NO_OPERAND, 0);
        if (bits < 32)
            emit(l, FORM_sub_i8_32, result(l, 0), in_reg(count), NO_OPERAND, 32 - bits);
        return true;
    }
    Reg for_zero = int_constant(l, w / 8, 2 * (int64_t)bits - 1);
    Reg top = with_register(l, FORM_bsr, bits, for_zero, x), either = wide_temp(l, bits);
    cmov(l, bits, COND_z, either, top, for_zero);
    emit(l, form_sized(FORM_xor_i8, w), result(l, 0), in_reg(either), NO_OPERAND, bits - 1);
    return true;
}

/* A bit above narrow values makes 0 count right. */
bool lower_ctz(Lower *l)
{
    unsigned bits = bits_of_type(l), w = wide(bits);
    Reg x = use(l, arg(l, 0));
    if (bits < 32) x = with_constant(l, FORM_or_i, bits, x, (int64_t)1 << bits);
    if (has_feature(l, FEATURE_BMI1)) {
        emit(l, form_sized(FORM_tzcnt, w), result(l, 0), in_reg(x), NO_OPERAND, 0);
        return true;
    }
    Reg for_zero = int_constant(l, w / 8, bits);
    Reg low = with_register(l, FORM_bsf, bits, for_zero, x);
    cmov(l, bits, COND_z, result(l, 0), low, for_zero);
    return true;
}

/* 2 * (x ^ sign) + 1 has its highest bit where the run of signs ends, and is never 0. */
bool lower_cls(Lower *l)
{
    unsigned bits = bits_of_type(l), w = wide(bits);
    Reg x = extended(l, arg(l, 0), true);
    Reg sign = with_constant(l, FORM_sar_i, bits, x, w - 1);
    Reg run = with_register(l, FORM_xor, bits, x, sign), odd = wide_temp(l, bits);
    Operand twice = {
        .reg = REG_MEMORY,
        .mem = {.base = run, .index = run, .disp = 1},
    };
    emit(l, form_sized(FORM_lea, w), odd, twice, NO_OPERAND, 0);
    Reg top = with_register(l, FORM_bsr, bits, odd, odd);
    emit(l, form_sized(FORM_xor_i8, w), result(l, 0), in_reg(top), NO_OPERAND, bits - 1);
    return true;
}

/* ((x >> shift) & mask), the mask of at most 64 bits */
static Reg masked_shift(Lower *l, unsigned bits, Reg x, Reg mask, unsigned shift)
{
    Reg shifted = shift ? with_constant(l, FORM_shr_i, bits, x, shift) : x;
    return with_register(l, FORM_and, bits, shifted, mask);
}

static Reg mask_constant(Lower *l, unsigned bits, uint8_t byte)
{
    return int_constant(l, wide(bits) / 8, (int64_t)(UINT64_C(0x0101010101010101) * byte));
}

/* Sums of neighbouring bits, pairs, nibbles; then of all bytes, by a multiplication (Warren,
 * "Hacker's Delight", 5-1). */
bool lower_popcnt(Lower *l)
{
    unsigned bits = bits_of_type(l), w = wide(bits);
    Reg x = extended(l, arg(l, 0), false);
    if (has_feature(l, FEATURE_POPCNT)) {
        emit(l, form_sized(FORM_popcnt, w), result(l, 0), in_reg(x), NO_OPERAND, 0);
        return true;
    }
    Reg odd = masked_shift(l, bits, x, mask_constant(l, bits, 0x55), 1);
    Reg pairs = with_register(l, FORM_sub, bits, x, odd);
    Reg mask = mask_constant(l, bits, 0x33);
    Reg nibbles = with_register(l, FORM_add, bits, masked_shift(l, bits, pairs, mask, 0),
                                masked_shift(l, bits, pairs, mask, 2));
    Reg upper = with_constant(l, FORM_shr_i, bits, nibbles, 4);
    Reg both = with_register(l, FORM_add, bits, nibbles, upper);
    Reg bytes = with_register(l, FORM_and, bits, both, mask_constant(l, bits, 0x0f));
    Reg sum = with_register(l, FORM_imul, bits, bytes, mask_constant(l, bits, 0x01));
    emit(l, form_sized(FORM_shr_i, w), result(l, 0), in_reg(sum), NO_OPERAND, w - 8);
    return true;
}

/* Exchanges neighbouring groups of `n` bits. */
static Reg swap_groups(Lower *l, unsigned bits, Reg x, unsigned n, uint8_t byte)
{
    Reg mask = mask_constant(l, bits, byte);
    Reg upper = masked_shift(l, bits, x, mask, n), lower = masked_shift(l, bits, x, mask, 0);
    Reg raised = with_constant(l, FORM_shl_i, bits, lower, n);
    return with_register(l, FORM_or, bits, upper, raised);
}

bool lower_bitrev(Lower *l)
{
    unsigned bits = bits_of_type(l), w = wide(bits);
    Reg x = swap_groups(l, bits, use(l, arg(l, 0)), 1, 0x55);
    x = swap_groups(l, bits, x, 2, 0x33);
    x = swap_groups(l, bits, x, 4, 0x0f);
    Reg swapped = bits < 32 ? wide_temp(l, bits) : result(l, 0);
    emit(l, form_sized(FORM_bswap, w), swapped, in_reg(x), NO_OPERAND, 0);
    if (bits < 32)
        emit(l, FORM_shr_i_32, result(l, 0), in_reg(swapped), NO_OPERAND, 32 - bits);
    return true;
}

/* -- Traps ------------------------------------------------------------------------------------- */

bool lower_trap(Lower *l)
{
    emit_inst(l, (MInst){.form = FORM_jmp, .imm = label_of(LABEL_trap, l->i->trap)});
    return true;
}

static void trap_on(Lower *l, Test t)
{
    if (t.how == BOTH) {
        Reg byte = temp(l, REG_GPR, 4);
        materialise(l, t, byte);
        emit_test(l, FORM_test_8, in_reg(byte), in_reg(byte), 0);
        t = (Test){.first = COND_nz, .how = ONE};
    }
    trap_if(l, t.first, l->i->trap);
    if (t.how == EITHER) trap_if(l, t.second, l->i->trap);
}

bool lower_trapz(Lower *l)
{
    trap_on(l, invert_test(test_value(l, arg(l, 0))));
    return true;
}

bool lower_trapnz(Lower *l)
{
    trap_on(l, test_value(l, arg(l, 0)));
    return true;
}
