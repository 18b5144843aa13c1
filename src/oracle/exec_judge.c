/* What a call that is over has come to: exec_state holds what the trampoline and the handlers saw.
 */
#include "oracle/exec.h"

#include "oracle/exec_state.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *const saved_names[] = {"rbx", "rbp", "r12", "r13", "r14", "r15"};
static const uint8_t saved_numbers[] = {3, 5, 12, 13, 14, 15};

static bool within(uint64_t address, const void *at, size_t size)
{
    return address - (uint64_t)(uintptr_t)at < size;
}

static bool saved_registers_kept(const ExecState *s)
{
    uint64_t changed = 0;
    for (size_t k = 0; k < SAVED_REGISTERS; k++) changed |= s->out[k] ^ s->in[saved_numbers[k]];
    return changed == 0;
}

static bool float_state_kept(const ExecState *s)
{
    return (s->out_mxcsr & ~(uint32_t)MXCSR_STICKY) == DEFAULT_MXCSR &&
           s->out_fcw == s->host_fcw && (s->out_fsw & FSW_TOP) == 0;
}

static void broken(ExecResult *r, const char *what, uint64_t expected, uint64_t actual)
{
    if (expected == actual || r->kind == EXEC_abi) return; /* the first one is reported */
    r->kind = EXEC_abi;
    r->what = what;
    r->expected = expected;
    r->actual = actual;
}

static void judge_return(const ExecState *s, ExecResult *r)
{
    bool flags_are_good = (s->out_flags & BAD_FLAGS) == 0;
    if (likely(s->out_sp == s->entry_sp && saved_registers_kept(s) && float_state_kept(s) &&
               flags_are_good && s->out_thread == s->thread))
        return;
    broken(r, "rsp", s->entry_sp, s->out_sp);
    for (size_t k = 0; k < SAVED_REGISTERS; k++)
        broken(r, saved_names[k], s->in[saved_numbers[k]], s->out[k]);
    broken(r, "flags", s->out_flags & ~(uint64_t)BAD_FLAGS, s->out_flags);
    broken(r, "mxcsr", DEFAULT_MXCSR, s->out_mxcsr & ~(uint32_t)MXCSR_STICKY);
    broken(r, "x87 control word", s->host_fcw, s->out_fcw);
    broken(r, "x87 stack", 0, s->out_fsw & FSW_TOP);
    broken(r, "base of fs", s->thread, s->out_thread);
}

/* Which locked range holds `address`? */
static const ExecRange *locked_range(const ExecRequest *q, uint64_t address)
{
    for (uint32_t k = 0; k < q->locked_count; k++)
        if (within(address, q->locked[k].at, q->locked[k].size)) return &q->locked[k];
    return NULL;
}

static ExecPlace place_of(const Exec *e, const ExecRequest *q, uint64_t address)
{
    const Pages *p = &e->stack;
    if (within(address, q->code.at, q->code.size)) return EXEC_in_code;
    if (within(address, p->at, p->size)) return EXEC_in_stack;
    if (within(address, p->at - p->guard, p->size + 2 * p->guard)) return EXEC_in_guard;
    if (locked_range(q, address)) return EXEC_in_locked;
    return address < 1 << 16 ? EXEC_in_null : EXEC_elsewhere;
}

enum { GENERAL_PROTECTION = 13, PAGE_FAULT = 14, FAULT_IS_WRITE = 2, NEAR_END = 64 << 10 };
enum { RET = 0xc3, RET_IMM = 0xc2 };

/* Out of stack, or a stray access that hit the guard while the stack pointer was far away? */
static bool is_overflow(const Exec *e, const ExecState *s, const ExecResult *r)
{
    const uint8_t *bottom = e->stack.at - e->stack.guard;
    return r->place == EXEC_in_guard && r->address < (uintptr_t)e->stack.at &&
           within(s->sp, bottom, e->stack.guard + NEAR_END);
}

/* Words that a return can only pop when its stack pointer is too low: what the registers or the
 * stack were filled with. */
static bool is_pattern(const Exec *e, const ExecState *s, uint64_t word)
{
    for (size_t k = 0; k < SAVED_REGISTERS; k++)
        if (word == s->in[saved_numbers[k]]) return true;
    return word == (uint64_t)e->fill * 0x0101010101010101u && word != 0;
}

/* Returns whose target cannot be fetched fault there; where the target is no canonical address,
 * some processors fault at the return itself. */
static bool popped_pattern(const Exec *e, const ExecState *s, const ExecResult *r)
{
    const uint64_t *sp = (const uint64_t *)(uintptr_t)s->sp;
    if (s->sp % 8 != 0 || !within(s->sp, e->stack.at + 8, e->stack.size - 16)) return false;
    if (sp[-1] == s->pc) return is_pattern(e, s, s->pc);
    if (s->trap_number != GENERAL_PROTECTION || !r->pc_in_code) return false;
    uint8_t opcode = *(const uint8_t *)(uintptr_t)s->pc;
    return (opcode == RET || opcode == RET_IMM) && is_pattern(e, s, sp[0]);
}

static bool on_a_stack(const Exec *e, uint64_t sp)
{
    return within(sp, e->stack.at - e->stack.guard, e->stack.guard + e->stack.size);
}

