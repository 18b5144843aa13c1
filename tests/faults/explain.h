/* Whether what is wrong is found where it was planted: findings of each fault, shrunk, located
 * (triage/locate.h), and what is named compared with what the plant edited. */
#ifndef FAULTS_EXPLAIN_H
#define FAULTS_EXPLAIN_H

#include "tests/faults/measure.h"

typedef struct {
    bool right;
    uint64_t seed;
    uint32_t insts;    /* of the shrunk case */
    char named[200];   /* what is named, and how */
    char edited[200];  /* what was edited */
} Explained;

/* A seed to begin with; 0 where none is known. */
uint64_t explain_first_seed(const Fault *fault);

/* Findings of the fault, at most `most`; how many there are. `show`: the cases in which something
 * else is named, on stdout. */
uint32_t measure_explain(const Fault *fault, const Campaign *c, uint32_t most, bool show,
                         Explained *out);

#endif
