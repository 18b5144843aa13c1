/* A loaded back end in a worker process of its own: what a compiler does to that process is an
 * outcome, and the campaign goes on.
 *
 *     Remote *r = remote_create(arena, config, &error);
 *     remote_compile(r, cases, n, compiled);
 *     if (compiled[k].status == COMPILE_done) remote_run(r, k, &call, &result);
 *     remote_destroy(r);
 *
 * The worker is a fork of this process, with the heaps' arena in memory that both share
 * (image_share), so that what its code writes is looked at here. Modules go there as text, through
 * a mailbox of shared memory; a byte over a socket says that an answer is there, and the socket's
 * end that the worker is no more. One that died or did not end is started again when it is next
 * needed, and so is one that a parent process had started. What workers write to stdout and stderr
 * is kept, and its last line is part of the message when they die.
 */
#ifndef ORACLE_REMOTE_H
#define ORACLE_REMOTE_H

#include "oracle/exec.h"
#include "oracle/image.h"

typedef struct Remote Remote;

enum {
    REMOTE_CASES_MAX = 64,      /* that one compile takes */
    REMOTE_VALUES_MAX = 64,     /* arguments, and results, of a call */
};

typedef struct {
    CompileStatus status;
    bool lied;           /* refused although the back end had said that it can */
    bool crowded;        /* refused: the worker dies of several cases at once, of none alone */
    const char *message; /* lives until the next compile; NULL when it is done */
} RemoteCompiled;

typedef struct {
    uint32_t func;
    const void *args; /* ARG_BYTES a slot */
    uint32_t nargs, nresults;
    uint8_t fill;
    TallyRange faults[TALLY_RANGES];
} RemoteCall;

typedef struct {
    ExecResult exec;  /* EXEC_signal with code 0: the worker died, see `message` */
    TrapCode trap;    /* of the instruction that a signal came from, TRAP_none for none */
    const void *results;
    const char *message; /* why there is no result; else NULL */
    bool stuck;          /* then: the worker did not end */
} RemoteResult;

/* 0 for the default. */
typedef struct {
    uint32_t run_ms;          /* exec_set_limit */
    uint32_t compile_seconds; /* of the worker's CPU time, or twenty times as many on the clock;
                                 20 */
} RemoteLimits;

/* Starts the worker and opens the back end in it; sets the configuration's `label` and `features`.
 * NULL and a message in `a` when that fails. */
Remote *remote_create(Arena *a, Config *config, Image *image, RemoteLimits limits,
                      const char **error);
void remote_destroy(Remote *r);

/* Compiles `n` cases, at most the back end's max_cases and REMOTE_CASES_MAX. A batch that ends the
 * worker is taken apart, so that only the guilty case fails. */
void remote_compile(Remote *r, const Case *const *cases, uint32_t n, RemoteCompiled *out);

/* The same in two steps, so that several workers compile at once; the cases must stay. */
void remote_begin(Remote *r, const Case *const *cases, uint32_t n);
void remote_finish(Remote *r, RemoteCompiled *out);

/* Runs function `func` of the k-th case of the last compile. */
void remote_run(Remote *r, uint32_t k, const RemoteCall *call, RemoteResult *out);

/* Bytes by which the worker's memory has grown since its first compiles; how many there were. */
uint64_t remote_growth(const Remote *r);
uint64_t remote_compiles(const Remote *r);

/* Ends the worker; the next compile starts another. */
void remote_restart(Remote *r);

#endif
