#include "ir/build.h"

FuncName funcname_text(const char *text)
{
    return (FuncName){.text = str_of(text)};
}

Func *func_create(Module *m, FuncName name, const Signature *sig)
{
    Func *f = arena_new(m->arena, Func);
    f->arena = m->arena;
    f->module = m;
    f->name = name;
    f->sig = *sig;
    *vec_push(m->arena, &m->funcs) = f;
    return f;
}

Block build_block(Func *f)
{
    Block b = {f->blocks.n};
    vec_push(f->arena, &f->blocks)->name = f->block_names++;
    *vec_push(f->arena, &f->layout) = b;
    return b;
}

static inline Value add_value(Func *f, Type type, ValueKind kind, uint32_t owner, uint32_t index)
{
    Value v = {f->values.n};
    vec_reserve(f->arena, &f->values, v.i + 1);
    f->has_dynamic |= type_is_dynamic(type);
    f->values.at[f->values.n++] = (ValueData){
        .type = (uint8_t)type,
        .kind = (uint8_t)kind,
        .index = (uint16_t)index,
        .owner = owner,
        .name = f->value_names++,
    };
    return v;
}

Value build_param(Func *f, Block b, Type type)
{
    BlockData *bd = func_block(f, b);
    Value v = add_value(f, type, VALUE_PARAM, b.i, bd->params.n);
    *vec_push(f->arena, &bd->params) = v;
    return v;
}

Block build_entry(Func *f)
{
    Block b = build_block(f);
    for (uint32_t k = 0; k < f->sig.params.n; k++) build_param(f, b, f->sig.params.at[k].type);
    return b;
}

Slot build_slot(Func *f, uint64_t bytes, uint32_t align)
{
    CHECK(is_power_of_two(align));
    Slot s = {f->slots.n};
    *vec_push(f->arena, &f->slots) = (SlotData){.bytes = bytes, .align = align, .name = s.i};
    return s;
}

SigRef build_sig(Func *f, const Signature *sig)
{
    SigRef s = {f->sigs.n};
    Signature *fresh = vec_push(f->arena, &f->sigs);
    *fresh = *sig;
    fresh->name = s.i;
    return s;
}

FuncRef build_ref(Func *f, uint32_t callee)
{
    const Func *target = f->module->funcs.at[callee];
    FuncRef r = {f->refs.n};
    SigRef sig = build_sig(f, &target->sig);
    *vec_push(f->arena, &f->refs) =
        (FuncRefData){.name = target->name, .sig = sig, .callee = callee, .ref = r.i};
    return r;
}

Constant build_constant(Func *f, const void *bytes, unsigned n)
{
    for (uint32_t k = 0; k < f->constants.n; k++) {
        const ConstantData *c = &f->constants.at[k];
        if (c->n == n && memcmp(c->bytes, bytes, n) == 0) return (Constant){k};
    }
    Constant c = {f->constants.n};
    ConstantData *d = vec_push(f->arena, &f->constants);
    d->bytes = memcpy(arena_alloc(f->arena, n), bytes, n);
    d->n = (uint16_t)n;
    d->name = c.i;
    return c;
}

uint8_t build_region(Func *f, uint32_t number)
{
    for (uint32_t k = 0; k < f->regions.n; k++)
        if (f->regions.at[k].number == number) return (uint8_t)(k + 1);
    CHECK(f->regions.n < 255);
    RegionData *r = vec_push(f->arena, &f->regions);
    r->number = number;
    r->name = f->regions.n - 1;
    Buf text = {.arena = f->arena};
    buf_char(&text, 'r');
    buf_u64(&text, number);
    r->text = buf_str(&text);
    return (uint8_t)f->regions.n;
}

BlockCall build_dest(Func *f, Block block, const Value *args, uint32_t nargs)
{
    BlockCall call = {.block = block, .nargs = nargs};
    if (nargs) {
        call.args = arena_array(f->arena, Value, nargs);
        memcpy(call.args, args, nargs * sizeof *args);
    }
    return call;
}

void inst_set_args(Func *f, InstData *i, const Value *args, uint32_t n)
{
    i->nargs = n;
    if (n > 4) i->args_.many = arena_array(f->arena, Value, n);
    if (n) memcpy(inst_args(i), args, n * sizeof *args);
}

uint32_t inst_result_types(const Func *f, const InstData *i, Type *types, uint32_t cap)
{
    const OpInfo *o = inst_op(i);
    uint32_t n = 0;
    if (o->results[0] == '*') {
        const Signature *sig = func_call_signature(f, i);
        for (; n < sig->returns.n; n++)
            if (n < cap) types[n] = sig->returns.at[n].type;
        uint32_t payload = o->tries ? callconv_info[sig->conv].payload : 0;
        for (uint32_t k = 0; k < payload; k++, n++)
            if (n < cap) types[n] = TY_i64;
        return n;
    }
    for (; o->results[n]; n++)
        if (n < cap) types[n] = rule_result(o->results[n], i->type);
    return n;
}

