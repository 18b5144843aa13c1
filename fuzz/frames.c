#include "fuzz/frames.h"

#include "base/hash.h"
#include "base/rng.h"

#include <stdio.h>
#include <string.h>

/* In the generated frames.S. */
extern void (*const frames_outer[FRAMES_POOL])(void (*inner)(void));
extern void (*const frames_inner[FRAMES_POOL])(void);
extern const char frames_outer_names[FRAMES_POOL][FRAMES_NAME_SIZE];
extern const char frames_inner_names[FRAMES_POOL][FRAMES_NAME_SIZE];

typedef struct {
    uint64_t outer, inner;
    Rng letters;
} Pick;

static Pick pick(const char *signature)
{
    Rng r = rng_seeded(hash_bytes(signature, strlen(signature)));
    uint64_t outer = rng_below(&r, FRAMES_POOL), inner = rng_below(&r, FRAMES_POOL);
    return (Pick){outer, inner, r};
}

void frames_of(const char *signature, FrameNames *out)
{
    Pick p = pick(signature);
    out->outer = frames_outer_names[p.outer];
    out->inner = frames_inner_names[p.inner];
    for (uint32_t k = 0; k < FRAMES_LETTERS; k++)
        out->letters[k] = (char)('a' + rng_below(&p.letters, 26));
    out->letters[FRAMES_LETTERS] = 0;
}

void frames_abort(const char *signature)
{
    Pick p = pick(signature);
    FrameNames names;
    frames_of(signature, &names);
    fflush(stdout);
    fprintf(stderr, "tally.c:1: Assertion `%s %s' failed.\n", names.letters, signature);
    fflush(stderr);
    frames_outer[p.outer](frames_inner[p.inner]);
    __builtin_unreachable();
}
