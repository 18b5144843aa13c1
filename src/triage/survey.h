/* The statistics of gen/stats.h over cases whose runs the interpreter does. */
#ifndef TRIAGE_SURVEY_H
#define TRIAGE_SURVEY_H

#include "gen/stats.h"
#include "oracle/judge.h"

/* Adds the case that was just decoded from `in`: what it is, and what its runs do in the first
 * configuration of `j` that can be watched. */
void survey_case(GenStats *s, Judge *j, const GenInput *in, const Case *c, Arena *a);

#endif
