/* What a function is given and gives, and all that call it. */
#include "ir/build.h"
#include "reduce/step.h"

/* ---- references --------------------------------------------------------------------------- */

static bool is_direct_call(const InstData *i)
{
    return op_has(i->op, EFFECT_K) && !inst_op(i)->indirect && !inst_op(i)->tries;
}

bool func_is_only_called(const Case *c, uint32_t func)
{
    for (uint32_t m = 0; m < c->module->funcs.n; m++) {
        const Func *f = c->module->funcs.at[m];
        for (uint32_t k = 0; k < f->globals.n; k++)
            if (f->globals.at[k].kind == GLOBAL_symbol && f->globals.at[k].callee == func)
                return false;
        for (uint32_t k = 0; k < f->insts.n; k++) {
            const InstData *i = &f->insts.at[k];
            bool names = strchr(format_operands[inst_op(i)->format], 'F') != NULL;
            if (names && f->refs.at[i->entity].callee == func && !is_direct_call(i)) return false;
        }
    }
    return true;
}

/* A signature that no other reference has. */
static Signature *own_signature(Func *f, uint32_t ref)
{
    uint32_t name = 0, old = f->refs.at[ref].sig.i, n = f->sigs.n;
    for (uint32_t k = 0; k < n; k++) name = (uint32_t)max_u64(name, f->sigs.at[k].name + 1);
    Signature *s = vec_push(f->arena, &f->sigs), copy = f->sigs.at[old];
    *s = (Signature){.conv = copy.conv, .name = name};
    for (uint32_t k = 0; k < copy.params.n; k++)
        *vec_push(f->arena, &s->params) = copy.params.at[k];
    for (uint32_t k = 0; k < copy.returns.n; k++)
        *vec_push(f->arena, &s->returns) = copy.returns.at[k];
    f->refs.at[ref].sig.i = n;
    return s;
}

bool change_signatures(Case *c, uint32_t func, uint32_t at, ChangeSignature *change)
{
    if (!func_is_only_called(c, func)) return false;
    change(&c->module->funcs.at[func]->sig, at);
    for (uint32_t m = 0; m < c->module->funcs.n; m++) {
        Func *f = c->module->funcs.at[m];
        for (uint32_t r = 0; r < f->refs.n; r++)
            if (f->refs.at[r].callee == func) change(own_signature(f, r), at);
    }
    return true;
}

static bool same_types(const Signature *x, const Signature *y)
{
    for (uint32_t k = 0; k < x->params.n; k++)
        if (x->params.at[k].type != y->params.at[k].type) return false;
    for (uint32_t k = 0; k < x->returns.n; k++)
        if (x->returns.at[k].type != y->returns.at[k].type) return false;
    return true;
}

void match_signatures(Case *c)
{
    for (uint32_t m = 0; m < c->module->funcs.n; m++) {
        Func *f = c->module->funcs.at[m];
        for (uint32_t r = 0; r < f->refs.n; r++) {
            if (f->refs.at[r].callee == NO_INDEX) continue;
            const Signature *sig = &c->module->funcs.at[f->refs.at[r].callee]->sig;
            if (same_types(sig, &f->sigs.at[f->refs.at[r].sig.i])) continue;
            Signature *own = own_signature(f, r);
            for (uint32_t k = 0; k < sig->params.n; k++) own->params.at[k] = sig->params.at[k];
            for (uint32_t k = 0; k < sig->returns.n; k++) own->returns.at[k] = sig->returns.at[k];
        }
    }
}

#define REMOVE(v, k) \
    ((void)memmove((v)->at + (k), (v)->at + (k) + 1, ((v)->n - (k) - 1) * sizeof *(v)->at), \
     (void)(v)->n--)

bool visit_calls(Case *c, uint32_t func, uint32_t at, VisitCall *visit)
{
    bool changed = false;
    for (uint32_t m = 0; m < c->module->funcs.n; m++) {
        Func *f = c->module->funcs.at[m];
        for (uint32_t b = 0; b < f->layout.n; b++)
            for (Site p = {m, f->layout.at[b], func_block(f, f->layout.at[b])->insts.n}; p.at;) {
                p.at--;
                const InstData *i = data_at(c, p);
                if (is_direct_call(i) && f->refs.at[i->entity].callee == func)
                    changed |= visit(c, p, at);
            }
    }
    return changed;
}

