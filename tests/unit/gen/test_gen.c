/* Any bytes decode to cases, the same ones each time. */
#include "gen/gen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static uint32_t count_cases(const uint8_t *bytes, size_t n, Arena *a)
{
    GenInput in = {.bytes = bytes, .n = n};
    GenOptions o = {0};
    uint32_t count = 0;
    for (Case *c; (c = gen_next(&in, &o, a)) != NULL; count++) {
        assert_true(c->runs.n >= 1);
        assert_true(module_inst_count(c->module) <= GEN_INSTS_MAX);
    }
    return count;
}

static void any_bytes_hold_cases(void **state)
{
    (void)state;
    static uint8_t bytes[4096];
    Arena *a = arena_create();
    assert_int_equal(count_cases(NULL, 0, a), 1);
    for (unsigned fill = 0; fill < 256; fill++) {
        memset(bytes, (int)fill, sizeof bytes);
        uint32_t n = count_cases(bytes, sizeof bytes, a);
        assert_in_range(n, 1, GEN_CASES_MAX);
        arena_reset(a);
    }
    arena_destroy(a);
}

static void a_seed_is_one_case(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    Arena *a = arena_create();
    for (uint64_t seed = 0; seed < 1000; seed++) {
        size_t n = gen_seed_bytes(seed, bytes, sizeof bytes);
        assert_int_equal(count_cases(bytes, n, a), 1);
        arena_reset(a);
    }
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
        cmocka_unit_test(a_seed_is_one_case),
        cmocka_unit_test(families_are_read_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
