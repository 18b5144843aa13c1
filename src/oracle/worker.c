/* The worker's side: takes an order out of the mailbox, puts the answer in. */
#define _GNU_SOURCE
#include "oracle/remote_local.h"

#include "backend/given.h"
#include "backend/library.h"
#include "ir/read.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { OUTPUT_MAX = 1 << 30 }; /* bytes of a file that a compiler writes */

typedef struct {
    const TallyBackend *api;
    void *state;
    const Config *config;
    Mailbox *box;
    Exec *exec;
    Arena *process, *cases; /* the second until the next compile */
    TallyHost host;
    uint32_t position[REMOTE_CASES_MAX]; /* among those that were given to the back end */
} Worker;

static uint8_t trap_code(const char *name)
{
    return trap_from_name(str_of(name));
}

static void put_text(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text ? text : "");
}

/* ---- open ---- */

static void open_backend(Worker *w)
{
    Mailbox *box = w->box;
    const char *error = NULL;
    w->api = library_load(w->config->library->path, w->process, &error);
    place_learn();
    if (w->api)
        w->state = w->api->open(&w->host, w->config->settings, w->config->nsettings, &error);
    place_learn(); /* with what has been loaded now */
    box->opened = w->state != NULL;
    if (!box->opened) {
        put_text(box->error, sizeof box->error, error ? error : "it gives no reason");
        return;
    }
    put_text(box->about, sizeof box->about, w->api->describe ? w->api->describe(w->state) : "");
    put_text(box->features, sizeof box->features,
             w->api->features ? w->api->features(w->state) : "");
}

/* ---- compile ---- */

static void answer(Worker *w, uint32_t k, CompileStatus status, const char *message)
{
    w->box->compiled[k].status = status;
    w->box->compiled[k].lied = false;
    put_text(w->box->compiled[k].message, MESSAGE_BYTES, message);
}

static const char *refused_inst(const Worker *w, const TallyFunc *f)
{
    for (uint32_t b = 0; b < f->nblocks; b++)
        for (uint32_t k = 0; k < f->blocks[b].ninsts; k++) {
            const char *why = w->api->refuses(w->state, f, &f->blocks[b].insts[k]);
            if (why) return why;
        }
    return NULL;
}

/* Why the back end says beforehand that it cannot; NULL when it says nothing. */
static const char *refusal(const Worker *w, const TallyCase *c)
{
    if (!w->api->refuses) return NULL;
    const TallyModule *m = given_module(c);
    for (uint32_t k = 0; k < m->nfuncs; k++) {
        const char *why = refused_inst(w, &m->funcs[k]);
        if (why) return why;
    }
    return NULL;
}

/* Makes the k-th case from its text; NULL, answered, when the back end does not want it. */
static const TallyCase *unpack(Worker *w, uint32_t k)
{
    const Parcel *p = &w->box->parcels[k];
    Diag d = {0};
    Case *c = case_read(w->cases, "worker", (Str){w->box->text + p->at, p->n}, &d);
    if (!c) {
        diag_print(&d, stderr);
        bug("a printed module cannot be read");
    }
    const uint8_t *entered = (const uint8_t *)w->box->text + p->at + p->n;
    const Dialect *dialect = w->config->library->dialect;
    const TallyCase *given = given_make(w->cases, c, entered, w->api->max_slot_align, dialect);
    const char *why = dialect_refuses(dialect, c->module, w->cases);
    if (!why) why = refusal(w, given);
    if (why) answer(w, k, COMPILE_refused, why);
    return why ? NULL : given;
}

/* Whether every entry that was asked for is there, within the code; answers when one is not. */
static bool check_entries(Worker *w, uint32_t k)
{
    const Parcel *p = &w->box->parcels[k];
    const uint8_t *entered = (const uint8_t *)w->box->text + p->at + p->n;
    const void *code = NULL;
    size_t size = 0;
    w->api->code(w->state, w->position[k], &code, &size);
    for (uint32_t f = 0; f < p->nfuncs; f++) {
        if (!entered[f]) continue;
        const void *at = w->api->entry(w->state, w->position[k], f);
        if ((uintptr_t)at - (uintptr_t)code < size) continue;
        answer(w, k, COMPILE_failed, at ? "an entry is not in its code" : "an entry is missing");
        return false;
    }
    return true;
}

/* What the back end says of the k-th case. */
static void take_answer(Worker *w, uint32_t k, const TallyCompiled *c)
{
    const char *message = c->message ? c->message : "it gives no reason";
    switch (c->status) {
    case TALLY_COMPILED:
        if (check_entries(w, k)) answer(w, k, COMPILE_done, "");
        return;
    case TALLY_REFUSED:
        answer(w, k, COMPILE_refused, message);
        w->box->compiled[k].lied = w->api->refuses != NULL;
        return;
    case TALLY_FAILED: answer(w, k, COMPILE_failed, message); return;
    }
    answer(w, k, COMPILE_failed, "compile gives a status that there is not");
}

