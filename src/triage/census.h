/* Which cells of the generator's language there are, and how often cases have them.
 *
 *     const CensusCells *cells = census_cells(arena);
 *     Census *c = census_create(arena);
 *     census_seeds(c, 1000000, &options);
 *     for (k < cells->n) use(census_count(c, &cells->at[k]));
 *
 * A cell is one of
 *
 *   an operand      instruction, types, source of the operand. The types are the controlling type
 *                   for operands that follow from it; that and the operand's where the operand has
 *                   a type of its own (`fcvt_to_sint.i32 of f64`, `brif of i8`); the operand's for
 *                   conditions, amounts, addresses and arguments, whatever the controlling type is
 *                   (`select condition.i8`, `call argument.f32`). It occurs once for each operand
 *                   that is like that; instructions without any occur once by themselves
 *   an access       instruction, type, what is known of the address's alignment, placement
 *   a flag set      of a load or a store that is not atomic: which flags, byte order, whether it
 *                   has a region, what it says of trapping
 *   a convention    and the purpose or extension of a parameter or of a result; occurs once for
 *                   each of a function that the case defines
 *
 * census.def has the words. What could be a cell comes from the tables of src/ir alone: each
 * instruction at each type of its typeset. What is one is found by trying: a case that holds it is
 * built (cell.h), verified for structure and discipline, run in the interpreter, and found in it by
 * the same code that counts. So a rule of the verifier, or a gap of the interpreter, takes cells
 * away, and what the generator believes takes none. The JIT is asked too: where it refuses the
 * case, the cell stays one, and is marked.
 *
 * Cases are counted as they stand, executed or not. Not told apart are conditions, lanes,
 * operations of atomic_rmw, sizes of heaps, and which of several operands of one role it is.
 */
#ifndef TRIAGE_CENSUS_H
#define TRIAGE_CENSUS_H

#include "gen/gen.h"
#include "ir/address.h"

typedef enum {
#define ROLE(name, letter) ROLE_##name,
#include "triage/census.def"
    ROLE_COUNT
} CensusRole;

typedef enum {
#define SOURCE(name, text) SOURCE_##name,
#include "triage/census.def"
    SOURCE_COUNT
} CensusSource;

typedef enum {
#define ALIGNMENT(name, text) ALIGNMENT_##name,
#include "triage/census.def"
    ALIGNMENT_COUNT
} CensusAlignment;

typedef enum {
#define PLACEMENT(name, text) PLACEMENT_##name,
#include "triage/census.def"
    PLACEMENT_COUNT
} CensusPlacement;

typedef enum {
#define PURPOSE(name, purpose, extension) CENSUS_PURPOSE_##name,
#include "triage/census.def"
    CENSUS_PURPOSE_COUNT
} CensusPurpose;

typedef enum {
#define REPORT(name) REPORT_##name,
#include "triage/census.def"
    REPORT_COUNT
} CensusReport;

typedef enum { CENSUS_operand, CENSUS_access, CENSUS_flags, CENSUS_convention } CensusKind;

/* What a load or store says. */
typedef struct {
    bool aligned, readonly, can_move, region, store;
    uint8_t order;  /* 0, MEMFLAG_little or MEMFLAG_big */
    uint8_t report; /* CensusReport */
} CensusFlags;

typedef struct {
    CensusKind kind;
    Op op;                     /* of an operand or access */
    Type type, other;          /* the types above; `other` is TY_none where there is one or none */
    CensusRole role;           /* of an operand, */
    CensusSource source;
    CensusAlignment alignment; /* of an access, */
    CensusPlacement placement;
    CensusFlags flags;         /* of a flag set, */
    CallConv conv;             /* of a convention */
    CensusPurpose purpose;
    bool result;               /* a result's, not a parameter's */
    uint32_t key;              /* among counts */
    bool legal, jit;           /* the JIT takes it */
} CensusCell;

typedef VEC(CensusCell) CensusCells;

/* Everything that could be a cell, whether it is `legal` decided. Takes a second or two. */
const CensusCells *census_cells(Arena *a);

/* Everything that could be one, undecided. */
CensusCells *census_candidates(Arena *a);

/* `fcvt_to_sint.i32 of f64`, `load.i32 skewed`; and what it is in there: `load`, `end`, `flags`. */
void census_name(Buf *out, const CensusCell *cell);
const char *census_detail(const CensusCell *cell);
extern const char *const census_kinds[];

typedef struct Census Census;
Census *census_create(Arena *a);
uint64_t census_count(const Census *c, const CensusCell *cell);

/* Adds what a case has, `scratch` for the time being. */
void census_case(Census *c, const Case *of, Arena *scratch);

/* Adds the cases of seeds 0 to n - 1, on all CPUs. */
void census_seeds(Census *c, uint64_t n, const GenOptions *g);

/* Of all cells, how often at least in how many cases: 20 in a million. */
enum { CENSUS_DEMAND = 20, CENSUS_CASES = 1000000 };

/* What is asked of `n` cases: CENSUS_DEMAND from CENSUS_CASES on, below that its share, at least
 * once. */
uint64_t census_demand(uint64_t n);

/* Whether `n` cases have all that is asked of them: nothing of less than CENSUS_CASES. */
bool census_holds(const Census *c, const CensusCells *cells, uint64_t n);

#endif
