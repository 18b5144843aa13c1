/* Running a program within limits. */
#ifndef TESTS_LIMITED_H
#define TESTS_LIMITED_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BROKEN = 125 };

typedef struct {
    long megabytes; /* 0: not measured */
    rlim_t seconds; /* of CPU time */
    int output, messages; /* what the program gets as stdout and stderr, -1 for ours */
} Limits;

/* The exit status, or BROKEN and a line on stderr when the program took more than it may, or died
 * of a signal. */
static inline int run_limited(char **command, const Limits *l)
{
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CPU, &(struct rlimit){l->seconds, l->seconds});
        if (l->output >= 0) dup2(l->output, 1);
        if (l->messages >= 0) dup2(l->messages, 2);
        execvp(command[0], command);
        _exit(BROKEN);
    }
    int status;
    struct rusage usage;
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) return BROKEN;
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "within: %s: %s\n", command[0], strsignal(WTERMSIG(status)));
        return BROKEN;
    }
    if (l->megabytes && usage.ru_maxrss > l->megabytes * 1024) {
        fprintf(stderr, "within: %s: took %ld KiB\n", command[0], usage.ru_maxrss);
        return BROKEN;
    }
    return WEXITSTATUS(status);
}

#endif
