/* A quick, bounded reduction of a case that keeps what is wrong with it: enough for a signature,
 * and a beginning for a reader.
 *
 *     Verdict small_verdict;
 *     Case *small = shrink_case(judge, c, &verdict, arena, 2000, &small_verdict);
 *
 * Only the run that differs stays. Candidates start the run in a callee, replace what an
 * instruction computes by a constant, an argument or an operand, drop stores and calls, take one
 * way of a branch, return a value instead of storing it (shrink_steps.def). One is kept when it is
 * still valid, to the verifier as to the interpreter, and the same configuration still does
 * something of the same kind, or of a kind that is nearer to the mistake (wrong results rather than
 * wrong bytes, a crash rather than a wrong ending). So what is left can be written down and read
 * again, and obeys the discipline if the case did: addresses that become arguments have contracts.
 * The order of candidates depends on nothing but the case.
 */
#ifndef REDUCE_SHRINK_H
#define REDUCE_SHRINK_H

#include "oracle/judge.h"

enum { SMALL_TRIES = 20000 }; /* for a reader */

/* Judges at most `tries` candidates, none of which is counted. The result lives in `a` and is never
 * NULL; `*out` is its verdict, or `*v` when nothing could be left out. */
Case *shrink_case(Judge *j, const Case *c, const Verdict *v, Arena *a, uint32_t tries,
                  Verdict *out);

#endif
