/* Trying one change after the other: the case as it is, and the place that the trials have reached.
 * Private to src/reduce.
 *
 *     Lab lab;
 *     Cursor at = {0};
 *     lab_open(&lab, &(LabOptions){.judge = j, .quick = true}, c, &verdict, arena);
 *     while (lab_try(&lab, &at) != TRY_over) continue;
 *     use(lab.c, &lab.verdict);
 *     lab_close(&lab);
 *
 * Steps are tried in their order, from the first again as long as one of them was kept. What is
 * tried after what depends on nothing but the case, so a cursor means the same in every process
 * that has the same case.
 */
#ifndef REDUCE_LAB_H
#define REDUCE_LAB_H

#include "reduce/step.h"

/* A kind of verdict may become one that is nearer to the mistake: from what is nearest to it to
 * what is farthest away. A register that is not restored can become a wrong value, a wrong value a
 * wrong address. VERDICT_COUNT for kinds that stay what they are. */
uint32_t lab_rank(VerdictKind kind);

typedef struct {
    Judge *judge;
    bool quick;          /* only steps that signatures come of */
    bool written;        /* a candidate is written and read again before it is judged, and everyone
                            judges it that is kept */
    VerdictKind nearest; /* with `written`: no kind that is nearer is the same finding */
} LabOptions;

typedef struct {
    LabOptions o;
    Case *c; /* as it is */
    Verdict verdict;
    bool traced; /* else nothing can be tried */

    /* Private. */
    Trace trace;
    Arena *now, *next, *bytes; /* of the case, of a candidate, of what outlives both */
    uint32_t voters;  /* of judge_focus */
    SiteVec sites;
    uint32_t listed; /* the step whose sites these are, plus 1; 0: none */
} Lab;

/* What is tried next: all zeros in the beginning. */
typedef struct {
    uint32_t step, size, to;
    bool begun, kept; /* this step; something since the first step */
} Cursor;

typedef enum {
    TRY_over,   /* nothing is left to try */
    TRY_none,   /* the step does not apply there */
    TRY_failed,
    TRY_hung,   /* failed, after a long time */
    TRY_kept,   /* the case is a smaller one now */
} TryResult;

/* `c` shows `v`; its only run is that of the verdict, and so it is in the cases that come of it.
 * `bytes` lives longer than the lab. */
void lab_open(Lab *l, const LabOptions *o, const Case *c, const Verdict *v, Arena *bytes);
void lab_close(Lab *l);

/* Another case that shows the same takes the place of the one there is. */
void lab_adopt(Lab *l, const Case *c, const Verdict *v);

/* Whether `c` shows the same, but for the bits of NaNs; `*v` is its verdict. */
TryResult lab_judge(Lab *l, const Case *c, Verdict *v);

/* Tries what the cursor is at, and moves it on. */
TryResult lab_try(Lab *l, Cursor *c);

/* Moves it on as if that had failed. False when nothing is left. */
bool lab_skip(Lab *l, Cursor *c);

/* A case with the run of the verdict alone. */
Case *lab_single_run(const Case *c, const Verdict *v, Arena *a);

#endif
