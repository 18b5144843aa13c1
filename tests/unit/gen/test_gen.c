/* Any bytes decode to cases, the same ones each time, within the limits. */
#include "base/hash.h"
#include "base/rng.h"
#include "gen/gen.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { MIB = 1 << 20 };

typedef struct {
    uint32_t cases, insts, most; /* most: of one case */
    uint64_t bytes;              /* of arena, all cases together */
} Decoded;

static Decoded decode(const uint8_t *bytes, size_t n, Arena *a)
{
    GenInput in = {.bytes = bytes, .n = n};
    Decoded d = {0};
    for (Case *c; (c = gen_next(&in, NULL, a)) != NULL; d.cases++) {
        assert_true(c->runs.n >= 1);
        uint32_t insts = module_inst_count(c->module);
        assert_true(insts <= GEN_INSTS_MAX);
        d.insts += insts;
        if (insts > d.most) d.most = insts;
    }
    d.bytes = arena_used(a);
    assert_in_range(d.cases, 1, GEN_CASES_MAX);
    assert_true(d.insts <= 20000);
    assert_true(d.bytes < 64 * MIB);
    return d;
}

static void any_bytes_hold_cases(void **state)
{
    (void)state;
    static uint8_t bytes[4096];
    Arena *a = arena_create();
    assert_int_equal(decode(NULL, 0, a).cases, 1);
    for (unsigned fill = 0; fill < 256; fill++) {
        memset(bytes, (int)fill, sizeof bytes);
        arena_reset(a);
        decode(bytes, sizeof bytes, a);
    }
    arena_destroy(a);
}

static void assert_limits_hold(const uint8_t *bytes, size_t n)
{
    Arena *a = arena_create();
    uint32_t most = 0;
    for (uint32_t k = 0; k < 1000; k++, arena_reset(a)) {
        Decoded d = decode(bytes + k * 1021, n, a);
        assert_int_equal(d.cases, GEN_CASES_MAX);
        if (d.most > most) most = d.most;
    }
    assert_true(most > GEN_INSTS_MAX / 4); /* they come near enough to be worth a limit */
    arena_destroy(a);
}

/* 1,000 inputs of each size, cut from random bytes at different places. */
static void random_inputs_stay_within_limits(void **state)
{
    (void)state;
    size_t n = 2 * MIB;
    Arena *a = arena_create();
    uint8_t *bytes = arena_array(a, uint8_t, n);
    Rng r = rng_seeded(1);
    rng_fill(&r, bytes, n);
    assert_limits_hold(bytes, 4096);
    assert_limits_hold(bytes, MIB);
    arena_destroy(a);
}

static void large_fills_stay_within_limits(void **state)
{
    (void)state;
    static uint8_t bytes[MIB];
    static const uint8_t fills[] = {0, 0xff, 0x7f};
    Arena *a = arena_create();
    for (unsigned k = 0; k < countof(fills); k++) {
        memset(bytes, fills[k], sizeof bytes);
        arena_reset(a);
        assert_int_equal(decode(bytes, sizeof bytes, a).cases, GEN_CASES_MAX);
    }
    arena_destroy(a);
}

/* A limit of the options is kept, and is what stops the case. */
static void options_limit_a_case(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    GenOptions o = {.insts = 400};
    Arena *a = arena_create();
    uint32_t stopped = 0;
    for (uint64_t seed = 0; seed < 1000; seed++, arena_reset(a)) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        GenInput again = in;
        uint32_t less = module_inst_count(gen_next(&in, &o, a)->module);
        assert_true(less <= o.insts);
        stopped += module_inst_count(gen_next(&again, NULL, a)->module) > o.insts;
        assert_int_equal(in.at, again.at);
    }
    assert_true(stopped > 20);
    arena_destroy(a);
}

static uint64_t hash_cases(const uint8_t *bytes, size_t n, Arena *a)
{
    GenInput in = {.bytes = bytes, .n = n};
    Buf out = {.arena = a};
    for (Case *c; (c = gen_next(&in, NULL, a)) != NULL;) case_write(&out, c, NULL);
    return hash_bytes(out.at, out.n);
}

static void the_same_bytes_give_the_same_cases(void **state)
{
    (void)state;
    static uint8_t bytes[4096];
    Arena *a = arena_create(), *b = arena_create();
    for (uint64_t seed = 0; seed < 200; seed++) {
        Rng r = rng_seeded(seed);
        rng_fill(&r, bytes, sizeof bytes);
        arena_alloc(b, (size_t)(16 * (seed + 1)));
        assert_int_equal(hash_cases(bytes, sizeof bytes, a), hash_cases(bytes, sizeof bytes, b));
        arena_reset(a);
        arena_reset(b);
    }
    arena_destroy(a);
    arena_destroy(b);
}

static void a_seed_is_one_case(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    Arena *a = arena_create();
    for (uint64_t seed = 0; seed < 1000; seed++) {
        size_t n = gen_seed_bytes(seed, bytes, sizeof bytes);
        assert_true(n < sizeof bytes);
        assert_int_equal(decode(bytes, n, a).cases, 1);
        arena_reset(a);
    }
    arena_destroy(a);
}

/* Past the end stand zeros, and a record of zeros makes nothing. */
static void a_short_input_is_a_small_case(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    Arena *a = arena_create();
    uint64_t whole = 0, half = 0;
    for (uint64_t seed = 0; seed < 300; seed++) {
        size_t n = gen_seed_bytes(seed, bytes, sizeof bytes);
        whole += decode(bytes, n, a).insts;
        half += decode(bytes, n / 2, a).insts;
        arena_reset(a);
    }
    assert_true(half * 4 < whole * 3);
    assert_true(decode(NULL, 0, a).insts < 16);
    arena_destroy(a);
}

static void families_are_read_by_name(void **state)
{
    (void)state;
    uint32_t off = 0;
    assert_true(gen_parse_off(str_of("address,loop"), &off));
    assert_int_equal(off, OFF_address | OFF_loop);
    assert_true(gen_parse_off(str_of(""), &off));
    assert_false(gen_parse_off(str_of("addresses"), &off));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_bytes_hold_cases),
        cmocka_unit_test(random_inputs_stay_within_limits),
        cmocka_unit_test(large_fills_stay_within_limits),
        cmocka_unit_test(options_limit_a_case),
        cmocka_unit_test(the_same_bytes_give_the_same_cases),
        cmocka_unit_test(a_seed_is_one_case),
        cmocka_unit_test(a_short_input_is_a_small_case),
        cmocka_unit_test(families_are_read_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
