/* What the JIT promises to those who call it: values through uniform entries, traps, calls, frames,
 * refusals, the pass hook. Code runs directly in this process. */
#include "ir/build.h"
#include "ir/read.h"
#include "jit/jit.h"
#include "jit/x64/mfunc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

typedef struct {
    Arena *arena;
    Jit *jit;
    CodeMem *memory;
    Module *module;
    JitOptions options;
    JitCode code;
} Test;

/* -- Traps: generated code jumps to `trap_exit` with the code in edi -- */

static jmp_buf trap_return;

void trap_arrived(int code);
extern const char trap_exit[];

void trap_arrived(int code)
{
    longjmp(trap_return, code);
}

__asm__(".text\n"
        ".globl trap_exit\n"
        "trap_exit:\n"
        "    and $-16, %rsp\n"
        "    call trap_arrived\n");

static void start(Test *t, const char *text)
{
    *t = (Test){.arena = arena_create(), .jit = jit_create(), .memory = codemem_create(0)};
    Diag d = {.arena = t->arena};
    Case *c = case_read(t->arena, "test", str_of(text), &d);
    if (!c) diag_print(&d, stderr);
    assert_non_null(c);
    t->module = c->module;
    t->options = (JitOptions){
        .features = feature_detect(),
        .trap_exit = trap_exit,
        .verify = true,
        .wants_lines = true,
    };
}

static void finish(Test *t)
{
    jit_destroy(t->jit);
    codemem_destroy(t->memory);
    arena_destroy(t->arena);
}

static const char *try_compile(Test *t)
{
    const char *refused = NULL;
    codemem_rewind(t->memory);
    bool done = jit_compile(t->jit, t->module, &t->options, t->memory, &t->code, &refused);
    assert_true(done == (refused == NULL));
    return refused;
}

static void compile(Test *t)
{
    const char *refused = try_compile(t);
    if (refused) fail_msg("refused: %s", refused);
}

enum { MOST = 16 };

typedef struct {
    uint64_t args[MOST][2], results[MOST][2];
} Call;

/* The trap's code, 0 when the function returned. */
static int enter(Test *t, uint32_t func, Call *call)
{
    memset(call->results, 0xee, sizeof call->results);
    int code = setjmp(trap_return);
    if (code) return code;
    ((JitEntry *)(uintptr_t)jit_entry(t->jit, &t->code, func))(call->args, call->results);
    return 0;
}

static uint64_t run(Test *t, uint32_t func, uint64_t x, uint64_t y)
{
    Call call = {.args = {{x}, {y}}};
    assert_int_equal(enter(t, func, &call), 0);
    return call.results[0][0];
}

static int trap_of(Test *t, uint32_t func, uint64_t x, uint64_t y)
{
    Call call = {.args = {{x}, {y}}};
    return enter(t, func, &call);
}

/* -- Entries ----------------------------------------------------------------------------------- */

static void entries(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %f(i8, i64, f32, i8x16) -> i8, f32, i8x16, i64 {\n"
              "block0(v0: i8, v1: i64, v2: f32, v3: i8x16):\n"
              "    return v0, v2, v3, v1\n"
              "}\n");
    compile(&t);
    Call call = {.args = {{0xdeadbeef12345678, 0xff}, {42}, {0xffffffff3f800000, 7}, {1, 2}}};
    assert_int_equal(enter(&t, 0, &call), 0);
    uint64_t wanted[4][2] = {{0x78, 0}, {0x3f800000, 0}, {1, 2}, {42, 0}};
    assert_memory_equal(call.results, wanted, sizeof wanted);
    finish(&t);
}