static void judge_fault(const Exec *e, const ExecRequest *q, const ExecState *s, ExecResult *r)
{
    r->pc = s->pc;
    r->pc_in_code = within(s->pc, q->code.at, q->code.size);
    if (r->pc_in_code) r->offset = s->pc - (uintptr_t)q->code.at;
    if (r->kind == EXEC_hung) return;
    if (s->trap_number == PAGE_FAULT) {
        r->address = s->address;
        r->write = (s->error_code & FAULT_IS_WRITE) != 0;
        r->place = place_of(e, q, r->address);
        if (r->place == EXEC_in_locked) r->what = locked_range(q, r->address)->name;
    }
    if (s->pc == (uintptr_t)exec_thread_probe) broken(r, "base of fs", s->thread, 0);
    else if (is_overflow(e, s, r)) r->kind = EXEC_overflow;
    else if (!on_a_stack(e, s->sp) || popped_pattern(e, s, r))
        broken(r, "rsp", s->entry_sp, s->sp);
}

/* The first byte of `at` that differs from `copy` is the result; all are put right again. */
static void judge_bytes(const char *name, uint8_t *at, const uint8_t *copy, size_t n, ExecResult *r)
{
    if (likely(memcmp(at, copy, n) == 0)) return;
    size_t k = 0;
    while (at[k] == copy[k]) k++;
    if (r->kind == EXEC_returned || r->kind == EXEC_trapped) {
        r->kind = EXEC_stray;
        r->what = name;
        r->address = (uintptr_t)at + k;
        r->expected = copy[k];
        r->actual = at[k];
    }
    memcpy(at, copy, n);
}

static void judge_memory(const Exec *e, const ExecRequest *q, ExecResult *r)
{
    judge_bytes("caller's frame", e->entry_sp, (const uint8_t *)e->host_zone, HOST_ZONE, r);
    for (uint32_t k = 0; k < q->watched_count; k++)
        judge_bytes(q->watched[k].name, q->watched[k].at, q->watched[k].copy, q->watched[k].size,
                    r);
}


void exec_judge(const Exec *e, const ExecRequest *q, ExecResult *r)
{
    const ExecState *s = &exec_state;
    *r = (ExecResult){.kind = (ExecKind)s->kind};
    if (likely(r->kind == EXEC_returned)) judge_return(s, r);
    else r->code = s->code;
    if (r->kind == EXEC_signal || r->kind == EXEC_hung) judge_fault(e, q, s, r);
    judge_memory(e, q, r);
}

/* ---- words ---- */

static const char *const kind_names[] = {
    [EXEC_returned] = "returned", [EXEC_trapped] = "trapped", [EXEC_signal] = "signal",
    [EXEC_overflow] = "overflow", [EXEC_hung] = "hung",       [EXEC_abi] = "abi",
    [EXEC_stray] = "stray",
};

const char *exec_signal_name(int sig)
{
    switch (sig) {
    case SIGSEGV: return "SIGSEGV";
    case SIGBUS: return "SIGBUS";
    case SIGILL: return "SIGILL";
    case SIGFPE: return "SIGFPE";
    case SIGTRAP: return "SIGTRAP";
    }
    return "signal";
}

const char *exec_kind_name(ExecKind kind)
{
    return kind_names[kind];
}

static const char *const place_names[] = {
    [EXEC_elsewhere] = "",
    [EXEC_in_null] = " (null)",
    [EXEC_in_code] = " (code)",
    [EXEC_in_stack] = " (stack)",
    [EXEC_in_guard] = " (beyond the stack)",
    [EXEC_in_locked] = " (ours)",
};

/* An offset means the same in the next process. */
static void describe_pc(const ExecResult *r, char out[static 40])
{
    unsigned long long pc = r->pc, offset = r->offset;
    if (r->pc_in_code) snprintf(out, 40, "code+%#llx", offset);
    else snprintf(out, 40, "pc %#llx (outside the code)", pc);
}

/* General protection has no address. */
static void describe_address(const ExecResult *r, char out[static 60])
{
    unsigned long long address = r->address;
    const char *verb = r->write ? "storing to" : "address";
    if (address || r->place != EXEC_elsewhere)
        snprintf(out, 60, ", %s %#llx%s", verb, address, place_names[r->place]);
    else
        snprintf(out, 60, "%s", r->code == SIGSEGV ? ", misaligned or no canonical address" : "");
}

char *exec_describe(const ExecResult *r, char *out, size_t size)
{
    unsigned long long address = r->address, expected = r->expected, actual = r->actual;
    char pc[40], at[60];
    describe_pc(r, pc);
    describe_address(r, at);
    switch (r->kind) {
    case EXEC_returned: snprintf(out, size, "returned"); break;
    case EXEC_trapped: snprintf(out, size, "trapped with code %d", r->code); break;
    case EXEC_signal:
        snprintf(out, size, "%s at %s%s", exec_signal_name(r->code), pc, at);
        break;
    case EXEC_overflow: snprintf(out, size, "out of stack at %s", pc); break;
    case EXEC_hung: snprintf(out, size, "still running at %s", pc); break;
    case EXEC_abi:
        snprintf(out, size, "%s is %#llx instead of %#llx", r->what, actual, expected);
        break;
    case EXEC_stray:
        snprintf(out, size, "wrote over %s: byte %#llx is %#llx instead of %#llx", r->what, address,
                 actual, expected);
        break;
    }
    return out;
}
