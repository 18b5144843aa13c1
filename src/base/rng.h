/* Random numbers with a seed: the same seed gives the same numbers everywhere.
 * Algorithm: SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
 * OOPSLA 2014). */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include "base/base.h"

typedef struct {
    uint64_t state;
} Rng;

static inline Rng rng_seeded(uint64_t seed)
{
    return (Rng){seed};
}

static inline uint64_t rng_u64(Rng *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

/* Uniform in [0, n), n > 0 (bias below 2^-32 for n < 2^32). */
static inline uint64_t rng_below(Rng *r, uint64_t n)
{
    return (uint64_t)((unsigned __int128)rng_u64(r) * n >> 64);
}

/* Fills `n` bytes. */
void rng_fill(Rng *r, void *bytes, size_t n);

#endif
