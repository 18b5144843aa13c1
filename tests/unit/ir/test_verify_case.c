/* Heaps, run lines and what they pass: what is accepted and what is rejected. */
#include "ir/read.h"
#include "ir/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* Directives behind %f(i64, i64, i32) -> i32, whose contracts are these where a row has none. */
static const char *const function = "function %f(i64, i64, i32) -> i32 {\n"
                                    "block0(v0: i64, v1: i64, v2: i32):\n"
                                    "    return v2\n"
                                    "}\n";
#define CONTRACTS \
    "; address: %f 0 range=0..16, align=8\n" \
    "; address: %f 1 range=-8..8, align=16, skew=8\n"
#define HEAP "; heap: <heap0> size=32, align=16\n"
#define CELLS \
    "; address: %f 0 range=0..16, cell 8 = (range=0..4, align=4)\n" \
    "; address: %f 1 range=0..4\n"

typedef struct {
    const char *message; /* a part of it; NULL: accepted */
    const char *directives;
} Row;

static const Row rows[] = {
    {NULL, CONTRACTS HEAP "; run: %f(<heap0>+8, <heap0>+24, 3) == 3\n"},
    {NULL, CONTRACTS HEAP "; traps: %f(<heap0>, <heap0>+8, 3) heap_oob\n"},
    {NULL, CONTRACTS HEAP "; print: %f(<heap0>, <heap0>+8, 3)\n"},
    /* numbers and addresses */
    {"%f: argument 0 must be an address", CONTRACTS HEAP "; run: %f(1, <heap0>+8, 3) == 3\n"},
    {"%f: argument 1 must be a number, and is an address",
     "; address: %f 0 range=0..16\n" HEAP "; run: %f(<heap0>, <heap0>, 3) == 3\n"},
    /* contracts */
    {"range 0..16 leaves <heap0>+24 of 32 bytes",
     CONTRACTS HEAP "; run: %f(<heap0>+24, <heap0>+8, 3) == 3\n"},
    {"range -8..8 leaves <heap0>+0 of 32 bytes",
     CONTRACTS HEAP "; run: %f(<heap0>, <heap0>, 3) == 3\n"},
    {"<heap0>+4, which is not known to be 0 modulo 8",
     CONTRACTS HEAP "; run: %f(<heap0>+4, <heap0>+8, 3) == 3\n"},
    {"<heap0>+16, which is not known to be 8 modulo 16",
     CONTRACTS HEAP "; run: %f(<heap0>, <heap0>+16, 3) == 3\n"},
    {"<heap0>+8, which is not known to be 8 modulo 16",
     CONTRACTS "; heap: <heap0> size=32, align=8\n; run: %f(<heap0>, <heap0>+8, 3) == 3\n"},
    {"and its heap have different regions",
     CONTRACTS "; heap: <heap0> size=32, align=16, region=1\n"
     "; run: %f(<heap0>, <heap0>+8, 3) == 3\n"},
    {"or its heap is inaccessible, not both",
     CONTRACTS "; heap: <heap0> size=32, align=16, fault\n"
     "; run: %f(<heap0>, <heap0>+8, 3) == 3\n"},
    {NULL, "; address: %f 0 range=0..8, fault\n; address: %f 1 range=0..8, fault\n"
     "; heap: <heap0> size=32, align=16, fault\n; run: %f(<heap0>, 0, 3) == 3\n"},
    /* relations */
    {"arguments 1 and 0 overlap, the contract says disjoint",
     CONTRACTS "; address: %f 0,1 disjoint\n" HEAP "; run: %f(<heap0>, <heap0>+8, 3) == 3\n"},
    {NULL, CONTRACTS "; address: %f 0,1 disjoint\n" HEAP
     "; run: %f(<heap0>, <heap0>+24, 3) == 3\n"},
    {"arguments 1 and 0 differ, the contract says same",
     CONTRACTS "; address: %f 0,1 same\n" HEAP "; run: %f(<heap0>, <heap0>+8, 3) == 3\n"},
    {NULL, CONTRACTS "; address: %f 0,1 same\n" HEAP "; run: %f(<heap0>+8, <heap0>+8, 3) == 3\n"},
    /* cells */
    {NULL, CELLS "; heap: <heap0> size=32, align=16, cell 8 = <heap0>+20\n"
     "; run: %f(<heap0>, <heap0>+16, 3) == 3\n"},
    {"argument 0, cell 8 is none: <heap0> has no cell at 8",
     CELLS HEAP "; run: %f(<heap0>, <heap0>+16, 3) == 3\n"},
    {"argument 0, cell 8 with range 0..4 leaves <heap0>+29",
     CELLS "; heap: <heap0> size=32, align=16, cell 8 = <heap0>+29\n"
     "; run: %f(<heap0>, <heap0>+16, 3) == 3\n"},
    {"argument 1 covers the cell at 3, which the contract does not know",
     CELLS "; heap: <heap0> size=32, align=16, cell 8 = <heap0>+20\n"
     "; run: %f(<heap0>, <heap0>+5, 3) == 3\n"},
};

