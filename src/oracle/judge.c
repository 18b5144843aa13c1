#include "oracle/judge.h"

#include <stdio.h>

struct Judge {
    Arena *arena; /* process: configurations */
    Image *image;
    Exec *exec;
    ConfigVec configs;
    uint64_t fuel;
    Counts counts;
    bool took[CONFIGS_MAX]; /* which configurations compiled the case at hand */
    const char *refused[CONFIGS_MAX]; /* why the others did not */
    Outcome reference, other;
};

static const struct {
    const char *name, *meaning;
    bool finding;
} verdicts[VERDICT_COUNT] = {
#define VERDICT(name, finding, meaning) [VERDICT_##name] = {#name, meaning, finding},
#include "oracle/verdicts.def"
};

const char *verdict_name(VerdictKind kind) { return verdicts[kind].name; }
const char *verdict_meaning(VerdictKind kind) { return verdicts[kind].meaning; }
bool verdict_is_finding(VerdictKind kind) { return verdicts[kind].finding; }

Judge *judge_create(const JudgeOptions *o, const char **error)
{
    Arena *a = arena_create();
    Judge *j = arena_new(a, Judge);
    j->arena = a;
    j->fuel = o->fuel ? o->fuel : DEFAULT_FUEL;
    j->exec = exec_init(EXEC_FAULT_IS_BUG);
    if (o->limit_ms) exec_set_limit(j->exec, o->limit_ms);
    BackendHost *host = arena_new(a, BackendHost);
    *host = o->host.pass_hook ? o->host : backend_default_host();
    host->trap_exit = exec_trap_exit;
    const char *why;
    if (!configs_open(a, o->backends ? o->backends : DEFAULT_BACKENDS, host, &j->configs, &why)) {
        static char text[256];
        snprintf(text, sizeof text, "%s", why);
        *error = text;
        configs_close(&j->configs);
        arena_destroy(a);
        return NULL;
    }
    j->image = image_create(a);
    return j;
}

void judge_destroy(Judge *j)
{
    if (!j) return;
    configs_close(&j->configs);
    image_destroy(j->image);
    arena_destroy(j->arena);
}

Counts *judge_counts(Judge *j) { return &j->counts; }
const ConfigVec *judge_configs(const Judge *j) { return &j->configs; }
Image *judge_image(Judge *j) { return j->image; }

static void count_refusal(Judge *j, const char *reason)
{
    Counts *c = &j->counts;
    c->refused++;
    for (uint32_t k = 0; k < c->nrefusals; k++) {
        if (strcmp(c->refusals[k].reason, reason) != 0) continue;
        c->refusals[k].count++;
        return;
    }
    if (c->nrefusals == REFUSALS_MAX) return;
    c->refusals[c->nrefusals].reason = arena_strndup(j->arena, reason, strlen(reason));
    c->refusals[c->nrefusals++].count = 1;
}

bool judge_compile(Judge *j, const Config *config, const Module *m, const char **refused)
{
    (void)j;
    return config->backend->compile(config->state, m, refused);
}

bool judge_place(Judge *j, const Case *c, const Run *run, const char **reason)
{
    return image_place(j->image, c, run->func, reason);
}

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

static void run_compiled(Judge *j, const Config *config, const Case *c, const Run *run,
                         const Bits *args, uint32_t nargs, Outcome *out)
{
    const Backend *b = config->backend;
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    const void *entry = b->entry(config->state, run->func), *code;
    size_t code_size;
    b->code(config->state, &code, &code_size); /* the entry is part of it */
    write_args(exec_args(j->exec), args, nargs, sig, config->fill);
    ExecRequest q = {
        .entry = entry,
        .args = exec_args(j->exec),
        .results = exec_results(j->exec),
        .code = {.at = code, .size = code_size},
        .fill = config->fill,
    };
    ExecResult r = exec_call(j->exec, &q);
    out->kind = outcome_of_exec[r.kind];
    out->trap = (TrapCode)r.code;
    if (r.pc_in_code) out->offset = r.offset;
    out->address = r.address;
    if (r.kind == EXEC_returned) {
        read_results(exec_results(j->exec), sig, out);
    } else if (r.kind == EXEC_signal && r.pc_in_code) {
        out->trap = b->trap_at(config->state, r.pc);
        if (out->trap != TRAP_none) out->kind = OUTCOME_trapped;
    }
    if (out->kind == OUTCOME_returned || out->kind == OUTCOME_trapped) return;
    if (r.kind == EXEC_abi) out->broken = r.what;
    static char text[200];
    out->detail = exec_describe(&r, text, sizeof text);
}

