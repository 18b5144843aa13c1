/* A function ends earlier, and returns what it computed. */
#include "ir/build.h"
#include "reduce/step.h"

/* Every return of `f` returns zeros of the types. */
static void return_zeros(Func *f, const Type *types, uint32_t n)
{
    Value *zeros = arena_array(f->arena, Value, n + 1);
    vec_clear(&f->sig.returns);
    for (uint32_t k = 0; k < n; k++) vec_push(f->arena, &f->sig.returns)->type = (uint8_t)types[k];
    for (uint32_t b = 0; b < f->layout.n; b++) {
        Builder builder = builder_at(f, f->layout.at[b]);
        const InstData *last = func_terminator(f, f->layout.at[b]);
        if (!last || last->op != OP_return) continue;
        func_block(f, f->layout.at[b])->insts.n--;
        for (uint32_t k = 0; k < n; k++) zeros[k] = build_bits(&builder, types[k], bits_of(0));
        build_return(&builder, zeros, n);
    }
}

/* A call whose callee now returns one value of the type: the new result. */
static Value change_call(Func *f, Site p, Type type)
{
    Bits zero = bits_of(0);
    Inst call = func_block(f, p.block)->insts.at[p.at];
    Value old = func_inst(f, call)->result, fresh = {f->values.n};
    unsigned n = func_inst(f, call)->nresults;
    for (unsigned k = 0; k < n; k++) insert_constant(f, p.block, p.at, (Value){old.i + k}, &zero);
    *vec_push(f->arena, &f->values) = (ValueData){
        .type = (uint8_t)type, .kind = VALUE_RESULT, .owner = call.i, .name = f->value_names++};
    func_inst(f, call)->result = fresh;
    func_inst(f, call)->nresults = 1;
    return fresh;
}

static void return_from(Case *c, Site p, Value v);

/* All calls of `callee` in a function give one value of the type; the function returns that of the
 * first. */
static void return_calls(Case *c, uint32_t caller, uint32_t callee, Type type)
{
    Func *f = c->module->funcs.at[caller];
    Site first = {.func = NO_INDEX};
    Value value = VALUE_none;
    for (uint32_t b = 0; b < f->layout.n; b++) {
        Site p = {caller, f->layout.at[b], 0};
        for (; p.at < func_block(f, p.block)->insts.n; p.at++) {
            const InstData *i = data_at(c, p);
            if (i->op != OP_call || f->refs.at[i->entity].callee != callee) continue;
            uint32_t before = func_block(f, p.block)->insts.n;
            Signature *sig = &f->sigs.at[f->refs.at[i->entity].sig.i];
            vec_clear(&sig->returns);
            vec_push(f->arena, &sig->returns)->type = (uint8_t)type;
            Value fresh = change_call(f, p, type);
            p.at += func_block(f, p.block)->insts.n - before;
            if (first.func != NO_INDEX) continue;
            first = p;
            value = fresh;
        }
    }
    if (first.func == NO_INDEX) return;
    first.at++;
    return_from(c, first, value);
}

/* The function returns `v` at `p` and nothing else; so do those that call it. */
static void return_from(Case *c, Site p, Value v)
{
    Func *f = func_at(c, p);
    Type type = func_type(f, v);
    return_zeros(f, &type, 1);
    func_block(f, p.block)->insts.n = p.at;
    Builder b = builder_at(f, p.block);
    build_return(&b, &v, 1);
    for (uint32_t k = 0; k < p.func; k++) return_calls(c, k, p.func, type);
}

/* Whether the next instruction returns `v` and nothing else. */
static bool is_returned(const Func *f, Site p, Value v)
{
    const BlockData *bd = func_block(f, p.block);
    if (p.at + 2 != bd->insts.n) return false;
    const InstData *last = func_inst(f, vec_last(&bd->insts));
    return last->op == OP_return && last->nargs == 1 && inst_args_const(last)[0].i == v.i;
}

bool step_return_here(Case *c, const Trace *t, Site p)
{
    (void)t;
    const Func *f = func_at(c, p);
    const InstData *i = data_at(c, p);
    bool store = op_has(i->op, EFFECT_S) && !op_has(i->op, EFFECT_K) && i->nresults == 0;
    bool result = i->nresults == 1 && i->nargs && !op_has(i->op, EFFECT_T);
    if (!store && !result) return false;
    Value v = store ? inst_args_const(i)[0] : i->result;
    if (!has_constants(func_type(f, v)) || (!store && is_returned(f, p, v))) return false;
    p.at += !store;
    return_from(c, p, v);
    return true;
}

enum { SPLIT_RETURNS_MAX = 24 };

/* Whether `v` is the result of arithmetic that may go, and its operands come instead. */
static const InstData *splits(const Func *f, Value v)
{
    const InstData *d = func_def(f, v);
    if (!d || !op_has(d->op, EFFECT_P) || d->nargs == 0 || d->nresults != 1) return NULL;
    for (uint32_t k = 0; k < d->nargs; k++)
        if (!has_constants(func_type(f, inst_args_const(d)[k]))) return NULL;
    return d;
}

/* The run's function returns these values at the end of block `b`, whose return is the last
 * instruction; elsewhere it returns zeros. */
static void return_all(Func *f, Block b, const Value *values, uint32_t n)
{
    Type types[SPLIT_RETURNS_MAX];
    Builder builder = builder_at(f, b);
    uint32_t end = func_block(f, b)->insts.n - 1;
    for (uint32_t k = 0; k < n; k++) types[k] = func_type(f, values[k]);
    return_zeros(f, types, n);
    func_block(f, b)->insts.n = end;
    build_return(&builder, values, n);
}

/* Turn this: z := x ^ y; return z
 * Into this: return x, y */
bool step_split_return(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    const InstData *last = data_at(c, p);
    if (p.func != ENTRY || last->op != OP_return) return false;
    Value values[SPLIT_RETURNS_MAX];
    uint32_t n = 0;
    bool changed = false;
    for (uint32_t k = 0; k < last->nargs; k++) {
        Value v = inst_args_const(last)[k];
        const InstData *d = splits(f, v);
        uint32_t parts = d ? d->nargs : 1;
        if (n + parts > SPLIT_RETURNS_MAX) return false;
        for (uint32_t m = 0; m < parts; m++) values[n++] = d ? inst_args_const(d)[m] : v;
        changed |= d != NULL;
    }
    if (changed) return_all(f, p.block, values, n);
    return changed;
}

/* Turn this: store x, p; …; return y
 * Into this: …; return y, x */
bool step_return_stored(Case *c, const Trace *t, Site p)
{
    (void)t;
    Access access;
    Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    const InstData *last = func_terminator(f, p.block);
    if (p.func != ENTRY || last->op != OP_return || last->nargs >= SPLIT_RETURNS_MAX) return false;
    if (!inst_access(i, &access) || access.value < 0 || i->nresults) return false;
    Value values[SPLIT_RETURNS_MAX];
    memcpy(values, inst_args_const(last), last->nargs * sizeof *values);
    values[last->nargs] = inst_args_const(i)[access.value];
    if (!has_constants(func_type(f, values[last->nargs]))) return false;
    make_nop(i);
    return_all(f, p.block, values, last->nargs + 1);
    return true;
}
