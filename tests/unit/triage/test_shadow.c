/* Copies that write down what they compute: what is written down, in which order, and that a copy
 * does otherwise what the case does. */
#include "triage/shadow.h"

#include "ir/read.h"
#include "ir/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char text[] =
    "function %sum(i64, i32) -> i64 {\n"
    "    ss0 = explicit_slot 16, align = 16\n"
    "block0(v0: i64, v1: i32):\n"
    "    v2 = stack_addr.i64 ss0\n"
    "    v3 = iconst.i64 0\n"
    "    store notrap v3, v2\n"
    "    jump block1(v1)\n"
    "block1(v4: i32):\n"
    "    v5 = load.i64 notrap v2\n"
    "    v6 = uextend.i64 v4\n"
    "    v7 = iadd v5, v6\n"
    "    store notrap v7, v2\n"
    "    v8 = iconst.i32 1\n"
    "    v9 = isub v4, v8\n"
    "    istore8 notrap v7, v0+7\n"
    "    brif v9, block1(v9), block2\n"
    "block2:\n"
    "    return v7\n"
    "}\n"
    "; heap: <heap0> size=8, align=8\n"
    "; run: %sum(<heap0>, 3) == 6\n";

static Arena *process;
static Judge *judge;
static const Case *given;

static int set_up(void **state)
{
    const char *error = "";
    (void)state;
    process = arena_create();
    Diag d = {.arena = process, .file = "text"};
    judge = judge_create(&(JudgeOptions){.backends = "interp,jit:none:sse2"}, &error);
    given = case_read(process, "text", str_of(text), &d);
    bool good = judge && given && case_verify(given, process, &d);
    diag_print(&d, stderr);
    return good ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    judge_destroy(judge);
    arena_destroy(process);
    return 0;
}

/* Runs the copy in one configuration, which must take it. */
static ShadowLog run(const Shadow *s, uint32_t config, Outcome *out)
{
    const char *reason = "";
    const Config *c = judge_configs(judge)->at[config];
    if (!judge_compile(judge, c, s->c, &reason)) fail_msg("%s", reason);
    judge_run(judge, c, s->c, &s->c->runs.at[0], out);
    return shadow_read(s, judge, shadow_sites(given, process)->n, process);
}

static uint32_t name_at(const ShadowSites *sites, uint32_t site)
{
    return func_value(given->module->funcs.at[0], sites->at[site].value)->name;
}

/* Parameters first, then results and stores where they stand. */
static void test_sites(void **state)
{
    static const struct {
        uint32_t name;
        bool store;
    } want[] = {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {3, 1}, {4, 0}, {5, 0}, {6, 0},
                {7, 0}, {7, 1}, {8, 0}, {9, 0}, {7, 1}};
    (void)state;
    const ShadowSites *sites = shadow_sites(given, process);
    assert_int_equal(sites->n, countof(want));
    for (uint32_t k = 0; k < sites->n; k++) {
        assert_int_equal(name_at(sites, k), want[k].name);
        assert_int_equal(sites->at[k].store, want[k].store);
    }
    assert_int_equal(sites->at[12].type, TY_i8); /* as many bytes as are stored */
    assert_int_equal(sites->at[7].sense, SENSE_number);
    assert_int_equal(sites->at[2].sense, SENSE_address);
    assert_int_equal(sites->at[2].nlow, 4);
}

static void check_log(uint32_t config)
{
    static const uint64_t v7[] = {3, 5, 6}, v4[] = {3, 2, 1};
    Outcome o;
    Shadow s;
    const ShadowSites *sites = shadow_sites(given, process);
    assert_true(shadow_make(&s, judge, given, sites, SHADOW_ALL, SHADOW_log, process));
    ShadowLog log = run(&s, config, &o);
    assert_int_equal(o.kind, OUTCOME_returned);
    assert_int_equal(o.results[0].u64[0], 6);
    assert_int_equal(log.n, 5 + 3 * 8);
    for (uint32_t k = 0; k < log.n; k++)
        assert_int_equal(log.at[k].site, k < 5 ? k : 5 + (k - 5) % 8);
    for (uint32_t k = 0; k < 3; k++) {
        assert_int_equal(log.at[5 + 8 * k].value.u64[0], v4[k]);
        assert_int_equal(log.at[5 + 8 * k + 3].value.u64[0], v7[k]);
        assert_int_equal(log.at[5 + 8 * k + 4].value.u64[0], v7[k]); /* read back from the slot */
    }
}

static void test_log(void **state)
{
    (void)state;
    check_log(0);
    check_log(1);
}

