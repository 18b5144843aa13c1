/* The walk: each instruction backwards, definitions first, then uses. */
#include "jit/x64/allocate_local.h"
#include "jit/x64/frame.h"

static bool is_fixed(const Assign *s, Reg r)
{
    return reg_is_physical(r) && !is_frame_reg(s->m, r.i);
}

/* -- Taking an instruction apart --------------------------------------------------------------- */

typedef struct {
    MInst *i;
    Note note;
    unsigned uses;   /* places of values that it uses only */
    RegSet demanded; /* physical registers that it uses only */
} Operation;

/* Physical registers among the places. */
static void demand_fixed(const Assign *s, Operation *o, unsigned fixed)
{
    for (unsigned rest = o->uses & fixed; rest; rest &= rest - 1)
        o->demanded |= bit_of(s->live->regs[minst_place(o->i, first_place(rest))->i].reg);
    o->uses &= ~fixed;
}

/* What the instruction mentions, with `busy` and `written` as far as registers are known. No jumps
 * but one, as in note_of. What a register's second mention knows of is the first one. */
static Operation take_apart(Assign *s, uint32_t k)
{
    MInst *i = &s->m->code.at[k];
    Note note = s->live->insts[k].note;
    Operation o = {.i = i, .note = note, .uses = note_only_uses(note)};
    RegLife *regs = s->live->regs;
    RegSet busy = 0, written = 0;
    unsigned fixed = 0;
    s->nbefore = s->live->insts[k].before;
    const uint32_t *before = &s->live->before[s->nbefore];
    for (unsigned rest = note_places(note); rest; rest &= rest - 1) {
        unsigned place = first_place(rest), role = note_role(note, place);
        Reg r = *minst_place(i, place);
        RegLife *life = &regs[r.i];
        RegSet bit = bit_of(life->reg);
        uint32_t last = *before++;
        life->last = last == position_of(k) ? life->last : last;
        busy |= bit & -(role & ROLE_USE);
        written |= bit & -(role >> 1);
        fixed |= reg_is_physical(r) * place_bit(place);
    }
    s->busy = busy;
    s->written = written;
    if (unlikely(fixed & o.uses)) demand_fixed(s, &o, fixed);
    return o;
}

/* The same for a copy. */
static Operation take_copy_apart(Assign *s, uint32_t k)
{
    MInst *i = &s->m->code.at[k];
    const InstLife *inst = &s->live->insts[k];
    const uint32_t *before = &s->live->before[inst->before];
    RegLife *to = &s->live->regs[i->reg[0].i], *from = &s->live->regs[i->reg[1].i];
    Operation o = {.i = i, .note = inst->note};
    s->nbefore = inst->before;
    s->written = bit_of(to->reg);
    s->busy = bit_of(from->reg);
    to->last = before[0];
    from->last = before[1] == position_of(k) ? from->last : before[1];
    o.uses = reg_is_virtual(i->reg[1]) ? place_bit(1) : 0;
    o.demanded = o.uses ? NO_REGS : s->busy;
    return o;
}

/* -- Definitions ------------------------------------------------------------------------------- */

static void store_if_wanted(Assign *s, uint32_t v, uint32_t reg)
{
    if (!s->values[v].wants_store) return;
    store_inst(insert(s, MARK_store), s, v, reg);
    s->values[v].wants_store = false;
}

/* A definition's register: where the value is behind the instruction, or any when it lives in
 * memory only, or not at all. */
static uint32_t defined_reg(Assign *s, uint32_t v)
{
    uint32_t reg = s->values[v].reg;
    if (reg == NO_REG) {
        reg = demand(s, v, s->written);
        hold(s, v, reg);
        s->written |= bit_of(reg);
    }
    return reg;
}

