/* The walk: each instruction backwards, definitions first, then uses. */
#include "jit/x64/allocate_local.h"
#include "jit/x64/frame.h"

/* -- What live.c counted forwards, taken back -------------------------------------------------- */

static bool is_fixed(const Assign *s, Reg r)
{
    return reg_is_physical(r) && !is_frame_reg(s->m, r.i);
}

/* An instruction, taken apart. */
typedef struct {
    MInst i;
    Mention mentions[MINST_REFS];
    unsigned n;
    RegSet demanded; /* physical registers that it uses only */
} Operation;

/* What the instruction mentions, with `busy` and `written` as far as registers are known. */
static void take_apart(Assign *s, Operation *o)
{
    RegSet busy = 0, written = 0;
    o->n = live_mentions(&o->i, o->mentions);
    o->demanded = 0;
    for (unsigned k = o->n; k > 0; k--) {
        Reg r = *o->mentions[k - 1].at;
        unsigned role = o->mentions[k - 1].role;
        RegSet bit = 0;
        if (likely(reg_is_virtual(r))) {
            uint32_t v = vreg_number(r);
            s->live->last[v] = s->live->before[--s->nbefore];
            if (s->reg_of[v] != NO_REG) bit = bit_of(s->reg_of[v]);
        } else if (!is_frame_reg(s->m, r.i)) {
            FixedMention f = s->live->fixed.at[--s->nfixed];
            s->live->fixed_last[f.reg] = f.before;
            bit = bit_of(r.i);
            if (role == ROLE_USE) o->demanded |= bit;
        }
        if (role & ROLE_USE) busy |= bit;
        if (role & ROLE_DEF) written |= bit;
    }
    s->busy = busy;
    s->written = written;
}

/* -- Definitions ------------------------------------------------------------------------------- */

static void store_if_wanted(Assign *s, uint32_t v, uint32_t reg)
{
    if (!s->wants_store[v]) return;
    insert(s, store_inst(s, v, reg), MARK_store);
    s->wants_store[v] = false;
}

/* A definition's register: where the value is behind the instruction, or any when it lives in
 * memory only, or not at all. */
static uint32_t defined_reg(Assign *s, uint32_t v)
{
    uint32_t reg = s->reg_of[v];
    if (reg == NO_REG) {
        reg = demand(s, v, s->written);
        hold(s, v, reg);
        s->written |= bit_of(reg);
    }
    return reg;
}

static void define(Assign *s, Mention *ref)
{
    if (is_fixed(s, *ref->at)) {
        uint32_t reg = ref->at->i;
        if (s->regs.holder[reg] != HOLDS_FIXED) vacate(s, reg);
        release_fixed(s, reg);
        return;
    }
    if (!reg_is_virtual(*ref->at)) return;
    uint32_t v = vreg_number(*ref->at), reg = defined_reg(s, v);
    store_if_wanted(s, v, reg);
    *ref->at = reg_of(reg);
    release(s, v);
}

/* Another register for a value that the instruction modifies, when it demands this one for another
 * operand: the value goes where it is wanted behind the instruction. */
static uint32_t make_way(Assign *s, uint32_t v, uint32_t reg)
{
    release(s, v);
    uint32_t other = demand(s, v, s->written | bit_of(reg));
    hold(s, v, other);
    s->written |= bit_of(other);
    insert(s, move_inst(s->m, v, reg, other), MARK_move);
    return other;
}

/* Used and defined: the register stays. `demanded`: registers that other operands must have. */
static void modify(Assign *s, Mention *ref, RegSet demanded)
{
    if (is_fixed(s, *ref->at)) {
        uint32_t reg = ref->at->i;
        if (s->regs.holder[reg] != HOLDS_FIXED) vacate(s, reg);
        hold_fixed(s, reg);
        s->busy |= bit_of(reg);
        return;
    }
    if (!reg_is_virtual(*ref->at)) return;
    uint32_t v = vreg_number(*ref->at), reg = defined_reg(s, v);
    if (demanded & bit_of(reg)) reg = make_way(s, v, reg);
    store_if_wanted(s, v, reg);
    *ref->at = reg_of(reg);
    s->busy |= bit_of(reg);
}

/* -- Uses -------------------------------------------------------------------------------------- */

static void use_fixed(Assign *s, uint32_t reg)
{
    if (s->regs.holder[reg] != HOLDS_FIXED) vacate(s, reg);
    hold_fixed(s, reg);
    s->busy |= bit_of(reg);
}

/* Whether operand `o` may be the value's slot: then every byte it reads is there. */
static bool slot_serves(const Assign *s, const MInst *i, const Mention *ref, uint32_t v)
{
    if (ref->operand >= FORM_OPERANDS || ref->role != ROLE_USE) return false;
    if (vreg_at(s, v)->remat) return false;
    const FormOperand *o = &form_info[i->form].operand[ref->operand];
    if (!(o->takes & TAKES_MEMORY) || minst_memory_operand(i) != FORM_OPERANDS) return false;
    return o->memory_bytes && o->memory_bytes <= vreg_at(s, v)->bytes &&
           o->align <= o->memory_bytes;
}

