/* Uniform entries: void entry(const void *args, void *results), one 16-byte slot a value.
 *
 * Arguments go from their slots to the places of the convention; a narrow integer is taken with
 * whatever stands above it. Results go to their slots, of which all other bytes become zero.
 */
#include "jit/x64/abi.h"
#include "jit/x64/emit.h"

enum { SLOT = 16 };

typedef struct {
    Emitter *e;
    const Func *f;
    Abi abi;
    bool vex;
} Entry;

static void put(const Entry *p, Form form, Reg x, Reg y, Mem mem, int64_t imm)
{
    Form vex = (Form)form_info[form].vex;
    MInst i = {.form = (uint16_t)(p->vex && vex != FORM_NONE ? vex : form), .reg = {x, y},
               .mem = mem, .imm = imm};
    enc_inst(&p->e->enc, &i);
}

static Mem at(uint32_t base, uint32_t disp)
{
    return (Mem){.base = {base}, .index = REG_NONE, .disp = (int32_t)disp};
}

static void load_to(const Entry *p, Reg to, Mem from)
{
    put(p, reg_class(to) == REG_GPR ? FORM_mov_64 : FORM_movups, to, REG_MEMORY, from, 0);
}

static void store_from(const Entry *p, Mem to, Reg from)
{
    put(p, reg_class(from) == REG_GPR ? FORM_mov_mr_64 : FORM_movups_mr, REG_MEMORY, from, to, 0);
}

/* r11 reads the arguments, xmm15 carries those that go on the stack. */
static void pass_arguments(const Entry *p)
{
    Reg carrier = reg_of(REG_xmm15), rax = reg_of(REG_rax);
    for (uint32_t k = 0; k < p->f->sig.params.n; k++) {
        if (!reg_equal(p->abi.params[k].reg, REG_NONE)) continue;
        bool wide = type_bytes((Type)p->f->sig.params.at[k].type) > 8;
        load_to(p, wide ? carrier : rax, at(REG_r11, k * SLOT));
        store_from(p, at(REG_rsp, p->abi.params[k].offset), wide ? carrier : rax);
    }
    for (uint32_t k = 0; k < p->f->sig.params.n; k++)
        if (!reg_equal(p->abi.params[k].reg, REG_NONE))
            load_to(p, p->abi.params[k].reg, at(REG_r11, k * SLOT));
    if (p->abi.area_bytes)
        put(p, FORM_lea_64, ABI_AREA_REG, REG_MEMORY, at(REG_rsp, p->abi.stack_bytes), 0);
}

/* The slot := the value's own bytes, and zeros. */
static void store_result(const Entry *p, uint32_t k, Reg from)
{
    Type t = (Type)p->f->sig.returns.at[k].type;
    Mem slot = at(REG_rbx, k * SLOT);
    Reg zero = reg_of(REG_xmm15);
    if (type_bytes(t) < 16) {
        put(p, FORM_movups_mr, REG_MEMORY, zero, slot, 0);
        if (reg_class(from) == REG_GPR)
            put(p, form_sized(FORM_mov_mr, type_bits(t)), REG_MEMORY, from, slot, 0);
        else put(p, t == TY_f32 ? FORM_movss_mr : FORM_movsd_mr, REG_MEMORY, from, slot, 0);
    } else {
        put(p, FORM_movups_mr, REG_MEMORY, from, slot, 0);
    }
}

static void take_results(const Entry *p)
{
    Reg zero = reg_of(REG_xmm15), carrier = reg_of(REG_xmm14), rcx = reg_of(REG_rcx);
    MInst clear = {.form = p->vex ? FORM_vxorps : FORM_xorps, .reg = {zero, zero, zero}};
    enc_inst(&p->e->enc, &clear);
    for (uint32_t k = 0; k < p->f->sig.returns.n; k++) {
        const AbiPlace *place = &p->abi.returns[k];
        Reg from = place->reg;
        if (reg_equal(from, REG_NONE)) {
            from = type_in_xmm((Type)p->f->sig.returns.at[k].type) ? carrier : rcx;
            load_to(p, from, at(REG_rsp, p->abi.stack_bytes + place->offset));
        }
        store_result(p, k, from);
    }
}

void emit_entry(Emitter *e, const Func *f, uint32_t number, bool vex)
{
    Entry p = {.e = e, .f = f, .vex = vex};
    abi_compute(&f->sig, e->arena, &p.abi);
    enc_align(&e->enc, 16);
    e->entries[number] = enc_offset(&e->enc);
    uint32_t frame = p.abi.stack_bytes + p.abi.area_bytes;
    Reg rbx = reg_of(REG_rbx), rsp = reg_of(REG_rsp);
    put(&p, FORM_push, rbx, REG_NONE, (Mem){0}, 0);
    put(&p, FORM_mov_64, rbx, reg_of(REG_rsi), (Mem){0}, 0);
    put(&p, FORM_mov_64, reg_of(REG_r11), reg_of(REG_rdi), (Mem){0}, 0);
    if (frame) put(&p, FORM_sub_i_64, rsp, REG_NONE, (Mem){0}, frame);
    pass_arguments(&p);
    put(&p, FORM_call, REG_NONE, REG_NONE, (Mem){0}, number);
    take_results(&p);
    if (frame) put(&p, FORM_add_i_64, rsp, REG_NONE, (Mem){0}, frame);
    put(&p, FORM_pop, rbx, REG_NONE, (Mem){0}, 0);
    put(&p, FORM_ret, REG_NONE, REG_NONE, (Mem){0}, 0);
}
