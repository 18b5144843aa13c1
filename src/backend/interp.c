/* The interpreter as a back end. */
#include "backend/backend.h"
#include "interp/interp.h"

typedef struct {
    Interp *interp;
    const Module *module;
} State;

enum { HEAPS_MAX = 32, DEPTH_MAX = 500 };

static void *open_interp(Arena *a, const char **words, uint32_t n, const BackendHost *host,
                         const char **error)
{
    (void)host;
    if (n) {
        *error = arena_printf(a, "the interpreter has no option `%s`", words[0]);
        return NULL;
    }
    State *s = arena_new(a, State);
    s->interp = interp_create();
    return s;
}

static void close_interp(void *state)
{
    interp_destroy(((State *)state)->interp);
}

static bool compile(void *state, const Module *m, const char **refused)
{
    (void)refused;
    ((State *)state)->module = m;
    return true;
}

static const OutcomeKind outcome_of_status[] = {
    [INTERP_returned] = OUTCOME_returned, [INTERP_trapped] = OUTCOME_trapped,
    [INTERP_out_of_fuel] = OUTCOME_fuel,  [INTERP_invalid] = OUTCOME_invalid,
    [INTERP_refused] = OUTCOME_refused,
};

static void show(void *data, const TraceEvent *e)
{
    const RunRequest *q = data;
    if (e->kind == TRACE_return) return;
    RunEvent event = {
        .func = e->func,
        .block = e->kind == TRACE_block ? e->block : BLOCK_none,
        .inst = e->inst,
        .values = e->values,
    };
    q->watch(q->watch_data, &event);
}

static void run(void *state, const RunRequest *q, Outcome *out)
{
    State *s = state;
    InterpHeap heaps[HEAPS_MAX];
    CHECK(q->nheaps <= HEAPS_MAX);
    for (uint32_t k = 0; k < q->nheaps; k++) {
        const Heap *h = q->heaps[k].heap;
        heaps[k] = (InterpHeap){
            .base = q->heaps[k].base,
            .size = h->size,
            .heap = h->name,
            .region = h->region,
            .fault = h->fault,
            .cells = h->cells.at,
            .ncells = h->cells.n,
        };
    }
    InterpOptions o = {
        .fuel = q->fuel,
        .max_depth = DEPTH_MAX,
        .discipline = q->discipline,
        .apart = q->apart,
        .trace = q->watch ? show : NULL,
        .trace_data = (void *)q,
    };
    InterpResult r;
    interp_run(s->interp, s->module, q->func, q->args, q->nargs, heaps, q->nheaps, &o, &r);
    out->kind = outcome_of_status[r.status];
    out->trap = r.trap;
    out->steps = r.steps;
    out->written = r.written;
    out->detail = r.reason;
    out->nresults = 0;
    if (r.status != INTERP_returned) return;
    CHECK(r.nresults <= RESULTS_MAX);
    out->nresults = r.nresults;
    if (r.nresults) memcpy(out->results, r.results, r.nresults * sizeof *r.results);
}

const Backend backend_interp = {
    .name = "interp",
    .meaning = "the reference interpreter: checks each access, judges validity",
    .options = "",
    .open = open_interp,
    .close = close_interp,
    .compile = compile,
    .run = run,
};
