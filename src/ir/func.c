#include "ir/contract.h"

Module *module_create(Arena *a)
{
    Module *m = arena_new(a, Module);
    m->arena = a;
    return m;
}

bool funcname_equal(FuncName a, FuncName b)
{
    if (a.text.n || b.text.n) return str_equal(a.text, b.text);
    return a.space == b.space && a.index == b.index;
}

uint32_t module_find(const Module *m, FuncName name)
{
    for (uint32_t k = 0; k < m->funcs.n; k++)
        if (funcname_equal(m->funcs.at[k]->name, name)) return k;
    return NO_INDEX;
}

void module_link(Module *m)
{
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        Func *f = m->funcs.at[k];
        for (uint32_t r = 0; r < f->refs.n; r++)
            f->refs.at[r].callee = module_find(m, f->refs.at[r].name);
        for (uint32_t g = 0; g < f->globals.n; g++)
            f->globals.at[g].callee = module_find(m, f->globals.at[g].symbol);
    }
}

const InstNote *func_note(const Func *f, Inst i)
{
    uint32_t lo = 0, hi = f->notes.n;
    while (lo < hi) {
        uint32_t mid = lo + (hi - lo) / 2;
        if (f->notes.at[mid].inst.i < i.i) lo = mid + 1;
        else hi = mid;
    }
    return lo < f->notes.n && f->notes.at[lo].inst.i == i.i ? &f->notes.at[lo] : NULL;
}

Type global_type(const GlobalValueData *g)
{
    switch ((GlobalKind)g->kind) {
    case GLOBAL_load:
    case GLOBAL_iadd_imm: return (Type)g->type;
    case GLOBAL_vmctx:
    case GLOBAL_symbol:
    case GLOBAL_dyn_scale: break;
    }
    return TY_i64;
}

const Signature *func_call_signature(const Func *f, const InstData *i)
{
    if (op_info[i->op].indirect) return &f->sigs.at[i->entity];
    return &f->sigs.at[f->refs.at[i->entity].sig.i];
}

uint32_t table_contexts(const ExceptionTable *t)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < t->handlers.n; k++) n += t->handlers.at[k].kind == HANDLER_context;
    return n;
}

const Value *func_call_args(const Func *f, const InstData *call, uint32_t *n)
{
    const OpInfo *o = inst_op(call);
    *n = call->nargs - o->indirect;
    if (o->tries) *n -= table_contexts(func_table(f, call));
    return inst_args_const(call) + o->indirect;
}

uint32_t *func_count_uses(const Func *f, Arena *a)
{
    uint32_t *uses = arena_array(a, uint32_t, f->values.n);
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            const Value *args = inst_args_const(i);
            for (uint32_t n = 0; n < i->nargs; n++) uses[args[n].i]++;
            for (uint32_t d = 0; d < i->ndests; d++)
                for (uint32_t n = 0; n < i->dests[d].nargs; n++) uses[i->dests[d].args[n].i]++;
        }
    }
    return uses;
}

uint32_t module_inst_count(const Module *m)
{
    uint32_t count = 0;
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        const Func *f = m->funcs.at[k];
        for (uint32_t b = 0; b < f->layout.n; b++)
            count += func_block(f, f->layout.at[b])->insts.n;
    }
    return count;
}

static bool has_op(const Func *f, Op op)
{
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *block = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < block->insts.n; k++)
            if (func_inst(f, block->insts.at[k])->op == op) return true;
    }
    return false;
}

bool module_has_op(const Module *m, Op op)
{
    for (uint32_t k = 0; k < m->funcs.n; k++)
        if (has_op(m->funcs.at[k], op)) return true;
    return false;
}

/* Copies what a vector points to into arena `a`. */
#define CLONE_VEC(a, v) \
    ((v)->at = clone_array((a), (v)->at, (v)->n * sizeof *(v)->at), (v)->cap = (v)->n)

static void *clone_array(Arena *a, const void *at, size_t bytes)
{
    return bytes ? memcpy(arena_alloc(a, bytes), at, bytes) : NULL;
}

static void clone_signature(Signature *s, Arena *a)
{
    CLONE_VEC(a, &s->params);
    CLONE_VEC(a, &s->returns);
}

