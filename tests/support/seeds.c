#define _GNU_SOURCE
/* Makes the seed corpus: for each row of seeds.def the smallest of the first cases that has its
 * words, written to DIR/NAME, its words to DIR/NAME.words.
 *
 *     build/tally_seeds corpus/seeds
 */
#include "base/file.h"
#include "gen/gen.h"
#include "ir/write.h"

#include <stdio.h>

enum { SEARCHED = 20000 };

typedef struct {
    const char *name, *words;
    uint64_t seed;
    size_t size; /* of the printed case; 0: none found */
} Row;

static Row rows[] = {
#define SEED(name, words) {#name, words, 0, 0},
#include "seeds.def"
};

static bool has_words(Str text, const char *words)
{
    while (*words) {
        size_t n = strcspn(words, "|");
        if (!memmem(text.at, text.n, words, n)) return false;
        words += n + (words[n] == '|');
    }
    return true;
}

static void search(Arena *a)
{
    for (uint64_t seed = 0; seed < SEARCHED; seed++, arena_reset(a)) {
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        Buf text = {.arena = a};
        case_write(&text, gen_next(&in, &(GenOptions){0}, a), NULL);
        for (size_t k = 0; k < countof(rows); k++) {
            if (rows[k].size && rows[k].size <= text.n) continue;
            if (!has_words(buf_str(&text), rows[k].words)) continue;
            rows[k].seed = seed;
            rows[k].size = text.n;
        }
    }
}

static bool write_row(Arena *a, const char *folder, const Row *row)
{
    uint8_t bytes[GEN_SEED_BYTES];
    size_t n = gen_seed_bytes(row->seed, bytes, sizeof bytes);
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
    bool good = true;
    search(a);
    for (size_t k = 0; k < countof(rows); k++) {
        if (rows[k].size) good &= write_row(a, argv[1], &rows[k]);
        else printf("%s: none of the first %d seeds has its words\n", rows[k].name, SEARCHED);
        good &= rows[k].size != 0;
    }
    arena_destroy(a);
    return good ? EXIT_AGREE : EXIT_UNJUDGED;
}
