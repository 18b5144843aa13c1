#define _GNU_SOURCE
/* The seed corpus: each seed is what its row of tests/support/seeds.def says, and each shape that
 * the population must hold has a seed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/file.h"
#include "ir/write.h"
#include "survey.h"
#include "tests/support/seed.h"

static void check_seed(Player *p, Arena *a, const Seed *row)
{
    static GenStats stats;
    Str bytes;
    const char *error, *path = arena_printf(a, "corpus/seeds/%s", row->name);
    if (!file_read(a, path, GEN_SEED_BYTES, &bytes, &error)) fail_msg("%s: %s", path, error);
    GenInput in = {.bytes = (const uint8_t *)bytes.at, .n = bytes.n};
    const Case *c = gen_next(&in, &(GenOptions){0}, a);
    Buf text = {.arena = a};
    case_write(&text, c, NULL);
    if (!seed_has_words(row, buf_str(&text))) fail_msg("%s has not the words of its row", path);
    memset(&stats, 0, sizeof stats);
    survey_case(&stats, p, &in, c, a);
    if (!seed_has_shape(row, &stats)) fail_msg("%s has not the shape of its row", path);
}

static void seeds_are_what_they_are_called(void **state)
{
    (void)state;
    Arena *process = arena_create(), *a = arena_create();
    Player *p = play_create(process);
    for (size_t k = 0; k < countof(seeds); k++, arena_reset(a)) check_seed(p, a, &seeds[k]);
    interp_destroy(p->interp);
    arena_destroy(a);
    arena_destroy(process);
}

static const struct {
    const char *name, *of;
    int least;
} shapes[] = {
#define SHARE(name, of, least, most, meaning) {#name, #of, least},
#define MEAN(name, sum, of, least, meaning)
#define LIMIT(name, field, most, meaning)
#include "gen/stats.def"
};

/* Shares of runs are not the corpus's to hold. */
static void shapes_have_seeds(void **state)
{
    (void)state;
    for (int shape = 0; shape < SHARE_COUNT; shape++) {
        bool has_seed = !strcmp(shapes[shape].of, "run") || !shapes[shape].least;
        for (size_t k = 0; k < countof(seeds); k++) has_seed |= seeds[k].shape == shape;
        if (!has_seed) fail_msg("no seed of the shape %s", shapes[shape].name);
    }
}

/* A row that asks for nothing would be content with anything. */
static void words_tell_cases_apart(void **state)
{
    (void)state;
    Seed wanted = {"", "iadd|!isub", SHARE_none};
    assert_true(seed_has_words(&wanted, str_of("v2 = iadd v0, v1")));
    assert_false(seed_has_words(&wanted, str_of("v2 = iadd v0, v1; v3 = isub v0, v1")));
    assert_false(seed_has_words(&wanted, str_of("v2 = imul v0, v1")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds_are_what_they_are_called),
        cmocka_unit_test(shapes_have_seeds),
        cmocka_unit_test(words_tell_cases_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
