/* Loads, stores, addresses. */
#include "jit/x64/rule.h"

/* The plain load and store of a value. A 16-byte access takes the form that demands alignment when
 * the address is known to have it. */
static Form load_form(Type t, bool aligned)
{
    if (!type_in_xmm(t)) return form_sized(FORM_mov, type_bits(t));
    if (t == TY_f32) return FORM_movss;
    if (t == TY_f64) return FORM_movsd;
    return aligned ? FORM_movaps : FORM_movups;
}

static Form store_form(Type t, bool aligned)
{
    if (!type_in_xmm(t)) return form_sized(FORM_mov_mr, type_bits(t));
    if (t == TY_f32) return FORM_movss_mr;
    if (t == TY_f64) return FORM_movsd_mr;
    return aligned ? FORM_movaps_mr : FORM_movups_mr;
}

/* Narrow integers are loaded with zeros above: a whole register is written. */
static Form scalar_load_form(Type t)
{
    switch (type_bits(t)) {
    case 8: return FORM_movzxb_32;
    case 16: return FORM_movzxw_32;
    }
    return load_form(t, false);
}

bool lower_load(Lower *l)
{
    Type t = (Type)l->i->type;
    Form form = type_in_xmm(t) ? load_form(t, is_aligned(l, l->i, arg(l, 0), 16))
                               : scalar_load_form(t);
    emit(l, best_form(l, form), result(l, 0), access(l, l->i, arg(l, 0)), NO_OPERAND, 0);
    return true;
}

static void store_constant(Lower *l, unsigned bits, int64_t n)
{
    Operand memory = access(l, l->i, arg(l, 1));
    emit_test(l, form_sized(FORM_mov_i, bits), memory, NO_OPERAND, n);
}

bool lower_store(Lower *l)
{
    Value x = arg(l, 0), at = arg(l, 1);
    Type t = type_of(l, x);
    int64_t n;
    if (constant_of(l, x, &n) && n == (int32_t)n) {
        store_constant(l, type_bits(t), n);
        return true;
    }
    Form form = best_form(l, store_form(t, is_aligned(l, l->i, at, 16)));
    Operand memory = access(l, l->i, at);
    emit_test(l, form, memory, in_reg(use(l, x)), 0);
    return true;
}

bool lower_stack_addr(Lower *l)
{
    MInst i = {
        .form = FORM_lea_64,
        .reg = {result(l, 0), REG_MEMORY},
        .mem = {.kind = MEM_SLOT, .slot = l->i->entity, .disp = (int32_t)l->i->imm,
                .index = REG_NONE},
    };
    set_remat(l, i.reg[0], i);
    emit_inst(l, i);
    return true;
}

/* -- Other widths in memory -------------------------------------------------------------------- */

static Form extending_load_form(unsigned bytes, unsigned to, bool sign)
{
    switch (bytes) {
    case 1: return !sign ? FORM_movzxb_32 : to == 64 ? FORM_movsxb_64 : FORM_movsxb_32;
    case 2: return !sign ? FORM_movzxw_32 : to == 64 ? FORM_movsxw_64 : FORM_movsxw_32;
    default: return sign ? FORM_movsxd : FORM_mov_32;
    }
}

static bool lower_extending_load(Lower *l, bool sign)
{
    Type t = (Type)l->i->type;
    Form form = extending_load_form(op_access_bytes((Op)l->i->op, t), type_bits(t), sign);
    emit(l, form, result(l, 0), access(l, l->i, arg(l, 0)), NO_OPERAND, 0);
    return true;
}

bool lower_uload(Lower *l) { return lower_extending_load(l, false); }
bool lower_sload(Lower *l) { return lower_extending_load(l, true); }

bool lower_istore(Lower *l)
{
    unsigned bits = op_access_bytes((Op)l->i->op, (Type)l->i->type) * 8;
    int64_t n;
    if (constant_of(l, arg(l, 0), &n)) {
        store_constant(l, bits, (int64_t)((uint64_t)n << (64 - bits)) >> (64 - bits));
        return true;
    }
    Operand memory = access(l, l->i, arg(l, 1));
    emit_test(l, form_sized(FORM_mov_mr, bits), memory, in_reg(use(l, arg(l, 0))), 0);
    return true;
}
