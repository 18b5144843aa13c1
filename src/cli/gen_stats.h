/* `tally gen --stats`: what a population of generated cases holds. */
#ifndef CLI_GEN_STATS_H
#define CLI_GEN_STATS_H

#include "gen/gen.h"

/* Generates the cases of seeds 0 to n - 1, runs them in the interpreter, prints every figure of
 * gen/stats.def with its demand (as one JSON object when `json`). Returns the exit status: 1 when
 * a demand does not hold. */
int gen_stats_command(uint64_t n, const GenOptions *g, bool json);

#endif
