#define _GNU_SOURCE
#include "reduce/team.h"

#include "base/file.h"
#include "ir/read.h"
#include "ir/write.h"
#include "reduce/culprit.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Text that one side writes and the other reads, when a message says that it is there. */
typedef struct {
    size_t n;
    char at[FILE_LIMIT];
} Page;

/* What all see. */
typedef struct {
    volatile uint32_t round; /* which question is asked: others need no answer any more */
    Page now;
    Page kept[REDUCE_JOBS_MAX];
} Board;

typedef struct {
    pid_t pid;
    int socket;
    bool busy;
} Member;

struct Team {
    Board *board;
    uint32_t n, round;
    Member members[REDUCE_JOBS_MAX];
};

/* ---- in the process that was forked ------------------------------------------------------- */

typedef struct {
    const ReduceOptions *o;
    Board *board;
    Page *kept;
    Judge *judge;
    Arena *room;  /* of memory that outlives a case */
    Arena *pages; /* of the case as it was read */
    Lab lab;
    bool opened;
    bool changed; /* the lab's case is not what the board says, but has one run, and is tidy */
} Worker;

typedef struct {
    uint32_t round;
    Task task;
} Question;

static bool has_text(const Worker *w)
{
    const Page *now = &w->board->now;
    return w->opened && now->n == w->kept->n && !memcmp(now->at, w->kept->at, now->n);
}

static void keep(Worker *w)
{
    Str text = case_text(w->lab.c, w->pages);
    CHECK(text.n <= FILE_LIMIT);
    memcpy(w->kept->at, text.at, text.n);
    w->kept->n = text.n;
}

static bool open_with(Worker *w, const Case *one, const Verdict *v)
{
    LabOptions o = {.judge = w->judge, .written = true, .nearest = w->o->nearest};
    Verdict alone;
    lab_open(&w->lab, &o, one, v, w->room);
    w->opened = lab_judge(&w->lab, w->lab.c, &alone) == TRY_kept;
    if (!w->opened) lab_close(&w->lab);
    return w->opened;
}

/* With the run that differs; where a compiler fails, with the function that it fails on. */
static bool open_lab(Worker *w, const Case *c, const Verdict *v)
{
    if (open_with(w, c->runs.n > 1 ? lab_single_run(c, v, w->pages) : c, v)) return true;
    for (uint32_t k = 0; v->kind == VERDICT_failed && k < c->module->funcs.n; k++)
        if (open_with(w, culprit_alone(c, k, w->pages), v)) return true;
    return false;
}

/* The case on the board becomes the lab's. False when it shows nothing. */
static bool look(Worker *w)
{
    if (has_text(w)) return true;
    const Page *now = &w->board->now;
    Diag d = {.arena = w->pages, .file = "case"};
    Verdict v;
    if (w->opened) lab_close(&w->lab);
    w->opened = false;
    arena_reset(w->pages);
    Str text = {arena_strndup(w->pages, now->at, now->n), now->n};
    Case *c = case_read(w->pages, "case", text, &d);
    CHECK(c);
    judge_case(w->judge, c, &v);
    if (!verdict_is_finding(v.kind) || !open_lab(w, c, &v)) return false;
    keep(w);
    w->changed = w->kept->n != now->n || memcmp(w->kept->at, now->at, now->n);
    return true;
}

static void work(Worker *w, const Question *q, Answer *a)
{
    Cursor at = q->task.from;
    if (w->changed) {
        w->changed = false;
        a->kept = true;
        a->after = at;
        a->insts = module_inst_count(w->lab.c->module);
        return;
    }
    for (uint32_t k = 0; k < q->task.skip && !a->over; k++) a->over = !lab_skip(&w->lab, &at);
    while (!a->over && a->places < q->task.count && w->board->round == q->round) {
        TryResult r = lab_try(&w->lab, &at);
        a->over = r == TRY_over;
        a->places += !a->over;
        a->tries += r == TRY_failed || r == TRY_hung || r == TRY_kept;
        a->hung = r == TRY_hung;
        a->kept = r == TRY_kept;
        a->after = at;
        a->insts = module_inst_count(w->lab.c->module);
        if (a->kept) keep(w);
        if (a->kept || a->hung) return;
    }
}

