/* What is known of an integer before a function runs: bounds and its lowest bits.
 *
 *     Number i = number_any(32);                          i32, anything
 *     i = number_and(i, number_exact(7), 32);             0..7
 *     i = number_shl(number_zero_extend(i, 32), 4, 64);   0..112, the 4 lowest bits are 0
 *     number_add(i, number_exact(8), 64)                  8..120, 8 modulo 16
 *
 * A number of a type narrower than 64 bits stands for its value with the sign extended. Every
 * operation wraps as the type of `bits` bits (at most 64) does; bounds that wrap are lost, lowest
 * bits are not. All are plain statements that hold for every value the operands may have.
 */
#ifndef IR_NUMBER_H
#define IR_NUMBER_H

#include "base/base.h"

typedef struct {
    int64_t lo, hi; /* both included */
    uint64_t low;   /* the `nlow` lowest bits, others 0 */
    uint8_t nlow;   /* 64 when the number is exact */
} Number;

static inline uint64_t low_mask(unsigned n)
{
    return n >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << n) - 1;
}

Number number_any(unsigned bits);

static inline Number number_exact(int64_t n)
{
    return (Number){.lo = n, .hi = n, .low = (uint64_t)n, .nlow = 64};
}

Number number_between(int64_t lo, int64_t hi);

/* The lowest `bits` bits of `n`, with their sign extended. */
static inline Number number_wrapped(uint64_t n, unsigned bits)
{
    return number_exact((int64_t)(n << (64 - bits)) >> (64 - bits));
}

static inline bool number_is_exact(const Number *n)
{
    return n->lo == n->hi;
}

static inline bool number_is(const Number *n, int64_t value)
{
    return n->lo == value && n->hi == value;
}

static inline bool number_equal(const Number *a, const Number *b)
{
    return a->lo == b->lo && a->hi == b->hi && a->low == b->low && a->nlow == b->nlow;
}

/* True of both. */
Number number_join(Number a, Number b);

/* True of both; a bound that `b` moves is given up at once, so that repeating ends. */
Number number_widen(Number a, Number b, unsigned bits);

/* The general cases of the two below. */
Number number_add_bounds(Number a, Number b, unsigned bits);
Number number_sub_bounds(Number a, Number b, unsigned bits);

static inline Number number_add(Number a, Number b, unsigned bits)
{
    if (!number_is_exact(&a) || !number_is_exact(&b)) return number_add_bounds(a, b, bits);
    return number_wrapped((uint64_t)a.lo + (uint64_t)b.lo, bits);
}

static inline Number number_sub(Number a, Number b, unsigned bits)
{
    if (!number_is_exact(&a) || !number_is_exact(&b)) return number_sub_bounds(a, b, bits);
    return number_wrapped((uint64_t)a.lo - (uint64_t)b.lo, bits);
}

Number number_mul(Number a, Number b, unsigned bits);
Number number_and(Number a, Number b, unsigned bits);
Number number_or(Number a, Number b, unsigned bits);
Number number_xor(Number a, Number b, unsigned bits);
Number number_not(Number a);
Number number_shl(Number a, unsigned by, unsigned bits);
Number number_ushr(Number a, unsigned by, unsigned bits);
Number number_sshr(Number a, unsigned by, unsigned bits);
Number number_smin(Number a, Number b);
Number number_smax(Number a, Number b);
Number number_umin(Number a, Number b, unsigned bits);
Number number_umax(Number a, Number b, unsigned bits);
Number number_udiv(Number a, Number b, unsigned bits);
Number number_urem(Number a, Number b, unsigned bits);

/* From `bits` bits to 64 and back. Extending the sign changes nothing. */
Number number_zero_extend(Number a, unsigned bits);
Number number_reduce(Number a, unsigned bits);

#endif
