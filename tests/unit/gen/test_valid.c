/* Every case passes the verifier with discipline, runs validly, and survives the way through
 * text: with all families, without each of them, without all, and from arbitrary bytes. */
#include "play.h"

#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct {
    Arena *a, *scratch, *process;
    Player *player;
    uint64_t steps_max;
} Bench;

static void assert_verified(Bench *b, const Case *c)
{
    Diag d = {.arena = b->scratch, .file = "generated"};
    if (case_verify(c, b->scratch, &d)) return;
    diag_print(&d, stderr);
    fail_msg("a generated case does not pass the verifier");
}

static void assert_runs(Bench *b, const Case *c)
{
    for (uint32_t k = 0; k < c->runs.n; k++) {
        InterpResult r;
        play_run(b->player, c, &c->runs.at[k], &r);
        if (r.status != INTERP_returned && r.status != INTERP_trapped)
            fail_msg("run %u is not valid: %s", k, r.reason ? r.reason : "out of fuel");
        assert_true(r.steps <= GEN_BUDGET);
        b->steps_max = max_u64(b->steps_max, r.steps);
    }
}

static void assert_round_trip(Bench *b, const Case *c)
{
    Buf first = {.arena = b->a}, second = {.arena = b->a};
    case_write(&first, c, NULL);
    Diag d = {.arena = b->scratch};
    Case *read = case_read(b->a, "generated", buf_str(&first), &d);
    if (!read) diag_print(&d, stderr);
    assert_non_null(read);
    case_write(&second, read, NULL);
    assert_true(str_equal(buf_str(&first), buf_str(&second)));
    assert_verified(b, read);
}

static void judge_input(Bench *b, const uint8_t *bytes, size_t n, uint32_t off)
{
    GenInput in = {.bytes = bytes, .n = n};
    GenOptions o = {.off = off};
    for (Case *c; (c = gen_next(&in, &o, b->a)) != NULL;) {
        assert_verified(b, c);
        assert_runs(b, c);
        assert_round_trip(b, c);
    }
    arena_reset(b->a);
    arena_reset(b->scratch);
}

static void judge_seeds(Bench *b, uint64_t from, uint64_t to, uint32_t off)
{
    static uint8_t bytes[GEN_SEED_BYTES];
    for (uint64_t seed = from; seed < to; seed++)
        judge_input(b, bytes, gen_seed_bytes(seed, bytes, sizeof bytes), off);
}

static void all_families(void **state) { judge_seeds(*state, 0, 5000, 0); }

static void each_family_off(void **state)
{
    for (unsigned k = 0; k < FAMILY_COUNT; k++) judge_seeds(*state, 5000, 5100, 1u << k);
}

static void all_families_off(void **state)
{
    judge_seeds(*state, 7000, 7200, (1u << FAMILY_COUNT) - 1);
}

static void pairs_of_families_off(void **state)
{
    for (unsigned k = 0; k < FAMILY_COUNT; k++)
        for (unsigned j = 0; j < k; j++) judge_seeds(*state, 8000, 8010, 1u << k | 1u << j);
}

static void arbitrary_bytes(void **state)
{
    static uint8_t bytes[4096];
    for (uint64_t seed = 0; seed < 100; seed++) {
        Rng r = rng_seeded(seed);
        rng_fill(&r, bytes, sizeof bytes);
        judge_input(*state, bytes, (size_t)rng_below(&r, sizeof bytes), 0);
    }
    for (unsigned fill = 0; fill < 256; fill += 5) {
        memset(bytes, (int)fill, sizeof bytes);
        judge_input(*state, bytes, sizeof bytes, 0);
    }
}

/* 1,000 inputs of 4 KiB and of 1 MiB: no run of theirs takes more steps than the budget, and some
 * come near it. */
static void random_inputs_run_within_the_budget(void **state)
{
    enum { MIB = 1 << 20 };
    Bench *b = *state;
    uint8_t *bytes = arena_array(b->process, uint8_t, 2 * MIB);
    Rng r = rng_seeded(2);
    rng_fill(&r, bytes, 2 * MIB);
    b->steps_max = 0;
    for (uint32_t k = 0; k < 2000; k++, arena_reset(b->a)) {
        GenInput in = {.bytes = bytes + k * 509, .n = k % 2 ? MIB : 4096};
        for (Case *c; (c = gen_next(&in, NULL, b->a)) != NULL;) assert_runs(b, c);
        assert_true(arena_used(b->a) < 64 * MIB);
    }
    assert_in_range(b->steps_max, GEN_BUDGET / 2, GEN_BUDGET);
}

static int begin(void **state)
{
    Arena *process = arena_create();
    Bench *b = arena_new(process, Bench);
    *b = (Bench){arena_create(), arena_create(), process, play_create(process), 0};
    *state = b;
    return 0;
}

static int end(void **state)
{
    Bench *b = *state;
    interp_destroy(b->player->interp);
    arena_destroy(b->a);
    arena_destroy(b->scratch);
    arena_destroy(b->process);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_families),          cmocka_unit_test(each_family_off),
        cmocka_unit_test(all_families_off),      cmocka_unit_test(pairs_of_families_off),
        cmocka_unit_test(arbitrary_bytes),
        cmocka_unit_test(random_inputs_run_within_the_budget),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
