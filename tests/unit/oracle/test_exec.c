/* Generated code that behaves, and generated code that does not. */
#define _GNU_SOURCE
#include "payload.h"

#include "base/rng.h"
#include "oracle/exec_state.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>

/* ---- misdeeds: one row each ---- */

enum { ARG_TRAP_EXIT, ARG_UNMAPPED, ARG_MIDDLE, ARG_VICTIM, ARG_SPIN, ARG_DATA, ARG_ENTER };
#define TRAP_EXIT "0(%rdi)"
#define UNMAPPED "8(%rdi)"
#define MIDDLE "16(%rdi)"
#define VICTIM "24(%rdi)"
#define SPIN "32(%rdi)"
#define DATA "40(%rdi)"
#define ENTER "48(%rdi)"

PAYLOAD(returns, "movq $5, (%rsi)\n ret");
PAYLOAD(traps, "mov " TRAP_EXIT ", %rax\n mov $7, %edi\n jmp *%rax");
PAYLOAD(traps_deep, "call 1f\n 1: push %rax\n sub $1000, %rsp\n mov " TRAP_EXIT
                    ", %rax\n mov $-3, %edi\n xor %ebx, %ebx\n jmp *%rax");
PAYLOAD(traps_dirty, "std\n fld1\n mov " TRAP_EXIT ", %rax\n push $0\n ldmxcsr (%rsp)\n"
                     "mov $9, %edi\n lea 3(%rsp), %rsp\n jmp *%rax");
PAYLOAD(loops, "jmp .");
PAYLOAD(loops_in_c, "jmp *" SPIN);
PAYLOAD(waits, "1: mov $34, %eax\n syscall\n jmp 1b"); /* pause() */
PAYLOAD(stores_unmapped, "mov " UNMAPPED ", %rax\n 1: movl $1, (%rax)\n ret");
PAYLOAD(loads_unmapped, "mov " UNMAPPED ", %rax\n movl (%rax), %eax\n ret");
PAYLOAD(loads_null, "xor %eax, %eax\n movl 8(%rax), %eax\n ret");
PAYLOAD(loads_strange, "mov %rbx, %rax\n movl (%rax), %eax\n ret");
PAYLOAD(stores_code, "movl $1, stores_code(%rip)\n ret");
PAYLOAD(stores_below_stack, "movl $1, -0x7fffff00(%rsp)\n ret");
PAYLOAD(stores_above_stack, "movl $1, 0x7fffff00(%rsp)\n ret");
PAYLOAD(recurses, "1: sub $40, %rsp\n call 1b\n add $40, %rsp\n ret");
PAYLOAD(recurses_big, "1: sub $0x300000, %rsp\n call 1b\n ret");
PAYLOAD(probes, "1: sub $4096, %rsp\n movl $0, (%rsp)\n jmp 1b");
PAYLOAD(invalid, "ud2");
PAYLOAD(breakpoint, "nop\n int3");
PAYLOAD(divides, "xor %ecx, %ecx\n xor %edx, %edx\n mov $1, %eax\n div %ecx\n ret");
PAYLOAD(overflows, "mov $0x80000000, %eax\n cltd\n mov $-1, %ecx\n idiv %ecx\n ret");
PAYLOAD(float_exception, "push $0\n ldmxcsr (%rsp)\n pop %rax\n xorps %xmm0, %xmm0\n"
                         "divss %xmm0, %xmm0\n ret");
