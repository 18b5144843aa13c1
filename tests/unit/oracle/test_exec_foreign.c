/* Faults that are not the generated code's, and what goes on around calls: earlier handlers,
 * forks, sanitizers. Each scene plays in a child, whose end and messages are looked at. */
#define _GNU_SOURCE
#include "payload.h"

#include "oracle/exec_state.h"

#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>

PAYLOAD(returns, "movq $5, (%rsi)\n ret");
PAYLOAD(invalid, "ud2");
PAYLOAD(loops, "jmp .");
PAYLOAD(loads_null, "xor %eax, %eax\n movl (%rax), %eax\n ret");

enum { FROM_INFO = 40, FROM_PLAIN = 41, MASK_IS_WRONG = 42 };

typedef struct {
    int status;
    char text[8192]; /* of standard error */
} Ending;

static Ending ending_of(void (*scene)(void))
{
    Ending end = {0};
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        scene();
        _exit(0);
    }
    close(ends[1]);
    size_t have = 0;
    char chunk[4096];
    for (ssize_t n; (n = read(ends[0], chunk, sizeof chunk)) > 0;) {
        size_t keep = min_u64((uint64_t)n, sizeof end.text - 1 - have);
        memcpy(end.text + have, chunk, keep);
        have += keep;
    }
    close(ends[0]);
    assert_int_equal(waitpid(pid, &end.status, 0), pid);
    return end;
}

static void expect_exit(const Ending *end, int status)
{
    if (!WIFEXITED(end->status) || WEXITSTATUS(end->status) != status)
        fail_msg("status %#x instead of exit %d: %s", (unsigned)end->status, status, end->text);
}

static void expect_signal(const Ending *end, int sig)
{
    if (!WIFSIGNALED(end->status) || WTERMSIG(end->status) != sig)
        fail_msg("status %#x instead of signal %d: %s", (unsigned)end->status, sig, end->text);
}

static void expect_text(const Ending *end, const char *text)
{
    if (!strstr(end->text, text)) fail_msg("no `%s` in: %s", text, end->text);
}

/* ---- handlers that were there before ---- */

/* As sigaction, past any sanitizer. */
static void install(int sig, void *handler, unsigned long flags)
{
    struct {
        void *handler;
        unsigned long flags;
        void *restorer;
        uint64_t mask;
    } a = {handler, flags | 0x04000000, exec_signal_return, 1u << (SIGUSR1 - 1)};
    assert_int_equal(syscall(SYS_rt_sigaction, sig, &a, NULL, sizeof a.mask), 0);
}

static bool is_blocked(int sig)
{
    sigset_t mask;
    sigprocmask(SIG_BLOCK, NULL, &mask);
    return sigismember(&mask, sig);
}

static void info_handler(int sig, siginfo_t *info, void *context)
{
    (void)context;
    bool mask_is_right = is_blocked(SIGUSR1) && is_blocked(sig) && !is_blocked(SIGUSR2);
    if (!mask_is_right) _exit(MASK_IS_WRONG);
    _exit(info->si_addr == (void *)0x123 ? FROM_INFO : 0);
}

static void nodefer_handler(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    _exit(is_blocked(sig) ? MASK_IS_WRONG : FROM_INFO);
}

static void plain_handler(int sig)
{
    _exit(sig == SIGSEGV ? FROM_PLAIN : 0);
}

/* Generated code faults first: that is an outcome, whoever was there before. */
static void after_a_call(ExecPolicy policy)
{
    exec = exec_init(policy);
    ExecRequest q = payload_request(PAYLOAD_OF(loads_null));
    exec_init(policy);
    if (exec_call(exec, &q).kind != EXEC_signal) _exit(1);
}

static volatile uintptr_t bad_address = 0x123;

__attribute__((noinline)) static void fault(void)
{
    *(volatile uint8_t *)bad_address = 1;
}

static void scene_info(void)
{
    install(SIGSEGV, (void *)info_handler, SA_SIGINFO);
    after_a_call(EXEC_FAULT_PASSES_ON);
    fault();
}

static void scene_nodefer(void)
{
    install(SIGSEGV, (void *)nodefer_handler, SA_SIGINFO | SA_NODEFER);
    after_a_call(EXEC_FAULT_PASSES_ON);
    fault();
}

