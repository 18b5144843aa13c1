/* What is switched off disappears, and the numbers of loads, stores and slots stay, so that what a
 * family is worth can be measured. */
#include "survey.h"

#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

enum { SEEDS = 4000, TOLERANCE = 7 };

/* Cases alone: nothing is run. */
static void count(GenStats *s, uint32_t off)
{
    static uint8_t bytes[GEN_SEED_BYTES];
    Arena *a = arena_create();
    GenOptions o = {.off = off};
    for (uint64_t seed = 0; seed < SEEDS; seed++, arena_reset(a)) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Case *c = gen_next(&in, &o, a);
        gen_survey_end(gen_survey_begin(s, &in, c, a));
    }
    arena_destroy(a);
}

static void assert_near(const char *what, const char *family, uint64_t with, uint64_t without)
{
    double percent = 100.0 * (double)without / (double)with;
    if (percent < 100 - TOLERANCE || percent > 100 + TOLERANCE)
        fail_msg("without %s there are %.1f %% of the %s", family, percent, what);
}

static void accesses_and_slots_stay(void **state)
{
    (void)state;
    static GenStats all, less;
    count(&all, 0);
    for (unsigned k = 0; k < FAMILY_COUNT; k++) {
        memset(&less, 0, sizeof less);
        count(&less, 1u << k);
        assert_near("loads", gen_families[k].name, all.loads, less.loads);
        assert_near("stores", gen_families[k].name, all.stores, less.stores);
        assert_near("slots", gen_families[k].name, all.slots, less.slots);
    }
}

/* Families of which a share says that they are there. */
static const struct {
    uint32_t off;
    GenShare share;
} told[] = {
    {OFF_address, SHARE_passed},  {OFF_align, SHARE_aligned16}, {OFF_align, SHARE_slot16},
    {OFF_region, SHARE_region},   {OFF_loop, SHARE_loop},       {OFF_loop, SHARE_walk},
    {OFF_call, SHARE_indirect},   {OFF_call, SHARE_passed},     {OFF_cell, SHARE_cell},
    {OFF_trap, SHARE_trapped},    {OFF_fault, SHARE_fault},     {OFF_fault, SHARE_faulted},
    {OFF_index, SHARE_wrapping},  {OFF_wrap, SHARE_wrapping},   {OFF_wrap, SHARE_negative},
    {OFF_wrap, SHARE_displaced},  {OFF_edge, SHARE_edge},       {OFF_join | OFF_fault, SHARE_join},
};

static void what_is_off_disappears(void **state)
{
    (void)state;
    static GenStats s;
    for (size_t k = 0; k < countof(told); k++) {
        memset(&s, 0, sizeof s);
        survey_seeds(&s, 1000, told[k].off);
        if (s.share[told[k].share]) fail_msg("row %zu of told is still there", k);
        assert_int_equal(s.invalid + s.refused + s.fuel, 0);
    }
}

/* No instruction of some type or kind, anywhere in the text. */
static void assert_no_word(uint32_t off, const char *word)
{
    static uint8_t bytes[GEN_SEED_BYTES];
    Arena *a = arena_create();
    GenOptions o = {.off = off};
    for (uint64_t seed = 0; seed < 500; seed++, arena_reset(a)) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        Buf text = {.arena = a};
        case_write(&text, gen_next(&in, &o, a), NULL);
        if (strstr(text.at, word)) fail_msg("seed %u still has `%s`", (unsigned)seed, word);
    }
    arena_destroy(a);
}

static void types_and_branches_disappear(void **state)
{
    (void)state;
    assert_no_word(OFF_vector, "i32x4");
    assert_no_word(OFF_vector, "f64x2");
    assert_no_word(OFF_float, "load.f64");
    assert_no_word(OFF_float, "fadd ");
    assert_no_word(OFF_call, "call ");
    assert_no_word(OFF_branch | OFF_loop | OFF_trap | OFF_fault, "brif");
    assert_no_word(OFF_branch, "br_table");
    assert_no_word(OFF_trap, "trapnz");
    assert_no_word(OFF_align, "skew=");
    assert_no_word(OFF_align, " aligned");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accesses_and_slots_stay),
        cmocka_unit_test(what_is_off_disappears),
        cmocka_unit_test(types_and_branches_disappear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