static void run_watched(Judge *j, const Config *config, const Case *c, const Run *run,
                        RunWatch *watch, void *data, Outcome *out)
{
    Bits args[RESULTS_MAX];
    uint32_t nargs = make_args(j, run, args);
    image_restore(j->image, !config->backend->run);
    out->detail = out->broken = NULL;
    out->steps = out->written = 0;
    out->nresults = 0;
    out->trap = TRAP_none;
    out->offset = NO_OFFSET;
    out->address = 0;
    if (!config->backend->run) {
        run_compiled(j, config, c, run, args, nargs, out);
        return;
    }
    RunRequest q = {
        .func = run->func,
        .args = args,
        .nargs = nargs,
        .fuel = j->fuel,
        .discipline = c->discipline,
        .watch = watch,
        .watch_data = data,
    };
    q.heaps = image_heaps(j->image, &q.nheaps);
    config->backend->run(config->state, &q, out);
}

void judge_run(Judge *j, const Config *config, const Case *c, const Run *run, Outcome *out)
{
    run_watched(j, config, c, run, NULL, NULL, out);
}

bool judge_watch(Judge *j, const Case *c, const Run *run, RunWatch *watch, void *data,
                 Outcome *out)
{
    for (uint32_t k = 0; k < j->configs.n; k++) {
        const char *refused;
        if (!j->configs.at[k]->backend->run) continue;
        if (!judge_compile(j, j->configs.at[k], c->module, &refused)) continue;
        run_watched(j, j->configs.at[k], c, run, watch, data, out);
        return true;
    }
    return false;
}

bool outcome_equal(const Outcome *a, const Outcome *b, const Signature *sig, uint32_t *result)
{
    *result = NO_INDEX;
    if (a->kind != b->kind) return false;
    if (a->kind == OUTCOME_trapped) return a->trap == b->trap;
    if (a->kind != OUTCOME_returned) return true;
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        if (bits_equal(a->results[k], b->results[k])) continue;
        *result = k;
        return false;
    }
    return true;
}

/* A rule that a configuration broke by itself, whatever others did; VERDICT_agree for none. */
static VerdictKind own_fault(const Outcome *o)
{
    switch (o->kind) {
    case OUTCOME_crashed: return VERDICT_crash;
    case OUTCOME_hung: return VERDICT_hang;
    case OUTCOME_overflow: return VERDICT_overflow;
    case OUTCOME_abi: return VERDICT_abi;
    case OUTCOME_stray: return VERDICT_stray;
    case OUTCOME_returned:
    case OUTCOME_trapped:
    case OUTCOME_fuel:
    case OUTCOME_invalid:
    case OUTCOME_refused:
    case OUTCOME_COUNT: break;
    }
    return VERDICT_agree;
}

/* One configuration's run; what it says of itself would not outlive the next. */
static void fill_ballot(Judge *j, uint32_t k, const Case *c, const Run *run, Ballot *b)
{
    *b = (Ballot){.outcome.kind = OUTCOME_refused, .group = BALLOT_NONE};
    if (j->took[k]) {
        judge_run(j, j->configs.at[k], c, run, &b->outcome);
        b->memory_hash = image_hash(j->image);
    } else {
        b->outcome.detail = j->refused[k];
    }
    if (b->outcome.detail) snprintf(b->detail, sizeof b->detail, "%s", b->outcome.detail);
    b->outcome.detail = NULL;
}

/* Runs every configuration again and puts equal ones into groups. */
static void hold_ballot(Judge *j, const Case *c, const Run *run, Verdict *v)
{
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    uint8_t groups = 0;
    v->nballots = j->configs.n;
    for (uint32_t k = 0; k < j->configs.n; k++) {
        Ballot *b = &v->ballots[k];
        fill_ballot(j, k, c, run, b);
        if (!j->took[k]) continue;
        uint32_t result;
        for (uint32_t e = 0; e < k && b->group == BALLOT_NONE; e++) {
            const Ballot *earlier = &v->ballots[e];
            if (j->took[e] && earlier->memory_hash == b->memory_hash &&
                outcome_equal(&earlier->outcome, &b->outcome, sig, &result))
                b->group = earlier->group;
        }
        if (b->group == BALLOT_NONE) b->group = groups++;
    }
}

