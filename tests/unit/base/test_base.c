/* How a process ends that finds a bug of its own. */
#include "base/base.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static int end_of_check(void (*end)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        close(STDERR_FILENO);
        check_abort = end;
        CHECK(pid != 0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void own_bug(void **state)
{
    (void)state;
    int plain = end_of_check(NULL), kept = end_of_check(abort);
    assert_true(WIFEXITED(plain) && WEXITSTATUS(plain) == EXIT_BUG);
    assert_true(WIFSIGNALED(kept) && WTERMSIG(kept) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(own_bug)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