/* An i128 has one slot, where its halves go in two registers, on the stack or in the area. */
static void entries_of_i128(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %f(i64, i128, i64, i64, i128, i8) -> i8, i128, i128, i64 {\n"
              "block0(v0: i64, v1: i128, v2: i64, v3: i64, v4: i128, v5: i8):\n"
              "    return v5, v4, v1, v3\n"
              "}\n");
    compile(&t);
    Call call = {.args = {{1, 99}, {2, 3}, {4, 99}, {5, 99}, {6, 7}, {0x1208, 99}}};
    assert_int_equal(enter(&t, 0, &call), 0);
    uint64_t wanted[4][2] = {{8, 0}, {6, 7}, {2, 3}, {5, 0}}, untouched = 0xeeeeeeeeeeeeeeee;
    assert_memory_equal(call.results, wanted, sizeof wanted);
    assert_int_equal(call.results[4][0], untouched);
    finish(&t);
}

/* Asking again gives the same one; what is not asked for takes no room. */
static void entries_are_made_when_asked_for(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %a(i64) -> i64 {\nblock0(v0: i64):\n    return v0\n}\n"
              "function %b(i64) -> i64 {\nblock0(v0: i64):\n    v1 = bnot v0\n    return v1\n}\n");
    compile(&t);
    size_t without = t.code.size;
    const void *entry = jit_entry(t.jit, &t.code, 1);
    size_t with = t.code.size;
    assert_true(with > without);
    assert_int_equal(t.memory->used, with);
    assert_ptr_equal(jit_entry(t.jit, &t.code, 1), entry);
    assert_int_equal(t.code.size, with);
    assert_int_equal(run(&t, 1, 5, 0), ~UINT64_C(5));
    assert_int_equal(run(&t, 0, 5, 0), 5);
    uint64_t (*direct)(uint64_t) = (uint64_t (*)(uint64_t))(uintptr_t)t.code.funcs[0];
    assert_int_equal(direct(77), 77);
    finish(&t);
}

/* -- Calls ------------------------------------------------------------------------------------- */

static void calls(void **state)
{
    (void)state;
    Test t;
    start(&t,
          "function %sum(i64, i64, i64, i64, i64, i64, i64, f64, i16, i8x16)"
          " -> i64, i64, i64, f64, f64, f64, i8x16 {\n"
          "block0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64, v5: i64, v6: i64, v7: f64,"
          " v8: i16, v9: i8x16):\n"
          "    v10 = iadd v0, v6\n"
          "    v11 = uextend.i64 v8\n"
          "    v12 = fadd v7, v7\n"
          "    return v10, v11, v5, v7, v12, v7, v9\n"
          "}\n"
          "function %main(i64, i64) -> i64 {\n"
          "    fn0 = %sum(i64, i64, i64, i64, i64, i64, i64, f64, i16, i8x16)"
          " -> i64, i64, i64, f64, f64, f64, i8x16\n"
          "    sig0 = (i64, i64, i64, i64, i64, i64, i64, f64, i16, i8x16)"
          " -> i64, i64, i64, f64, f64, f64, i8x16\n"
          "block0(v0: i64, v1: i64):\n"
          "    v2 = f64const 0x1.8p0\n"
          "    v3 = iconst.i16 -1\n"
          "    v4 = vconst.i8x16 0x0f0e0d0c0b0a09080706050403020100\n"
          "    v5, v6, v7, v8, v9, v10, v11 = call fn0(v0, v0, v0, v0, v0, v1, v1, v2, v3, v4)\n"
          "    v12 = func_addr.i64 fn0\n"
          "    v13, v14, v15, v16, v17, v18, v19 ="
          " call_indirect sig0, v12(v5, v0, v0, v0, v0, v1, v1, v9, v3, v11)\n"
          "    v20 = fcvt_to_sint.i64 v17\n"
          "    v21 = iadd v13, v14\n"
          "    v22 = iadd v20, v21\n"
          "    v23 = extractlane v19, 9\n"
          "    v24 = uextend.i64 v23\n"
          "    v25 = iadd v22, v24\n"
          "    v26 = iadd v25, v15\n"
          "    return v26\n"
          "}\n");
    compile(&t);
    uint64_t x = 1000, y = 30; /* v5 = x + y, v13 = x + 2y, v14 = 65535, v17 = 6 */
    assert_int_equal(run(&t, 1, x, y), x + 2 * y + 65535 + 6 + 9 + y);
    finish(&t);
}

