/* Signatures do not see numbers and order: cases with values, instructions and blocks shuffled have
 * the signature that they had before. */
#include "reduce/signature.h"

#include "base/rng.h"
#include "ir/read.h"
#include "ir/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "planted.h"

/* ---- shuffling ---------------------------------------------------------------------------- */

/* A random order of 0 .. n - 1. */
static uint32_t *random_order(Arena *a, Rng *r, uint32_t n)
{
    uint32_t *order = arena_array(a, uint32_t, n + 1);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t other = (uint32_t)rng_below(r, k + 1);
        order[k] = order[other];
        order[other] = k;
    }
    return order;
}

/* New numbers for values: all results of an instruction stay neighbours. */
static uint32_t *renumber_values(const Func *f, Arena *a, Rng *r)
{
    const uint32_t *order = random_order(a, r, f->values.n);
    uint32_t *fresh = arena_array(a, uint32_t, f->values.n);
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->values.n; k++) {
        const ValueData *v = &f->values.at[order[k]];
        if (v->index && v->kind == VALUE_RESULT) continue;
        uint32_t group = v->kind == VALUE_RESULT ? f->insts.at[v->owner].nresults : 1;
        for (uint32_t e = 0; e < group; e++) fresh[order[k] + e] = n++;
    }
    assert_int_equal(n, f->values.n);
    return fresh;
}

static void map_values(Value *values, uint32_t n, const uint32_t *fresh)
{
    for (uint32_t k = 0; k < n; k++) values[k].i = fresh[values[k].i];
}

static void shuffle_values(Func *f, Arena *a, Rng *r)
{
    const uint32_t *fresh = renumber_values(f, a, r);
    ValueData *old = f->values.at;
    f->values.at = arena_array(f->arena, ValueData, f->values.n);
    for (uint32_t k = 0; k < f->values.n; k++) {
        f->values.at[fresh[k]] = old[k];
        f->values.at[fresh[k]].name = fresh[k] + 100;
    }
    for (uint32_t k = 0; k < f->insts.n; k++) {
        InstData *i = &f->insts.at[k];
        map_values(inst_args(i), i->nargs, fresh);
        if (i->nresults) map_values(&i->result, 1, fresh);
        for (uint32_t d = 0; d < i->ndests; d++)
            map_values(i->dests[d].args, i->dests[d].nargs, fresh);
    }
    for (uint32_t b = 0; b < f->blocks.n; b++)
        map_values(f->blocks.at[b].params.at, f->blocks.at[b].params.n, fresh);
}

static void shuffle_insts(Func *f, Arena *a, Rng *r)
{
    const uint32_t *fresh = random_order(a, r, f->insts.n);
    InstData *old = f->insts.at;
    f->insts.at = arena_array(f->arena, InstData, f->insts.n);
    for (uint32_t k = 0; k < f->insts.n; k++) f->insts.at[fresh[k]] = old[k];
    for (uint32_t b = 0; b < f->blocks.n; b++) {
        BlockData *bd = &f->blocks.at[b];
        for (uint32_t k = 0; k < bd->insts.n; k++) bd->insts.at[k].i = fresh[bd->insts.at[k].i];
    }
    for (uint32_t k = 0; k < f->values.n; k++) {
        ValueData *v = &f->values.at[k];
        if (v->kind == VALUE_RESULT) v->owner = fresh[v->owner];
    }
}

/* The entry stays in front. */
static void shuffle_blocks(Func *f, Arena *a, Rng *r)
{
    const uint32_t *order = random_order(a, r, f->layout.n - 1);
    Block *old = f->layout.at;
    f->layout.at = arena_array(f->arena, Block, f->layout.n);
    f->layout.at[0] = old[0];
    for (uint32_t k = 1; k < f->layout.n; k++) f->layout.at[k] = old[order[k - 1] + 1];
}

static Case *shuffle(const Case *c, Arena *a, uint64_t seed)
{
    Case *copy = arena_new(a, Case);
    *copy = *c;
    copy->module = module_clone(c->module, a);
    Rng r = rng_seeded(seed);
    for (uint32_t k = 0; k < copy->module->funcs.n; k++) {
        Func *f = copy->module->funcs.at[k];
        shuffle_values(f, a, &r);
        shuffle_insts(f, a, &r);
        shuffle_blocks(f, a, &r);
    }
    return copy;
}

/* ---- cases -------------------------------------------------------------------------------- */

