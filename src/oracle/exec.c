#include "oracle/exec.h"

#include "base/pages.h"
#include "oracle/exec_state.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum {
    DEFAULT_WINDOW = 2048,
    DEFAULT_LIMIT_MS = 1000,
    PROBE = 256,     /* bytes below the lowest known write that are looked at after each call */
    CLEAN_RUN = 4096, /* that many clean bytes end the search for the deepest write */
};

ExecState exec_state;
static struct Exec the_exec = {.fill = -1};

#define OFFSET_IS(offset, field) \
    _Static_assert((offset) == offsetof(ExecState, field), "exec_state.h: " #field)
OFFSET_IS(AT_ENTRY_SP, entry_sp);
OFFSET_IS(AT_ENTRY, entry);
OFFSET_IS(AT_HOST_SP, host_sp);
OFFSET_IS(AT_HOST_MXCSR, host_mxcsr);
OFFSET_IS(AT_HOST_FCW, host_fcw);
OFFSET_IS(AT_RUNNING, running);
OFFSET_IS(AT_VECTORS, vectors);
OFFSET_IS(AT_KIND, kind);
OFFSET_IS(AT_CODE, code);
OFFSET_IS(AT_IN, in);
OFFSET_IS(AT_OUT_SP, out_sp);
OFFSET_IS(AT_OUT, out);
OFFSET_IS(AT_OUT_FLAGS, out_flags);
OFFSET_IS(AT_OUT_MXCSR, out_mxcsr);
OFFSET_IS(AT_OUT_FCW, out_fcw);
OFFSET_IS(AT_OUT_FSW, out_fsw);
OFFSET_IS(AT_THREAD, thread);
OFFSET_IS(AT_OUT_THREAD, out_thread);
OFFSET_IS(AT_SIGNAL_STACK, signal_stack);
OFFSET_IS(AT_PATTERN, pattern);
_Static_assert(KIND_RETURNED == EXEC_returned && KIND_TRAPPED == EXEC_trapped, "kinds");

/* ---- stacks and blocks ---- */

static Pages open_pages(size_t size)
{
    Pages p = pages_reserve(size);
    pages_open(&p);
    return p;
}

/* The words above the entry's return address are return addresses themselves: a return with a
 * stack pointer that is too high lands in the trampoline, which sees how far off it is. */
static void fill_host_zone(Exec *e)
{
    for (size_t k = 0; k < HOST_ZONE / 8; k++) e->host_zone[k] = (uint64_t)(uintptr_t)exec_return;
    memcpy(e->entry_sp, e->host_zone, HOST_ZONE);
}

static void make_stack(Exec *e)
{
    e->stack = open_pages(STACK_SIZE);
    e->entry_sp = e->stack.at + STACK_SIZE - HOST_ZONE;
    e->low = e->entry_sp;
    exec_state.entry_sp = (uint64_t)(uintptr_t)e->entry_sp;
    fill_host_zone(e);
}

static void timers_are_gone(void)
{
    the_exec.timers_run = false; /* not inherited */
}

Exec *exec_init(ExecPolicy policy)
{
    Exec *e = &the_exec;
    exec_state.policy = policy;
    if (!e->stack.at) {
        make_stack(e);
        e->args = open_pages(EXEC_BLOCK_SIZE);
        e->results = open_pages(EXEC_BLOCK_SIZE);
        exec_state.thread = (uint64_t)pthread_self();
        exec_state.signal_stack = (uintptr_t)open_pages(SIGNAL_STACK_SIZE).at;
        exec_set_limit(e, DEFAULT_LIMIT_MS);
        if (pthread_atfork(NULL, NULL, timers_are_gone) != 0) die("out of memory");
    }
    exec_install_handlers();
    return e;
}

void exec_set_limit(Exec *e, uint32_t ms)
{
    CHECK(ms > 0);
    e->limit_ms = ms;
    e->timers_run = false; /* until the next call */
}

void *exec_args(Exec *e)
{
    return e->args.at;
}

void *exec_results(Exec *e)
{
    return e->results.at;
}

/* ---- before a call ---- */

/* Words that differ from each other, that are no canonical address, and that are ordinary numbers
 * when read as doubles. */
static void make_pattern(Exec *e, uint8_t fill)
{
    for (uint64_t k = 0; k < PATTERN_WORDS; k++) {
        uint64_t word = fill * 0x0101010101010101u ^ (k + 1) * 0x0d15ea5e2bad1dea;
        exec_state.pattern[k] = (word & ~(uint64_t)0 >> 2) | (uint64_t)1 << 62;
    }
    memcpy(exec_state.in, exec_state.pattern, sizeof exec_state.in);
    e->fill = fill;
}

/* Not memset: ASan may hold parts of this stack poisoned by a C function that generated code
 * jumped into. */
static void set_bytes(uint8_t *at, uint8_t byte, size_t n)
{
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(byte) : "memory");
}

