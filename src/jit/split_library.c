/* What split code calls: C, where the compiler has 128 bits. An i128 comes in two registers, low
 * half first, and goes the same way (System V ABI, 3.2.3). None of these traps: what traps is
 * asked before the call. */
#include "jit/split_local.h"

#include <string.h>

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

static double as_f64(uint64_t bits)
{
    double x;
    return memcpy(&x, &bits, sizeof x), x;
}

/* C converts what fits; what does not becomes the nearest that does, NaN 0. A float comes as its
 * bits. */
static Wide library_f64_to_uint(uint64_t bits)
{
    double x = as_f64(bits);
    if (!(x > 0)) return 0;
    return x < 0x1p128 ? (Wide)x : ~(Wide)0;
}

static Wide library_f64_to_sint(uint64_t bits)
{
    double x = as_f64(bits);
    Wide smallest = (Wide)1 << 127;
    if (x != x) return 0;
    if (x < -0x1p127) return smallest;
    return x < 0x1p127 ? (Wide)(SignedWide)x : smallest - 1;
}

/* The smallest integer stands for what does not fit. */
static Wide library_f64_cut(uint64_t bits)
{
    double x = as_f64(bits);
    return x >= -0x1p127 && x < 0x1p127 ? (Wide)(SignedWide)x : (Wide)1 << 127;
}

/* -- Atomic accesses --------------------------------------------------------------------------- */

/* If memory holds `expected`, x is written; what it held. */
static Wide library_atomic_cas(Wide *at, Wide expected, Wide x)
{
    uint64_t low = (uint64_t)expected, high = (uint64_t)(expected >> 64);
    __asm__ volatile("lock cmpxchg16b %0"
                     : "+m"(*at), "+a"(low), "+d"(high)
                     : "b"((uint64_t)x), "c"((uint64_t)(x >> 64))
                     : "cc");
    return (Wide)high << 64 | low;
}

/* Writes what is there already: 0 is 0. */
static Wide library_atomic_load(Wide *at)
{
    return library_atomic_cas(at, 0, 0);
}

static Wide exchanged(Wide x)
{
    return (Wide)__builtin_bswap64((uint64_t)x) << 64 | __builtin_bswap64((uint64_t)(x >> 64));
}

static Wide modified(AtomicOp op, Wide x, Wide y)
{
    switch (op) {
    case ATOMIC_add: return x + y;
    case ATOMIC_sub: return x - y;
    case ATOMIC_and: return x & y;
    case ATOMIC_nand: return ~(x & y);
    case ATOMIC_or: return x | y;
    case ATOMIC_xor: return x ^ y;
    case ATOMIC_xchg: return y;
    case ATOMIC_umin: return x < y ? x : y;
    case ATOMIC_umax: return x > y ? x : y;
    case ATOMIC_smin: return (SignedWide)x < (SignedWide)y ? x : y;
    case ATOMIC_smax: return (SignedWide)x > (SignedWide)y ? x : y;
    case ATOMIC_COUNT: break;
    }
    bug("no atomic operation");
}

/* `how` is split_rmw_number. */
static Wide library_atomic_rmw(Wide *at, uint64_t how, Wide y)
{
    bool big = how & 1;
    Wide old = library_atomic_load(at), seen;
    do {
        seen = old;
        Wide x = modified((AtomicOp)(how >> 1), big ? exchanged(seen) : seen, y);
        old = library_atomic_cas(at, seen, big ? exchanged(x) : x);
    } while (old != seen);
    return big ? exchanged(old) : old;
}

static Wide library_atomic_store(Wide *at, Wide x)
{
    return library_atomic_rmw(at, split_rmw_number(ATOMIC_xchg, false), x);
}

/* ---------------------------------------------------------------------------------------------- */

const void *split_library_function(Library fn)
{
    static const void *const functions[LIBRARY_COUNT] = {
#define LIBRARY(name, params, result) [LIBRARY_##name] = (const void *)library_##name,
#include "jit/split_library.def"
    };
    return functions[fn];
}
