/* Who judges which case. */
#include "fuzz/schedule.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void test_picks(void **state)
{
    (void)state;
    Schedule s;
    schedule_all(&s);
    s.every[1] = 8;
    s.every[2] = 32;
    uint32_t picked[3] = {0};
    for (uint64_t hash = 0; hash < 1024; hash++)
        for (uint32_t k = 0; k < 3; k++) {
            picked[k] += schedule_picks(&s, k, hash);
            /* what the slower one looks at, the faster one does, too */
            if (schedule_picks(&s, 2, hash)) assert_true(schedule_picks(&s, 1, hash));
        }
    assert_int_equal(picked[0], 1024);
    assert_int_equal(picked[1], 1024 / 8);
    assert_int_equal(picked[2], 1024 / 32);
}

/* Nothing is loaded: nothing is measured or written, and numbers find nobody. */
static void test_built_in(void **state)
{
    (void)state;
    const char *error;
    Judge *j = judge_create(&(JudgeOptions){.backends = "interp,jit:none:sse2"}, &error);
    assert_non_null(j);
    Schedule s;
    schedule_measure(&s, j, true);
    for (uint32_t k = 0; k < CONFIGS_MAX; k++) assert_int_equal(s.every[k], 1);
    assert_int_equal(judge_counts(j)->executions, 0);
    Buf out = {.arena = arena_create()};
    schedule_write(&out, &s, j);
    assert_int_equal(out.n, 0);
    assert_true(schedule_read(&s, j, "", &error));
    assert_false(schedule_read(&s, j, "8", &error));
    arena_destroy(out.arena);
    judge_destroy(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_picks),
        cmocka_unit_test(test_built_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
