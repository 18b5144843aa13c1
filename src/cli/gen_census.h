/* `tally gen --census`: how often a population of generated cases has each cell. */
#ifndef CLI_GEN_CENSUS_H
#define CLI_GEN_CENSUS_H

#include "gen/gen.h"

/* Counts the cells of triage/census.h in the cases of seeds 0 to n - 1 and prints those that are
 * short of what is asked of so many cases, and how many cells there are and how many are empty; as
 * JSON all of them, an object a line. Returns the exit status: 1 when one is short and there were a
 * million cases; of fewer cases nothing is demanded. */
int gen_census_command(uint64_t n, const GenOptions *g, bool json);

#endif
