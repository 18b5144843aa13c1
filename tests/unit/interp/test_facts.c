/* What is derived of integers and addresses holds in every run: random functions with a loop, and
 * the interpreter looking over each result. */
#include "base/rng.h"
#include "interp/interp.h"
#include "ir/address.h"
#include "ir/build.h"
#include "ir/verify.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { FUNCTIONS = 3000, RUNS = 4, POOL = 64, STEPS = 24 };

/* The function being built: values of each integer type that may be used. */
typedef struct {
    Rng r;
    Func *f;
    Builder b;
    Value pool[4][POOL];
    unsigned n[4];
} Maker;

static const Type types[] = {TY_i8, TY_i16, TY_i32, TY_i64};

static unsigned below(Maker *m, unsigned n) { return (unsigned)rng_below(&m->r, n); }

static unsigned index_of(Type t)
{
    unsigned k = 0;
    while (types[k] != t) k++;
    return k;
}

static void offer(Maker *m, Value v)
{
    unsigned t = index_of(func_type(m->f, v));
    if (m->n[t] < POOL) m->pool[t][m->n[t]++] = v;
}

static Value pick(Maker *m, Type t)
{
    unsigned k = index_of(t);
    return m->pool[k][below(m, m->n[k])];
}

/* Numbers that index arithmetic is made of. */
static int64_t some_number(Maker *m)
{
    static const int64_t wide[] = {0x7fffffff, -0x80000000LL, INT64_MAX, INT64_MIN, 0xffffffff};
    switch (below(m, 6)) {
    case 0: return (int64_t)below(m, 20) - 4;
    case 1: return INT64_C(1) << below(m, 63);
    case 2: return -(INT64_C(1) << below(m, 63));
    case 3: return (INT64_C(1) << below(m, 16)) - 1;
    case 4: return wide[below(m, countof(wide))];
    default: return (int64_t)rng_u64(&m->r);
    }
}

static Value constant(Maker *m, Type t) { return build_iconst(&m->b, t, some_number(m)); }

static Value pick_or_constant(Maker *m, Type t)
{
    return below(m, 2) ? pick(m, t) : constant(m, t);
}

/* A divisor, a shift amount: never 0. */
static Value positive(Maker *m, Type t) { return build_iconst(&m->b, t, 1 + below(m, 40)); }

static const Op binary[] = {OP_iadd, OP_iadd, OP_isub, OP_imul, OP_band, OP_band,
                            OP_bor,  OP_bxor, OP_smin, OP_smax, OP_umin, OP_umax};
static const Op by_constant[] = {OP_ishl, OP_ushr, OP_sshr, OP_udiv, OP_urem};
static const Op unary[] = {OP_ineg, OP_bnot, OP_popcnt, OP_clz, OP_ctz, OP_cls};

static Value make_width(Maker *m)
{
    unsigned from = below(m, 4), to = below(m, 4);
    if (from == to) return pick(m, types[to]);
    Op op = from > to ? OP_ireduce : below(m, 2) ? OP_uextend : OP_sextend;
    return build_unary(&m->b, op, types[to], pick(m, types[from]));
}

static Value make_one(Maker *m)
{
    Type t = below(m, 2) ? TY_i64 : types[below(m, 4)];
    Builder *b = &m->b;
    switch (below(m, 8)) {
    case 0: return constant(m, t);
    case 1: return make_width(m);
    case 2: return build_binary(b, by_constant[below(m, countof(by_constant))], pick(m, t),
                                positive(m, t));
    case 3: return build_unary(b, unary[below(m, countof(unary))], TY_none, pick(m, t));
    case 4: return build_ternary(b, OP_select, pick(m, TY_i32), pick(m, t), pick(m, t));
    case 5: return below(m, 2) ? build_stack_addr(b, (Slot){below(m, 2)}, (int32_t)below(m, 64))
                               : build_compare(b, OP_icmp, below(m, INTCC_COUNT), pick(m, t),
                                               pick(m, t));
    default: return build_binary(b, binary[below(m, countof(binary))], pick(m, t),
                                 pick_or_constant(m, t));
    }
}

static void make_many(Maker *m)
{
    for (unsigned k = 0; k < STEPS / 2 + below(m, STEPS); k++) offer(m, make_one(m));
}

/* Entry, a loop of eight turns around two branches, exit: each block with parameters. */
static void make_blocks(Maker *m)
{
    Func *f = m->f;
    Block block[5];
    Value params[5][3];
    block[0] = func_entry(f);
    for (unsigned k = 1; k < 5; k++) {
        block[k] = build_block(f);
        for (unsigned p = 0; p < 3; p++) params[k][p] = build_param(f, block[k], types[p + 1]);
    }
    Value counter = build_param(f, block[1], TY_i8);
    make_many(m);
    Value to[4] = {pick(m, TY_i16), pick(m, TY_i32), pick(m, TY_i64)};
    to[3] = build_iconst(&m->b, TY_i8, 0);
    build_jump(&m->b, build_dest(f, block[1], to, 4));
    unsigned entry[4];
    memcpy(entry, m->n, sizeof entry);
    for (unsigned k = 1; k < 4; k++) {
        if (k == 3) memcpy(m->n, entry, sizeof entry); /* nothing of block 2 */
        for (unsigned p = 0; p < 3; p++) offer(m, params[k][p]);
        m->b.at = block[k];
        make_many(m);
        Value next[4] = {pick(m, TY_i16), pick(m, TY_i32), pick(m, TY_i64)};
        Value other[3] = {pick(m, TY_i16), pick(m, TY_i32), pick(m, TY_i64)};
        BlockCall leave = build_dest(f, block[k == 1 ? 3 : 4], other, 3);
        if (k == 1) {
            build_brif(&m->b, pick(m, TY_i32), build_dest(f, block[2], next, 3), leave);
            memcpy(entry, m->n, sizeof entry);
        } else if (k == 2) {
            build_jump(&m->b, build_dest(f, block[3], next, 3));
        } else {
            next[3] = build_binary(&m->b, OP_iadd, counter, build_iconst(&m->b, TY_i8, 1));
            Value end = build_iconst(&m->b, TY_i8, 8);
            Value more = build_compare(&m->b, OP_icmp, INTCC_ult, next[3], end);
            build_brif(&m->b, more, build_dest(f, block[1], next, 4), leave);
        }
    }
    m->b.at = block[4];
    build_return(&m->b, NULL, 0);
}