static void define(Assign *s, Reg *at)
{
    if (is_fixed(s, *at)) {
        uint32_t reg = at->i;
        if (s->regs.holder[reg] != HOLDS_FIXED) vacate(s, reg);
        release_fixed(s, reg);
        return;
    }
    if (!reg_is_virtual(*at)) return;
    uint32_t v = vreg_number(*at), reg = defined_reg(s, v);
    store_if_wanted(s, v, reg);
    *at = reg_of(reg);
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
    move_inst(insert(s, MARK_move), s->m, v, reg, other);
    return other;
}

/* Used and defined: the register stays. `demanded`: registers that other operands must have. */
static void modify(Assign *s, Reg *at, RegSet demanded)
{
    if (is_fixed(s, *at)) {
        uint32_t reg = at->i;
        if (s->regs.holder[reg] != HOLDS_FIXED) vacate(s, reg);
        hold_fixed(s, reg);
        s->busy |= bit_of(reg);
        return;
    }
    if (!reg_is_virtual(*at)) return;
    uint32_t v = vreg_number(*at), reg = defined_reg(s, v);
    if (demanded & bit_of(reg)) reg = make_way(s, v, reg);
    store_if_wanted(s, v, reg);
    *at = reg_of(reg);
    s->busy |= bit_of(reg);
}

/* -- Uses -------------------------------------------------------------------------------------- */

static void use_fixed(Assign *s, uint32_t reg)
{
    if (s->regs.holder[reg] != HOLDS_FIXED) vacate(s, reg);
    hold_fixed(s, reg);
    s->busy |= bit_of(reg);
}

/* Whether what stands in the place may be the value's slot: then every byte it reads is there. */
static bool slot_serves(const Assign *s, const MInst *i, unsigned place, uint32_t v)
{
    if (place >= FORM_OPERANDS || vreg_at(s, v)->remat) return false;
    const FormOperand *o = &form_info[i->form].operand[place];
    if (!(o->takes & TAKES_MEMORY) || minst_memory_operand(i) != FORM_OPERANDS) return false;
    return o->memory_bytes && o->memory_bytes <= vreg_at(s, v)->bytes &&
           o->align <= o->memory_bytes;
}

/* When all registers are taken by values mentioned sooner than this one, it stays in memory. */
static bool stays_in_memory(const Assign *s, const MInst *i, unsigned place, uint32_t v)
{
    RegSet class = class_regs(s, v) & s->allocatable;
    if (s->free & class & ~s->busy) return false;
    if (!slot_serves(s, i, place, v)) return false;
    return cheapest_victim(s, class) >= s->values[v].last;
}

static void use_value(Assign *s, MInst *i, unsigned place)
{
    Reg *at = minst_place(i, place);
    uint32_t v = vreg_number(*at), reg = s->values[v].reg;
    if (reg == NO_REG && stays_in_memory(s, i, place, v) && permits(s, REWRITE_slot_operand)) {
        *at = REG_MEMORY;
        i->mem = (Mem){.kind = MEM_SLOT, .slot = spill_slot(s, v), .index = REG_NONE};
        s->values[v].wants_store = true;
        s->m->spill_operands++;
        return;
    }
    if (reg == NO_REG) {
        reg = demand(s, v, NO_REGS);
        hold(s, v, reg);
    }
    s->busy |= bit_of(reg);
    *at = reg_of(reg);
}

/* -- Copies ------------------------------------------------------------------------------------ */

/* Gives the source of a copy a register; the destination's, `reg`, when it is free and lasts. */
static uint32_t source_reg(Assign *s, uint32_t v, uint32_t reg)
{
    bool lasts = clobbered_at(s, reg) <= s->values[v].def;
    if (!(s->free & bit_of(reg)) || !lasts || !permits(s, REWRITE_copy_coalesced)) {
        uint32_t other = pick(s, v, s->free & class_regs(s, v) & ~bit_of(reg));
        if (other != NO_REG && clobbered_at(s, other) <= s->values[v].def) reg = other;
        else if (!(s->free & bit_of(reg))) reg = other;
    }
    if (reg != NO_REG) hold(s, v, reg);
    return reg;
}

