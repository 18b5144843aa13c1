#include "oracle/judge_local.h"

#include <stdio.h>

static const struct {
    const char *name, *meaning;
    bool finding, alone;
} verdicts[VERDICT_COUNT] = {
#define VERDICT(name, finding, alone, meaning) [VERDICT_##name] = {#name, meaning, finding, alone},
#include "oracle/verdicts.def"
};

const char *verdict_name(VerdictKind kind) { return verdicts[kind].name; }
const char *verdict_meaning(VerdictKind kind) { return verdicts[kind].meaning; }
bool verdict_is_finding(VerdictKind kind) { return verdicts[kind].finding; }
bool verdict_shows_alone(VerdictKind kind) { return verdicts[kind].alone; }

void judge_complain(Judge *j, const Config *config, const char *what, const char *detail)
{
    ArenaMark mark = arena_mark(j->scratch);
    const char *line = arena_printf(j->scratch, "%s: %s", config->name, what);
    if (!j->problems.at || !strstr(j->problems.at, line))
        buf_printf(&j->problems, "%s: %s\n", line, detail);
    arena_release(j->scratch, mark);
}

const char *judge_problems(const Judge *j) { return j->problems.at; }

/* Starts the workers; a configuration whose worker cannot open it is left out. */
static void open_voters(Judge *j, const JudgeOptions *o)
{
    RemoteLimits limits = {o->limit_ms, o->compile_seconds};
    uint32_t kept = 0;
    for (uint32_t k = 0; k < j->configs.n; k++) {
        Config *c = j->configs.at[k];
        Voter *v = &j->voters[kept];
        const char *error;
        *v = (Voter){.config = c, .chosen = true};
        if (c->library) v->remote = remote_create(j->arena, c, j->image, limits, &error);
        if (c->library && !v->remote) buf_printf(&j->problems, "%s\n", error);
        else j->configs.at[kept++] = c;
    }
    j->configs.n = kept;
}

/* In one line that outlives the judge. */
static const char *keep_error(const char *problems)
{
    static char kept[1024];
    size_t n = 0;
    Str left = str_of(problems);
    for (Str line; (line = str_next_word(&left, "\n")).n && n < sizeof kept;)
        n += (size_t)snprintf(kept + n, sizeof kept - n, "%s%.*s", n ? "; " : "", (int)line.n,
                              line.at);
    return kept;
}

Judge *judge_create(const JudgeOptions *o, const char **error)
{
    Arena *a = arena_create();
    Judge *j = arena_new(a, Judge);
    j->arena = a;
    j->scratch = arena_create();
    j->problems.arena = a;
    j->fuel = o->fuel ? o->fuel : DEFAULT_FUEL;
    j->exec = exec_init(EXEC_FAULT_IS_BUG);
    if (o->limit_ms) exec_set_limit(j->exec, o->limit_ms);
    j->leak_bytes = (uint64_t)(o->leak_mib ? o->leak_mib : DEFAULT_LEAK_MIB) << 20;
    BackendHost *host = arena_new(a, BackendHost);
    *host = o->host.pass_hook ? o->host : backend_default_host();
    host->trap_exit = exec_trap_exit;
    configs_open(a, o->backends ? o->backends : DEFAULT_BACKENDS, host, &j->configs, &j->problems);
    j->image = image_create(a);
    open_voters(j, o);
    if (j->configs.n) return j;
    *error = keep_error(j->problems.at);
    judge_destroy(j);
    return NULL;
}

void judge_destroy(Judge *j)
{
    if (!j) return;
    for (uint32_t k = 0; k < j->configs.n; k++) remote_destroy(j->voters[k].remote);
    configs_close(&j->configs);
    image_destroy(j->image);
    arena_destroy(j->scratch);
    arena_destroy(j->arena);
}

Counts *judge_counts(Judge *j) { return &j->counts; }
const ConfigVec *judge_configs(const Judge *j) { return &j->configs; }
Image *judge_image(Judge *j) { return j->image; }

