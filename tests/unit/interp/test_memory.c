/* Loads and stores of every kind: what they move, and which are valid whether a case
 * claims the discipline or not. */
#include "text.h"

_Alignas(256) uint8_t text_memory[TEXT_HEAPS][TEXT_HEAP_BYTES];

/* One function with two slots, two heaps and the instructions of `body`. */
static const char *case_text(char *out, size_t size, const char *body, const char *rest)
{
    snprintf(out, size,
             "function %%f(i64, i64, i64) -> i64 {\n"
             "    ss0 = explicit_slot 24, align = 16\n"
             "    ss1 = explicit_slot 16\n"
             "block0(v0: i64, v1: i64, v2: i64):\n"
             "    v3 = iconst.i64 0\n"
             "    v4 = stack_addr.i64 ss0\n"
             "    v5 = stack_addr.i64 ss1\n"
             "%s"
             "    return v3\n"
             "}\n"
             "; heap: <heap0> size=64, align=16\n"
             "; heap: <heap1> size=16, align=16, fault\n"
             "; print: %%f(<heap0>, <heap1>, 7)\n"
             "%s", body, rest);
    return out;
}

typedef struct {
    const char *body;
    const char *reason; /* of being invalid; NULL: valid */
    TrapCode trap;
} Row;

static void check_rows(const Row *rows, size_t n, bool discipline)
{
    Text t = text_open();
    char text[4096];
    for (size_t k = 0; k < n; k++)
        text_check(&t, case_text(text, sizeof text, rows[k].body,
                                 discipline ? "; discipline: addresses\n" : ""),
                   rows[k].reason, rows[k].trap);
    text_close(&t);
}

#define LINE(text) "    " text "\n"

static void stays_in_objects(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("store v3, v0+56"), NULL, 0},
        {LINE("store v3, v0+57"), "outside of any object", 0},
        {LINE("istore8 v3, v0+63"), NULL, 0},
        {LINE("istore8 v3, v0+64"), "outside of any object", 0},
        {LINE("v6 = load.i8 v0-1"), "outside of any object", 0},
        {LINE("v6 = load.i8x16 v0+48"), NULL, 0},
        {LINE("v6 = load.i8x16 v0+49"), "outside of any object", 0},
        {LINE("v6 = iconst.i64 -8") LINE("v7 = load.i8 v6"), "outside of any object", 0},
        {LINE("store aligned v3, v0+8"), NULL, 0},
        {LINE("store aligned v3, v0+12"), "claims an alignment", 0},
        {LINE("v6 = load.i16x8 aligned v0+8"), "claims an alignment", 0},
        {LINE("v6 = uload8x8 aligned v0+8"), NULL, 0},
        {LINE("v6 = uload16x4 aligned v0+4"), "claims an alignment", 0},
        {LINE("v6 = load.i32 v1"), NULL, TRAP_heap_oob},
        {LINE("v6 = load.i32 user9 v1+12"), NULL, 9},
        {LINE("store v3, v1+8"), NULL, TRAP_heap_oob},
        {LINE("v6 = load.i32 notrap v1"), "notrap", 0},
        {LINE("v6 = load.i64 v1+12"), "outside of any object", 0},
        {LINE("v6 = load.i64 v3+16"), NULL, TRAP_heap_oob},
        {LINE("v6 = load.i64 notrap v3+16"), "notrap", 0},
        {LINE("v6 = load.i64 v3+4095"), NULL, TRAP_heap_oob},
        {LINE("v6 = load.i64 v3+4096"), "outside of any object", 0},
        {LINE("v6 = atomic_load.i32 v0"), NULL, 0},
        {LINE("v6 = iadd v0, v2") LINE("v7 = atomic_load.i32 v6"), "claims an alignment", 0},
        {LINE("v6 = atomic_load.i64 v1") LINE("trapz v3, user1"), NULL, TRAP_heap_oob},
        {LINE("atomic_store v3, v1") LINE("trapz v3, user1"), NULL, TRAP_heap_oob},
        {LINE("v6 = atomic_rmw.i64 add v1, v3") LINE("trapz v3, user1"), NULL, TRAP_heap_oob},
        {LINE("v6 = atomic_cas.i64 v1, v3, v3") LINE("trapz v3, user1"), NULL, TRAP_heap_oob},
    };
    check_rows(rows, countof(rows), false);
    check_rows(rows, countof(rows), true);
}

