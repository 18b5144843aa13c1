/* Constants that code reads from memory: 16 bytes each, aligned so, behind the code of a module. */
#ifndef JIT_X64_POOL_H
#define JIT_X64_POOL_H

#include "base/vec.h"
#include "ir/bits.h"
#include "jit/x64/minst.h"

typedef struct {
    Arena *arena;
    VEC(Bits) entries;
} Pool;

/* The number of the entry with these bits; one of the last few that are equal is used again. */
uint32_t pool_add(Pool *p, Bits bits);

/* The entry as a memory operand. */
Mem pool_memory(Pool *p, Bits bits);

#endif