/* reg := v, in front of what is there */
static void copy_into(Assign *s, uint32_t reg, uint32_t v)
{
    uint32_t from = s->values[v].reg;
    if (from == NO_REG && vreg_at(s, v)->remat)
        return remat_inst(insert(s, MARK_remat), s->m, v, reg);
    if (from == NO_REG) from = source_reg(s, v, reg);
    if (from == NO_REG) {
        load_inst(insert(s, MARK_load), s, v, reg);
        s->values[v].wants_store = true;
    } else if (from != reg) {
        move_inst(insert(s, MARK_none), s->m, v, reg, from);
    }
}

/* d := a physical register, which is then taken from here up to what defined it. */
static void copy_from_fixed(Assign *s, uint32_t d, uint32_t from)
{
    uint32_t reg = s->values[d].reg;
    if (reg == from) {
        store_if_wanted(s, d, reg);
        release(s, d);
        return hold_fixed(s, from);
    }
    if (s->regs.holder[from] != HOLDS_FIXED) vacate(s, from);
    store_if_wanted(s, d, reg == NO_REG ? from : reg);
    if (reg != NO_REG) {
        move_inst(insert(s, MARK_none), s->m, d, reg, from);
        release(s, d);
    }
    hold_fixed(s, from);
}

/* d := v, two values: the register of the first passes to the second. */
static void copy_value(Assign *s, uint32_t d, uint32_t v)
{
    uint32_t reg = s->values[d].reg;
    if (reg == NO_REG) {
        if (!s->values[d].wants_store) return;
        reg = s->values[v].reg;
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
        if (from != reg) {
            MInst *copy = insert(s, MARK_none);
            uint32_t extra = copy->extra;
            *copy = *i;
            copy->extra = extra;
        }
        if (s->regs.holder[from] != HOLDS_FIXED) vacate(s, from);
        hold_fixed(s, from);
        return;
    }
    copy_into(s, reg, vreg_number(i->reg[1]));
}

/* -- Calls ------------------------------------------------------------------------------------- */

static void note_last_call(Assign *s)
{
    s->call = s->ncalls ? s->live->calls.at[s->ncalls - 1] : 0;
}

static void walk_call(Assign *s, const MCall *call)
{
    s->written = call->clobbers;
    for (RegSet rest = call->clobbers & ~s->free; rest; rest &= rest - 1) {
        uint32_t reg = (uint32_t)__builtin_ctz(rest);
        if (s->regs.holder[reg] == HOLDS_FIXED) release_fixed(s, reg);
        else vacate(s, reg);
    }
    for (RegSet rest = call->uses; rest; rest &= rest - 1)
        use_fixed(s, (uint32_t)__builtin_ctz(rest));
    s->ncalls--;
    note_last_call(s);
}

/* What the callee removes from the stack is there again before anything else happens. */
static void restore_stack(Assign *s, const MInst *site)
{
    const MCall *call = &s->m->calls.at[site->imm];
    if (!call->popped || site->form == FORM_tail || site->form == FORM_tail_rm) return;
    bool small = call->popped <= INT8_MAX;
    Form form = small ? FORM_sub_i8_64 : FORM_sub_i_64;
    MInst *i = insert(s, MARK_none);
    i->form = (uint16_t)form;
    i->reg[0] = reg_of(REG_rsp);
    i->imm = call->popped;
}

/* -- The walk ---------------------------------------------------------------------------------- */

/* A constant that everybody made for himself. */
static bool is_useless(const Assign *s, const Operation *o)
{
    Reg r = o->i->reg[0];
    if ((s->written != 0) | (note_role(o->note, 0) != ROLE_DEF)) return false; /* so most are */
    if (!reg_is_virtual(r)) return false;
    uint32_t v = vreg_number(r);
    return s->values[v].reg == NO_REG && vreg_at(s, v)->remat && !s->values[v].wants_store;
}