static uint32_t group_size(const Verdict *v, uint8_t group)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < v->nballots; k++) n += v->ballots[k].group == group;
    return n;
}

/* The one configuration that all others outvote; NO_INDEX when there is none. */
static uint32_t odd_one(const Verdict *v)
{
    uint32_t voters = 0, alone = NO_INDEX, largest = 0;
    for (uint32_t k = 0; k < v->nballots; k++) {
        if (v->ballots[k].group == BALLOT_NONE) continue;
        voters++;
        uint32_t n = group_size(v, v->ballots[k].group);
        if (n > largest) largest = n;
        if (n == 1) alone = k;
    }
    return voters >= 3 && largest == voters - 1 ? alone : NO_INDEX;
}

/* A member of the largest group other than that of `k`. */
static uint32_t opposed_to(const Verdict *v, uint32_t k)
{
    uint32_t best = NO_INDEX;
    for (uint32_t e = 0; e < v->nballots; e++) {
        uint8_t group = v->ballots[e].group;
        if (group == BALLOT_NONE || group == v->ballots[k].group) continue;
        if (best == NO_INDEX || group_size(v, group) > group_size(v, v->ballots[best].group))
            best = e;
    }
    return best;
}

static void name_difference(Judge *j, const Case *c, const Run *run, Verdict *v, uint32_t odd,
                            uint32_t other)
{
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    const Outcome *a = &v->ballots[other].outcome, *b = &v->ballots[odd].outcome;
    if (!outcome_equal(a, b, sig, &v->result)) {
        v->kind = v->result != NO_INDEX ? VERDICT_results : VERDICT_ending;
        return;
    }
    Outcome again;
    v->kind = VERDICT_memory;
    judge_run(j, j->configs.at[other], c, run, &again);
    image_keep(j->image);
    judge_run(j, j->configs.at[odd], c, run, &again);
    if (image_differs(j->image, &v->where) && v->where.outside) v->kind = VERDICT_stray;
}

static void describe(Verdict *v, const char *detail)
{
    const char *odd = v->odd ? v->odd->name : "one of them";
    const char *other = v->other ? v->other->name : "";
    const char *meaning = verdicts[v->kind].meaning;
    if (detail[0])
        snprintf(v->text, sizeof v->text, "%s: %s (%s)", odd, meaning, detail);
    else if (v->other)
        snprintf(v->text, sizeof v->text, "%s: %s than %s", odd, meaning, other);
    else
        snprintf(v->text, sizeof v->text, "%s", meaning);
}

/* Someone broke a rule alone: the first in order is named. True when there is one. */
static bool find_own_fault(const Judge *j, Verdict *v)
{
    for (uint32_t k = 0; k < v->nballots; k++) {
        if (v->ballots[k].group == BALLOT_NONE) continue;
        VerdictKind kind = own_fault(&v->ballots[k].outcome);
        if (kind == VERDICT_agree) continue;
        v->kind = kind;
        v->odd = j->configs.at[k];
        describe(v, v->ballots[k].detail);
        return true;
    }
    return false;
}

/* Every run is compared with the first configuration's; here they differ. */
static void settle(Judge *j, const Case *c, const Run *run, Verdict *v)
{
    hold_ballot(j, c, run, v);
    if (find_own_fault(j, v)) return;
    uint32_t odd = odd_one(v);
    uint32_t shown = odd;
    if (shown == NO_INDEX)
        for (shown = 0; v->ballots[shown].group == BALLOT_NONE || opposed_to(v, shown) == NO_INDEX;)
            if (++shown == v->nballots) { /* it did not come again */
                v->kind = VERDICT_agree;
                return;
            }
    uint32_t other = opposed_to(v, shown);
    if (odd == NO_INDEX) { /* show the later against the earlier, name nobody */
        uint32_t swap = shown;
        shown = other;
        other = swap;
    }
    v->odd = odd == NO_INDEX ? NULL : j->configs.at[odd];
    v->other = j->configs.at[other];
    name_difference(j, c, run, v, shown, other);
    if (v->odd) {
        describe(v, "");
    } else {
        snprintf(v->text, sizeof v->text, "%s and %s: %s; two alone cannot say which is wrong",
                 j->configs.at[shown]->name, v->other->name, verdicts[v->kind].meaning);
    }
}

