/* Whether two accesses may touch the same byte, from what their addresses are made of: a base and
 * a constant offset. */
#ifndef JIT_ALIAS_H
#define JIT_ALIAS_H

#include "ir/func.h"

typedef enum { ALIAS_no, ALIAS_may, ALIAS_same } Alias;

/* Both are loads or stores with an address and an offset. ALIAS_same: the same bytes, all of
 * them. */
Alias alias_query(const Func *f, const InstData *p, const InstData *q);

#endif
