/* How small findings of a fault become when they are reduced, and how long that takes. */
#ifndef FAULTS_REDUCE_H
#define FAULTS_REDUCE_H

#include "tests/faults/measure.h"

typedef struct {
    uint64_t executions; /* of the search, this finding's included */
    uint64_t seed;
    uint32_t from, insts; /* instructions, as found and at the end */
    uint32_t tries;
    double seconds;     /* on the clock */
    const char *breach; /* what is wrong with the result; static, NULL for nothing */
    const char *text;   /* of the result */
} Shortened;

/* The campaign's first finding; the next call goes on behind it. False when there is none within
 * the bound. What is in `out` lives in `a`. */
bool measure_reduce(const Fault *fault, Campaign *c, Shortened *out, Arena *a);

#endif