typedef struct {
    int64_t x, y, z;
} Structure;

/* By value, as C has it: between other arguments on the stack, and the callee may write to it. Of 4
 * bytes it stands where C has an integer that no register is left for. The argument `sret` is
 * returned. */
static void structures(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %f(i64 sret, i64 sarg(24), i64, i64, i64, i64, i64, i64, i64 sarg(4),"
              " f64, i64) -> f64 system_v {\n"
              "block0(v0: i64, v1: i64, v2: i64, v3: i64, v4: i64, v5: i64, v6: i64, v7: i64,"
              " v8: i64, v9: f64, v10: i64):\n"
              "    v11 = load.i64 v1\n"
              "    v12 = load.i64 v1+16\n"
              "    store v10, v1+8\n"
              "    v13 = load.i64 v1+8\n"
              "    store v11, v0\n"
              "    store v12, v0+8\n"
              "    store v13, v0+16\n"
              "    store v7, v0+24\n"
              "    v14 = load.i32 v8\n"
              "    store v14, v0+32\n"
              "    return v9\n"
              "}\n");
    compile(&t);
    typedef void *Function(int64_t *, Structure, int64_t, int64_t, int64_t, int64_t, int64_t,
                           int64_t, int64_t, double, int64_t);
    Function *f = (Function *)(uintptr_t)t.code.funcs[0];
    int64_t out[5] = {0}, wanted[5] = {1, 3, 9, 8, 0x55};
    Structure s = {1, 2, 3};
    void *back = f(out, s, 0, 0, 0, 0, 0, 8, 0x7700000055, 1.5, 9);
    assert_ptr_equal(back, out);
    assert_memory_equal(out, wanted, sizeof wanted);
    assert_int_equal(s.y, 2);
    finish(&t);
}

/* -- Traps ------------------------------------------------------------------------------------- */

static void explicit_traps(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %div(i64, i64) -> i64 {\nblock0(v0: i64, v1: i64):\n"
              "    v2 = sdiv v0, v1\n    return v2\n}\n"
              "function %rem8(i8, i8) -> i8 {\nblock0(v0: i8, v1: i8):\n"
              "    v2 = srem v0, v1\n    return v2\n}\n"
              "function %conv(f64) -> i32 {\nblock0(v0: f64):\n"
              "    v1 = fcvt_to_sint.i32 v0\n    return v1\n}\n"
              "function %z(i32, i32) -> i32 {\nblock0(v0: i32, v1: i32):\n"
              "    trapz v0, user7\n    v2 = icmp ugt v0, v1\n    trapnz v2, user8\n"
              "    return v1\n}\n"
              "function %never(i32) {\nblock0(v0: i32):\n    trap user250\n}\n");
    compile(&t);
    assert_int_equal(run(&t, 0, (uint64_t)-7, 2), (uint64_t)-3);
    assert_int_equal(trap_of(&t, 0, 1, 0), TRAP_int_divz);
    assert_int_equal(trap_of(&t, 0, (uint64_t)1 << 63, (uint64_t)-1), TRAP_int_ovf);
    assert_int_equal(run(&t, 1, 0x80, 0xff), 0);
    assert_int_equal(trap_of(&t, 1, 3, 0xf00), TRAP_int_divz);
    assert_int_equal(run(&t, 2, 0xc1e0000000000000, 0), 0x80000000); /* -2^31 */
    assert_int_equal(run(&t, 2, 0xc1e00000001fffff, 0), 0x80000000); /* just above -2^31 - 1 */
    assert_int_equal(trap_of(&t, 2, 0xc1e0000000200000, 0), TRAP_int_ovf);
    assert_int_equal(trap_of(&t, 2, 0x41e0000000000000, 0), TRAP_int_ovf);
    assert_int_equal(trap_of(&t, 2, 0x7ff8000000000000, 0), TRAP_bad_toint);
    assert_int_equal(trap_of(&t, 3, 0, 1), 7);
    assert_int_equal(trap_of(&t, 3, 2, 1), 8);
    assert_int_equal(run(&t, 3, 1, 1), 1);
    assert_int_equal(trap_of(&t, 4, 0, 0), 250);
    finish(&t);
}

