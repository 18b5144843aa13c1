/* Pictures of cases and findings for a terminal: CLIF beside machine code, heaps side by side.
 *
 *     Picture p = {.out = &buf, .colour = isatty(1)};
 *     picture_code(&p, config, case);
 *     picture_difference(&p, judge, case, &verdict);
 */
#ifndef TRIAGE_PICTURE_H
#define TRIAGE_PICTURE_H

#include "oracle/judge.h"

typedef struct {
    Buf *out;
    bool colour; /* ANSI: differing bytes stand out; without it they are marked by brackets */
} Picture;

/* Every function: each CLIF instruction, below it the machine code that was made for it. The
 * configuration has compiled the case's module. False when it has no machine code. */
bool picture_code(Picture *p, const Config *config, const Case *c);

/* Outcomes of all configurations of the verdict's run, the results that differ, and the heaps
 * that differ side by side with the differing bytes marked. Runs the configurations again. */
void picture_difference(Picture *p, Judge *j, const Case *c, const Verdict *v);

#endif
