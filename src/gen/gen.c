#include "gen/bytes.h"

#include "base/rng.h"
#include "ir/build.h"

enum { SLOT_BYTES = 32, HEAP_BYTES = 64, ROUNDS = 4 };

static const Op operators[] = {OP_iadd, OP_isub, OP_bxor, OP_band, OP_imul};

static void add_param(Arena *a, Signature *sig, Type type)
{
    vec_push(a, &sig->params)->type = (uint8_t)type;
}

static void set_contract(Func *f, unsigned param, int64_t hi, uint16_t align)
{
    func_add_contracts(f);
    Contract *c = &f->contracts[param];
    c->is_address = true;
    c->align = align;
    c->range = (ByteRange){0, hi};
    *vec_push(f->arena, &c->init) = c->range;
}

/* `callee(p, x)`: reads, combines and writes 8-byte words behind p. */
static Func *make_callee(Module *m, GenInput *in)
{
    Signature sig = {0};
    add_param(m->arena, &sig, TY_i64);
    add_param(m->arena, &sig, TY_i64);
    vec_push(m->arena, &sig.returns)->type = TY_i64;
    Func *f = func_create(m, funcname_text("callee"), &sig);
    set_contract(f, 0, SLOT_BYTES, 16);
    Builder b = builder_at(f, build_entry(f));
    const ValueVec *params = &func_block(f, b.at)->params;
    Value p = params->at[0], x = params->at[1];
    MemFlags flags = {.bits = MEMFLAG_notrap | MEMFLAG_aligned};
    for (unsigned k = 0; k < ROUNDS; k++) {
        Choice c = input_record(in);
        int32_t from = 8 * (int32_t)choose(&c, SLOT_BYTES / 8);
        int32_t to = 8 * (int32_t)choose(&c, SLOT_BYTES / 8);
        Value y = build_load(&b, OP_load, TY_i64, flags, p, from);
        x = build_binary(&b, operators[choose(&c, countof(operators))], x, y);
        build_store(&b, OP_store, flags, x, p, to);
    }
    build_return(&b, &x, 1);
    return f;
}

/* `caller(heap, x)`: fills a slot, passes its address, copies its bytes to the heap. */
static Func *make_caller(Module *m, GenInput *in)
{
    Signature sig = {0};
    add_param(m->arena, &sig, TY_i64);
    add_param(m->arena, &sig, TY_i64);
    vec_push(m->arena, &sig.returns)->type = TY_i64;
    Func *f = func_create(m, funcname_text("caller"), &sig);
    set_contract(f, 0, HEAP_BYTES, 16);
    Builder b = builder_at(f, build_entry(f));
    const ValueVec *params = &func_block(f, b.at)->params;
    Value heap = params->at[0], x = params->at[1];
    MemFlags flags = {.bits = MEMFLAG_notrap | MEMFLAG_aligned};
    Slot slot = build_slot(f, SLOT_BYTES, 16);
    Value p = build_stack_addr(&b, slot, 0);
    for (int32_t at = 0; at < SLOT_BYTES; at += 8) {
        Choice c = input_record(in);
        Value word = build_iconst(&b, TY_i64, (int64_t)choose_u64(&c));
        build_store(&b, OP_store, flags, word, p, at);
    }
    FuncRef callee = build_ref(f, 0);
    Inst call = build_call(&b, callee, (Value[]){p, x}, 2);
    Value result = inst_result(func_inst(f, call), 0);
    for (int32_t at = 0; at < SLOT_BYTES; at += 16) {
        Value v = build_load(&b, OP_load, TY_i64x2, flags, p, at);
        build_store(&b, OP_store, flags, v, heap, at);
    }
    build_return(&b, &result, 1);
    return f;
}

static void add_run(Case *c, GenInput *in)
{
    Choice choice = input_record(in);
    Heap *h = vec_push(c->arena, &c->heaps);
    *h = (Heap){.func = 1, .size = HEAP_BYTES, .align = 16, .fill = FILL_SEED};
    h->place = chance(&choice, 1, 2) ? PLACE_END : PLACE_ANY;
    h->seed = choose_u32(&choice);
    Run *r = vec_push(c->arena, &c->runs);
    r->kind = RUN_PRINT;
    r->func = 1;
    *vec_push(c->arena, &r->args) = (DataValue){.type = TY_i64, .heap = 1};
    *vec_push(c->arena, &r->args) =
        (DataValue){.type = TY_i64, .bits = bits_of(choose_u64(&choice))};
}

Case *gen_next(GenInput *in, const GenOptions *o, Arena *a)
{
    (void)o;
    if (in->count == GEN_CASES_MAX || (in->count && in->at >= in->n)) return NULL;
    in->count++;
    Case *c = case_create(a);
    c->discipline = true;
    make_callee(c->module, in);
    make_caller(c->module, in);
    add_run(c, in);
    return c;
}

size_t gen_seed_bytes(uint64_t seed, uint8_t *bytes, size_t cap)
{
    Rng r = rng_seeded(seed);
    size_t n = (2 * ROUNDS + 1) * RECORD_BYTES;
    n = n < cap ? n : cap;
    rng_fill(&r, bytes, n);
    return n;
}