PAYLOAD(misaligned, "movaps 4(%rsi), %xmm0\n ret");
PAYLOAD(jumps_null, "xor %eax, %eax\n jmp *%rax");
PAYLOAD(calls_null, "xor %eax, %eax\n call *%rax\n ret");
PAYLOAD(jumps_strange, "jmp *%rbx");
PAYLOAD(jumps_to_data, "jmp *" DATA);
PAYLOAD(jumps_into_c, "xor %eax, %eax\n jmp *" MIDDLE);
PAYLOAD(jumps_far, "movq $0x2300001000, %rax\n movq %rax, (%rsi)\n ljmp *(%rsi)");
PAYLOAD(enters_again, "jmp *" ENTER);
PAYLOAD(calls_victim, "mov " VICTIM ", %rax\n xor %edi, %edi\n sub $8, %rsp\n call *%rax");
PAYLOAD(single_steps, "pushfq\n orl $0x100, (%rsp)\n popfq\n nop\n ret");
PAYLOAD(privileged, "hlt");

/* Wrong stack pointers. */
PAYLOAD(sp_low_8, "sub $8, %rsp\n ret");
PAYLOAD(sp_low_saved, "push %rbx\n ret");
PAYLOAD(sp_low_16, "sub $16, %rsp\n ret");
PAYLOAD(sp_high_8, "add $8, %rsp\n ret");
PAYLOAD(sp_high_16, "add $16, %rsp\n ret");
PAYLOAD(sp_high_128, "add $128, %rsp\n ret");
PAYLOAD(sp_popped, "ret $8");
PAYLOAD(sp_null, "xor %esp, %esp\n ret");
PAYLOAD(sp_strange, "mov %rbx, %rsp\n pop %rax\n ret");
PAYLOAD(sp_in_data, "mov %rsi, %rsp\n ret");
PAYLOAD(sp_elsewhere, "pop %rax\n mov %rsi, %rsp\n jmp *%rax");

/* Lost registers and states. */
PAYLOAD(loses_rbx, "xor %ebx, %ebx\n ret");
PAYLOAD(loses_rbp, "mov %rsp, %rbp\n ret");
PAYLOAD(loses_r12, "inc %r12\n ret");
PAYLOAD(loses_r13, "mov %r12, %r13\n ret");
PAYLOAD(loses_r14, "mov %r14d, %r14d\n ret");
PAYLOAD(loses_r15, "not %r15\n ret");
PAYLOAD(sets_df, "std\n ret");
PAYLOAD(sets_ac, "pushfq\n orl $0x40000, (%rsp)\n popfq\n ret");
PAYLOAD(faults_with_ac, "pushfq\n orl $0x40000, (%rsp)\n popfq\n std\n ud2");
PAYLOAD(sets_mxcsr, "movl $0x9f80, -8(%rsp)\n ldmxcsr -8(%rsp)\n ret");
PAYLOAD(sets_fcw, "movl $0x27f, -8(%rsp)\n fldcw -8(%rsp)\n ret");
PAYLOAD(loses_fs, "xor %eax, %eax\n mov %eax, %fs\n ret");
PAYLOAD(faults_without_fs, "xor %eax, %eax\n mov %eax, %fs\n ud2");
PAYLOAD(leaves_x87, "fld1\n ret");

/* Stores where it must not. */
PAYLOAD(smashes_caller, "movb $1, 21(%rsp)\n ret");

#define OUT_OF_CODE (-1) /* pc is not in the code */
#define ANYWHERE (-2)

typedef struct {
    const char *name;
    Payload payload;
    ExecKind kind;
    int code;
    ExecPlace place;
    int pc; /* offset in the payload, or one of the above */
    const char *what;
} Misdeed;

#define ROW(name, ...) {#name, {name, name##_end}, __VA_ARGS__}

