#include "gen/publish.h"

#include "gen/expr.h"
#include "gen/nan.h"
#include "gen/pick.h"

int64_t publish_reserve(Fn *fn, uint32_t bytes, uint32_t align)
{
    int64_t at = (int64_t)align_up(fn->out_used, align);
    fn->out_used = (uint64_t)at + bytes;
    return at;
}

static Address out_address(const Fn *fn)
{
    const Origin *b = &fn->origins[fn->out];
    return (Address){.v = fn->out_root, .origin = fn->out, .provable = true, .align = b->align,
                     .skew = b->skew};
}

static void store_out(Fn *fn, Choice *c, Value v, int64_t at)
{
    Address out = out_address(fn);
    unsigned bytes = type_bytes(func_type(fn->f, v));
    gen_store(fn, OP_store, pick_flags(fn, c, &out, at, bytes, false), v, out.v, (int32_t)at);
}

/* high ^ rotl(low, 11) */
static Value mixed(Fn *fn, Value low, Value high)
{
    return gen_binary(fn, OP_bxor, high, gen_binary_imm(fn, OP_rotl, low, 11));
}

static Value halves_mixed(Fn *fn, Value v)
{
    InstData i = {.op = OP_isplit, .type = TY_i128, .nargs = 1, .args_.few = {v}};
    const InstData *made = func_inst(fn->f, gen_inst(fn, &i));
    return mixed(fn, inst_result(made, 0), inst_result(made, 1));
}

static Value to_i64(Fn *fn, Choice *c, Value v)
{
    Type t = func_type(fn->f, v);
    if (t == TY_i64) return v;
    if (t == TY_i128) return halves_mixed(fn, v);
    if (type_is_vector(t) && type_bits(t) < 128)
        return to_i64(fn, c, gen_bitcast(fn, type_with(CLASS_INT, type_bits(t), 1), v));
    if (type_is_vector(t)) {
        Value pair = t == TY_i64x2 ? v : gen_bitcast(fn, TY_i64x2, v);
        InstData i = {.op = OP_extractlane, .type = TY_i64x2, .nargs = 1, .args_.few = {pair}};
        Value low = gen_value(fn, &i);
        i.imm = 1;
        return mixed(fn, low, gen_value(fn, &i));
    }
    if (type_is_float(t)) return to_i64(fn, c, gen_bitcast(fn, type_int_like(t), v));
    return gen_unary(fn, chance(c, 1, 2) ? OP_uextend : OP_sextend, TY_i64, v);
}

/* digest := v - digest or v ^ digest: each bit of each value shows, and so does their order. */
static void add_to_digest(Fn *fn, Choice *c, Value v)
{
    v = to_i64(fn, c, v);
    if (fn->digest.i != NO_INDEX)
        v = gen_binary(fn, chance(c, 2, 3) ? OP_isub : OP_bxor, v, fn->digest);
    fn->digest = v;
}

/* A place in memory where there are slots, whose bytes are published. */
static bool pick_place(Fn *fn, Choice *c, unsigned bytes, Pick *p)
{
    Need need = {.bytes = bytes, .write = true, .plain = true};
    return fn->f->slots.n && can_afford(fn, EXPR_COST) && pick_access(fn, c, need, p);
}

static bool store_in_slot(Fn *fn, Choice *c, Value v, unsigned bytes)
{
    Pick p;
    if (!pick_place(fn, c, bytes, &p)) return false;
    gen_store(fn, OP_store, p.flags, v, p.v, p.offset);
    return true;
}

void publish_value(Fn *fn, Choice *c, Value v)
{
    v = nan_fix_bits(fn, c, v);
    unsigned bytes = type_bytes(func_type(fn->f, v));
    if (fn->out != NO_ORIGIN)
        store_out(fn, c, v, publish_reserve(fn, bytes, bytes));
    else if ((is_on(fn->g, FAMILY_address) && !chance(c, 2, 3)) || !store_in_slot(fn, c, v, bytes))
        add_to_digest(fn, c, v);
}

