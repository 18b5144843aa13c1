/* NaNs whose sign and payload CLIF leaves open become one NaN where their bits would show: before
 * a store, a return, a call, a bitcast, a use as a sign. Each of these uses the float once, so
 * that what made it can still be fused. */
#ifndef GEN_NAN_H
#define GEN_NAN_H

#include "gen/constant.h"

/* `v` itself when its bits are fixed or it is no float; else a float of the same value. */
Value nan_fix(Fn *fn, Choice *c, Value v);

/* Of integers that are the bits of an open float: those of a float of the same value. */
Value nan_fix_integer(Fn *fn, Choice *c, Value bits);

/* The same as integers of as many lanes and bits: what a store wants. `v` when nothing is to do. */
Value nan_fix_bits(Fn *fn, Choice *c, Value v);

/* A value that two of one type with float lanes both show in: their sum or difference, where code
 * generators have that. */
Value nan_mix(Fn *fn, Choice *c, Value x, Value y);

#endif
