/* For tests of src/oracle/exec: machine code written in assembly, and running it.
 *
 *     PAYLOAD(make_five, "movq $5, (%rsi)\n ret");
 *     ExecResult r = run_payload(PAYLOAD_OF(make_five));
 *
 * Payloads are copied into code memory, so they must not care where they run. rdi points to
 * `payload_args`, rsi to `payload_results`.
 */
#ifndef TESTS_PAYLOAD_H
#define TESTS_PAYLOAD_H

#include "base/codemem.h"
#include "oracle/exec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#endif

#define PAYLOAD(name, text) \
    extern const uint8_t name[], name##_end[]; \
    __asm__(".pushsection .rodata\n" #name ":\n" text "\n" #name "_end:\n.popsection\n")

typedef struct {
    const uint8_t *at, *end;
} Payload;

#define PAYLOAD_OF(name) ((Payload){name, name##_end})

static Exec *exec;
static CodeMem *code;
static const void *payload_args[8];
static uint64_t payload_results[1024];

/* cmocka puts handlers of its own around each test: exec_init puts ours on top again. */
static inline ExecRequest payload_request(Payload p)
{
    exec = exec_init(EXEC_FAULT_IS_BUG);
    codemem_rewind(code);
    uint8_t *out = codemem_next(code, 16);
    memcpy(out, p.at, (size_t)(p.end - p.at));
    codemem_add(code, (size_t)(p.end - p.at));
    return (ExecRequest){.entry = codemem_exec_of(code, out),
                         .args = payload_args,
                         .results = payload_results,
                         .code = {.at = code->exec, .size = code->used},
                         .fill = 0xa5};
}

static inline ExecResult run_payload(Payload p)
{
    ExecRequest q = payload_request(p);
    return exec_call(exec, &q);
}

/* Runs this program again in a new process, with ASan's handlers set up otherwise. */
static inline void run_again(const char *asan_options)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        setenv("ASAN_OPTIONS", asan_options, 1);
        setenv("TALLY_TEST_AGAIN", "1", 1);
        if (!freopen("/dev/null", "w", stdout)) _exit(125); /* its status says it all */
        execl("/proc/self/exe", "again", (char *)NULL);
        _exit(126);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (status != 0) fail_msg("ASAN_OPTIONS=%s: status %#x", asan_options, (unsigned)status);
}

static inline void test_sanitizer_options(void **state)
{
    (void)state;
    static const char *const options[] = {
        "handle_segv=1:handle_sigill=1:handle_abort=1:handle_sigfpe=1:handle_sigbus=1",
        "handle_segv=1:handle_sigill=1:handle_abort=1:allow_user_segv_handler=0:use_sigaltstack=1",
        "handle_segv=2:handle_sigill=2:handle_sigfpe=2:detect_stack_use_after_return=1",
        "handle_segv=0:use_sigaltstack=0",
    };
#ifndef WITH_ASAN
    skip();
#endif
    if (getenv("TALLY_TEST_AGAIN")) skip();
    for (size_t k = 0; k < countof(options); k++) run_again(options[k]);
}

static inline int payload_setup(void **state)
{
    (void)state;
    exec = exec_init(EXEC_FAULT_IS_BUG);
    code = codemem_create(1 << 20);
    return 0;
}

static inline int payload_teardown(void **state)
{
    (void)state;
    codemem_destroy(code);
    return 0;
}

#endif
