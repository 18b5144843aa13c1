/* Exact float semantics where C's operators do not have them, for float and double alike. None
 * depends on the compiler, its optimisation or the C library: what is called there (sqrt, fma and
 * rounding to integers) is exact by definition. The rounding mode is to nearest, ties to even.
 */
#ifndef INTERP_FLOAT_H
#define INTERP_FLOAT_H

#include "interp/lane.h"

/* Any NaN in, that NaN out; -0 is below +0. */
float float_min32(float x, float y);
double float_min64(double x, double y);
float float_max32(float x, float y);
double float_max64(double x, double y);

/* To an integer, ties to even; the sign survives. */
float float_nearest32(float x);
double float_nearest64(double x);

typedef enum {
    FLOAT_fits,
    FLOAT_nan,   /* *out is 0 */
    FLOAT_below, /* *out is the smallest integer */
    FLOAT_above, /* *out is the largest */
} FloatFit;

/* Truncates toward zero to an integer of `bits` bits, 1 to 64, zero-extended. */
FloatFit float_to_unsigned(double x, unsigned bits, uint64_t *out);
FloatFit float_to_signed(double x, unsigned bits, uint64_t *out);

#endif
