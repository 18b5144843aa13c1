/* From a finding to the few lines that show it: tries changes until none is left that keeps what is
 * wrong, on all cores.
 *
 *     Reduced r;
 *     ReduceOptions o = {.judge = &judge_options, .nearest = VERDICT_results};
 *     reduce_case(&o, c, arena, &r);
 *     if (r.end != REDUCE_gone) use(r.c);                   also when it was stopped
 *
 * What is wrong with the case is what the judge says of it: the configuration that stands alone,
 * and the kind. A candidate is kept when it passes the verifier with the discipline that the case
 * claims, is valid to the interpreter, and shows the same in the form in which it will be saved,
 * that is written and read again. The kind may become one that is nearer to the mistake
 * (reduce/lab.h), but not nearer than `nearest`.
 *
 * Steps are those of steps.def. Candidates are judged by forked processes, ahead of the decision
 * about those before them; the first one in the steps' order that holds is taken, so the result is
 * the same for any number of processes. What is tried after what depends on the case alone.
 *
 * With a journal nothing is lost when this process ends: each case that was kept is written there
 * with the place that the trials have reached, and the next call goes on from it, to the same
 * result.
 */
#ifndef REDUCE_REDUCE_H
#define REDUCE_REDUCE_H

#include "oracle/judge.h"

#include <signal.h>

enum { REDUCE_TRIES = 20000, REDUCE_JOBS_MAX = 64 };

typedef struct {
    uint32_t tries, kept; /* candidates judged, and those that were taken */
    uint32_t insts, from; /* instructions now, and in the beginning */
} ReduceProgress;

typedef struct {
    const JudgeOptions *judge; /* each process has a judge of its own */
    VerdictKind nearest;
    uint32_t tries;       /* at most so many candidates; 0: REDUCE_TRIES */
    uint32_t jobs;        /* processes; 0: one a core */
    uint32_t seconds;     /* on the clock; 0: no limit */
    const char *journal;  /* a file; NULL: none */
    const volatile sig_atomic_t *stop; /* set from outside to have it stopped; NULL: never */
    void (*progress)(void *data, const ReduceProgress *p); /* at each one taken; may be NULL */
    void *data;
} ReduceOptions;

typedef enum {
    REDUCE_done,    /* nothing is left to try */
    REDUCE_tries,   /* as many candidates were tried as are allowed */
    REDUCE_hangs,   /* too many of them hung */
    REDUCE_time,    /* the time was up */
    REDUCE_stopped, /* from outside */
    REDUCE_gone,    /* the case shows nothing */
} ReduceEnd;

typedef struct {
    Case *c; /* in the caller's arena */
    ReduceProgress progress;
    ReduceEnd end;
    bool resumed; /* the journal had the beginning */
} Reduced;

/* No judge may be open in this process: the heaps' arena is at a fixed address. The case's one run
 * that differs is kept. */
void reduce_case(const ReduceOptions *o, const Case *c, Arena *a, Reduced *out);

#endif