void judge_choose(Judge *j, uint32_t config, bool takes_part)
{
    j->voters[config].chosen = takes_part;
}

bool judge_is_chosen(const Judge *j, uint32_t config) { return j->voters[config].chosen; }

const char *judge_chosen(const Judge *j, Arena *a)
{
    Buf list = {.arena = a};
    for (uint32_t k = 0; k < j->configs.n; k++)
        if (j->voters[k].chosen)
            buf_printf(&list, "%s%s", list.n ? "," : "", j->configs.at[k]->name);
    return list.at;
}

static void count_refusal(Judge *j, const Voter *v)
{
    ArenaMark mark = arena_mark(j->scratch);
    const char *reason = v->why;
    if (v->config->library)
        reason = arena_printf(j->scratch, "%s: %s", v->config->library->api->name, v->why);
    j->counts.refused++;
    reasons_add(j->arena, &j->counts.refused_by, reason);
    arena_release(j->scratch, mark);
}

/* Of loaded back ends: how many cases each was asked to take, took, and failed on. */
static void count_taken(Counts *n, const Voter *v)
{
    uint32_t k = 0;
    while (k < n->ntaken && n->taken[k].config != v->config) k++;
    if (k == n->ntaken) n->taken[n->ntaken++].config = v->config;
    n->taken[k].asked++;
    n->taken[k].took += v->status != COMPILE_refused;
    n->taken[k].failed += v->status != COMPILE_refused && v->status != COMPILE_done;
}

static void count_run(Judge *j, const Outcome *o, uint64_t bytes)
{
    Counts *n = &j->counts;
    n->bytes_compared += bytes;
    if (j->again) return;
    n->runs++;
    n->returned += o->kind == OUTCOME_returned;
    n->trapped += o->kind == OUTCOME_trapped;
    if (o->kind == OUTCOME_trapped) n->trapped_by[o->trap]++;
    n->steps += o->steps;
    n->written += o->written;
}

/* False when the run is a finding or cannot be judged: `v` says which. */
static bool judge_one_run(Judge *j, const Case *c, const Run *run, uint32_t first, uint32_t took,
                          Verdict *v)
{
    const char *reason;
    if (!judge_place(j, c, run, &reason)) {
        v->kind = VERDICT_unjudged;
        snprintf(v->text, sizeof v->text, "%s", reason);
        return false;
    }
    voter_vote(j, &j->voters[first], c, run, &j->reference);
    if (!outcome_compares(j->reference.kind)) {
        v->kind = j->reference.kind == OUTCOME_fuel ? VERDICT_fuel : VERDICT_invalid;
        snprintf(v->text, sizeof v->text, "%s: %s", j->configs.at[first]->name,
                 j->reference.detail ? j->reference.detail : verdicts[v->kind].meaning);
        return false;
    }
    image_keep(j->image);
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    count_run(j, &j->reference, image_bytes(j->image) * (took - 1));
    bool same = outcome_own_fault(&j->reference) == VERDICT_agree;
    for (uint32_t k = first + 1; k < j->configs.n && same; k++) {
        ImageDifference where;
        uint32_t result;
        if (!voter_took(&j->voters[k])) continue;
        voter_vote(j, &j->voters[k], c, run, &j->other);
        same = outcome_equal(&j->reference, &j->other, sig, &result) &&
               outcome_own_fault(&j->other) == VERDICT_agree && !image_differs(j->image, &where);
    }
    if (!same) judge_settle(j, c, run, v);
    return v->kind == VERDICT_agree;
}

/* Compiles everywhere; the index of the first configuration that took the case, and how many. */
static uint32_t compile_everywhere(Judge *j, const Case *c, uint32_t *took)
{
    uint32_t first = NO_INDEX;
    *took = 0;
    for (uint32_t k = 0; k < j->configs.n; k++)
        if (j->voters[k].chosen) voter_begin(j, &j->voters[k], c);
    for (uint32_t k = 0; k < j->configs.n; k++) {
        Voter *v = &j->voters[k];
        if (!v->chosen) continue;
        voter_compile(j, v, c);
        if (v->remote) count_taken(&j->counts, v);
        if (v->status == COMPILE_refused) count_refusal(j, v);
        if (v->status != COMPILE_done) continue;
        if (first == NO_INDEX) first = k;
        ++*took;
    }
    return first;
}