/* Without the discipline slots are zero and lie side by side; at the end there is nothing. */
static void plain_slots(void **state)
{
    (void)state;
    static const Row rows[] = {
        {LINE("v6 = load.i64 v4+8") LINE("trapnz v6, user1"), NULL, 0},
        {LINE("store v2, v4+32") LINE("v6 = load.i64 v5") LINE("trapz v6, user1"), NULL, 0},
        {LINE("store v2, v5+16"), "outside of any live slot", 0},
        {LINE("store v2, v4-8"), "outside of any live slot", 0},
        {LINE("store v2, v4+16"), NULL, 0}, /* and nothing of it is there in the next run */
        {LINE("v6 = load.i64 v4+16") LINE("trapnz v6, user1"), NULL, 0},
    };
    check_rows(rows, countof(rows), false);
}

static void moves_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *body;
        uint64_t expected;
    } rows[] = {
        {LINE("v3 = load.i64 v0"), 0x8877665544332281},
        {LINE("v6 = load.i32 v0+4") LINE("v3 = uextend.i64 v6"), 0x88776655},
        {LINE("v3 = uload8.i64 v0"), 0x81},
        {LINE("v3 = sload8.i64 v0"), 0xffffffffffffff81},
        {LINE("v3 = uload16.i64 v0+6"), 0x8877},
        {LINE("v3 = sload16.i64 v0+6"), 0xffffffffffff8877},
        {LINE("v3 = uload32.i64 v0+4"), 0x88776655},
        {LINE("v3 = sload32.i64 v0+4"), 0xffffffff88776655},
        {LINE("v3 = load.i64 big v0"), 0x8122334455667788},
        {LINE("v3 = uload16.i64 big v0"), 0x8122},
        {LINE("v6 = iconst.i64 0x1122334455667788") LINE("store big v6, v0")
         LINE("v3 = load.i64 v0"), 0x8877665544332211},
        {LINE("v6 = load.i8 v0") LINE("v3 = uextend.i64 v6"), 0x81},
        {LINE("istore8 v2, v0+2") LINE("v3 = load.i64 v0"), 0x8877665544072281},
        {LINE("istore16 big v2, v0+2") LINE("v3 = load.i64 v0"), 0x8877665507002281},
        {LINE("atomic_store v2, v0") LINE("v3 = load.i64 v0"), 7},
        {LINE("v6 = iconst.i8 9") LINE("atomic_store v6, v0") LINE("v3 = load.i64 v0"),
         0x8877665544332209},
        {LINE("istore16 v2, v0+2") LINE("v3 = load.i64 v0"), 0x8877665500072281},
        {LINE("istore8 v2, v0+7") LINE("v3 = load.i64 v0"), 0x0777665544332281},
        {LINE("istore32 v2, v0+4") LINE("v3 = load.i64 v0"), 0x0000000744332281},
    };
    Text t = text_open();
    for (size_t k = 0; k < countof(rows); k++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "function %%f(i64, i64, i64) -> i64 {\n"
                 "block0(v0: i64, v1: i64, v2: i64):\n%s    return v3\n}\n"
                 "; heap: <heap0> size=16, bytes=[81 22 33 44 55 66 77 88]\n"
                 "; print: %%f(<heap0>, 0, 7)\n", rows[k].body);
        InterpResult r = text_run(&t, text);
        assert_int_equal(r.status, INTERP_returned);
        if (r.results[0].u64[0] != rows[k].expected)
            fail_msg("%llx: %s", (unsigned long long)r.results[0].u64[0], rows[k].body);
    }
    text_close(&t);
}

/* Vectors, from bytes 81 22 33 44 55 66 77 88 and zeros. */
static void moves_lanes(void **state)
{
    (void)state;
    static const struct {
        const char *type, *load;
        Bits expected;
    } rows[] = {
        {"i16x8", "sload8x8 v0", {.u16 = {0xff81, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0xff88}}},
        {"i16x8", "uload8x8 v0", {.u16 = {0x81, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88}}},
        {"i32x4", "sload16x4 v0", {.u32 = {0x2281, 0x4433, 0x6655, 0xffff8877}}},
        {"i32x4", "uload16x4 v0", {.u32 = {0x2281, 0x4433, 0x6655, 0x8877}}},
        {"i64x2", "sload32x2 v0", {.u64 = {0x44332281, 0xffffffff88776655}}},
        {"i64x2", "uload32x2 v0", {.u64 = {0x44332281, 0x88776655}}},
        {"i64x2", "uload32x2 big v0", {.u64 = {0x81223344, 0x55667788}}},
        {"i8x16", "load.i8x16 v0+2", {.u64 = {0x0000887766554433, 0}}},
        {"i32x4", "load.i32x4 big v0", {.u32 = {0x81223344, 0x55667788, 0, 0}}},
        {"f64x2", "load.f64x2 v0", {.u64 = {0x8877665544332281, 0}}},
        {"i128", "load.i128 v0+7", {.u64 = {0x88, 0}}},
        {"f16", "load.f16 v0+6", {.u64 = {0x8877, 0}}},
    };
    Text t = text_open();
    for (size_t k = 0; k < countof(rows); k++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "function %%f(i64) -> %s {\n"
                 "block0(v0: i64):\n    v1 = %s\n    store v1, v0+32\n    return v1\n}\n"
                 "; heap: <heap0> size=64, bytes=[81 22 33 44 55 66 77 88]\n"
                 "; print: %%f(<heap0>)\n", rows[k].type, rows[k].load);
        InterpResult r = text_run(&t, text);
        assert_int_equal(r.status, INTERP_returned);
        if (!bits_equal(r.results[0], rows[k].expected)) fail_msg("%s", rows[k].load);
        assert_memory_equal(text_memory[0] + 32, &rows[k].expected,
                            type_bytes(type_from_name(str_of(rows[k].type))));
    }
    text_close(&t);
}