/* Every access without notrap, and nothing else, has an entry, also those taken in by other
 * instructions. */
static void memory_traps(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %f(i64, i64) -> i64 {\nblock0(v0: i64, v1: i64):\n"
              "    v2 = load.i64 user5 v0\n"
              "    v3 = iadd v1, v2\n"
              "    v4 = load.i64 notrap v0+8\n"
              "    v5 = bxor v3, v4\n"
              "    store v5, v0+16\n"
              "    return v5\n}\n");
    compile(&t);
    assert_int_equal(t.code.ntraps, 2);
    assert_int_equal(t.code.traps[0].code, 5);
    assert_int_equal(t.code.traps[1].code, TRAP_heap_oob);
    for (uint32_t at = 0; at < t.code.size; at++) {
        TrapCode found = jit_trap_at(&t.code, t.code.start + at), wanted = TRAP_none;
        for (uint32_t k = 0; k < t.code.ntraps; k++)
            if (t.code.traps[k].offset == at) wanted = t.code.traps[k].code;
        assert_int_equal(found, wanted);
    }
    assert_int_equal(jit_trap_at(&t.code, t.code.start - 1), TRAP_none);
    const JitLine *line = jit_line_at(&t.code, t.code.start + t.code.traps[0].offset);
    assert_non_null(line);
    assert_int_equal(line->func, 0);
    finish(&t);
}

