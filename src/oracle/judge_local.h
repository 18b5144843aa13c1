/* What the files judge*.c share. Private to them. */
#ifndef ORACLE_JUDGE_LOCAL_H
#define ORACLE_JUDGE_LOCAL_H

#include "oracle/judge.h"
#include "oracle/remote.h"

/* A configuration and what it made of the case at hand. */
typedef struct {
    Config *config;
    Remote *remote; /* of a loaded back end; else NULL */
    CompileStatus status;
    const char *why; /* it is not COMPILE_done */
    bool chosen;     /* it takes part */

    /* Cases that its worker compiles ahead (judge_prefetch), and which of them is at hand. */
    const Case *ahead[REMOTE_CASES_MAX];
    RemoteCompiled compiled[REMOTE_CASES_MAX];
    uint32_t nahead, at;
    enum { IDLE, COMPILES_AHEAD, COMPILES_ONE } work; /* what has begun and is not finished */
} Voter;

struct Judge {
    Arena *arena;   /* process: configurations */
    Arena *scratch;
    Image *image;
    Exec *exec;
    ExecStep *step; /* who watches the run at hand (judge_step) */
    void *step_data;
    ConfigVec configs;
    Voter voters[CONFIGS_MAX]; /* one a configuration, in their order */
    uint64_t fuel;
    Counts counts;
    bool again; /* the case at hand has been counted */
    uint64_t leak_bytes; /* that a worker may grow by */
    Buf problems;
    Outcome reference, other;
};

static inline bool voter_took(const Voter *v) { return v->chosen && v->status == COMPILE_done; }

/* Compiles in one configuration; the status and why it is not done stand in the voter. */
void voter_compile(Judge *j, Voter *v, const Case *c);

/* Lets its worker, if it has one, compile while others do; voter_compile is to follow. */
void voter_begin(Judge *j, Voter *v, const Case *c);

void voter_run(Judge *j, const Voter *v, const Case *c, const Run *run, Outcome *out);

/* The same with slots elsewhere, where the configuration can do that (InterpOptions). */
void voter_run_apart(Judge *j, const Voter *v, const Case *c, const Run *run, Outcome *out);

/* The same for comparing: a trap's code is what all who took the case can tell. */
void voter_vote(Judge *j, const Voter *v, const Case *c, const Run *run, Outcome *out);

/* Runs differ: all run again and vote, and `v` says what came of it. */
void judge_settle(Judge *j, const Case *c, const Run *run, Verdict *v);

#endif
