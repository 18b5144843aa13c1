#include "jit/x64/entry.h"

#include "jit/x64/abi.h"
#include "jit/x64/enc.h"

enum { SLOT = 16 };

enum { CALLEE }; /* the one label */

/* Instructions beside those for values, at most so many for a value, and bytes of each. */
enum { FIXED = 17, MOST_EACH = 4, LONGEST = 15 };

typedef struct {
    Enc *enc;
    const Signature *sig;
    Abi abi;
    bool vex, pinned;
} Entry;

static void put(const Entry *p, Form form, Reg x, Reg y, Mem mem, int64_t imm)
{
    Form vex = (Form)form_info[form].vex;
    MInst i = {.form = (uint16_t)(p->vex && vex != FORM_NONE ? vex : form), .reg = {x, y},
               .mem = mem, .imm = imm};
    enc_inst(p->enc, &i);
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

/* Where in its slots the value behind the one at `offset` stands: a high half stands in its low
 * half's. */
static uint32_t next_offset(const AbiParam *param, uint32_t offset)
{
    return param->low_half ? offset + SLOT / 2 : offset / SLOT * SLOT + SLOT;
}

static void copy_structure(const Entry *p, uint32_t to, uint32_t from, uint32_t bytes)
{
    Reg rdi = reg_of(REG_rdi), rsi = reg_of(REG_rsi), rcx = reg_of(REG_rcx);
    put(p, FORM_lea_64, rdi, REG_MEMORY, at(REG_rsp, to), 0);
    load_to(p, rsi, at(REG_r11, from));
    put(p, FORM_mov_u32, rcx, REG_NONE, (Mem){0}, bytes);
    enc_inst(p->enc, &(MInst){.form = FORM_rep_movsb, .reg = {rdi, rsi, rcx}});
}

/* r11 reads the arguments, xmm15 carries those that go on the stack. */
static void pass_arguments(const Entry *p)
{
    const AbiParam *params = p->sig->params.at;
    Reg carrier = reg_of(REG_xmm15), rax = reg_of(REG_rax);
    for (uint32_t k = 0, from = 0; k < p->sig->params.n; from = next_offset(&params[k++], from)) {
        uint32_t to = p->abi.params[k].offset;
        if (!reg_equal(p->abi.params[k].reg, REG_NONE)) continue;
        if (params[k].purpose == PURPOSE_sarg) {
            copy_structure(p, to, from, params[k].bytes);
            continue;
        }
        bool wide = type_bytes((Type)params[k].type) > 8;
        load_to(p, wide ? carrier : rax, at(REG_r11, from));
        store_from(p, at(REG_rsp, to), wide ? carrier : rax);
    }
    for (uint32_t k = 0, from = 0; k < p->sig->params.n; from = next_offset(&params[k++], from))
        if (!reg_equal(p->abi.params[k].reg, REG_NONE))
            load_to(p, p->abi.params[k].reg, at(REG_r11, from));
    if (p->abi.area_bytes)
        put(p, FORM_lea_64, ABI_AREA_REG, REG_MEMORY, at(REG_rsp, p->abi.stack_bytes), 0);
}

/* r11 is free behind the call. */
static void store_xmm(const Entry *p, Mem slot, Reg from, unsigned bytes)
{
    Reg word = reg_of(REG_r11);
    if (bytes == 2) {
        put(p, FORM_pextrw, word, from, (Mem){0}, 0);
        put(p, FORM_mov_mr_16, REG_MEMORY, word, slot, 0);
    } else {
        put(p, bytes == 4 ? FORM_movss_mr : FORM_movsd_mr, REG_MEMORY, from, slot, 0);
    }
}

/* The slot := the value's own bytes, and zeros. A high half is written behind its low half. */
static void store_result(const Entry *p, uint32_t k, Reg from, uint32_t to)
{
    Type t = (Type)p->sig->returns.at[k].type;
    Mem slot = at(REG_rbx, to);
    Reg zero = reg_of(REG_xmm15);
    if (to % SLOT) {
        put(p, FORM_mov_mr_64, REG_MEMORY, from, slot, 0);
    } else if (type_bytes(t) < 16) {
        put(p, FORM_movups_mr, REG_MEMORY, zero, slot, 0);
        if (reg_class(from) == REG_GPR)
            put(p, form_sized(FORM_mov_mr, type_bits(t)), REG_MEMORY, from, slot, 0);
        else store_xmm(p, slot, from, type_bytes(t));
    } else {
        put(p, FORM_movups_mr, REG_MEMORY, from, slot, 0);
    }
}

static void take_results(const Entry *p)
{
    Reg zero = reg_of(REG_xmm15), carrier = reg_of(REG_xmm14), rcx = reg_of(REG_rcx);
    MInst clear = {.form = p->vex ? FORM_vxorps : FORM_xorps, .reg = {zero, zero, zero}};
    enc_inst(p->enc, &clear);
    const AbiParam *returns = p->sig->returns.at;
    for (uint32_t k = 0, to = 0; k < p->sig->returns.n; to = next_offset(&returns[k++], to)) {
        const AbiPlace *place = &p->abi.returns[k];
        Reg from = place->reg;
        if (reg_equal(from, REG_NONE)) {
            from = type_in_xmm((Type)returns[k].type) ? carrier : rcx;
            load_to(p, from, at(REG_rsp, p->abi.stack_bytes + place->offset));
        }
        store_result(p, k, from, to);
    }
}

/* Twice, for the alignment of the stack. */
static void save_pinned(const Entry *p)
{
    for (unsigned k = 0; k < 2; k++) put(p, FORM_push, ABI_PINNED_REG, REG_NONE, (Mem){0}, 0);
    put(p, FORM_mov_u32, ABI_PINNED_REG, REG_NONE, (Mem){0}, 0);
}

static void restore_pinned(const Entry *p)
{
    for (unsigned k = 0; k < 2; k++) put(p, FORM_pop, ABI_PINNED_REG, REG_NONE, (Mem){0}, 0);
}

static void write_entry(const Entry *p)
{
    uint32_t frame = p->abi.stack_bytes + p->abi.area_bytes;
    Reg rbx = reg_of(REG_rbx), rsp = reg_of(REG_rsp);
    put(p, FORM_push, rbx, REG_NONE, (Mem){0}, 0);
    if (p->pinned) save_pinned(p);
    put(p, FORM_mov_64, rbx, reg_of(REG_rsi), (Mem){0}, 0);
    put(p, FORM_mov_64, reg_of(REG_r11), reg_of(REG_rdi), (Mem){0}, 0);
    if (frame) put(p, FORM_sub_i_64, rsp, REG_NONE, (Mem){0}, frame);
    pass_arguments(p);
    put(p, FORM_call, REG_NONE, REG_NONE, (Mem){0}, CALLEE);
    if (p->abi.pops && p->abi.stack_bytes)
        put(p, FORM_sub_i_64, rsp, REG_NONE, (Mem){0}, p->abi.stack_bytes);
    take_results(p);
    if (frame) put(p, FORM_add_i_64, rsp, REG_NONE, (Mem){0}, frame);
    if (p->pinned) restore_pinned(p);
    put(p, FORM_pop, rbx, REG_NONE, (Mem){0}, 0);
    put(p, FORM_ret, REG_NONE, REG_NONE, (Mem){0}, 0);
}

size_t entry_room(const Signature *sig)
{
    size_t insts = FIXED + MOST_EACH * ((size_t)sig->params.n + sig->returns.n);
    return LONGEST * insts + ENC_SLACK + 16;
}

uint32_t entry_write(Arena *a, const Signature *sig, uint8_t *at, size_t room,
                     const EntryOptions *options)
{
    Enc enc;
    Entry p = {.enc = &enc, .sig = sig, .vex = options->vex, .pinned = options->pinned};
    abi_compute(sig, a, &p.abi);
    enc_start(&enc, a, at, room, 1);
    enc.label_at.at[CALLEE] = options->callee;
    write_entry(&p);
    bool fits = enc_finish(&enc);
    CHECK(fits);
    return enc_offset(&enc);
}
