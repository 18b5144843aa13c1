/* Limits of rewrites: how they are counted, and that code is as right with any number of them. */
#include "ir/read.h"
#include "jit/jit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* A load that can be sunk, addresses that can be folded, a comparison, a constant to be stored. */
static const char text[] = "function %f(i64, i64) -> i64 {\n"
                           "block0(v0: i64, v1: i64):\n"
                           "    v2 = iconst.i64 8\n"
                           "    v3 = iadd v0, v2\n"
                           "    v4 = load.i64 v3+16\n"
                           "    v5 = iadd v4, v1\n"
                           "    v6 = icmp ult v5, v1\n"
                           "    v7 = iconst.i64 5\n"
                           "    store v7, v0\n"
                           "    brif v6, block1, block2\n"
                           "block1:\n"
                           "    return v5\n"
                           "block2:\n"
                           "    v8 = imul v5, v1\n"
                           "    return v8\n"
                           "}\n";

typedef struct {
    Arena *arena;
    Jit *jit;
    CodeMem *memory;
    const Module *module;
    JitCode code;
} Test;

static void start(Test *t)
{
    *t = (Test){.arena = arena_create(), .jit = jit_create(), .memory = codemem_create(0)};
    Diag d = {.arena = t->arena};
    Case *c = case_read(t->arena, "test", str_of(text), &d);
    assert_non_null(c);
    t->module = c->module;
}

static void end(Test *t)
{
    codemem_destroy(t->memory);
    jit_destroy(t->jit);
    arena_destroy(t->arena);
}

static uint64_t run(Test *t, Fuel *fuel)
{
    const char *refused = NULL;
    static const char nowhere;
    JitOptions o = {.features = feature_detect(), .trap_exit = &nowhere, .fuel = fuel};
    codemem_rewind(t->memory);
    if (!jit_compile(t->jit, t->module, &o, t->memory, &t->code, &refused))
        fail_msg("refused: %s", refused);
    uint64_t bytes[4] = {1, 2, 3, 40}, args[2][2] = {{(uintptr_t)bytes}, {3}};
    uint64_t result[2] = {0};
    ((JitEntry *)(uintptr_t)jit_entry(t->jit, &t->code, 0))(args, result);
    assert_int_equal(bytes[0], 5);
    return result[0];
}

/* 40 + 3 is no less than 3, times 3: with each number of rewrites in each pass. */
static void any_number(void **state)
{
    Test t;
    (void)state;
    start(&t);
    Fuel all = fuel_unlimited();
    assert_int_equal(run(&t, &all), 129);
    assert_true(all.applied[PASS_lower] >= 4);
    assert_true(all.applied[PASS_emit] >= 1);
    for (unsigned p = 0; p < PASS_COUNT; p++)
        for (uint32_t n = 0; n <= all.applied[p]; n++) {
            Fuel some = fuel_unlimited();
            some.limit[p] = n;
            assert_int_equal(run(&t, &some), 129);
            assert_int_equal(some.applied[p], n);
            if (n) assert_int_equal(rewrite_pass(some.last[p].rewrite), p);
        }
    end(&t);
}

/* Code that nothing limits is the same with fuel as without. */
static void unlimited(void **state)
{
    Test t;
    uint8_t bytes[4096];
    (void)state;
    start(&t);
    assert_int_equal(run(&t, NULL), 129);
    size_t size = t.code.size;
    assert_true(size <= sizeof bytes);
    memcpy(bytes, (const void *)t.code.start, size);
    Fuel all = fuel_unlimited(), none = {0};
    run(&t, &all);
    assert_int_equal(t.code.size, size);
    assert_memory_equal((const void *)t.code.start, bytes, size);
    run(&t, &none);
    assert_true(t.code.size > size);
    end(&t);
}

/* The counter itself: nothing is taken when nothing is left, and what is given back is left. */
static void counter(void **state)
{
    (void)state;
    Fuel f = fuel_unlimited();
    f.limit[PASS_lower] = 2;
    Inst inst = {7};
    assert_true(fuel_take(&f, REWRITE_load_sunk, NULL, 0, inst));
    FuelRewrite first = f.last[PASS_lower];
    assert_true(fuel_take(&f, REWRITE_compare_sunk, NULL, 1, inst));
    assert_false(fuel_take(&f, REWRITE_load_sunk, NULL, 2, inst));
    assert_int_equal(f.last[PASS_lower].func, 1);
    fuel_give_back(&f, PASS_lower, first);
    assert_int_equal(f.last[PASS_lower].func, 0);
    assert_true(fuel_left(&f, PASS_lower));
    assert_true(fuel_take(&f, REWRITE_displacement_short, NULL, 0, inst));
    fuel_restart(&f, PASS_emit);
    assert_int_equal(f.applied[PASS_lower], 1);
    assert_int_equal(f.applied[PASS_emit], 0);
    assert_true(fuel_take(NULL, REWRITE_load_sunk, NULL, 0, inst));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number),
        cmocka_unit_test(unlimited),
        cmocka_unit_test(counter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
