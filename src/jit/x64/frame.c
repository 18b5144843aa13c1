/* The frame, from high to low addresses:
 *
 *     stack arguments                        the caller's
 *     room for more of a tail call           down to which the prologue moves
 *     return address
 *     rbp                                    when realigned
 *     saved registers
 *     spill slots and stack slots            offsets from rsp
 *     stack arguments and result areas of calls, at rsp
 *
 * rsp is a multiple of 16 at calls. When a slot asks for more, rsp is rounded down to its alignment
 * and rbp remembers where it was. A frame larger than a page touches each of its pages from the
 * top, so that running out of stack faults in the guard region and nowhere else.
 */
#include "jit/x64/frame.h"

enum { PROBED_INLINE = 16 };

static uint32_t saved_count(const MFunc *m)
{
    return (uint32_t)__builtin_popcount(m->saved);
}

static uint32_t most_align(const MFunc *m)
{
    uint32_t align = 16;
    for (uint32_t k = 0; k < m->slots.n; k++)
        if (m->slots.at[k].align > align) align = m->slots.at[k].align;
    return align;
}

static bool makes_calls(const MFunc *m)
{
    return m->calls.n != m->ntails;
}

/* Places slots above the outgoing area; returns where they end. */
static uint64_t place_slots(MFunc *m)
{
    uint64_t at = align_up(m->outgoing, 16);
    for (uint32_t k = 0; k < m->slots.n; k++) {
        MSlot *slot = &m->slots.at[k];
        if (slot->fixed) continue;
        at = align_up(at, slot->align);
        slot->offset = (int32_t)at;
        at += slot->bytes;
    }
    return at;
}

void frame_layout(MFunc *m)
{
    uint64_t bytes = place_slots(m);
    uint32_t pushed = 8 * (saved_count(m) + m->realigned) + 8;
    if (m->realigned) {
        bytes = align_up(bytes, most_align(m));
    } else if (bytes || makes_calls(m)) {
        bytes = align_up(bytes + pushed, 16) - pushed;
    }
    m->frame_bytes = (uint32_t)bytes;
    uint32_t end = m->frame_bytes + pushed + frame_incoming(m);
    for (uint32_t k = 0; k < m->slots.n; k++)
        if (m->slots.at[k].fixed) m->slots.at[k].offset += (int32_t)end;
}

void frame_fix_operands(const MFunc *m, MInst *code, uint32_t n)
{
    int32_t rbp = (int32_t)(m->frame_bytes + 8 * saved_count(m)); /* had rsp not been rounded */
    for (uint32_t k = 0; k < n; k++) {
        Mem *mem = &code[k].mem;
        if (mem->kind != MEM_SLOT || !m->slots.at[mem->slot].fixed) continue;
        mem->disp += m->slots.at[mem->slot].offset - rbp;
        mem->kind = MEM_BASE;
        mem->base = reg_of(REG_rbp);
    }
}

/* -- Prologue and epilogue --------------------------------------------------------------------- */

static void add(MFunc *m, MInsts *out, MInst i, Mark mark)
{
    i.extra = minst_extra(mark, NO_INDEX);
    *vec_push(m->arena, out) = i;
}

static void add_imm(MFunc *m, MInsts *out, Form small, Form large, uint32_t reg, int64_t n,
                    Mark mark)
{
    Form form = n == (int8_t)n ? small : large;
    add(m, out, (MInst){.form = (uint16_t)form, .reg = {{reg}}, .imm = n}, mark);
}

static void probe(MFunc *m, MInsts *out, int64_t below)
{
    Mem mem = {.base = {REG_rsp}, .index = REG_NONE, .disp = (int32_t)-below};
    add(m, out, (MInst){.form = FORM_test_64, .reg = {REG_MEMORY, {REG_rsp}}, .mem = mem},
        MARK_prologue);
}

/* Steps rsp down a page at a time; r11 counts the pages that are left. */
static uint32_t probe_in_loop(MFunc *m, MInsts *out, uint32_t pages)
{
    add(m, out, (MInst){.form = FORM_mov_u32, .reg = {{REG_r11}}, .imm = pages}, MARK_prologue);
    uint32_t top = out->n;
    add_imm(m, out, FORM_sub_i8_64, FORM_sub_i_64, REG_rsp, PAGE_BYTES, MARK_prologue);
    probe(m, out, 0);
    add_imm(m, out, FORM_sub_i8_32, FORM_sub_i_32, REG_r11, 1, MARK_prologue);
    uint32_t label = label_of(LABEL_inst, top);
    add(m, out, (MInst){.form = FORM_jcc, .cond = COND_nz, .imm = label}, MARK_prologue);
    return pages * PAGE_BYTES;
}

