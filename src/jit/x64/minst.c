#include "jit/x64/minst.h"

static bool is_register_operand(const FormOperand *o, Reg r)
{
    return (o->takes & (TAKES_GPR | TAKES_XMM)) && !reg_equal(r, REG_MEMORY);
}

unsigned minst_regs(MInst *i, RegRef refs[MINST_REFS])
{
    const FormInfo *info = &form_info[i->form];
    unsigned n = 0;
    bool memory = false;
    for (uint8_t k = 0; k < info->operands_n; k++) {
        const FormOperand *o = &info->operand[k];
        memory |= (o->takes & TAKES_MEMORY) && reg_equal(i->reg[k], REG_MEMORY);
        if (!is_register_operand(o, i->reg[k])) continue;
        uint8_t takes = o->takes & (TAKES_GPR | TAKES_XMM);
        refs[n++] = (RegRef){&i->reg[k], o->role, takes, o->fixed, k};
    }
    if (!memory) return n;
    Mem *m = &i->mem;
    if (m->kind == MEM_BASE && !reg_equal(m->base, REG_NONE))
        refs[n++] = (RegRef){&m->base, ROLE_USE, TAKES_GPR, REG_ANY, FORM_OPERANDS};
    if (m->kind != MEM_LABEL && !reg_equal(m->index, REG_NONE))
        refs[n++] = (RegRef){&m->index, ROLE_USE, TAKES_GPR, REG_ANY, FORM_OPERANDS};
    return n;
}

unsigned minst_memory_operand(const MInst *i)
{
    const FormInfo *info = &form_info[i->form];
    for (unsigned k = 0; k < info->operands_n; k++)
        if ((info->operand[k].takes & TAKES_MEMORY) && reg_equal(i->reg[k], REG_MEMORY)) return k;
    return FORM_OPERANDS;
}

/* -- Validity ---------------------------------------------------------------------------------- */

static bool fits(int64_t value, const FormOperand *o)
{
    unsigned bits = o->bytes * 8;
    if (bits == 64) return true;
    if (o->takes & TAKES_UIMM) return (uint64_t)value >> bits == 0;
    int64_t half = (int64_t)1 << (bits - 1);
    return value >= -half && value < half;
}

static const char *register_fault(const FormOperand *o, Reg r, bool allocated)
{
    if (reg_is_virtual(r)) return allocated ? "virtual register" : NULL;
    if (!reg_is_physical(r)) return "no register";
    if (o->fixed != REG_ANY && o->fixed != r.i) return "not the fixed register";
    uint8_t takes = reg_class(r) == REG_GPR ? TAKES_GPR : TAKES_XMM;
    return o->takes & takes ? NULL : "register of the wrong class";
}

static const char *address_register_fault(Reg r, bool allocated)
{
    if (reg_equal(r, REG_NONE)) return NULL;
    if (reg_is_virtual(r)) return allocated ? "virtual register in an address" : NULL;
    return r.i < REG_xmm0 ? NULL : "an address needs general registers";
}

static const char *memory_fault(const Mem *m, bool allocated)
{
    if (m->kind == MEM_LABEL) return NULL;
    if (m->scale > 3) return "no such scale";
    if (m->index.i == REG_rsp) return "rsp as an index";
    const char *fault = address_register_fault(m->index, allocated);
    if (fault || m->kind == MEM_SLOT) return fault;
    return address_register_fault(m->base, allocated);
}

static const char *operand_fault(const MInst *i, unsigned k, bool allocated)
{
    const FormOperand *o = &form_info[i->form].operand[k];
    if (o->takes & (TAKES_IMM | TAKES_UIMM))
        return fits(i->imm, o) ? NULL : "immediate out of range";
    if (o->takes & TAKES_LABEL) return NULL;
    if (!reg_equal(i->reg[k], REG_MEMORY)) return register_fault(o, i->reg[k], allocated);
    return o->takes & TAKES_MEMORY ? memory_fault(&i->mem, allocated) : "memory not allowed";
}

const char *minst_fault(const MInst *i, bool allocated)
{
    if (i->form >= FORM_COUNT || !form_info[i->form].mnemonic) return "no such form";
    if (i->cond >= (form_info[i->form].has_cond ? COND_COUNT : 1)) return "no such condition";
    for (unsigned k = 0; k < form_info[i->form].operands_n; k++) {
        const char *fault = operand_fault(i, k, allocated);
        if (fault) return fault;
    }
    return NULL;
}

/* -- Listing ----------------------------------------------------------------------------------- */

static void print_reg(Reg r, unsigned bits, Buf *out)
{
    if (reg_is_virtual(r)) buf_printf(out, "v%u", r.i - REG_FIRST_VIRTUAL);
    else buf_text(out, reg_name(r, bits));
}

static void print_displacement(int32_t disp, bool first, Buf *out)
{
    uint32_t size = disp < 0 ? -(uint32_t)disp : (uint32_t)disp;
    if (disp == 0 && !first) return;
    buf_printf(out, "%s0x%x", disp < 0 ? "-" : first ? "" : "+", size);
}

static void print_memory(const Mem *m, Buf *out)
{
    bool first = false;
    buf_char(out, '[');
    if (m->kind == MEM_LABEL) buf_printf(out, "L%u", m->label);
    else if (m->kind == MEM_SLOT) buf_printf(out, "ss%u", m->slot);
    else if (reg_equal(m->base, REG_NONE)) first = true;
    else print_reg(m->base, 64, out);
    if (m->kind != MEM_LABEL && !reg_equal(m->index, REG_NONE)) {
        if (!first) buf_char(out, '+');
        print_reg(m->index, 64, out);
        buf_printf(out, "*%u", 1u << m->scale);
        first = false;
    }
    print_displacement(m->disp, first, out);
    buf_char(out, ']');
}

static void print_operand(const MInst *i, unsigned k, Buf *out)
{
    const FormOperand *o = &form_info[i->form].operand[k];
    if (o->takes & TAKES_LABEL) buf_printf(out, "L%u", (unsigned)i->imm);
    else if (o->takes & TAKES_UIMM) buf_printf(out, "0x%llx", (unsigned long long)i->imm);
    else if (o->takes & TAKES_IMM) buf_printf(out, "%lld", (long long)i->imm);
    else if (reg_equal(i->reg[k], REG_MEMORY)) print_memory(&i->mem, out);
    else print_reg(i->reg[k], o->bytes * 8u, out);
}

void minst_print(const MInst *i, Buf *out)
{
    const FormInfo *info = &form_info[i->form];
    buf_text(out, info->mnemonic);
    if (info->has_cond) buf_text(out, cond_name((Cond)i->cond));
    for (unsigned k = 0; k < info->operands_n; k++) {
        buf_text(out, k ? ", " : " ");
        print_operand(i, k, out);
    }
}
