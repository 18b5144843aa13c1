/* What a code generator implements to be judged by tally: a shared object that exports one
 * function, tally_backend. docs/writing-a-backend.md walks through a small one.
 *
 *     const TallyBackend *tally_backend(void) { return &mine; }
 *
 * tally loads it with RTLD_NOW | RTLD_LOCAL into processes of its own only: into one that asks what
 * it is, then into a worker. What it does to a worker (crash, abort, exit, leak, hang) is a finding
 * about it. It installs no signal handler; in a worker there is one thread that calls.
 *
 *     open          options to a state
 *     refuses       may be asked of every instruction of a case first
 *     compile       one or more cases; their code stays until the next compile
 *     entry, code, trap_at     while the code runs
 *     close
 *
 * Compiled code is entered as `void entry(const void *args, void *results)` in the System V
 * convention: argument k lies at args + 16 * k in its type's bytes, the bytes above them hold
 * anything; result k goes to results + 16 * k. It runs on a stack of tally's.
 *
 * A trap is a jump to TallyHost.trap_exit, from any depth and with any stack, the trap's code in
 * edi (from C, a call with the code as the argument: it does not return); or a fault (SIGSEGV,
 * SIGILL, SIGFPE …) at an instruction for which trap_at gives the code.
 */
#ifndef TALLY_BACKEND_H
#define TALLY_BACKEND_H

#include "tally/ir.h"

/* Grows with every change after which an older library no longer works. */
#define TALLY_ABI 1

/* A slot of arguments and results, in bytes. */
#define TALLY_SLOT 16

/* One module to be compiled. */
typedef struct TallyCase TallyCase;

/* Addresses at which every access traps, beside the first 64 KiB. For code whose compiler cannot
 * say which instruction an access became: it looks here before an access that may trap. */
typedef struct {
    uint64_t from, to; /* none when equal */
} TallyRange;
enum { TALLY_RANGES = 8 };

/* What tally gives a back end; lives as long as the library is open. */
typedef struct {
    uint32_t abi, size; /* TALLY_ABI, sizeof(TallyHost) */
    const TallyOp *ops; /* all instructions, in an order that never changes while tally runs */
    uint32_t nops;
    const void *trap_exit;
    const TallyRange *faults;  /* TALLY_RANGES of them, as they are during each run */
    const char *cpu_features;  /* what this CPU has and may be used, as Cranelift's flags,
                                  separated by blanks: "has_sse3 has_ssse3 …" */
    const char *folder;        /* for files of the back end's; empty at first, removed at the end */

    /* The case as data. Lives until compile returns. */
    const TallyModule *(*module)(const TallyCase *c);

    /* The case as text, in the back end's dialect, NUL-terminated; `*n` bytes without the NUL.
     * The file's header, whose lines `set NAME=VALUE` say what the functions need; functions in
     * the module's order; then, for each function k that will be entered, a system_v function
     * %tally_entry_k(i64, i64) that is its entry. Lives until compile returns. */
    const char *(*text)(const TallyCase *c, size_t *n);

    /* Whether function `func` of the module will be entered from outside. */
    bool (*is_entered)(const TallyCase *c, uint32_t func);

    /* Trap codes: 1 to 250 are `user1` to `user250`, then int_divz and so on. 0 when there is no
     * such name. */
    uint8_t (*trap_code)(const char *name);
} TallyHost;

/* An option word of a configuration: `NAME=VALUE`; `NAME` alone means `NAME=true`. */
typedef struct {
    const char *name;
    const char *values;   /* "true|false", "none|speed", "NUMBER", "TEXT" */
    const char *fallback; /* the value when nothing is said */
    const char *help;     /* one line */
} TallyOption;

typedef struct {
    const char *name, *value;
} TallySetting;

typedef enum {
    TALLY_COMPILED,
    TALLY_REFUSED, /* cannot be run, and the message says why: counted, no finding */
    TALLY_FAILED,  /* a mistake of the compiler's, and the message is what it said: a finding */
} TallyStatus;

typedef struct {
    TallyStatus status;
    const char *message; /* lives until the next compile; the same for the same reason */
} TallyCompiled;

enum {
    TALLY_FORKS = 1,  /* starts processes */
    TALLY_GLOBAL = 2, /* keeps state outside of what open made */
};

typedef struct {
    uint32_t abi, size;  /* TALLY_ABI, sizeof(TallyBackend) */
    const char *name;    /* "cranelift" */
    const char *version; /* "0.137.1" */
    const char *meaning; /* one line */
    const char *dialect; /* of text(): Cranelift's version, "0.111"; NULL: the current one */
    uint32_t max_slot_align; /* what it honours; slots that ask for more are rewritten */
    uint32_t max_cases;      /* that one compile takes */
    uint32_t traits;         /* TALLY_FORKS … */

    /* All options, `*n` of them. */
    const TallyOption *(*options)(uint32_t *n);

    /* NULL and `*error` (which lives as long as the library) when a setting does not do. */
    void *(*open)(const TallyHost *host, const TallySetting *settings, uint32_t n,
                  const char **error);
    void (*close)(void *state);

    /* What this state is: the compiler's own version and flags, in one line; may be NULL. */
    const char *(*describe)(void *state);

    /* The CPU features that compiled code may use, as TallyHost.cpu_features; may be NULL. */
    const char *(*features)(void *state);

    /* Why it cannot run an instruction of function `f`; NULL: it can. A case in which it refuses
     * one is not given to compile, which then has nothing left to refuse: doing so is a lie, and
     * told. May be NULL: compile says what it cannot do. */
    const char *(*refuses)(void *state, const TallyFunc *f, const TallyInst *i);

    /* Compiles `n` cases, at most max_cases; fills `out`. The code of the last compile may go. */
    void (*compile)(void *state, const TallyCase *const *cases, uint32_t n, TallyCompiled *out);

    /* Of the k-th case of the last compile: the entry of a function that is entered from outside,
     * and where code lies, entries included. */
    const void *(*entry)(void *state, uint32_t k, uint32_t func);
    void (*code)(void *state, uint32_t k, const void **at, size_t *size);

    /* The trap code of the instruction at `pc`, 0 for none. May be NULL. */
    uint8_t (*trap_at)(void *state, uint32_t k, uint64_t pc);
} TallyBackend;

/* The one function that a library exports. */
#define TALLY_ENTRY "tally_backend"
const TallyBackend *tally_backend(void);

#endif
