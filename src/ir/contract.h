/* What a callee may assume of an address parameter, and which other parameters it may overlap
 * with. The text form is the directive
 *
 *     ; address: %callee 0 range=-16..48, align=16, skew=8, region=2, init=all
 *     ; address: %callee 1 range=0..16, cell 8 = (range=0..16)
 *     ; address: %callee 0,1 disjoint
 *
 * after the function it belongs to.
 */
#ifndef IR_CONTRACT_H
#define IR_CONTRACT_H

#include "ir/func.h"

/* A half-open range of byte offsets from the pointer. */
typedef struct {
    int64_t lo, hi;
} ByteRange;

typedef enum {
    RELATION_any,      /* may overlap in any way */
    RELATION_disjoint, /* no byte in common */
    RELATION_same,     /* equal addresses */
} Relation;

typedef struct Cell Cell;

typedef struct Contract {
    bool is_address;     /* false: an ordinary parameter, the rest means nothing */
    bool readonly;       /* nobody writes a byte of the range from entry to exit of the
                            activation */
    bool nowrite;        /* the callee, and what it calls, writes no byte through this pointer */
    bool fault;          /* points into an inaccessible heap: every access traps */
    uint8_t region;      /* region number plus 1; 0 is none */
    uint16_t align;      /* power of two, at least 1 */
    uint16_t skew;       /* pointer mod align, below align */
    ByteRange range;     /* bytes around the pointer that belong to its object */
    VEC(ByteRange) init; /* what is initialised on entry */
    VEC(Cell) cells;
    Relation *relations; /* to each parameter of lower index; NULL: any */
} Contract;

/* Eight bytes at `offset` that hold an address for which `target` is true. */
struct Cell {
    int64_t offset;
    Contract target;
};

/* NULL when parameter `index` of `f` is not an address. */
static inline const Contract *func_contract(const Func *f, uint32_t index)
{
    return f->contracts && f->contracts[index].is_address ? &f->contracts[index] : NULL;
}

/* How parameters `i` and `j` of `f` (any order) are related. */
Relation func_relation(const Func *f, uint32_t i, uint32_t j);

/* Makes room for contracts and relations of all parameters of `f`; does nothing if they are
 * there. */
void func_add_contracts(Func *f);
void func_set_relation(Func *f, uint32_t i, uint32_t j, Relation relation);

#endif
