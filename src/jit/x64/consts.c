/* Constants in registers. Each can be made again anywhere, without touching the flags, so that
 * allocation never spills one. */
#include "jit/x64/lower_local.h"

void set_remat(Lower *l, Reg r, MInst i)
{
    *vec_push(l->a, &l->m->remats) = i;
    mfunc_vreg_of(l->m, r)->remat = l->m->remats.n;
}

static void define(Lower *l, MInst i)
{
    set_remat(l, i.reg[0], i);
    emit_inst(l, i);
}

void load_int(Lower *l, Reg d, unsigned bytes, int64_t n)
{
    uint64_t bits = bytes == 8 ? (uint64_t)n : (uint64_t)n & (((uint64_t)1 << bytes * 8) - 1);
    MInst i = {.reg = {d}, .imm = (int64_t)bits};
    if (bits == (uint32_t)bits) i.form = FORM_mov_u32;
    else if (n == (int32_t)n) i.form = FORM_mov_i_64;
    else i.form = FORM_movabs;
    define(l, i);
}

Reg int_constant(Lower *l, unsigned bytes, int64_t n)
{
    Reg d = temp(l, REG_GPR, bytes < 8 ? 4 : 8);
    load_int(l, d, bytes, n);
    return d;
}

/* An instruction that gives the same bits whatever its register holds; liveness knows it by its
 * operands being one register. */
static MInst idiom(const Lower *l, Form form, Reg d)
{
    return (MInst){.form = (uint16_t)best_form(l, form), .reg = {d, d, d}};
}

void load_bits(Lower *l, Reg d, unsigned bytes, Bits bits)
{
    if (bits.u64[0] == 0 && (bytes <= 8 || bits.u64[1] == 0))
        return define(l, idiom(l, FORM_xorps, d));
    if (bytes == 16 && ~bits.u64[0] == 0 && ~bits.u64[1] == 0)
        return define(l, idiom(l, FORM_pcmpeqd, d));
    Form form = bytes <= 4 ? FORM_movss : bytes == 8 ? FORM_movsd : FORM_movaps;
    MInst i = {
        .form = (uint16_t)best_form(l, form),
        .reg = {d, REG_MEMORY},
        .mem = pool_memory(l->pool, bits),
    };
    define(l, i);
}

Operand pool_operand(Lower *l, Bits bits)
{
    return memory_operand(l, pool_memory(l->pool, bits), TRAP_none);
}
