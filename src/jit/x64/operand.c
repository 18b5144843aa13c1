#include "jit/x64/lower_local.h"

/* Not by shifts through cl, which may leave the register as it was, and not where another 32-bit
 * value is passed on. */
bool upper_half_is_zero(const Lower *l, Value v)
{
    const InstData *d = func_def(l->f, v);
    if (!d || d->type != TY_i32) return false;
    switch (d->op) {
    case OP_iconst: case OP_load: case OP_uload8: case OP_uload16: case OP_sload8: case OP_sload16:
    case OP_iadd: case OP_isub: case OP_imul: case OP_ineg:
    case OP_band: case OP_bor: case OP_bxor: case OP_bnot:
    case OP_uextend: case OP_sextend: case OP_udiv: case OP_urem: case OP_sdiv: case OP_srem:
        return true;
    }
    return false;
}

unsigned spill_bytes(Type t)
{
    unsigned bytes = type_bytes(t);
    return bytes < 4 ? 4 : bytes;
}

/* A load is taken in when it is exactly as wide as the operand, used here alone, and may be
 * executed here. A wider operand would read past the object, a narrower one is another load, and
 * one in big-endian order must exchange bytes. */
bool can_fuse(const Lower *l, Value v, unsigned bytes, unsigned align)
{
    const InstData *d = l->shared ? NULL : def_here(l, v, OP_load);
    if (!d || l->facts->uses[v.i] != 1 || is_live(l, v)) return false;
    if (!fuel_left(l->fuel, PASS_lower)) return false;
    if (type_bytes((Type)d->type) != bytes || d->flags.bits & MEMFLAG_big) return false;
    if (align > 1 && !is_aligned(l, d, inst_args_const(d)[0], align)) return false;
    return facts_may_sink(l->f, l->facts, (Inst){func_value(l->f, v)->owner}, l->at);
}

Operand use_rm(Lower *l, Value v, unsigned bytes, unsigned align)
{
    if (!can_fuse(l, v, bytes, align) || !allows(l, REWRITE_load_sunk)) return in_reg(use(l, v));
    uint32_t load = func_value(l->f, v)->owner;
    const InstData *d = &l->f->insts.at[load];
    l->sunk[load] = true;
    return lower_access(l, d, inst_args_const(d)[0]);
}
