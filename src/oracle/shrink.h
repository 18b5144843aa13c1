/* A quick, bounded reduction of a case that keeps what is wrong with it: enough for a signature,
 * not yet for a reader.
 *
 *     Case *small = shrink_case(judge, c, &verdict, arena, 2000);
 *
 * A candidate replaces results by zeros or by an operand, drops instructions without results, or
 * makes branches unconditional. It is kept when it is still valid and shows a difference of the
 * same kind in the same configuration. Only the run that differs stays.
 */
#ifndef ORACLE_SHRINK_H
#define ORACLE_SHRINK_H

#include "oracle/judge.h"

/* Judges at most `tries` candidates. The result lives in `a`; never NULL. */
Case *shrink_case(Judge *j, const Case *c, const Verdict *v, Arena *a, uint32_t tries);

/* The same run alone, on a copy of the module. */
Case *case_with_one_run(const Case *c, uint32_t run, Arena *a);

#endif
