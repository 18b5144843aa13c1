/* Measuring a fault: how long the fuzzer looks for it, what its findings are called, and whether
 * run tests would have seen it. */
#ifndef FAULTS_MEASURE_H
#define FAULTS_MEASURE_H

#include "tests/faults/faults.h"

/* Cases of seeds first, first + 1, … are judged until the verdict names the planted configuration
 * on a case in which the plant changed code, or `bound` is reached. Cases that are invalid or run
 * out of fuel are our own bugs and end the process. */
typedef struct {
    uint64_t first, bound;
    const char *off; /* families switched off, or NULL */
} Campaign;

typedef struct {
    uint64_t executions; /* done; the last one is the one that found it */
    uint64_t changed;    /* of them, those in which the plant changed code */
    uint64_t astray;     /* findings that named something else, or nothing had changed */
    bool found;
    char signature[128];
} Search;

void measure_search(const Fault *fault, const Campaign *c, Search *out);

/* Which of `n` faults under the same CPU features change no code in any of the campaign's cases:
 * idle[k]. One search tells it of all of them, because code that nothing changed is the same with
 * each of them planted: for those that are idle it is the search that measure_search would do. */
void measure_idle(const Fault *const *chosen, uint32_t n, const Campaign *c, bool *idle);

/* Searches on until `n` findings are there. */
enum { SIGNATURES_MAX = 64 };
typedef struct {
    uint64_t executions;
    uint32_t findings, n;
    double seconds; /* of processor time, a finding */
    struct {
        char text[128];
        uint32_t count;
    } all[SIGNATURES_MAX]; /* n different ones, as they came */
} SignatureList;

void measure_signatures(const Fault *fault, const Campaign *c, uint32_t n, SignatureList *out);

/* The same for what is left of findings when they are shrunk: written down, read, verified, judged
 * again. */
typedef struct {
    uint64_t executions;
    uint32_t findings, whole; /* of them, those that could be read and showed the same */
    uint32_t insts;           /* of all, as shrunk */
    const char *breach;       /* what was wrong with the last of the others */
} SmallList;

void measure_small(const Fault *fault, const Campaign *c, uint32_t n, SmallList *out);

/* Runs `TALLY test` on a folder in the fault's configuration, planted. -1: it could not be run. */
typedef struct {
    int passed, failed;
} RunTests;

RunTests measure_run_tests(const Fault *fault, const char *tally, const char *folder);

#endif
