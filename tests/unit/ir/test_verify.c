/* Structure: a good module passes, and each way of breaking it is named. */
#include "ir/build.h"
#include "ir/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static AbiParam param(Type t)
{
    return (AbiParam){.type = (uint8_t)t};
}

/* The module that the rows below break. `%callee(i64) -> i32` is function 0; function 1 is
 *
 *     function %f(i64, i32) -> i32 {
 *         ss0 = explicit_slot 16, align = 16
 *     block0(v0: i64, v1: i32):
 *         v2 = load.i32 v0                     inst 0
 *         v3 = iadd v1, v2                     inst 1
 *         brif v3, block1(v3), block2          inst 2
 *     block1(v4: i32):
 *         v6 = stack_addr.i64 ss0              inst 3
 *         store v4, v6                         inst 4
 *         v7 = call fn0(v6)                    inst 5
 *         jump block3(v7)                      inst 6
 *     block2:
 *         v8 = iconst.i32 7                    inst 7
 *         v9 = vconst.i32x4 const0             inst 8
 *         v10 = extractlane v9, 3               inst 9
 *         v11 = bitcast.i64x2 little v9        inst 10
 *         v12 = icmp eq v8, v10                 inst 11
 *         trapnz v12, user1                    inst 12
 *         jump block3(v8)                      inst 13
 *     block3(v5: i32):
 *         return v5                           inst 14
 *     }
 */
enum {
    I_LOAD, I_IADD, I_BRIF, I_STACK_ADDR, I_STORE, I_CALL, I_JUMP1, I_ICONST, I_VCONST,
    I_EXTRACT, I_BITCAST, I_ICMP, I_TRAPNZ, I_JUMP2, I_RETURN,
};

static void build_callee(Module *m)
{
    Signature sig = {0};
    *vec_push(m->arena, &sig.params) = param(TY_i64);
    *vec_push(m->arena, &sig.returns) = param(TY_i32);
    Func *f = func_create(m, funcname_text("callee"), &sig);
    Builder b = builder_at(f, build_entry(f));
    Value r = build_load(&b, OP_load, TY_i32, (MemFlags){0}, (Value){0}, 0);
    build_return(&b, &r, 1);
}

static void build_branches(Func *f, const Block *at, Slot slot, FuncRef callee)
{
    Value v4 = build_param(f, at[1], TY_i32);
    Value v5 = build_param(f, at[3], TY_i32);
    Builder b = builder_at(f, at[1]);
    Value v6 = build_stack_addr(&b, slot, 0);
    build_store(&b, OP_store, (MemFlags){0}, v4, v6, 0);
    Value v7 = inst_result(func_inst(f, build_call(&b, callee, &v6, 1)), 0);
    build_jump(&b, build_dest(f, at[3], &v7, 1));
    b.at = at[2];
    Value v8 = build_iconst(&b, TY_i32, 7);
    Value v9 = build_vconst(&b, TY_i32x4, (Bits){.u64 = {1, 2}});
    Value v10 = build_extractlane(&b, v9, 3);
    build_bitcast(&b, TY_i64x2, v9, (MemFlags){.bits = MEMFLAG_little});
    Value v12 = build_compare(&b, OP_icmp, INTCC_eq, v8, v10);
    build_cond_trap(&b, OP_trapnz, v12, 1);
    build_jump(&b, build_dest(f, at[3], &v8, 1));
    b.at = at[3];
    build_return(&b, &v5, 1);
}

static Module *good_module(Arena *a)
{
    Module *m = module_create(a);
    build_callee(m);
    Signature sig = {0};
    *vec_push(a, &sig.params) = param(TY_i64);
    *vec_push(a, &sig.params) = param(TY_i32);
    *vec_push(a, &sig.returns) = param(TY_i32);
    Func *f = func_create(m, funcname_text("f"), &sig);
    Block at[4] = {build_entry(f), build_block(f), build_block(f), build_block(f)};
    Slot slot = build_slot(f, 16, 16);
    FuncRef callee = build_ref(f, 0);
    Builder b = builder_at(f, at[0]);
    const ValueVec *params = &func_block(f, at[0])->params;
    Value v2 = build_load(&b, OP_load, TY_i32, (MemFlags){0}, params->at[0], 0);
    Value v3 = build_binary(&b, OP_iadd, params->at[1], v2);
    Inst branch = {f->insts.n};
    build_brif(&b, v3, build_dest(f, at[1], &v3, 1), build_dest(f, at[2], NULL, 0));
    CHECK(branch.i == I_BRIF);
    build_branches(f, at, slot, callee);
    return m;
}

static bool has_message(const Diag *d, const char *text)
{
    for (uint32_t k = 0; k < d->entries.n; k++)
        if (strstr(d->entries.at[k].text, text)) return true;
    return false;
}

static InstData *at(Func *f, unsigned inst) { return func_inst(f, (Inst){inst}); }
static Value *arg(Func *f, unsigned inst, unsigned k) { return &inst_args(at(f, inst))[k]; }
static Value result(Func *f, unsigned inst) { return at(f, inst)->result; }
static BlockData *block(Func *f, unsigned b) { return func_block(f, (Block){b}); }

