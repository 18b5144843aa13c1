/* Back ends: what turns a module into something that can be run. The interpreter and our JIT are
 * built in; others are shared objects (backend/library.h) that run in workers (oracle/remote.h).
 *
 *     Config *c = config_open(arena, "jit:none:sse2", &host, &error);
 *     if (c->backend->compile(c->state, module, &refused)) … c->backend->entry(c->state, func) …
 *
 * A configuration is a back end with one set of options, written `NAME[:WORD[=VALUE]]…`; a list of
 * them is separated by commas.
 */
#ifndef BACKEND_BACKEND_H
#define BACKEND_BACKEND_H

#include "backend/library.h"
#include "ir/case.h"
#include "jit/hook.h"

typedef enum {
#define OUTCOME(name, compared, meaning) OUTCOME_##name,
#include "backend/outcomes.def"
    OUTCOME_COUNT
} OutcomeKind;

const char *outcome_name(OutcomeKind kind);
bool outcome_compares(OutcomeKind kind);

/* What compiling a module can come to; from COMPILE_failed on it is a finding. */
typedef enum {
    COMPILE_done,
    COMPILE_refused, /* the back end cannot run it */
    COMPILE_failed,  /* the compiler says that it made a mistake: a panic, an internal error */
    COMPILE_died,    /* it ended its process: a crash, abort, exit */
    COMPILE_stuck,   /* it did not end */
} CompileStatus;

enum { RESULTS_MAX = 64 };
#define NO_OFFSET UINT64_MAX

/* What one run came to; heaps are compared where they lie. */
typedef struct {
    OutcomeKind kind;
    TrapCode trap;           /* of OUTCOME_trapped */
    uint32_t nresults;       /* of OUTCOME_returned */
    Bits results[RESULTS_MAX];
    uint64_t steps;          /* interpreted steps, 0 elsewhere */
    uint64_t written;        /* heap bytes written, counted by the interpreter, 0 elsewhere */
    const char *detail;      /* a sentence, or NULL; lives until the next run */
    const char *broken;      /* OUTCOME_abi: the register or rule (static); else NULL */
    uint64_t offset;         /* where in its code a fault or a hang was, or NO_OFFSET */
    uint64_t address;        /* what a fault wanted to access, 0 where that is not known */
} Outcome;

/* A heap as it lies in memory, at the same address for every configuration. */
typedef struct {
    uint8_t *base;
    const Heap *heap;
} PlacedHeap;

/* What a run shows while it goes on: an activation of `func` entered `block`, whose parameters are
 * set, or has done `inst`, whose results are set. */
typedef struct {
    uint32_t func;
    Block block; /* BLOCK_none: after an instruction */
    Inst inst;
    const Bits *values; /* of the activation, by Value.i */
} RunEvent;

typedef void RunWatch(void *data, const RunEvent *event);

typedef struct {
    uint32_t func;
    const Bits *args;
    uint32_t nargs;
    const PlacedHeap *heaps;
    uint32_t nheaps;
    uint64_t fuel;   /* steps */
    bool discipline; /* the case claims to obey it */
    bool apart;      /* slots lie elsewhere than usual (InterpOptions) */
    RunWatch *watch; /* NULL: nobody watches */
    void *watch_data;
} RunRequest;

/* What a back end is given by its host. */
typedef struct {
    const void *trap_exit; /* compiled code jumps there to trap, the code in edi */
    PassHook *pass_hook;   /* of the JIT (jit/hook.h), or NULL: in configurations with the option
                              `planted`, which does not exist without a hook */
    void *pass_hook_data;
} BackendHost;

/* What back ends are opened with when nothing else is said: no hook. */
BackendHost backend_default_host(void);

/* A piece of compiled code and the instruction it was made for. */
typedef struct {
    uint32_t offset, size; /* from the start of the code, in bytes */
    uint32_t func;         /* index into Module.funcs */
    uint32_t inst;         /* Inst.i; NO_INDEX for what belongs to no instruction */
} CodePiece;

/* What a module compiled to. */
typedef struct {
    uint64_t bytes, machine_insts, spill_loads, spill_stores, moves;
} CodeStats;

typedef struct {
    const char *name;
    const char *meaning; /* one line */
    const char *options; /* one line a word: `word  meaning` */

    /* Reads the option words (NUL-terminated, after the name); NULL and `*error` when one is
     * unknown. What it makes lives as long as `a`. */
    void *(*open)(Arena *a, const char **words, uint32_t nwords, const BackendHost *host,
                  const char **error);
    void (*close)(void *state);

    /* The CPU features that the configuration uses, as flags separated by blanks, in `a`; this CPU
     * may lack some of them. NULL where code does not depend on the CPU. */
    const char *(*features)(void *state, Arena *a);

    /* Compiles a module that is verified; false with a reason when it cannot. The module must
     * outlive the use. The code stays until the next compile. */
    bool (*compile)(void *state, const Module *m, const char **refused);

    /* Code generators: the uniform entry void (*)(const void *args, void *results), ARG_BYTES a
     * slot; the trap code of a faulting instruction, TRAP_none for none; where the code lies, with
     * the entries that were asked for. */
    const void *(*entry)(void *state, uint32_t func);
    TrapCode (*trap_at)(void *state, uint64_t pc);
    void (*code)(void *state, const void **at, size_t *size);
    /* The pieces in ascending order of offset, `*n` of them; NULL when it cannot say. */
    const CodePiece *(*pieces)(void *state, uint32_t *n);
    void (*stats)(void *state, CodeStats *sum); /* adds the last module's */

    /* Our JIT: which rewrites the last module got, NULL unless the options limit them (FUEL_ALL is
     * a limit); and the IR behind the last pass over IR. */
    const Fuel *(*fuel)(void *state);
    const Module *(*lowered)(void *state);

    /* Those that run by themselves (the interpreter) have this instead. */
    void (*run)(void *state, const RunRequest *q, Outcome *out);
} Backend;

/* The last stands for all that are loaded: it does nothing here. */
extern const Backend backend_interp, backend_jit, backend_library;

/* NULL-terminated. */
extern const Backend *const backends[];

/* What this CPU has, less what TALLY_CPU hides, as flags separated by blanks, in `a`. */
const char *backend_cpu_features(Arena *a);

typedef struct Config {
    const Backend *backend;
    void *state;
    const Library *library; /* of a loaded back end, whose state is in its worker; else NULL */
    const TallySetting *settings;
    uint32_t nsettings;
    const char *name;     /* as it was written: `jit:none:sse2`; of a path, from the root on */
    const char *label;    /* the same with the version, for people */
    const char *slug;     /* the same without folder and suffix, where a path was written */
    const char *features; /* the CPU features that its code may use; NULL: it does not depend on
                             the CPU */
    uint8_t fill;         /* what its stack is filled with, different for each */
} Config;

/* NULL and a message in `a` when there is no such back end or option. */
Config *config_open(Arena *a, Str spec, const BackendHost *host, const char **error);

typedef VEC(Config *) ConfigVec;
enum { CONFIGS_MAX = 32 };

/* Opens a comma-separated list of at most CONFIGS_MAX. What does not open is left out, and
 * `problems` has a line that says why. */
void configs_open(Arena *a, const char *list, const BackendHost *host, ConfigVec *out,
                  Buf *problems);
void configs_close(ConfigVec *configs);

#endif
