/* Signals while generated code runs, and faults while it does not.
 *
 * A handler decides by the flag `running`, by the thread and by the kernel's word that the signal
 * comes from an instruction (si_code > 0) whether the generated code is to blame. If so it writes
 * down what it sees and rewrites the interrupted context to the trampoline's exit: returning from
 * the handler then restores the signal mask, and exec_call returns.
 *
 * The raw system call is used because ASan wraps sigaction(), and ignores it for signals that its
 * user told it to keep.
 */
#define _GNU_SOURCE
#include "oracle/exec_state.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

/* struct sigaction as the kernel has it. */
typedef struct {
    void (*handler)(int, siginfo_t *, void *);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
} KernelAction;

#ifndef sigev_notify_thread_id
#define sigev_notify_thread_id _sigev_un._tid /* what glibc calls it */
#endif

enum { KERNEL_SA_RESTORER = 0x04000000, CARRY_ON = 0x202 };

static const int fault_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};

static struct {
    KernelAction first[countof(fault_signals)];  /* what ours took the place of at first, */
    KernelAction before[countof(fault_signals)]; /* and the latest time */
    bool installed, passing_on;
    int tick_signal;
    bool reporting; /* our own bug */
    void (*note)(uint64_t pc);
} signals;

/* A call that a clock has seen for `limit` ticks in a row is hung. CPU time alone would not do:
 * code that jumped into C may wait for something that never comes. */
typedef struct {
    clockid_t id;
    uint32_t limits; /* times the limit that has been set */
    uint32_t limit;
    uint32_t seen;
    uint64_t sequence; /* of the call that the latest tick saw */
    timer_t timer;
} Clock;

static Clock clocks[] = {
    {.id = CLOCK_THREAD_CPUTIME_ID, .limits = 1, .limit = 10},
    {.id = CLOCK_MONOTONIC, .limits = 10, .limit = 2},
};

static void action(int sig, const KernelAction *new, KernelAction *old)
{
    if (syscall(SYS_rt_sigaction, sig, new, old, sizeof new->mask) != 0)
        die("rt_sigaction(%d): %s", sig, strerror(errno));
}

static uint64_t mask_of(int sig)
{
    return (uint64_t)1 << (sig - 1);
}

/* ---- ending a call ---- */

static bool in_trampoline(uint64_t pc)
{
    return pc - (uint64_t)(uintptr_t)exec_asm_begin < (size_t)(exec_asm_end - exec_asm_begin);
}

/* Does generated code have control of this thread? Signal stacks are a thread's own: nothing else
 * tells threads apart that generated code could not spoil. */
static bool in_call(const ucontext_t *u)
{
    return exec_state.running && (uintptr_t)u->uc_stack.ss_sp == exec_state.signal_stack;
}

/* Has a handler been interrupted at its very beginning, before it could end the call? */
static bool on_signal_stack(const ucontext_t *u)
{
    return (uint64_t)u->uc_mcontext.gregs[REG_RSP] - exec_state.signal_stack <= SIGNAL_STACK_SIZE;
}

/* The trampoline itself never faults: somebody jumped into its middle. But a fault on the way out
 * of a call that has ended leads nowhere. */
static bool fault_in_call(const siginfo_t *info, const ucontext_t *u)
{
    bool from_an_instruction = info->si_code > 0;
    return from_an_instruction && exec_state.ended != exec_state.sequence &&
           (in_call(u) || in_trampoline((uint64_t)u->uc_mcontext.gregs[REG_RIP]));
}

/* Code and stack segment of 64-bit programs, as this handler has them: a far jump may have led
 * into 32-bit code. */
static uint64_t segments(void)
{
    uint16_t cs, ss;
    __asm__("mov %%cs, %0" : "=r"(cs));
    __asm__("mov %%ss, %0" : "=r"(ss));
    return (uint64_t)ss << 48 | cs;
}

