/* Integer instructions that steps cannot say. */
#include "jit/x64/rule.h"

static Type type(const Lower *l) { return (Type)l->i->type; }
static unsigned bits(const Lower *l) { return type_bits(type(l)); }

bool lower_iconst(Lower *l)
{
    load_int(l, result(l, 0), type_bytes(type(l)), l->i->imm);
    return true;
}

/* x + y where x is needed afterwards: lea leaves it alone. Otherwise add is as good and shorter. */
bool add_by_lea(Lower *l)
{
    Value x = arg(l, 0), y = arg(l, 1);
    int64_t n;
    bool constant = constant_of(l, y, &n);
    if (constant && n != (int32_t)n) return false;
    if (!is_live(l, x) || (!constant && !is_live(l, y))) return false;
    Mem sum = {.base = use(l, x), .index = REG_NONE};
    if (constant) sum.disp = (int32_t)n;
    else sum.index = use(l, y);
    emit(l, form_sized(FORM_lea, bits(l)), result(l, 0), memory_operand(l, sum, TRAP_none),
         NO_OPERAND, 0);
    return true;
}

bool lower_add_trap(Lower *l)
{
    Form form = form_sized(FORM_add, bits(l));
    Reg x = use(l, arg(l, 0));
    emit(l, form, result(l, 0), in_reg(x), use_rm(l, arg(l, 1), bits(l) / 8, 1), 0);
    trap_if(l, COND_b, l->i->trap);
    return true;
}

bool lower_minmax(Lower *l)
{
    Cond c = l->i->op == OP_smin   ? COND_l
             : l->i->op == OP_smax ? COND_nle
             : l->i->op == OP_umin ? COND_b
                                   : COND_nbe;
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    emit_test(l, form_sized(FORM_cmp, bits(l)), in_reg(x), in_reg(y), 0);
    choose(l, type(l), test_one(c), result(l, 0), x, y);
    return true;
}

/* -- Widths ------------------------------------------------------------------------------------ */

/* From 8, 16, 32 bits to 32 or 64. Zeros up to 32 bits are zeros up to 64. */
static Form extending_form(unsigned from, unsigned to, bool sign)
{
    if (!sign) return from == 8 ? FORM_movzxb_32 : from == 16 ? FORM_movzxw_32 : FORM_mov_32;
    if (from == 8) return to == 64 ? FORM_movsxb_64 : FORM_movsxb_32;
    if (from == 16) return to == 64 ? FORM_movsxw_64 : FORM_movsxw_32;
    return to == 64 ? FORM_movsxd : FORM_mov_32;
}

static void extend(Lower *l, Reg d, Operand x, unsigned from, unsigned to, bool sign)
{
    Form form = extending_form(from, to, sign);
    emit(l, form, d, x, NO_OPERAND, 0);
    if (form == FORM_mov_32 && to == 64) keep_last(l);
}

Reg extended32(Lower *l, Value v, bool sign)
{
    unsigned from = type_bits(type_of(l, v));
    if (from >= 32) return use(l, v);
    Reg d = temp(l, REG_GPR, 4);
    extend(l, d, use_rm(l, v, from / 8, 1), from, 32, sign);
    return d;
}

bool lower_uextend(Lower *l)
{
    Value x = arg(l, 0);
    unsigned from = type_bits(type_of(l, x));
    bool fused = can_fuse(l, x, from / 8, 1);
    bool zero = from == 32 && !fused && upper_half_is_zero(l, x);
    if (zero && allows(l, REWRITE_extension_dropped)) copy(l, result(l, 0), use(l, x));
    else extend(l, result(l, 0), use_rm(l, x, from / 8, 1), from, bits(l), false);
    return true;
}

bool lower_sextend(Lower *l)
{
    unsigned from = type_bits(type_of(l, arg(l, 0)));
    extend(l, result(l, 0), use_rm(l, arg(l, 0), from / 8, 1), from, bits(l), true);
    return true;
}

bool lower_ireduce(Lower *l)
{
    copy(l, result(l, 0), use(l, arg(l, 0)));
    return true;
}

/* An integer of up to 32 bits with zeros up to twice as many. */
static Reg in_double_width(Lower *l, Value v)
{
    unsigned from = bits(l);
    Reg d = temp(l, REG_GPR, from == 32 ? 8 : 4);
    extend(l, d, use_rm(l, v, from / 8, 1), from, 2 * from, false);
    return d;
}

bool lower_iconcat(Lower *l)
{
    unsigned width = bits(l) == 32 ? 64 : 32;
    Reg low = in_double_width(l, arg(l, 0)), high = in_double_width(l, arg(l, 1));
    Reg shifted = temp(l, REG_GPR, width / 8);
    with_imm(l, form_sized(FORM_shl_i, width), shifted, high, bits(l));
    binary(l, form_sized(FORM_or, width), result(l, 0), low, shifted);
    return true;
}

/* -- Wide products ----------------------------------------------------------------------------- */

