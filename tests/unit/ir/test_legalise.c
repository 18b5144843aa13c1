/* Slot alignment above a back end's: the slot grows, its address is rounded. */
#include "ir/address.h"
#include "ir/legalise.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char *const before = "function %f(i32) -> i64 {\n"
                                  "    ss0 = explicit_slot 24, align = 64\n"
                                  "    ss1 = explicit_slot 16, align = 16\n"
                                  "block0(v7: i32):\n"
                                  "    v9 = stack_addr.i64 ss0+8\n"
                                  "    store v7, v9\n"
                                  "    brif v7, block1, block2\n"
                                  "block1:\n"
                                  "    v10 = stack_addr.i64 ss1+4\n"
                                  "    return v10\n"
                                  "block2:\n"
                                  "    v11 = stack_addr.i64 ss0\n"
                                  "    return v11\n"
                                  "}\n";

static const char *const after = "function %f(i32) -> i64 fast {\n"
                                 "    ss0 = explicit_slot 72, align = 16\n"
                                 "    ss1 = explicit_slot 16, align = 16\n"
                                 "\n"
                                 "block0(v7: i32):\n"
                                 "    v12 = stack_addr.i64 ss0+48\n"
                                 "    v13 = iconst.i64 -64\n"
                                 "    v14 = band v12, v13\n"
                                 "    v15 = iconst.i64 8\n"
                                 "    v9 = iadd v14, v15\n"
                                 "    store v7, v9\n"
                                 "    brif v7, block1, block2\n"
                                 "\n"
                                 "block1:\n"
                                 "    v10 = stack_addr.i64 ss1+4\n"
                                 "    return v10\n"
                                 "\n"
                                 "block2:\n"
                                 "    v16 = stack_addr.i64 ss0+48\n"
                                 "    v17 = iconst.i64 -64\n"
                                 "    v18 = band v16, v17\n"
                                 "    v19 = iconst.i64 0\n"
                                 "    v11 = iadd v18, v19\n"
                                 "    return v11\n"
                                 "}\n";

static Module *read_before(Arena *a)
{
    Diag d = {.arena = a};
    Case *c = case_read(a, "before", str_of(before), &d);
    if (!c) diag_print(&d, stderr);
    assert_non_null(c);
    return c->module;
}

static void enlarges_and_rounds(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Module *original = read_before(a), *m = module_clone(original, a);
    assert_true(legalise_is_needed(m, 16));
    assert_int_equal(legalise_slots(m, 16), 1);
    assert_false(legalise_is_needed(m, 16));
    Diag d = {.arena = a};
    assert_true(module_verify(m, VERIFY_STRUCTURE, a, &d));
    Buf out = {.arena = a};
    func_write(&out, m->funcs.at[0], NULL);
    assert_string_equal(out.at, after);
    assert_int_equal(original->funcs.at[0]->slots.at[0].bytes, 24);
    arena_destroy(a);
}

static void leaves_the_rest_alone(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Module *m = read_before(a);
    assert_false(legalise_is_needed(m, 64));
    assert_int_equal(legalise_slots(m, 64), 0);
    assert_int_equal(module_inst_count(m), 7);
    arena_destroy(a);
}

/* What is derived of the rounded address: all of the slot's bytes, and its alignment. */
static void keeps_what_is_known(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Module *m = read_before(a);
    legalise_slots(m, 1);
    const Func *f = m->funcs.at[0];
    Addresses *x = address_derive(f, cfg_compute(f, a), a);
    Value stored = inst_args_const(func_inst(f, func_block(f, func_entry(f))->insts.at[5]))[1];
    const Fact *p = address_fact(x, stored);
    uint64_t low;
    assert_int_equal(p->kind, FACT_address);
    assert_int_equal(address_low(x, p, &low), 6);
    assert_int_equal(low, 8);
    assert_true(address_is_within(x, p, -8, 24));
    assert_false(address_is_within(x, p, -8, 25));
    assert_false(address_is_within(x, p, -9, 1));
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enlarges_and_rounds),
        cmocka_unit_test(leaves_the_rest_alone),
        cmocka_unit_test(keeps_what_is_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
