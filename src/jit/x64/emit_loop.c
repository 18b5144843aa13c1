#include "jit/x64/emit_loop.h"

enum { RAX, MEMORY, X, T }; /* operands of FORM_rmw */

/* t := t op x; or, when there is a condition, t := x if it holds behind cmp t, x */
static const struct {
    uint16_t form;
    bool complement; /* t := ~t afterwards */
    uint8_t cond;
} operations[ATOMIC_COUNT] = {
    [ATOMIC_add] = {.form = FORM_add},
    [ATOMIC_sub] = {.form = FORM_sub},
    [ATOMIC_and] = {.form = FORM_and},
    [ATOMIC_nand] = {.form = FORM_and, .complement = true},
    [ATOMIC_or] = {.form = FORM_or},
    [ATOMIC_xor] = {.form = FORM_xor},
    [ATOMIC_xchg] = {.form = FORM_mov},
    [ATOMIC_umin] = {.form = FORM_cmp, .cond = COND_nbe},
    [ATOMIC_umax] = {.form = FORM_cmp, .cond = COND_b},
    [ATOMIC_smin] = {.form = FORM_cmp, .cond = COND_nle},
    [ATOMIC_smax] = {.form = FORM_cmp, .cond = COND_l},
};

static void write(Enc *e, Form row, unsigned bits, Reg x, Reg y)
{
    enc_inst(e, &(MInst){.form = (uint16_t)form_sized(row, bits), .reg = {x, y}});
}

static unsigned at_least_32(unsigned bits) { return bits < 32 ? 32 : bits; }

static void exchange_bytes(Enc *e, unsigned bits, Reg t)
{
    MInst rotate = {.form = FORM_rol_i_16, .reg = {t}, .imm = 8};
    if (bits == 16) enc_inst(e, &rotate);
    else if (bits > 16) write(e, FORM_bswap, bits, t, REG_NONE);
}

static void write_operation(Enc *e, const MInst *i, unsigned bits, AtomicOp op)
{
    Reg t = i->reg[T], x = i->reg[X];
    write(e, (Form)operations[op].form, bits, t, x);
    if (operations[op].complement) write(e, FORM_not, bits, t, REG_NONE);
    if (operations[op].form != FORM_cmp) return;
    Form move = form_sized(FORM_cmovcc, at_least_32(bits));
    enc_inst(e, &(MInst){.form = (uint16_t)move, .cond = operations[op].cond, .reg = {t, x}});
}

uint32_t emit_rmw(Enc *e, const MInst *i)
{
    unsigned bits = form_info[i->form].bits;
    AtomicOp op = (AtomicOp)(i->imm >> 1);
    bool exchanged = i->imm & 1;
    uint32_t again = enc_label(e);
    enc_bind(e, again);
    write(e, FORM_mov, at_least_32(bits), i->reg[T], i->reg[RAX]);
    if (exchanged) exchange_bytes(e, bits, i->reg[T]);
    write_operation(e, i, bits, op);
    if (exchanged) exchange_bytes(e, bits, i->reg[T]);
    uint32_t access = enc_offset(e);
    enc_inst(e, &(MInst){
        .form = (uint16_t)form_sized(FORM_lock_cmpxchg, bits),
        .reg = {i->reg[RAX], REG_MEMORY, i->reg[T]},
        .mem = i->mem,
    });
    enc_inst(e, &(MInst){.form = FORM_jcc, .cond = COND_nz, .imm = again});
    return access;
}
