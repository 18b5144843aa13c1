/* What generated cases contain, told from the cases themselves (ir/address.h) and from what their
 * runs did, not from what the generator meant to make.
 *
 *     GenSurvey *v = gen_survey_begin(s, &in, c, arena);       behind gen_next
 *     for each run of the case:
 *         gen_survey_run(v, run);
 *         gen_survey_event(v, func, block, inst, values);      whatever the interpreter shows of it
 *         gen_survey_outcome(v, &(GenOutcome){…});
 *     gen_survey_end(v);                                       adds to the sums of `s`
 *     gen_stats_figures(s, figures);                           what came of it, what is demanded
 *
 * An instruction that no run executed counts nowhere, but for the sizes of cases.
 */
#ifndef GEN_STATS_H
#define GEN_STATS_H

#include "gen/gen.h"
#include "ir/address.h"

typedef enum {
#define SHARE(name, of, least, most, meaning) SHARE_##name,
#define MEAN(name, sum, of, least, meaning)
#define LIMIT(name, field, most, meaning)
#include "gen/stats.def"
    SHARE_COUNT
} GenShare;

enum {
    GEN_FIGURES = 0
#define SHARE(name, of, least, most, meaning) +1
#define MEAN(name, sum, of, least, meaning) +1
#define LIMIT(name, field, most, meaning) +1
#include "gen/stats.def"
};

enum { GEN_SIZES = 24 };

typedef struct {
    uint64_t cases, funcs, insts, blocks, slots, loads, stores; /* executed or not */
    uint64_t calls;
    uint64_t runs, returned, trapped, invalid, refused, fuel, steps, written;
    uint64_t most_insts, most_steps;
    uint64_t pure, dead;   /* instructions without effect; those whose result nobody uses */
    uint64_t dead_permille, unfused, unfused_edge, unseen; /* set by gen_stats_figures */
    uint64_t trapped_by[256];
    uint64_t share[SHARE_COUNT];
    uint64_t fused[OP_COUNT][TYPE_COUNT]; /* loads with one use, by user and loaded type */
    uint64_t fused_at_edge[OP_COUNT][TYPE_COUNT]; /* that an unmapped page stands close behind */
    uint64_t ops[OP_COUNT][TYPE_COUNT];               /* executed */
    uint64_t slot_aligns[9]; /* by log2 */
    uint64_t sizes[GEN_SIZES]; /* cases by instructions: gen_stats_size */
} GenStats;

typedef struct GenSurvey GenSurvey;

/* `in` is where the case was just decoded from. Everything lives in `a`, as long as the survey. */
GenSurvey *gen_survey_begin(GenStats *s, const GenInput *in, const Case *c, Arena *a);

/* A run of the case begins. */
void gen_survey_run(GenSurvey *v, const Run *run);

/* An activation of `func` entered `block`, whose parameters are set, or (BLOCK_none) has done
 * `inst`, which is no branch and whose results are set; `values` by Value.i. In the order in which
 * it happened, nothing left out. */
void gen_survey_event(GenSurvey *v, uint32_t func, Block block, Inst inst, const Bits *values);

typedef enum { RAN_returned, RAN_trapped, RAN_invalid, RAN_refused, RAN_fuel } GenRan;

typedef struct {
    GenRan kind;
    TrapCode trap;
    uint64_t steps, written;
} GenOutcome;
void gen_survey_outcome(GenSurvey *v, const GenOutcome *o);

void gen_survey_end(GenSurvey *v);

/* A row of stats.def. */
typedef struct {
    const char *name, *meaning, *unit; /* unit: `%` of shares, else empty */
    double value, least, most;
} GenFigure;

/* All rows in their order. */
void gen_stats_figures(GenStats *s, GenFigure out[static GEN_FIGURES]);
bool gen_figure_holds(const GenFigure *f);

/* The fewest instructions of a case that counts in sizes[k]. */
uint32_t gen_stats_size(uint32_t k);

/* Whether `op` is generated with controlling type `t`, and not only where seldom families are on:
 * computations, loads and stores. */
bool gen_can_make(Op op, Type t);

/* Whether a load of type `t` can be an operand of `op` at all, as far as the generator knows. */
bool gen_can_fuse(Op op, Type t);

#endif
