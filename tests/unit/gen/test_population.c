/* What the cases of 10,000 seeds hold: every row of gen/stats.def, counted from what their runs
 * execute in the interpreter. */
#include "survey.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

enum { SEEDS = 10000 };

static GenStats population;

static int survey(void **state)
{
    (void)state;
    survey_seeds(&population, SEEDS, 0);
    return 0;
}

static void every_figure_holds(void **state)
{
    (void)state;
    GenFigure figures[GEN_FIGURES];
    uint32_t broken = 0;
    gen_stats_figures(&population, figures);
    for (int k = 0; k < GEN_FIGURES; k++) {
        const GenFigure *f = &figures[k];
        if (gen_figure_holds(f)) continue;
        fprintf(stderr, "%s is %.1f%s, not %g to %g: %s\n", f->name, f->value, f->unit, f->least,
                f->most, f->meaning);
        broken++;
    }
    assert_int_equal(broken, 0);
}

/* Each of these is a demand that the figures alone do not say. */
static void runs_are_valid(void **state)
{
    (void)state;
    const GenStats *s = &population;
    assert_int_equal(s->cases, SEEDS);
    assert_int_equal(s->runs, s->returned + s->trapped);
    assert_int_equal(s->invalid + s->refused + s->fuel, 0);
    assert_true(s->trapped_by[TRAP_heap_oob] && s->trapped_by[TRAP_int_divz]);
    assert_true(s->trapped_by[TRAP_int_ovf] && s->trapped_by[TRAP_bad_toint]);
}

/* Alignment: three quarters of what asks for 16 or more asks for 16. */
static void most_large_alignments_are_16(void **state)
{
    (void)state;
    const uint64_t *aligns = population.slot_aligns;
    uint64_t larger = aligns[5] + aligns[6] + aligns[7], exact = aligns[4];
    for (unsigned k = 0; k <= 7; k++) assert_true(aligns[k] > 100);
    assert_int_equal(aligns[8], 0);
    assert_in_range(1000 * exact / (exact + larger), 720, 780);
}

/* Two humps with a valley between them: the lower one is a quarter above it. */
static void sizes_are_bimodal(void **state)
{
    (void)state;
    const uint64_t *sizes = population.sizes;
    uint64_t best = 0;
    for (uint32_t valley = 1; valley + 1 < GEN_SIZES; valley++) {
        uint64_t left = 0, right = 0;
        for (uint32_t k = 0; k < valley; k++) left = max_u64(left, sizes[k]);
        for (uint32_t k = valley + 1; k < GEN_SIZES; k++) right = max_u64(right, sizes[k]);
        uint64_t lower = left < right ? left : right;
        if (sizes[valley]) best = max_u64(best, 100 * lower / sizes[valley]);
    }
    assert_true(best >= 125);
}

/* With addresses off, none is passed to a callee; they are on in three of four inputs. */
static void the_mask_switches_addresses(void **state)
{
    (void)state;
    static GenStats s;
    survey_seeds(&s, 2000, OFF_address);
    assert_int_equal(s.share[SHARE_addresses], 0);
    assert_int_equal(s.share[SHARE_passed], 0);
    assert_in_range(population.share[SHARE_addresses], SEEDS * 72 / 100, SEEDS * 78 / 100);
    assert_true(population.share[SHARE_passed] <= population.share[SHARE_addresses]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_holds),
        cmocka_unit_test(runs_are_valid),
        cmocka_unit_test(most_large_alignments_are_16),
        cmocka_unit_test(sizes_are_bimodal),
        cmocka_unit_test(the_mask_switches_addresses),
    };
    return cmocka_run_group_tests(tests, survey, NULL);
}
