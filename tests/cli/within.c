/* Runs a command and measures it: ends with its exit status, or with 125 and a message when it took
 * more memory or time than it may, or died of a signal.
 *
 *     within MEGABYTES SECONDS COMMAND [ARGUMENT]...      0 megabytes: not measured
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BROKEN = 125 };

int main(int argc, char **argv)
{
    if (argc < 4) return BROKEN;
    long megabytes = atol(argv[1]);
    rlim_t seconds = (rlim_t)atol(argv[2]);
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds});
        execvp(argv[3], argv + 3);
        _exit(BROKEN);
    }
    int status;
    struct rusage usage;
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) return BROKEN;
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "within: %s: %s\n", argv[3], strsignal(WTERMSIG(status)));
        return BROKEN;
    }
    if (megabytes && usage.ru_maxrss > megabytes * 1024) {
        fprintf(stderr, "within: %s: took %ld KiB\n", argv[3], usage.ru_maxrss);
        return BROKEN;
    }
    return WEXITSTATUS(status);
}
