/* Every combination of memory flags that can be true of an access occurs, of loads and of stores;
 * and what each means is true is what the interpreter checks (test_valid.c). */
#include "base/rng.h"
#include "gen/gen.h"
#include "ir/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { SEEDS = 10000, LOAD_FLAGS = 6, STORE_FLAGS = 4 };

/* Those of an access, and whether it names a region. */
enum {
    FLAG_aligned = 1, FLAG_notrap = 2, FLAG_little = 4, FLAG_region = 8,
    FLAG_readonly = 16, FLAG_can_move = 32,
};

static unsigned flags_of(const MemFlags *f)
{
    return (f->bits & MEMFLAG_aligned ? FLAG_aligned : 0) |
           (f->bits & MEMFLAG_notrap ? FLAG_notrap : 0) |
           (f->bits & MEMFLAG_little ? FLAG_little : 0) | (f->region ? FLAG_region : 0) |
           (f->bits & MEMFLAG_readonly ? FLAG_readonly : 0) |
           (f->bits & MEMFLAG_can_move ? FLAG_can_move : 0);
}

static uint32_t loads[1 << LOAD_FLAGS], stores[1 << LOAD_FLAGS];

static void count_func(const Func *f)
{
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            const InstData *i = func_inst(f, bd->insts.at[n]);
            Access a;
            if (!inst_access(i, &a)) continue;
            ++(a.writes ? stores : loads)[flags_of(&i->flags)];
        }
    }
}

static int count(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    Arena *a = arena_create();
    for (uint64_t seed = 0; seed < SEEDS; seed++, arena_reset(a)) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Module *m = gen_next(&in, NULL, a)->module;
        for (uint32_t k = 0; k < m->funcs.n; k++) count_func(m->funcs.at[k]);
    }
    arena_destroy(a);
    return 0;
}

static void assert_all(const char *what, const uint32_t *seen, unsigned nflags)
{
    for (unsigned k = 0; k < 1u << nflags; k++)
        if (!seen[k]) fail_msg("no %s with flags %u", what, k);
}

static void loads_have_all_combinations(void **state)
{
    (void)state;
    assert_all("load", loads, LOAD_FLAGS);
}

/* `readonly` and `can_move` are never true of a store. */
static void stores_have_all_combinations(void **state)
{
    (void)state;
    assert_all("store", stores, STORE_FLAGS);
    for (unsigned k = 1 << STORE_FLAGS; k < 1 << LOAD_FLAGS; k++) assert_int_equal(stores[k], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads_have_all_combinations),
        cmocka_unit_test(stores_have_all_combinations),
    };
    return cmocka_run_group_tests(tests, count, NULL);
}
