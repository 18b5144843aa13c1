#define _GNU_SOURCE
#include "backend/cc/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

enum { WORDS_MAX = 120, OUTPUT_MAX = 64 << 10 };

/* Limits can only be set by the process itself: a shell does, and then becomes the compiler. */
static char limits[] = "ulimit -S -t \"$1\" && TMPDIR=$2 LC_ALL=C && export TMPDIR LC_ALL && "
                       "shift 2 && exec \"$@\"";

static const char *output_file(const char *folder, struct obstack *o)
{
    obstack_printf(o, "%s/output", folder);
    obstack_1grow(o, 0);
    return obstack_finish(o);
}

static pid_t spawn(const char *output, char **argv)
{
    posix_spawn_file_actions_t actions;
    pid_t pid;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int error = posix_spawn(&pid, "/bin/sh", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return error ? -1 : pid;
}

static char *read_output(const char *path, struct obstack *o)
{
    char *text = obstack_alloc(o, OUTPUT_MAX + 1);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, OUTPUT_MAX) : 0;
    if (fd >= 0) close(fd);
    text[n > 0 ? n : 0] = 0;
    return text;
}

Ran command_run(const char *folder, char *const *argv, unsigned seconds, struct obstack *o)
{
    char number[16];
    char *words[WORDS_MAX + 8] = {"sh", "-c", limits, "sh", number, (char *)folder};
    snprintf(number, sizeof number, "%u", seconds);
    for (unsigned k = 0; argv[k] && k < WORDS_MAX; k++) words[k + 6] = argv[k];
    const char *output = output_file(folder, o);
    Ran r = {.status = -1};
    pid_t pid = spawn(output, words);
    while (pid > 0 && waitpid(pid, &r.status, 0) < 0 && errno == EINTR) continue;
    r.ok = pid > 0 && WIFEXITED(r.status) && WEXITSTATUS(r.status) == 0;
    r.output = read_output(output, o);
    return r;
}

/* ---- messages ---- */

/* What to look for, the most telling first; the message goes on to `end`. */
static const struct {
    const char *text, *end;
    bool keep; /* the text is part of the message */
    bool last; /* the last time it occurs */
} tells[] = {
    {"CPU time limit exceeded", "", false, false},
    {"internal compiler error: ", "\n", true, false},
    {"Assertion `", "\n", true, false},
    {"fatal error: error in backend: ", "\n", false, false},
    {"LLVM ERROR: ", "\n", true, false},
    {"Running pass '", " on function", true, true},
    {"undefined reference to ", "\n", true, false},
    {"fatal error: ", "\n", false, false},
    {"error: ", "\n", false, false},
};

static const char *find(const char *in, const char *text, bool last)
{
    const char *at = strstr(in, text);
    for (const char *next = at; last && next; next = strstr(next + 1, text)) at = next;
    return at;
}

static const char *copy(struct obstack *o, const char *from, size_t n)
{
    return obstack_copy0(o, from, n);
}

/* gcc names the pass in a line of its own. */
static const char *with_pass(const char *message, const char *output, struct obstack *o)
{
    const char *pass = strstr(output, "during ");
    if (!pass || !strstr(message, "internal compiler error")) return message;
    obstack_printf(o, "%s (%.*s)", message, (int)strcspn(pass, "\n"), pass);
    obstack_1grow(o, 0);
    return obstack_finish(o);
}

static const char *tell(const char *output, unsigned k, struct obstack *o)
{
    const char *at = find(output, tells[k].text, tells[k].last);
    if (!at) return NULL;
    if (!*tells[k].end) return "did not end";
    const char *from = tells[k].keep ? at : at + strlen(tells[k].text);
    const char *end = strstr(from + 1, tells[k].end), *line = from + strcspn(from, "\n");
    return with_pass(copy(o, from, (size_t)((end && end < line ? end : line) - from)), output, o);
}

const char *command_message(const Ran *r, struct obstack *o)
{
    if (r->status == -1) return "cannot be started";
    if (WIFSIGNALED(r->status) && WTERMSIG(r->status) == SIGXCPU) return "did not end";
    for (unsigned k = 0; k < sizeof tells / sizeof *tells; k++) {
        const char *message = tell(r->output, k, o);
        if (message) return message;
    }
    size_t line = strcspn(r->output, "\n");
    if (line) return copy(o, r->output, line);
    if (WIFSIGNALED(r->status)) obstack_printf(o, "SIG%s", sigabbrev_np(WTERMSIG(r->status)));
    else obstack_printf(o, "exit status %d", WEXITSTATUS(r->status));
    obstack_1grow(o, 0);
    return obstack_finish(o);
}
