/* Twins: what is printed is read again, asks for nothing that Cranelift does not do, and returns
 * what its run line says in every configuration. */
#include "oracle/twin.h"

#include "gen/gen.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { CASES = 300 };

static int open_judge(void **state)
{
    const char *error = "";
    *state = judge_create(&(JudgeOptions){0}, &error);
    if (!*state) print_error("%s\n", error);
    return *state ? 0 : -1;
}

static int close_judge(void **state)
{
    judge_destroy(*state);
    return 0;
}

static Case *read_text(Arena *a, Str text)
{
    Diag d = {.arena = a, .file = "twin", .text = text};
    Case *c = case_read(a, "twin", text, &d);
    bool good = c && case_verify(c, a, &d);
    if (!good) diag_print(&d, stderr);
    assert_true(good);
    return c;
}

static Str printed(Arena *a, const Case *c)
{
    Buf out = {.arena = a};
    case_write(&out, c, NULL);
    return buf_str(&out);
}

static bool has_slot_aligned(const Module *m, uint32_t more_than)
{
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        const Func *f = m->funcs.at[k];
        for (uint32_t s = 0; s < f->slots.n; s++)
            if (f->slots.at[s].align > more_than) return true;
    }
    return false;
}

static bool returns_as_said(Judge *j, const Config *config, const Case *c)
{
    const char *reason;
    const Run *run = &c->runs.at[0];
    Outcome o = {0};
    if (!judge_compile(j, config, c, &reason)) return false;
    if (!judge_place(j, c, run, &reason)) return false;
    judge_run(j, config, c, run, &o);
    if (o.kind != OUTCOME_returned || o.nresults != run->results.n) return false;
    for (uint32_t k = 0; k < o.nresults; k++)
        if (!bits_equal(o.results[k], run->results.at[k].bits)) return false;
    return true;
}

static void check_twin(Judge *j, Arena *a, const Case *twin)
{
    Str text = printed(a, twin);
    const Case *c = read_text(a, text);
    assert_true(str_equal(text, printed(a, c)));
    assert_int_equal(c->heaps.n, 0);
    assert_int_equal(c->runs.n, 1);
    assert_int_equal(c->runs.at[0].args.n, 0);
    assert_false(has_slot_aligned(c->module, TWIN_SLOT_ALIGN));
    const ConfigVec *configs = judge_configs(j);
    for (uint32_t k = 0; k < configs->n; k++)
        if (!returns_as_said(j, configs->at[k], c)) {
            print_error("%s\n%.*s", configs->at[k]->name, (int)text.n, text.at);
            fail();
        }
}

static void twins_of_generated_cases(void **state)
{
    Judge *j = *state;
    Arena *a = arena_create();
    uint32_t twins = 0, legalised = 0;
    for (uint64_t seed = 0; seed < CASES; seed++, arena_reset(a)) {
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Case *c = gen_next(&in, &(GenOptions){.off = OFF_soft | OFF_odd}, a);
        for (uint32_t k = 0; k < c->runs.n; k++) {
            const char *reason;
            const Case *twin = twin_make(j, c, k, a, &reason);
            if (!twin) continue;
            check_twin(j, a, twin);
            twins++;
            legalised += has_slot_aligned(c->module, TWIN_SLOT_ALIGN);
        }
    }
    arena_destroy(a);
    assert_true(twins > CASES);
    assert_true(legalised > CASES / 10);
}

/* The low bits of a heap's address are the heap's alignment in the twin too. */
static void heaps_keep_their_alignment(void **state)
{
    static const char text[] = "function %f(i64) -> i64 system_v {\n"
                               "block0(v0: i64):\n"
                               "    v1 = iconst.i64 63\n"
                               "    v2 = band v0, v1\n"
                               "    return v2\n"
                               "}\n"
                               "; heap: <heap0> size=8, align=64\n"
                               "; print: %f(<heap0>+8)\n";
    Judge *j = *state;
    Arena *a = arena_create();
    const char *reason;
    const Case *twin = twin_make(j, read_text(a, str_of(text)), 0, a, &reason);
    assert_non_null(twin);
    assert_int_equal(twin->runs.at[0].results.at[0].bits.u64[0], 8);
    check_twin(j, a, twin);
    arena_destroy(a);
}