static void count_run(Counts *n, const Outcome *o, uint64_t bytes)
{
    n->runs++;
    n->returned += o->kind == OUTCOME_returned;
    n->trapped += o->kind == OUTCOME_trapped;
    if (o->kind == OUTCOME_trapped) n->trapped_by[o->trap]++;
    n->steps += o->steps;
    n->written += o->written;
    n->bytes_compared += bytes;
}

/* False when the run is a finding or cannot be judged: `v` says which. */
static bool judge_one_run(Judge *j, const Case *c, const Run *run, uint32_t first, Verdict *v)
{
    const char *reason;
    if (!judge_place(j, c, run, &reason)) {
        v->kind = VERDICT_unjudged;
        snprintf(v->text, sizeof v->text, "%s", reason);
        return false;
    }
    judge_run(j, j->configs.at[first], c, run, &j->reference);
    if (!outcome_compares(j->reference.kind)) {
        v->kind = j->reference.kind == OUTCOME_fuel ? VERDICT_fuel : VERDICT_invalid;
        snprintf(v->text, sizeof v->text, "%s: %s", j->configs.at[first]->name,
                 j->reference.detail ? j->reference.detail : verdicts[v->kind].meaning);
        return false;
    }
    image_keep(j->image);
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    count_run(&j->counts, &j->reference, image_bytes(j->image) * (j->configs.n - 1));
    bool same = own_fault(&j->reference) == VERDICT_agree;
    for (uint32_t k = first + 1; k < j->configs.n && same; k++) {
        ImageDifference where;
        uint32_t result;
        if (!j->took[k]) continue;
        judge_run(j, j->configs.at[k], c, run, &j->other);
        same = outcome_equal(&j->reference, &j->other, sig, &result) &&
               own_fault(&j->other) == VERDICT_agree && !image_differs(j->image, &where);
    }
    if (!same) settle(j, c, run, v);
    return !verdict_is_finding(v->kind);
}

/* Compiles everywhere; the index of the first configuration that took the case, and how many. */
static uint32_t compile_everywhere(Judge *j, const Module *m, uint32_t *took)
{
    uint32_t first = NO_INDEX;
    *took = 0;
    for (uint32_t k = 0; k < j->configs.n; k++) {
        j->refused[k] = "no reason";
        j->took[k] = judge_compile(j, j->configs.at[k], m, &j->refused[k]);
        if (!j->took[k]) {
            count_refusal(j, j->refused[k]);
            continue;
        }
        if (first == NO_INDEX) first = k;
        ++*took;
    }
    return first;
}

/* Names the first configuration that refused, and its reason. */
static void explain_unjudged(const Judge *j, const Case *c, Verdict *v)
{
    snprintf(v->text, sizeof v->text, "%s",
             c->runs.n ? verdicts[VERDICT_unjudged].meaning : "there is no run line");
    for (uint32_t k = 0; k < j->configs.n && c->runs.n; k++) {
        if (j->took[k]) continue;
        snprintf(v->text, sizeof v->text, "%s; %s refused: %s", verdicts[VERDICT_unjudged].meaning,
                 j->configs.at[k]->name, j->refused[k]);
        return;
    }
}

void judge_case(Judge *j, const Case *c, Verdict *v)
{
    v->kind = VERDICT_agree;
    v->odd = v->other = NULL;
    v->nballots = 0;
    v->text[0] = 0;
    uint32_t took;
    j->counts.executions++;
    uint32_t first = compile_everywhere(j, c->module, &took);
    if (took < 2 || !c->runs.n) {
        v->kind = VERDICT_unjudged;
        explain_unjudged(j, c, v);
        return;
    }
    for (v->run = 0; v->run < c->runs.n; v->run++)
        if (!judge_one_run(j, c, &c->runs.at[v->run], first, v)) break;
    j->counts.fuel += v->kind == VERDICT_fuel;
    j->counts.invalid += v->kind == VERDICT_invalid;
}
