/* Cases around one instruction: a cell of the table of what is supported, or of the census. */
#ifndef TRIAGE_CELL_H
#define TRIAGE_CELL_H

#include "ir/build.h"
#include "triage/census.h"

/* Each is a function `%cell` and a run of it on zeros and ones, with what the instruction needs
 * beside: heaps, a slot, somebody to call. They are not verified yet. NULL with a reason when the
 * instruction is not one that a single function can hold. */

/* `op` at controlling type `type`, its operands parameters. */
Case *cell_make(Arena *a, Op op, Type type, const char **reason);

/* The same for a cell of the census, which claims discipline. */
Case *cell_for(Arena *a, const CensusCell *cell, const char **reason);

/* Of these kinds of cells: CENSUS_access and CENSUS_flags, CENSUS_convention (cell_access.c). */
Case *cell_access(Arena *a, const CensusCell *cell);
Case *cell_convention(Arena *a, const CensusCell *cell);

/* A constant of that type: 1, or zeros. False when there is none. */
bool cell_constant(Builder *b, Type type, Value *out);

#endif
