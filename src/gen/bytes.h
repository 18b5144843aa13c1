/* An input as records of fixed size, and the choices that a record decides.
 *
 *     Choice c = input_record(in);          8 bytes, zeros past the end
 *     if (choose(&c, 4) == 0) ...           uniform below 4
 *
 * All choices of a record come from its own bytes, so that changing one record changes no choice
 * of another. A record of zeros chooses 0 every time.
 */
#ifndef GEN_BYTES_H
#define GEN_BYTES_H

#include "gen/gen.h"

enum { RECORD_BYTES = 8 };

typedef struct {
    uint64_t raw;   /* the record's bytes, little-endian */
    uint64_t state; /* 0 stays 0 */
} Choice;

/* The finaliser of MurmurHash3 (Appleby): a bijection with 0 -> 0. */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 33) * 0xff51afd7ed558ccdu;
    x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}

static inline Choice choice_of(uint64_t raw)
{
    return (Choice){.raw = raw, .state = mix(raw)};
}

static inline uint8_t record_byte(const Choice *c, unsigned k)
{
    return (uint8_t)(c->raw >> 8 * k);
}

/* 32 random bits: a multiplicative congruential generator (L'Ecuyer 1999, table 4). */
static inline uint32_t choose_u32(Choice *c)
{
    c->state *= 0x27bb2ee687b0b0fdu;
    return (uint32_t)(c->state >> 32);
}

static inline uint64_t choose_u64(Choice *c)
{
    uint64_t high = choose_u32(c);
    return high << 32 | choose_u32(c);
}

/* Uniform below n, n > 0. */
static inline uint32_t choose(Choice *c, uint32_t n)
{
    return (uint32_t)((uint64_t)choose_u32(c) * n >> 32);
}

/* True in `n` of `of` cases, false for a record of zeros. */
static inline bool chance(Choice *c, uint32_t n, uint32_t of)
{
    return choose(c, of) >= of - n;
}

/* Takes the next record. */
Choice input_record(GenInput *in);

/* The next record is taken from `at`. */
static inline void input_seek(GenInput *in, size_t at)
{
    in->at = at < in->n ? at : in->n;
}

#endif