static void fill_stack(Exec *e, const ExecRequest *q)
{
    size_t window = q->stack_window ? align_up(q->stack_window, 16) : DEFAULT_WINDOW;
    CHECK(window <= STACK_SIZE / 2);
    uint8_t *from = e->entry_sp - window;
    if (e->low < from) set_bytes(e->low, 0, (size_t)(from - e->low));
    set_bytes(from, q->fill, window);
    e->low = from;
}

static uint32_t vectors_for(const ExecRequest *q)
{
    if (!__builtin_cpu_supports("avx")) return VECTORS_SSE;
    return q->clean_upper ? VECTORS_AVX_CLEAN : VECTORS_AVX_DIRTY;
}

static void protect(const ExecRequest *q, int protection)
{
    for (uint32_t k = 0; k < q->locked_count; k++) {
        uint64_t from = align_up((uintptr_t)q->locked[k].at, PAGE_BYTES);
        uint64_t to = ((uintptr_t)q->locked[k].at + q->locked[k].size) & -(uint64_t)PAGE_BYTES;
        if (from < to && mprotect((void *)(uintptr_t)from, to - from, protection) != 0)
            die("cannot change the protection of memory: %s", strerror(errno));
    }
}

/* ---- after a call ---- */

/* Finds the deepest write below the window. Frames may skip bytes: the search goes on until
 * CLEAN_RUN bytes are clean, but only when the first PROBE bytes are not. */
__attribute__((no_sanitize_address)) static void measure_depth(Exec *e)
{
    const uint64_t *end = (const uint64_t *)e->stack.at;
    size_t clean = 0, enough = PROBE;
    for (const uint64_t *at = (const uint64_t *)e->low; at > end && clean < enough; at -= 8) {
        uint64_t bits = 0;
        for (int k = 1; k <= 8; k++) bits |= at[-k];
        clean = bits ? 0 : clean + 64;
        if (!bits) continue;
        e->low = (uint8_t *)(at - 8);
        enough = CLEAN_RUN;
    }
}

void __asan_unpoison_memory_region(const volatile void *at, size_t size) __attribute__((weak));

/* NULL without ASan. Not called directly: OSS-Fuzz takes a call for a build with two sanitizers. */
static void (*volatile unpoison)(const volatile void *, size_t) = __asan_unpoison_memory_region;

static void finish(Exec *e, const ExecRequest *q, ExecResult *r)
{
    const ExecState *s = &exec_state;
    if (s->kind != EXEC_returned && s->kind != EXEC_trapped) {
        /* C code that was interrupted on this stack has left its frames poisoned. */
        if (unpoison) unpoison(e->stack.at, e->stack.size);
    }
    if ((s->out_fsw & FSW_TOP) || s->out_fcw != s->host_fcw)
        __asm__ volatile("fninit\n\tfldcw %0" : : "m"(s->host_fcw));
    exec_judge(e, q, r);
    if (r->kind == EXEC_overflow) e->low = e->stack.at;
    measure_depth(e);
}

ExecResult exec_call(Exec *e, const ExecRequest *q)
{
    ExecState *s = &exec_state;
    CHECK(!s->running && s->thread == (uint64_t)pthread_self());
    if (unlikely(!e->timers_run)) {
        exec_arm_timers(e->limit_ms);
        e->timers_run = true;
    }
    if (e->fill != q->fill) make_pattern(e, q->fill);
    fill_stack(e, q);
    s->vectors = vectors_for(q);
    s->entry = s->step_entry = (uint64_t)(uintptr_t)q->entry;
    s->step = q->step;
    s->step_data = q->step_data;
    if (q->step) s->entry = (uint64_t)(uintptr_t)exec_step_entry;
    s->in[7] = (uint64_t)(uintptr_t)q->args;
    s->in[6] = (uint64_t)(uintptr_t)q->results;
    s->sequence++;
    if (q->locked_count) protect(q, PROT_READ);
    exec_enter();
    if (q->locked_count) protect(q, PROT_READ | PROT_WRITE);
    ExecResult r;
    finish(e, q, &r);
    return r;
}
