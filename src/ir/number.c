#include "ir/number.h"

typedef __int128 Wide;

static Wide lowest(unsigned bits) { return -((Wide)1 << (bits - 1)); }
static Wide highest(unsigned bits) { return ((Wide)1 << (bits - 1)) - 1; }

static unsigned min_bits(unsigned a, unsigned b) { return a < b ? a : b; }

static int64_t min_i64(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t max_i64(int64_t a, int64_t b) { return a > b ? a : b; }

static int64_t sign_extend(uint64_t n, unsigned bits)
{
    return (int64_t)(n << (64 - bits)) >> (64 - bits);
}

/* Bounds that leave the type are lost; low bits beyond the type say nothing about the sign. */
static Number make(Wide lo, Wide hi, uint64_t low, unsigned nlow, unsigned bits)
{
    if (lo == hi) return number_exact(sign_extend((uint64_t)lo, bits));
    if (nlow >= bits) return number_exact(sign_extend(low, bits));
    if (lo < lowest(bits) || hi > highest(bits)) lo = lowest(bits), hi = highest(bits);
    return (Number){(int64_t)lo, (int64_t)hi, low & low_mask(nlow), (uint8_t)nlow};
}

Number number_any(unsigned bits)
{
    return make(lowest(bits), highest(bits), 0, 0, bits);
}

Number number_between(int64_t lo, int64_t hi)
{
    return make(lo, hi, 0, 0, 64);
}

/* How many lowest bits are known of both and equal. */
static unsigned common_low(const Number *a, const Number *b)
{
    uint64_t differ = a->low ^ b->low;
    unsigned equal = differ ? (unsigned)__builtin_ctzll(differ) : 64;
    return min_bits(equal, min_bits(a->nlow, b->nlow));
}

Number number_join(Number a, Number b)
{
    return make(min_i64(a.lo, b.lo), max_i64(a.hi, b.hi), a.low, common_low(&a, &b), 64);
}

Number number_widen(Number a, Number b, unsigned bits)
{
    Number n = number_join(a, b);
    if (n.lo != a.lo) n.lo = (int64_t)lowest(bits);
    if (n.hi != a.hi) n.hi = (int64_t)highest(bits);
    return n;
}

Number number_add_bounds(Number a, Number b, unsigned bits)
{
    unsigned nlow = min_bits(a.nlow, b.nlow);
    return make((Wide)a.lo + b.lo, (Wide)a.hi + b.hi, a.low + b.low, nlow, bits);
}

Number number_sub_bounds(Number a, Number b, unsigned bits)
{
    unsigned nlow = min_bits(a.nlow, b.nlow);
    return make((Wide)a.lo - b.hi, (Wide)a.hi - b.lo, a.low - b.low, nlow, bits);
}

/* How many lowest bits are known to be 0. */
static unsigned known_zeros(const Number *a)
{
    return a->low ? (unsigned)__builtin_ctzll(a->low) : a->nlow;
}

/* (x + 2^n * r) * (y + 2^m * s): what r and s are multiplied with has zeros of its own. */
Number number_mul(Number a, Number b, unsigned bits)
{
    Wide ends[] = {
        (Wide)a.lo * b.lo, (Wide)a.lo * b.hi, (Wide)a.hi * b.lo, (Wide)a.hi * b.hi,
    };
    Wide lo = ends[0], hi = ends[0];
    for (size_t k = 1; k < countof(ends); k++) {
        if (ends[k] < lo) lo = ends[k];
        if (ends[k] > hi) hi = ends[k];
    }
    unsigned nlow = min_bits(a.nlow + known_zeros(&b), b.nlow + known_zeros(&a));
    return make(lo, hi, a.low * b.low, min_bits(nlow, 64), bits);
}

/* The run of known bits that begins at bit 0. */
static unsigned leading_run(uint64_t known)
{
    return ~known ? (unsigned)__builtin_ctzll(~known) : 64;
}

static uint64_t known_ones(const Number *a) { return a->low; }
static uint64_t known_clear(const Number *a) { return ~a->low & low_mask(a->nlow); }

/* All ones from the highest bit of `n` down. */
static int64_t fill_down(int64_t n)
{
    return n ? (int64_t)low_mask(64 - (unsigned)__builtin_clzll((uint64_t)n)) : 0;
}

Number number_and(Number a, Number b, unsigned bits)
{
    if (number_is_exact(&a)) {
        Number c = a;
        a = b;
        b = c;
    }
    uint64_t known = known_clear(&a) | known_clear(&b) | (known_ones(&a) & known_ones(&b));
    unsigned nlow = leading_run(known);
    Wide lo = lowest(bits), hi = highest(bits);
    if (a.lo >= 0 || b.lo >= 0) {
        lo = 0;
        hi = a.lo < 0 ? b.hi : b.lo < 0 ? a.hi : min_i64(a.hi, b.hi);
    } else if (number_is_exact(&b) && is_power_of_two(-(uint64_t)b.lo)) {
        lo = a.lo & b.lo; /* rounding down keeps the order */
        hi = a.hi & b.lo;
    }
    return make(lo, hi, a.low & b.low, nlow, bits);
}

Number number_or(Number a, Number b, unsigned bits)
{
    uint64_t known = known_ones(&a) | known_ones(&b) | (known_clear(&a) & known_clear(&b));
    Wide lo = lowest(bits), hi = highest(bits);
    if (a.lo >= 0 && b.lo >= 0) {
        lo = max_i64(a.lo, b.lo);
        hi = fill_down(a.hi | b.hi);
    }
    return make(lo, hi, a.low | b.low, leading_run(known), bits);
}

Number number_xor(Number a, Number b, unsigned bits)
{
    Wide lo = lowest(bits), hi = highest(bits);
    if (a.lo >= 0 && b.lo >= 0) lo = 0, hi = fill_down(a.hi | b.hi);
    return make(lo, hi, a.low ^ b.low, min_bits(a.nlow, b.nlow), bits);
}

Number number_not(Number a)
{
    return make(~a.hi, ~a.lo, ~a.low, a.nlow, 64);
}

Number number_shl(Number a, unsigned by, unsigned bits)
{
    by %= bits;
    return make((Wide)a.lo * ((Wide)1 << by), (Wide)a.hi * ((Wide)1 << by), a.low << by,
                min_bits(a.nlow + by, 64), bits);
}

Number number_ushr(Number a, unsigned by, unsigned bits)
{
    by %= bits;
    if (by == 0) return a;
    Number n = bits == 64 ? a : number_zero_extend(a, bits);
    unsigned nlow = n.nlow > by ? n.nlow - by : 0;
    if (bits == 64 && n.lo < 0) {
        if (number_is_exact(&n)) return number_exact((int64_t)((uint64_t)n.lo >> by));
        return make(0, (Wide)low_mask(64 - by), n.low >> by, nlow, bits);
    }
    return make(n.lo >> by, n.hi >> by, n.low >> by, nlow, bits);
}

Number number_sshr(Number a, unsigned by, unsigned bits)
{
    by %= bits;
    unsigned nlow = a.nlow > by ? a.nlow - by : 0;
    return make(a.lo >> by, a.hi >> by, a.low >> by, nlow, 64);
}

Number number_smin(Number a, Number b)
{
    return make(min_i64(a.lo, b.lo), min_i64(a.hi, b.hi), a.low, common_low(&a, &b), 64);
}

Number number_smax(Number a, Number b)
{
    return make(max_i64(a.lo, b.lo), max_i64(a.hi, b.hi), a.low, common_low(&a, &b), 64);
}

/* Unsigned order is signed order where all signs are equal; else what is negative is the larger. */
static bool same_sign(const Number *a, const Number *b)
{
    return (a->lo >= 0 && b->lo >= 0) || (a->hi < 0 && b->hi < 0);
}

Number number_umin(Number a, Number b, unsigned bits)
{
    if (same_sign(&a, &b)) return number_smin(a, b);
    if (a.lo >= 0 && b.hi < 0) return a;
    if (b.lo >= 0 && a.hi < 0) return b;
    Wide lo = lowest(bits), hi = highest(bits);
    if (a.lo >= 0) lo = 0, hi = a.hi;
    if (b.lo >= 0) lo = 0, hi = b.hi;
    return make(lo, hi, a.low, common_low(&a, &b), bits);
}

Number number_umax(Number a, Number b, unsigned bits)
{
    if (same_sign(&a, &b)) return number_smax(a, b);
    if (a.lo >= 0 && b.hi < 0) return b;
    if (b.lo >= 0 && a.hi < 0) return a;
    return make(lowest(bits), highest(bits), a.low, common_low(&a, &b), bits);
}

Number number_udiv(Number a, Number b, unsigned bits)
{
    if (a.lo < 0 || b.lo <= 0) return number_any(bits);
    return make(a.lo / b.hi, a.hi / b.lo, 0, 0, bits);
}

Number number_urem(Number a, Number b, unsigned bits)
{
    if (b.lo <= 0) return number_any(bits);
    if (number_is_exact(&a) && number_is_exact(&b) && a.lo >= 0) return number_exact(a.lo % b.lo);
    int64_t most = b.hi - 1;
    if (a.lo >= 0 && a.hi < most) most = a.hi;
    unsigned nlow = number_is_exact(&b) ? min_bits(known_zeros(&b), a.nlow) : 0;
    return make(0, most, a.low & low_mask(nlow), nlow, bits);
}

Number number_zero_extend(Number a, unsigned bits)
{
    if (bits >= 64 || a.lo >= 0) return a;
    if (number_is_exact(&a)) return number_exact((int64_t)((uint64_t)a.lo & low_mask(bits)));
    Wide above = (Wide)1 << bits;
    if (a.hi < 0) return make(a.lo + above, a.hi + above, a.low, a.nlow, 64);
    return make(0, (Wide)low_mask(bits), a.low, a.nlow, 64);
}

Number number_reduce(Number a, unsigned bits)
{
    return make(a.lo, a.hi, a.low, a.nlow, bits);
}