/* The old value is the result, the new one stays. */
static void atomics(void **state)
{
    (void)state;
    static const struct {
        const char *op;
        unsigned y, expected; /* on 0xf8, as i8 */
    } rows[] = {
        {"add", 0x10, 0x08},  {"sub", 0xf9, 0xff},  {"and", 0x18, 0x18},  {"nand", 0x18, 0xe7},
        {"or", 0x07, 0xff},   {"xor", 0xff, 0x07},  {"xchg", 0x12, 0x12}, {"umin", 0x12, 0x12},
        {"umin", 0xff, 0xf8}, {"umax", 0x12, 0xf8}, {"smin", 0x12, 0xf8}, {"smax", 0x12, 0x12},
    };
    Text t = text_open();
    for (size_t k = 0; k < countof(rows); k++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "function %%f(i64, i8) -> i8 {\n"
                 "block0(v0: i64, v1: i8):\n    v2 = atomic_rmw.i8 %s v0, v1\n    return v2\n}\n"
                 "; heap: <heap0> size=8, bytes=[f8]\n"
                 "; print: %%f(<heap0>, %u)\n", rows[k].op, rows[k].y);
        InterpResult r = text_run(&t, text);
        assert_int_equal(r.results[0].u64[0], 0xf8);
        if (text_memory[0][0] != rows[k].expected) fail_msg("%s %x", rows[k].op, text_memory[0][0]);
    }
    for (unsigned same = 0; same < 2; same++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "function %%f(i64, i16, i16) -> i16 {\n"
                 "block0(v0: i64, v1: i16, v2: i16):\n    v3 = atomic_cas.i16 v0, v1, v2\n"
                 "    return v3\n}\n"
                 "; heap: <heap0> size=8, bytes=[f8 01]\n"
                 "; print: %%f(<heap0>, %u, 0x2233)\n", same ? 0x1f8 : 0x1f9);
        InterpResult r = text_run(&t, text);
        assert_int_equal(r.results[0].u64[0], 0x1f8);
        assert_int_equal(text_memory[0][0], same ? 0x33 : 0xf8);
        assert_int_equal(text_memory[0][1], same ? 0x22 : 0x01);
    }
    text_close(&t);
}

/* Heaps whose shadow does not fit, and slots of too many activations. */
static void needs_room(void **state)
{
    (void)state;
    static const char text[] = "function %f(i64) {\n"
                               "    ss0 = explicit_slot 0x100000\n"
                               "    fn0 = %f(i64)\n"
                               "block0(v0: i64):\n"
                               "    v1 = iconst.i64 -1\n"
                               "    v2 = iadd v0, v1\n"
                               "    brif v2, block1, block2\n"
                               "block1:\n"
                               "    call fn0(v2)\n"
                               "    return\n"
                               "block2:\n"
                               "    return\n"
                               "}\n"
                               "; print: %f(3)\n";
    Text t = text_open();
    assert_int_equal(text_run(&t, text).status, INTERP_returned);
    Bits four = bits_of(4);
    InterpResult r;
    interp_run(t.interp, t.c->module, 0, &four, 1, NULL, 0, &t.options, &r);
    assert_int_equal(r.status, INTERP_refused);
    assert_non_null(strstr(r.reason, "slots of all activations"));
    InterpHeap heaps[2] = {{.base = text_memory[0], .size = 20 << 20},
                           {.base = text_memory[1], .size = 20 << 20}};
    Bits one = bits_of(1);
    interp_run(t.interp, t.c->module, 0, &one, 1, heaps, 1, &t.options, &r);
    assert_int_equal(r.status, INTERP_returned);
    interp_run(t.interp, t.c->module, 0, &one, 1, heaps, 2, &t.options, &r);
    assert_int_equal(r.status, INTERP_refused);
    text_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stays_in_objects),
        cmocka_unit_test(plain_slots),
        cmocka_unit_test(moves_bytes),
        cmocka_unit_test(moves_lanes),
        cmocka_unit_test(atomics),
        cmocka_unit_test(needs_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