static const Misdeed misdeeds[] = {
    ROW(returns, EXEC_returned, 0, 0, ANYWHERE, NULL),
    ROW(traps, EXEC_trapped, 7, 0, ANYWHERE, NULL),
    ROW(traps_deep, EXEC_trapped, -3, 0, ANYWHERE, NULL),
    ROW(traps_dirty, EXEC_trapped, 9, 0, ANYWHERE, NULL),
    ROW(stores_unmapped, EXEC_signal, SIGSEGV, EXEC_elsewhere, 4, NULL),
    ROW(loads_unmapped, EXEC_signal, SIGSEGV, EXEC_elsewhere, 4, NULL),
    ROW(loads_null, EXEC_signal, SIGSEGV, EXEC_in_null, 2, NULL),
    ROW(loads_strange, EXEC_signal, SIGSEGV, EXEC_elsewhere, 3, NULL),
    ROW(stores_code, EXEC_signal, SIGSEGV, EXEC_in_code, 0, NULL),
    ROW(stores_below_stack, EXEC_signal, SIGSEGV, EXEC_in_guard, 0, NULL),
    ROW(stores_above_stack, EXEC_signal, SIGSEGV, EXEC_in_guard, 0, NULL),
    ROW(recurses, EXEC_overflow, SIGSEGV, EXEC_in_guard, 4, NULL),
    ROW(recurses_big, EXEC_overflow, SIGSEGV, EXEC_in_guard, 7, NULL),
    ROW(probes, EXEC_overflow, SIGSEGV, EXEC_in_guard, 7, NULL),
    ROW(invalid, EXEC_signal, SIGILL, 0, 0, NULL),
    ROW(breakpoint, EXEC_signal, SIGTRAP, 0, 1, NULL),
    ROW(divides, EXEC_signal, SIGFPE, 0, 9, NULL),
    ROW(overflows, EXEC_signal, SIGFPE, 0, 11, NULL),
    ROW(float_exception, EXEC_signal, SIGFPE, 0, 10, NULL),
    ROW(misaligned, EXEC_signal, SIGSEGV, 0, 0, NULL),
    ROW(jumps_null, EXEC_signal, SIGSEGV, EXEC_in_null, OUT_OF_CODE, NULL),
    ROW(calls_null, EXEC_signal, SIGSEGV, EXEC_in_null, OUT_OF_CODE, NULL),
    ROW(jumps_strange, EXEC_signal, SIGSEGV, 0, ANYWHERE, NULL),
    ROW(jumps_to_data, EXEC_signal, SIGSEGV, EXEC_elsewhere, OUT_OF_CODE, NULL),
    ROW(jumps_into_c, EXEC_signal, SIGSEGV, EXEC_in_null, OUT_OF_CODE, NULL),
    ROW(jumps_far, EXEC_abi, ANYWHERE, EXEC_in_null, OUT_OF_CODE, "rsp"), /* 32-bit mode cuts it */
    ROW(enters_again, EXEC_signal, SIGILL, 0, OUT_OF_CODE, NULL),
    ROW(calls_victim, EXEC_signal, SIGSEGV, EXEC_in_null, OUT_OF_CODE, NULL),
    ROW(single_steps, EXEC_signal, SIGTRAP, 0, 10, NULL),
    ROW(privileged, EXEC_signal, SIGSEGV, 0, 0, NULL),
    ROW(sp_low_8, EXEC_abi, ANYWHERE, 0, ANYWHERE, "rsp"),
    ROW(sp_low_saved, EXEC_abi, ANYWHERE, 0, ANYWHERE, "rsp"),
    ROW(sp_low_16, EXEC_abi, ANYWHERE, 0, ANYWHERE, "rsp"),
    ROW(sp_high_8, EXEC_abi, 0, 0, ANYWHERE, "rsp"),
    ROW(sp_high_16, EXEC_abi, 0, 0, ANYWHERE, "rsp"),
    ROW(sp_high_128, EXEC_abi, 0, 0, ANYWHERE, "rsp"),
    ROW(sp_popped, EXEC_abi, 0, 0, ANYWHERE, "rsp"),
    ROW(sp_null, EXEC_abi, ANYWHERE, EXEC_in_null, ANYWHERE, "rsp"),
    ROW(sp_strange, EXEC_abi, ANYWHERE, 0, ANYWHERE, "rsp"),
    ROW(sp_in_data, EXEC_abi, ANYWHERE, ANYWHERE, ANYWHERE, "rsp"),
    ROW(sp_elsewhere, EXEC_abi, 0, 0, ANYWHERE, "rsp"),
    ROW(loses_rbx, EXEC_abi, 0, 0, ANYWHERE, "rbx"),
    ROW(loses_rbp, EXEC_abi, 0, 0, ANYWHERE, "rbp"),
    ROW(loses_r12, EXEC_abi, 0, 0, ANYWHERE, "r12"),
    ROW(loses_r13, EXEC_abi, 0, 0, ANYWHERE, "r13"),
    ROW(loses_r14, EXEC_abi, 0, 0, ANYWHERE, "r14"),
    ROW(loses_r15, EXEC_abi, 0, 0, ANYWHERE, "r15"),
    ROW(sets_df, EXEC_abi, 0, 0, ANYWHERE, "flags"),
    ROW(sets_ac, EXEC_abi, 0, 0, ANYWHERE, "flags"),
    ROW(faults_with_ac, EXEC_signal, SIGILL, 0, 10, NULL),
    ROW(sets_mxcsr, EXEC_abi, 0, 0, ANYWHERE, "mxcsr"),
    ROW(sets_fcw, EXEC_abi, 0, 0, ANYWHERE, "x87 control word"),
    ROW(leaves_x87, EXEC_abi, 0, 0, ANYWHERE, "x87 stack"),
    ROW(loses_fs, EXEC_abi, ANYWHERE, ANYWHERE, ANYWHERE, "base of fs"),
    ROW(faults_without_fs, EXEC_signal, SIGILL, 0, 4, NULL),
    ROW(smashes_caller, EXEC_stray, 0, 0, ANYWHERE, "caller's frame"),
};

