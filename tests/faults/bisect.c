#include "tests/faults/bisect.h"

#include "ir/read.h"
#include "ir/write.h"
#include "tests/faults/hunt.h"

/* Of faults.def, which the search does not see. */
static const struct {
    const char *name;
    Pass stage;
} rows[] = {
#define FAULT(name, stage, family, cpu, meaning, model) {#name, PASS_##stage},
#include "tests/faults/faults.def"
};

Pass fault_stage(const Fault *fault)
{
    for (uint32_t k = 0; k < countof(rows); k++)
        if (!strcmp(rows[k].name, fault->name)) return rows[k].stage;
    return PASS_COUNT;
}

/* A copy that outlives the session. */
static const Case *keep(const Case *c, Arena *a)
{
    Diag d = {.arena = a, .file = "finding"};
    const Case *kept = case_read(a, "finding", case_text(c, a), &d);
    CHECK(kept);
    return kept;
}

bool measure_bisect(const Fault *fault, Campaign *c, Narrowed *out, Arena *a)
{
    Hunt h;
    SessionEvent e;
    bool found = false;
    hunt_begin(&h, fault, c);
    while (!found && hunt_executions(&h) < c->bound)
        found = hunt_step(&h, &e) && config_is_planted(e.verdict.odd);
    *out = (Narrowed){.executions = hunt_executions(&h), .seed = h.seed - 1};
    c->first = h.seed;
    if (!found) return hunt_end(&h), false;
    Bisect b = {.arena = a, .c = keep(e.c, a), .judge.host = fault_host(&h.state)};
    CHECK(bisect_choose(&b, judge_configs(session_judge(h.session)), &e.verdict));
    session_destroy(h.session); /* one judge at a time */
    bisect_jit(&b, &out->at);
    out->probes = b.probes;
    arena_destroy(h.arena);
    return true;
}