/* Code for halves of i128 has the line of the instruction that was given. */
static void lines_of_split_code(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %f(i128, i128) -> i128 {\nblock0(v0: i128, v1: i128):\n"
              "    v2 = imul v0, v1\n    v3 = udiv v2, v1\n    return v3\n}\n");
    compile(&t);
    bool seen[3] = {false};
    for (uint32_t k = 0; k < t.code.nlines; k++) {
        const JitLine *line = &t.code.lines[k];
        if (line->func == NO_INDEX || line->inst.i == NO_INDEX) continue;
        assert_true(line->inst.i < countof(seen));
        seen[line->inst.i] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    finish(&t);
}

/* -- Frames ------------------------------------------------------------------------------------ */

static void slot_alignment(void **state)
{
    (void)state;
    for (uint32_t align = 1; align <= 128; align *= 2) {
        Test t;
        start(&t, "function %none() {\nblock0:\n    return\n}\n");
        Signature sig = {0};
        *vec_push(t.arena, &sig.returns) = (AbiParam){.type = TY_i64};
        Func *f = func_create(t.module, funcname_text("f"), &sig);
        build_slot(f, 3, 1);
        Slot slot = build_slot(f, 40, align);
        Builder b = builder_at(f, build_entry(f));
        Value v = build_stack_addr(&b, slot, 0);
        build_return(&b, &v, 1);
        compile(&t);
        assert_int_equal(run(&t, 1, 0, 0) % align, 0);
        finish(&t);
    }
}

/* A frame of many pages, entered at different depths, gives its slot back as it was. */
static void large_frames(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %f(i64, i64) -> i64 {\n    ss0 = explicit_slot 300000\n"
              "    ss1 = explicit_slot 16, align = 64\n"
              "block0(v0: i64, v1: i64):\n"
              "    v2 = stack_addr.i64 ss0\n    v3 = iadd v2, v0\n    store v1, v3\n"
              "    v4 = stack_addr.i64 ss1\n    store v0, v4\n    store v0, v4+8\n"
              "    v5 = load.i64 v3\n    return v5\n}\n");
    compile(&t);
    for (uint64_t at = 0; at < 300000 - 8; at += 4999)
        assert_int_equal(run(&t, 0, at, at * 3), at * 3);
    finish(&t);
}

/* -- Refusals ---------------------------------------------------------------------------------- */

static void refusals(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"function %f(f16) -> i64 {\nblock0(v0: f16):\n    v1 = fcvt_to_sint.i128 v0\n"
         "    v2, v3 = isplit v1\n    return v2\n}\n", "fcvt_to_sint.i128: no rule for i128"},
        {"function %f(i64) {\n    fn0 = %other(i64)\nblock0(v0: i64):\n    call fn0(v0)\n"
         "    return\n}\n", "%other"},
        {"function %f() -> i8 {\nblock0:\n    v0 = f16const 0x1.0\n"
         "    v1 = fcmp lt v0, v0\n    return v1\n}\n", "fcmp: arithmetic on type f16"},
        {"function %f(f16x4) -> f16x4 {\nblock0(v0: f16x4):\n    v1 = fadd v0, v0\n"
         "    return v1\n}\n", "fadd: arithmetic on type f16x4"},
        {"function %f(f16) -> f64 {\nblock0(v0: f16):\n    v1 = fpromote.f64 v0\n"
         "    return v1\n}\n", "fpromote: conversion of type f16"},
        {"function %f(f128) -> i32 {\nblock0(v0: f128):\n    v1 = fcvt_to_sint_sat.i32 v0\n"
         "    return v1\n}\n", "fcvt_to_sint_sat: conversion of type f128"},
        {"function %f(f16x4) -> i16x4 {\nblock0(v0: f16x4):\n"
         "    v1 = fcvt_to_uint_sat.i16x4 v0\n    return v1\n}\n", "conversion of type f16x4"},
        {"function %f(i8x32) -> i8x32 {\nblock0(v0: i8x32):\n    return v0\n}\n", "registers"},
        {"function %f(i64) -> i64 {\n    fn0 = %f(i64) -> i64\nblock0(v0: i64):\n"
         "    v1 = call fn0(v0)\n    v2 = f16const 0x1.0\n" /* call: fine */
         "    v3 = fcmp lt v2, v2\n    trapz v3, user1\n    return v1\n}\n", "f16"},
        {"function %f() -> i64 {\n    gv0 = symbol %elsewhere\nblock0:\n"
         "    v0 = symbol_value.i64 gv0\n    return v0\n}\n", "function %elsewhere is not in"},
        {"function %f() -> i64 {\n    gv0 = symbol tls %f\nblock0:\n"
         "    v0 = symbol_value.i64 gv0\n    return v0\n}\n", "thread-local memory"},
        {"function %f() -> i64 {\n    gv0 = symbol tls %f\nblock0:\n"
         "    v0 = tls_value.i64 gv0\n    return v0\n}\n", "thread-local memory"},
        {"function %f(i64) -> i64 {\nblock0(v0: i64):\n"
         "    v1 = stack_switch v0, v0, v0\n    return v1\n}\n", "stack_switch"},
        {"function %f() {\n    gv0 = dyn_scale_target_const.i32x4\n    dt0 = i32x4*gv0\n"
         "block0:\n    return\n}\n", "dynamic vectors"},
        {"function %f() -> i64 system_v {\n    sig0 = () -> i64 system_v\n"
         "    fn0 = %f sig0\nblock0:\n"
         "    v0 = get_exception_handler_address.i64 block1, 0\n    return v0\n"
         "block1:\n    try_call fn0(), sig0, block2, [default: block2]\n"
         "block2:\n    trap user1\n}\n", "that nothing leads to"},
        {"function %f(i128) -> i64 system_v {\n    sig0 = (i128) -> i64 system_v\n"
         "    fn0 = %f sig0\nblock0(v0: i128):\n"
         "    v1 = get_exception_handler_address.i64 block1, 0\n    return v1\n"
         "block1:\n    try_call fn0(v0), sig0, block2, [default: block2]\n"
         "block2:\n    trap user1\n}\n", "that nothing leads to"},
        {"function %f(i64 sarg(65536), i64 sarg(8)) {\nblock0(v0: i64, v1: i64):\n"
         "    return\n}\n", "more than 64 KiB"},
        {"function %f(i64 sarg(8)) tail {\n    fn0 = %f(i64 sarg(8)) tail\n"
         "block0(v0: i64):\n    return_call fn0(v0)\n}\n", "structure as argument of a tail"},
    };
    for (unsigned k = 0; k < countof(rows); k++) {
        Test t;
        start(&t, rows[k].text);
        const char *reason = try_compile(&t);
        assert_non_null(reason);
        if (!strstr(reason, rows[k].reason)) fail_msg("`%s` for %s", reason, rows[k].text);
        assert_int_equal(t.memory->used, 0);
        finish(&t);
    }
}

