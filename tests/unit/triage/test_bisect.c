/* Parts of bisecting: who is asked, in which order versions come, and a fault that a hook plants
 * behind a pass, which has to be found there. */
#include "triage/bisect.h"

#include "ir/read.h"
#include "ir/verify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static void versions(void **state)
{
    static const char *const rising[] = {"0.91.0", "0.91.1", "0.97.1", "0.104.1", "0.137.1", "1"};
    (void)state;
    for (int x = 0; x < (int)countof(rising); x++)
        for (int y = 0; y < (int)countof(rising); y++) {
            int n = bisect_compare_versions(rising[x], rising[y]);
            assert_int_equal((n > 0) - (n < 0), (x > y) - (x < y));
        }
    assert_true(bisect_compare_versions("0.91", "0.91.1") < 0);
}

static void neighbours(void **state)
{
    BisectVersion rows[] = {
        {"1", PROBE_right, VERDICT_agree, NULL},  {"2", PROBE_wrong, VERDICT_results, NULL},
        {"3", PROBE_wrong, VERDICT_results, NULL}, {"4", PROBE_wrong, VERDICT_failed, NULL},
        {"5", PROBE_unjudged, VERDICT_unjudged, "x"},
    };
    VersionVec all = {.at = rows, .n = countof(rows)};
    (void)state;
    assert_int_equal(bisect_same(&all, 0), 1);
    assert_int_equal(bisect_same(&all, 1), 2);
    assert_int_equal(bisect_same(&all, 3), 1);
    assert_int_equal(bisect_same(&all, 4), 1);
}

/* Adds become subtractions, but for the first `skip` of them. */
typedef struct {
    uint32_t skip, seen;
} Plant;

static void subtract(void *data, PassStage *stage)
{
    Plant *p = data;
    if (stage->after != PASS_legalise) return;
    p->seen = 0;
    Func *f = stage->module->funcs.at[0];
    for (uint32_t k = 0; k < f->insts.n; k++) {
        InstData *i = &f->insts.at[k];
        if (i->op != OP_iadd || p->seen++ < p->skip) continue;
        if (!fuel_take(stage->fuel, rewrite_of_hook(stage->after), NULL, 0, (Inst){k})) return;
        i->op = OP_isub;
        stage->changes++;
    }
}

/* `v1 + 0` as `v1 - 0` is no difference; the second addition, `+ 1`, is one. */
static const char text[] = "function %f(i64) -> i64 {\n"
                           "block0(v0: i64):\n"
                           "    v1 = iconst.i64 0\n"
                           "    v2 = iadd v0, v1\n"
                           "    v3 = iconst.i64 1\n"
                           "    v4 = iadd v2, v3\n"
                           "    v5 = iadd v4, v1\n"
                           "    return v5\n"
                           "}\n"
                           "; print: %f(5)\n";

static void second_of_three(void **state)
{
    Plant plant = {0};
    Arena *a = arena_create();
    Diag d = {.arena = a};
    const Case *c = case_read(a, "test", str_of(text), &d);
    BisectJit at;
    (void)state;
    assert_non_null(c);
    Bisect b = {
        .arena = a,
        .c = c,
        .judge.host = {.pass_hook = subtract, .pass_hook_data = &plant},
        .reference = "interp",
        .subject = "jit:none:sse2:planted",
    };
    assert_true(bisect_is_jit(&b));
    bisect_jit(&b, &at);
    assert_int_equal(at.found, FOUND_rewrite);
    assert_int_equal(at.pass, PASS_legalise);
    assert_true(at.by_ir);
    assert_int_equal(at.number, 2);
    assert_int_equal(at.of, 3);
    assert_int_equal(at.rewrite.rewrite, REWRITE_hook_legalise);
    assert_int_equal(c->module->funcs.at[0]->insts.at[at.rewrite.inst.i].op, OP_iadd);

    plant.skip = 2; /* nothing is wrong then */
    bisect_jit(&b, &at);
    assert_int_equal(at.found, FOUND_nothing);
    arena_destroy(a);
}

static void words(void **state)
{
    Plant plant = {0};
    Arena *a = arena_create();
    Diag d = {.arena = a};
    BisectSettings s;
    Bisect b = {
        .arena = a,
        .c = case_read(a, "test", str_of(text), &d),
        .judge.host = {.pass_hook = subtract, .pass_hook_data = &plant},
        .reference = "interp",
        .subject = "jit:none:few:planted",
    };
    (void)state;
    bisect_settings(&b, &s);
    assert_string_equal(s.shortest, "jit:planted");
    assert_int_equal(s.needed.n, 1);
    assert_string_equal(s.needed.at[0], "planted");
    assert_int_equal(s.cures.n, 0);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(versions),
        cmocka_unit_test(neighbours),
        cmocka_unit_test(second_of_three),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
