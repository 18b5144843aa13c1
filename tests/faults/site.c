#include "tests/faults/site.h"

static void visit_module(PassStage *stage, Plant *plant)
{
    for (uint32_t k = 0; k < stage->module->funcs.n; k++) {
        Func *f = stage->module->funcs.at[k];
        for (uint32_t b = 0; b < f->layout.n; b++) {
            Site s = {.f = f, .block = f->layout.at[b]};
            for (; s.at < func_block(f, s.block)->insts.n; s.at++) stage->changes += plant(&s);
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
        if (minst_mark(&s.m->code.at[s.at]) != MARK_deleted) stage->changes += plant(&s);
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
