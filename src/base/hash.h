/* Hashing, by xxHash's XXH3 (64 bits). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/base.h"

uint64_t hash_bytes(const void *bytes, size_t n);

/* Continues from an earlier hash. */
uint64_t hash_more(uint64_t seed, const void *bytes, size_t n);

#endif