static const Misdeed hangs[] = {
    ROW(loops, EXEC_hung, ANYWHERE, 0, 0, NULL),
    ROW(loops_in_c, EXEC_hung, ANYWHERE, 0, OUT_OF_CODE, NULL),
    ROW(waits, EXEC_hung, ANYWHERE, 0, ANYWHERE, NULL),
};

static void check_pc(const Misdeed *m, const ExecResult *r)
{
    if (m->pc == ANYWHERE) return;
    if (r->pc_in_code != (m->pc != OUT_OF_CODE)) fail_msg("%s: pc %#lx", m->name, r->pc);
    if (r->pc_in_code && r->pc != (uintptr_t)code->exec + (uint64_t)m->pc)
        fail_msg("%s: pc at offset %ld", m->name, (long)(r->pc - (uintptr_t)code->exec));
    if (r->pc_in_code) assert_int_equal(r->offset, r->pc - (uintptr_t)code->exec);
}

static void check_misdeed_as(const Misdeed *m, ExecStep *watch, void *data)
{
    ExecRequest q = payload_request(m->payload);
    q.step = watch;
    q.step_data = data;
    ExecResult r = exec_call(exec, &q);
    char text[200];
    exec_describe(&r, text, sizeof text);
    if (r.kind != m->kind || (m->code != ANYWHERE && r.code != m->code) ||
        ((int)m->place != ANYWHERE && r.place != m->place) ||
        (m->what && (!r.what || strcmp(r.what, m->what) != 0)))
        fail_msg("%s: %s (kind %s, code %d, place %d)", m->name, text, exec_kind_name(r.kind),
                 r.code, r.place);
    if (r.kind == EXEC_abi || r.kind == EXEC_stray) assert_true(r.expected != r.actual);
    check_pc(m, &r);
}

static void check_misdeed(const Misdeed *m) { check_misdeed_as(m, NULL, NULL); }

static uint32_t sum; /* something for C code to do */

/* Reached in its middle only. */
__attribute__((noinline)) static void with_a_middle(volatile uint32_t *p)
{
    __asm__ volatile(".globl middle_of_c\nmiddle_of_c: xor %0, %0" : "+r"(p));
    *p = sum;
}
extern const char middle_of_c[];

