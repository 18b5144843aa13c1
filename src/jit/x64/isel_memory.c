/* Loads, stores, addresses. */
#include "jit/x64/rule.h"

/* By log2 of the bytes from 4 on. */
static const uint16_t xmm_loads[] = {FORM_movss, FORM_movsd, FORM_movups};
static const uint16_t xmm_stores[] = {FORM_movss_mr, FORM_movsd_mr, FORM_movups_mr};

void load_xmm(Lower *l, Reg d, Operand memory, unsigned bytes)
{
    if (bytes > 2) {
        Form form = (Form)xmm_loads[__builtin_ctz(bytes) - 2];
        return emit(l, best_form(l, form), d, memory, NO_OPERAND, 0);
    }
    Reg zero = xmm(l);
    load_bits(l, zero, 16, (Bits){0});
    emit(l, best_form(l, FORM_pinsrw), d, in_reg(zero), memory, 0);
}

void store_xmm(Lower *l, Operand memory, Reg x, unsigned bytes)
{
    if (bytes > 2) {
        Form form = (Form)xmm_stores[__builtin_ctz(bytes) - 2];
        return emit_test(l, best_form(l, form), memory, in_reg(x), 0);
    }
    Reg word = temp(l, REG_GPR, 4);
    with_imm(l, FORM_pextrw, word, x, 0);
    emit_test(l, FORM_mov_mr_16, memory, in_reg(word), 0);
}

/* Narrow integers are loaded with zeros above: a whole register is written. */
static Form scalar_load_form(Type t)
{
    switch (type_bits(t)) {
    case 8: return FORM_movzxb_32;
    case 16: return FORM_movzxw_32;
    }
    return form_sized(FORM_mov, type_bits(t));
}

/* A 16-byte access takes the form that demands alignment when the address is known to have it. */
bool lower_load(Lower *l)
{
    Type t = (Type)l->i->type;
    bool aligned = type_bytes(t) == 16 && is_aligned(l, l->i, arg(l, 0), 16);
    Operand memory = lower_access(l, l->i, arg(l, 0));
    Reg d = result(l, 0);
    if (aligned) emit(l, best_form(l, FORM_movaps), d, memory, NO_OPERAND, 0);
    else if (type_in_xmm(t)) load_xmm(l, d, memory, type_bytes(t));
    else emit(l, scalar_load_form(t), d, memory, NO_OPERAND, 0);
    return true;
}

static const struct {
    uint8_t op;
    uint16_t to_32, to_64; /* zeros up to 32 bits are zeros up to 64 */
} extending_loads[] = {
    {OP_uload8, FORM_movzxb_32, FORM_movzxb_32}, {OP_sload8, FORM_movsxb_32, FORM_movsxb_64},
    {OP_uload16, FORM_movzxw_32, FORM_movzxw_32}, {OP_sload16, FORM_movsxw_32, FORM_movsxw_64},
    {OP_uload32, FORM_mov_32, FORM_mov_32}, {OP_sload32, FORM_mov_32, FORM_movsxd},
};

bool lower_load_extending(Lower *l)
{
    unsigned n = 0;
    while (extending_loads[n].op != l->i->op) n++;
    bool wide = l->i->type == TY_i64;
    Form form = (Form)(wide ? extending_loads[n].to_64 : extending_loads[n].to_32);
    emit(l, form, result(l, 0), lower_access(l, l->i, arg(l, 0)), NO_OPERAND, 0);
    return true;
}

/* -- Stores ------------------------------------------------------------------------------------ */

static void store_constant(Lower *l, unsigned bits, int64_t n)
{
    unsigned spare = 64 - bits;
    Operand memory = lower_access(l, l->i, arg(l, 1));
    int64_t narrow = (int64_t)((uint64_t)n << spare) >> spare;
    emit_test(l, form_sized(FORM_mov_i, bits), memory, NO_OPERAND, narrow);
}

/* The narrowing stores write the low part of an integer. */
bool lower_store(Lower *l)
{
    Value x = arg(l, 0), at = arg(l, 1);
    Type t = type_of(l, x);
    unsigned bits = op_access_bytes((Op)l->i->op, t) * 8;
    int64_t n;
    bool immediate = constant_of(l, x, &n) && (bits < 64 || n == (int32_t)n);
    if (immediate && allows(l, REWRITE_store_immediate)) {
        store_constant(l, bits, n);
        return true;
    }
    bool aligned = bits == 128 && is_aligned(l, l->i, at, 16);
    Operand memory = lower_access(l, l->i, at);
    Reg r = use(l, x);
    if (aligned) emit_test(l, best_form(l, FORM_movaps_mr), memory, in_reg(r), 0);
    else if (type_in_xmm(t)) store_xmm(l, memory, r, bits / 8);
    else emit_test(l, form_sized(FORM_mov_mr, bits), memory, in_reg(r), 0);
    return true;
}

/* -- Operations on memory ---------------------------------------------------------------------- */

static const struct {
    uint8_t op;
    uint16_t with_reg, with_imm, with_imm8;
} memory_forms[] = {
    {OP_iadd, FORM_add_mr, FORM_add_i, FORM_add_i8},
        {OP_isub, FORM_sub_mr, FORM_sub_i, FORM_sub_i8},
    {OP_band, FORM_and_mr, FORM_and_i, FORM_and_i8}, {OP_bor, FORM_or_mr, FORM_or_i, FORM_or_i8},
    {OP_bxor, FORM_xor_mr, FORM_xor_i, FORM_xor_i8},
};

/* The load that reads what this store writes, when it and the operation have no other user and may
 * be executed here; else NULL. */
static const InstData *load_of_target(const Lower *l, Value v)
{
    const InstData *d = def_here(l, v, OP_load);
    if (!d || inst_args_const(d)[0].i != arg(l, 1).i || d->imm != l->i->imm) return NULL;
    return can_fuse(l, v, type_bytes(type_of(l, v)), 1) ? d : NULL;
}

static void operate(Lower *l, unsigned n, const InstData *load, Value other)
{
    unsigned bits = type_bits((Type)load->type);
    int64_t c;
    bool constant = constant_of(l, other, &c) && c == (int32_t)c;
    bool small = constant && bits > 8 && c == (int8_t)c;
    Operand memory = lower_access(l, load, arg(l, 1));
    Access *a = &l->accesses.at[memory.access];
    if (!a->trap) a->trap = facts_access_trap(l->i);
    Form row = (Form)(small      ? memory_forms[n].with_imm8
                      : constant ? memory_forms[n].with_imm
                                 : memory_forms[n].with_reg);
    emit_test(l, form_sized(row, bits), memory, constant ? NO_OPERAND : in_reg(use(l, other)),
              constant ? c : 0);
}

/* Turn this:  v1 = load p+o; v2 = iadd v1, v0; store v2, p+o
 * into this:  add [p+o], v0 */
bool store_operation(Lower *l)
{
    Value x = arg(l, 0);
    if (l->facts->uses[x.i] != 1 || is_live(l, x)) return false;
    const InstData *i = def_in_block(l, x);
    for (unsigned n = 0; i && n < countof(memory_forms); n++) {
        if (i->op != memory_forms[n].op) continue;
        const Value *args = inst_args_const(i);
        bool swap = op_has((Op)i->op, EFFECT_C) && !load_of_target(l, args[0]);
        const InstData *load = load_of_target(l, args[swap]);
        if (!load) return false;
        l->sunk[func_value(l->f, args[swap])->owner] = true;
        l->sunk[func_value(l->f, x)->owner] = true;
        operate(l, n, load, args[!swap]);
        return true;
    }
    return false;
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
