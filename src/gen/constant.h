/* Constants: edges of the types, numbers used before, small ones, any. */
#ifndef GEN_CONSTANT_H
#define GEN_CONSTANT_H

#include "gen/emit.h"

/* A number for `bits` bits, sign-extended. */
int64_t choose_integer(Gen *g, Choice *c, unsigned bits);
/* Any code: one with a name in one of three. */
TrapCode choose_trap(Choice *c);
/* A whole value: the same lane everywhere, or each its own. */
Bits choose_bits(Gen *g, Choice *c, Type t);

Value gen_constant(Fn *fn, Choice *c, Type t);
Value gen_bits(Fn *fn, Type t, const Bits *bits);

#endif
