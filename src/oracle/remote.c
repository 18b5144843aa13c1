/* The parent's side. */
#define _GNU_SOURCE
#include "oracle/remote.h"

#include "oracle/remote_local.h"

#include "backend/library.h"
#include "ir/write.h"
#include "oracle/message.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

enum {
    COMPILE_SECONDS = 20, /* of CPU time */
    SETTLING = 16, /* compiles before the worker's memory is taken for its ordinary size */
};

struct Remote {
    Arena *arena;
    Config *config;
    Image *image;
    Mailbox *box;
    Arena *scratch;
    Arena *paths; /* of the worker that lives */
    Process process;
    uint32_t run_limit_ms;
    uint64_t compiles, resident_first;
    char end[MESSAGE_BYTES + 32]; /* why there is no worker, or no result */

    /* The compile that goes on. */
    enum { NOT_STARTED, TOO_LARGE, DIED, SENT } progress;
    const Case *cases[REMOTE_CASES_MAX];
    uint32_t ncases;
    uint32_t index[REMOTE_CASES_MAX]; /* of each case in the worker's batch */
};

/* What the worker has written, so that it can be told: it may have written anything. */
static const char *clean(char text[static MESSAGE_BYTES])
{
    text[MESSAGE_BYTES - 1] = 0;
    message_clean(text);
    return text;
}

/* ---- orders ---- */

static _Noreturn void serve(void *data, int socket, const char *folder)
{
    const Remote *r = data;
    worker_serve(r->config, r->box, socket, folder, r->run_limit_ms);
}

/* False when the worker did not live to take it. */
static bool send_order(Remote *r, Order order)
{
    r->box->order = order;
    r->box->fault_at[0] = 0;
    return process_tell(&r->process);
}

/* `SIGSEGV: words` becomes `SIGSEGV at tcc.so+0x1149: words`. */
static void note_place(Remote *r)
{
    char words[MESSAGE_BYTES], *end = r->process.end, *at = end + strcspn(end, ":");
    r->box->fault_at[PLACE_SIZE - 1] = 0;
    if (!r->box->fault_at[0] || strncmp(end, "SIG", 3) != 0) return;
    snprintf(words, sizeof words, "%s", at);
    snprintf(at, MESSAGE_BYTES - (size_t)(at - end), " at %s%s", r->box->fault_at, words);
    message_clean(end);
}

/* False when the worker did not live to answer. */
static bool await(Remote *r)
{
    if (process_wait(&r->process)) return true;
    note_place(r);
    return false;
}

/* Sends the order; false when the worker did not live to answer. */
static bool give_order(Remote *r, Order order)
{
    return send_order(r, order) && await(r);
}

/* A worker of this process with the back end open; false with `r->end` when there is none. */
static bool ensure_worker(Remote *r)
{
    if (process_lives(&r->process)) return true;
    image_share(r->image);
    arena_reset(r->paths);
    process_start(&r->process, r->paths, serve, r);
    r->compiles = 0;
    bool answered = give_order(r, ORDER_open);
    if (answered && r->box->opened) return true;
    if (answered) snprintf(r->end, sizeof r->end, "%s", clean(r->box->error));
    else snprintf(r->end, sizeof r->end, "it does not open: %s", r->process.end);
    process_stop(&r->process);
    return false;
}

/* ---- the module's interface ---- */

static void describe(Remote *r, const char *version)
{
    Config *c = r->config;
    const char *about = clean(r->box->about);
    c->label = *about ? arena_printf(r->arena, "%s (%s)", c->slug, about)
                      : arena_printf(r->arena, "%s (%s)", c->slug, version);
    c->features = arena_printf(r->arena, "%s", clean(r->box->features));
}

Remote *remote_create(Arena *a, Config *config, Image *image, RemoteLimits limits,
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
        .paths = arena_create(),
        .process.seconds = limits.compile_seconds ? limits.compile_seconds : COMPILE_SECONDS,
        .run_limit_ms = limits.run_ms,
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
    process_stop(&r->process);
    munmap(r->box, sizeof(Mailbox) + TEXT_BYTES);
    arena_destroy(r->scratch);
    arena_destroy(r->paths);
}

void remote_restart(Remote *r) { process_stop(&r->process); }

uint64_t remote_growth(const Remote *r)
{
    uint64_t now = r->box->resident, first = r->resident_first;
    bool settled = r->process.pid && r->compiles > SETTLING;
    return settled && now > first ? now - first : 0;
}

uint64_t remote_compiles(const Remote *r) { return r->compiles; }

/* ---- compile ---- */

/* Writes header and module, and behind them which functions are entered; false when there is no
 * room. */
static bool pack(Remote *r, const Case *c, uint32_t k, size_t *at)
{
    const Module *m = c->module;
    arena_reset(r->scratch);
    Buf text = {.arena = r->scratch};
    case_write_header(&text, c, dialect_current());
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
            .status = min_u64(r->box->compiled[k].status, COMPILE_failed),
            .lied = r->box->compiled[k].lied,
            .message = clean(r->box->compiled[k].message),
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
    if (!await(r)) return false;
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
    const char *end = arena_printf(r->arena, "%s", r->process.end);
    memcpy(cases, r->cases, n * sizeof *cases);
    for (uint32_t k = 0; k < n; k++) {
        remote_compile(r, &cases[k], 1, &out[k]);
        if (lives(&out[k])) alive[nalive++] = cases[k];
        else out[k].message = arena_printf(r->arena, "%s", out[k].message);
    }
    if (nalive == 0) return;
    bool crowded = nalive == n || !try_compile(r, alive, nalive, again);
    if (crowded) fail_all(again, nalive, COMPILE_refused, end);
    for (uint32_t k = 0, next = 0; k < n; k++) {
        if (!lives(&out[k])) continue;
        r->index[k] = next;
        out[k] = again[next++];
        out[k].crowded = crowded;
    }
}

void remote_finish(Remote *r, RemoteCompiled *out)
{
    if (take_answers(r, out)) return;
    const Process *p = &r->process;
    if (r->ncases == 1) fail_all(out, 1, p->stuck ? COMPILE_stuck : COMPILE_died, p->end);
    else take_apart(r, out);
}

void remote_compile(Remote *r, const Case *const *cases, uint32_t n, RemoteCompiled *out)
{
    remote_begin(r, cases, n);
    remote_finish(r, out);
}

/* ---- run ---- */

/* The worker is no more. */
static RemoteResult nothing_of(Remote *r)
{
    snprintf(r->end, sizeof r->end, "%s%s", r->process.stuck ? "" : "its process ended: ",
             r->process.end);
    return (RemoteResult){
        .exec.kind = EXEC_signal,
        .message = r->end,
        .stuck = r->process.stuck,
    };
}

void remote_run(Remote *r, uint32_t k, const RemoteCall *call, RemoteResult *out)
{
    CHECK(call->nargs <= REMOTE_VALUES_MAX && call->nresults <= REMOTE_VALUES_MAX);
    Mailbox *box = r->box;
    *out = nothing_of(r);
    if (!r->process.pid) return;
    box->index = r->index[k];
    box->call = *call;
    box->call.args = box->args;
    memcpy(box->args, call->args, call->nargs * ARG_BYTES);
    if (give_order(r, ORDER_run))
        *out = (RemoteResult){.exec = box->ran, .trap = box->trap, .results = box->results};
    else *out = nothing_of(r);
}
