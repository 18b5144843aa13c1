#include "tests/faults/site.h"

SiteChanged *site_changed;
void *site_changed_data;

/* What `i` does with a register, as ROLE_*: 0 when it does not mention it. */
static unsigned role_of(MInst *i, Reg r)
{
    RegRef refs[MINST_REFS];
    unsigned role = 0;
    for (unsigned k = minst_regs(i, refs); k-- > 0;)
        if (reg_equal(*refs[k].at, r)) role |= refs[k].role;
    return role;
}

/* The branch or return that ends a block; of the code of an edge, that of the block it leaves. */
static uint32_t end_of_block(const MFunc *m, const MBlock *b)
{
    for (uint32_t k = b->end; k-- > b->first;)
        if (minst_origin(&m->code.at[k]) != NO_INDEX) return minst_origin(&m->code.at[k]);
    uint32_t index = (uint32_t)(b - m->blocks.at);
    for (uint32_t e = 0; e < m->edges.n && b->ir.i == NO_INDEX; e++)
        if (m->edges.at[e].stub == index)
            return end_of_block(m, &m->blocks.at[m->edges.at[e].from]);
    return NO_INDEX;
}

static const MBlock *block_at(const MFunc *m, uint32_t at)
{
    for (uint32_t b = 0; b < m->blocks.n; b++)
        if (m->blocks.at[b].first <= at && at < m->blocks.at[b].end) return &m->blocks.at[b];
    return NULL;
}

/* Whether a call passes the register. */
static bool is_passed_in(const MFunc *m, const MInst *i, Reg r)
{
    return form_roles[i->form] & ROLES_CALL && m->calls.at[i->imm].uses >> r.i & 1;
}

/* What reads the register that `at` loads, moves on the way, before `end` in the order
 * of the code. */
static uint32_t reader_of(const MFunc *m, uint32_t at, uint32_t end)
{
    Reg r = m->code.at[at].reg[0];
    for (uint32_t k = at + 1; k < end; k++) {
        MInst *i = &m->code.at[k];
        unsigned role = minst_mark(i) == MARK_deleted ? 0 : role_of(i, r);
        if (is_passed_in(m, i, r)) return minst_origin(i);
        if (role & ROLE_USE && minst_mark(i) != MARK_move) return minst_origin(i);
        if (role & ROLE_USE) r = i->reg[0];
        else if (role & ROLE_DEF) break;
    }
    return NO_INDEX;
}

/* A register that nothing in the block reads is for the branch or return that ends it, or for what
 * comes behind it. */
static void tell_readers(const PassStage *stage, const MFunc *m, uint32_t at)
{
    const MBlock *b = block_at(m, at);
    uint32_t here = b ? reader_of(m, at, b->end) : NO_INDEX;
    if (here == NO_INDEX && b)
        site_changed(site_changed_data, stage->func, (Inst){end_of_block(m, b)});
    if (here == NO_INDEX) here = reader_of(m, at, m->code.n);
    site_changed(site_changed_data, stage->func, (Inst){here});
}

/* What defines the register that `at` stores. */
static uint32_t definer_of(const MFunc *m, uint32_t at)
{
    Reg r = m->code.at[at].reg[1];
    for (uint32_t k = at; k-- > 0;) {
        MInst *i = &m->code.at[k];
        if (minst_mark(i) == MARK_deleted || !(role_of(i, r) & ROLE_DEF)) continue;
        if (minst_mark(i) != MARK_move) return minst_origin(i);
        r = i->reg[1];
    }
    return NO_INDEX;
}

/* The values that are spilled into a slot, and what reads them again. */
static void tell_slot(const PassStage *stage, const Site *s, uint32_t slot)
{
    for (uint32_t k = 0; k < s->m->code.n; k++) {
        const MInst *i = &s->m->code.at[k];
        if (i->mem.kind != MEM_SLOT || i->mem.slot != slot) continue;
        if (minst_mark(i) == MARK_load) tell_readers(stage, s->m, k);
        if (minst_mark(i) == MARK_store)
            site_changed(site_changed_data, stage->func, (Inst){definer_of(s->m, k)});
    }
}

/* Spills and reloads are of what the slot was and is to hold. */
static void tell(const PassStage *stage, const Site *s, const MInst *before)
{
    const MInst *after = &s->m->code.at[s->at];
    Mark mark = minst_mark(before);
    bool slot = before->mem.kind == MEM_SLOT && (mark == MARK_load || mark == MARK_store);
    if (mark == MARK_load) tell_readers(stage, s->m, s->at);
    if (!slot) {
        site_changed(site_changed_data, stage->func, (Inst){minst_origin(before)});
        return;
    }
    tell_slot(stage, s, before->mem.slot);
    if (after->mem.slot != before->mem.slot) tell_slot(stage, s, after->mem.slot);
}

