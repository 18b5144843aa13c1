/* What split code calls: C, where the compiler has 128 bits. An i128 comes in two registers, low
 * half first, and goes the same way (System V ABI, 3.2.3). None of these traps: what traps is
 * asked before the call. */
#include "jit/split_local.h"

typedef unsigned __int128 Wide;
typedef __int128 SignedWide;

static Wide library_udiv(Wide x, Wide y) { return x / y; }
static Wide library_urem(Wide x, Wide y) { return x % y; }
static Wide library_sdiv(SignedWide x, SignedWide y) { return (Wide)(x / y); }

/* C's % of the smallest integer and -1 overflows. */
static Wide library_srem(SignedWide x, SignedWide y) { return y == -1 ? 0 : (Wide)(x % y); }

static Wide product(uint64_t x, uint64_t y) { return (Wide)x * y; }

/* The upper half of 256 bits, of the four products of halves. */
static Wide library_umulhi(Wide x, Wide y)
{
    uint64_t x0 = (uint64_t)x, x1 = (uint64_t)(x >> 64);
    uint64_t y0 = (uint64_t)y, y1 = (uint64_t)(y >> 64);
    Wide middle = product(x1, y0) + (product(x0, y0) >> 64);
    Wide other = product(x0, y1) + (uint64_t)middle;
    return product(x1, y1) + (middle >> 64) + (other >> 64);
}

/* A negative x is its unsigned value less 2^128: the product is less by y << 128. */
static Wide library_smulhi(SignedWide x, SignedWide y)
{
    Wide high = library_umulhi((Wide)x, (Wide)y);
    return high - (x < 0 ? (Wide)y : 0) - (y < 0 ? (Wide)x : 0);
}

static float library_uint_to_f32(Wide x) { return (float)x; }
static double library_uint_to_f64(Wide x) { return (double)x; }
static float library_sint_to_f32(SignedWide x) { return (float)x; }
static double library_sint_to_f64(SignedWide x) { return (double)x; }

const void *split_library_function(Library fn)
{
    static const void *const functions[LIBRARY_COUNT] = {
#define LIBRARY(name, params, result) [LIBRARY_##name] = (const void *)library_##name,
#include "jit/split_library.def"
    };
    return functions[fn];
}