/* What need not be aligned is as little aligned there as it was here. */
static void heaps_keep_their_misalignment(void **state)
{
    Judge *j = *state;
    Arena *a = arena_create();
    uint32_t odd = 0;
    for (unsigned size = 8; size < 24; size++) {
        const char *reason;
        const Case *c = read_text(a, str_of(arena_printf(a,
                                                         "function %%f(i64) -> i64 system_v {\n"
                                                         "block0(v0: i64):\n"
                                                         "    v1 = iconst.i64 15\n"
                                                         "    v2 = band v0, v1\n"
                                                         "    return v2\n"
                                                         "}\n"
                                                         "; heap: <heap0> size=%u, align=1\n"
                                                         "; print: %%f(<heap0>)\n",
                                                         size)));
        assert_true(judge_place(j, c, &c->runs.at[0], &reason));
        uint64_t low = (uintptr_t)image_heap(judge_image(j), 0)->base % 16;
        const Case *twin = twin_make(j, c, 0, a, &reason);
        assert_non_null(twin);
        assert_int_equal(twin->runs.at[0].results.at[0].bits.u64[0], low);
        odd += low != 0;
        check_twin(j, a, twin);
    }
    assert_true(odd > 0);
    arena_destroy(a);
}

/* Two registers return integers; more results need a setting, or Cranelift refuses the file. */
static void headers_are_complete(void **state)
{
    static const char text[] = "function %f() -> i64, i64 system_v {\n"
                               "block0:\n"
                               "    v0 = iconst.i64 1\n"
                               "    return v0, v0\n"
                               "}\n"
                               "; print: %f()\n";
    static const char header[] = "test run\n"
                                 "set enable_multi_ret_implicit_sret\n"
                                 "target x86_64\n";
    Judge *j = *state;
    Arena *a = arena_create();
    const char *reason;
    const Case *twin = twin_make(j, read_text(a, str_of(text)), 0, a, &reason);
    assert_non_null(twin);
    assert_memory_equal(printed(a, twin).at, header, sizeof header - 1);
    arena_destroy(a);
}

static void what_cannot_be_said_has_no_twin(void **state)
{
    static const char text[] = "function %f(i64) -> i64 system_v {\n"
                               "block0(v0: i64):\n"
                               "    v1 = load.i64 v0\n"
                               "    trapz v1, user7\n"
                               "    return v1\n"
                               "}\n"
                               "; heap: <heap0> size=8\n"
                               "; print: %f(<heap0>)\n"
                               "function %g(i64) -> i64 system_v {\n"
                               "block0(v0: i64):\n"
                               "    return v0\n"
                               "}\n"
                               "; heap: <heap0> size=8, fault\n"
                               "; print: %g(<heap0>)\n"
                               "function %h(i64) -> i64 system_v {\n"
                               "block0(v0: i64):\n"
                               "    return v0\n"
                               "}\n"
                               "; heap: <heap0> size=4097\n"
                               "; print: %h(<heap0>)\n";
    static const char *const reasons[] = {
        "the run does not return",
        "a fault heap",
        "a heap too large for a wrapper",
    };
    Judge *j = *state;
    Arena *a = arena_create();
    const Case *c = read_text(a, str_of(text));
    for (uint32_t k = 0; k < countof(reasons); k++) {
        const char *reason = NULL;
        assert_null(twin_make(j, c, k, a, &reason));
        assert_string_equal(reason, reasons[k]);
    }
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(twins_of_generated_cases),
        cmocka_unit_test(heaps_keep_their_alignment),
        cmocka_unit_test(heaps_keep_their_misalignment),
        cmocka_unit_test(headers_are_complete),
        cmocka_unit_test(what_cannot_be_said_has_no_twin),
    };
    return cmocka_run_group_tests(tests, open_judge, close_judge);
}