/* What a plant changes is one rewrite of the pass that it follows. */
static bool apply(PassStage *stage, Plant *plant, const Site *s, uint32_t func, Inst inst)
{
    if (!fuel_left(stage->fuel, stage->after) || !plant(s)) return false;
    stage->changes++;
    return fuel_take(stage->fuel, rewrite_of_hook(stage->after), NULL, func, inst);
}

static void ask_machine(PassStage *stage, Plant *plant, const Site *s)
{
    const MInst before = s->m->code.at[s->at];
    if (!apply(stage, plant, s, stage->func, (Inst){minst_origin(&before)})) return;
    if (site_changed) tell(stage, s, &before);
}

/* `inst` is what stands there before. */
static void ask_module(PassStage *stage, Plant *plant, const Site *s, uint32_t func, Inst inst)
{
    if (!apply(stage, plant, s, func, inst)) return;
    if (site_changed) site_changed(site_changed_data, func, inst);
}

static void visit_module(PassStage *stage, Plant *plant)
{
    for (uint32_t k = 0; k < stage->module->funcs.n; k++) {
        Func *f = stage->module->funcs.at[k];
        for (uint32_t b = 0; b < f->layout.n; b++) {
            Site s = {.f = f, .block = f->layout.at[b]};
            for (; s.at < func_block(f, s.block)->insts.n; s.at++)
                ask_module(stage, plant, &s, k, func_block(f, s.block)->insts.at[s.at]);
        }
    }
}

void site_visit(PassStage *stage, Plant *plant)
{
    if (stage->after == PASS_legalise) {
        visit_module(stage, plant);
        return;
    }
    Site s = {.m = stage->machine};
    for (; s.at < s.m->code.n; s.at++)
        if (minst_mark(&s.m->code.at[s.at]) != MARK_deleted)
            ask_machine(stage, plant, &s);
}

InstData *site_inst(const Site *s, uint32_t at)
{
    return func_inst(s->f, func_block(s->f, s->block)->insts.at[at]);
}

void site_remove(const Site *s, uint32_t at)
{
    BlockData *bd = func_block(s->f, s->block);
    bd->insts.n--;
    memmove(bd->insts.at + at, bd->insts.at + at + 1, (bd->insts.n - at) * sizeof(Inst));
}

void site_move(const Site *s, uint32_t from, uint32_t to)
{
    Inst *at = func_block(s->f, s->block)->insts.at;
    Inst moved = at[from];
    if (to < from) memmove(at + to + 1, at + to, (from - to) * sizeof(Inst));
    else memmove(at + from, at + from + 1, (to - from) * sizeof(Inst));
    at[to] = moved;
}

void site_move_out(const Site *s, Block to)
{
    BlockData *bd = func_block(s->f, to);
    Inst moved = func_block(s->f, s->block)->insts.at[s->at];
    site_remove(s, s->at);
    Inst last = vec_last(&bd->insts);
    bd->insts.at[bd->insts.n - 1] = moved;
    *vec_push(s->f->arena, &bd->insts) = last;
}

void site_replace_value(Func *f, Value old, Value fresh)
{
    for (uint32_t k = 0; k < f->insts.n; k++) {
        InstData *i = &f->insts.at[k];
        for (uint32_t n = 0; n < i->nargs; n++)
            if (inst_args(i)[n].i == old.i) inst_args(i)[n] = fresh;
        for (uint32_t d = 0; d < i->ndests; d++)
            for (uint32_t n = 0; n < i->dests[d].nargs; n++)
                if (i->dests[d].args[n].i == old.i) i->dests[d].args[n] = fresh;
    }
}

Value access_address(const InstData *i)
{
    return inst_args_const(i)[is_store(i) ? 1 : 0];
}

unsigned access_bytes(const Func *f, const InstData *i)
{
    Type type = is_store(i) ? func_type(f, inst_args_const(i)[0]) : (Type)i->type;
    return op_access_bytes((Op)i->op, type);
}

bool constant_value(const Func *f, Value v, int64_t *n)
{
    const InstData *d = func_def(f, v);
    if (!d || d->op != OP_iconst) return false;
    *n = d->imm;
    return true;
}