static void end_call(ExecKind kind, int code, ucontext_t *u)
{
    greg_t *regs = u->uc_mcontext.gregs;
    exec_state.ended = exec_state.sequence;
    exec_state.kind = kind;
    exec_state.code = code;
    exec_state.pc = (uint64_t)regs[REG_RIP];
    exec_state.sp = (uint64_t)regs[REG_RSP];
    exec_state.trap_number = (uint32_t)regs[REG_TRAPNO];
    exec_state.error_code = (uint32_t)regs[REG_ERR];
    regs[REG_RIP] = (greg_t)(uintptr_t)exec_fault_exit;
    regs[REG_RSP] = (greg_t)exec_state.host_sp;
    regs[REG_EFL] = CARRY_ON;
    regs[REG_CSGSFS] = (greg_t)segments();
    u->uc_mcontext.fpregs->mxcsr = DEFAULT_MXCSR;
    u->uc_mcontext.fpregs->cwd = exec_state.host_fcw;
    u->uc_mcontext.fpregs->swd = 0;
    u->uc_mcontext.fpregs->ftw = 0; /* all registers of the x87 stack are empty */
}

/* ---- watching a call ---- */

enum { TRAP_FLAG = 0x100 };

static void read_registers(const ucontext_t *u, ExecRegisters *r)
{
    static const int numbers[16] = {REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
                                    REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
                                    REG_R12, REG_R13, REG_R14, REG_R15};
    const greg_t *regs = u->uc_mcontext.gregs;
    r->pc = (uint64_t)regs[REG_RIP];
    r->flags = (uint64_t)regs[REG_EFL] & ~(uint64_t)TRAP_FLAG;
    for (size_t k = 0; k < 16; k++) r->general[k] = (uint64_t)regs[numbers[k]];
    memcpy(r->vector, u->uc_mcontext.fpregs->_xmm, sizeof r->vector);
}

/* True when the trap is the processor's, one instruction further, and not the generated code's. On
 * the trampoline's way out there is nothing to watch any more. */
static bool step(int sig, const siginfo_t *info, ucontext_t *u)
{
    greg_t *regs = u->uc_mcontext.gregs;
    if (sig != SIGTRAP || !exec_state.step || !in_call(u)) return false;
    if ((uint64_t)regs[REG_RIP] == (uint64_t)(uintptr_t)exec_step_entry + 1)
        regs[REG_RIP] = (greg_t)exec_state.step_entry;
    else if (info->si_code != TRAP_TRACE) return false;
    regs[REG_EFL] |= TRAP_FLAG;
    if (in_trampoline((uint64_t)regs[REG_RIP])) {
        regs[REG_EFL] &= ~(greg_t)TRAP_FLAG;
        return true;
    }
    ExecRegisters r;
    read_registers(u, &r);
    exec_state.step(exec_state.step_data, &r);
    return true;
}

/* ---- faults that are not the generated code's ---- */

void __sanitizer_print_stack_trace(void) __attribute__((weak));
extern const char __ehdr_start[] __attribute__((visibility("hidden")));

/* A fault in here ends the process at once. */
static _Noreturn void report_own_bug(int sig, const siginfo_t *info, const ucontext_t *u)
{
    if (signals.reporting) _exit(EXIT_BUG);
    signals.reporting = true;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (__sanitizer_print_stack_trace) __sanitizer_print_stack_trace();
    uint64_t pc = (uint64_t)u->uc_mcontext.gregs[REG_RIP];
    bug("%s at pc %#llx (program%+lld), address %#llx", exec_signal_name(sig),
        (unsigned long long)pc, (long long)(pc - (uint64_t)(uintptr_t)__ehdr_start),
        (unsigned long long)(uintptr_t)info->si_addr);
}

/* As the kernel would have called the handler that was there before. One that was installed on top
 * of ours (libFuzzer's) may call ours in turn: then it is for the first one. */
static void pass_on(int sig, siginfo_t *info, ucontext_t *u, size_t index)
{
    const KernelAction *to = signals.passing_on ? &signals.first[index] : &signals.before[index];
    if (to->handler == (void *)SIG_DFL || to->handler == (void *)SIG_IGN) {
        action(sig, to, NULL); /* the instruction faults again, and the kernel acts */
        if (info->si_code <= 0) syscall(SYS_tgkill, getpid(), gettid(), sig);
        return;
    }
    uint64_t blocked = to->mask, unblocked = 0;
    if (to->flags & SA_NODEFER) unblocked = mask_of(sig) & ~to->mask;
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &blocked, NULL, sizeof blocked);
    syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &unblocked, NULL, sizeof unblocked);
    if (to->flags & SA_RESETHAND) action(sig, &(KernelAction){0}, NULL);
    signals.passing_on = true;
    to->handler(sig, info, u);
    signals.passing_on = false;
}

void exec_note_faults(void (*note)(uint64_t pc)) { signals.note = note; }