/* When all registers are taken by values mentioned sooner than this one, it stays in memory. */
static bool stays_in_memory(const Assign *s, const MInst *i, const Mention *ref, uint32_t v)
{
    RegSet class = class_regs(s, v) & s->allocatable;
    if (s->free & class & ~s->busy) return false;
    if (!slot_serves(s, i, ref, v)) return false;
    return cheapest_victim(s, class) >= s->live->last[v];
}

static void use_value(Assign *s, MInst *i, Mention *ref)
{
    uint32_t v = vreg_number(*ref->at), reg = s->reg_of[v];
    if (reg == NO_REG && stays_in_memory(s, i, ref, v)) {
        *ref->at = REG_MEMORY;
        i->mem = (Mem){.kind = MEM_SLOT, .slot = spill_slot(s, v), .index = REG_NONE};
        s->wants_store[v] = true;
        s->m->spill_operands++;
        return;
    }
    if (reg == NO_REG) {
        reg = demand(s, v, NO_REGS);
        hold(s, v, reg);
    }
    s->busy |= bit_of(reg);
    *ref->at = reg_of(reg);
}

/* -- Copies ------------------------------------------------------------------------------------ */

/* Gives the source of a copy a register; the destination's, `reg`, when it is free and lasts. */
static uint32_t source_reg(Assign *s, uint32_t v, uint32_t reg)
{
    bool lasts = clobbered_at(s, reg) <= s->live->first_def[v];
    if (!(s->free & bit_of(reg)) || !lasts) {
        uint32_t other = pick(s, v, s->free & class_regs(s, v) & ~bit_of(reg));
        if (other != NO_REG && clobbered_at(s, other) <= s->live->first_def[v]) reg = other;
        else if (!(s->free & bit_of(reg))) reg = other;
    }
    if (reg != NO_REG) hold(s, v, reg);
    return reg;
}

/* reg := v, in front of what is there */
static void copy_into(Assign *s, uint32_t reg, uint32_t v)
{
    uint32_t from = s->reg_of[v];
    if (from == NO_REG && vreg_at(s, v)->remat)
        return insert(s, remat_inst(s->m, v, reg), MARK_remat);
    if (from == NO_REG) from = source_reg(s, v, reg);
    if (from == NO_REG) {
        insert(s, load_inst(s, v, reg), MARK_load);
        s->wants_store[v] = true;
    } else if (from != reg) {
        insert(s, move_inst(s->m, v, reg, from), MARK_none);
    }
}

/* d := a physical register, which is then taken from here up to what defined it. */
static void copy_from_fixed(Assign *s, uint32_t d, uint32_t from)
{
    uint32_t reg = s->reg_of[d];
    if (reg == from) {
        store_if_wanted(s, d, reg);
        release(s, d);
        return hold_fixed(s, from);
    }
    if (s->regs.holder[from] != HOLDS_FIXED) vacate(s, from);
    store_if_wanted(s, d, reg == NO_REG ? from : reg);
    if (reg != NO_REG) {
        insert(s, move_inst(s->m, d, reg, from), MARK_none);
        release(s, d);
    }
    hold_fixed(s, from);
}

/* d := v, two values: the register of the first passes to the second. */
static void copy_value(Assign *s, uint32_t d, uint32_t v)
{
    uint32_t reg = s->reg_of[d];
    if (reg == NO_REG) {
        if (!s->wants_store[d]) return;
        reg = s->reg_of[v];
        if (reg != NO_REG) return store_if_wanted(s, d, reg);
        reg = defined_reg(s, d);
    }
    store_if_wanted(s, d, reg);
    release(s, d);
    copy_into(s, reg, v);
}

static void copy_to_value(Assign *s, const MInst *i)
{
    uint32_t d = vreg_number(i->reg[0]);
    if (is_fixed(s, i->reg[1])) copy_from_fixed(s, d, i->reg[1].i);
    else copy_value(s, d, vreg_number(i->reg[1]));
}

/* d := s with d a physical register, which what follows reads. */
static void copy_to_fixed(Assign *s, const MInst *i)
{
    uint32_t reg = i->reg[0].i;
    if (s->regs.holder[reg] != HOLDS_FIXED) vacate(s, reg);
    release_fixed(s, reg);
    if (is_fixed(s, i->reg[1])) {
        uint32_t from = i->reg[1].i;
        if (from != reg) insert(s, *i, MARK_none);
        if (s->regs.holder[from] != HOLDS_FIXED) vacate(s, from);
        hold_fixed(s, from);
        return;
    }
    copy_into(s, reg, vreg_number(i->reg[1]));
}

/* -- Calls ------------------------------------------------------------------------------------- */

