#include "base/rng.h"

#include <string.h>

void rng_fill(Rng *r, void *bytes, size_t n)
{
    char *at = bytes;
    for (; n >= 8; n -= 8, at += 8) {
        uint64_t x = rng_u64(r);
        memcpy(at, &x, 8);
    }
    if (n) {
        uint64_t x = rng_u64(r);
        memcpy(at, &x, n);
    }
}
