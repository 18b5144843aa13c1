/* What narrows a finding down: the rewrite of our JIT that makes it, the options and the versions
 * of others that have it.
 *
 *     Bisect b = {.arena = a, .c = c, .judge = options, .run = v.run};
 *     bisect_choose(&b, judge_configs(j), &v);        judge_destroy(j): one at a time
 *     BisectJit at;
 *     if (bisect_is_jit(&b)) bisect_jit(&b, &at);
 *     bisect_settings(&b, &settings);
 *     bisect_versions(&b, &versions);
 *
 * A probe opens the subject with other options beside a reference, and asks whether the two differ.
 */
#ifndef TRIAGE_BISECT_H
#define TRIAGE_BISECT_H

#include "oracle/judge.h"

typedef struct {
    Arena *arena;
    const Case *c;
    JudgeOptions judge;    /* without `backends` */
    uint32_t run;          /* which of the case's is looked at where IR is interpreted */
    const char *reference; /* configurations */
    const char *subject;
    uint32_t probes; /* so far */
} Bisect;

/* Subject: the odd one, or who first differs from the first. False when it is an interpreter. */
bool bisect_choose(Bisect *b, const ConfigVec *configs, const Verdict *v);

typedef enum { PROBE_right, PROBE_wrong, PROBE_unjudged } ProbeResult;
typedef enum { IR_unknown, IR_right, IR_wrong } IrResult;

typedef struct {
    ProbeResult result;
    VerdictKind kind; /* of PROBE_wrong */
    const char *why;  /* of PROBE_unjudged; a sentence */
    bool fuelled;     /* our JIT, with a limit: */
    Fuel fuel;        /* what it applied */
    IrResult ir;      /* what the interpreter makes of the IR behind the last pass over IR */
} Probe;

void bisect_probe(Bisect *b, const char *subject, Probe *out);

/* ---- our JIT ------------------------------------------------------------------------------ */

typedef enum {
    FOUND_rewrite, /* one rewrite makes the difference */
    FOUND_always,  /* it is wrong without any */
    FOUND_nothing, /* the limits alone make it go: it cannot be found by them */
} BisectFound;

typedef struct {
    BisectFound found;
    Pass pass;       /* FOUND_rewrite; FOUND_always: legalise when the IR shows it */
    bool by_ir;      /* seen in IR by the interpreter; no later pass has a part in it */
    uint32_t number; /* of the rewrite among those of its pass, from 1 on */
    uint32_t of;     /* how many the pass applies */
    FuelRewrite rewrite;
} BisectJit;

bool bisect_is_jit(const Bisect *b);
void bisect_jit(Bisect *b, BisectJit *out);

/* ---- options ------------------------------------------------------------------------------ */

typedef VEC(const char *) WordVec;

typedef struct {
    const char *shortest; /* the subject without what it does not take to be wrong */
    WordVec needed;       /* words of the subject without which it is right */
    WordVec cures;        /* words that make it right when they are added (neutral.def) */
} BisectSettings;

void bisect_settings(Bisect *b, BisectSettings *out);

/* ---- versions ----------------------------------------------------------------------------- */

typedef struct {
    const char *version;
    ProbeResult result;
    VerdictKind kind;
    const char *why;
} BisectVersion;

typedef VEC(BisectVersion) VersionVec;

/* All that are there as NAME-VERSION of the subject's back end, oldest first, with the subject's
 * options; none when there are fewer than two. */
void bisect_versions(Bisect *b, VersionVec *out);

/* Versions side by side that came to the same, from `at` on; how many. */
uint32_t bisect_same(const VersionVec *versions, uint32_t at);

/* Negative, 0, positive: as numbers, part by part (0.97.1 before 0.104.0). */
int bisect_compare_versions(const char *x, const char *y);

#endif