/* Faults with a frame that ASan has poisoned the borders of. */
__attribute__((noinline)) static void victim(volatile uint32_t *p)
{
    volatile uint32_t numbers[40];
    for (uint32_t k = 0; k < countof(numbers); k++) numbers[k] = k + sum;
    *p = numbers[sum % countof(numbers)];
}

__attribute__((noinline)) static void spin(void)
{
    for (volatile uint32_t k = 0;; k++) sum += k;
}

static int set_up(void **state)
{
    payload_setup(state);
    void *unmapped = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    payload_args[ARG_TRAP_EXIT] = exec_trap_exit;
    payload_args[ARG_UNMAPPED] = (char *)unmapped + (1 << 19);
    payload_args[ARG_MIDDLE] = middle_of_c;
    payload_args[ARG_VICTIM] = (const void *)(uintptr_t)victim;
    payload_args[ARG_SPIN] = (const void *)(uintptr_t)spin;
    payload_args[ARG_ENTER] = (const void *)(uintptr_t)exec_enter;
    payload_args[ARG_DATA] = payload_results;
    if (sum) with_a_middle(&sum);
    return 0;
}

static void test_misdeeds(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(misdeeds); k++) check_misdeed(&misdeeds[k]);
}

static void test_hangs(void **state)
{
    (void)state;
    exec_set_limit(exec, 50);
    for (size_t k = 0; k < countof(hangs); k++) check_misdeed(&hangs[k]);
    exec_set_limit(exec, 1000);
}

static int count_mappings(void)
{
    FILE *f = fopen("/proc/self/maps", "r");
    int lines = 0;
    for (int c; (c = getc(f)) != EOF;) lines += c == '\n';
    fclose(f);
    return lines;
}

/* No order of outcomes spoils a later one, and nothing is left behind. */
static void test_alternations(void **state)
{
    (void)state;
    exec_set_limit(exec, 20);
    Rng rng = rng_seeded(1);
    sigset_t before, after;
    sigprocmask(SIG_BLOCK, NULL, &before);
    int mappings = count_mappings();
    int rounds = getenv("TALLY_TEST_AGAIN") ? 1000 : 10000;
    for (int k = 0; k < rounds; k++) {
        if (k % 500 == 250) check_misdeed(&hangs[rng_below(&rng, countof(hangs))]);
        check_misdeed(&misdeeds[rng_below(&rng, countof(misdeeds))]);
    }
    sigprocmask(SIG_BLOCK, NULL, &after);
    assert_memory_equal(&before, &after, 8);
    assert_true(count_mappings() <= mappings + 4); /* the C library's own */
    exec_set_limit(exec, 1000);
}

/* ---- what code finds on entry ---- */

PAYLOAD(stores_registers,
        "mov %rax, 0(%rsi)\n mov %rcx, 8(%rsi)\n mov %rdx, 16(%rsi)\n mov %rbx, 24(%rsi)\n"
        "mov %rsp, 32(%rsi)\n mov %rbp, 40(%rsi)\n mov %rsi, 48(%rsi)\n mov %rdi, 56(%rsi)\n"
        "mov %r8, 64(%rsi)\n mov %r9, 72(%rsi)\n mov %r10, 80(%rsi)\n mov %r11, 88(%rsi)\n"
        "mov %r12, 96(%rsi)\n mov %r13, 104(%rsi)\n mov %r14, 112(%rsi)\n mov %r15, 120(%rsi)\n"
        "stmxcsr 128(%rsi)\n pushfq\n popq 136(%rsi)\n fnstcw 144(%rsi)\n ret");
PAYLOAD(stores_xmm, ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
                    "movups %xmm\\n, 16 * \\n(%rsi)\n .endr\n ret");
PAYLOAD(stores_ymm, ".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
                    "vmovups %ymm\\n, 32 * \\n(%rsi)\n .endr\n ret");