static const char *const cases[] = {
    "function %f(i64, i32) -> i32 {\n"
    "block0(v0: i64, v1: i32):\n"
    "    v2 = iconst.i32 5\n"
    "    jump block1(v2, v1)\n"
    "block1(v3: i32, v4: i32):\n"
    "    v5 = imul v4, v3\n"
    "    v6 = iconst.i32 -1\n"
    "    v7 = iadd v3, v6\n"
    "    store notrap v5, v0+4\n"
    "    brif v7, block1(v7, v5), block2\n"
    "block2:\n"
    "    v8 = load.i32 notrap v0\n"
    "    v9 = bxor v8, v5\n"
    "    brif v9, block3, block4\n"
    "block3:\n"
    "    return v9\n"
    "block4:\n"
    "    return v7\n"
    "}\n"
    "; heap: <heap0> size=64, align=16, fill=7\n"
    "; print: %f(<heap0>, 7)\n",

    "function %g(i64, i64) -> i64 {\n"
    "block0(v0: i64, v1: i64):\n"
    "    v2 = load.i16 notrap v0+2\n"
    "    v3 = load.i16 notrap v0+4\n"
    "    v4 = imul v2, v3\n"
    "    v5 = uextend.i64 v4\n"
    "    store notrap v5, v0+8\n"
    "    v6 = load.i64x2 notrap v0\n"
    "    v7 = iadd v6, v6\n"
    "    store notrap v7, v0+16\n"
    "    v8 = iadd v5, v1\n"
    "    return v8\n"
    "}\n"
    "; address: %g 0 range=0..32, align=16, init=0..16\n"
    "\n"
    "function %f(i64) {\n"
    "    fn0 = %g(i64, i64) -> i64\n"
    "    ss0 = explicit_slot 48, align = 16\n"
    "block0(v0: i64):\n"
    "    v1 = stack_addr.i64 ss0\n"
    "    v2 = iconst.i64 0x1234567890\n"
    "    store notrap v2, v1\n"
    "    store notrap v2, v1+8\n"
    "    v3 = call fn0(v1, v2)\n"
    "    v4 = rotl v3, v3\n"
    "    v5 = icmp ult v3, v2\n"
    "    brif v5, block1, block2\n"
    "block1:\n"
    "    v6 = load.i64x2 notrap v1\n"
    "    store notrap v6, v0\n"
    "    return\n"
    "block2:\n"
    "    store notrap v4, v0\n"
    "    return\n"
    "}\n"
    "; address: %f 0 range=0..64, align=16, init=all\n"
    "; heap: <heap0> size=64, align=16\n"
    "; print: %f(<heap0>)\n"
    "; discipline: addresses\n",
};

static Case *read_or_fail(Arena *a, const char *text)
{
    Diag d = {.arena = a, .file = "test"};
    Case *c = case_read(a, "test", str_of(text), &d);
    bool good = c && case_verify(c, a, &d);
    diag_print(&d, stderr);
    assert_true(good);
    return c;
}

static void sign(Judge *j, const Case *c, Arena *a, char text[static SIGNATURE_SIZE])
{
    Verdict v;
    judge_case(j, c, &v);
    assert_true(verdict_is_finding(v.kind));
    signature_make(j, c, &v, a, text);
}

static void test_shuffled(void **state)
{
    Arena *a = arena_create();
    Judge *j = *state;
    for (size_t k = 0; k < countof(cases); k++) {
        const Case *c = read_or_fail(a, cases[k]);
        char first[SIGNATURE_SIZE], again[SIGNATURE_SIZE];
        sign(j, c, a, first);
        for (uint64_t seed = 0; seed < 25; seed++) {
            sign(j, shuffle(c, a, seed), a, again);
            assert_string_equal(first, again);
        }
    }
    arena_destroy(a);
}

/* What is left of both cases is the multiplication itself, so that they are one finding. */
static void test_same_cause(void **state)
{
    Arena *a = arena_create();
    Judge *j = *state;
    for (size_t k = 0; k < countof(cases); k++) {
        char text[SIGNATURE_SIZE];
        sign(j, read_or_fail(a, cases[k]), a, text);
        assert_string_equal(text, "jit_none_sse2_planted-results-integer");
    }
    arena_destroy(a);
}

/* Shrinking judges candidates, which are no executions. */
static void test_counts_nothing(void **state)
{
    Arena *a = arena_create();
    Judge *j = *state;
    char text[SIGNATURE_SIZE];
    uint64_t before = judge_counts(j)->executions;
    sign(j, read_or_fail(a, cases[0]), a, text);
    assert_int_equal(judge_counts(j)->executions, before + 1);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shuffled),
        cmocka_unit_test(test_same_cause),
        cmocka_unit_test(test_counts_nothing),
    };
    return cmocka_run_group_tests(tests, open_judge, close_judge);
}
