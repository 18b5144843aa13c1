#include "triage/survey.h"

static void watch(void *data, const RunEvent *e)
{
    gen_survey_event(data, e->func, e->block, e->inst, e->values);
}

static GenRan ran(OutcomeKind kind)
{
    if (kind == OUTCOME_returned) return RAN_returned;
    if (kind == OUTCOME_trapped) return RAN_trapped;
    if (kind == OUTCOME_fuel) return RAN_fuel;
    return kind == OUTCOME_refused ? RAN_refused : RAN_invalid;
}

static void survey_run(GenSurvey *v, Judge *j, const Case *c, const Run *run)
{
    Outcome o = {.kind = OUTCOME_refused};
    const char *reason;
    gen_survey_run(v, run);
    if (judge_place(j, c, run, &reason)) judge_watch(j, c, run, watch, v, &o);
    gen_survey_outcome(v, &(GenOutcome){ran(o.kind), o.trap, o.steps, o.written});
}

void survey_case(GenStats *s, Judge *j, const GenInput *in, const Case *c, Arena *a)
{
    GenSurvey *v = gen_survey_begin(s, in, c, a);
    for (uint32_t k = 0; k < c->runs.n; k++) survey_run(v, j, c, &c->runs.at[k]);
    gen_survey_end(v);
}