/* All words differ, and none could be an address. */
static void check_words(const uint64_t *words, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        assert_true((int64_t)(words[k] << 16) >> 16 != (int64_t)words[k]);
        for (size_t j = 0; j < k; j++) assert_true((uint32_t)words[j] != (uint32_t)words[k]);
    }
}

static void test_general_registers(void **state)
{
    (void)state;
    uint64_t *words = payload_results, first;
    assert_int_equal(run_payload(PAYLOAD_OF(stores_registers)).kind, EXEC_returned);
    assert_int_equal(words[4] % 16, 8); /* a return address below an aligned address */
    assert_int_equal(words[6], (uintptr_t)payload_results);
    assert_int_equal(words[7], (uintptr_t)payload_args);
    assert_int_equal((uint32_t)words[16], 0x1f80);
    assert_int_equal(words[17] & 0x40500, 0);
    assert_int_equal((uint16_t)words[18], 0x37f);
    words[4] = words[5];
    memmove(&words[5], &words[8], 8 * 8);
    check_words(words, 13);

    first = words[0];
    ExecRequest q = payload_request(PAYLOAD_OF(stores_registers));
    q.fill = 0x5a;
    assert_int_equal(exec_call(exec, &q).kind, EXEC_returned);
    assert_int_not_equal(words[0], first);
}

static void test_vector_registers(void **state)
{
    (void)state;
    assert_int_equal(run_payload(PAYLOAD_OF(stores_xmm)).kind, EXEC_returned);
    for (int k = 0; k < 16; k++) check_words(&payload_results[2 * k], 2);
    if (!__builtin_cpu_supports("avx")) skip();
    assert_int_equal(run_payload(PAYLOAD_OF(stores_ymm)).kind, EXEC_returned);
    for (int k = 0; k < 16; k++) check_words(&payload_results[4 * k], 4);
    ExecRequest q = payload_request(PAYLOAD_OF(stores_ymm));
    q.clean_upper = true;
    assert_int_equal(exec_call(exec, &q).kind, EXEC_returned);
    for (int k = 0; k < 16; k++) {
        check_words(&payload_results[4 * k], 2);
        assert_int_equal(payload_results[4 * k + 2] | payload_results[4 * k + 3], 0);
    }
}

/* ---- the stack ---- */

PAYLOAD(copies_stack, "mov %rsi, %rdi\n lea -8192(%rsp), %rsi\n mov $8192, %ecx\n rep movsb\n ret");
PAYLOAD(dirties_stack, "lea -8192(%rsp), %rdi\n mov $8192, %ecx\n mov $0x77, %al\n"
                       "rep stosb\n mov $0, %ebx\n ret");

static void check_stack(uint32_t window, uint8_t fill)
{
    ExecRequest q = payload_request(PAYLOAD_OF(copies_stack));
    q.stack_window = window;
    q.fill = fill;
    assert_int_equal(exec_call(exec, &q).kind, EXEC_returned);
    const uint8_t *bytes = (const uint8_t *)payload_results;
    for (uint32_t k = 0; k < 8192; k++)
        assert_int_equal(bytes[k], k < 8192 + 8 - window ? 0 : fill);
}

/* What a run leaves on the stack is gone in the next. */
static void test_stack_is_filled(void **state)
{
    (void)state;
    run_payload(PAYLOAD_OF(recurses));
    check_stack(512, 0xa5);
    run_payload(PAYLOAD_OF(dirties_stack));
    check_stack(4096, 0x11);
    check_stack(1024, 0x22);
    run_payload(PAYLOAD_OF(traps_deep));
    check_stack(16, 0xff);
}

PAYLOAD(uses_red_zone, "mov $0x1234, %eax\n mov %rax, -8(%rsp)\n mov %rax, -128(%rsp)\n"
                       "mov $200000000, %ecx\n 1: dec %ecx\n jnz 1b\n"
                       "mov -8(%rsp), %rax\n mov %rax, (%rsi)\n mov -128(%rsp), %rax\n"
                       "mov %rax, 8(%rsi)\n ret");