static bool has_message(const Diag *d, const char *text)
{
    for (uint32_t k = 0; k < d->entries.n; k++)
        if (strstr(d->entries.at[k].text, text)) return true;
    return false;
}

static void judges_each_row(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(rows); k++) {
        Arena *a = arena_create();
        const Row *r = &rows[k];
        const char *text =
            arena_printf(a, "%s%s; discipline: addresses\n", function, r->directives);
        Diag d = {.arena = a};
        Case *c = case_read(a, "row", str_of(text), &d);
        bool ok = c && case_verify(c, a, &d);
        if (ok == (r->message != NULL) || (r->message && !has_message(&d, r->message))) {
            diag_print(&d, stderr);
            fail_msg("%s%s", r->directives, r->message ? r->message : "should be accepted");
        }
        arena_destroy(a);
    }
}

/* How the good case is broken in a way that text cannot say, and a part of the message. */
#define BROKEN(ROW) \
    ROW(too_few_arguments, run->args.n = 2, "2 arguments for %f, 3 are needed") \
    ROW(argument_type, run->args.at[2].type = TY_i64, "argument 2 has type i64, i32") \
    ROW(argument_heap, run->args.at[0].heap = 9, "argument 0 names no heap") \
    ROW(too_few_results, run->results.n = 0, "0 results, %f returns 1") \
    ROW(result_type, run->results.at[0].type = TY_f32, "result 0 has type f32, i32 is needed") \
    ROW(trap_code, run->kind = RUN_TRAPS, "must say its trap code") \
    ROW(run_function, run->func = 3, "the run names no function") \
    ROW(heap_function, heap->func = 3, "<heap0> belongs to no function") \
    ROW(heap_alignment, heap->align = 24, "alignment 24 is no power of two") \
    ROW(heap_place, (heap->place = PLACE_END, heap->size = 40), "that is a multiple of 16") \
    ROW(heap_bytes, (heap->fill = FILL_BYTES, heap->bytes.n = 33), "<heap0>: 33 bytes for 32") \
    ROW(heap_name, c->heaps.at[1].name = 0, "a second <heap0> for the function") \
    ROW(check_heap, run->checks.at[0].heap = 7, "check-heap names no heap") \
    ROW(check_place, run->checks.at[0].offset = 31, "check-heap leaves <heap0> of 32 bytes") \
    ROW(cell_heap, heap->cells.at[0].heap = 7, "cell 16 points to no heap") \
    ROW(cell_place, heap->cells.at[0].offset = 28, "cell 28 lies outside") \
    ROW(cell_overlap, heap->cells.at[1].offset = 20, "cells 16 and 20 overlap") \
    ROW(cell_fault, heap->fault = true, "a fault heap holds no cells")

#define BREAK(name, statement, message) \
    static void break_##name(Case *c, Run *run, Heap *heap) \
    { \
        (void)c, (void)run, (void)heap; \
        statement; \
    }
BROKEN(BREAK)

static const struct {
    const char *name;
    void (*apply)(Case *c, Run *run, Heap *heap);
    const char *message;
} broken[] = {
#define ROW(name, statement, message) {#name, break_##name, message},
    BROKEN(ROW)
};

static Case *good_case(Arena *a)
{
    const char *text = arena_printf(
        a, "%s%s", function,
        "; heap: <heap0> size=32, align=16, cell 16 = <heap1>+4, cell 24 = <heap0>+0\n"
        "; heap: <heap1> size=8, align=8\n"
        "; run: %f(<heap0>, 7, 3) == 3\n"
        "; check-heap: <heap0>+0 == [00 00]\n");
    Diag d = {.arena = a};
    Case *c = case_read(a, "case", str_of(text), &d);
    if (!c) diag_print(&d, stderr);
    assert_non_null(c);
    return c;
}

static void names_each_fault(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(broken); k++) {
        Arena *a = arena_create();
        Case *c = good_case(a);
        broken[k].apply(c, &c->runs.at[0], &c->heaps.at[0]);
        Diag d = {.arena = a};
        bool ok = case_verify(c, a, &d);
        if (ok || !has_message(&d, broken[k].message)) {
            diag_print(&d, stderr);
            fail_msg("%s: nothing says `%s`", broken[k].name, broken[k].message);
        }
        arena_destroy(a);
    }
}

/* Where no discipline is claimed an i64 may be a heap's address without any contract. */
static void asks_less_without_discipline(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Diag d = {.arena = a};
    assert_true(case_verify(good_case(a), a, &d));
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_each_row),
        cmocka_unit_test(names_each_fault),
        cmocka_unit_test(asks_less_without_discipline),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