static _Noreturn void serve(Worker *w, int socket)
{
    Question q;
    while (recv(socket, &q, sizeof q, MSG_WAITALL) == sizeof q) {
        Answer a = {0};
        if (look(w)) work(w, &q, &a);
        else a.gone = true;
        if (send(socket, &a, sizeof a, MSG_NOSIGNAL) != sizeof a) break;
    }
    judge_destroy(w->judge);
    _exit(EXIT_AGREE);
}

static _Noreturn void live(const Team *t, const ReduceOptions *o, uint32_t k, int socket)
{
    const char *error;
    Worker w = {.o = o, .board = t->board, .kept = &t->board->kept[k],
                .room = arena_create(), .pages = arena_create()};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN); /* a terminal's goes to all: the first process says what happens */
    for (uint32_t m = 0; m < k; m++) close(t->members[m].socket);
    w.judge = judge_create(o->judge, &error);
    if (!w.judge) die("a process of the reducer: %s", error);
    serve(&w, socket);
}

/* ---- in the first process ----------------------------------------------------------------- */

static void start(Team *t, const ReduceOptions *o, uint32_t k)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
        die("no socket: %s", strerror(errno));
    fflush(NULL); /* or it is written twice */
    pid_t pid = fork();
    if (pid < 0) die("fork: %s", strerror(errno));
    if (pid == 0) {
        close(ends[0]);
        live(t, o, k, ends[1]);
    }
    close(ends[1]);
    t->members[k] = (Member){.pid = pid, .socket = ends[0]};
}

Team *team_create(const ReduceOptions *o, uint32_t n, Arena *a)
{
    Team *t = arena_new(a, Team);
    t->n = n;
    t->board = mmap(NULL, sizeof(Board), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (t->board == MAP_FAILED) die("no memory to share: %s", strerror(errno));
    for (uint32_t k = 0; k < n; k++) start(t, o, k);
    return t;
}

void team_destroy(Team *t)
{
    for (uint32_t k = 0; k < t->n; k++) {
        close(t->members[k].socket);
        if (t->members[k].busy) kill(t->members[k].pid, SIGKILL);
        while (waitpid(t->members[k].pid, NULL, 0) < 0 && errno == EINTR) continue;
    }
    munmap(t->board, sizeof(Board));
}

void team_show(Team *t, Str text)
{
    CHECK(text.n <= FILE_LIMIT);
    memcpy(t->board->now.at, text.at, text.n);
    t->board->now.n = text.n;
    t->board->round = ++t->round;
}

void team_hurry(Team *t)
{
    t->board->round = ++t->round;
}

static _Noreturn void end_with(const Team *t, uint32_t k)
{
    int status = 0;
    waitpid(t->members[k].pid, &status, 0);
    fprintf(stderr, "tally: a process that tried changes ended with %s %d\n",
            WIFSIGNALED(status) ? "signal" : "status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    exit(WIFEXITED(status) && WEXITSTATUS(status) == EXIT_RESOURCE ? EXIT_RESOURCE : EXIT_BUG);
}

void team_ask(Team *t, uint32_t k, const Task *task)
{
    Question q = {t->round, *task};
    t->members[k].busy = true;
    if (send(t->members[k].socket, &q, sizeof q, MSG_NOSIGNAL) != sizeof q) end_with(t, k);
}

uint32_t team_wait(Team *t, int ms, Answer *out)
{
    struct pollfd list[REDUCE_JOBS_MAX];
    for (uint32_t k = 0; k < t->n; k++)
        list[k] = (struct pollfd){.fd = t->members[k].busy ? t->members[k].socket : -1,
                                  .events = POLLIN};
    if (poll(list, t->n, ms) <= 0) return UINT32_MAX;
    for (uint32_t k = 0; k < t->n; k++) {
        if (!t->members[k].busy || !list[k].revents) continue;
        if (recv(t->members[k].socket, out, sizeof *out, MSG_WAITALL) != sizeof *out)
            end_with(t, k);
        t->members[k].busy = false;
        return k;
    }
    return UINT32_MAX;
}

Str team_kept(const Team *t, uint32_t k)
{
    const Page *p = &t->board->kept[k];
    return (Str){p->at, p->n};
}
