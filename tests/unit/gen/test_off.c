/* What is switched off from outside changes no place: cases begin where they do with everything on.
 * Once they did not, and the same input held other cases than with everything on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/rng.h"
#include "gen/gen.h"

enum { INPUTS = 60, BYTES = 1500 };

typedef struct {
    size_t begin[GEN_CASES_MAX];
    uint32_t n;
} Places;

static Places places(const uint8_t *bytes, uint32_t off, Arena *a)
{
    GenInput in = {.bytes = bytes, .n = BYTES};
    GenOptions o = {.off = off};
    Places p = {0};
    for (size_t at = in.at; gen_next(&in, &o, a); at = in.at) p.begin[p.n++] = at;
    arena_reset(a);
    return p;
}

static void cases_begin_where_they_did(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Rng rng = rng_seeded(1);
    uint8_t bytes[BYTES];
    uint32_t several = 0;
    for (int k = 0; k < INPUTS; k++) {
        rng_fill(&rng, bytes, sizeof bytes);
        Places all = places(bytes, 0, a);
        several += all.n > 1;
        for (uint32_t family = 0; family < FAMILY_COUNT; family++) {
            Places less = places(bytes, 1u << family, a);
            assert_int_equal(less.n, all.n);
            assert_memory_equal(less.begin, all.begin, all.n * sizeof all.begin[0]);
        }
    }
    assert_true(several > INPUTS / 2);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_begin_where_they_did),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
