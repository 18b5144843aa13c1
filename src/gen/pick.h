/* The one picker: an address for whatever needs one.
 *
 *     Pick p;
 *     if (pick_access(fn, &c, (Need){.bytes = 4, .read = true}, &p))
 *         v = gen_load(fn, OP_load, TY_i32, p.flags, p.v, p.offset);
 *
 * It knows every address in scope with its object, range, alignment, region and permissions, may
 * derive a new one with a dynamic index, and makes a slot when none fits. Nothing is picked only
 * when the budget has no room for that slot.
 */
#ifndef GEN_PICK_H
#define GEN_PICK_H

#include "gen/scope.h"
#include "ir/contract.h"

/* At which of the offsets that are possible: mostly aligned ones and the last; the largest multiple
 * that is known; any. */
typedef enum { WHERE_usual, WHERE_over, WHERE_any } Where;

typedef struct {
    uint32_t bytes; /* 1 to 16, a power of two */
    bool read, write;
    bool plain;         /* no new index */
    bool aligned;       /* at a multiple of `bytes` */
    Where where;
    uint8_t other_than; /* origin plus 1: prefer an address of another origin */
    bool near;          /* prefer `at` bytes from the root, so that accesses through several */
    int64_t at;         /* parameters that are one meet */
} Need;

typedef struct {
    Value v;
    int32_t offset;
    MemFlags flags;
    Address from; /* resolved: from.v is v */
} Pick;

bool pick_access(Fn *fn, Choice *c, Need need, Pick *p);

/* In a slot that is made for it. */
bool pick_new_slot(Fn *fn, Choice *c, Need need, Pick *p);

/* The same through one of `roots`; false when it does not suit. */
bool pick_through(Fn *fn, Choice *c, uint32_t root, Need need, Pick *p);

/* Through that address, null and inaccessible ones too; false when there is no room. */
bool pick_from(Fn *fn, Choice *c, const Address *a, Need need, Pick *p);

/* What is true of an access of `bytes` at `offset` from `a`, or a part of it. */
MemFlags pick_flags(Fn *fn, Choice *c, const Address *a, int64_t offset, uint32_t bytes, bool load);

/* Of a load of what was stored through `p`, so that it gives the same value. */
MemFlags pick_flags_back(Fn *fn, Choice *c, const Pick *p, uint32_t bytes);

/* A data address in scope that points into its object, with its value made: for joins, cells and
 * comparisons. */
bool pick_address(Fn *fn, Choice *c, Address *a);

/* Bytes that an argument of the call in work may touch. */
typedef struct {
    Address from; /* resolved; lo and hi are those of the pointer passed */
    ByteRange range;
} Argument;

typedef struct {
    const Contract *contract;
    const Argument *disjoint[8]; /* from these it must be known to be */
    uint32_t ndisjoint;
    const Argument *overlap; /* with this it should overlap; or NULL */
} ArgumentNeed;

bool pick_argument(Fn *fn, Choice *c, const ArgumentNeed *n, Argument *out);

/* One that a parameter gave: in the entry function, an address in a heap. */
bool pick_parameter(Fn *fn, Choice *c, const ArgumentNeed *n, Argument *out);

#endif
