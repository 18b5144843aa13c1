/* One configuration: compiling a case, running it. */
#include "oracle/judge_local.h"

#include <stdio.h>

/* ---- compile ---- */

static CompileStatus compile_here(const Config *config, const Module *m, const char **why)
{
    *why = "no reason";
    return config->backend->compile(config->state, m, why) ? COMPILE_done : COMPILE_refused;
}

/* Where the case stands among those that are compiled ahead; NO_INDEX when it does not. */
static uint32_t find_ahead(const Voter *v, const Case *c)
{
    for (uint32_t k = 0; k < v->nahead; k++)
        if (v->ahead[k] == c) return k;
    return NO_INDEX;
}

/* Waits for what is compiled ahead. Where the worker dies of cases that it survives one by one,
 * none of them is ready. */
static void finish_ahead(Judge *j, Voter *v)
{
    if (v->work != COMPILES_AHEAD) return;
    remote_finish(v->remote, v->compiled);
    v->work = IDLE;
    for (uint32_t k = 0; k < v->nahead; k++) {
        if (!v->compiled[k].crowded) continue;
        judge_complain(j, v->config, "it dies of several cases at once, of none alone",
                       v->compiled[k].message);
        v->nahead = 0;
    }
}

void voter_begin(Judge *j, Voter *v, const Case *c)
{
    if (!v->remote) return;
    finish_ahead(j, v);
    if (v->work == COMPILES_ONE || find_ahead(v, c) != NO_INDEX) return;
    v->nahead = 0;
    v->work = COMPILES_ONE;
    remote_begin(v->remote, &c, 1);
}

static CompileStatus compile_there(Judge *j, Voter *v, const Case *c, const char **why)
{
    voter_begin(j, v, c);
    v->at = v->work == IDLE ? find_ahead(v, c) : 0;
    if (v->work == COMPILES_ONE) remote_finish(v->remote, v->compiled);
    v->work = IDLE;
    const RemoteCompiled *compiled = &v->compiled[v->at];
    *why = compiled->message;
    if (compiled->lied)
        judge_complain(j, v->config, "it refuses what it said it can run", compiled->message);
    return compiled->status;
}

void voter_compile(Judge *j, Voter *v, const Case *c)
{
    v->status = v->remote ? compile_there(j, v, c, &v->why)
                          : compile_here(v->config, c->module, &v->why);
}

static Voter *voter_of(Judge *j, const Config *config)
{
    uint32_t k = 0;
    while (j->voters[k].config != config) k++;
    return &j->voters[k];
}

bool judge_compile(Judge *j, const Config *config, const Case *c, const char **refused)
{
    Voter *v = voter_of(j, config);
    voter_compile(j, v, c);
    *refused = v->why;
    return v->status == COMPILE_done;
}

CompileStatus judge_compiled(Judge *j, const Config *config)
{
    return voter_of(j, config)->status;
}

uint32_t judge_batch(const Judge *j, uint32_t config)
{
    const Voter *v = &j->voters[config];
    uint32_t most = v->remote ? v->config->library->api->max_cases : 1;
    return most < REMOTE_CASES_MAX ? most : REMOTE_CASES_MAX;
}

void judge_prefetch(Judge *j, uint32_t config, const Case *const *cases, uint32_t n)
{
    Voter *v = &j->voters[config];
    CHECK(n <= judge_batch(j, config) && v->remote);
    finish_ahead(j, v);
    v->nahead = n;
    if (n == 0) return;
    memcpy(v->ahead, cases, n * sizeof *cases);
    v->work = COMPILES_AHEAD;
    remote_begin(v->remote, cases, n);
}

bool judge_place(Judge *j, const Case *c, const Run *run, const char **reason)
{
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    *reason = "a run has more than 64 arguments or results";
    if (sig->params.n > RESULTS_MAX || sig->returns.n > RESULTS_MAX) return false;
    return image_place(j->image, c, run->func, reason);
}

/* ---- run ---- */

