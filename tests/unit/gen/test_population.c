/* What the cases of 10,000 seeds contain: the shares of gen/stats.def. */
#include "play.h"

#include "gen/stats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>
#include <stdio.h>

enum { SEEDS = 10000 };

static void add_runs(GenStats *s, Player *p, const Case *c)
{
    for (uint32_t k = 0; k < c->runs.n; k++) {
        InterpResult r;
        play_run(p, c, &c->runs.at[k], &r);
        assert_true(r.status == INTERP_returned || r.status == INTERP_trapped);
        gen_stats_add_run(s, &(GenRun){.trapped = r.status == INTERP_trapped, .trap = r.trap,
                                       .steps = r.steps, .written = r.written});
    }
}

static void shares_hold(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    static GenStats s;
    Arena *process = arena_create(), *a = arena_create();
    Player *p = play_create(process);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Case *c = gen_next(&in, NULL, a);
        gen_stats_add(&s, c, a);
        add_runs(&s, p, c);
        arena_reset(a);
    }
    Buf text = {.arena = process};
    uint32_t broken = gen_stats_broken(&text, &s);
    if (broken) fputs(text.at, stderr);
    assert_int_equal(broken, 0);
    interp_destroy(p->interp);
    arena_destroy(a);
    arena_destroy(process);
}

/* Alignment: three quarters of what asks for 16 or more asks for 16. */
static void most_large_alignments_are_16(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    static GenStats s;
    Arena *a = arena_create();
    for (uint64_t seed = 0; seed < 1000; seed++) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        gen_stats_add(&s, gen_next(&in, NULL, a), a);
        arena_reset(a);
    }
    uint64_t larger = s.slot_aligns[5] + s.slot_aligns[6] + s.slot_aligns[7];
    uint64_t exact = s.slot_aligns[4];
    assert_true(s.slot_aligns[7] > 0 && s.slot_aligns[0] > 0);
    assert_in_range(100 * exact / (exact + larger), 65, 85);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_hold),
        cmocka_unit_test(most_large_alignments_are_16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
