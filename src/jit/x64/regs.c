#include "jit/x64/allocate_local.h"

/* -- Inserted instructions --------------------------------------------------------------------- */

typedef enum { MOVE_COPY, MOVE_LOAD, MOVE_STORE } MoveKind;

/* By kind and size of the spill slot: general register, vector register, with AVX. */
static Form move_form(const MFunc *m, uint32_t v, MoveKind kind)
{
    static const uint16_t forms[3][7] = {
        [MOVE_COPY] = {FORM_mov_32, FORM_mov_64, FORM_movaps, FORM_movaps, FORM_movaps,
                       FORM_vmovaps},
        [MOVE_LOAD] = {FORM_mov_32, FORM_mov_64, FORM_movss, FORM_movsd, FORM_movaps, FORM_vmovaps},
        [MOVE_STORE] = {FORM_mov_mr_32, FORM_mov_mr_64, FORM_movss_mr, FORM_movsd_mr,
                        FORM_movaps_mr, FORM_vmovaps_mr},
    };
    const VReg *r = &m->vregs.at[v];
    unsigned size = r->bytes == 4 ? 0 : r->bytes == 8 ? 1 : 2;
    if (r->class == REG_GPR) return (Form)forms[kind][size];
    Form form = (Form)forms[kind][2 + size];
    return m->vex ? (Form)form_info[form].vex : form;
}

void move_inst(MInst *i, const MFunc *m, uint32_t v, uint32_t to, uint32_t from)
{
    i->form = (uint16_t)move_form(m, v, MOVE_COPY);
    i->reg[0] = reg_of(to);
    i->reg[1] = reg_of(from);
}

static Mem slot_memory(uint32_t slot)
{
    return (Mem){.kind = MEM_SLOT, .slot = slot, .index = REG_NONE};
}

void load_inst(MInst *i, Assign *s, uint32_t v, uint32_t to)
{
    i->form = (uint16_t)move_form(s->m, v, MOVE_LOAD);
    i->reg[0] = reg_of(to);
    i->reg[1] = REG_MEMORY;
    i->mem = slot_memory(spill_slot(s, v));
}

void store_inst(MInst *i, Assign *s, uint32_t v, uint32_t from)
{
    i->form = (uint16_t)move_form(s->m, v, MOVE_STORE);
    i->reg[0] = REG_MEMORY;
    i->reg[1] = reg_of(from);
    i->mem = slot_memory(spill_slot(s, v));
}

/* The value's own register stands in all its register operands. */
void remat_inst(MInst *i, const MFunc *m, uint32_t v, uint32_t to)
{
    uint32_t extra = i->extra;
    *i = m->remats.at[m->vregs.at[v].remat - 1];
    i->extra = extra;
    for (unsigned k = 0; k < FORM_OPERANDS; k++)
        if (reg_is_virtual(i->reg[k])) i->reg[k] = reg_of(to);
}

uint32_t spill_slot(Assign *s, uint32_t v)
{
    if (!s->values[v].slot) {
        unsigned bytes = vreg_at(s, v)->bytes;
        s->values[v].slot = mfunc_slot(s->m, bytes, bytes) + 1;
    }
    return s->values[v].slot - 1;
}

/* -- Registers --------------------------------------------------------------------------------- */

/* The first candidate that nothing clobbers since `v` is defined, else NO_REG; `*latest` becomes
 * the one that is clobbered longest ago. */
static uint32_t unclobbered(const Assign *s, uint32_t v, RegSet candidates, uint32_t *longest)
{
    uint32_t def = s->values[v].def, best = UINT32_MAX;
    for (RegSet rest = candidates; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest), at = clobbered_at(s, reg);
        if (at <= def) return reg;
        if (at < best) {
            best = at;
            *longest = reg;
        }
    }
    return NO_REG;
}

/* First where the value comes from or goes to, then registers that cost nothing, then those that
 * the prologue saves already, then the others. */
uint32_t pick(const Assign *s, uint32_t v, RegSet candidates)
{
    if (!candidates) return NO_REG;
    uint32_t hint = vreg_at(s, v)->hint, def = s->values[v].def;
    if (hint != REG_ANY && (candidates & bit_of(hint)) && clobbered_at(s, hint) <= def) return hint;
    RegSet saved = reg_callee_saved();
    uint32_t longest = (uint32_t)__builtin_ctz(candidates), reg;
    reg = unclobbered(s, v, candidates & ~saved, &longest);
    if (reg != NO_REG) return reg;
    if (vreg_at(s, v)->remat && (candidates & ~saved)) return longest;
    uint32_t fallback = longest;
    reg = unclobbered(s, v, candidates & saved & s->ever, &longest);
    if (reg == NO_REG) reg = unclobbered(s, v, candidates & saved & ~s->ever, &longest);
    if (reg != NO_REG) return reg;
    return clobbered_at(s, longest) < clobbered_at(s, fallback) ? longest : fallback;
}

/* Another register in which `v` can wait across the current instruction. It must last until the
 * value is mentioned before, or nothing is won. */
static uint32_t waiting_place(const Assign *s, uint32_t v)
{
    if (vreg_at(s, v)->remat) return NO_REG;
    uint32_t reg = pick(s, v, s->free & class_regs(s, v) & ~s->written);
    if (reg == NO_REG || clobbered_at(s, reg) > s->values[v].last) return NO_REG;
    return reg;
}

void vacate(Assign *s, uint32_t reg)
{
    uint32_t v = s->regs.holder[reg];
    if (v == HOLDS_NOTHING) return;
    CHECK(v != HOLDS_FIXED);
    uint32_t place = waiting_place(s, v);
    release(s, v);
    if (place != NO_REG) {
        move_inst(insert(s, MARK_move), s->m, v, reg, place);
        hold(s, v, place);
    } else if (vreg_at(s, v)->remat) {
        remat_inst(insert(s, MARK_remat), s->m, v, reg);
    } else {
        load_inst(insert(s, MARK_load), s, v, reg);
        s->values[v].wants_store = true;
    }
}

enum { REMAT_BONUS = 32 };

/* Among values in candidate registers the one mentioned furthest back; what can be made again is
 * given up a little more readily. */
static uint32_t victim(const Assign *s, RegSet candidates, uint32_t *mentioned)
{
    uint32_t best = NO_REG, least = UINT32_MAX;
    for (RegSet rest = candidates; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest), v = s->regs.holder[reg];
        if (v >= HOLDS_FIXED) continue;
        uint32_t at = s->values[v].last;
        if (vreg_at(s, v)->remat) at = at > REMAT_BONUS ? at - REMAT_BONUS : 0;
        if (at < least) {
            least = at;
            best = reg;
        }
    }
    *mentioned = least;
    return best;
}

uint32_t cheapest_victim(const Assign *s, RegSet candidates)
{
    uint32_t mentioned;
    victim(s, candidates & ~s->busy, &mentioned);
    return mentioned;
}

uint32_t demand(Assign *s, uint32_t v, RegSet except)
{
    RegSet class = class_regs(s, v) & s->allocatable & ~except & ~s->busy;
    uint32_t reg = pick(s, v, s->free & class);
    if (reg != NO_REG) return reg;
    uint32_t mentioned;
    reg = victim(s, class & ~s->free, &mentioned);
    CHECK(reg != NO_REG); /* an instruction has fewer operands than there are registers */
    vacate(s, reg);
    return reg;
}