enum { MOST_RESULTS = 255 };

static void add_results(Func *f, InstData *i, Inst inst)
{
    Type types[MOST_RESULTS];
    uint32_t n = inst_result_types(f, i, types, MOST_RESULTS);
    CHECK(n <= MOST_RESULTS);
    i->nresults = (uint8_t)n;
    i->result = (Value){n ? f->values.n : NO_INDEX};
    for (uint32_t k = 0; k < n; k++) add_value(f, types[k], VALUE_RESULT, inst.i, k);
}

Inst build_inst(Builder *b, const InstData *data)
{
    Func *f = b->f;
    Inst inst = {f->insts.n};
    vec_reserve(f->arena, &f->insts, inst.i + 1);
    InstData *i = &f->insts.at[f->insts.n++];
    *i = *data;
    BlockData *bd = func_block(f, b->at);
    vec_reserve(f->arena, &bd->insts, bd->insts.n + 1);
    bd->insts.at[bd->insts.n++] = inst;
    const char *results = inst_op(i)->results;
    if (results[0] == 'T' && !results[1]) {
        i->nresults = 1;
        i->result = add_value(f, (Type)i->type, VALUE_RESULT, inst.i, 0);
    } else {
        add_results(f, i, inst);
    }
    return inst;
}

/* Takes the controlling type from the operand that the rule names, and checks the others. */
static Inst finish(Builder *b, InstData *i)
{
    const OpInfo *o = inst_op(i);
    const Value *args = inst_args(i);
    if (o->type_operand >= 0) i->type = (uint8_t)func_type(b->f, args[o->type_operand]);
    if (o->has_type) CHECK(mask_has(typeset_members(o->types), (Type)i->type));
    for (uint32_t k = 0; k < i->nargs && o->operands[k] && o->operands[k] != '*'; k++)
        CHECK(rule_accepts(o->operands[k], i->type, func_type(b->f, args[k])));
    return build_inst(b, i);
}

static Value finish_value(Builder *b, InstData *i)
{
    return func_inst(b->f, finish(b, i))->result;
}

Value build_nullary(Builder *b, Op op, Type type)
{
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)type};
    return finish_value(b, &i);
}

Value build_unary(Builder *b, Op op, Type type, Value x)
{
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)type, .nargs = 1, .args_.few = {x}};
    return finish_value(b, &i);
}

Value build_binary(Builder *b, Op op, Value x, Value y)
{
    InstData i = {.op = (uint8_t)op, .nargs = 2, .args_.few = {x, y}};
    return finish_value(b, &i);
}

Value build_ternary(Builder *b, Op op, Value x, Value y, Value z)
{
    InstData i = {.op = (uint8_t)op, .nargs = 3, .args_.few = {x, y, z}};
    return finish_value(b, &i);
}

Value build_iconst(Builder *b, Type type, int64_t n)
{
    unsigned spare = 64 - type_bits(type);
    InstData i = {
        .op = OP_iconst,
        .type = (uint8_t)type,
        .imm = (int64_t)((uint64_t)n << spare) >> spare,
    };
    return finish_value(b, &i);
}

Value build_f32const(Builder *b, uint32_t bits)
{
    InstData i = {.op = OP_f32const, .type = TY_f32, .imm = bits};
    return finish_value(b, &i);
}

Value build_f64const(Builder *b, uint64_t bits)
{
    InstData i = {.op = OP_f64const, .type = TY_f64, .imm = (int64_t)bits};
    return finish_value(b, &i);
}

Value build_vconst(Builder *b, Type type, Bits bits)
{
    Constant c = build_constant(b->f, &bits, type_bytes(type));
    InstData i = {.op = OP_vconst, .type = (uint8_t)type, .entity = c.i};
    return finish_value(b, &i);
}

static Value build_float(Builder *b, Type type, Bits bits)
{
    InstData i = {.type = (uint8_t)type, .imm = (int64_t)bits.u64[0]};
    i.op = type == TY_f16 ? OP_f16const : type == TY_f32 ? OP_f32const : OP_f64const;
    if (type == TY_f128) {
        i = (InstData){.op = OP_f128const, .type = TY_f128};
        i.entity = build_constant(b->f, &bits, 16).i;
    }
    return finish_value(b, &i);
}

Value build_bits(Builder *b, Type type, Bits bits)
{
    if (type_is_vector(type)) return build_vconst(b, type, bits);
    if (type_is_float(type)) return build_float(b, type, bits);
    if (type != TY_i128) return build_iconst(b, type, (int64_t)bits.u64[0]);
    Value low = build_iconst(b, TY_i64, (int64_t)bits.u64[0]);
    return build_binary(b, OP_iconcat, low, build_iconst(b, TY_i64, (int64_t)bits.u64[1]));
}

