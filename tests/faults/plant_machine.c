/* Wrong machine code: widths of values in registers, spills, saved registers. */
#include "tests/faults/plants.h"

static MInst *minst_at(const Site *s, uint32_t at) { return &s->m->code.at[at]; }

static bool is_in_memory(const MInst *i, unsigned k) { return reg_equal(i->reg[k], REG_MEMORY); }

/* The instruction before the site that defines a virtual register, NULL when there is none. */
static const MInst *definition_before(const Site *s, Reg r)
{
    for (uint32_t k = s->at; k-- > 0;) {
        const MInst *i = minst_at(s, k);
        for (unsigned n = 0; n < form_info[i->form].operands_n; n++)
            if (reg_equal(i->reg[n], r) && form_info[i->form].operand[n].role & ROLE_DEF) return i;
    }
    return NULL;
}

static bool is_narrow_sum(const MInst *i)
{
    switch (i->form) {
    case FORM_add_8: case FORM_add_16: case FORM_add_i_8: case FORM_add_i_16: case FORM_add_i8_16:
    case FORM_sub_8: case FORM_sub_16: case FORM_sub_i_8: case FORM_sub_i_16: case FORM_sub_i8_16:
        return true;
    }
    return false;
}

/* Turn this: add x8, y8; movzx z32, x8
 * Into this: add x8, y8; mov z32, x32 */
bool plant_zero_extension_elided(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if ((i->form != FORM_movzxb_32 && i->form != FORM_movzxw_32) || is_in_memory(i, 1)) return false;
    const MInst *def = definition_before(s, i->reg[1]);
    if (!def || !is_narrow_sum(def)) return false;
    i->form = FORM_mov_32;
    return true;
}

/* Turn this: movsd x, [p+d]
 * Into this: movups x, [p+d]         for 8 bytes behind which there may be nothing */
bool plant_wide_load(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if (i->form != FORM_movsd && i->form != FORM_vmovsd) return false;
    if (i->mem.kind != MEM_BASE || !reg_equal(i->mem.index, REG_NONE)) return false;
    i->form = i->form == FORM_movsd ? FORM_movups : FORM_vmovups;
    return true;
}

/* -- After allocation -------------------------------------------------------------------------- */

static bool is_reload(const MInst *i) { return minst_mark(i) == MARK_load; }
static bool is_spill(const MInst *i) { return minst_mark(i) == MARK_store; }

/* Turn this: mov x32, [slot]
 * Into this: movsxd x, [slot]       although the upper half was known to be zero */
bool plant_reload_sign(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if (!is_reload(i) || i->form != FORM_mov_32) return false;
    i->form = FORM_movsxd;
    return true;
}

/* A vector comes back by its lower half, in functions that make calls. */
bool plant_lanes_lost(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if (!is_reload(i) || !s->m->calls.n) return false;
    if (i->form != FORM_movaps && i->form != FORM_vmovaps) return false;
    i->form = i->form == FORM_movaps ? FORM_movsd : FORM_vmovsd;
    return true;
}

/* The slot before `slot` among those of spilled values of the same size; `slot` when it is the
 * first. */
static uint32_t earlier_slot(const MFunc *m, uint32_t slot)
{
    uint32_t best = slot;
    for (uint32_t k = 0; k < m->code.n; k++) {
        const MInst *i = &m->code.at[k];
        if (!is_spill(i) || i->mem.kind != MEM_SLOT || i->mem.slot >= slot) continue;
        if (m->slots.at[i->mem.slot].bytes != m->slots.at[slot].bytes) continue;
        if (best == slot || i->mem.slot > best) best = i->mem.slot;
    }
    return best;
}

enum { SPILL_SLOTS_TOLD_APART = 4 };

/* From the fifth on, spilled values of one size share their slot with the one before. */
bool plant_spill_shared(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if ((!is_spill(i) && !is_reload(i)) || i->mem.kind != MEM_SLOT) return false;
    uint32_t before = i->mem.slot, count = 0;
    for (uint32_t k = before; earlier_slot(s->m, k) != k; k = earlier_slot(s->m, k)) count++;
    if (count < SPILL_SLOTS_TOLD_APART) return false;
    i->mem.slot = earlier_slot(s->m, before);
    return true;
}

/* Of a function with several returns, the last does not restore r15. */
bool plant_saved_lost(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    uint32_t before = 0, behind = 0;
    if (i->form != FORM_pop || i->reg[0].i != REG_r15) return false;
    for (uint32_t k = 0; k < s->m->code.n; k++) {
        before += k < s->at && minst_at(s, k)->form == FORM_ret;
        behind += k > s->at && minst_at(s, k)->form == FORM_ret;
    }
    if (!before || behind > 1) return false;
    i->reg[0] = reg_of(REG_rcx);
    return true;
}
