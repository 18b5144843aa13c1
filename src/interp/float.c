#include "interp/float.h"

#include <math.h>

/* For each of float and double. */
#define MIN_MAX_NEAREST(type, suffix, copysign_, fabs_, rint_) \
    type float_min##suffix(type x, type y) \
    { \
        if (x != x) return x; \
        if (y != y) return y; \
        if (x == y) return signbit(x) ? x : y; \
        return x < y ? x : y; \
    } \
    type float_max##suffix(type x, type y) \
    { \
        if (x != x) return x; \
        if (y != y) return y; \
        if (x == y) return signbit(x) ? y : x; \
        return x < y ? y : x; \
    } \
    type float_nearest##suffix(type x) \
    { \
        return copysign_(rint_(x), x); \
    }
MIN_MAX_NEAREST(float, 32, copysignf, fabsf, rintf)
MIN_MAX_NEAREST(double, 64, copysign, fabs, rint)

/* 2 to the power of n, exactly. */
static double power(unsigned n) { return ldexp(1.0, (int)n); }

FloatFit float_to_unsigned(double x, unsigned bits, uint64_t *out)
{
    *out = 0;
    if (x != x) return FLOAT_nan;
    x = trunc(x);
    if (x < 0) return FLOAT_below;
    if (x >= power(bits)) return *out = UINT64_MAX >> (64 - bits), FLOAT_above;
    *out = (uint64_t)x;
    return FLOAT_fits;
}

FloatFit float_to_signed(double x, unsigned bits, uint64_t *out)
{
    uint64_t min = UINT64_C(1) << (bits - 1);
    *out = 0;
    if (x != x) return FLOAT_nan;
    x = trunc(x);
    if (x < -power(bits - 1)) return *out = min, FLOAT_below;
    if (x >= power(bits - 1)) return *out = min - 1, FLOAT_above;
    *out = low64((uint64_t)(int64_t)x, bits);
    return FLOAT_fits;
}