static void drop_operand(Func *f, InstData *i, uint32_t k)
{
    uint32_t n = i->nargs;
    Value *left = arena_array(f->arena, Value, n + 1);
    memcpy(left, inst_args_const(i), n * sizeof *left);
    memmove(left + k, left + k + 1, (n - k - 1) * sizeof *left);
    inst_set_args(f, i, left, n - 1);
}

/* ---- parameters --------------------------------------------------------------------------- */

/* Contracts have a relation to each parameter before theirs. */
static void drop_contract(Func *f, uint32_t at)
{
    uint32_t n = f->sig.params.n;
    if (!f->contracts) return;
    for (uint32_t k = at + 1; k < n; k++) {
        Relation *r = f->contracts[k].relations;
        if (r) memmove(r + at, r + at + 1, (k - at - 1) * sizeof *r);
    }
    memmove(f->contracts + at, f->contracts + at + 1, (n - at - 1) * sizeof *f->contracts);
}

static bool drop_passed(Case *c, Site p, uint32_t at)
{
    drop_operand(func_at(c, p), data_at(c, p), at);
    return true;
}

static void lose_param(Signature *sig, uint32_t at)
{
    REMOVE(&sig->params, at);
}

static bool drop_func_param(Case *c, uint32_t func, uint32_t at)
{
    Func *f = c->module->funcs.at[func];
    Run *run = &c->runs.at[0];
    bool runs = func == ENTRY && run->args.n == f->sig.params.n;
    if ((func == ENTRY && !runs) || !func_is_only_called(c, func)) return false;
    visit_calls(c, func, at, drop_passed);
    drop_contract(f, at);
    if (runs) REMOVE(&run->args, at);
    return change_signatures(c, func, at, lose_param);
}

static void drop_way_operand(InstData *i, Block to, uint32_t at)
{
    for (uint32_t d = 0; d < i->ndests; d++) {
        BlockCall *way = &i->dests[d];
        if (way->block.i != to.i || at >= way->nargs) continue;
        memmove(way->args + at, way->args + at + 1, (way->nargs - at - 1) * sizeof *way->args);
        way->nargs--;
    }
}

bool drop_block_param(Case *c, Site p)
{
    Func *f = func_at(c, p);
    if (p.block.i == func_entry(f).i && !drop_func_param(c, p.func, p.at)) return false;
    for (uint32_t k = 0; k < f->insts.n; k++) drop_way_operand(&f->insts.at[k], p.block, p.at);
    ValueVec *params = &func_block(f, p.block)->params;
    REMOVE(params, p.at);
    for (uint32_t k = p.at; k < params->n; k++) func_value(f, params->at[k])->index = (uint16_t)k;
    return true;
}

/* ---- results ------------------------------------------------------------------------------ */

/* The results of a call but for that one are other values; what used it gets zero. */
static bool drop_call_result(Case *c, Site p, uint32_t at)
{
    Func *f = func_at(c, p);
    Bits zero = bits_of(0);
    Inst call = func_block(f, p.block)->insts.at[p.at];
    Value old = func_inst(f, call)->result, fresh = {f->values.n};
    uint32_t n = func_inst(f, call)->nresults;
    if (op_has(func_inst(f, call)->op, EFFECT_T)) return false; /* a tail call */
    for (uint32_t k = 0; k < n; k++) {
        if (k == at) continue;
        Value v = {f->values.n};
        *vec_push(f->arena, &f->values) =
            (ValueData){.type = (uint8_t)func_type(f, (Value){old.i + k}), .kind = VALUE_RESULT,
                        .index = (uint16_t)(v.i - fresh.i), .owner = call.i,
                        .name = f->value_names++};
        replace_value(f, (Value){old.i + k}, v);
    }
    func_inst(f, call)->result = n > 1 ? fresh : VALUE_none;
    func_inst(f, call)->nresults = (uint8_t)(n - 1);
    insert_constant(f, p.block, p.at, (Value){old.i + at}, &zero);
    return true;
}

static void lose_result(Signature *sig, uint32_t at)
{
    REMOVE(&sig->returns, at);
}

bool drop_result(Case *c, uint32_t func, uint32_t at)
{
    Func *f = c->module->funcs.at[func];
    Run *run = &c->runs.at[0];
    uint32_t n = f->sig.returns.n;
    if (!change_signatures(c, func, at, lose_result)) return false;
    if (func == ENTRY && run->results.n == n) REMOVE(&run->results, at);
    for (uint32_t b = 0; b < f->layout.n; b++) {
        InstData *last = func_terminator(f, f->layout.at[b]);
        if (last && last->op == OP_return) drop_operand(f, last, at);
    }
    visit_calls(c, func, at, drop_call_result);
    return true;
}
