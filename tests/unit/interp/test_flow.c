/* Control: branches, calls of every kind, traps, fuel, depth, the hook, and what is refused. */
#include "text.h"

_Alignas(256) uint8_t text_memory[TEXT_HEAPS][TEXT_HEAP_BYTES];

static uint64_t value(Text *t, const char *text)
{
    InterpResult r = text_run(t, text);
    if (r.status != INTERP_returned) fail_msg("%s\n%s", r.reason ? r.reason : "trap", text);
    assert_int_equal(r.nresults, 1);
    return r.results[0].u64[0];
}

static void assert_invalid(Text *t, const char *text, const char *reason)
{
    InterpResult r = text_run(t, text);
    assert_int_equal(r.status, INTERP_invalid);
    if (!strstr(r.reason, reason)) fail_msg("%s: not \"%s\"", r.reason, reason);
}

static void branches(void **state)
{
    (void)state;
    Text t = text_open();
    assert_int_equal(value(&t, "function %sum(i32) -> i32 {\n"
                               "block0(v0: i32):\n"
                               "    v1 = iconst.i32 0\n"
                               "    jump block1(v0, v1)\n"
                               "block1(v2: i32, v3: i32):\n"
                               "    v4 = iadd v3, v2\n"
                               "    v5 = iconst.i32 -1\n"
                               "    v6 = iadd v2, v5\n"
                               "    brif v6, block1(v6, v4), block2(v4)\n"
                               "block2(v7: i32):\n"
                               "    return v7\n"
                               "}\n"
                               "; run: %sum(10) == 55\n"), 55);
    /* parameters that change places: fibonacci without a third variable */
    assert_int_equal(value(&t, "function %swap(i32) -> i32 {\n"
                               "block0(v0: i32):\n"
                               "    v1 = iconst.i32 1\n"
                               "    v2 = iconst.i32 2\n"
                               "    jump block1(v0, v1, v2)\n"
                               "block1(v3: i32, v4: i32, v5: i32):\n"
                               "    v6 = iconst.i32 -1\n"
                               "    v7 = iadd v3, v6\n"
                               "    brif v3, block1(v7, v5, v4), block2\n"
                               "block2:\n"
                               "    v8 = iconst.i32 10\n"
                               "    v9 = imul v4, v8\n"
                               "    v10 = iadd v9, v5\n"
                               "    return v10\n"
                               "}\n"
                               "; run: %swap(3) == 21\n"), 21);
    /* only the upper half of a condition is set */
    assert_int_equal(value(&t, "function %wide(i128) -> i8 {\n"
                               "block0(v0: i128):\n"
                               "    brif v0, block1, block2\n"
                               "block1:\n"
                               "    v1 = iconst.i8 1\n"
                               "    return v1\n"
                               "block2:\n"
                               "    v2 = iconst.i8 2\n"
                               "    return v2\n"
                               "}\n"
                               "; run: %wide(0x10000000000000000) == 1\n"), 1);
    text_close(&t);
}

static void branches_by_table(void **state)
{
    (void)state;
    static const struct {
        const char *index;
        unsigned expected;
    } rows[] = {{"0", 10}, {"1", 20}, {"2", 10}, {"3", 99}, {"0x80000000", 99}, {"-1", 99}};
    Text t = text_open();
    for (unsigned k = 0; k < countof(rows); k++) {
        char text[512];
        snprintf(text, sizeof text,
                 "function %%table(i32) -> i8 {\n"
                 "block0(v0: i32):\n"
                 "    v1 = iconst.i8 10\n"
                 "    v2 = iconst.i8 20\n"
                 "    v3 = iconst.i8 99\n"
                 "    br_table v0, block1(v3), [block1(v1), block1(v2), block1(v1)]\n"
                 "block1(v4: i8):\n"
                 "    return v4\n"
                 "}\n"
                 "; run: %%table(%s) == 0\n", rows[k].index);
        assert_int_equal(value(&t, text), rows[k].expected);
    }
    text_close(&t);
}

