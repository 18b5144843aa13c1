/* What several steps do to a function. */
#include "ir/build.h"
#include "reduce/step.h"

Func *func_at(const Case *c, Site p) { return c->module->funcs.at[p.func]; }

Inst inst_at(const Case *c, Site p)
{
    return func_block(func_at(c, p), p.block)->insts.at[p.at];
}

InstData *data_at(const Case *c, Site p)
{
    return func_inst(func_at(c, p), inst_at(c, p));
}

void replace_value(Func *f, Value old, Value fresh)
{
    for (uint32_t k = 0; k < f->insts.n; k++) {
        InstData *i = &f->insts.at[k];
        Value *args = inst_args(i);
        for (uint32_t n = 0; n < i->nargs; n++)
            if (args[n].i == old.i) args[n] = fresh;
        for (uint32_t d = 0; d < i->ndests; d++)
            for (uint32_t n = 0; n < i->dests[d].nargs; n++)
                if (i->dests[d].args[n].i == old.i) i->dests[d].args[n] = fresh;
    }
}

void make_nop(InstData *i)
{
    *i = (InstData){.op = OP_nop, .result = VALUE_none};
}

/* ---- constants ---------------------------------------------------------------------------- */

static void make_constant(Func *f, InstData *i, Value result, const Bits *bits)
{
    Type t = func_type(f, result);
    *i = (InstData){.type = (uint8_t)t, .nresults = 1, .result = result};
    if (type_is_vector(t) || t == TY_f128) {
        i->op = t == TY_f128 ? OP_f128const : OP_vconst;
        i->entity = build_constant(f, bits, type_bytes(t)).i;
    } else if (type_is_float(t)) {
        i->op = t == TY_f16 ? OP_f16const : t == TY_f32 ? OP_f32const : OP_f64const;
        i->imm = (int64_t)bits->u64[0];
    } else {
        unsigned spare = 64 - type_bits(t);
        i->op = OP_iconst;
        i->imm = (int64_t)(bits->u64[0] << spare) >> spare;
    }
}

bool has_constants(Type t)
{
    return type_bytes(t) <= 16;
}

/* A new instruction at `at` in the block, which is to define `result` alone. */
static Inst insert_inst(Func *f, Block b, uint32_t at, Value result)
{
    BlockData *bd = func_block(f, b);
    Inst fresh = {f->insts.n};
    vec_push(f->arena, &f->insts);
    vec_push(f->arena, &bd->insts);
    memmove(bd->insts.at + at + 1, bd->insts.at + at, (bd->insts.n - at - 1) * sizeof(Inst));
    bd->insts.at[at] = fresh;
    func_value(f, result)->kind = VALUE_RESULT;
    func_value(f, result)->owner = fresh.i;
    func_value(f, result)->index = 0;
    return fresh;
}

/* A new value of 64 bits, by a new constant. */
static Value insert_half(Func *f, Block b, uint32_t at, uint64_t bits)
{
    Value v = {f->values.n};
    *vec_push(f->arena, &f->values) =
        (ValueData){.type = TY_i64, .kind = VALUE_RESULT, .name = f->value_names++};
    Bits whole = bits_of(bits);
    Inst fresh = insert_inst(f, b, at, v);
    make_constant(f, func_inst(f, fresh), v, &whole);
    return v;
}

/* Defines `result`, which nothing else does, by a new constant at `at` in the block; one of i128 is
 * made of two. */
void insert_constant(Func *f, Block b, uint32_t at, Value result, const Bits *bits)
{
    Inst fresh = insert_inst(f, b, at, result);
    if (func_type(f, result) != TY_i128) {
        make_constant(f, func_inst(f, fresh), result, bits);
        return;
    }
    Value high = insert_half(f, b, at, bits->u64[1]), low = insert_half(f, b, at, bits->u64[0]);
    *func_inst(f, fresh) = (InstData){.op = OP_iconcat, .type = TY_i64, .nresults = 1,
                                      .result = result, .nargs = 2, .args_.few = {low, high}};
}

/* An instruction with several results becomes as many constants. */
static void make_constants(Func *f, Site p, const Bits *bits)
{
    InstData *i = func_inst(f, func_block(f, p.block)->insts.at[p.at]);
    Value first = i->result;
    unsigned n = i->nresults;
    make_nop(i);
    for (unsigned k = 0; k < n; k++) insert_constant(f, p.block, p.at, (Value){first.i + k}, bits);
}

static bool is_iconst(const Func *f, Value v)
{
    const InstData *d = func_def(f, v);
    return d && d->op == OP_iconst;
}

/* What insert_constant makes of an i128. */
static bool is_wide_constant(const Func *f, const InstData *i)
{
    const Value *halves = inst_args_const(i);
    return i->op == OP_iconcat && is_iconst(f, halves[0]) && is_iconst(f, halves[1]);
}

bool set_results(Case *c, Site p, const Bits *bits)
{
    Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (is_wide_constant(f, i)) return false;
    if (op_has(i->op, EFFECT_T) || (i->nargs == 0 && i->nresults && !op_has(i->op, EFFECT_K)))
        return false;
    for (unsigned k = 0; k < i->nresults; k++)
        if (!has_constants(func_type(f, inst_result(i, k)))) return false;
    if (i->nresults) make_constants(f, p, bits);
    else make_nop(i);
    return true;
}

/* ---- parameters --------------------------------------------------------------------------- */

/* Another parameter of the run's function; an address when it has a contract. */
Value add_argument(Case *c, Type type, const DataValue *value, const Contract *contract)
{
    Func *f = c->module->funcs.at[ENTRY];
    uint32_t n = f->sig.params.n;
    if (f->contracts || contract) {
        Contract *more = arena_array(f->arena, Contract, n + 2);
        if (f->contracts) memcpy(more, f->contracts, n * sizeof *more);
        if (contract) more[n] = *contract;
        f->contracts = more;
    }
    vec_push(f->arena, &f->sig.params)->type = (uint8_t)type;
    *vec_push(c->arena, &c->runs.at[0].args) = *value;
    return build_param(f, func_entry(f), type);
}