/* One line: how function %f is broken, and a part of the message. */
#define ROWS(ROW) \
    ROW(operand_type, *arg(f, I_IADD, 1) = (Value){0}, "operand v0 has type i64, i32 is needed") \
    ROW(result_type, func_value(f, result(f, I_IADD))->type = TY_i64, "result v3 has type i64") \
    ROW(address_type, *arg(f, I_LOAD, 0) = (Value){1}, "operand v1 has type i32, i64 is needed") \
    ROW(control_type, at(f, I_BITCAST)->type = TY_none, "none is no type for it") \
    ROW(no_such_op, at(f, I_IADD)->op = 255, "no instruction has number 255,") \
    ROW(too_few_operands, at(f, I_IADD)->nargs = 1, "1 operands, 2 are needed") \
    ROW(too_many_operands, at(f, I_IADD)->nargs = 3, "3 operands, 2 are needed") \
    ROW(no_such_value, arg(f, I_IADD, 0)->i = 999, "value 999 does not exist") \
    ROW(missing_result, at(f, I_IADD)->nresults = 0, "0 results, 1 are needed") \
    ROW(foreign_result, at(f, I_IADD)->result = result(f, I_LOAD), "belongs to something else") \
    ROW(too_few_destinations, at(f, I_BRIF)->ndests = 1, "1 destinations, 2 are needed") \
    ROW(no_such_block, at(f, I_JUMP1)->dests[0].block.i = 77, "block 77 does not exist") \
    ROW(block_argument_count, at(f, I_JUMP1)->dests[0].nargs = 0, "0 arguments for block3") \
    ROW(block_argument_type, at(f, I_JUMP1)->dests[0].args[0] = (Value){0}, \
        "block argument v0 has type i64") \
    ROW(jump_to_entry, at(f, I_JUMP1)->dests[0].block = (Block){0}, "entry block cannot be") \
    ROW(entry_params, block(f, 0)->params.n = 1, "1 parameters, the signature has 2") \
    ROW(entry_param_type, f->sig.params.at[1].type = TY_i64, "parameter 1 has type i32") \
    ROW(cold_entry, block(f, 0)->cold = true, "never cold") \
    ROW(no_terminator, block(f, 3)->insts.n = 0, "the block is empty") \
    ROW(open_block, block(f, 1)->insts.n--, "ends without a terminator") \
    ROW(early_terminator, block(f, 1)->insts.at[1].i = I_JUMP2, "a terminator before the end") \
    ROW(twice, block(f, 1)->insts.at[1] = block(f, 1)->insts.at[0], "stands in two places") \
    ROW(block_twice, f->layout.at[2] = f->layout.at[1], "stands in the layout twice") \
    ROW(outside_layout, f->layout.n = 3, "does not stand in the layout") \
    ROW(no_blocks, f->layout.n = 0, "has no blocks") \
    ROW(foreign_param, block(f, 3)->params.at[0] = (Value){0}, "belongs to something else") \
    ROW(not_dominating, *arg(f, I_RETURN, 0) = result(f, I_ICONST), \
        "v8 of block2 does not dominate") \
    ROW(before_definition, *arg(f, I_ICMP, 0) = result(f, I_ICMP), "operand v12 has type i8") \
    ROW(self_use, *arg(f, I_IADD, 0) = result(f, I_IADD), "v3 is used before it is defined") \
    ROW(param_not_dominating, *arg(f, I_ICMP, 0) = block(f, 1)->params.at[0], \
        "v4 of block1 does not dominate") \
    ROW(return_count, at(f, I_RETURN)->nargs = 0, "0 returned values, 1 are needed") \
    ROW(return_type, *arg(f, I_RETURN, 0) = (Value){0}, "returned value v0 has type i64") \
    ROW(call_count, at(f, I_CALL)->nargs = 0, "0 arguments, 1 are needed") \
    ROW(call_type, *arg(f, I_CALL, 0) = (Value){1}, "argument v1 has type i32, i64 is needed") \
    ROW(call_ref, at(f, I_CALL)->entity = 5, "function reference 5 is not declared") \
    ROW(call_signature, f->sigs.at[0].conv = CALLCONV_fast, "is not that of %callee") \
    ROW(slot_ref, at(f, I_STACK_ADDR)->entity = 1, "stack slot 1 is not declared") \
    ROW(slot_align, f->slots.at[0].align = 12, "alignment 12 is no power of two") \
    ROW(slot_align_zero, f->slots.at[0].align = 0, "alignment 0 is no power of two") \
    ROW(slot_size, f->slots.at[0].bytes = UINT64_C(1) << 40, "bytes are too many") \
    ROW(constant_ref, at(f, I_VCONST)->entity = 3, "constant 3 is not declared") \
    ROW(constant_size, f->constants.at[0].n = 8, "the constant has 8 bytes, 16 are needed") \
    ROW(lane, at(f, I_EXTRACT)->imm = 4, "i32x4 has no lane 4") \
    ROW(immediate, at(f, I_ICONST)->imm = INT64_C(1) << 32, "does not fit i32") \
    ROW(immediate_low, at(f, I_ICONST)->imm = -(INT64_C(1) << 31) - 1, "does not fit i32") \
    ROW(offset, at(f, I_LOAD)->imm = INT64_C(1) << 31, "does not fit 32 bits") \
    ROW(condition, at(f, I_ICMP)->cond = INTCC_COUNT, "no integer condition") \
    ROW(trap_code, at(f, I_TRAPNZ)->trap = TRAP_none, "needs a code") \
    ROW(region, at(f, I_LOAD)->flags.region = 1, "region 1 is not declared") \
    ROW(both_orders, at(f, I_LOAD)->flags.bits = MEMFLAG_little | MEMFLAG_big, "both `little`") \
    ROW(unknown_flag, at(f, I_LOAD)->flags.bits = 0x80, "unknown memory flags") \
    ROW(readonly_store, at(f, I_STORE)->flags.bits = MEMFLAG_readonly, "`readonly` on a store") \
    ROW(notrap_code, (at(f, I_LOAD)->flags = (MemFlags){MEMFLAG_notrap, 0, 9}), "and a trap code") \
    ROW(cast_flags, at(f, I_BITCAST)->flags.bits = MEMFLAG_aligned, "only `little` and `big`") \
    ROW(cast_order, at(f, I_BITCAST)->flags.bits = 0, "where the number of lanes changes") \
    ROW(extension, \
        f->sig.params.at[0] = ((AbiParam){.type = TY_f64, .extension = EXTENSION_uext}), \
        "of type f64 is extended") \
    ROW(signature_type, f->sig.returns.at[0].type = TY_none, "return value 0 has no type") \
    ROW(preserve_all, f->sig.conv = CALLCONV_preserve_all, "has no return values") \
    ROW(return_struct, \
        f->sig.returns.at[0] = ((AbiParam){.type = TY_i64, .purpose = PURPOSE_sarg}), \
        "is a struct argument") \
    ROW(tail_call, at(f, I_RETURN)->op = OP_return_call, "has no tail calls") \
    ROW(same_name, f->name = funcname_text("callee"), "a second function of this name")

