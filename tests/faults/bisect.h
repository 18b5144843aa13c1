/* Whether `tally bisect` finds the pass that a fault is planted behind. */
#ifndef FAULTS_BISECT_H
#define FAULTS_BISECT_H

#include "tests/faults/measure.h"
#include "triage/bisect.h"

typedef struct {
    uint64_t executions; /* of the search, this finding's included */
    uint64_t seed;
    BisectJit at;
    uint32_t probes;
} Narrowed;

/* The campaign's first finding, narrowed down; the next call goes on behind it. False when there is
 * none within the bound. */
bool measure_bisect(const Fault *fault, Campaign *c, Narrowed *out, Arena *a);

/* The row's stage by its name; PASS_COUNT for a fault that is not in faults.def. */
Pass fault_stage(const Fault *fault);

#endif