static void scene_plain(void)
{
    install(SIGSEGV, (void *)plain_handler, 0);
    after_a_call(EXEC_FAULT_PASSES_ON);
    fault();
}

static void scene_default(void)
{
    install(SIGSEGV, (void *)SIG_DFL, 0);
    after_a_call(EXEC_FAULT_PASSES_ON);
    fault();
}

static void scene_ignored(void)
{
    install(SIGSEGV, (void *)SIG_IGN, 0);
    after_a_call(EXEC_FAULT_PASSES_ON);
    fault();
}

static void scene_sent(void)
{
    install(SIGSEGV, (void *)SIG_DFL, 0);
    after_a_call(EXEC_FAULT_IS_BUG);
    kill(getpid(), SIGSEGV);
}

static void test_passes_on(void **state)
{
    (void)state;
    Ending end = ending_of(scene_info);
    expect_exit(&end, FROM_INFO);
    end = ending_of(scene_nodefer);
    expect_exit(&end, FROM_INFO);
    end = ending_of(scene_plain);
    expect_exit(&end, FROM_PLAIN);
    end = ending_of(scene_default);
    expect_signal(&end, SIGSEGV);
    end = ending_of(scene_ignored);
    expect_signal(&end, SIGSEGV);
    end = ending_of(scene_sent);
    expect_signal(&end, SIGSEGV);
}

/* ---- our own bugs ---- */

static void scene_own_bug(void)
{
    after_a_call(EXEC_FAULT_IS_BUG);
    fault();
}

static void scene_own_bug_with_handler(void)
{
    install(SIGSEGV, (void *)info_handler, SA_SIGINFO);
    scene_own_bug();
}

static const char *faulty_description(void *data)
{
    (void)data;
    fault();
    return "";
}

static void scene_bug_in_report(void)
{
    check_context.pass = "scene";
    check_context.describe = faulty_description;
    scene_own_bug();
}

static void scene_trap_in_c(void)
{
    after_a_call(EXEC_FAULT_IS_BUG);
    __builtin_trap();
}

static void test_own_bug(void **state)
{
    (void)state;
    Ending end = ending_of(scene_own_bug);
    expect_exit(&end, EXIT_BUG);
    expect_text(&end, "tally: our own bug: SIGSEGV at pc 0x");
    expect_text(&end, "address 0x123");
#ifdef WITH_ASAN
    expect_text(&end, " in fault ");
#endif
    end = ending_of(scene_own_bug_with_handler);
    expect_exit(&end, EXIT_BUG);
    end = ending_of(scene_bug_in_report);
    expect_exit(&end, EXIT_BUG);
    expect_text(&end, "in pass: scene");
    end = ending_of(scene_trap_in_c);
    expect_exit(&end, EXIT_BUG);
    expect_text(&end, "SIGILL");
}

/* ---- with a sanitizer's handlers left in place ---- */

/* These scenes play without cmocka, which has a handler of its own around each test. */

static void (*our_handler)(int, siginfo_t *, void *);

/* As libFuzzer's handler of SIGSEGV, which it puts on top of the one it finds. */
static void wrapper(int sig, siginfo_t *info, void *context)
{
    our_handler(sig, info, context);
}

static void wrap(void)
{
    struct {
        void (*handler)(int, siginfo_t *, void *);
        uint64_t rest[3];
    } ours;
    syscall(SYS_rt_sigaction, SIGSEGV, NULL, &ours, 8);
    our_handler = ours.handler;
    install(SIGSEGV, (void *)wrapper, SA_SIGINFO | SA_ONSTACK);
}

static void play_plain(void)
{
    after_a_call(EXEC_FAULT_PASSES_ON);
    fault();
}

static void play_wrapped(void)
{
    ExecRequest q = payload_request(PAYLOAD_OF(loads_null));
    wrap();
    for (int k = 0; k < 1000; k++)
        if (exec_call(exec, &q).kind != EXEC_signal) _exit(1);
    exec_init(EXEC_FAULT_PASSES_ON); /* ours, on the wrapper, on ours */
    if (exec_call(exec, &q).kind != EXEC_signal) _exit(1);
    fault();
}

