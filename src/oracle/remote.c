/* The parent's side. */
#define _GNU_SOURCE
#include "oracle/remote.h"

#include "oracle/remote_local.h"

#include "backend/library.h"
#include "ir/write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    COMPILE_SECONDS = 20, /* of CPU time */
    CLOCK_FACTOR = 20,    /* on the clock: the worker may wait for processes of its own */
    POLL_MS = 200,
    SETTLING = 16, /* compiles before the worker's memory is taken for its ordinary size */
};

struct Remote {
    Arena *arena;
    Config *config;
    Image *image;
    Mailbox *box;
    Arena *scratch;
    pid_t pid, owner; /* 0: none runs; the process that started it */
    int socket, output; /* the latter: what it wrote to stdout and stderr */
    const char *folder;
    uint32_t seconds, run_limit_ms;
    uint64_t compiles, resident_first;
    char end[MESSAGE_BYTES]; /* how the last worker ended */
    bool stuck;

    /* The compile that goes on. */
    enum { NOT_STARTED, TOO_LARGE, DIED, SENT } progress;
    const Case *cases[REMOTE_CASES_MAX];
    uint32_t ncases;
    uint32_t index[REMOTE_CASES_MAX]; /* of each case in the worker's batch */
};

/* ---- starting and ending ---- */

static void remove_folder(const char *path)
{
    DIR *d = opendir(path);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d));) unlinkat(dirfd(d), e->d_name, 0);
    closedir(d);
    rmdir(path);
}

static const char *make_folder(Arena *a)
{
    const char *tmp = getenv("TMPDIR");
    char *path = arena_printf(a, "%s/tally-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(path)) die("cannot make %s: %s", path, strerror(errno));
    return path;
}

static void end_worker(Remote *r)
{
    if (r->pid && r->owner == getpid()) {
        kill(r->pid, SIGKILL);
        waitpid(r->pid, NULL, 0);
        remove_folder(r->folder);
    }
    if (r->pid) close(r->socket), close(r->output);
    r->pid = 0;
}

static _Noreturn void become_worker(Remote *r, int socket)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(r->output, STDOUT_FILENO);
    dup2(r->output, STDERR_FILENO);
    worker_serve(r->config, r->box, socket, r->folder, r->run_limit_ms);
}

