#include "jit/x64/pool.h"

#include "jit/x64/mfunc.h"

enum { ENTRIES_LOOKED_AT = 32 };

uint32_t pool_add(Pool *p, Bits bits)
{
    uint32_t n = p->entries.n;
    for (uint32_t k = n; k > 0 && n - k < ENTRIES_LOOKED_AT; k--)
        if (bits_equal(p->entries.at[k - 1], bits)) return k - 1;
    *vec_push(p->arena, &p->entries) = bits;
    return n;
}

Mem pool_memory(Pool *p, Bits bits)
{
    return (Mem){
        .kind = MEM_LABEL,
        .label = label_of(LABEL_const, pool_add(p, bits)),
        .index = REG_NONE,
    };
}
