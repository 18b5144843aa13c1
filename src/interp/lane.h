/* What the expressions of eval.def may call. A lane is a zero-extended integer of `bits` bits in a
 * uint64_t, or in a Wide for i128; each of these takes either, and gives what is not said to be
 * signed with garbage above `bits`.
 *
 *     sx(x)            signed value               low(x)        without the garbage
 *     top(x)           the sign bit, 0 or 1       top_bit       a lane with just that bit
 *     clz ctz cls popcount bit_reverse byte_swap
 *     mulhi_u(x, y)    upper half of the product; mulhi_s for signed lanes
 *     clamp_s(v)       a SignedWide into the range of a signed lane; clamp_u of an unsigned one
 */
#ifndef INTERP_LANE_H
#define INTERP_LANE_H

#include "base/base.h"

typedef unsigned __int128 Wide;
typedef __int128 SignedWide;

static inline uint64_t low64(uint64_t x, unsigned bits) { return x & UINT64_MAX >> (64 - bits); }
static inline Wide low128(Wide x, unsigned bits) { return x & ~(Wide)0 >> (128 - bits); }

static inline int64_t sx64(uint64_t x, unsigned bits)
{
    return (int64_t)(x << (64 - bits)) >> (64 - bits);
}

static inline SignedWide sx128(Wide x, unsigned bits)
{
    return (SignedWide)(x << (128 - bits)) >> (128 - bits);
}

static inline unsigned top64(uint64_t x, unsigned bits) { return x >> (bits - 1) & 1; }
static inline unsigned top128(Wide x, unsigned bits) { return (unsigned)(x >> (bits - 1)) & 1; }

static inline unsigned clz64(uint64_t x, unsigned bits)
{
    return x ? (unsigned)__builtin_clzll(x) - (64 - bits) : bits;
}

static inline unsigned clz128(Wide x, unsigned bits)
{
    uint64_t high = (uint64_t)(x >> 64);
    return (high ? clz64(high, 64) : 64 + clz64((uint64_t)x, 64)) - (128 - bits);
}

static inline unsigned ctz64(uint64_t x, unsigned bits)
{
    return x ? (unsigned)__builtin_ctzll(x) : bits;
}

static inline unsigned ctz128(Wide x, unsigned bits)
{
    uint64_t low = (uint64_t)x;
    return low ? ctz64(low, 64) : x ? 64 + ctz64((uint64_t)(x >> 64), 64) : bits;
}

static inline unsigned cls64(uint64_t x, unsigned bits)
{
    return clz64(low64(top64(x, bits) ? ~x : x, bits), bits) - 1;
}

static inline unsigned cls128(Wide x, unsigned bits)
{
    return clz128(low128(top128(x, bits) ? ~x : x, bits), bits) - 1;
}

static inline unsigned popcount64(uint64_t x) { return (unsigned)__builtin_popcountll(x); }

static inline unsigned popcount128(Wide x)
{
    return popcount64((uint64_t)x) + popcount64((uint64_t)(x >> 64));
}

static inline uint64_t byte_swap64(uint64_t x, unsigned bits)
{
    return __builtin_bswap64(x) >> (64 - bits);
}

static inline Wide byte_swap128(Wide x, unsigned bits)
{
    Wide swapped = (Wide)__builtin_bswap64((uint64_t)x) << 64 |
                   __builtin_bswap64((uint64_t)(x >> 64));
    return swapped >> (128 - bits);
}

/* Neighbouring bits, pairs and nibbles change places, then the bytes. */
static inline uint64_t bit_reverse64(uint64_t x, unsigned bits)
{
    x = (x & 0x5555555555555555) << 1 | (x >> 1 & 0x5555555555555555);
    x = (x & 0x3333333333333333) << 2 | (x >> 2 & 0x3333333333333333);
    x = (x & 0x0f0f0f0f0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f0f0f0f0f);
    return byte_swap64(x, bits);
}

static inline Wide bit_reverse128(Wide x, unsigned bits)
{
    Wide reversed = (Wide)bit_reverse64((uint64_t)x, 64) << 64 |
                    bit_reverse64((uint64_t)(x >> 64), 64);
    return reversed >> (128 - bits);
}

static inline uint64_t mulhi_u64(uint64_t x, uint64_t y, unsigned bits)
{
    return (uint64_t)((Wide)x * y >> bits);
}

/* By halves of 64 bits, as on paper; lanes are full. */
static inline Wide mulhi_u128(Wide x, Wide y, unsigned bits)
{
    (void)bits;
    Wide x0 = (uint64_t)x, x1 = x >> 64, y0 = (uint64_t)y, y1 = y >> 64;
    Wide middle = x1 * y0 + (x0 * y0 >> 64);
    Wide other = x0 * y1 + (uint64_t)middle;
    return x1 * y1 + (middle >> 64) + (other >> 64);
}

static inline uint64_t mulhi_s64(uint64_t x, uint64_t y, unsigned bits)
{
    return (uint64_t)((SignedWide)sx64(x, bits) * sx64(y, bits) >> bits);
}

/* A set sign bit weighs -2^B instead of 2^B: what the unsigned product has too much. */
static inline Wide mulhi_s128(Wide x, Wide y, unsigned bits)
{
    return mulhi_u128(x, y, bits) - (top128(x, bits) ? y : 0) - (top128(y, bits) ? x : 0);
}

static inline uint64_t clamp_signed(SignedWide v, unsigned bits)
{
    SignedWide max = ((SignedWide)1 << (bits - 1)) - 1, min = -max - 1;
    return (uint64_t)(v < min ? min : v > max ? max : v);
}

static inline uint64_t clamp_unsigned(SignedWide v, unsigned bits)
{
    SignedWide max = ((SignedWide)1 << bits) - 1;
    return (uint64_t)(v < 0 ? 0 : v > max ? max : v);
}

/* Rows call these, with their own `bits`. */
#define EITHER(f, x) _Generic((x), Wide: f##128, SignedWide: f##128, default: f##64)
#define low(x) EITHER(low, x)((x), bits)
#define sx(x) EITHER(sx, x)((x), bits)
#define top(x) EITHER(top, x)((x), bits)
#define top_bit ((__typeof__(x))1 << (bits - 1))
#define clz(x) EITHER(clz, x)((x), bits)
#define ctz(x) EITHER(ctz, x)((x), bits)
#define cls(x) EITHER(cls, x)((x), bits)
#define popcount(x) EITHER(popcount, x)(x)
#define byte_swap(x) EITHER(byte_swap, x)((x), bits)
#define bit_reverse(x) EITHER(bit_reverse, x)((x), bits)
#define mulhi_u(x, y) EITHER(mulhi_u, x)((x), (y), bits)
#define mulhi_s(x, y) EITHER(mulhi_s, x)((x), (y), bits)
#define clamp_s(v) clamp_signed((v), bits)
#define clamp_u(v) clamp_unsigned((v), bits)

#endif