static void start_worker(Remote *r)
{
    int ends[2];
    image_share(r->image);
    r->output = memfd_create("tally-worker", MFD_CLOEXEC);
    if (r->output < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        die("cannot start a worker: %s", strerror(errno));
    r->folder = make_folder(r->arena);
    r->owner = getpid();
    r->compiles = 0;
    fflush(NULL);
    r->pid = fork();
    if (r->pid < 0) die("cannot start a worker: %s", strerror(errno));
    if (r->pid == 0) {
        close(ends[0]);
        become_worker(r, ends[1]);
    }
    close(ends[1]);
    r->socket = ends[0];
}

/* ---- how it ended ---- */

/* The last line that the worker has written, without what follows no printable byte. */
static Str last_line(const Remote *r, char room[static MESSAGE_BYTES])
{
    off_t size = lseek(r->output, 0, SEEK_END);
    off_t from = size > MESSAGE_BYTES - 1 ? size - (MESSAGE_BYTES - 1) : 0;
    ssize_t n = pread(r->output, room, MESSAGE_BYTES - 1, from);
    while (n > 0 && (room[n - 1] == '\n' || room[n - 1] == ' ')) n--;
    ssize_t start = n;
    while (start > 0 && room[start - 1] != '\n') start--;
    return (Str){room + start, n > start ? (size_t)(n - start) : 0};
}

static void note_end(Remote *r, const char *how)
{
    char room[MESSAGE_BYTES];
    Str line = last_line(r, room);
    snprintf(r->end, sizeof r->end, "%s%s%.*s", how, line.n ? ": " : "",
             (int)min_u64(line.n, 200), line.at);
}

static void note_death(Remote *r)
{
    int status = 0;
    char how[80] = "ended";
    waitpid(r->pid, &status, 0);
    if (WIFSIGNALED(status))
        snprintf(how, sizeof how, "SIG%s", sigabbrev_np(WTERMSIG(status)));
    else
        snprintf(how, sizeof how, "exit with status %d", WEXITSTATUS(status));
    note_end(r, how);
    close(r->socket), close(r->output);
    remove_folder(r->folder);
    r->pid = 0;
    r->stuck = false;
}

static double cpu_seconds(pid_t pid)
{
    clockid_t clock;
    struct timespec t;
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) return 0;
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double clock_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Waits for the answer; false when the worker ended, or had to be ended. */
static bool wait_for_answer(Remote *r)
{
    struct pollfd p = {.fd = r->socket, .events = POLLIN};
    if (poll(&p, 1, POLL_MS) <= 0) {
        double cpu = cpu_seconds(r->pid), clock = clock_seconds();
        while (poll(&p, 1, POLL_MS) <= 0) {
            if (cpu_seconds(r->pid) - cpu < r->seconds &&
                clock_seconds() - clock < r->seconds * CLOCK_FACTOR)
                continue;
            note_end(r, "did not end");
            end_worker(r);
            r->stuck = true;
            return false;
        }
    }
    char byte;
    if (read(r->socket, &byte, 1) == 1) return true;
    note_death(r);
    return false;
}

/* False when the worker did not live to take it. */
static bool send_order(Remote *r, Order order)
{
    char byte = 0;
    r->box->order = order;
    if (send(r->socket, &byte, 1, MSG_NOSIGNAL) == 1) return true;
    note_death(r);
    return false;
}

/* Sends the order; false when the worker did not live to answer. */
static bool give_order(Remote *r, Order order)
{
    return send_order(r, order) && wait_for_answer(r);
}

/* A worker of this process with the back end open; false with `r->end` when there is none. */
static bool ensure_worker(Remote *r)
{
    if (r->pid && r->owner == getpid()) return true;
    end_worker(r);
    start_worker(r);
    if (!give_order(r, ORDER_open)) return false;
    if (r->box->opened) return true;
    snprintf(r->end, sizeof r->end, "%s", r->box->error);
    end_worker(r);
    return false;
}

/* ---- the module's interface ---- */

static void describe(Remote *r, const char *version)
{
    Config *c = r->config;
    const char *about = r->box->about;
    c->label = *about ? arena_printf(r->arena, "%s (%s)", c->slug, about)
                      : arena_printf(r->arena, "%s (%s)", c->slug, version);
    c->features = arena_strndup(r->arena, r->box->features, strlen(r->box->features));
}

Remote *remote_create(Arena *a, Config *config, Image *image, uint32_t run_limit_ms,
                      const char **error)
{
    Remote *r = arena_new(a, Remote);
    void *box = mmap(NULL, sizeof(Mailbox) + TEXT_BYTES, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (box == MAP_FAILED) die("cannot map a worker's mailbox: %s", strerror(errno));
    *r = (Remote){
        .arena = a,
        .config = config,
        .image = image,
        .box = box,
        .scratch = arena_create(),
        .seconds = COMPILE_SECONDS,
        .run_limit_ms = run_limit_ms,
    };
    if (ensure_worker(r)) {
        describe(r, config->library->api->version);
        return r;
    }
    *error = arena_printf(a, "%s: %s", config->name, r->end);
    remote_destroy(r);
    return NULL;
}

void remote_destroy(Remote *r)
{
    if (!r) return;
    end_worker(r);
    munmap(r->box, sizeof(Mailbox) + TEXT_BYTES);
    arena_destroy(r->scratch);
}

void remote_set_limit(Remote *r, uint32_t seconds) { r->seconds = seconds; }
void remote_restart(Remote *r) { end_worker(r); }

uint64_t remote_growth(const Remote *r)
{
    uint64_t now = r->box->resident;
    return r->pid && r->compiles > SETTLING && now > r->resident_first ? now - r->resident_first
                                                                       : 0;
}

/* ---- compile ---- */

/* Writes a module, and behind it which functions are entered; false when there is no room. */
static bool pack(Remote *r, const Case *c, uint32_t k, size_t *at)
{
    const Module *m = c->module;
    arena_reset(r->scratch);
    Buf text = {.arena = r->scratch};
    if (c->discipline) buf_text(&text, "; discipline: addresses\n");
    for (uint32_t f = 0; f < m->funcs.n; f++) func_write(&text, m->funcs.at[f], NULL);
    size_t n = text.n + m->funcs.n;
    if (n > TEXT_BYTES - *at) return false;
    r->box->parcels[k] = (Parcel){(uint32_t)*at, (uint32_t)text.n, m->funcs.n};
    if (text.n) memcpy(r->box->text + *at, text.at, text.n);
    uint8_t *entered = (uint8_t *)r->box->text + *at + text.n;
    memset(entered, 0, m->funcs.n);
    for (uint32_t run = 0; run < c->runs.n; run++) entered[c->runs.at[run].func] = 1;
    *at += n;
    return true;
}

static void fail_all(RemoteCompiled *out, uint32_t n, CompileStatus status, const char *message)
{
    for (uint32_t k = 0; k < n; k++)
        out[k] = (RemoteCompiled){.status = status, .message = message};
}

static void read_answers(Remote *r, RemoteCompiled *out, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        out[k] = (RemoteCompiled){
            .status = r->box->compiled[k].status,
            .lied = r->box->compiled[k].lied,
            .message = r->box->compiled[k].message,
        };
    if (r->compiles++ < SETTLING) r->resident_first = r->box->resident;
}

void remote_begin(Remote *r, const Case *const *cases, uint32_t n)
{
    CHECK(n && n <= REMOTE_CASES_MAX && n <= r->config->library->api->max_cases);
    size_t at = 0;
    memcpy(r->cases, cases, n * sizeof *cases);
    r->ncases = r->box->ncases = n;
    r->progress = NOT_STARTED;
    if (!ensure_worker(r)) return;
    r->progress = TOO_LARGE;
    for (uint32_t k = 0; k < n; k++) {
        r->index[k] = k;
        if (!pack(r, cases[k], k, &at)) return;
    }
    r->progress = send_order(r, ORDER_compile) ? SENT : DIED;
}

/* False when the worker did not live to answer. */
static bool take_answers(Remote *r, RemoteCompiled *out)
{
    switch (r->progress) {
    case NOT_STARTED: fail_all(out, r->ncases, COMPILE_died, r->end); return true;
    case TOO_LARGE:
        fail_all(out, r->ncases, COMPILE_refused, "too large for a worker");
        return true;
    case DIED: return false;
    case SENT: break;
    }
    if (!wait_for_answer(r)) return false;
    read_answers(r, out, r->ncases);
    return true;
}

static bool try_compile(Remote *r, const Case *const *cases, uint32_t n, RemoteCompiled *out)
{
    remote_begin(r, cases, n);
    return take_answers(r, out);
}

static bool lives(const RemoteCompiled *c)
{
    return c->status != COMPILE_died && c->status != COMPILE_stuck;
}

/* Tries each case of a deadly batch alone; then those that live together, for their code. */
static void take_apart(Remote *r, RemoteCompiled *out)
{
    const Case *cases[REMOTE_CASES_MAX], *alive[REMOTE_CASES_MAX];
    RemoteCompiled again[REMOTE_CASES_MAX];
    uint32_t n = r->ncases, nalive = 0;
    memcpy(cases, r->cases, n * sizeof *cases);
    for (uint32_t k = 0; k < n; k++) {
        remote_compile(r, &cases[k], 1, &out[k]);
        if (lives(&out[k])) alive[nalive++] = cases[k];
        else out[k].message = arena_strndup(r->arena, r->end, strlen(r->end));
    }
    if (nalive == 0) return;
    if (nalive == n || !try_compile(r, alive, nalive, again))
        fail_all(again, nalive, COMPILE_refused, "the worker dies of a batch, of none alone");
    for (uint32_t k = 0, next = 0; k < n; k++) {
        if (!lives(&out[k])) continue;
        r->index[k] = next;
        out[k] = again[next++];
    }
}

void remote_finish(Remote *r, RemoteCompiled *out)
{
    if (take_answers(r, out)) return;
    if (r->ncases == 1) fail_all(out, 1, r->stuck ? COMPILE_stuck : COMPILE_died, r->end);
    else take_apart(r, out);
}

void remote_compile(Remote *r, const Case *const *cases, uint32_t n, RemoteCompiled *out)
{
    remote_begin(r, cases, n);
    remote_finish(r, out);
}

/* ---- run ---- */

void remote_run(Remote *r, uint32_t k, const RemoteCall *call, RemoteResult *out)
{
    CHECK(call->nargs <= REMOTE_VALUES_MAX && call->nresults <= REMOTE_VALUES_MAX);
    Mailbox *box = r->box;
    *out = (RemoteResult){.exec.kind = EXEC_signal, .message = r->end};
    if (!r->pid) return;
    box->index = r->index[k];
    box->call = *call;
    box->call.args = box->args;
    memcpy(box->args, call->args, call->nargs * ARG_BYTES);
    if (!give_order(r, ORDER_run)) return;
    *out = (RemoteResult){.exec = box->ran, .trap = box->trap, .results = box->results};
}