static void full_memory(void **state)
{
    (void)state;
    Test t;
    start(&t, "function %f(i64) -> i64 {\nblock0(v0: i64):\n    return v0\n}\n");
    codemem_add(t.memory, t.memory->size - 64);
    const char *refused = NULL;
    assert_false(jit_compile(t.jit, t.module, &t.options, t.memory, &t.code, &refused));
    assert_non_null(strstr(refused, "fit"));
    finish(&t);
}

/* What any CPU can do, one with SSE2 alone can do too, but for 16 bytes at once. */
static void every_row_has_sse2(void **state)
{
    (void)state;
    FeatureSet sse2, cx16;
    Str bad;
    assert_true(feature_parse(str_of("sse2"), &sse2, &bad));
    assert_true(feature_parse(str_of("sse2 has_cmpxchg16b"), &cx16, &bad));
    const char *reason;
    for (unsigned op = 0; op < OP_COUNT; op++)
        for (unsigned type = TY_none; type < TYPE_COUNT; type++)
            if (jit_supports((Op)op, (Type)type, ~(FeatureSet)0, &reason) &&
                !jit_supports((Op)op, (Type)type, type == TY_i128 ? cx16 : sse2, &reason))
                fail_msg("%s.%s without features: %s", op_name((Op)op), type_name((Type)type),
                         reason);
    assert_true(jit_supports(OP_fma, TY_f64x2, sse2, &reason));
    assert_true(jit_supports(OP_iadd, TY_i128, sse2, &reason));
    assert_false(jit_supports(OP_atomic_cas, TY_i128, sse2, &reason));
    assert_true(jit_supports(OP_atomic_cas, TY_i128, cx16, &reason));
    assert_false(jit_supports(OP_fadd, TY_f128, sse2, &reason));
    assert_non_null(reason);
}

/* -- The pass hook ----------------------------------------------------------------------------- */

typedef struct {
    unsigned stages[PASS_COUNT];
    Pass plant; /* where something is changed; PASS_verify: nowhere */
} Watch;

static void change_ir(PassStage *s)
{
    Func *f = s->module->funcs.at[0];
    for (uint32_t k = 0; k < f->insts.n; k++)
        if (f->insts.at[k].op == OP_iadd) {
            f->insts.at[k].op = OP_isub;
            s->changes++;
        }
}

static void change_machine(PassStage *s, Form from, Form to)
{
    for (uint32_t k = 0; k < s->machine->code.n; k++)
        if (s->machine->code.at[k].form == from) {
            s->machine->code.at[k].form = (uint16_t)to;
            s->changes++;
        }
}

static void watch(void *data, PassStage *s)
{
    Watch *w = data;
    w->stages[s->after]++;
    assert_string_equal(s->name, pass_name(s->after));
    if (w->plant != s->after) return;
    if (s->after == PASS_legalise) change_ir(s);
    if (s->after == PASS_lower || s->after == PASS_allocate)
        change_machine(s, FORM_add_64, FORM_sub_64);
    if (s->after == PASS_emit)
        for (size_t k = 0; k + 2 < s->code_size; k++)
            if (s->code[k] == 0x48 && s->code[k + 1] == 0x03) {
                s->code[k + 1] = 0x2b; /* add r, r/m becomes sub */
                s->changes++;
            }
}