Value build_compare(Builder *b, Op op, unsigned cond, Value x, Value y)
{
    InstData i = {.op = (uint8_t)op, .cond = (uint8_t)cond, .nargs = 2, .args_.few = {x, y}};
    return finish_value(b, &i);
}

Value build_extractlane(Builder *b, Value x, unsigned lane)
{
    InstData i = {.op = OP_extractlane, .imm = lane, .nargs = 1, .args_.few = {x}};
    return finish_value(b, &i);
}

Value build_insertlane(Builder *b, Value x, Value y, unsigned lane)
{
    InstData i = {.op = OP_insertlane, .imm = lane, .nargs = 2, .args_.few = {x, y}};
    return finish_value(b, &i);
}

Value build_shuffle(Builder *b, Value x, Value y, const uint8_t mask[16])
{
    Constant c = build_constant(b->f, mask, 16);
    InstData i = {.op = OP_shuffle, .entity = c.i, .nargs = 2, .args_.few = {x, y}};
    return finish_value(b, &i);
}

Value build_bitcast(Builder *b, Type type, Value x, MemFlags flags)
{
    InstData i = {
        .op = OP_bitcast,
        .type = (uint8_t)type,
        .flags = flags,
        .nargs = 1,
        .args_.few = {x},
    };
    return finish_value(b, &i);
}

Value build_load(Builder *b, Op op, Type type, MemFlags flags, Value address, int32_t offset)
{
    InstData i = {
        .op = (uint8_t)op,
        .type = (uint8_t)type,
        .flags = flags,
        .imm = offset,
        .nargs = 1,
        .args_.few = {address},
    };
    return finish_value(b, &i);
}

Inst build_store(Builder *b, Op op, MemFlags flags, Value x, Value address, int32_t offset)
{
    InstData i = {
        .op = (uint8_t)op,
        .flags = flags,
        .imm = offset,
        .nargs = 2,
        .args_.few = {x, address},
    };
    return finish(b, &i);
}

Value build_stack_addr(Builder *b, Slot slot, int32_t offset)
{
    InstData i = {.op = OP_stack_addr, .type = TY_i64, .entity = slot.i, .imm = offset};
    return finish_value(b, &i);
}

Value build_func_addr(Builder *b, FuncRef fn)
{
    InstData i = {.op = OP_func_addr, .type = TY_i64, .entity = fn.i};
    return finish_value(b, &i);
}

Inst build_call(Builder *b, FuncRef fn, const Value *args, uint32_t nargs)
{
    InstData i = {.op = OP_call, .entity = fn.i};
    inst_set_args(b->f, &i, args, nargs);
    return finish(b, &i);
}

Inst build_call_indirect(Builder *b, SigRef sig, Value callee, const Value *args, uint32_t nargs)
{
    InstData i = {.op = OP_call_indirect, .entity = sig.i};
    Value *all = arena_array(b->f->arena, Value, nargs + 1);
    all[0] = callee;
    if (nargs) memcpy(all + 1, args, nargs * sizeof *args);
    inst_set_args(b->f, &i, all, nargs + 1);
    return finish(b, &i);
}

static void set_dests(Func *f, InstData *i, const BlockCall *dests, uint32_t n)
{
    i->ndests = n;
    i->dests = arena_array(f->arena, BlockCall, n);
    memcpy(i->dests, dests, n * sizeof *dests);
}

Inst build_jump(Builder *b, BlockCall dest)
{
    InstData i = {.op = OP_jump};
    set_dests(b->f, &i, &dest, 1);
    return finish(b, &i);
}

Inst build_brif(Builder *b, Value c, BlockCall then, BlockCall otherwise)
{
    InstData i = {.op = OP_brif, .nargs = 1, .args_.few = {c}};
    set_dests(b->f, &i, (BlockCall[]){then, otherwise}, 2);
    return finish(b, &i);
}

Inst build_br_table(Builder *b, Value x, const BlockCall *dests, uint32_t ndests)
{
    InstData i = {.op = OP_br_table, .nargs = 1, .args_.few = {x}};
    set_dests(b->f, &i, dests, ndests);
    return finish(b, &i);
}

Inst build_return(Builder *b, const Value *values, uint32_t n)
{
    InstData i = {.op = OP_return};
    inst_set_args(b->f, &i, values, n);
    return finish(b, &i);
}

Inst build_trap(Builder *b, TrapCode code)
{
    InstData i = {.op = OP_trap, .trap = code};
    return finish(b, &i);
}

Inst build_cond_trap(Builder *b, Op op, Value c, TrapCode code)
{
    InstData i = {.op = (uint8_t)op, .trap = code, .nargs = 1, .args_.few = {c}};
    return finish(b, &i);
}
