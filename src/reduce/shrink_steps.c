/* Changes to one instruction each. What replaces a result is put in the place of its uses; the
 * instruction becomes a nop, which shrink_clean takes out. */
#include "base/rng.h"
#include "ir/address.h"
#include "ir/build.h"
#include "ir/cfg.h"
#include "reduce/shrink_local.h"

enum { ENTRY = 0, ARGUMENTS_MAX = 48 };

static Func *func_at(const Case *c, InstPlace p) { return c->module->funcs.at[p.func]; }

static Inst inst_at(const Case *c, InstPlace p)
{
    return func_block(func_at(c, p), p.block)->insts.at[p.at];
}

static InstData *data_at(const Case *c, InstPlace p)
{
    return func_inst(func_at(c, p), inst_at(c, p));
}

static void replace_value(Func *f, Value old, Value fresh)
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

static void make_nop(InstData *i)
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

static bool has_constants(Type t)
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
static void insert_constant(Func *f, Block b, uint32_t at, Value result, const Bits *bits)
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
static void make_constants(Func *f, InstPlace p, const Bits *bits)
{
    InstData *i = func_inst(f, func_block(f, p.block)->insts.at[p.at]);
    Value first = i->result;
    unsigned n = i->nresults;
    make_nop(i);
    for (unsigned k = 0; k < n; k++) insert_constant(f, p.block, p.at, (Value){first.i + k}, bits);
}

static bool set_results(Case *c, InstPlace p, const Bits *bits)
{
    Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (op_has(i->op, EFFECT_T) || (i->nargs == 0 && i->nresults && !op_has(i->op, EFFECT_K)))
        return false;
    for (unsigned k = 0; k < i->nresults; k++)
        if (!has_constants(func_type(f, inst_result(i, k)))) return false;
    if (i->nresults) make_constants(f, p, bits);
    else make_nop(i);
    return true;
}

static bool step_zero(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    Bits zero = bits_of(0);
    return set_results(c, p, &zero);
}

static bool step_ones(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    InstData *i = data_at(c, p);
    Bits ones = {.u64 = {~UINT64_C(0), ~UINT64_C(0)}};
    if (i->nresults == 0 || type_has_float_lanes((Type)func_type(func_at(c, p), i->result)))
        return false;
    return set_results(c, p, &ones);
}

/* ---- what a value was --------------------------------------------------------------------- */

static const Seen *seen_at(const Case *c, const Trace *t, InstPlace p)
{
    const InstData *i = data_at(c, p);
    if (i->nresults != 1 || op_has(i->op, EFFECT_T)) return NULL;
    if (i->result.i >= t->c->module->funcs.at[p.func]->values.n) return NULL; /* a new one */
    const Seen *s = &t->values[p.func][i->result.i];
    return s->how == SEEN_once ? s : NULL;
}

static bool step_constant(Case *c, const Trace *t, InstPlace p)
{
    const Seen *s = seen_at(c, t, p);
    if (!s || !s->number) return false;
    return set_results(c, p, &s->bits);
}

/* Another parameter of the run's function; an address when it has a contract. */
static Value add_argument(Case *c, Type type, const DataValue *value, const Contract *contract)
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

static bool step_argument(Case *c, const Trace *t, InstPlace p)
{
    Func *f = func_at(c, p);
    const Seen *s = seen_at(c, t, p);
    if (!s || p.func != ENTRY || f->sig.params.n >= ARGUMENTS_MAX) return false;
    InstData *i = data_at(c, p);
    Value result = i->result;
    DataValue value = {.type = func_type(f, result), .bits = s->bits};
    Contract contract = {0};
    if (i->nargs == 0 && !op_has(i->op, EFFECT_K)) return false;
    if (!s->number && !trace_heap_address(t, s->bits.u64[0], &value)) return false;
    if (value.heap && c->discipline && !shrink_contract(c, t, result, &value, &contract))
        return false;
    make_nop(i);
    const Contract *said = contract.is_address ? &contract : NULL;
    replace_value(f, result, add_argument(c, value.type, &value, said));
    return true;
}

/* ---- slots -------------------------------------------------------------------------------- */

/* All addresses of the slot go to one heap. */
static bool step_heap(Case *c, const Trace *t, InstPlace p)
{
    Func *f = func_at(c, p);
    if (p.func != ENTRY || inst_op(data_at(c, p))->format != FORMAT_stack_addr) return false;
    uint32_t slot = data_at(c, p)->entity;
    const SlotData *s = &f->slots.at[slot];
    if (c->heaps.n >= IMAGE_HEAPS_MAX || s->bytes > IMAGE_HEAP_BYTES) return false;
    uint32_t heap = c->heaps.n;
    *vec_push(c->arena, &c->heaps) = (Heap){
        .name = heap + 1000,
        .func = ENTRY,
        .size = s->bytes,
        .align = s->align,
        .region = shrink_slot_region(t, slot),
    };
    for (uint32_t k = 0; k < f->insts.n; k++) {
        InstData *i = &f->insts.at[k];
        if (inst_op(i)->format != FORMAT_stack_addr || i->entity != slot) continue;
        if (f->sig.params.n >= ARGUMENTS_MAX) return false;
        DataValue address = {.type = TY_i64, .heap = heap + 1, .offset = i->imm};
        Value result = i->result;
        Contract contract;
        bool said = c->discipline && shrink_contract(c, t, VALUE_none, &address, &contract);
        make_nop(i);
        replace_value(f, result, add_argument(c, TY_i64, &address, said ? &contract : NULL));
    }
    return true;
}