static void test_one_site(void **state)
{
    Outcome o;
    Shadow s;
    (void)state;
    const ShadowSites *sites = shadow_sites(given, process);
    assert_true(shadow_make(&s, judge, given, sites, 8, SHADOW_log, process));
    for (uint32_t config = 0; config < 2; config++) {
        ShadowLog log = run(&s, config, &o);
        assert_int_equal(log.n, 3);
        assert_int_equal(log.at[1].site, 8);
        assert_int_equal(log.at[1].value.u64[0], 5);
    }
}

/* The last one is left, and the run goes on. */
static void test_once(void **state)
{
    Outcome o;
    Shadow s;
    (void)state;
    const ShadowSites *sites = shadow_sites(given, process);
    assert_true(shadow_make(&s, judge, given, sites, 8, SHADOW_once, process));
    for (uint32_t config = 0; config < 2; config++) {
        ShadowLog log = run(&s, config, &o);
        assert_int_equal(log.n, 1);
        assert_int_equal(log.at[0].value.u64[0], 6);
        assert_int_equal(o.kind, OUTCOME_returned);
    }
}

/* The run ends there for the first time, and what is behind it does not happen. */
static void test_cut(void **state)
{
    Outcome o;
    Shadow s;
    (void)state;
    const ShadowSites *sites = shadow_sites(given, process);
    assert_true(shadow_make(&s, judge, given, sites, 8, SHADOW_cut, process));
    for (uint32_t config = 0; config < 2; config++) {
        ShadowLog log = run(&s, config, &o);
        assert_int_equal(log.n, 1);
        assert_int_equal(log.at[0].value.u64[0], 3);
        assert_int_equal(o.kind, OUTCOME_trapped);
        assert_int_equal(image_heap(judge_image(judge), 0)->base[7], 0);
    }
}

/* The heap of the case is where it was; the case itself is as it was. */
static void test_nothing_moves(void **state)
{
    const char *reason;
    Shadow s;
    (void)state;
    uint32_t insts = module_inst_count(given->module);
    assert_true(judge_place(judge, given, &given->runs.at[0], &reason));
    const uint8_t *before = image_heap(judge_image(judge), 0)->base;
    const ShadowSites *sites = shadow_sites(given, process);
    assert_true(shadow_make(&s, judge, given, sites, SHADOW_ALL, SHADOW_log, process));
    assert_ptr_equal(image_heap(judge_image(judge), 0)->base, before);
    assert_int_equal(given->heaps.n, 1);
    assert_int_equal(module_inst_count(given->module), insts);
    assert_true(module_inst_count(s.c->module) > insts);
}

static void test_cut_return(void **state)
{
    Outcome o;
    const char *reason = "";
    (void)state;
    const Func *f = given->module->funcs.at[0];
    Case *c = shadow_cut_return(given, 0, f->layout.at[1], 4, process);
    const Config *config = judge_configs(judge)->at[0];
    assert_true(judge_place(judge, c, &c->runs.at[0], &reason));
    assert_true(judge_compile(judge, config, c, &reason));
    judge_run(judge, config, c, &c->runs.at[0], &o);
    assert_int_equal(o.kind, OUTCOME_returned);
    assert_int_equal(o.results[0].u64[0], 0);
    assert_int_equal(c->module->funcs.at[0]->layout.n, 2);
}

static void test_same(void **state)
{
    const char *reason;
    (void)state;
    ShadowSite number = {.type = TY_f32, .sense = SENSE_number};
    ShadowSite slot = {.type = TY_i64, .sense = SENSE_address, .nlow = 4};
    assert_true(shadow_same(&number, bits_of(0x7fc00000), bits_of(0xffc00001))); /* NaNs */
    assert_false(shadow_same(&number, bits_of(0), bits_of(0x80000000)));
    assert_true(shadow_same(&slot, bits_of(0x7000), bits_of(0x9990)));
    assert_false(shadow_same(&slot, bits_of(0x7000), bits_of(0x9998)));
    assert_true(judge_place(judge, given, &given->runs.at[0], &reason));
    uint64_t heap = (uint64_t)(uintptr_t)image_heap(judge_image(judge), 0)->base;
    assert_true(shadow_same(&slot, bits_of(heap), bits_of(heap)));
    assert_false(shadow_same(&slot, bits_of(heap), bits_of(heap + 16))); /* heaps do not move */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sites),         cmocka_unit_test(test_log),
        cmocka_unit_test(test_one_site),      cmocka_unit_test(test_once),
        cmocka_unit_test(test_cut),           cmocka_unit_test(test_nothing_moves),
        cmocka_unit_test(test_cut_return),    cmocka_unit_test(test_same),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
