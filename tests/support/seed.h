/* The rows of seeds.def, and whether a case is what a row asks for. */
#ifndef SUPPORT_SEED_H
#define SUPPORT_SEED_H

#include "gen/stats.h"

enum { SHARE_none = SHARE_COUNT };

typedef struct {
    const char *name, *words;
    int shape; /* GenShare, SHARE_none when any will do */
} Seed;

static const Seed seeds[] = {
#define SEED(name, shape, words) {#name, words, SHARE_##shape},
#include "tests/support/seeds.def"
};

/* Whether the text has all words, and none of those behind a `!`. */
static inline bool seed_has_words(const Seed *s, Str text)
{
    for (const char *at = s->words; *at;) {
        bool wanted = *at != '!';
        const char *word = at + !wanted;
        size_t n = strcspn(word, "|");
        if ((memmem(text.at, text.n, word, n) != NULL) != wanted) return false;
        at = word + n + (word[n] == '|');
    }
    return true;
}

/* `stats` are those of the case alone. */
static inline bool seed_has_shape(const Seed *s, const GenStats *stats)
{
    return s->shape == SHARE_none || stats->share[s->shape] > 0;
}

#endif