static void walk_call(Assign *s, const MCall *call)
{
    s->written = call->clobbers;
    for (RegSet rest = call->clobbers; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest);
        if (s->regs.holder[reg] == HOLDS_FIXED) release_fixed(s, reg);
        else vacate(s, reg);
    }
    for (RegSet rest = call->uses; rest; rest &= rest - 1)
        use_fixed(s, (uint32_t)__builtin_ctz(rest));
    s->ncalls--;
}

/* -- The walk ---------------------------------------------------------------------------------- */

/* A constant that everybody made for himself. */
static bool is_useless(const Assign *s, const MInst *i)
{
    if (!reg_is_virtual(i->reg[0])) return false;
    uint32_t v = vreg_number(i->reg[0]);
    return vreg_at(s, v)->remat && s->reg_of[v] == NO_REG && !s->wants_store[v] &&
           form_info[i->form].operand[0].role == ROLE_DEF && !is_copy(i);
}

static void write_inst(Assign *s, const MInst *i)
{
    *mcode_push(s->a, &s->out, 1) = *i;
}

static void walk_definitions(Assign *s, Operation *o)
{
    for (unsigned k = 0; k < o->n; k++) {
        if (o->mentions[k].role == ROLE_DEF) define(s, &o->mentions[k]);
        else if (o->mentions[k].role == ROLE_USE_DEF) modify(s, &o->mentions[k], o->demanded);
    }
}

static void walk_uses(Assign *s, Operation *o)
{
    for (RegSet rest = o->demanded; rest; rest &= rest - 1)
        use_fixed(s, (uint32_t)__builtin_ctz(rest));
    for (unsigned k = 0; k < o->n; k++)
        if (o->mentions[k].role == ROLE_USE && reg_is_virtual(*o->mentions[k].at))
            use_value(s, &o->i, &o->mentions[k]);
}

static void walk_inst(Assign *s, const MInst *i)
{
    Operation o;
    o.i = *i;
    take_apart(s, &o);
    s->origin = i->extra;
    if (is_copy(i) && (reg_is_virtual(i->reg[0]) || is_fixed(s, i->reg[0]))) {
        if (reg_is_virtual(i->reg[0])) copy_to_value(s, i);
        else copy_to_fixed(s, i);
        return;
    }
    if (is_useless(s, i)) return;
    walk_definitions(s, &o);
    if (unlikely(is_call(i))) walk_call(s, &s->m->calls.at[i->imm]);
    walk_uses(s, &o);
    if (unlikely(form_roles[i->form] & ROLES_SAME) && has_same_operands(i))
        o.i.reg[1] = o.i.reg[2] = o.i.reg[0];
    write_inst(s, &o.i);
}

static void walk_block(Assign *s, uint32_t k)
{
    MBlock *b = &s->m->blocks.at[k];
    enter_block_end(s, k);
    uint32_t end = s->out.n;
    for (uint32_t n = b->end; n > b->first; n--) walk_inst(s, &s->m->code.at[n - 1]);
    leave_block_start(s, k);
    b->first = s->out.n;
    b->end = end;
}

static void set_up(Assign *s, RegSet avoided)
{
    MFunc *m = s->m;
    uint32_t nvregs = m->vregs.n;
    s->live = live_compute(m, s->a);
    s->allocatable = (REGS_GPR | REGS_XMM) & ~bit_of(REG_rsp) & ~bit_of(SCRATCH_XMM);
    s->allocatable &= ~avoided;
    if (m->realigned) s->allocatable &= ~bit_of(REG_rbp);
    s->free = s->allocatable;
    memset(s->regs.holder, 0xff, sizeof s->regs.holder);
    s->reg_of = arena_array(s->a, uint8_t, nvregs);
    memset(s->reg_of, NO_REG, nvregs);
    s->param_reg = arena_array(s->a, uint8_t, nvregs);
    memset(s->param_reg, NO_REG, nvregs);
    s->wants_store = arena_array(s->a, bool, nvregs);
    s->param_in_memory = arena_array(s->a, bool, nvregs);
    s->slot_of = arena_array(s->a, uint32_t, nvregs);
    s->entry = arena_array_room(s->a, RegState, m->blocks.n);
    s->exit = arena_array_room(s->a, RegState, m->blocks.n);
    s->next_edge = arena_array(s->a, uint32_t, m->edges.n);
    s->first_edge = arena_array(s->a, uint32_t, m->blocks.n);
    mcode_reserve(s->a, &s->out, m->code.n + m->code.n / 8 + 32);
    s->nbefore = s->live->nbefore;
    s->nfixed = s->live->fixed.n;
    s->ncalls = s->live->calls.n;
}

void allocate_func(MFunc *m, RegSet avoided)
{
    Assign s = {.m = m, .a = m->arena};
    set_up(&s, avoided);
    for (uint32_t k = m->blocks.n; k > 0; k--) walk_block(&s, k - 1);
    m->saved = s.ever & reg_callee_saved() & s.allocatable;
    frame_layout(m);
    finish_code(&s);
}
