/* Pictures of cases and findings for a terminal: CLIF beside machine code, heaps side by side.
 *
 *     Picture p = {.out = &buf, .colour = isatty(1), .mark = NO_OFFSET};
 *     picture_code(&p, config, case);
 *     picture_difference(&p, judge, case, &verdict);
 */
#ifndef TRIAGE_PICTURE_H
#define TRIAGE_PICTURE_H

#include "oracle/judge.h"

typedef struct {
    Buf *out;
    bool colour;   /* ANSI: what differs stands out; without it it stands in brackets */
    uint64_t mark; /* an offset in the machine code to point at, or NO_OFFSET */
} Picture;

/* Every function: each CLIF instruction, below it the machine code that was made for it. The
 * configuration has compiled the case's module. False when it has no machine code. */
bool picture_code(Picture *p, const Config *config, const Case *c);

/* What differs: the run, what each configuration made of it, and the heaps that differ between the
 * odd one and another side by side, rows that differ and those beside them. Runs the configurations
 * again. */
void picture_difference(Picture *p, Judge *j, const Case *c, const Verdict *v);

/* Its heaps alone, at most `rows` rows of each. */
void picture_heaps(Picture *p, Judge *j, const Case *c, const Verdict *v, uint32_t rows);

/* The two that are set side by side: the odd one and whom it is compared with; where nobody is
 * named, the first two that differ. Indices among the judge's configurations, NO_INDEX for none. */
typedef struct {
    uint32_t expected, odd;
} VerdictPair;

VerdictPair verdict_pair(const Judge *j, const Verdict *v);

#endif