static void play_wrapped_bug(void)
{
    ExecRequest q = payload_request(PAYLOAD_OF(loads_null));
    wrap();
    if (exec_call(exec, &q).kind != EXEC_signal) _exit(1);
    fault();
}

static const struct {
    const char *name;
    void (*play)(void);
} plays[] = {{"plain", play_plain}, {"wrapped", play_wrapped}, {"wrapped bug", play_wrapped_bug}};

static void scene_plain_process(void)
{
    execl("/proc/self/exe", "test_exec_foreign", "plain", (char *)NULL);
}

static void scene_wrapped_process(void)
{
    execl("/proc/self/exe", "test_exec_foreign", "wrapped", (char *)NULL);
}

static void scene_wrapped_bug_process(void)
{
    execl("/proc/self/exe", "test_exec_foreign", "wrapped bug", (char *)NULL);
}

/* What was there before the program began gets the fault: the kernel, or a sanitizer. */
static void expect_original(const Ending *end)
{
#ifdef WITH_ASAN
    assert_true(end->status != 0);
    if (getenv("TALLY_TEST_AGAIN")) return; /* its handlers may be off then */
    expect_text(end, "AddressSanitizer: SEGV on unknown address 0x000000000123");
    expect_text(end, " in fault ");
#else
    expect_signal(end, SIGSEGV);
#endif
}

static void test_original_handlers(void **state)
{
    (void)state;
    Ending end = ending_of(scene_plain_process);
    expect_original(&end);
    end = ending_of(scene_wrapped_process);
    expect_original(&end);
    end = ending_of(scene_wrapped_bug_process);
    expect_exit(&end, EXIT_BUG);
}

/* ---- forks ---- */

static void scene_child_calls(void)
{
    for (int k = 0; k < 3; k++) {
        if (run_payload(PAYLOAD_OF(returns)).kind != EXEC_returned) _exit(1);
        if (run_payload(PAYLOAD_OF(invalid)).kind != EXEC_signal) _exit(2);
        if (run_payload(PAYLOAD_OF(loops)).kind != EXEC_hung) _exit(3);
    }
    pid_t pid = fork(); /* a fork server's child has children of its own */
    if (pid == 0) _exit(run_payload(PAYLOAD_OF(loops)).kind == EXEC_hung ? 0 : 4);
    int status;
    waitpid(pid, &status, 0);
    _exit(WEXITSTATUS(status));
}

static void test_fork(void **state)
{
    (void)state;
    exec_set_limit(exec, 20);
    run_payload(PAYLOAD_OF(returns));
    Ending end = ending_of(scene_child_calls);
    expect_exit(&end, 0);
    assert_int_equal(run_payload(PAYLOAD_OF(loops)).kind, EXEC_hung); /* in the parent, still */
}

/* SIGALRM and SIGPROF belong to others. Some signals may be ignored from the beginning (nohup). */
static void test_leaves_timers_alone(void **state)
{
    (void)state;
    run_payload(PAYLOAD_OF(loops));
    for (int sig = 1; sig < SIGRTMIN - 2; sig++) {
        struct sigaction a;
        bool ours = sig == SIGSEGV || sig == SIGBUS || sig == SIGILL || sig == SIGFPE ||
                    sig == SIGTRAP;
        if (sig == SIGKILL || sig == SIGSTOP || ours || sigaction(sig, NULL, &a) != 0) continue;
        if (sig != SIGABRT && sig != SIGSYS && sig != SIGPIPE && sig != SIGUSR1 && sig != SIGUSR2)
            assert_true(a.sa_handler == SIG_DFL || a.sa_handler == SIG_IGN);
    }
}

int main(int argc, char **argv)
{
    for (size_t k = 0; argc > 1 && k < countof(plays); k++) {
        if (strcmp(argv[1], plays[k].name) != 0) continue;
        payload_setup(NULL);
        plays[k].play();
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes_on),           cmocka_unit_test(test_own_bug),
        cmocka_unit_test(test_original_handlers),   cmocka_unit_test(test_fork),
        cmocka_unit_test(test_leaves_timers_alone), cmocka_unit_test(test_sanitizer_options),
    };
    return cmocka_run_group_tests(tests, payload_setup, payload_teardown);
}