void exec_on_fault(int sig, siginfo_t *info, void *context)
{
    int saved_errno = errno;
    ucontext_t *u = context;
    if (step(sig, info, u)) {
        /* goes on */
    } else if (fault_in_call(info, u)) {
        exec_state.address = (uint64_t)(uintptr_t)info->si_addr;
        end_call(EXEC_signal, sig, u);
        if (sig == SIGTRAP && info->si_code != TRAP_TRACE) exec_state.pc--; /* it is past int3 */
    } else if (info->si_code > 0 && exec_state.policy == EXEC_FAULT_IS_BUG) {
        report_own_bug(sig, info, u);
    } else {
        if (info->si_code > 0 && signals.note)
            signals.note((uint64_t)u->uc_mcontext.gregs[REG_RIP]);
        for (size_t k = 0; k < countof(fault_signals); k++)
            if (fault_signals[k] == sig) pass_on(sig, info, u, k);
    }
    errno = saved_errno;
}

/* ---- hangs ---- */

/* Calls are not timed: ticks look which call is running. */
void exec_on_tick(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    if (info->si_code != SI_TIMER || !in_call(u) || on_signal_stack(u)) return;
    Clock *c = &clocks[info->si_value.sival_int];
    if (c->sequence != exec_state.sequence) {
        c->sequence = exec_state.sequence;
        c->seen = 0;
    } else if (++c->seen >= c->limit && !in_trampoline((uint64_t)u->uc_mcontext.gregs[REG_RIP])) {
        end_call(EXEC_hung, sig, u);
    }
}

/* The first real-time signal that nobody uses. */
static int free_signal(void)
{
    for (int sig = SIGRTMIN; sig <= SIGRTMAX; sig++) {
        KernelAction old;
        action(sig, NULL, &old);
        if (old.handler == (void *)SIG_DFL) return sig;
    }
    die("no real-time signal is free");
}

static void create_timer(size_t index)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
                             .sigev_signo = signals.tick_signal,
                             .sigev_value.sival_int = (int)index};
    event.sigev_notify_thread_id = gettid();
    if (timer_create(clocks[index].id, &event, &clocks[index].timer) != 0)
        die("timer_create: %s", strerror(errno));
}

void exec_arm_timers(uint32_t limit_ms)
{
    static pid_t owner; /* of the timers, which are not inherited */
    for (size_t k = 0; k < countof(clocks); k++) {
        const Clock *c = &clocks[k];
        if (owner != getpid()) create_timer(k);
        uint64_t ns = max_u64((uint64_t)limit_ms * 1000000 * c->limits / c->limit, 1000000);
        struct timespec period = {.tv_sec = (time_t)(ns / 1000000000),
                                  .tv_nsec = (long)(ns % 1000000000)};
        struct itimerspec spec = {.it_interval = period, .it_value = period};
        if (timer_settime(c->timer, 0, &spec, NULL) != 0) die("timer_settime: %s", strerror(errno));
    }
    owner = getpid();
}

/* ---- installing ---- */

static void use_signal_stack(void)
{
    stack_t s = {.ss_sp = (void *)(uintptr_t)exec_state.signal_stack,
                 .ss_size = SIGNAL_STACK_SIZE};
    if (sigaltstack(&s, NULL) != 0) die("sigaltstack: %s", strerror(errno));
}

static KernelAction our_action(void (*handler)(int, siginfo_t *, void *))
{
    return (KernelAction){.handler = handler,
                          .flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART | KERNEL_SA_RESTORER,
                          .restorer = exec_signal_return,
                          .mask = mask_of(signals.tick_signal)};
}

void exec_install_handlers(void)
{
    use_signal_stack();
    if (!signals.tick_signal) {
        signals.tick_signal = free_signal();
        KernelAction tick = our_action(exec_tick_handler);
        action(signals.tick_signal, &tick, NULL);
    }
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, signals.tick_signal);
    for (size_t k = 0; k < countof(fault_signals); k++) {
        sigaddset(&wanted, fault_signals[k]);
        KernelAction ours = our_action(exec_fault_handler), before;
        action(fault_signals[k], &ours, &before);
        if (before.handler != exec_fault_handler) signals.before[k] = before;
        if (!signals.installed) signals.first[k] = before;
    }
    signals.installed = true;
    sigprocmask(SIG_UNBLOCK, &wanted, NULL);
}