static void calls(void **state)
{
    (void)state;
    Text t = text_open();
    InterpResult r = text_run(&t, "function %caller(i64) -> i64, i64, i8 {\n"
                                  "    fn0 = %callee(i64, i8, i16, i32, i64, i64) -> i64, i8\n"
                                  "block0(v0: i64):\n"
                                  "    v1 = iconst.i8 -1\n"
                                  "    v2 = iconst.i16 -2\n"
                                  "    v3 = iconst.i32 -3\n"
                                  "    v4, v5 = call fn0(v0, v1, v2, v3, v0, v0)\n"
                                  "    return v4, v0, v5\n"
                                  "}\n"
                                  "; run: %caller(100) == [0, 0, 0]\n"
                                  "function %callee(i64, i8, i16, i32, i64, i64) -> i64, i8 {\n"
                                  "block0(v0: i64, v1: i8, v2: i16, v3: i32, v4: i64, v5: i64):\n"
                                  "    v6 = sextend.i64 v1\n"
                                  "    v7 = sextend.i64 v2\n"
                                  "    v8 = sextend.i64 v3\n"
                                  "    v9 = iadd v6, v7\n"
                                  "    v10 = iadd v9, v8\n"
                                  "    v11 = iadd v0, v5\n"
                                  "    v12 = iadd v11, v10\n"
                                  "    return v12, v1\n"
                                  "}\n");
    assert_int_equal(r.status, INTERP_returned);
    assert_int_equal(r.nresults, 3);
    assert_int_equal(r.results[0].u64[0], 194);
    assert_int_equal(r.results[1].u64[0], 100);
    assert_int_equal(r.results[2].u64[0], 0xff);
    assert_int_equal(r.calls, 2);
    /* each activation has values and slots of its own */
    assert_int_equal(value(&t, "function %fact(i64) -> i64 {\n"
                               "    ss0 = explicit_slot 8\n"
                               "    fn0 = %fact(i64) -> i64\n"
                               "block0(v0: i64):\n"
                               "    v1 = stack_addr.i64 ss0\n"
                               "    store v0, v1\n"
                               "    v2 = iconst.i64 -1\n"
                               "    v3 = iadd v0, v2\n"
                               "    brif v3, block1, block2\n"
                               "block1:\n"
                               "    v4 = call fn0(v3)\n"
                               "    v5 = load.i64 v1\n"
                               "    v6 = imul v4, v5\n"
                               "    return v6\n"
                               "block2:\n"
                               "    return v0\n"
                               "}\n"
                               "; run: %fact(10) == 3628800\n"), 3628800);
    text_close(&t);
}

static const char indirect[] = "function %%main(i32, i64) -> i32 {\n"
                               "    sig0 = (i32) -> i32\n"
                               "    sig1 = (%s) -> i32\n"
                               "    fn0 = %%twice(i32) -> i32\n"
                               "    fn1 = %%square(i32) -> i32\n"
                               "block0(v0: i32, v1: i64):\n"
                               "    v2 = func_addr.i64 fn0\n"
                               "    v3 = func_addr.i64 fn1\n"
                               "    v4 = select v0, v2, v3\n"
                               "    v5 = iadd v4, v1\n"
                               "    v6 = iconst.i32 7\n"
                               "    v8 = iconst.%s 7\n"
                               "    v7 = call_indirect sig1, v5(v8)\n"
                               "    return v7\n"
                               "}\n"
                               "; run: %%main(%s) == 0\n"
                               "function %%twice(i32) -> i32 {\n"
                               "block0(v0: i32):\n"
                               "    v1 = iadd v0, v0\n"
                               "    return v1\n"
                               "}\n"
                               "function %%square(i32) -> i32 {\n"
                               "block0(v0: i32):\n"
                               "    v1 = imul v0, v0\n"
                               "    return v1\n"
                               "}\n";

static const char *indirect_text(char *out, size_t size, const char *type, const char *args)
{
    snprintf(out, size, indirect, type, type, args);
    return out;
}

static void calls_indirectly(void **state)
{
    (void)state;
    char text[1024];
    Text t = text_open();
    assert_int_equal(value(&t, indirect_text(text, sizeof text, "i32", "1, 0")), 14);
    assert_int_equal(value(&t, indirect_text(text, sizeof text, "i32", "0, 0")), 49);
    assert_invalid(&t, indirect_text(text, sizeof text, "i32", "0, 1"), "which is no function");
    assert_invalid(&t, indirect_text(text, sizeof text, "i32", "0, 4096"), "which is no function");
    assert_invalid(&t, indirect_text(text, sizeof text, "i16", "0, 0"), "another signature");
    static const char *const others[] = {"(i64) -> i32", "(i64) -> i64, i32", "(i64) -> i64 fast",
                                         "(i64, i64) -> i64", "(i64 sarg(8)) -> i64",
                                         "(i64 sret) -> i64", "(i64) -> i64 sret"};
    for (size_t k = 0; k < countof(others); k++) {
        snprintf(text, sizeof text,
                 "function %%f(i64) -> i64 system_v {\n    sig0 = %s%s\n"
                 "    fn0 = %%f(i64) -> i64 system_v\nblock0(v0: i64):\n"
                 "    v1 = func_addr.i64 fn0\n    %s = call_indirect sig0, v1(v0%s)\n"
                 "    return v1\n}\n; print: %%f(1)\n",
                 others[k], strstr(others[k], "fast") ? "" : " system_v", k == 1 ? "v2, v3" : "v2",
                 k == 3 ? ", v0" : "");
        assert_invalid(&t, text, "another signature");
    }
    text_close(&t);
}

