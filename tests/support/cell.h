/* One cell of the table of what is supported: a function around one instruction at one type. */
#ifndef SUPPORT_CELL_H
#define SUPPORT_CELL_H

#include "ir/case.h"

/* A case that runs `op` at controlling type `type` once on zeros and ones, with a heap where it
 * needs an address; NULL with a reason when the format is not one a single function can hold. */
Case *cell_make(Arena *a, Op op, Type type, const char **reason);

#endif