#define BREAK(name, statement, message) \
    static void break_##name(Func *f) { statement; }
ROWS(BREAK)

static const struct {
    const char *name;
    void (*apply)(Func *f);
    const char *message;
} rows[] = {
#define ROW(name, statement, message) {#name, break_##name, message},
    ROWS(ROW)
};

static void accepts_the_good_module(void **state)
{
    (void)state;
    Arena *a = arena_create(), *scratch = arena_create();
    Module *m = good_module(a);
    Diag d = {.arena = a};
    bool ok = module_verify(m, VERIFY_STRUCTURE, scratch, &d);
    if (!ok) diag_print(&d, stderr);
    assert_true(ok);
    assert_int_equal(arena_used(scratch), 0);
    arena_destroy(scratch);
    arena_destroy(a);
}

static void names_each_fault(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(rows); k++) {
        Arena *a = arena_create();
        Module *m = good_module(a);
        rows[k].apply(m->funcs.at[1]);
        Diag d = {.arena = a};
        bool ok = module_verify(m, VERIFY_STRUCTURE, a, &d);
        if (ok || !has_message(&d, rows[k].message)) {
            diag_print(&d, stderr);
            fail_msg("%s: no message says `%s`", rows[k].name, rows[k].message);
        }
        arena_destroy(a);
    }
}

/* All faults of a function are reported, with the line they were read from. */
static void reports_all_faults(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Module *m = good_module(a);
    Func *f = m->funcs.at[1];
    at(f, I_LOAD)->flags.bits = MEMFLAG_little | MEMFLAG_big;
    at(f, I_LOAD)->line = 7;
    at(f, I_STORE)->flags.bits = MEMFLAG_readonly;
    at(f, I_STORE)->line = 12;
    Diag d = {.arena = a};
    assert_false(module_verify(m, VERIFY_STRUCTURE, a, &d));
    assert_int_equal(d.errors, 2);
    assert_int_equal(d.entries.at[0].line, 7);
    assert_int_equal(d.entries.at[1].line, 12);
    arena_destroy(a);
}

/* Unreachable blocks may use what does not dominate them, but not what does not exist; reachable
 * ones may not use what unreachable ones define. */
static void judges_unreachable_blocks(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Module *m = good_module(a);
    Func *f = m->funcs.at[1];
    Builder b = builder_at(f, build_block(f));
    Value late = build_unary(&b, OP_ineg, TY_none, result(f, I_ICONST));
    build_return(&b, &late, 1);
    Diag d = {.arena = a};
    assert_true(module_verify(m, VERIFY_STRUCTURE, a, &d));
    *arg(f, I_RETURN, 0) = late;
    assert_false(module_verify(m, VERIFY_STRUCTURE, a, &d));
    assert_true(has_message(&d, "of block4 does not dominate this use"));
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_good_module),
        cmocka_unit_test(names_each_fault),
        cmocka_unit_test(reports_all_faults),
        cmocka_unit_test(judges_unreachable_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