/* The product of rax and y, in rdx and rax */
static void multiply_wide(Lower *l, bool sign, Value x, Value y)
{
    Form form = form_sized(sign ? FORM_imul_wide : FORM_mul_wide, bits(l));
    Reg factor = use(l, x);
    Operand other = use_rm(l, y, bits(l) / 8, 1);
    copy(l, reg_of(REG_rax), factor);
    MInst *i = emit_inst(l, (MInst){.form = (uint16_t)form, .reg = {{REG_rax}, {REG_rdx}}});
    set_operand(l, i, 2, other);
}

bool lower_mulhi(Lower *l)
{
    bool sign = l->i->op == OP_smulhi;
    if (bits(l) > 8) {
        multiply_wide(l, sign, arg(l, 0), arg(l, 1));
        copy(l, result(l, 0), reg_of(REG_rdx));
        return true;
    }
    Reg x = extended32(l, arg(l, 0), sign), y = extended32(l, arg(l, 1), sign);
    Reg product = temp(l, REG_GPR, 4);
    binary(l, FORM_imul_32, product, x, y);
    with_imm(l, FORM_shr_i_32, result(l, 0), product, 8);
    return true;
}

bool lower_umul_overflow(Lower *l)
{
    if (bits(l) > 8) {
        multiply_wide(l, false, arg(l, 0), arg(l, 1));
    } else {
        Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1)), rax = reg_of(REG_rax);
        copy(l, rax, x);
        emit_inst(l, (MInst){.form = FORM_mulb, .reg = {rax, rax, y}});
    }
    copy(l, result(l, 0), reg_of(REG_rax));
    emit_inst(l, (MInst){.form = FORM_setcc, .cond = COND_o, .reg = {result(l, 1)}});
    return true;
}

/* -- Division ---------------------------------------------------------------------------------- */

/* x == the smallest integer and y == -1, told by  (x ^ smallest) | ~y == 0 */
static void trap_if_overflow(Lower *l, Reg x, Reg y, unsigned width)
{
    unsigned bytes = width == 64 ? 8 : 4;
    Reg a = temp(l, REG_GPR, bytes), b = temp(l, REG_GPR, bytes), c = temp(l, REG_GPR, bytes);
    int64_t smallest = (int64_t)((uint64_t)-1 << (width - 1));
    if (width == 64) binary(l, FORM_xor_64, a, x, int_constant(l, 8, smallest));
    else with_imm(l, form_sized(FORM_xor_i, width), a, x, smallest);
    unary(l, form_sized(FORM_not, width), b, y);
    binary(l, form_sized(FORM_or, width), c, a, b);
    trap_if(l, COND_z, TRAP_int_ovf);
}

/* y, or 1 where it is -1: nothing is left over either way, and there is no overflow. */
static Reg harmless_divisor(Lower *l, Reg y, unsigned width)
{
    unsigned bytes = width / 8;
    Reg one = int_constant(l, bytes, 1), d = temp(l, REG_GPR, bytes);
    emit_test(l, form_sized(FORM_cmp_i8, width), in_reg(y), NO_OPERAND, -1);
    choose(l, width == 64 ? TY_i64 : TY_i32, test_one(COND_z), d, one, y);
    return d;
}

static void divide(Lower *l, bool sign, Reg x, Reg y, unsigned width)
{
    Reg rax = reg_of(REG_rax), rdx = reg_of(REG_rdx);
    copy(l, rax, x);
    if (!sign) emit_inst(l, (MInst){.form = FORM_mov_u32, .reg = {rdx}});
    else emit_inst(l, (MInst){.form = width == 64 ? FORM_cqo : FORM_cdq, .reg = {rdx, rax}});
    Form form = form_sized(sign ? FORM_idiv : FORM_div, width);
    emit_inst(l, (MInst){.form = (uint16_t)form, .reg = {rax, rdx, y}});
}

/* Narrow integers are divided in 32 bits, where their quotient cannot overflow the CPU's. */
bool lower_divide(Lower *l)
{
    bool sign = l->i->op == OP_sdiv || l->i->op == OP_srem;
    bool remainder = l->i->op == OP_urem || l->i->op == OP_srem;
    unsigned width = bits(l) == 64 ? 64 : 32;
    int64_t n = 0;
    bool known = constant_of(l, arg(l, 1), &n) && n != 0 && n != -1;
    known = known && allows(l, REWRITE_divisor_known);
    Reg x = extended32(l, arg(l, 0), sign), y = extended32(l, arg(l, 1), sign);
    if (!known) {
        emit_test(l, form_sized(FORM_test, width), in_reg(y), in_reg(y), 0);
        trap_if(l, COND_z, TRAP_int_divz);
        if (l->i->op == OP_sdiv) trap_if_overflow(l, x, y, bits(l));
        if (l->i->op == OP_srem && bits(l) >= 32) y = harmless_divisor(l, y, width);
    }
    divide(l, sign, x, y, width);
    copy(l, result(l, 0), reg_of(remainder ? REG_rdx : REG_rax));
    return true;
}
