#define _GNU_SOURCE
#include "oracle/process.h"

#include "oracle/message.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    CLOCK_FACTOR = 20,
    POLL_MS = 200,
    GONE_MS = 1,             /* between looks at one that hung up */
    OUTPUT_KEPT = 64 << 10,  /* bytes */
    SOCKET = 3,              /* the worker's end */
};

static Process *started; /* all that live, of this process and those before it */

static bool is_ours(const Process *p) { return p->pid && p->owner == getpid(); }

/* ---- starting ---- */

/* The parent may be gone already, before anyone could tell the kernel to watch. */
static void die_with(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(0);
}

static _Noreturn void become_worker(const Process *p, int socket, ProcessServe *serve, void *data)
{
    setpgid(0, 0);
    die_with(p->owner);
    int nothing = open("/dev/null", O_RDONLY);
    int output = fcntl(p->output, F_DUPFD, SOCKET + 1);
    socket = fcntl(socket, F_DUPFD, SOCKET + 1);
    dup2(nothing, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    dup3(socket, SOCKET, O_CLOEXEC);
    closefrom(SOCKET + 1);
    serve(data, SOCKET, p->folder.path);
    _exit(0);
}

/* What earlier ones left is removed by the first worker of a process. */
static void begin_folder(Process *p, Arena *a)
{
    static bool swept;
    const char *error = NULL;
    if (!swept) {
        folder_sweep_temporary();
        atexit(process_stop_all);
    }
    swept = true;
    if (!folder_begin_temporary(&p->folder, a, &error)) die("cannot start a worker: %s", error);
}

void process_start(Process *p, Arena *a, ProcessServe *serve, void *data)
{
    int ends[2];
    CHECK(!p->pid);
    begin_folder(p, a);
    p->output = memfd_create("tally-worker", MFD_CLOEXEC);
    if (p->output < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        die("cannot start a worker: %s", strerror(errno));
    p->owner = getpid();
    p->told_at = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid < 0) die("cannot start a worker: %s", strerror(errno));
    if (pid == 0) become_worker(p, ends[1], serve, data);
    setpgid(pid, pid);
    close(ends[1]);
    p->pid = pid;
    p->socket = ends[0];
    p->next = started;
    started = p;
}

/* ---- ending ---- */

static void forget(Process *p)
{
    Process **at = &started;
    while (*at != p) at = &(*at)->next;
    *at = p->next;
    close(p->socket), close(p->output);
    p->pid = 0;
}

/* Kills what is left of the group, takes leave of its leader; its status as waitpid has it. */
static int bury(Process *p)
{
    int status = 0;
    kill(-p->pid, SIGKILL);
    kill(p->pid, SIGKILL);
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR) continue;
    folder_drop(&p->folder);
    forget(p);
    return status;
}

void process_stop(Process *p)
{
    if (is_ours(p)) bury(p);
    else if (p->pid) close(p->folder.fd), forget(p); /* another process's, which lives on there */
}

void process_stop_all(void)
{
    while (started) process_stop(started);
}

void process_kill_all(void)
{
    for (const Process *p = started; p; p = p->next) {
        if (!is_ours(p)) continue;
        kill(-p->pid, SIGKILL);
        rmdir(p->folder.path);
    }
}

/* Whether it has ended; it stays to be buried. */
static bool has_ended(const Process *p)
{
    siginfo_t info = {0};
    return waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid;
}

static void note_end(Process *p, const char *how)
{
    char room[4096];
    Str said = message_last_words(p->output, p->told_at, room, sizeof room);
    snprintf(p->end, sizeof p->end, "%s%s%.*s", how, said.n ? ": " : "",
             (int)min_u64(said.n, 200), said.at);
    message_clean(p->end);
}

/* What CHECK and bug() say: our code in the worker failed, not the compiler. */
static bool is_own_bug(const char *end)
{
    static const char text[] = "exit with status 4: tally: our own bug: ";
    return strncmp(end, text, sizeof text - 1) == 0;
}

static void note_death(Process *p)
{
    siginfo_t info = {0};
    char how[80];
    waitid(P_PID, (id_t)p->pid, &info, WEXITED | WNOWAIT);
    if (info.si_code == CLD_EXITED)
        snprintf(how, sizeof how, "exit with status %d", info.si_status);
    else
        snprintf(how, sizeof how, "SIG%s", sigabbrev_np(info.si_status));
    note_end(p, how);
    p->stuck = false;
    bury(p);
    if (is_own_bug(p->end)) bug("in a worker: %s", p->end);
}

static void note_stuck(Process *p)
{
    note_end(p, "did not end");
    p->stuck = true;
    bury(p);
}

bool process_lives(Process *p)
{
    struct pollfd hung_up = {.fd = p->socket, .events = POLLIN};
    if (is_ours(p) && poll(&hung_up, 1, 0) == 0) return true;
    process_stop(p);
    return false;
}

/* ---- orders ---- */

bool process_tell(Process *p)
{
    char byte = 0;
    p->told_at = lseek(p->output, 0, SEEK_END);
    if (p->told_at > OUTPUT_KEPT && ftruncate(p->output, 0) == 0)
        p->told_at = lseek(p->output, 0, SEEK_SET);
    if (send(p->socket, &byte, 1, MSG_NOSIGNAL) == 1) return true;
    note_death(p);
    return false;
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) return 0;
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds(pid_t pid)
{
    clockid_t clock;
    return clock_getcpuclockid(pid, &clock) == 0 ? seconds_of(clock) : 0;
}

/* False when it hung up. */
static bool take_answer(const Process *p)
{
    char byte;
    return recv(p->socket, &byte, 1, MSG_DONTWAIT) == 1;
}

/* Processes that it has started may hold the socket when it is gone; and it may have closed the
 * socket, and live. */
bool process_wait(Process *p)
{
    struct pollfd answer = {.fd = p->socket, .events = POLLIN};
    double cpu = 0, clock = 0;
    for (int ms = POLL_MS; poll(&answer, 1, ms) <= 0 || !take_answer(p);) {
        if (has_ended(p)) return note_death(p), false;
        if (answer.fd >= 0 && answer.revents) answer.fd = -1, ms = GONE_MS;
        if (!clock) cpu = cpu_seconds(p->pid), clock = seconds_of(CLOCK_MONOTONIC);
        if (cpu_seconds(p->pid) - cpu < p->seconds &&
            seconds_of(CLOCK_MONOTONIC) - clock < p->seconds * CLOCK_FACTOR)
            continue;
        return note_stuck(p), false;
    }
    return true;
}
