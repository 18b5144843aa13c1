/* Steps: what may be changed in a case, and what is known of its run. Private to src/reduce.
 *
 *     for (uint32_t k = 0; k < steps_n; k++) {
 *         SiteVec sites = steps[k].sites(c, &trace, arena);
 *         if (steps[k].apply(copy, &trace, sites.at[0])) judge(copy);
 *     }
 *
 * A step changes a copy of the traced case at one site, and knows nothing of the others: whether
 * what comes of it is valid, and shows the same, is found by trying.
 */
#ifndef REDUCE_STEP_H
#define REDUCE_STEP_H

#include "ir/address.h"
#include "oracle/judge.h"

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
    bool floats;             /* operations on floats may be changed */
} Trace;

/* Runs the case in the reference. False when nobody can be watched, or nothing came of it. */
bool trace_run(Judge *j, const Case *c, Arena *a, Arena *bytes, Trace *out);

/* A heap address as a value of a run line. False when no heap of the case holds it. */
bool trace_heap_address(const Trace *t, uint64_t address, DataValue *out);

/* The contract of an argument that takes the place of value `v` of the run's function, or of a slot
 * when that is VALUE_none, and whose value in the run is `d`. False when that cannot be said. */
bool trace_contract(const Case *c, const Trace *t, Value v, const DataValue *d, Contract *out);

/* The region of all that is accessed in a slot of the run's function: number plus 1, 0 for none. */
uint8_t trace_slot_region(const Trace *t, uint32_t slot);

/* ---- steps -------------------------------------------------------------------------------- */

/* What a step is applied to, by what its row says: an instruction or a parameter is number `at` of
 * a block, anything else number `at` of a function or of the case. */
typedef struct {
    uint32_t func;
    Block block;
    uint32_t at;
} Site;

typedef VEC(Site) SiteVec;

/* In the order in which they are tried, the arrays in `a`. */
typedef SiteVec StepSites(const Case *c, const Trace *t, Arena *a);

/* Changes `c`, a copy of the traced case. False when it does not apply there. */
typedef bool Step(Case *c, const Trace *t, Site s);

typedef enum {
    HOW_first,  /* one site after the other, and after the first that is kept the next step */
    HOW_chunks, /* many sites at once, then fewer and fewer */
    HOW_again,  /* one site after the other, each as long as it is kept */
} StepHow;

typedef struct {
    const char *name, *meaning;
    StepSites *sites;
    Step *apply;
    uint8_t how; /* StepHow */
    bool quick;  /* signatures come of it */
} StepInfo;

extern const StepInfo steps[];
extern const uint32_t steps_n;

#define SITES(name, meaning) StepSites sites_##name;
#define STEP(name, sites, how, quick, meaning) Step step_##name;
#include "reduce/steps.def"

/* ---- what steps share --------------------------------------------------------------------- */

enum { ENTRY = 0, ARGUMENTS_MAX = 48 }; /* the run's function; parameters that it may be given */

Func *func_at(const Case *c, Site s);
Inst inst_at(const Case *c, Site s);
InstData *data_at(const Case *c, Site s);

/* Puts `fresh` in the place of all uses of `old`. */
void replace_value(Func *f, Value old, Value fresh);

void make_nop(InstData *i);

/* Whether any value of the type can be made by instructions. */
bool has_constants(Type t);

/* Defines `result`, which nothing else does, by a new constant at `at` in the block; one of i128 is
 * made of two. */
void insert_constant(Func *f, Block b, uint32_t at, Value result, const Bits *bits);

/* An instruction becomes constants, one a result, or goes when it has none. */
bool set_results(Case *c, Site s, const Bits *bits);

/* Drops parameter `at` of a block, which nothing uses any more, and what is passed for it; that of
 * an entry block with the function's parameter. False when that cannot be. */
bool drop_block_param(Case *c, Site p);

/* Drops result `at` of a function, and of all calls of it. False when that cannot be. */
bool drop_result(Case *c, uint32_t func, uint32_t at);

/* Whether the module mentions a function only where it is called, by an ordinary or a tail call. */
bool func_is_only_called(const Case *c, uint32_t func);

/* References get the types of the functions that they refer to. */
void match_signatures(Case *c);

/* Calls `change` with the signature of the function and of each reference to it. False when the
 * function is not only called directly. */
typedef void ChangeSignature(Signature *sig, uint32_t at);
bool change_signatures(Case *c, uint32_t func, uint32_t at, ChangeSignature *change);

/* Calls `visit` for each direct call of the function, in each block from the last to the first, so
 * that it may put instructions ahead of it. Whether one of them was changed. */
typedef bool VisitCall(Case *c, Site p, uint32_t at);
bool visit_calls(Case *c, uint32_t func, uint32_t at, VisitCall *visit);

/* Another parameter of the run's function; an address when it has a contract. */
Value add_argument(Case *c, Type type, const DataValue *value, const Contract *contract);

/* Drops what changes left behind: unused pure instructions, blocks that nobody reaches, functions
 * that nobody calls. */
void clean_case(Case *c);

#endif
