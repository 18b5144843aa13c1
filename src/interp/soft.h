/* Float arithmetic in integers, for the formats that C has no type for, f16 and f128; exact or
 * rounded once, to nearest, ties to even. Any NaN among the operands, and what has no value, gives
 * the positive quiet NaN without payload.
 *
 *     soft_add(0x3c00, 0x4000, 16) == 0x4200          1 + 2 in 16 bits
 *
 * A float is its bits in a Wide; `bits` is the width of its format: 16, 32, 64 or 128.
 */
#ifndef INTERP_SOFT_H
#define INTERP_SOFT_H

#include "interp/lane.h"

Wide soft_add(Wide x, Wide y, unsigned bits);
Wide soft_sub(Wide x, Wide y, unsigned bits);
Wide soft_mul(Wide x, Wide y, unsigned bits);
Wide soft_div(Wide x, Wide y, unsigned bits);
Wide soft_sqrt(Wide x, unsigned bits);
Wide soft_fma(Wide x, Wide y, Wide z, unsigned bits);

/* -0 is below +0. */
Wide soft_min(Wide x, Wide y, unsigned bits);
Wide soft_max(Wide x, Wide y, unsigned bits);

/* To integers; the sign survives. */
Wide soft_ceil(Wide x, unsigned bits);
Wide soft_floor(Wide x, unsigned bits);
Wide soft_trunc(Wide x, unsigned bits);
Wide soft_nearest(Wide x, unsigned bits);

/* Two doubles that compare as x and y do. */
typedef struct {
    double x, y;
} SoftPair;
SoftPair soft_compare(Wide x, Wide y, unsigned bits);

/* From one format to another. */
Wide soft_convert(Wide x, unsigned from, unsigned to);

/* An integer, by its magnitude. */
Wide soft_from_int(Wide magnitude, bool negative, unsigned bits);

/* Truncated toward zero: `magnitude` is the largest there is when that is too small for it. */
typedef struct {
    bool nan, negative, too_large;
    Wide magnitude;
} SoftInt;
SoftInt soft_to_int(Wide x, unsigned bits);

#endif