/* Ticks that arrive during a call do not write on its stack. */
static void test_red_zone(void **state)
{
    (void)state;
    exec_set_limit(exec, 100000);
    assert_int_equal(run_payload(PAYLOAD_OF(uses_red_zone)).kind, EXEC_returned);
    assert_int_equal(payload_results[0], 0x1234);
    assert_int_equal(payload_results[1], 0x1234);
    exec_set_limit(exec, 1000);
}

__attribute__((noinline)) static void helper(void)
{
    char from[300], to[300];
    memset(from, 'x', sizeof from);
    memset(to, 0, sizeof to);
    memcpy(to + sum % 7, from, 100);
    sum += (uint8_t)to[50];
}

PAYLOAD(calls_c, "sub $8, %rsp\n call *" VICTIM "\n add $8, %rsp\n ret");

/* Also on a stack on which C code was once interrupted, whose frames ASan had poisoned. */
static void test_calls_c(void **state)
{
    (void)state;
    assert_int_equal(run_payload(PAYLOAD_OF(calls_victim)).kind, EXEC_signal);
    payload_args[ARG_VICTIM] = (const void *)(uintptr_t)helper;
    assert_int_equal(run_payload(PAYLOAD_OF(calls_c)).kind, EXEC_returned);
    payload_args[ARG_VICTIM] = (const void *)(uintptr_t)victim;
}

/* ---- watching ---- */

static void count_step(void *data, const ExecRegisters *r)
{
    (void)r;
    ++*(uint64_t *)data;
}

/* What a handler puts right. */
static bool is_hidden(const Misdeed *m)
{
    return !strcmp(m->name, "single_steps") || !strcmp(m->name, "loses_fs");
}

/* Whatever else code does, it does so too when it is watched. */
static void test_watched_misdeeds(void **state)
{
    (void)state;
    exec_set_limit(exec, 100000);
    for (size_t k = 0; k < countof(misdeeds); k++) {
        uint64_t steps = 0;
        if (is_hidden(&misdeeds[k])) continue;
        check_misdeed_as(&misdeeds[k], count_step, &steps);
        assert_true(steps > 0);
        check_misdeed(&misdeeds[k]);
    }
    exec_set_limit(exec, 1000);
}

PAYLOAD(few_steps, "mov $5, %ecx\n 1: lea 1(%rax,%rcx), %rax\n dec %ecx\n jnz 1b\n"
                   "movq %rax, %xmm3\n std\n cld\n ret");

enum { FEW_STEPS = 1 + 5 * 3 + 4 };
typedef struct {
    uint32_t n;
    ExecRegisters at[FEW_STEPS + 4];
} Steps;

static void keep_step(void *data, const ExecRegisters *r)
{
    Steps *s = data;
    if (s->n < countof(s->at)) s->at[s->n++] = *r;
}

/* Each instruction is seen once, with what it finds. */
static void test_steps(void **state)
{
    (void)state;
    Steps s = {0};
    ExecRequest q = payload_request(PAYLOAD_OF(few_steps));
    q.step = keep_step;
    q.step_data = &s;
    assert_int_equal(exec_call(exec, &q).kind, EXEC_returned);
    assert_int_equal(s.n, FEW_STEPS);
    uint64_t start = (uintptr_t)code->exec, rax = s.at[0].general[0];
    assert_int_equal(s.at[0].pc, start);
    assert_int_equal(s.at[0].general[7], (uintptr_t)payload_args);
    assert_int_equal(s.at[1].pc, start + 5);
    assert_int_equal(s.at[1].general[1], 5);
    assert_int_equal(s.at[16].general[0], rax + 5 + 4 + 3 + 2 + 1 + 5);
    assert_int_equal(s.at[17].vector[3][0], s.at[16].general[0]);
    assert_int_equal(s.at[18].flags & 0x500, 0x400); /* the direction, and no trap flag */
    assert_int_equal(s.at[18].general[4] % 16, 8);
    assert_int_equal(run_payload(PAYLOAD_OF(few_steps)).kind, EXEC_returned);
    assert_int_equal(s.n, FEW_STEPS); /* nobody watches any more */
}