/* ---- ways of branches --------------------------------------------------------------------- */

/* Turn this: brif c, a, b      br_table x, d, [a, b]
 * Into this: jump a (or b)     jump d (or b) */
static bool take_way(InstData *i, uint32_t way)
{
    if (i->ndests < 2 || inst_op(i)->tries) return false;
    i->op = OP_jump;
    i->nargs = 0;
    i->dests[0] = i->dests[way];
    i->ndests = 1;
    return true;
}

static bool step_first_way(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    return take_way(data_at(c, p), 0);
}

static bool step_last_way(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    return take_way(data_at(c, p), data_at(c, p)->ndests - 1);
}

/* ---- calls -------------------------------------------------------------------------------- */

/* What a block got from the call it gets from the new one. */
static void give_results(BlockCall *way, Value old, const InstData *call)
{
    for (uint32_t k = 0; k < way->nargs; k++) {
        uint32_t result = way->args[k].i - old.i;
        if (result < call->nresults) way->args[k] = inst_result(call, result);
    }
}

/* Turn this: try_call f(x), sig0, a(ret0), [default: b]    return_call f(x)
 * Into this: v = call f(x); jump a(v)                      v = call f(x); return v */
static bool step_plain_call(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    Func *f = func_at(c, p);
    InstData old = *data_at(c, p);
    const OpInfo *o = inst_op(&old);
    if (!op_has(old.op, EFFECT_K) || !op_has(old.op, EFFECT_T)) return false;
    uint32_t contexts = o->tries ? table_contexts(func_table(f, &old)) : 0;
    make_nop(data_at(c, p));
    func_block(f, p.block)->insts.n--;
    InstData i = {.op = o->indirect ? OP_call_indirect : OP_call, .entity = old.entity};
    inst_set_args(f, &i, inst_args(&old), old.nargs - contexts);
    Builder b = builder_at(f, p.block);
    const InstData *call = func_inst(f, build_inst(&b, &i));
    if (o->tries) {
        give_results(&old.dests[0], old.result, call);
        build_jump(&b, old.dests[0]);
        return true;
    }
    Value *results = arena_array(f->arena, Value, call->nresults + 1);
    uint32_t n = call->nresults;
    for (uint32_t k = 0; k < n; k++) results[k] = inst_result(call, k);
    build_return(&b, results, n);
    return true;
}

/* ---- returning earlier -------------------------------------------------------------------- */

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
static Value change_call(Func *f, InstPlace p, Type type)
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

static void return_from(Case *c, InstPlace p, Value v);

/* All calls of `callee` in a function give one value of the type; the function returns that of the
 * first. */
