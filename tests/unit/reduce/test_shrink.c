/* What is left of a case can be written down: read again, it claims discipline, passes the verifier
 * and shows the same mistake. Values that are built later take no name that the text gives. */
#include "gen/gen.h"
#include "ir/build.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "reduce/shrink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "planted.h"

enum { TRIES = 1000, FINDINGS = 24, MOST_SEEDS = 4000 };

static Case *read_again(const Case *c, Arena *a)
{
    Buf text = {.arena = a};
    Diag d = {.arena = a, .file = "said"};
    case_write(&text, c, NULL);
    Case *again = case_read(a, "said", buf_str(&text), &d);
    bool good = again && case_verify(again, a, &d);
    diag_print(&d, stderr);
    if (!good) fwrite(text.at, 1, text.n, stderr);
    assert_true(good);
    return again;
}

static void check_small(Judge *j, const Case *c, const Verdict *v, Arena *a)
{
    Verdict left, again;
    const Case *small = read_again(shrink_case(j, c, v, a, TRIES, &left), a);
    assert_true(small->discipline);
    judge_case(j, small, &again);
    assert_int_equal(again.kind, left.kind);
    assert_ptr_equal(again.odd, left.odd);
}

static void test_small(void **state)
{
    assert_int_equal(open_judge(state), 0); /* here: cmocka has set its handlers of signals */
    Arena *a = arena_create();
    Judge *j = *state;
    uint32_t found = 0;
    for (uint64_t seed = 0; seed < MOST_SEEDS && found < FINDINGS; seed++) {
        Verdict v;
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        arena_reset(a);
        const Case *c = gen_next(&in, &(GenOptions){0}, a);
        judge_case(j, c, &v);
        if (!verdict_is_finding(v.kind)) continue;
        found++;
        check_small(j, c, &v, a);
    }
    assert_int_equal(found, FINDINGS);
    arena_destroy(a);
    close_judge(state);
}

static void test_names(void **state)
{
    (void)state;
    static const char text[] = "function %f(i32) -> i32 {\n"
                               "block0(v0: i32):\n"
                               "    jump block7\n"
                               "block7:\n"
                               "    v2 = iadd v0, v0\n"
                               "    v3 = iadd v2, v2\n"
                               "    return v3\n"
                               "}\n";
    Arena *a = arena_create();
    Diag d = {.arena = a, .file = "names"};
    Case *c = case_read(a, "names", str_of(text), &d);
    diag_print(&d, stderr);
    assert_non_null(c);
    Func *f = c->module->funcs.at[0];
    Value more = build_param(f, func_entry(f), TY_i32);
    Block block = build_block(f);
    assert_int_equal(func_value(f, more)->name, 4);
    assert_int_equal(func_block(f, block)->name, 8);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
