#include "jit/x64/lower_local.h"

void written_grow(Lower *l);

void written_grow(Lower *l)
{
    MInst *larger = arena_array_room(l->a, MInst, l->cap * 2);
    memcpy(larger, l->written, l->nwritten * sizeof *larger);
    l->written = larger;
    l->cap *= 2;
}

/* `v`, a virtual register, should be where it is copied from or to. Copies are met from the last to
 * the first. */
static void give_hint(VReg *v, Reg other)
{
    if (reg_is_physical(other) && v->hint == REG_ANY) v->hint = (uint8_t)other.i;
}

static Form copy_form(Lower *l, Reg d, Reg x)
{
    Reg known = reg_is_virtual(d) ? d : x;
    if (reg_is_physical(known))
        return reg_class(known) == REG_XMM ? best_form(l, FORM_movaps) : FORM_mov_64;
    VReg *v = mfunc_vreg_of(l->m, known);
    give_hint(v, reg_is_virtual(d) ? x : d);
    if (v->class == REG_XMM) return best_form(l, FORM_movaps);
    return v->bytes == 4 ? FORM_mov_32 : FORM_mov_64;
}

void copy(Lower *l, Reg d, Reg x)
{
    if (reg_equal(d, x)) return;
    MInst *i = begin_inst(l, copy_form(l, d, x));
    i->reg[0] = d;
    i->reg[1] = x;
}

/* VEX forms of scalar instructions with one source have another, from which the upper bits come.
 * Any register does; the source itself costs nothing, and a zero depends on nothing. */
static Operand upper_bits(Lower *l, Operand x)
{
    bool xmm = reg_is_virtual(x.reg) && mfunc_vreg_of(l->m, x.reg)->class == REG_XMM;
    if (xmm) return x;
    Reg zero = temp(l, REG_XMM, 16);
    load_bits(l, zero, 16, (Bits){0});
    return in_reg(zero);
}

void set_operand(const Lower *l, MInst *i, unsigned k, Operand x)
{
    i->reg[k] = x.reg;
    if (!is_memory(x)) return;
    i->mem = l->accesses.at[x.access].mem;
    i->trap = l->accesses.at[x.access].trap;
}

void emit_sources(Lower *l, Form form, Reg d, const Operand *sources, unsigned n, int64_t imm)
{
    unsigned roles = form_roles[form], role = roles & ROLE_USE_DEF, count = roles_count(roles);
    bool defines = role & ROLE_DEF, widens = role == ROLE_DEF && count == n + 2;
    Operand upper = widens ? upper_bits(l, sources[0]) : NO_OPERAND;
    if (role == ROLE_USE_DEF) {
        CHECK(n > 0 && !is_memory(sources[0]));
        copy(l, d, sources[0].reg);
        sources++;
    }
    MInst *i = begin_inst(l, form);
    unsigned k = 0;
    i->imm = imm;
    if (defines) i->reg[k++] = d;
    if (widens) set_operand(l, i, k++, upper);
    CHECK(k + n == count + (role == ROLE_USE_DEF));
    for (; k < count; k++) set_operand(l, i, k, *sources++);
}

void emit(Lower *l, Form form, Reg d, Operand x, Operand y, int64_t imm)
{
    Operand sources[] = {x, y};
    unsigned n = reg_equal(x.reg, REG_NONE) ? 0 : reg_equal(y.reg, REG_NONE) ? 1 : 2;
    emit_sources(l, form, d, sources, n, imm);
}

void emit_test(Lower *l, Form form, Operand x, Operand y, int64_t imm)
{
    unsigned count = roles_count(form_roles[form]);
    MInst *i = begin_inst(l, form);
    i->imm = imm;
    set_operand(l, i, 0, x);
    if (count > 1) set_operand(l, i, 1, y);
}

void jump_if(Lower *l, Cond cond, uint32_t label)
{
    MInst *i = begin_inst(l, FORM_jcc);
    i->cond = (uint8_t)cond;
    i->imm = label;
}

void trap_if(Lower *l, Cond cond, TrapCode code)
{
    jump_if(l, cond, label_of(LABEL_trap, code));
}

void unary(Lower *l, Form form, Reg d, Reg x)
{
    emit(l, best_form(l, form), d, in_reg(x), NO_OPERAND, 0);
}

void binary(Lower *l, Form form, Reg d, Reg x, Reg y)
{
    emit(l, best_form(l, form), d, in_reg(x), in_reg(y), 0);
}

void with_imm(Lower *l, Form form, Reg d, Reg x, int64_t n)
{
    emit(l, best_form(l, form), d, in_reg(x), NO_OPERAND, n);
}

void with_bits(Lower *l, Form form, Reg d, Reg x, Bits bits)
{
    emit(l, best_form(l, form), d, in_reg(x), pool_operand(l, bits), 0);
}

Reg xmm(Lower *l)
{
    return temp(l, REG_XMM, 16);
}

Reg packed(Lower *l, Form form, Reg x, Reg y)
{
    Reg d = xmm(l);
    binary(l, form, d, x, y);
    return d;
}

Reg packed_imm(Lower *l, Form form, Reg x, int64_t n)
{
    Reg d = xmm(l);
    with_imm(l, form, d, x, n);
    return d;
}

Reg packed_bits(Lower *l, Form form, Reg x, Bits bits)
{
    Reg d = xmm(l);
    with_bits(l, form, d, x, bits);
    return d;
}