static void clone_inst(InstData *i, Arena *a)
{
    if (i->nargs > 4) i->args_.many = clone_array(a, i->args_.many, i->nargs * sizeof(Value));
    if (!i->ndests) return;
    i->dests = clone_array(a, i->dests, i->ndests * sizeof *i->dests);
    for (uint32_t d = 0; d < i->ndests; d++)
        i->dests[d].args = clone_array(a, i->dests[d].args, i->dests[d].nargs * sizeof(Value));
}

static void clone_contract(Contract *c, Arena *a)
{
    CLONE_VEC(a, &c->init);
    CLONE_VEC(a, &c->cells);
    for (uint32_t k = 0; k < c->cells.n; k++) clone_contract(&c->cells.at[k].target, a);
}

static void clone_contracts(Func *f, Arena *a)
{
    uint32_t n = f->sig.params.n;
    if (!f->contracts) return;
    f->contracts = clone_array(a, f->contracts, n * sizeof *f->contracts);
    for (uint32_t k = 0; k < n; k++) {
        Contract *c = &f->contracts[k];
        clone_contract(c, a);
        if (c->relations) c->relations = clone_array(a, c->relations, k * sizeof *c->relations);
    }
}

Func *func_clone(const Func *old, Module *into, Arena *a)
{
    Func *f = arena_new(a, Func);
    *f = *old;
    f->arena = a;
    f->module = into;
    clone_signature(&f->sig, a);
    clone_contracts(f, a);
    CLONE_VEC(a, &f->slots);
    CLONE_VEC(a, &f->sigs);
    for (uint32_t k = 0; k < f->sigs.n; k++) clone_signature(&f->sigs.at[k], a);
    CLONE_VEC(a, &f->refs);
    CLONE_VEC(a, &f->constants);
    for (uint32_t k = 0; k < f->constants.n; k++) {
        ConstantData *c = &f->constants.at[k];
        c->bytes = clone_array(a, c->bytes, c->n);
    }
    CLONE_VEC(a, &f->regions);
    CLONE_VEC(a, &f->globals);
    CLONE_VEC(a, &f->tables);
    for (uint32_t k = 0; k < f->tables.n; k++) CLONE_VEC(a, &f->tables.at[k].handlers);
    CLONE_VEC(a, &f->dyn_types);
    CLONE_VEC(a, &f->dyn_slots);
    CLONE_VEC(a, &f->notes);
    for (uint32_t k = 0; k < f->notes.n; k++) {
        CLONE_VEC(a, &f->notes.at[k].tags);
        CLONE_VEC(a, &f->notes.at[k].map);
    }
    CLONE_VEC(a, &f->blocks);
    for (uint32_t k = 0; k < f->blocks.n; k++) {
        CLONE_VEC(a, &f->blocks.at[k].params);
        CLONE_VEC(a, &f->blocks.at[k].insts);
    }
    CLONE_VEC(a, &f->insts);
    for (uint32_t k = 0; k < f->insts.n; k++) clone_inst(&f->insts.at[k], a);
    CLONE_VEC(a, &f->values);
    CLONE_VEC(a, &f->layout);
    return f;
}

Module *module_clone(const Module *old, Arena *a)
{
    Module *m = module_create(a);
    for (uint32_t k = 0; k < old->funcs.n; k++)
        *vec_push(a, &m->funcs) = func_clone(old->funcs.at[k], m, a);
    return m;
}

Relation func_relation(const Func *f, uint32_t i, uint32_t j)
{
    if (i == j) return RELATION_same;
    uint32_t high = i > j ? i : j, low = i > j ? j : i;
    if (!f->contracts || !f->contracts[high].relations) return RELATION_any;
    return f->contracts[high].relations[low];
}

void func_add_contracts(Func *f)
{
    if (!f->contracts) f->contracts = arena_array(f->arena, Contract, f->sig.params.n + 1);
}

void func_set_relation(Func *f, uint32_t i, uint32_t j, Relation relation)
{
    CHECK(i != j && f->contracts);
    uint32_t high = i > j ? i : j, low = i > j ? j : i;
    Contract *c = &f->contracts[high];
    if (!c->relations) c->relations = arena_array(f->arena, Relation, high);
    c->relations[low] = relation;
}
