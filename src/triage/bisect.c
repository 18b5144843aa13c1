#include "triage/bisect.h"

static bool is_interpreter(const Config *c) { return c->backend->run != NULL; }

bool bisect_choose(Bisect *b, const ConfigVec *configs, const Verdict *v)
{
    const Config *subject = v->odd, *reference = configs->at[0];
    for (uint32_t k = 1; k < v->nballots && !subject; k++)
        if (v->ballots[k].group != v->ballots[0].group && v->ballots[k].group != BALLOT_NONE)
            subject = configs->at[k];
    if (subject == reference) reference = v->other;
    if (!subject || !reference || is_interpreter(subject)) return false;
    b->subject = arena_printf(b->arena, "%s", subject->name);
    b->reference = arena_printf(b->arena, "%s", reference->name);
    b->run = v->run;
    return true;
}

/* One run in the interpreter; what it left in the heaps is hashed. */
static bool interpret(Judge *j, const Case *c, const Run *run, Outcome *out, uint64_t *hash)
{
    const char *why;
    const Config *interp = judge_configs(j)->at[0];
    if (!judge_compile(j, interp, c, &why) || !judge_place(j, c, run, &why)) return false;
    judge_run(j, interp, c, run, out);
    *hash = image_hash(judge_image(j));
    return true;
}

static bool same_types(const Func *f, const Func *g)
{
    if (f->sig.params.n != g->sig.params.n || f->sig.returns.n != g->sig.returns.n) return false;
    for (uint32_t k = 0; k < f->sig.params.n; k++)
        if (f->sig.params.at[k].type != g->sig.params.at[k].type) return false;
    for (uint32_t k = 0; k < f->sig.returns.n; k++)
        if (f->sig.returns.at[k].type != g->sig.returns.at[k].type) return false;
    return true;
}

/* Whether the IR behind the JIT's last pass over IR still means what the case means. */
static IrResult judge_ir(Judge *j, const Case *c, const Run *run)
{
    const Config *jit = judge_configs(j)->at[1];
    if (!is_interpreter(judge_configs(j)->at[0]) || !jit->backend->lowered) return IR_unknown;
    const Module *lowered = jit->backend->lowered(jit->state);
    if (!lowered || !same_types(c->module->funcs.at[run->func], lowered->funcs.at[run->func]))
        return IR_unknown;
    Outcome then, now;
    Case ir = *c;
    uint64_t before, after;
    uint32_t result;
    ir.module = (Module *)lowered;
    if (!interpret(j, c, run, &then, &before) || !interpret(j, &ir, run, &now, &after))
        return IR_unknown;
    const Signature *sig = &c->module->funcs.at[run->func]->sig;
    return outcome_equal(&then, &now, sig, &result) && before == after ? IR_right : IR_wrong;
}

static void look(Judge *j, const Bisect *b, Probe *out)
{
    Verdict v;
    judge_case(j, b->c, &v);
    const Config *subject = judge_configs(j)->at[1];
    out->kind = v.kind;
    out->result = verdict_is_finding(v.kind)    ? PROBE_wrong
                  : v.kind == VERDICT_agree     ? PROBE_right
                                                : PROBE_unjudged;
    if (out->result == PROBE_unjudged) out->why = arena_printf(b->arena, "%s", v.text);
    const Fuel *fuel = subject->backend->fuel ? subject->backend->fuel(subject->state) : NULL;
    if (!fuel || out->result == PROBE_unjudged) return;
    out->fuelled = true;
    out->fuel = *fuel;
    out->ir = judge_ir(j, b->c, &b->c->runs.at[b->run]);
}

void bisect_probe(Bisect *b, const char *subject, Probe *out)
{
    const char *error;
    JudgeOptions o = b->judge;
    o.backends = arena_printf(b->arena, "%s,%s", b->reference, subject);
    *out = (Probe){.result = PROBE_unjudged};
    b->probes++;
    Judge *j = judge_create(&o, &error);
    const char *problem = j ? judge_problems(j) : error;
    if (problem) out->why = arena_printf(b->arena, "%.*s", (int)strcspn(problem, "\n"), problem);
    else look(j, b, out);
    judge_destroy(j);
}