/* Names the first configuration that refused, and its reason. */
static void explain_unjudged(const Judge *j, const Case *c, Verdict *v)
{
    v->kind = VERDICT_unjudged;
    snprintf(v->text, sizeof v->text, "%s",
             c->runs.n ? verdicts[VERDICT_unjudged].meaning : "there is no run line");
    for (uint32_t k = 0; k < j->configs.n && c->runs.n; k++) {
        if (!j->voters[k].chosen || j->voters[k].status != COMPILE_refused) continue;
        snprintf(v->text, sizeof v->text, "%s; %s refused: %s", verdicts[VERDICT_unjudged].meaning,
                 j->configs.at[k]->name, j->voters[k].why);
        return;
    }
}

static const VerdictKind verdict_of_compile[] = {
    [COMPILE_done] = VERDICT_agree,      [COMPILE_refused] = VERDICT_agree,
    [COMPILE_failed] = VERDICT_failed,   [COMPILE_died] = VERDICT_died,
    [COMPILE_stuck] = VERDICT_stuck,
};

/* A compiler that made a mistake while compiling: the first in order is named, if nothing graver
 * is known. */
static void find_bad_compile(const Judge *j, Verdict *v)
{
    for (uint32_t k = 0; k < j->configs.n; k++) {
        const Voter *voter = &j->voters[k];
        VerdictKind kind = voter->chosen ? verdict_of_compile[voter->status] : VERDICT_agree;
        if (kind == VERDICT_agree) continue;
        v->kind = kind;
        v->odd = voter->config;
        snprintf(v->message, sizeof v->message, "%s", voter->why);
        snprintf(v->text, sizeof v->text, "%s: %s (%s)", v->odd->label, verdicts[kind].meaning,
                 voter->why);
        return;
    }
}

static void find_leak(Judge *j, Verdict *v)
{
    for (uint32_t k = 0; k < j->configs.n; k++) {
        Remote *r = j->voters[k].remote;
        uint64_t growth = r ? remote_growth(r) : 0;
        if (!j->voters[k].chosen || growth < j->leak_bytes) continue;
        v->kind = VERDICT_leak;
        v->odd = j->configs.at[k];
        snprintf(v->text, sizeof v->text,
                 "%s: %s (%llu MiB more than at first, after %llu compiles)", v->odd->label,
                 verdicts[v->kind].meaning, (unsigned long long)growth >> 20,
                 (unsigned long long)remote_compiles(r));
        remote_restart(r);
        return;
    }
}

void judge_case(Judge *j, const Case *c, Verdict *v)
{
    v->kind = VERDICT_agree;
    v->odd = v->other = NULL;
    v->run = v->nballots = 0;
    v->text[0] = v->message[0] = 0;
    uint32_t took;
    j->counts.executions += !j->again;
    uint32_t first = compile_everywhere(j, c, &took);
    if (took < 2 || !c->runs.n) explain_unjudged(j, c, v);
    for (; v->kind == VERDICT_agree && v->run < c->runs.n; v->run++)
        if (!judge_one_run(j, c, &c->runs.at[v->run], first, took, v)) break;
    if (v->kind == VERDICT_agree || v->kind == VERDICT_unjudged) find_bad_compile(j, v);
    if (v->kind == VERDICT_agree) find_leak(j, v);
    if (v->run >= c->runs.n) v->run = 0;
    j->counts.fuel += v->kind == VERDICT_fuel;
    j->counts.invalid += v->kind == VERDICT_invalid;
}

void judge_again(Judge *j, const Case *c, Verdict *v)
{
    j->again = true;
    judge_case(j, c, v);
    j->again = false;
}