void publish_more(Fn *fn, Choice *c)
{
    bool address = is_on(fn->g, FAMILY_address);
    if (address && is_on(fn->g, FAMILY_call)) return;
    for (uint32_t n = choose(c, address ? 2 : 5); n-- > 0 && can_afford(fn, EXPR_COST);)
        scope_add(fn, c, expr_load(fn, c, choose_type(c, fn->g->types)));
    if (address) return;
    for (uint32_t n = choose(c, 13); n-- > 0;) {
        Type t = choose_type(c, fn->g->types);
        Pick p;
        if (!pick_place(fn, c, type_bytes(t), &p)) return;
        Value v = nan_fix_bits(fn, c, scope_value(fn, c, t));
        gen_store(fn, OP_store, p.flags, v, p.v, p.offset);
    }
}

void publish_values(Fn *fn, Choice *c)
{
    for (int k = 0; k < KIND_COUNT; k++)
        for (unsigned held = fn->scope.held[k]; held; held &= held - 1) {
            Value v = fn->scope.vars[k][__builtin_ctz(held)];
            if (!value_is_used(fn, v)) publish_value(fn, c, v);
        }
}

/* Types through which bytes are copied. */
static Type copy_type(const Fn *fn, Choice *c, int64_t left)
{
    bool floats = is_on(fn->g, FAMILY_float) && chance(c, 1, 8);
    if (left >= 16 && is_on(fn->g, FAMILY_vector) && fn->out != NO_ORIGIN) {
        static const Type wide[] = {TY_i8x16, TY_i32x4, TY_i64x2, TY_i16x8};
        return floats ? TY_f32x4 : wide[choose(c, 4)];
    }
    if (left >= 8) return floats ? TY_f64 : TY_i64;
    if (left >= 4) return floats ? TY_f32 : TY_i32;
    return left >= 2 ? TY_i16 : TY_i8;
}

/* The largest part in pieces of 16 bytes, of which two or more come into the digest as one; returns
 * the bytes that it took. */
static int64_t digest_pieces(Fn *fn, Choice *c, const Address *a, ByteRange r)
{
    static const Type lanes[] = {TY_i64x2, TY_i32x4, TY_i16x8, TY_i8x16};
    int64_t n = (r.hi - r.lo) & -16;
    if (n < 32 || !is_on(fn->g, FAMILY_vector)) return 0;
    Type t = lanes[choose(c, 4)];
    Value sum = VALUE_none;
    for (int64_t at = r.lo; at < r.lo + n; at += 16) {
        MemFlags flags = pick_flags(fn, c, a, at, 16, true);
        Value v = gen_load(fn, OP_load, t, flags, a->v, (int32_t)at);
        sum = sum.i == NO_INDEX ? v : gen_binary(fn, chance(c, 1, 4) ? OP_bxor : OP_isub, v, sum);
    }
    add_to_digest(fn, c, sum);
    return n;
}

static void publish_slot(Fn *fn, Choice *c, uint8_t origin)
{
    const Origin *b = &fn->origins[origin];
    int64_t n = b->range.hi - b->range.lo, to = 0, done = 0;
    Address a = {.v = gen_stack_addr(fn, b->slot, 0), .origin = origin, .provable = true,
                 .align = b->align};
    if (fn->out == NO_ORIGIN) done = digest_pieces(fn, c, &a, b->range);
    if (fn->out != NO_ORIGIN) to = publish_reserve(fn, (uint32_t)n, n >= 16 ? 16 : 8);
    for (int64_t at = done; at < n;) {
        Type t = copy_type(fn, c, n - at);
        unsigned bytes = type_bytes(t);
        int64_t from = b->range.lo + at;
        MemFlags flags = pick_flags(fn, c, &a, from, bytes, true);
        Value v = gen_load(fn, OP_load, t, flags, a.v, (int32_t)from);
        if (fn->out != NO_ORIGIN)
            store_out(fn, c, v, to + at);
        else
            add_to_digest(fn, c, v);
        at += bytes;
    }
}

void publish_slots(Fn *fn, Choice *c)
{
    for (uint32_t k = 0; k < fn->norigins; k++) {
        const Origin *o = &fn->origins[k];
        if (o->is_slot && o->slot.i != NO_INDEX) publish_slot(fn, c, (uint8_t)k);
    }
}