static Module *make_module(Arena *a, uint64_t seed)
{
    Maker m = {.r = rng_seeded(seed)};
    Module *module = module_create(a);
    Signature sig = {0};
    for (unsigned k = 0; k < 4; k++) vec_push(a, &sig.params)->type = (uint8_t)types[k];
    vec_push(a, &sig.params)->type = TY_i64;
    m.f = func_create(module, funcname_text("f"), &sig);
    Block entry = build_entry(m.f);
    build_slot(m.f, 64, 16);
    build_slot(m.f, 64, 4);
    func_add_contracts(m.f);
    m.f->contracts[4] = (Contract){.is_address = true, .align = 32, .skew = 20, .range = {0, 64}};
    m.b = builder_at(m.f, entry);
    for (unsigned k = 0; k < 5; k++) offer(&m, func_block(m.f, entry)->params.at[k]);
    make_blocks(&m);
    return module;
}

/* ---- looking on --------------------------------------------------------------------------- */

typedef struct {
    const Func *f;
    const Addresses *x;
    uint64_t checked[5]; /* facts by kind */
} Watch;

static bool number_holds(const Number *n, uint64_t value)
{
    return n->lo <= (int64_t)value && (int64_t)value <= n->hi &&
           ((value ^ n->low) & low_mask(n->nlow)) == 0;
}

static uint64_t signed_bits(const Watch *w, Value v, const Bits *values)
{
    unsigned spare = 64 - type_bits(func_type(w->f, v));
    return (uint64_t)((int64_t)(values[v.i].u64[0] << spare) >> spare);
}

/* Where a base is, when that can be seen: slots stand behind the values of a frame. */
static bool base_place(const Watch *w, const Base *b, const Bits *values, uint64_t *at)
{
    if (b->kind != BASE_slot && b->kind != BASE_param) return false;
    uint32_t place = w->f->values.n + b->index;
    if (b->kind == BASE_param) place = func_block(w->f, func_entry(w->f))->params.at[b->index].i;
    *at = values[place].u64[0];
    return true;
}

static void check_value(Watch *w, Value v, const Bits *values)
{
    const Fact *p = address_fact(w->x, v);
    uint64_t value = signed_bits(w, v, values), low, base;
    bool holds = true;
    w->checked[p->kind]++;
    if (p->kind == FACT_none) {
        holds = false;
    } else if (p->kind == FACT_number) {
        holds = number_holds(&p->n, value);
    } else if (p->kind == FACT_address) {
        const Base *b = address_base(w->x, p);
        unsigned nlow = address_low(w->x, p, &low);
        holds = ((value ^ low) & low_mask(nlow)) == 0 && (b->may_null || value != 0);
        if (base_place(w, b, values, &base)) holds &= number_holds(&p->n, value - base);
    }
    if (holds) return;
    Buf text = {.arena = arena_create()};
    func_write(&text, w->f, NULL);
    fail_msg("v%u is %#llx, which it cannot be\n%s", func_value(w->f, v)->name,
             (unsigned long long)value, text.at);
}

static void look(void *data, const TraceEvent *e)
{
    Watch *w = data;
    if (e->kind == TRACE_block) {
        const ValueVec *params = &func_block(w->f, e->block)->params;
        for (uint32_t k = 0; k < params->n; k++) check_value(w, params->at[k], e->values);
    } else if (e->kind == TRACE_inst) {
        const InstData *i = func_inst(w->f, e->inst);
        for (uint32_t k = 0; k < i->nresults; k++) check_value(w, inst_result(i, k), e->values);
    }
}

static void facts_hold(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Interp *in = interp_create();
    Watch w = {0};
    for (uint64_t k = 0; k < FUNCTIONS; k++) {
        Module *m = make_module(a, k);
        Diag d = {.arena = a};
        assert_true(module_verify(m, VERIFY_STRUCTURE, a, &d));
        w.f = m->funcs.at[0];
        w.x = address_derive(w.f, cfg_compute(w.f, a), a);
        Rng r = rng_seeded(k);
        for (unsigned run = 0; run < RUNS; run++) {
            Bits args[5] = {0};
            for (unsigned p = 0; p < 4; p++)
                args[p] = bits_of(rng_u64(&r) & low_mask(type_bits(types[p])));
            args[4] = bits_of(0x10000 + 20 + 32 * rng_below(&r, 100));
            InterpOptions o = {.fuel = 5000, .max_depth = 2, .trace = look, .trace_data = &w};
            InterpResult result;
            interp_run(in, m, 0, args, 5, NULL, 0, &o, &result);
            assert_int_equal(result.status, INTERP_returned);
        }
        arena_reset(a);
    }
    assert_true(w.checked[FACT_number] > 500000 && w.checked[FACT_address] > 50000);
    interp_destroy(in);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(facts_hold)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
