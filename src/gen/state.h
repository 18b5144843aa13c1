/* What the files of the generator share: the case and the function in work.
 *
 * Values in scope stand in numbered places (`vars`, by type), addresses in two tables (`roots` of
 * objects, `derived` ones). A record names places, not values, so that a changed record changes
 * what later ones read from its place and nothing else.
 */
#ifndef GEN_STATE_H
#define GEN_STATE_H

#include "gen/table.h"
#include "ir/build.h"

enum {
    FUNCS_MAX = 8,
    PARAMS_MAX = 24,
    RETURNS_MAX = 8,
    VARS = PLACES_MAX,
    ORIGINS_MAX = 40,
    ROOTS_MAX = 16,
    DERIVED_MAX = 8,
    COUNTERS_MAX = 4,
    CELLS_MAX = 4,
    STANDINS_MAX = 6,
    DEPTH_MAX = 4,
    REUSE_MAX = 8,
    REGIONS_MAX = 4,
    NO_ORIGIN = 255,
    NO_PARAM = -1,
    NO_FUNC = -1,
};

/* What an address may point into: a slot, the object behind a parameter or behind a loaded
 * address, one of two joined. Offsets count from the root: the slot's start, the pointer. */
typedef struct {
    ByteRange range;  /* that data accesses may touch */
    ByteRange init;   /* that are initialised */
    int64_t cell;     /* offset of eight bytes that hold an address, or NO_CELL */
    const struct Contract *target; /* of a parameter's cell: what it points to; else NULL */
    int16_t cell_region; /* of all addresses that a slot's cell gets; -1: none so far */
    uint16_t align, skew; /* root = skew mod align */
    uint8_t region;   /* number plus 1 */
    bool is_slot, writable, constant, fault, null;
    Slot slot;
    uint64_t self;    /* which objects it may be: a bit for each known one */
    uint64_t reach;   /* which it may share bytes with */
} Origin;

#define NO_CELL INT64_MIN

typedef struct {
    Value v;       /* VALUE_none: a slot's address, made where it is used */
    uint8_t origin;  /* NO_ORIGIN: none */
    bool provable; /* from its operands alone */
    uint16_t align, skew;
    int64_t lo, hi; /* where it points, from the root: both included */
} Address;

/* A loop counter in [0, count). */
typedef struct {
    Value v;
    Type type;
    uint64_t count;
} Counter;

/* What a slot's cell holds here on every path. */
typedef struct {
    uint8_t slot;   /* origin with the cell, or NO_ORIGIN: nothing known */
    Address target; /* its value is not used: loading gives another */
} HeldAddress;

/* What control flow saves and restores. */
typedef struct {
    Value vars[KIND_COUNT][VARS];
    uint8_t held[KIND_COUNT]; /* which of these hold a value, as bits */
    Address derived[DERIVED_MAX];
    HeldAddress cells[CELLS_MAX];
    Counter counters[COUNTERS_MAX];
    uint32_t ncounters;
} Scope;

typedef struct {
    uint32_t bytes;
    uint32_t align;
    uint8_t region;
    bool cell; /* eight further bytes, at the end, for an address */
} SlotPlan;

/* A finished function, as callers see it. */
typedef struct {
    SlotPlan standins[STANDINS_MAX]; /* instead of address parameters */
    uint32_t nstandins;
    uint64_t steps; /* worst case, with its own calls of itself */
    int32_t out;    /* parameter behind which it publishes, or NO_PARAM */
    int32_t counter; /* i32 parameter: how often it calls itself, or NO_PARAM */
    uint32_t depth;  /* most of these calls */
    int32_t tail;    /* function that it calls in tail position, or NO_FUNC */
    bool needs_fault;
    uint32_t calls; /* sites so far */
    uint32_t records;
} FuncPlan;

typedef struct {
    Arena *a;
    GenInput *in;
    Case *c;
    Module *m;
    uint32_t off;
    uint64_t types; /* switched on */
    uint32_t sinks; /* values in scope at most, floats and vectors counted if they are off, too */
    uint32_t cost;  /* how many times as long as usual an expression may get */
    uint64_t budget;
    uint32_t insts, insts_max;
    uint32_t nfuncs, nruns;
    uint32_t laid_funcs; /* that have sections in the input */
    bool large;
    uint32_t nregions;   /* 0: no regions in this case */
    uint8_t home_region; /* of most objects: number plus 1 */
    uint32_t traps;    /* unguarded operations that may still be made */
    uint16_t fault_align; /* of all inaccessible heaps */
    FuncPlan funcs[FUNCS_MAX];
    int64_t reuse[REUSE_MAX];
} Gen;

typedef struct {
    Gen *g;
    Func *f;
    uint32_t index;
    Builder b;        /* where statements go */
    Builder top;      /* the prologue: dominates them all */
    uint32_t norigins, nobjects, nroots;
    uint32_t npassed; /* roots, the first ones, that are parameters or stand in for some */
    uint8_t null;     /* origin of null, or NO_ORIGIN */
    uint8_t fault;    /* origin of a fault heap's address, or NO_ORIGIN */
    Value fault_root;
    uint8_t out;      /* origin behind which slots are published, or NO_ORIGIN */
    Value out_root;
    uint64_t out_used;
    Value digest;     /* of what is observed by a result, i64, or VALUE_none */
    uint64_t steps, mult, limit;
    uint32_t debt;    /* instructions that publishing will take */
    uint32_t depth;   /* of control flow */
    bool recursed;    /* it calls itself */
    uint32_t records; /* left in the section */
    uint8_t *marks;   /* of each value */
    uint32_t marks_cap;
    Scope scope;
    Origin origins[ORIGINS_MAX];    /* norigins of them */
    Address roots[ROOTS_MAX]; /* nroots */
} Fn;

static inline bool is_on(const Gen *g, unsigned family)
{
    return !(g->off >> family & 1);
}

#endif