/* ---- stores over memory of ours ---- */

static _Alignas(4096) uint8_t ours[8192];
PAYLOAD(stores_ours, "mov " UNMAPPED ", %rax\n movl $0x01020304, (%rax)\n ret");

static ExecResult store_at(uint8_t *at, ExecRequest extra)
{
    const void *saved = payload_args[ARG_UNMAPPED];
    payload_args[ARG_UNMAPPED] = at;
    ExecRequest q = payload_request(PAYLOAD_OF(stores_ours));
    q.watched = extra.watched;
    q.watched_count = extra.watched_count;
    q.locked = extra.locked;
    q.locked_count = extra.locked_count;
    ExecResult r = exec_call(exec, &q);
    payload_args[ARG_UNMAPPED] = saved;
    return r;
}

static void test_watched(void **state)
{
    (void)state;
    uint8_t watched[16] = {[2] = 4}, copy[16] = {[2] = 4};
    ExecWatch w = {.name = "block", .at = watched, .copy = copy, .size = sizeof copy};
    ExecRequest with = {.watched = &w, .watched_count = 1};
    ExecResult r = store_at(watched + 2, with);
    assert_int_equal(r.kind, EXEC_stray);
    assert_string_equal(r.what, "block");
    assert_int_equal(r.address, (uintptr_t)watched + 3); /* the first byte keeps its value */
    assert_int_equal(r.expected, 0);
    assert_int_equal(r.actual, 3);
    assert_memory_equal(watched, copy, sizeof copy);
    assert_int_equal(store_at(ours, with).kind, EXEC_returned);
}

static void test_locked(void **state)
{
    (void)state;
    ExecRange range = {.name = "case", .at = ours + 1, .size = sizeof ours - 1};
    ExecRequest with = {.locked = &range, .locked_count = 1};
    ExecResult r = store_at(ours + 4096, with);
    assert_int_equal(r.kind, EXEC_signal);
    assert_int_equal(r.code, SIGSEGV);
    assert_int_equal(r.place, EXEC_in_locked);
    assert_true(r.write && r.pc_in_code);
    assert_string_equal(r.what, "case");
    assert_int_equal(ours[4096], 0);
    ours[4096] = 1;                                            /* it is ours to write again */
    assert_int_equal(store_at(ours, with).kind, EXEC_returned); /* no whole page of the range */
}

static void test_blocks(void **state)
{
    (void)state;
    ExecRequest q = payload_request(PAYLOAD_OF(returns));
    q.results = exec_results(exec);
    memset(exec_args(exec), 0x11, EXEC_BLOCK_SIZE);
    memset(exec_results(exec), 0x22, EXEC_BLOCK_SIZE);
    assert_int_equal(exec_call(exec, &q).kind, EXEC_returned);
    assert_int_equal(*(uint64_t *)exec_results(exec), 5);
    q.results = (char *)exec_results(exec) + EXEC_BLOCK_SIZE;
    assert_int_equal(exec_call(exec, &q).kind, EXEC_signal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_misdeeds),         cmocka_unit_test(test_hangs),
        cmocka_unit_test(test_alternations),     cmocka_unit_test(test_general_registers),
        cmocka_unit_test(test_vector_registers), cmocka_unit_test(test_stack_is_filled),
        cmocka_unit_test(test_red_zone),         cmocka_unit_test(test_calls_c),
        cmocka_unit_test(test_watched_misdeeds), cmocka_unit_test(test_steps),
        cmocka_unit_test(test_watched),          cmocka_unit_test(test_locked),
        cmocka_unit_test(test_blocks),           cmocka_unit_test(test_sanitizer_options),
    };
    return cmocka_run_group_tests(tests, set_up, payload_teardown);
}
