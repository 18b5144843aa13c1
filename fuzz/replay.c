#define _GNU_SOURCE
#include "fuzz/replay.h"

#include "base/file.h"
#include "ir/load.h"
#include "oracle/finding.h"
#include "oracle/process.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* What the child is told: a path, whether a case is there, what to expect. */
static const char path_word[] = "TALLY_REPLAY", case_word[] = "TALLY_REPLAY_CASE",
                  verdict_word[] = "TALLY_REPLAY_VERDICT", options_word[] = "TALLY_OPTIONS";

const char *replay_word(Arena *a, const Verdict *v)
{
    return finding_word(a, verdict_name(v->kind), v->odd ? v->odd->name : NULL);
}

/* The bytes as a file that has no name; -1 when that is not possible. */
static int open_memory(Str text)
{
    int fd = memfd_create("tally-replay", MFD_CLOEXEC);
    if (fd < 0) return -1;
    for (size_t done = 0; done < text.n;) {
        ssize_t n = write(fd, text.at + done, text.n - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) {
            close(fd);
            return -1;
        }
        done += (size_t)n;
    }
    return fd;
}

static bool begins_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* The environment without AFL's and our own words, plus those given. */
static char **make_environment(const Replay *r, int fd, Arena *a)
{
    VEC(char *) list = {0};
    Buf options = {.arena = a};
    SessionOptions o = *r->options;
    o.findings = NULL;
    session_options_write(&options, &o);
    for (char **e = environ; *e; e++)
        if (!begins_with(*e, "__AFL") && !begins_with(*e, "AFL_") && !begins_with(*e, path_word) &&
            !begins_with(*e, options_word))
            *vec_push(a, &list) = *e;
    *vec_push(a, &list) = arena_printf(a, "%s=/proc/self/fd/%d", path_word, fd);
    *vec_push(a, &list) = arena_printf(a, "%s=%s", verdict_word, r->word);
    *vec_push(a, &list) = arena_printf(a, "%s=%s", options_word, options.at);
    if (r->is_case) *vec_push(a, &list) = arena_printf(a, "%s=1", case_word);
    vec_push(a, &list);
    return list.at;
}

/* Starts one process, which inherits `fd`, and waits for it. Its exit status; -1 when it did not
 * start. */
static int start_and_wait(int fd, char **environment)
{
    pid_t pid;
    int status = 0;
    char *argv[] = {"tally-replay", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, fd, fd);
    int error = posix_spawn(&pid, "/proc/self/exe", &actions, NULL, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error) return -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_GONE;
}

uint32_t replay_shows(const Replay *r, uint32_t n, Arena *a)
{
    int fd = open_memory(r->text);
    if (fd < 0) return n;
    char **environment = make_environment(r, fd, a);
    uint32_t shown = 0;
    for (uint32_t k = 0; k < n; k++) {
        int status = start_and_wait(fd, environment);
        shown += status == EXIT_FINDING || status == -1;
    }
    close(fd);
    return shown;
}

/* ---- in the child ------------------------------------------------------------------------- */

static bool judge_input(Session *s, Str input, Verdict *v)
{
    SessionEvent e;
    bool found = session_input(s, (const uint8_t *)input.at, input.n, &e);
    if (found) *v = e.verdict;
    return found;
}

static bool judge_text(Session *s, const char *path, Arena *a, Verdict *v)
{
    Diag d = {.arena = a, .file = path};
    const Case *c = case_load(&d);
    if (c) judge_case(session_judge(s), c, v);
    return c && verdict_is_finding(v->kind);
}

static _Noreturn void leave(int status)
{
    process_stop_all();
    _exit(status);
}

void replay_if_asked(void)
{
    const char *path = getenv(path_word), *expected = getenv(verdict_word);
    if (!path || !expected) return;
    const char *error = NULL;
    SessionOptions o = {0};
    Arena *a = arena_create();
    Str input;
    if (!session_options_read(&o, getenv(options_word), &error) ||
        !file_read(a, path, FILE_LIMIT, &input, &error))
        leave(EXIT_INPUT);
    o.verdict_only = true;
    o.findings = NULL;
    Session *s = session_create(&o, "replay", &error);
    Verdict v;
    if (!s || !(getenv(case_word) ? judge_text(s, path, a, &v) : judge_input(s, input, &v)))
        leave(EXIT_GONE);
    leave(strcmp(replay_word(a, &v), expected) == 0 ? EXIT_FINDING : EXIT_GONE);
}