static uint64_t resident_bytes(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    if (f && fscanf(f, "%*u %lu", &pages) != 1) pages = 0;
    if (f) fclose(f);
    return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void compile(Worker *w)
{
    Mailbox *box = w->box;
    const TallyCase *given[REMOTE_CASES_MAX];
    TallyCompiled compiled[REMOTE_CASES_MAX] = {0};
    uint32_t n = 0;
    arena_reset(w->cases);
    for (uint32_t k = 0; k < box->ncases; k++) {
        const TallyCase *c = unpack(w, k);
        w->position[k] = c ? n : NO_INDEX;
        if (c) given[n++] = c;
    }
    if (n) w->api->compile(w->state, given, n, compiled);
    for (uint32_t k = 0; k < box->ncases; k++)
        if (w->position[k] != NO_INDEX) take_answer(w, k, &compiled[w->position[k]]);
    static uint32_t count;
    if (count++ % 64 == 0 || box->ncases > 1) box->resident = resident_bytes();
}

/* ---- run ---- */

static void run(Worker *w)
{
    Mailbox *box = w->box;
    const RemoteCall *call = &box->call;
    uint32_t k = w->position[box->index];
    const void *code;
    size_t size;
    w->api->code(w->state, k, &code, &size);
    memcpy(exec_args(w->exec), box->args, call->nargs * ARG_BYTES);
    ExecRequest q = {
        .entry = w->api->entry(w->state, k, call->func),
        .args = exec_args(w->exec),
        .results = exec_results(w->exec),
        .code = {.at = code, .size = size},
        .fill = call->fill,
    };
    box->ran = exec_call(w->exec, &q);
    memcpy(box->results, exec_results(w->exec), call->nresults * ARG_BYTES);
    box->trap = TRAP_none;
    if (box->ran.kind == EXEC_signal && box->ran.pc_in_code && w->api->trap_at)
        box->trap = w->api->trap_at(w->state, k, box->ran.pc);
}

/* ---- life ---- */

static void (*const orders[ORDER_COUNT])(Worker *w) = {
    [ORDER_open] = open_backend,
    [ORDER_compile] = compile,
    [ORDER_run] = run,
};

/* Signals end the worker, whatever the program around it has made of them; it outlives those of
 * the terminal, because its parent ends it. Raw: see exec_signals.c. */
static void reset_signals(void)
{
    static const int deadly[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
    static const uint64_t by_default[4];
    for (size_t k = 0; k < countof(deadly); k++)
        syscall(SYS_rt_sigaction, deadly[k], by_default, NULL, 8);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

/* exit() called by a compiler says so to the parent, and runs nothing that the program around it
 * wanted at its own end. */
static void leave(int status, void *data)
{
    (void)data;
    _exit(status);
}

/* When memory runs out, it is the compiler that goes. */
static void offer_to_go(void)
{
    FILE *f = fopen("/proc/self/oom_score_adj", "w");
    if (f) fputs("1000", f), fclose(f);
}

static void limit_worker(void)
{
    static const struct rlimit no_core, most_output = {OUTPUT_MAX, OUTPUT_MAX};
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_FSIZE, &most_output);
    offer_to_go();
    reset_signals();
    on_exit(leave, NULL);
}

static TallyHost make_host(const Mailbox *box, const char *folder, Arena *a)
{
    return (TallyHost){
        .abi = TALLY_ABI,
        .size = sizeof(TallyHost),
        .ops = given_ops(),
        .nops = OP_COUNT,
        .trap_exit = exec_trap_exit,
        .faults = box->call.faults,
        .cpu_features = backend_cpu_features(a),
        .folder = folder,
        .module = given_module,
        .text = given_text,
        .is_entered = given_is_entered,
        .trap_code = trap_code,
    };
}

static Mailbox *noted; /* for the handler */

static void note_fault(uint64_t pc) { place_write(pc, noted->fault_at); }

_Noreturn void worker_serve(const Config *config, Mailbox *box, int socket, const char *folder,
                            uint32_t run_limit_ms)
{
    limit_worker();
    Arena *a = arena_create();
    Worker w = {
        .config = config,
        .box = box,
        .exec = exec_init(EXEC_FAULT_PASSES_ON),
        .process = a,
        .cases = arena_create(),
        .host = make_host(box, folder, a),
    };
    noted = box;
    exec_note_faults(note_fault);
    if (run_limit_ms) exec_set_limit(w.exec, run_limit_ms);
    for (char byte; read(socket, &byte, 1) == 1;) {
        orders[box->order](&w);
        if (write(socket, &byte, 1) != 1) break;
    }
    _exit(0);
}
