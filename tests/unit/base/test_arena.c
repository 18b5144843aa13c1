/* What an arena hands out. */
#include "base/vec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* An array of no elements may grow: that must not reach into what came behind it. */
static void test_nothing(void **state)
{
    (void)state;
    Arena *a = arena_create();
    struct {
        uint32_t *at;
        uint32_t n, cap;
    } empty = {arena_array(a, uint32_t, 0), 0, 0};
    uint32_t *next = arena_array(a, uint32_t, 4);
    next[0] = 1;
    *vec_push(a, &empty) = 2;
    assert_ptr_not_equal(empty.at, next);
    assert_int_equal(next[0], 1);
    arena_destroy(a);
}

/* What is last grows where it is. */
static void test_grow(void **state)
{
    (void)state;
    Arena *a = arena_create();
    VEC(uint64_t) v = {0};
    *vec_push(a, &v) = 0;
    const uint64_t *first = v.at;
    for (uint64_t k = 1; k < 100; k++) *vec_push(a, &v) = k;
    assert_ptr_equal(v.at, first);
    for (uint64_t k = 0; k < 100; k++) assert_int_equal(v.at[k], k);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing),
                                       cmocka_unit_test(test_grow)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