/* A hundred thousand tail calls need no more than two activations. */
static void calls_in_place(void **state)
{
    (void)state;
    Text t = text_open();
    t.options.fuel = 10000000;
    t.options.max_depth = 2;
    assert_int_equal(value(&t, "function %count(i64, i64) -> i64 tail {\n"
                               "    ss0 = explicit_slot 64\n"
                               "    fn0 = %count(i64, i64) -> i64 tail\n"
                               "block0(v0: i64, v1: i64):\n"
                               "    v2 = iconst.i64 -1\n"
                               "    v3 = iadd v0, v2\n"
                               "    v4 = isub v1, v2\n"
                               "    brif v3, block1, block2\n"
                               "block1:\n"
                               "    return_call fn0(v3, v4)\n"
                               "block2:\n"
                               "    return v4\n"
                               "}\n"
                               "; run: %count(100000, 5) == 100005\n"), 100005);
    assert_int_equal(value(&t, "function %count(i64, i64) -> i64 tail {\n"
                               "    sig0 = (i64, i64) -> i64 tail\n"
                               "    fn0 = %count(i64, i64) -> i64 tail\n"
                               "block0(v0: i64, v1: i64):\n"
                               "    v2 = iconst.i64 -1\n"
                               "    v3 = iadd v0, v2\n"
                               "    v4 = isub v1, v2\n"
                               "    v5 = func_addr.i64 fn0\n"
                               "    brif v3, block1, block2\n"
                               "block1:\n"
                               "    return_call_indirect sig0, v5(v3, v4)\n"
                               "block2:\n"
                               "    return v4\n"
                               "}\n"
                               "; run: %count(1000, 5) == 1005\n"), 1005);
    text_close(&t);
}

static void traps(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        TrapCode code; /* 0: returns */
    } rows[] = {
        {"trap user7", 7},
        {"trapz v0, user1\n return", 0},
        {"trapnz v0, user1\n return", 1},
        {"v1 = iconst.i32 0\n trapz v1, user250\n return", 250},
        {"v1 = iconst.i32 0\n v2 = udiv v0, v1\n return", TRAP_int_divz},
        {"v1 = iconst.i32 0x80000000\n v2 = iconst.i32 -1\n v3 = sdiv v1, v2\n return",
         TRAP_int_ovf},
        {"v1 = f32const NaN\n v2 = fcvt_to_sint.i32 v1\n return", TRAP_bad_toint},
        {"v1 = iconst.i64 0\n v2 = load.i32 v1+8\n return", TRAP_heap_oob},
        {"v1 = iconst.i64 0\n v2 = load.i32 user3 v1\n return", 3},
        {"v1 = iconst.i64 4092\n store v0, v1\n return", TRAP_heap_oob},
        {"v1 = uadd_overflow_trap v0, v0, user2\n return", 2},
    };
    Text t = text_open();
    for (unsigned k = 0; k < countof(rows); k++) {
        char text[256];
        snprintf(text, sizeof text,
                 "function %%f(i32) {\nblock0(v0: i32):\n %s\n}\n; print: %%f(0x80000001)\n",
                 rows[k].body);
        InterpResult r = text_run(&t, text);
        if (r.status != (rows[k].code ? INTERP_trapped : INTERP_returned) || r.trap != rows[k].code)
            fail_msg("status %d trap %d %s: %s", r.status, r.trap, r.reason, rows[k].body);
    }
    text_close(&t);
}

static const char endless[] = "function %f() {\n"
                              "block0:\n"
                              "    jump block1\n"
                              "block1:\n"
                              "    jump block1\n"
                              "}\n"
                              "; print: %f()\n";

static void counts_steps(void **state)
{
    (void)state;
    Text t = text_open();
    InterpResult r = text_run(&t, endless);
    assert_int_equal(r.status, INTERP_out_of_fuel);
    assert_int_equal(r.steps, 10000);
    static const char three[] = "function %f() -> i8 {\n"
                                "block0:\n"
                                "    v0 = iconst.i8 1\n"
                                "    v1 = bnot v0\n"
                                "    return v1\n"
                                "}\n"
                                "; run: %f() == 0\n";
    t.options.fuel = 3;
    r = text_run(&t, three);
    assert_int_equal(r.status, INTERP_returned);
    assert_int_equal(r.steps, 3);
    t.options.fuel = 2;
    assert_int_equal(text_run(&t, three).status, INTERP_out_of_fuel);
    text_close(&t);
}

