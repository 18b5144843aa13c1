/* What splitting makes of functions with i128, as text; and that it is not asked without. */
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "jit/split.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static Module *read_module(Arena *a, const char *text)
{
    Diag d = {.arena = a};
    Case *c = case_read(a, "test", str_of(text), &d);
    if (!c) diag_print(&d, stderr);
    assert_non_null(c);
    return c->module;
}

static void check_valid(Arena *a, const Module *m)
{
    Diag d = {.arena = a};
    bool valid = module_verify(m, VERIFY_STRUCTURE, a, &d);
    if (!valid) diag_print(&d, stderr);
    assert_true(valid);
}

/* What the first function of `text` becomes. */
static void check_split(const char *text, const char *wanted)
{
    Arena *a = arena_create();
    Module *m = read_module(a, text);
    assert_true(split_is_needed(m));
    SplitOrigins *origins = arena_array(a, SplitOrigins, m->funcs.n);
    const char *refused = NULL;
    if (!split_module(m, true, origins, &refused)) fail_msg("refused: %s", refused);
    check_valid(a, m);
    Buf out = {.arena = a};
    func_write(&out, m->funcs.at[0], NULL);
    assert_string_equal(out.at, wanted);
    arena_destroy(a);
}

static void the_example_of_the_essay(void **state)
{
    (void)state;
    check_split("function %f(i128, i64) -> i128 {\n"
                "block0(v0: i128, v1: i64):\n"
                "    v2 = load.i128 v1+16\n"
                "    v3 = iadd v0, v2\n"
                "    return v3\n"
                "}\n",
                "function %f(i64, i64, i64) -> i64, i64 fast {\n"
                "block0(v4: i64, v5: i64, v1: i64):\n"
                "    v6 = load.i64 v1+16\n"
                "    v7 = load.i64 v1+24\n"
                "    v8, v9 = uadd_overflow v4, v6\n"
                "    v10, v11 = uadd_overflow_cin v5, v7, v9\n"
                "    return v8, v10\n"
                "}\n");
}

static void lists_and_conditions(void **state)
{
    (void)state;
    check_split("function %f(i128, i32) -> i32, i128 {\n"
                "    sig0 = (i8, i128) -> i128, i8\n"
                "block0(v0: i128, v1: i32):\n"
                "    v2 = iconst.i64 8\n"
                "    v3 = ishl v1, v0\n"
                "    brif v0, block1(v3, v0), block2\n"
                "block1(v4: i32, v5: i128):\n"
                "    return v4, v5\n"
                "block2:\n"
                "    v6 = ireduce.i8 v0\n"
                "    v7, v8 = call_indirect sig0, v2(v6, v0)\n"
                "    jump block1(v1, v7)\n"
                "block3(v9: i128):\n"
                "    jump block3(v9)\n"
                "}\n",
                "function %f(i64, i64, i32) -> i32, i64, i64 fast {\n"
                "    sig0 = (i8, i64, i64) -> i64, i64, i8 fast\n"
                "\n"
                "block0(v10: i64, v11: i64, v1: i32):\n"
                "    v2 = iconst.i64 8\n"
                "    v14 = ishl v1, v10\n"
                "    v15 = bor v10, v11\n"
                "    brif v15, block1(v14, v10, v11), block2\n"
                "\n"
                "block1(v4: i32, v12: i64, v13: i64):\n"
                "    return v4, v12, v13\n"
                "\n"
                "block2:\n"
                "    v16 = ireduce.i8 v10\n"
                "    v17, v18, v19 = call_indirect.i64 sig0, v2(v16, v10, v11)\n"
                "    jump block1(v1, v17, v18)\n"
                "}\n");
}

static void nothing_to_do(void **state)
{
    (void)state;
    Arena *a = arena_create();
    assert_false(split_is_needed(read_module(a, "function %f(i64, i64x2) -> i64x2 {\n"
                                                "block0(v0: i64, v1: i64x2):\n"
                                                "    return v1\n}\n")));
    /* no value of the type, but a signature */
    assert_true(split_is_needed(read_module(a, "function %f() -> i128 {\n"
                                               "block0:\n    trap user1\n}\n")));
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_essay),
        cmocka_unit_test(lists_and_conditions),
        cmocka_unit_test(nothing_to_do),
    };
    return cmocka_run_group_tests_name("split", tests, NULL, NULL);
}
