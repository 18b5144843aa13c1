/* Cases as data: what is taken out of one is its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "ir/read.h"

static const char text[] =
    "function %f(i64, i64) -> i64 {\n"
    "block0(v0: i64, v1: i64):\n"
    "    store v1, v0\n"
    "    return v1\n"
    "}\n"
    "; heap: <heap0> size=16\n"
    "; run: %f(<heap0>, 5) == 5\n"
    "; check-heap: <heap0> == [05]\n"
    "; check-heap: <heap0>+1 == [00]\n";

static Case *read_text(Arena *a)
{
    Diag d = {.arena = a};
    Case *c = case_read(a, "test.clif", str_of(text), &d);
    if (!c) diag_print(&d, stderr);
    assert_non_null(c);
    return c;
}

/* Once, an extracted run had the room of the run it was made from, in smaller arrays: another
 * argument was written over the heaps to check. */
static void an_extracted_run_has_room_of_its_own(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const Case *c = read_text(a);
    Case *taken = case_extract(c, 0, a);
    Run *run = &taken->runs.at[0];
    assert_int_equal(run->args.n, 2);
    assert_int_equal(run->checks.n, 2);
    for (int k = 0; k < 40; k++) {
        *vec_push(a, &run->args) = (DataValue){.bits = bits_of(UINT64_MAX)};
        *vec_push(a, &run->checks) = (HeapCheck){.size = UINT64_MAX};
    }
    assert_int_equal(run->checks.at[0].offset, 0);
    assert_int_equal(run->checks.at[1].offset, 1);
    assert_int_equal(run->args.at[1].bits.u64[0], 5);
    assert_int_equal(c->runs.at[0].args.n, 2);
    assert_int_equal(c->runs.at[0].checks.at[1].offset, 1);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_extracted_run_has_room_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