Origin origin_of(const Func *f, Value address)
{
    Origin o = {.root = address, .param = NO_INDEX, .slot = NO_INDEX, .exact = true};
    const InstData *d;
    while ((d = func_def(f, o.root)) != NULL && d->op == OP_iadd) {
        const Value *args = inst_args_const(d);
        int64_t n;
        bool right = constant_value(f, args[1], &n);
        bool left = !right && constant_value(f, args[0], &n);
        if (left || right) o.offset = (int64_t)((uint64_t)o.offset + (uint64_t)n);
        else o.exact = false;
        o.root = args[left ? 1 : 0];
    }
    if (d && d->op == OP_stack_addr) o.slot = d->entity, o.offset += d->imm;
    const ValueData *v = func_value(f, o.root);
    if (v->kind == VALUE_PARAM && v->owner == func_entry(f).i) o.param = v->index;
    return o;
}

bool same_root(const Origin *x, const Origin *y)
{
    return x->slot == NO_INDEX ? x->root.i == y->root.i : x->slot == y->slot;
}

/* Checks the calls that `caller` makes; counts them. */
static bool calls_pass(const Func *caller, const Func *f, uint32_t x, uint32_t y,
                       ArgumentCheck *check, uint32_t *calls)
{
    for (uint32_t k = 0; k < caller->insts.n; k++) {
        const InstData *i = &caller->insts.at[k];
        if (inst_op(i)->format == FORMAT_func_addr &&
            funcname_equal(caller->refs.at[i->entity].name, f->name))
            return false;
        if (i->op != OP_call || !funcname_equal(caller->refs.at[i->entity].name, f->name)) continue;
        ++*calls;
        if (i->nargs != f->sig.params.n) return false; /* i128 is split in one of them alone */
        if (!check(caller, inst_args_const(i)[x], inst_args_const(i)[y])) return false;
    }
    return true;
}

bool all_calls_pass(const Func *f, uint32_t x, uint32_t y, ArgumentCheck *check)
{
    uint32_t calls = 0;
    for (uint32_t k = 0; k < f->module->funcs.n; k++)
        if (!calls_pass(f->module->funcs.at[k], f, x, y, check, &calls)) return false;
    return calls > 0;
}

bool first_call_passes(const Func *f, uint32_t x, uint32_t y, ArgumentCheck *check)
{
    for (uint32_t k = 0; k < f->module->funcs.n; k++) {
        const Func *caller = f->module->funcs.at[k];
        for (uint32_t n = 0; n < caller->insts.n; n++) {
            const InstData *i = &caller->insts.at[n];
            if (i->op == OP_call && funcname_equal(caller->refs.at[i->entity].name, f->name))
                return check(caller, inst_args_const(i)[x], inst_args_const(i)[y]);
        }
    }
    return false;
}

static bool are_any(const Func *caller, Value x, Value y)
{
    (void)caller, (void)x, (void)y;
    return true;
}

bool is_passed(const Func *f, const Origin *o)
{
    return o->param != NO_INDEX && all_calls_pass(f, o->param, o->param, are_any);
}

static bool are_different(const Func *caller, Value x, Value y)
{
    (void)caller;
    return x.i != y.i;
}

bool other_parameter(const Func *f, const Origin *x, const Origin *y)
{
    return x->param != NO_INDEX && y->param != NO_INDEX && x->param != y->param &&
           all_calls_pass(f, x->param, y->param, are_different);
}

/* From the end of the bytes of `x` to the start of those of `y`; `*known` when that is known. */
static int64_t gap(const Func *f, const InstData *x, const InstData *y, bool *known)
{
    Origin p = origin_of(f, access_address(x)), q = origin_of(f, access_address(y));
    *known = same_root(&p, &q) && p.exact && q.exact;
    uint64_t end = (uint64_t)p.offset + (uint64_t)x->imm + access_bytes(f, x);
    return (int64_t)((uint64_t)q.offset + (uint64_t)y->imm - end);
}

bool same_place(const Func *f, const InstData *x, const InstData *y)
{
    bool known, same = access_address(x).i == access_address(y).i && x->imm == y->imm;
    unsigned bytes = access_bytes(f, x);
    if (bytes != access_bytes(f, y)) return false;
    return same || (gap(f, x, y, &known) == -(int64_t)bytes && known);
}

bool surely_apart(const Func *f, const InstData *x, const InstData *y)
{
    Origin p = origin_of(f, access_address(x)), q = origin_of(f, access_address(y));
    if (p.slot != NO_INDEX && q.slot != NO_INDEX && p.slot != q.slot) return true;
    bool known;
    return (gap(f, x, y, &known) >= 0 || gap(f, y, x, &known) >= 0) && known;
}

bool defined_from(const Site *s, Value v, uint32_t from)
{
    const BlockData *bd = func_block(s->f, s->block);
    const ValueData *d = func_value(s->f, v);
    for (uint32_t k = from; d->kind == VALUE_RESULT && k < bd->insts.n; k++)
        if (bd->insts.at[k].i == d->owner) return true;
    return false;
}
