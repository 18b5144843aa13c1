#define _GNU_SOURCE
/* Makes the seed corpus: for each row of seeds.def the smallest of the first cases that has its
 * words and does what its shape says, written to DIR/NAME, its words to DIR/NAME.words.
 *
 *     build/tally_seeds corpus/seeds
 */
#include "base/file.h"
#include "ir/write.h"
#include "tests/support/seed.h"
#include "triage/survey.h"

#include <stdio.h>

enum { SEARCHED = 20000 };

typedef struct {
    uint64_t seed;
    size_t size; /* of the printed case; 0: none found */
} Found;

static void search(Judge *j, Arena *a, Found found[countof(seeds)])
{
    static GenStats s;
    for (uint64_t seed = 0; seed < SEARCHED; seed++, arena_reset(a)) {
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        Buf text = {.arena = a};
        const Case *c = gen_next(&in, &(GenOptions){0}, a);
        case_write(&text, c, NULL);
        memset(&s, 0, sizeof s);
        survey_case(&s, j, &in, c, a);
        for (size_t k = 0; k < countof(seeds); k++) {
            if (found[k].size && found[k].size <= text.n) continue;
            if (!seed_has_words(&seeds[k], buf_str(&text))) continue;
            if (seed_has_shape(&seeds[k], &s)) found[k] = (Found){seed, text.n};
        }
    }
}

static bool write_seed(Arena *a, const char *folder, const Seed *row, uint64_t seed)
{
    uint8_t bytes[GEN_SEED_BYTES];
    size_t n = gen_seed_bytes(seed, bytes, sizeof bytes);
    Buf words = {.arena = a};
    const char *error = "", *path = arena_printf(a, "%s/%s", folder, row->name);
    for (const char *at = row->words; *at; at++) buf_char(&words, *at == '|' ? '\n' : *at);
    buf_char(&words, '\n');
    if (file_write(path, (Str){(const char *)bytes, n}, &error) &&
        file_write(arena_printf(a, "%s.words", path), buf_str(&words), &error))
        return true;
    fprintf(stderr, "%s: %s\n", path, error);
    return false;
}

int main(int argc, char **argv)
{
    if (argc != 2) return fputs("usage: tally_seeds DIR\n", stderr), EXIT_INPUT;
    Arena *a = arena_create();
    const char *error;
    Judge *j = judge_create(&(JudgeOptions){.backends = "interp"}, &error);
    CHECK(j);
    bool good = true;
    Found found[countof(seeds)] = {0};
    search(j, a, found);
    for (size_t k = 0; k < countof(seeds); k++) {
        if (found[k].size) good &= write_seed(a, argv[1], &seeds[k], found[k].seed);
        else printf("%s: none of the first %d seeds is one\n", seeds[k].name, SEARCHED);
        good &= found[k].size != 0;
    }
    judge_destroy(j);
    arena_destroy(a);
    return good ? EXIT_AGREE : EXIT_UNJUDGED;
}
