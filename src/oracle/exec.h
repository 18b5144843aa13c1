/* Running generated code: safely, fast, and with an outcome whatever it does.
 *
 *     Exec *e = exec_init(EXEC_FAULT_IS_BUG);            once per process; again is harmless
 *     ExecRequest q = {.entry = entry, .args = args, .results = results,
 *                      .code = {.at = code, .size = n}, .fill = 0xa5};
 *     ExecResult r = exec_call(e, &q);
 *     if (r.kind == EXEC_signal) printf("signal %d at pc %#lx\n", r.code, r.pc);
 *
 * calls `void entry(const void *args, void *results)` (System V) on a stack of its own, between
 * inaccessible regions so large that no 32-bit displacement from the stack reaches past them.
 * Every general and vector register but the two arguments arrives with a pattern, MXCSR is 0x1f80.
 * Afterwards the callee-saved registers, the stack pointer, the flags, MXCSR, the x87 unit and the
 * stack above the entry's frame are checked. In the ordinary case a call makes no system call.
 *
 * Explicit traps: code jumps to exec_trap_exit, from any depth, with the trap's code in edi.
 *
 * Faults and endless loops: handlers of SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP and of one
 * real-time signal, on a signal stack of our own, rewrite the interrupted context so that
 * exec_call returns. Handlers are installed by the raw system call, because ASan's sigaction may
 * ignore its caller (allow_user_segv_handler=0). Whoever may have installed others in between (a
 * library that was loaded, libFuzzer after LLVMFuzzerInitialize, cmocka around each test) calls
 * exec_init once more. A fault that did not happen in a call is not the generated code's: see
 * ExecPolicy. Two periodic timers, started by the first call, look which call is running.
 *
 * What a store of generated code may have hit: the heaps' arena is the caller's to compare. For
 * anything else there are `watched` (cheap: compared after the call, and put right again) and
 * `locked` (dear, two system calls a range: read-only during the call, so that the store itself
 * faults and is named by its pc). The hot loop watches what is small; a replay locks everything.
 *
 * Pass the blocks of exec_args and exec_results: a store that goes astray from a pointer next to
 * our own variables may spoil what no outcome can be told from.
 *
 * One call at a time, always from the thread that called exec_init. Works after fork(), in the
 * child too: the timers are armed anew. C functions called by generated code run on its stack.
 */
#ifndef ORACLE_EXEC_H
#define ORACLE_EXEC_H

#include "base/base.h"

typedef struct Exec Exec;

typedef enum {
    EXEC_returned,
    EXEC_trapped,  /* `code` is what edi held at exec_trap_exit */
    EXEC_signal,   /* `code` is the signal; pc, address, place say where */
    EXEC_overflow, /* as EXEC_signal, by running out of stack */
    EXEC_hung,     /* ran past the limit; pc is where it was found */
    EXEC_abi,      /* broke a rule of the calling convention: `what`, expected, actual */
    EXEC_stray,    /* changed watched bytes: `what` names them, address is the first one */
} ExecKind;

/* Where the fault address lies. */
typedef enum {
    EXEC_elsewhere, /* unmapped, or mapped for another purpose */
    EXEC_in_null,   /* the first 64 KiB */
    EXEC_in_code,   /* the request's code range */
    EXEC_in_stack,
    EXEC_in_guard,  /* the inaccessible regions around the stack */
    EXEC_in_locked, /* a locked range of the request: `what` names it */
} ExecPlace;

typedef struct {
    ExecKind kind;
    int code;          /* see ExecKind */
    uint64_t pc;       /* of the faulting instruction (for int3: of the int3 itself) */
    bool pc_in_code;   /* in the request's code range? */
    uint64_t offset;   /* pc_in_code: of pc from the start of that range */
    bool write;        /* the fault was a store */
    uint64_t address;  /* what was accessed; 0 when the processor does not tell */
    ExecPlace place;   /* of `address` */
    const char *what;  /* EXEC_abi: register or rule; EXEC_stray, EXEC_in_locked: the range's
                          name */
    uint64_t expected; /* EXEC_abi, EXEC_stray (one byte) */
    uint64_t actual;
} ExecResult;

typedef struct {
    const char *name; /* for messages; may be NULL */
    const void *at;
    size_t size;
} ExecRange;

/* Bytes that must still be equal to `copy` after the call. Both are the caller's. */
typedef struct {
    const char *name;
    void *at;
    const void *copy;
    size_t size;
} ExecWatch;

/* General registers in the processor's numbering, the lower halves of vector registers. */
typedef struct {
    uint64_t pc, flags;
    uint64_t general[16];
    uint64_t vector[16][2];
} ExecRegisters;

/* Before each instruction: what it is about to find in the registers. Code that sets the trap flag
 * or loses fs goes on as if it had not. */
typedef void ExecStep(void *data, const ExecRegisters *r);

typedef struct {
    const void *entry; /* void entry(const void *args, void *results) */
    const void *args;
    void *results;
    ExecRange code;          /* where a pc counts as generated code */
    uint8_t fill;            /* what stack and registers are filled with; differs by
                                configuration */
    bool clean_upper;        /* leave the upper halves of ymm registers zero */
    uint32_t stack_window;   /* bytes of stack that must hold `fill`; 0 means 2 KiB */
    const ExecWatch *watched;
    uint32_t watched_count;
    const ExecRange *locked; /* rounded inwards to whole pages */
    uint32_t locked_count;
    ExecStep *step; /* is called in a signal's handler, some thousand times slower; NULL: nobody */
    void *step_data;
} ExecRequest;

/* Whose is a fault that happens outside of calls? */
typedef enum {
    /* Ours: a message with the pc, a stack trace where a sanitizer can print one, EXIT_BUG. It is
     * no finding, so handlers of a sanitizer or of libFuzzer do not get to see it. */
    EXEC_FAULT_IS_BUG,
    /* The host program's: goes to the handler that was there before, or is raised again. */
    EXEC_FAULT_PASSES_ON,
} ExecPolicy;

/* Makes stacks, blocks and handlers; once they exist, sets the policy and puts the handlers on top
 * of any that were installed since. */
Exec *exec_init(ExecPolicy policy);

/* `note` is called with the pc of each fault that passes on, in the signal's handler. */
void exec_note_faults(void (*note)(uint64_t pc));

ExecResult exec_call(Exec *e, const ExecRequest *q);

/* A call is EXEC_hung after `ms` milliseconds of the thread's CPU time (default 1000), or after ten
 * times as long on the clock: it may wait for something. Both are up to a fifth longer, the latter
 * up to twice as long, and ticks while the process is stopped count as one. */
void exec_set_limit(Exec *e, uint32_t ms);

/* Where generated code jumps to trap, with the code in edi. Never called from C. */
extern const char exec_trap_exit[];

/* Page-aligned room for arguments and results, `size` bytes each (64 KiB), alone between
 * inaccessible regions. */
enum { EXEC_BLOCK_SIZE = 64 << 10 };
void *exec_args(Exec *e);
void *exec_results(Exec *e);

/* Lower-case name: "returned", "abi", ... */
const char *exec_kind_name(ExecKind kind);

/* "SIGSEGV" and so on, for the signals that are handled. */
const char *exec_signal_name(int sig);

/* One line without newline: "SIGSEGV at code+0x1f, storing to 0x10 (null)". Returns `out`. */
char *exec_describe(const ExecResult *r, char *out, size_t size);

#endif