/* The arguments as bits: heap addresses resolved, an implicit vmctx first. */
static uint32_t make_args(const Judge *j, const Run *run, Bits args[RESULTS_MAX])
{
    uint32_t n = 0;
    const PlacedHeap *vmctx = image_vmctx(j->image);
    if (vmctx) args[n++] = bits_of((uint64_t)(uintptr_t)vmctx->base);
    for (uint32_t k = 0; k < run->args.n && n < RESULTS_MAX; k++) {
        const DataValue *v = &run->args.at[k];
        const PlacedHeap *p = v->heap ? image_heap(j->image, v->heap - 1) : NULL;
        args[n++] = p ? bits_of((uint64_t)(uintptr_t)p->base + (uint64_t)v->offset) : v->bits;
    }
    return n;
}

/* Narrow arguments arrive with dirty upper bits. */
static void write_args(uint8_t *slots, const Bits *args, uint32_t n, const Signature *sig,
                       uint8_t dirt)
{
    memset(slots, dirt, n * ARG_BYTES);
    for (uint32_t k = 0; k < n; k++)
        memcpy(slots + k * ARG_BYTES, &args[k], type_bytes((Type)sig->params.at[k].type));
}

static void read_results(const uint8_t *slots, const Signature *sig, Outcome *out)
{
    CHECK(sig->returns.n <= RESULTS_MAX);
    out->nresults = sig->returns.n;
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        out->results[k] = bits_of(0);
        memcpy(&out->results[k], slots + k * ARG_BYTES, type_bytes((Type)sig->returns.at[k].type));
    }
}

static const OutcomeKind outcome_of_exec[] = {
    [EXEC_returned] = OUTCOME_returned, [EXEC_trapped] = OUTCOME_trapped,
    [EXEC_signal] = OUTCOME_crashed,    [EXEC_overflow] = OUTCOME_overflow,
    [EXEC_hung] = OUTCOME_hung,         [EXEC_abi] = OUTCOME_abi,
    [EXEC_stray] = OUTCOME_stray,
};

/* What a call has come to, whoever made it. */
static void read_call(const ExecResult *r, TrapCode trap, const uint8_t *results,
                      const Signature *sig, Outcome *out)
{
    out->kind = outcome_of_exec[r->kind];
    out->trap = (TrapCode)r->code;
    if (r->pc_in_code) out->offset = r->offset;
    out->address = r->address;
    if (r->kind == EXEC_returned) {
        read_results(results, sig, out);
    } else if (r->kind == EXEC_signal && r->pc_in_code) {
        out->trap = trap;
        if (trap != TRAP_none) out->kind = OUTCOME_trapped;
    }
    if (out->kind == OUTCOME_returned || out->kind == OUTCOME_trapped) return;
    if (r->kind == EXEC_abi) out->broken = r->what;
    static char text[200];
    out->detail = exec_describe(r, text, sizeof text);
}

static void run_here(Judge *j, const Config *config, const Signature *sig, uint32_t func,
                     const Bits *args, uint32_t nargs, Outcome *out)
{
    const Backend *b = config->backend;
    const void *entry = b->entry(config->state, func), *code;
    size_t code_size;
    b->code(config->state, &code, &code_size); /* the entry is part of it */
    write_args(exec_args(j->exec), args, nargs, sig, config->fill);
    ExecRequest q = {
        .entry = entry,
        .args = exec_args(j->exec),
        .results = exec_results(j->exec),
        .code = {.at = code, .size = code_size},
        .fill = config->fill,
        .step = j->step,
        .step_data = j->step_data,
    };
    ExecResult r = exec_call(j->exec, &q);
    bool ours = r.kind == EXEC_signal && r.pc_in_code;
    TrapCode trap = ours ? b->trap_at(config->state, r.pc) : (TrapCode)TRAP_none;
    read_call(&r, trap, exec_results(j->exec), sig, out);
}

/* False when there are more ranges than the interface has room for. */
static bool list_faults(const Judge *j, TallyRange ranges[TALLY_RANGES])
{
    uint32_t n, used = 0;
    const PlacedHeap *heaps = image_heaps(j->image, &n);
    memset(ranges, 0, TALLY_RANGES * sizeof *ranges);
    for (uint32_t k = 0; k < n; k++) {
        if (!heaps[k].heap->fault) continue;
        if (used == TALLY_RANGES) return false;
        uint64_t from = (uint64_t)(uintptr_t)heaps[k].base;
        ranges[used++] = (TallyRange){from, from + heaps[k].heap->size};
    }
    return true;
}

