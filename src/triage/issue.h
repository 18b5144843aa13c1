/* A finding as an issue for others: Markdown that says what differs, with the case in the words of
 * whom it concerns, and what it takes to see it again. Nothing in it is of this machine but its CPU
 * features: of paths the last part is left, or what stands behind a package registry's folder.
 *
 *     Issue i = {.judge = judge, .c = c, .verdict = &verdict, .record = &record};
 *     issue_write(&out, &i);
 *
 * The case must be one that shows, in this judge: configurations run again. Sections: title, case,
 * commands (tally's and, where there is a twin, Cranelift's own runner's), expected and actual,
 * votes, versions, CPU features.
 */
#ifndef TRIAGE_ISSUE_H
#define TRIAGE_ISSUE_H

#include "oracle/finding.h"

typedef struct {
    Judge *judge;
    const Case *c;
    const Verdict *verdict;      /* of `c`: a finding */
    const FindingRecord *record; /* NULL: the case is of a file */
    bool reduced;                /* the case is what reducing left */
    Case *twin;                  /* oracle/twin.h; NULL: there is none, and `no_twin` says why */
    const char *no_twin;
} Issue;

void issue_write(Buf *out, const Issue *issue);

#endif
