/* Which function a compiler fails on. Private to src/reduce.
 *
 * A case of several functions can make a compiler fail in several ways, and which of them it says
 * depends on the order of the functions; nor need a run come to the one that it is about. */
#ifndef REDUCE_CULPRIT_H
#define REDUCE_CULPRIT_H

#include "ir/case.h"

/* A case in which the run looks whether the address of function `func` of `c` is null; the
 * functions that that one refers to return zeros. */
Case *culprit_alone(const Case *c, uint32_t func, Arena *a);

#endif
