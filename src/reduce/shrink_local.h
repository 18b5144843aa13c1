/* What the files of the shrinker share. */
#ifndef REDUCE_SHRINK_LOCAL_H
#define REDUCE_SHRINK_LOCAL_H

#include "ir/address.h"
#include "reduce/shrink.h"

/* What the reference's run showed of a value. */
typedef struct {
    enum { SEEN_never, SEEN_once, SEEN_varied } how; /* once: it was the same each time */
    bool number; /* it does not depend on where anything lies */
    Bits bits;
} Seen;

/* A range of addresses that belongs to one object, with the bytes that it held. */
typedef struct {
    uint64_t lo, hi;
    const uint8_t *bytes; /* NULL: inaccessible */
    uint32_t align;       /* that contracts promise of `lo`, once it is rounded down */
    uint8_t region;       /* number plus 1 */
} Piece;

/* An address in memory, and the first byte of the range that its contract speaks of. */
typedef struct {
    uint64_t at, target, first;
} PieceCell;

/* A callee's activation as it began: its arguments, and the memory that contracts speak of. */
typedef struct {
    uint32_t func;
    Bits *args;
    VEC(Piece) pieces;
    VEC(PieceCell) cells;
} Start;

/* Everything that is known of the reference's run of a case. */
typedef struct {
    const Case *c;
    Arena *arena;
    Seen **values; /* by function and value */
    Addresses **addresses; /* by function */
    VEC(Start) starts;
    const PlacedHeap *heaps; /* by heap of the case; base NULL: another function's */
    Arena *bytes;            /* where memory is copied to */
} Trace;

/* Runs the case in the reference. False when nobody can be watched, or nothing came of it. */
bool trace_run(Judge *j, const Case *c, Arena *a, Arena *bytes, Trace *out);

/* A heap address as a value of a run line. False when no heap of the case holds it. */
bool trace_heap_address(const Trace *t, uint64_t address, DataValue *out);

/* The contract of an argument that takes the place of value `v` of the run's function, or of a slot
 * when that is VALUE_none, and whose value in the run is `d`. False when that cannot be said. */
bool shrink_contract(const Case *c, const Trace *t, Value v, const DataValue *d, Contract *out);

/* The region of all that is accessed in a slot of the run's function: number plus 1, 0 for none. */
uint8_t shrink_slot_region(const Trace *t, uint32_t slot);

/* Starts the run in a callee instead, with heaps in the place of what it was given. False when that
 * cannot be said. */
bool shrink_promote(Case *c, const Start *start);

typedef struct {
    uint32_t func;
    Block block;
    uint32_t at; /* in the block */
} InstPlace;

/* Changes an instruction of `c`, a copy of the traced case. False when it does not apply there. */
typedef bool ShrinkStep(Case *c, const Trace *t, InstPlace p);

typedef struct {
    const char *name;
    ShrinkStep *apply;
    bool chunks;
} ShrinkStepInfo;

extern const ShrinkStepInfo shrink_steps[];
extern const uint32_t shrink_steps_n;

/* Drops what changes left behind: unused pure instructions, blocks that nobody reaches, functions
 * that nobody calls. */
void shrink_clean(Case *c);

#endif
