#define _GNU_SOURCE
#include "tests/faults/measure.h"

#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "reduce/shrink.h"
#include "tests/faults/hunt.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void measure_search(const Fault *fault, const Campaign *c, Search *out)
{
    Hunt h;
    SessionEvent e;
    *out = (Search){0};
    hunt_begin(&h, fault, c);
    while (!out->found && hunt_executions(&h) < c->bound) {
        uint64_t before = h.state.changes;
        bool finding = hunt_step(&h, &e), changed = h.state.changes != before;
        out->changed += changed;
        if (!finding) continue;
        out->found = changed && config_is_planted(e.verdict.odd);
        out->astray += !out->found;
        memcpy(out->signature, e.signature, sizeof out->signature);
    }
    out->executions = hunt_executions(&h);
    hunt_end(&h);
}

/* Faults of which none has changed anything yet. */
typedef struct {
    const Fault *const *chosen;
    bool *idle;
    uint32_t n, left;
} Crowd;

static void crowd_hook(void *data, PassStage *stage)
{
    Crowd *crowd = data;
    for (uint32_t k = 0; k < crowd->n; k++) {
        uint32_t before = stage->changes;
        if (crowd->idle[k]) crowd->chosen[k]->hook(NULL, stage);
        if (stage->changes == before) continue;
        crowd->idle[k] = false;
        crowd->left--;
    }
}

/* Judges one case until it goes by without a change: a fault that follows one that changes code has
 * not seen the code as it was. False when there is a finding although nothing is changed. */
static bool crowd_step(Hunt *h, Crowd *crowd)
{
    uint8_t bytes[GEN_SEED_BYTES];
    size_t n = gen_seed_bytes(h->seed++, bytes, sizeof bytes);
    for (uint32_t before = 0; crowd->left != before;) {
        SessionEvent e;
        before = crowd->left;
        if (session_input(h->session, bytes, n, &e) && crowd->left == before) return false;
    }
    return true;
}

void measure_idle(const Fault *const *chosen, uint32_t n, const Campaign *c, bool *idle)
{
    Crowd crowd = {.chosen = chosen, .idle = idle, .n = n, .left = n};
    Hunt h = {.arena = arena_create(), .seed = c->first};
    for (uint32_t k = 0; k < n; k++) idle[k] = true;
    hunt_open(&h, chosen[0], c, (BackendHost){.pass_hook = crowd_hook, .pass_hook_data = &crowd});
    while (crowd.left && h.seed < c->first + c->bound)
        if (!crowd_step(&h, &crowd)) memset(idle, 0, n * sizeof *idle), crowd.left = 0;
    hunt_end(&h);
}

static void add_signature(SignatureList *list, const char *text)
{
    list->findings++;
    for (uint32_t k = 0; k < list->n; k++) {
        if (strcmp(list->all[k].text, text) != 0) continue;
        list->all[k].count++;
        return;
    }
    if (list->n == SIGNATURES_MAX) return;
    snprintf(list->all[list->n].text, sizeof list->all[0].text, "%s", text);
    list->all[list->n++].count = 1;
}

static double processor_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

void measure_signatures(const Fault *fault, const Campaign *c, uint32_t n, SignatureList *out)
{
    Hunt h;
    SessionEvent e;
    *out = (SignatureList){0};
    hunt_begin(&h, fault, c);
    while (out->findings < n && hunt_executions(&h) < c->bound) {
        double start = processor_seconds();
        if (!hunt_step(&h, &e)) continue;
        out->seconds += processor_seconds() - start;
        if (config_is_planted(e.verdict.odd)) add_signature(out, e.signature);
    }
    if (out->findings) out->seconds /= out->findings;
    out->executions = hunt_executions(&h);
    hunt_end(&h);
}

/* What is wrong with a shrunk case, once it is written down; NULL for nothing. */
static const char *small_breach(Judge *j, const Case *small, const Verdict *v, Arena *a)
{
    Verdict again;
    Str text = case_text(small, a);
    Diag d = {.arena = a, .file = "small"};
    const Case *c = case_read(a, "small", text, &d);
    bool good = c && case_verify(c, a, &d);
    diag_print(&d, stdout);
    if (!good) fwrite(text.at, 1, text.n, stdout);
    if (!c) return "a small case cannot be read";
    if (!good) return "a small case does not pass the verifier";
    if (!c->discipline) return "a small case claims no discipline";
    judge_case(j, c, &again);
    return again.kind == v->kind && again.odd == v->odd ? NULL : "a small case shows otherwise";
}

void measure_small(const Fault *fault, const Campaign *c, uint32_t n, SmallList *out)
{
    Hunt h;
    SessionEvent e;
    *out = (SmallList){0};
    hunt_begin(&h, fault, c);
    while (out->findings < n && hunt_executions(&h) < c->bound) {
        Verdict left;
        if (!hunt_step(&h, &e) || !config_is_planted(e.verdict.odd)) continue;
        Judge *j = session_judge(h.session);
        ArenaMark mark = arena_mark(h.arena);
        const Case *small = shrink_case(j, e.c, &e.verdict, h.arena, SMALL_TRIES, &left);
        const char *breach = small_breach(j, small, &left, h.arena);
        out->findings++;
        out->whole += !breach;
        out->insts += module_inst_count(small->module);
        if (breach) out->breach = breach;
        arena_release(h.arena, mark);
    }
    out->executions = hunt_executions(&h);
    hunt_end(&h);
}

RunTests measure_run_tests(const Fault *fault, const char *tally, const char *folder)
{
    RunTests r = {-1, -1};
    Arena *a = arena_create();
    FILE *out = popen(arena_printf(a, "TALLY_PLANT=%s %s test --backend jit:none:%s:planted %s",
                                   fault->name, tally, fault->cpu, folder),
                      "r");
    char line[400];
    while (out && fgets(line, sizeof line, out))
        if (sscanf(line, "%d passed, %d failed", &r.passed, &r.failed) != 2) continue;
    if (out) pclose(out);
    arena_destroy(a);
    return r;
}