static void return_calls(Case *c, uint32_t caller, uint32_t callee, Type type)
{
    Func *f = c->module->funcs.at[caller];
    InstPlace first = {.func = NO_INDEX};
    Value value = VALUE_none;
    for (uint32_t b = 0; b < f->layout.n; b++) {
        InstPlace p = {caller, f->layout.at[b], 0};
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
static void return_from(Case *c, InstPlace p, Value v)
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
static bool is_returned(const Func *f, InstPlace p, Value v)
{
    const BlockData *bd = func_block(f, p.block);
    if (p.at + 2 != bd->insts.n) return false;
    const InstData *last = func_inst(f, vec_last(&bd->insts));
    return last->op == OP_return && last->nargs == 1 && inst_args_const(last)[0].i == v.i;
}

static bool step_return_here(Case *c, const Trace *t, InstPlace p)
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
static bool step_split_return(Case *c, const Trace *t, InstPlace p)
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
static bool step_return_stored(Case *c, const Trace *t, InstPlace p)
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

/* ---- addresses ---------------------------------------------------------------------------- */

/* Turn this: q := iadd p, N; load q+M
 * Into this: load p+(N+M) */
static bool step_offset(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    Access access;
    const Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (!inst_access(i, &access) || op_has(i->op, EFFECT_E)) return false;
    Value *address = &inst_args(i)[access.address];
    const InstData *sum = func_def(f, *address);
    if (!sum || sum->op != OP_iadd) return false;
    for (unsigned k = 0; k < 2; k++) {
        const InstData *n = func_def(f, inst_args_const(sum)[k]);
        if (!n || n->op != OP_iconst || i->imm + n->imm != (int32_t)(i->imm + n->imm)) continue;
        *address = inst_args_const(sum)[1 - k];
        i->imm += n->imm;
        return true;
    }
    return false;
}

/* Flags want to be provable, and so stand in the way of other steps. */
static bool step_promise_less(Case *c, const Trace *t, InstPlace p)
{
    enum { PROMISES = MEMFLAG_aligned | MEMFLAG_readonly | MEMFLAG_can_move };
    (void)t;
    Access access;
    InstData *i = data_at(c, p);
    if (!inst_access(i, &access) || !(i->flags.bits & PROMISES)) return false;
    i->flags.bits &= (uint8_t)~PROMISES;
    return true;
}

/* What does not trap in the reference need not be ready to. */
static bool step_notrap(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    Access access;
    InstData *i = data_at(c, p);
    if (!inst_access(i, &access) || i->flags.bits & MEMFLAG_notrap) return false;
    i->flags.bits |= MEMFLAG_notrap;
    return true;
}

/* ---- operands and operators --------------------------------------------------------------- */

/* The operand number `nth` (from 0) that has the type of the only result, or none. */
static Value operand_like(const Func *f, const InstData *i, unsigned nth)
{
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++)
        if (func_type(f, args[k]) == func_type(f, i->result) && nth-- == 0) return args[k];
    return VALUE_none;
}

static bool become_operand(Case *c, InstPlace p, unsigned nth)
{
    Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (i->nresults != 1 || op_has(i->op, EFFECT_T)) return false;
    Value operand = operand_like(f, i, nth), result = i->result;
    if (operand.i == NO_INDEX || operand.i == result.i) return false;
    make_nop(i);
    replace_value(f, result, operand);
    return true;
}

static bool step_first_operand(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    return become_operand(c, p, 0);
}

static bool step_second_operand(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    return become_operand(c, p, 1);
}

static bool step_third_operand(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    return become_operand(c, p, 2);
}

/* Turn this: z := x + y     z := clz x     z := x * y (floats)
 * Into this: z := x ^ y     z := ~x        z := x + y */
static bool step_plain(Case *c, const Trace *t, InstPlace p)
{
    (void)t;
    InstData *i = data_at(c, p);
    const OpInfo *o = inst_op(i);
    bool two = !strcmp(o->operands, "TT"), one = !strcmp(o->operands, "T");
    if (strcmp(o->results, "T") || (!one && !two) || op_has(i->op, EFFECT_T)) return false;
    bool floats = type_has_float_lanes((Type)i->type);
    Op plain = two ? (floats ? OP_fadd : OP_bxor) : floats ? OP_fneg : OP_bnot;
    if (i->op == plain) return false;
    i->op = (uint8_t)plain;
    i->imm = 0;
    return true;
}

const ShrinkStepInfo shrink_steps[] = {
#define STEP(name, chunks, meaning) {#name, step_##name, chunks},
#include "reduce/shrink_steps.def"
};
const uint32_t shrink_steps_n = countof(shrink_steps);

/* ---- cleaning ----------------------------------------------------------------------------- */

static bool is_idle(const InstData *i, const uint32_t *uses)
{
    if (!op_has(i->op, EFFECT_P) || op_has(i->op, EFFECT_E)) return i->op == OP_nop;
    for (unsigned k = 0; k < i->nresults; k++)
        if (uses[inst_result(i, k).i]) return false;
    return true;
}

/* Takes out instructions from the last to the first, so that one walk finds most of them. */
static bool drop_idle(Func *f, uint32_t *uses)
{
    bool dropped = false;
    for (uint32_t b = f->layout.n; b-- > 0;) {
        BlockData *bd = func_block(f, f->layout.at[b]);
        uint32_t to = bd->insts.n;
        for (uint32_t k = bd->insts.n; k-- > 0;) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            if (!is_idle(i, uses)) {
                bd->insts.at[--to] = bd->insts.at[k];
                continue;
            }
            dropped = true;
            for (uint32_t n = 0; n < i->nargs; n++) uses[inst_args_const(i)[n].i]--;
        }
        memmove(bd->insts.at, bd->insts.at + to, (bd->insts.n - to) * sizeof(Inst));
        bd->insts.n -= to;
    }
    return dropped;
}

static void drop_unreachable(Func *f)
{
    const Cfg *cfg = cfg_compute(f, f->arena);
    uint32_t kept = 0;
    for (uint32_t b = 0; b < f->layout.n; b++)
        if (cfg_is_reachable(cfg, f->layout.at[b])) f->layout.at[kept++] = f->layout.at[b];
    f->layout.n = kept;
}

/* A reference that nothing mentions keeps no function alive. */
static void drop_references(Func *f)
{
    bool *used = arena_array(f->arena, bool, f->refs.n + 1);
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            if (strchr(format_operands[inst_op(i)->format], 'F')) used[i->entity] = true;
        }
    }
    for (uint32_t k = 0; k < f->refs.n; k++) {
        if (used[k]) continue;
        f->refs.at[k].callee = NO_INDEX;
        f->refs.at[k].name = funcname_text("gone"); /* the other's type may have changed */
    }
}

void shrink_clean(Case *c)
{
    for (uint32_t k = 0; k < c->module->funcs.n; k++) {
        Func *f = c->module->funcs.at[k];
        drop_unreachable(f);
        while (drop_idle(f, func_count_uses(f, f->arena))) continue;
        drop_references(f);
    }
}