static void hook_changes_code(void **state)
{
    (void)state;
    static const Pass plants[] = {PASS_verify, PASS_legalise, PASS_lower, PASS_allocate, PASS_emit};
    for (unsigned k = 0; k < countof(plants); k++) {
        Test t;
        start(&t, "function %f(i64, i64) -> i64 {\nblock0(v0: i64, v1: i64):\n"
                  "    v2 = iadd v0, v1\n    return v2\n}\n");
        Watch w = {.plant = plants[k]};
        t.options.hook = watch;
        t.options.hook_data = &w;
        compile(&t);
        assert_int_equal(t.code.changes, plants[k] == PASS_verify ? 0 : 1);
        assert_int_equal(run(&t, 0, 50, 8), plants[k] == PASS_verify ? 58 : 42);
        static const Pass shown[] = {PASS_legalise, PASS_lower, PASS_allocate, PASS_emit};
        for (unsigned n = 0; n < countof(shown); n++) assert_int_equal(w.stages[shown[n]], 1);
        assert_int_equal(t.module->funcs.at[0]->insts.at[0].op, OP_iadd); /* the copy was changed */
        finish(&t);
    }
}

/* Marked instructions can be told apart and taken out. */
static void drop_pushes(void *data, PassStage *s)
{
    const bool *drop = data;
    for (uint32_t k = 0; s->after == PASS_allocate && k < s->machine->code.n; k++) {
        const MInst *i = &s->machine->code.at[k];
        if (i->form != FORM_push) continue;
        assert_int_equal(minst_mark(i), MARK_prologue);
        if (*drop) mfunc_delete(s->machine, k);
        s->changes++;
    }
}

static void hook_sees_the_frame(void **state)
{
    (void)state;
    size_t sizes[2];
    for (unsigned k = 0; k < 2; k++) {
        Test t;
        start(&t, "function %g(i64) -> i64 {\nblock0(v0: i64):\n    return v0\n}\n"
                  "function %f(i64, i64) -> i64 {\n    fn0 = %g(i64) -> i64\n"
                  "block0(v0: i64, v1: i64):\n"
                  "    v2 = call fn0(v0)\n    v3 = iadd v2, v1\n    return v3\n}\n");
        bool drop = k == 1;
        t.options.hook = drop_pushes;
        t.options.hook_data = &drop;
        compile(&t);
        assert_int_equal(t.code.changes, 1); /* rbx, for what lives across the call */
        sizes[k] = t.code.stats.bytes;
        finish(&t);
    }
    assert_int_equal(sizes[0], sizes[1] + 1);
}

/* Types are more than a row's mask has bits. */
static void no_row_has_dynamic_vectors(void **state)
{
    (void)state;
    const char *reason;
    for (Type t = 1; t < TYPE_COUNT; t++)
        for (Op op = 0; type_is_dynamic(t) && op < OP_COUNT; op++)
            if (jit_supports(op, t, ~(FeatureSet)0, &reason))
                fail_msg("%s.%s", op_name(op), type_name(t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries),
        cmocka_unit_test(entries_of_i128),
        cmocka_unit_test(entries_are_made_when_asked_for),
        cmocka_unit_test(calls),
        cmocka_unit_test(structures),
        cmocka_unit_test(explicit_traps),
        cmocka_unit_test(memory_traps),
        cmocka_unit_test(lines_of_split_code),
        cmocka_unit_test(slot_alignment),
        cmocka_unit_test(large_frames),
        cmocka_unit_test(refusals),
        cmocka_unit_test(full_memory),
        cmocka_unit_test(every_row_has_sse2),
        cmocka_unit_test(no_row_has_dynamic_vectors),
        cmocka_unit_test(hook_changes_code),
        cmocka_unit_test(hook_sees_the_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
