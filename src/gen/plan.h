/* Signatures and contracts. A contract is chosen when its function is made, often after one of a
 * function that it may call, so that its parameter can be passed on; callers then satisfy it.
 */
#ifndef GEN_PLAN_H
#define GEN_PLAN_H

#include "gen/slot.h"

/* A function with signature and contracts, without blocks. The range behind an out parameter is
 * set when the function is finished. */
Func *plan_func(Gen *g, uint32_t index, Choice *c);

#endif
