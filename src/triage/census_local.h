/* What the files of the census share: the keys of counts. */
#ifndef TRIAGE_CENSUS_LOCAL_H
#define TRIAGE_CENSUS_LOCAL_H

#include "triage/census.h"

/* The role of operand `k`, counted without those of blocks. */
CensusRole census_role(Op op, uint32_t k);

/* Whether the operands of that role are told apart by their type and the controlling one. */
bool census_has_other(Op op, CensusRole role);

/* Each key is below this. */
uint32_t census_keys(void);

/* A row of sources; NO_INDEX when the instruction has no such operand. */
uint32_t census_operand_key(Op op, CensusRole role, Type type, Type other);
uint32_t census_access_key(Op op, Type type, CensusAlignment alignment, CensusPlacement placement);
uint32_t census_flags_key(CensusFlags flags);
uint32_t census_convention_key(CallConv conv, CensusPurpose purpose, bool result);

/* Adds the counts of another one. */
void census_add(Census *c, const Census *other);

#endif