static void probe_pages(MFunc *m, MInsts *out)
{
    uint32_t left = m->frame_bytes, pages = left / PAGE_BYTES;
    if (pages > PROBED_INLINE) left -= probe_in_loop(m, out, pages);
    else
        for (uint32_t k = 1; k <= pages; k++) probe(m, out, (int64_t)k * PAGE_BYTES);
    if (left) add_imm(m, out, FORM_sub_i8_64, FORM_sub_i_64, REG_rsp, left, MARK_prologue);
}

static void at_rsp(MFunc *m, MInsts *out, Form form, int32_t disp, Mark mark)
{
    MInst i = {.form = (uint16_t)form, .mem = {.base = {REG_rsp}, .index = REG_NONE, .disp = disp}};
    bool store = form == FORM_mov_mr_64;
    i.reg[0] = store ? REG_MEMORY : reg_of(REG_r11);
    i.reg[1] = store ? reg_of(REG_r11) : REG_MEMORY;
    add(m, out, i, mark);
}

/* The return address goes `bytes` down. */
static void grow(MFunc *m, MInsts *out, uint32_t bytes)
{
    at_rsp(m, out, FORM_mov_64, 0, MARK_prologue);
    for (uint32_t k = 1; k <= bytes / PAGE_BYTES; k++) probe(m, out, (int64_t)k * PAGE_BYTES);
    add_imm(m, out, FORM_sub_i8_64, FORM_sub_i_64, REG_rsp, bytes, MARK_prologue);
    at_rsp(m, out, FORM_mov_mr_64, 0, MARK_prologue);
}

void frame_move_return(MFunc *m, uint32_t bytes, MInsts *out)
{
    uint32_t up = frame_incoming(m) - bytes;
    if (!up) return;
    at_rsp(m, out, FORM_mov_64, 0, MARK_epilogue);
    add_imm(m, out, FORM_add_i8_64, FORM_add_i_64, REG_rsp, up, MARK_epilogue);
    at_rsp(m, out, FORM_mov_mr_64, 0, MARK_epilogue);
}

void frame_prologue(MFunc *m, MInsts *out)
{
    if (m->grown) grow(m, out, m->grown);
    if (m->realigned) {
        add(m, out, (MInst){.form = FORM_push, .reg = {{REG_rbp}}}, MARK_prologue);
        add(m, out, (MInst){.form = FORM_mov_64, .reg = {{REG_rbp}, {REG_rsp}}}, MARK_prologue);
    }
    for (RegSet rest = m->saved; rest; rest &= rest - 1) {
        Reg reg = {(uint32_t)__builtin_ctz(rest)};
        add(m, out, (MInst){.form = FORM_push, .reg = {reg}}, MARK_prologue);
    }
    probe_pages(m, out);
    if (m->realigned)
        add_imm(m, out, FORM_and_i8_64, FORM_and_i_64, REG_rsp, -(int64_t)most_align(m),
                MARK_prologue);
}

void frame_epilogue(MFunc *m, MInsts *out)
{
    if (m->realigned) {
        Mem mem = {.base = {REG_rbp}, .index = REG_NONE, .disp = -8 * (int32_t)saved_count(m)};
        add(m, out, (MInst){.form = FORM_lea_64, .reg = {{REG_rsp}, REG_MEMORY}, .mem = mem},
            MARK_epilogue);
    } else if (m->frame_bytes) {
        add_imm(m, out, FORM_add_i8_64, FORM_add_i_64, REG_rsp, m->frame_bytes, MARK_epilogue);
    }
    for (RegSet rest = m->saved; rest;) {
        uint32_t reg = 31 - (uint32_t)__builtin_clz(rest);
        add(m, out, (MInst){.form = FORM_pop, .reg = {{reg}}}, MARK_epilogue);
        rest ^= (RegSet)1 << reg;
    }
    if (m->realigned) add(m, out, (MInst){.form = FORM_pop, .reg = {{REG_rbp}}}, MARK_epilogue);
}
