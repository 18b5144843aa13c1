/* Building a function by hand gives the structure that the headers promise. */
#include "ir/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void builds_an_add(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Module *m = module_create(a);
    Signature sig = {0};
    vec_push(a, &sig.params)->type = TY_i32;
    vec_push(a, &sig.params)->type = TY_i32;
    vec_push(a, &sig.returns)->type = TY_i32;
    Func *f = func_create(m, funcname_text("add"), &sig);
    Block entry = build_entry(f);
    Builder b = builder_at(f, entry);
    const ValueVec *params = &func_block(f, entry)->params;
    Value sum = build_binary(&b, OP_iadd, params->at[0], params->at[1]);
    build_return(&b, &sum, 1);

    assert_int_equal(func_type(f, sum), TY_i32);
    assert_int_equal(func_terminator(f, entry)->op, OP_return);
    assert_int_equal(module_inst_count(m), 2);
    uint32_t *uses = func_count_uses(f, a);
    assert_int_equal(uses[sum.i], 1);

    Module *copy = module_clone(m, a);
    func_inst(copy->funcs.at[0], (Inst){0})->op = OP_isub;
    assert_int_equal(func_inst(f, (Inst){0})->op, OP_iadd);
    arena_destroy(a);
}

static void tables_are_consistent(void **state)
{
    (void)state;
    for (Op op = 0; op < OP_COUNT; op++) {
        const OpInfo *o = &op_info[op];
        assert_int_equal(op_from_name(str_of(o->name)), op);
        if (o->effects & EFFECT_P)
            assert_false(o->effects & (EFFECT_L | EFFECT_S | EFFECT_X | EFFECT_T));
        if (o->effects & EFFECT_C) assert_int_equal(o->operands[0], o->operands[1]);
        assert_int_equal(o->has_type, o->types != SET_NONE);
    }
    assert_true(op_info[OP_load].needs_suffix);
    assert_true(op_info[OP_stack_addr].needs_suffix);
    assert_false(op_info[OP_iadd].needs_suffix);
    assert_false(op_info[OP_f32const].needs_suffix);
    assert_int_equal(op_access_bytes(OP_uload16x4, TY_i32x4), 8);
    assert_int_equal(op_access_bytes(OP_istore8, TY_i64), 1);
    assert_int_equal(op_access_bytes(OP_load, TY_i8x16), 16);
    assert_int_equal(op_access_bytes(OP_call, TY_none), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(builds_an_add),
        cmocka_unit_test(tables_are_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
