#include "gen/emit.h"

enum { MARK_used = 1, MARK_open = 2, SINK_COST = 8 };

/* Room for the marks of all values, and some more. */
static void grow_marks(Fn *fn)
{
    uint32_t cap = fn->marks_cap ? fn->marks_cap * 2 : 512;
    while (cap < fn->f->values.n) cap *= 2;
    fn->marks = arena_grow(fn->g->a, fn->marks, fn->marks_cap, cap);
    fn->marks_cap = cap;
}

static inline void set_mark(Fn *fn, Value v, unsigned mark)
{
    if (unlikely(v.i >= fn->marks_cap)) grow_marks(fn);
    fn->marks[v.i] |= mark;
}

static inline bool has_mark(const Fn *fn, Value v, unsigned mark)
{
    return v.i < fn->marks_cap && fn->marks[v.i] & mark;
}

bool value_is_used(const Fn *fn, Value v) { return has_mark(fn, v, MARK_used); }
void value_set_used(Fn *fn, Value v) { set_mark(fn, v, MARK_used); }
bool value_is_open(const Fn *fn, Value v) { return has_mark(fn, v, MARK_open); }
void value_set_open(Fn *fn, Value v) { set_mark(fn, v, MARK_open); }

static bool gives_open(const Fn *fn, const InstData *i)
{
    unsigned rule = op_plan[i->op].nan;
    if (rule != NAN_carries) return rule == NAN_makes;
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++)
        if (value_is_open(fn, args[k])) return true;
    return false;
}

Inst gen_inst(Fn *fn, const InstData *i)
{
    Func *f = fn->f;
    const Value *args = inst_args_const(i);
    if (unlikely(f->values.n > fn->marks_cap)) grow_marks(fn);
    for (uint32_t k = 0; k < i->nargs; k++) fn->marks[args[k].i] |= MARK_used;
    Inst inst = build_inst(&fn->b, i);
    fn->steps += fn->mult;
    fn->g->insts++;
    const InstData *made = func_inst(f, inst);
    if (made->nresults && type_has_float_lanes(func_type(f, made->result)) && gives_open(fn, i))
        set_mark(fn, made->result, MARK_open);
    return inst;
}

Value gen_value(Fn *fn, const InstData *i)
{
    return func_inst(fn->f, gen_inst(fn, i))->result;
}

Value gen_iconst(Fn *fn, Type t, int64_t n)
{
    if (t == TY_i128) return gen_unary(fn, OP_sextend, t, gen_iconst(fn, TY_i64, n));
    unsigned spare = 64 - type_bits(t);
    int64_t imm = (int64_t)((uint64_t)n << spare) >> spare;
    return gen_value(fn, &(InstData){.op = OP_iconst, .type = (uint8_t)t, .imm = imm});
}

Value gen_unary(Fn *fn, Op op, Type t, Value x)
{
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)t, .nargs = 1, .args_.few = {x}};
    return gen_value(fn, &i);
}

Value gen_binary(Fn *fn, Op op, Value x, Value y)
{
    Type t = func_type(fn->f, x);
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)t, .nargs = 2, .args_.few = {x, y}};
    return gen_value(fn, &i);
}

Value gen_binary_imm(Fn *fn, Op op, Value x, int64_t n)
{
    return gen_binary(fn, op, x, gen_iconst(fn, func_type(fn->f, x), n));
}

Value gen_select(Fn *fn, Op op, Value c, Value x, Value y)
{
    Type t = func_type(fn->f, x);
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)t, .nargs = 3, .args_.few = {c, x, y}};
    return gen_value(fn, &i);
}

Value gen_icmp(Fn *fn, IntCC cc, Value x, Value y)
{
    Type t = func_type(fn->f, x);
    InstData i = {.op = OP_icmp, .type = (uint8_t)t, .cond = (uint8_t)cc, .nargs = 2,
                  .args_.few = {x, y}};
    return gen_value(fn, &i);
}

Value gen_bitcast(Fn *fn, Type t, Value x)
{
    InstData i = {.op = OP_bitcast, .type = (uint8_t)t, .nargs = 1, .args_.few = {x}};
    if (type_lanes(t) != type_lanes(func_type(fn->f, x))) i.flags.bits = MEMFLAG_little;
    return gen_value(fn, &i);
}

Value gen_load(Fn *fn, Op op, Type t, MemFlags flags, Value p, int32_t offset)
{
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)t, .flags = flags, .imm = offset,
                  .nargs = 1, .args_.few = {p}};
    return gen_value(fn, &i);
}

void gen_store(Fn *fn, Op op, MemFlags flags, Value x, Value p, int32_t offset)
{
    InstData i = {.op = (uint8_t)op, .type = func_type(fn->f, x), .flags = flags, .imm = offset,
                  .nargs = 2, .args_.few = {x, p}};
    gen_inst(fn, &i);
}

Value gen_stack_addr(Fn *fn, Slot s, int64_t offset)
{
    InstData i = {.op = OP_stack_addr, .type = TY_i64, .entity = s.i, .imm = offset};
    return gen_value(fn, &i);
}

Value gen_offset(Fn *fn, Value p, int64_t bytes)
{
    return bytes ? gen_binary_imm(fn, OP_iadd, p, bytes) : p;
}

BlockCall gen_dest(Fn *fn, Block to, const Value *args, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) set_mark(fn, args[k], MARK_used);
    return build_dest(fn->f, to, args, n);
}

static void emit_branch(Fn *fn, InstData *i, const BlockCall *dests, uint32_t n)
{
    i->ndests = n;
    i->dests = arena_array(fn->g->a, BlockCall, n);
    memcpy(i->dests, dests, n * sizeof *dests);
    gen_inst(fn, i);
}

void gen_jump(Fn *fn, Block to, const Value *args, uint32_t n)
{
    BlockCall dest = gen_dest(fn, to, args, n);
    emit_branch(fn, &(InstData){.op = OP_jump}, &dest, 1);
}

void gen_brif(Fn *fn, Value c, BlockCall then, BlockCall otherwise)
{
    InstData i = {.op = OP_brif, .nargs = 1, .args_.few = {c}};
    emit_branch(fn, &i, (BlockCall[]){then, otherwise}, 2);
}

void gen_table(Fn *fn, Value x, const BlockCall *dests, uint32_t n)
{
    InstData i = {.op = OP_br_table, .nargs = 1, .args_.few = {x}};
    emit_branch(fn, &i, dests, n);
}

Block gen_block(Fn *fn)
{
    Block b = build_block(fn->f);
    vec_reserve(fn->g->a, &func_block(fn->f, b)->insts, 24);
    return b;
}

Value block_param(Fn *fn, Block b, Type t)
{
    return build_param(fn->f, b, t);
}

Place prologue_begin(Fn *fn)
{
    Place place = {fn->b, fn->mult};
    fn->b = fn->top;
    fn->mult = 1;
    return place;
}

void prologue_end(Fn *fn, Place place)
{
    fn->top = fn->b;
    fn->b = place.b;
    fn->mult = place.mult;
}

bool can_afford(const Fn *fn, uint64_t insts)
{
    insts *= fn->g->cost;
    uint64_t end = SINK_COST * fn->g->sinks + fn->debt;
    return fn->steps + insts * fn->mult + end <= fn->limit &&
           fn->g->insts + insts + end <= fn->g->insts_max;
}

bool can_run(const Fn *fn, uint64_t steps)
{
    uint64_t all = fn->steps + (steps + 64) * fn->mult + SINK_COST * fn->g->sinks + fn->debt;
    return can_afford(fn, 64) && all <= fn->limit;
}
