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

/* Turn this: sub x16, y16; movzx z32, x16
 * Into this: sub x16, y16; mov z32, x32 */
bool plant_zero_extension_elided(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if (i->form != FORM_movzxw_32 || is_in_memory(i, 1)) return false;
    const MInst *def = definition_before(s, i->reg[1]);
    if (!def || def->form != FORM_sub_16) return false;
    i->form = FORM_mov_32;
    return true;
}

/* Turn this: movsd x, [p+i*8+d]
 * Into this: movups x, [p+i*8+d]         for 8 <= d, behind which there may be nothing */
bool plant_wide_load(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if (i->form != FORM_movsd && i->form != FORM_vmovsd) return false;
    if (i->mem.kind != MEM_BASE || reg_equal(i->mem.index, REG_NONE)) return false;
    if (i->mem.scale != 3 || i->mem.disp < 8) return false;
    i->form = i->form == FORM_movsd ? FORM_movups : FORM_vmovups;
    return true;
}

/* -- After allocation -------------------------------------------------------------------------- */

static bool is_reload(const MInst *i) { return minst_mark(i) == MARK_load; }
static bool is_spill(const MInst *i) { return minst_mark(i) == MARK_store; }

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

/* How many spill slots of the same size are before this one. */
static uint32_t earlier_slots(const MFunc *m, uint32_t slot)
{
    uint32_t count = 0;
    for (uint32_t k = slot; earlier_slot(m, k) != k; k = earlier_slot(m, k)) count++;
    return count;
}

enum { INTEGERS_KEPT = 4, VECTORS_KEPT = 1, SPILL_SLOTS_TOLD_APART = 21 };

/* Turn this: mov x32, [slot]
 * Into this: movsxd x, [slot]       although the upper half was known to be zero;
 * from the fifth slot on */
bool plant_reload_sign(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if (!is_reload(i) || i->form != FORM_mov_32 || i->mem.kind != MEM_SLOT) return false;
    if (earlier_slots(s->m, i->mem.slot) < INTEGERS_KEPT) return false;
    i->form = FORM_movsxd;
    return true;
}

static bool is_in_inner_loop(const Site *s)
{
    for (uint32_t b = 0; b < s->m->blocks.n; b++) {
        const MBlock *block = &s->m->blocks.at[b];
        if (block->first <= s->at && s->at < block->end)
            return block->loop != NO_INDEX && s->m->loops.at[block->loop].depth > 1;
    }
    return false;
}

/* In inner loops, the second spilled vector comes back by its lower half. */
bool plant_lanes_lost(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if (!is_reload(i) || i->mem.kind != MEM_SLOT || !is_in_inner_loop(s)) return false;
    if (i->form != FORM_movaps && i->form != FORM_vmovaps) return false;
    if (earlier_slots(s->m, i->mem.slot) != VECTORS_KEPT) return false;
    i->form = i->form == FORM_movaps ? FORM_movsd : FORM_vmovsd;
    return true;
}

/* From the twenty-second on, spilled values of one size share their slot with the one before. */
bool plant_spill_shared(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if ((!is_spill(i) && !is_reload(i)) || i->mem.kind != MEM_SLOT) return false;
    if (earlier_slots(s->m, i->mem.slot) < SPILL_SLOTS_TOLD_APART) return false;
    i->mem.slot = earlier_slot(s->m, i->mem.slot);
    return true;
}

enum { SMALL_FRAME = 1280 };

/* A frame that is realigned and not small does not restore r15. */
bool plant_saved_lost(const Site *s)
{
    MInst *i = minst_at(s, s->at);
    if (i->form != FORM_pop || i->reg[0].i != REG_r15) return false;
    if (!s->m->realigned || s->m->frame_bytes < SMALL_FRAME) return false;
    i->reg[0] = reg_of(REG_rcx);
    return true;
}