static void walk_definitions(Assign *s, const Operation *o)
{
    for (unsigned rest = note_defs(o->note); rest; rest &= rest - 1) {
        unsigned place = first_place(rest);
        if (note_role(o->note, place) == ROLE_DEF) define(s, minst_place(o->i, place));
        else modify(s, minst_place(o->i, place), o->demanded);
    }
}

static void walk_uses(Assign *s, const Operation *o)
{
    for (RegSet rest = o->demanded; rest; rest &= rest - 1)
        use_fixed(s, (uint32_t)__builtin_ctz(rest));
    for (unsigned rest = o->uses; rest; rest &= rest - 1) use_value(s, o->i, first_place(rest));
}

static void walk_inst(Assign *s, uint32_t k)
{
    Note note = s->live->insts[k].note;
    Operation o = note & NOTE_COPY ? take_copy_apart(s, k) : take_apart(s, k);
    MInst *i = o.i;
    s->origin = i->extra;
    if (note & NOTE_COPY) {
        if (reg_is_virtual(i->reg[0])) return copy_to_value(s, i);
        if (is_fixed(s, i->reg[0])) return copy_to_fixed(s, i);
    } else if (is_useless(s, &o)) {
        return;
    }
    walk_definitions(s, &o);
    if (unlikely(note & NOTE_CALL)) walk_call(s, &s->m->calls.at[i->imm]);
    walk_uses(s, &o);
    if (unlikely(note & (NOTE_SAME | NOTE_CALL))) {
        if (note & NOTE_SAME) i->reg[1] = i->reg[2] = i->reg[0];
        else restore_stack(s, i);
    }
    *mcode_push(s->a, &s->out, 1) = *i;
}

static void walk_block(Assign *s, uint32_t k)
{
    MBlock *b = &s->m->blocks.at[k];
    enter_block_end(s, k);
    uint32_t end = s->out.n;
    for (uint32_t n = b->end; n > b->first; n--) walk_inst(s, n - 1);
    leave_block_start(s, k);
    b->first = s->out.n;
    b->end = end;
}

/* What may not be made again is kept, or reloaded, like everything else. */
static COLD void limit_remats(Assign *s)
{
    for (uint32_t v = 0; v < s->m->vregs.n; v++)
        if (vreg_at(s, v)->remat && !permits(s, REWRITE_rematerialised))
            s->m->vregs.at[v].remat = 0;
}

static void set_up(Assign *s, RegSet avoided)
{
    MFunc *m = s->m;
    if (unlikely(s->fuel)) limit_remats(s);
    s->live = live_compute(m, s->a);
    s->allocatable = (REGS_GPR | REGS_XMM) & ~bit_of(REG_rsp) & ~bit_of(SCRATCH_XMM);
    s->allocatable &= ~avoided;
    if (m->realigned) s->allocatable &= ~bit_of(REG_rbp);
    s->free = s->allocatable;
    memset(s->regs.holder, 0xff, sizeof s->regs.holder);
    s->values = s->live->regs + REG_FIRST_VIRTUAL;
    s->entry = arena_array_room(s->a, RegState, m->blocks.n);
    s->exit = arena_array_room(s->a, RegState *, m->blocks.n);
    mcode_reserve(s->a, &s->out, m->code.n + m->code.n / 8 + 32);
    s->nbefore = s->live->nbefore;
    s->ncalls = s->live->calls.n;
    note_last_call(s);
}

void allocate_func(MFunc *m, RegSet avoided, Fuel *fuel)
{
    Assign s = {.m = m, .a = m->arena, .fuel = fuel};
    set_up(&s, avoided);
    for (uint32_t k = m->blocks.n; k > 0; k--) walk_block(&s, k - 1);
    m->saved = s.allocatable & (m->catches ? REGS_GPR : s.ever) & reg_callee_saved();
    frame_layout(m);
    finish_code(&s);
}
