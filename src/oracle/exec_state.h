/* What the files exec*.c and exec_enter.S share: one call in progress. Private to them.
 *
 * The assembly names the fields by the offsets below; exec.c asserts that they are right.
 */
#ifndef ORACLE_EXEC_STATE_H
#define ORACLE_EXEC_STATE_H

#define AT_ENTRY_SP 0
#define AT_ENTRY 8
#define AT_HOST_SP 16
#define AT_HOST_MXCSR 24
#define AT_HOST_FCW 28
#define AT_RUNNING 32
#define AT_VECTORS 36
#define AT_KIND 40
#define AT_CODE 44
#define AT_IN 48
#define AT_OUT_SP 176
#define AT_OUT 184
#define AT_OUT_FLAGS 232
#define AT_OUT_MXCSR 240
#define AT_OUT_FCW 244
#define AT_OUT_FSW 246
#define AT_THREAD 248
#define AT_OUT_THREAD 256
#define AT_SIGNAL_STACK 264
#define AT_PATTERN 272

#define SIGNAL_STACK_SIZE 0x20000

/* ExecState.vectors: how vector registers are filled. */
#define VECTORS_SSE 0
#define VECTORS_AVX_CLEAN 1
#define VECTORS_AVX_DIRTY 2

/* Masked exceptions, round to nearest: the state that the ABI gives a program at its start. */
#define DEFAULT_MXCSR 0x1f80
#define DEFAULT_FCW 0x37f

/* Flags that are clear on entry and on return: trap, direction, alignment check. */
#define BAD_FLAGS 0x40500

/* The numbers of EXEC_returned and EXEC_trapped. */
#define KIND_RETURNED 0
#define KIND_TRAPPED 1

#ifndef __ASSEMBLER__
#include "oracle/exec.h"

#include "base/pages.h"
#include "ir/limits.h"

#include <signal.h>

enum {
    STACK_SIZE = 4 << 20, /* the slots of the largest function, and a caller's as large */
    HOST_ZONE = 256, /* bytes above the entry's return address: the frame of its caller */
    SAVED_REGISTERS = 6,
    PATTERN_WORDS = 20, /* register k of 16 is filled from word k on, a ymm register with four */
    MXCSR_STICKY = 0x3f, /* exceptions seen: no part of the ABI */
    FSW_TOP = 0x3800,    /* top of the x87 stack */
};
_Static_assert(STACK_SIZE >= 2 * LIMIT_slot_bytes, "a frame finds room");

struct Exec {
    Pages stack, args, results;
    uint8_t *entry_sp; /* the caller's end of the stack that generated code uses */
    uint64_t host_zone[HOST_ZONE / 8]; /* what must stand above it */
    uint8_t *low;      /* everything below it, to the stack's end, is zero */
    int fill;          /* that the patterns are made from; -1: none yet */
    bool timers_run;   /* in this process */
    uint32_t limit_ms;
};

typedef struct {
    /* Known to the assembly. */
    uint64_t entry_sp; /* rsp before the call: the host zone begins here */
    uint64_t entry;
    uint64_t host_sp;
    uint32_t host_mxcsr;
    uint16_t host_fcw;
    volatile uint32_t running; /* generated code has control */
    uint32_t vectors;
    volatile uint32_t kind; /* ExecKind */
    volatile int32_t code;
    uint64_t in[16]; /* general registers on entry, in the processor's numbering */
    uint64_t out_sp;
    uint64_t out[SAVED_REGISTERS]; /* rbx rbp r12 r13 r14 r15 on return */
    uint64_t out_flags;
    uint32_t out_mxcsr;
    uint16_t out_fcw, out_fsw;
    uint64_t thread; /* base of fs: the thread that calls */
    uint64_t out_thread;
    uint64_t signal_stack; /* its lowest address */
    uint64_t pattern[PATTERN_WORDS];

    /* Written by handlers when they end a call. */
    uint64_t pc, address, sp;
    uint32_t trap_number, error_code; /* the processor's */

    /* For the handlers. */
    ExecStep *step; /* NULL: nobody watches */
    void *step_data;
    uint64_t step_entry; /* where the call goes once it is watched */
    volatile uint64_t sequence; /* of calls */
    volatile uint64_t ended;    /* the latest that a handler ended */
    ExecPolicy policy;
} ExecState;

extern __attribute__((visibility("hidden"))) ExecState exec_state;

/* The assembly, and where a context is sent to end a call. */
void exec_enter(void);
extern const char exec_return[], exec_fault_exit[], exec_thread_probe[];
extern const char exec_asm_begin[], exec_asm_end[];
extern const char exec_step_entry[]; /* an int3: its handler begins to watch */

/* What the kernel calls, what these call in turn, and where handlers return to. */
void exec_fault_handler(int sig, siginfo_t *info, void *context);
void exec_tick_handler(int sig, siginfo_t *info, void *context);
void exec_on_fault(int sig, siginfo_t *info, void *context);
void exec_on_tick(int sig, siginfo_t *info, void *context);
void exec_signal_return(void);

/* What the call that is over has come to. Puts right the watched bytes that it changed. */
void exec_judge(const Exec *e, const ExecRequest *q, ExecResult *r);

/* Installs, or puts on top again, signal stack and handlers. */
void exec_install_handlers(void);

/* Arms the timers of this process: a call is hung after `limit_ms` of CPU time. */
void exec_arm_timers(uint32_t limit_ms);
#endif
#endif
