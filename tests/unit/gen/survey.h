/* Statistics of the cases of the first seeds, with their runs in the interpreter. */
#ifndef TESTS_GEN_SURVEY_H
#define TESTS_GEN_SURVEY_H

#include "play.h"

#include "gen/stats.h"

static inline void survey_note(void *data, const TraceEvent *e)
{
    if (e->kind == TRACE_return) return;
    Block block = e->kind == TRACE_block ? e->block : BLOCK_none;
    gen_survey_event(data, e->func, block, e->inst, e->values);
}

static inline void survey_run(GenSurvey *v, Player *p, const Case *c, const Run *run)
{
    static const GenRan ran[] = {
        [INTERP_returned] = RAN_returned, [INTERP_trapped] = RAN_trapped,
        [INTERP_out_of_fuel] = RAN_fuel,  [INTERP_invalid] = RAN_invalid,
        [INTERP_refused] = RAN_refused,
    };
    InterpResult r;
    gen_survey_run(v, run);
    play_traced(p, c, run, survey_note, v, &r);
    gen_survey_outcome(v, &(GenOutcome){ran[r.status], r.trap, r.steps, r.written});
}

static inline void survey_case(GenStats *s, Player *p, const GenInput *in, const Case *c, Arena *a)
{
    GenSurvey *v = gen_survey_begin(s, in, c, a);
    for (uint32_t k = 0; k < c->runs.n; k++) survey_run(v, p, c, &c->runs.at[k]);
    gen_survey_end(v);
}

static inline void survey_seeds(GenStats *s, uint64_t seeds, uint32_t off)
{
    static uint8_t bytes[GEN_SEED_BYTES];
    Arena *process = arena_create(), *a = arena_create();
    Player *p = play_create(process);
    GenOptions o = {.off = off};
    for (uint64_t seed = 0; seed < seeds; seed++, arena_reset(a)) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Case *c = gen_next(&in, &o, a);
        survey_case(s, p, &in, c, a);
    }
    interp_destroy(p->interp);
    arena_destroy(a);
    arena_destroy(process);
}

#endif
