/* Planted faults: wrong rewrites that measure what the fuzzer finds. Each is put into one
 * configuration of the JIT through the pass hook (jit/hook.h), the one with the option `planted`;
 * nothing outside this folder knows of them. docs/planting-a-fault.md makes one from scratch.
 *
 *     FaultState planted = {.fault = fault_find("load_over_store")};
 *     SessionOptions o = {.backends = "interp,jit:none:sse2,jit:none:sse2:planted",
 *                         .host = fault_host(&planted)};
 *     …
 *     planted.changes > 0                   the code that runs is not what it should be
 */
#ifndef FAULTS_H
#define FAULTS_H

#include "backend/backend.h"

typedef struct Fault {
    const char *name;
    const char *family;  /* what kind of mistake it is */
    const char *cpu;     /* the JIT's option for the features that it is planted under */
    const char *meaning; /* what it does wrong, in one line */
    const char *model;   /* a real bug of the same shape */
    PassHook *hook;      /* called after every pass; adds to PassStage.changes */
} Fault;

/* A shared object that holds a fault defines this. */
extern const Fault tally_fault;

/* Those of faults.def, in its order. */
extern const Fault faults[];
extern const uint32_t faults_n;

/* NULL when there is none of that name. */
const Fault *fault_find(const char *name);

/* The fault of a shared object; NULL and a sentence (static) when it holds none. */
const Fault *fault_load(const char *path, const char **error);

typedef struct {
    const Fault *fault;
    uint64_t changes; /* of all modules compiled so far */
} FaultState;

/* What a judge is given so that its `planted` configurations have the fault. */
BackendHost fault_host(FaultState *state);

/* The configurations to judge a fault with: `interp,jit:none:CPU,jit:none:CPU:planted`. */
const char *fault_backends(Arena *a, const Fault *fault);

#endif