static void limits_depth(void **state)
{
    (void)state;
    static const char text[] = "function %f(i32) {\n"
                               "    fn0 = %f(i32)\n"
                               "block0(v0: i32):\n"
                               "    v1 = iconst.i32 -1\n"
                               "    v2 = iadd v0, v1\n"
                               "    brif v2, block1, block2\n"
                               "block1:\n"
                               "    call fn0(v2)\n"
                               "    return\n"
                               "block2:\n"
                               "    return\n"
                               "}\n"
                               "; print: %f(20)\n";
    Text t = text_open();
    assert_int_equal(text_run(&t, text).status, INTERP_returned);
    t.options.max_depth = 19;
    assert_invalid(&t, text, "%f, line 8, call: more than 19 activations");
    text_close(&t);
}

static void refuses(void **state)
{
    (void)state;
    static const struct {
        const char *body, *reason;
    } rows[] = {
        {"v1 = get_frame_pointer.i64\n return", "get_frame_pointer"},
        {"v1 = get_stack_pointer.i64\n return", "get_stack_pointer"},
        {"v1 = get_return_address.i64\n return", "get_return_address"},
        {"debugtrap\n return", "debugtrap"},
        {"v1 = vconst.f32x8 0x00\n v2 = fadd v1, v1\n return", "f32x8"},
        {"fence\n nop\n call fn0()\n return", "outside of the module"},
        {"v1 = func_addr.i64 fn0\n return", "outside of the module"},
    };
    Text t = text_open();
    for (unsigned k = 0; k < countof(rows); k++) {
        char text[256];
        snprintf(text, sizeof text,
                 "function %%f() {\n fn0 = %%absent()\nblock0:\n %s\n}\n; print: %%f()\n",
                 rows[k].body);
        InterpResult r = text_run(&t, text);
        assert_int_equal(r.status, INTERP_refused);
        if (!strstr(r.reason, rows[k].reason)) fail_msg("%s", r.reason);
    }
    text_close(&t);
}

static void keeps_the_pinned_register(void **state)
{
    (void)state;
    Text t = text_open();
    assert_int_equal(value(&t, "function %f() -> i64 {\n"
                               "    fn0 = %set()\n"
                               "block0:\n"
                               "    call fn0()\n"
                               "    v0 = get_pinned_reg.i64\n"
                               "    return v0\n"
                               "}\n"
                               "; run: %f() == 1\n"
                               "function %set() {\n"
                               "block0:\n"
                               "    v0 = iconst.i64 42\n"
                               "    set_pinned_reg v0\n"
                               "    return\n"
                               "}\n"), 42);
    text_close(&t);
}

/* The hook writes a line for each event. */
static void note(void *data, const TraceEvent *e)
{
    Buf *b = data;
    static const char *const kinds[] = {"block", "inst", "return"};
    buf_printf(b, "%u:%u %s", e->depth, e->func, kinds[e->kind]);
    if (e->kind == TRACE_block) buf_printf(b, " %u", e->block.i);
    else buf_printf(b, " %u", e->inst.i);
    if (e->bytes) buf_printf(b, " %u bytes", e->bytes);
    buf_char(b, '\n');
}

static void tells_the_hook(void **state)
{
    (void)state;
    Text t = text_open();
    Arena *a = arena_create();
    Buf b = {.arena = a};
    t.options.trace = note;
    t.options.trace_data = &b;
    text_run(&t, "function %f(i64) -> i64 {\n"
                 "    fn0 = %g(i64) -> i64\n"
                 "block0(v0: i64):\n"
                 "    v1 = call fn0(v0)\n"
                 "    jump block1(v1)\n"
                 "block1(v2: i64):\n"
                 "    return v2\n"
                 "}\n"
                 "; run: %f(5) == 6\n"
                 "function %g(i64) -> i64 {\n"
                 "    ss0 = explicit_slot 8\n"
                 "block0(v0: i64):\n"
                 "    v1 = stack_addr.i64 ss0\n"
                 "    istore16 v0, v1\n"
                 "    v2 = iadd v0, v0\n"
                 "    return v2\n"
                 "}\n");
    assert_string_equal(b.at, "0:0 block 0\n"
                              "1:1 block 0\n"
                              "1:1 inst 0\n"
                              "1:1 inst 1 2 bytes\n"
                              "1:1 inst 2\n"
                              "1:1 return 3\n"
                              "0:0 inst 0\n"
                              "0:0 block 1\n"
                              "0:0 return 2\n");
    arena_destroy(a);
    text_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(branches),
        cmocka_unit_test(branches_by_table),
        cmocka_unit_test(calls),
        cmocka_unit_test(calls_indirectly),
        cmocka_unit_test(calls_in_place),
        cmocka_unit_test(traps),
        cmocka_unit_test(counts_steps),
        cmocka_unit_test(limits_depth),
        cmocka_unit_test(refuses),
        cmocka_unit_test(keeps_the_pinned_register),
        cmocka_unit_test(tells_the_hook),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