static void run_there(Judge *j, const Voter *v, const Signature *sig, uint32_t func,
                      const Bits *args, uint32_t nargs, Outcome *out)
{
    static uint8_t slots[RESULTS_MAX * ARG_BYTES];
    RemoteCall call = {
        .func = func,
        .args = slots,
        .nargs = nargs,
        .nresults = sig->returns.n,
        .fill = v->config->fill,
    };
    write_args(slots, args, nargs, sig, v->config->fill);
    RemoteResult r = {.message = "more fault heaps than a back end is told of"};
    out->kind = OUTCOME_refused;
    if (list_faults(j, call.faults)) {
        remote_run(v->remote, v->at, &call, &r);
        out->kind = r.stuck ? OUTCOME_hung : OUTCOME_crashed;
    }
    out->detail = r.message;
    if (!r.message) read_call(&r.exec, r.trap, r.results, sig, out);
}

/* `how`: who watches, where slots lie; the rest of the request is filled in. */
static void run_how(Judge *j, const Voter *v, const Case *c, const Run *run, RunRequest how,
                    Outcome *out)
{
    Bits args[RESULTS_MAX];
    uint32_t nargs = make_args(j, run, args);
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    const Config *config = v->config;
    image_restore(j->image, !config->backend->run);
    out->detail = out->broken = NULL;
    out->steps = out->written = 0;
    out->nresults = 0;
    out->trap = TRAP_none;
    out->offset = NO_OFFSET;
    out->address = 0;
    if (v->remote) {
        run_there(j, v, sig, run->func, args, nargs, out);
        return;
    }
    if (!config->backend->run) {
        run_here(j, config, sig, run->func, args, nargs, out);
        return;
    }
    how.func = run->func;
    how.args = args;
    how.nargs = nargs;
    how.fuel = j->fuel;
    how.discipline = c->discipline;
    how.heaps = image_heaps(j->image, &how.nheaps);
    config->backend->run(config->state, &how, out);
}

void voter_run(Judge *j, const Voter *v, const Case *c, const Run *run, Outcome *out)
{
    run_how(j, v, c, run, (RunRequest){0}, out);
}

TrapCode judge_seen_trap(const Config *config, const Case *c, TrapCode code)
{
    return config->library ? dialect_seen_trap(config->library->dialect, c->module, code) : code;
}

void voter_vote(Judge *j, const Voter *v, const Case *c, const Run *run, Outcome *out)
{
    voter_run(j, v, c, run, out);
    if (out->kind != OUTCOME_trapped) return;
    for (uint32_t k = 0; k < j->configs.n; k++)
        if (voter_took(&j->voters[k]))
            out->trap = judge_seen_trap(j->configs.at[k], c, out->trap);
}

void voter_run_apart(Judge *j, const Voter *v, const Case *c, const Run *run, Outcome *out)
{
    run_how(j, v, c, run, (RunRequest){.apart = true}, out);
}

void judge_run(Judge *j, const Config *config, const Case *c, const Run *run, Outcome *out)
{
    voter_run(j, voter_of(j, config), c, run, out);
}

bool judge_step(Judge *j, const Config *config, const Case *c, const Run *run, ExecStep *step,
                void *data, Outcome *out)
{
    if (!config->backend->code) return false;
    j->step = step;
    j->step_data = data;
    judge_run(j, config, c, run, out);
    j->step = NULL;
    return true;
}

bool judge_watch(Judge *j, const Case *c, const Run *run, RunWatch *watch, void *data,
                 Outcome *out)
{
    for (uint32_t k = 0; k < j->configs.n; k++) {
        const char *refused;
        if (!j->configs.at[k]->backend->run) continue;
        if (!judge_compile(j, j->configs.at[k], c, &refused)) continue;
        run_how(j, &j->voters[k], c, run, (RunRequest){.watch = watch, .watch_data = data}, out);
        return true;
    }
    return false;
}
