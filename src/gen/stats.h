/* What generated cases contain, told from the cases themselves (ir/address.h), not from what the
 * generator meant to make.
 *
 *     GenStats *s = arena_new(a, GenStats);
 *     gen_stats_add(s, case, scratch);                    each case
 *     gen_stats_add_run(s, &(GenRun){.trapped = …});      what the interpreter says of its runs
 *     gen_stats_write(&text, s);
 *     gen_stats_broken(&text, s);                         what the population lacks
 */
#ifndef GEN_STATS_H
#define GEN_STATS_H

#include "ir/address.h"
#include "ir/case.h"

typedef enum {
#define SHARE(name, of, least, most, meaning) SHARE_##name,
#include "gen/stats.def"
    SHARE_COUNT
} GenShare;

typedef struct {
    uint64_t cases, funcs, insts, blocks, slots, loads, stores, calls;
    uint64_t runs, returned, trapped, steps, written; /* of runs that were added */
    uint64_t most_insts, most_steps;
    uint64_t pure, dead;     /* instructions without effect; those whose result nobody uses */
    uint64_t trapped_by[256];
    uint64_t share[SHARE_COUNT];
    uint64_t fused[OP_COUNT][TYPE_COUNT]; /* loads with one use, by user and loaded type */
    uint64_t ops[OP_COUNT];
    uint64_t slot_aligns[9]; /* by log2 */
} GenStats;

void gen_stats_add(GenStats *s, const Case *c, Arena *scratch);

/* What the interpreter reports of one run. */
typedef struct {
    bool trapped;
    TrapCode trap;
    uint64_t steps, written;
} GenRun;
void gen_stats_add_run(GenStats *s, const GenRun *run);

void gen_stats_write(Buf *out, const GenStats *s);

/* The number of demands of stats.def that do not hold, each with a line; shares of runs and means
 * are judged only when runs were added. */
uint32_t gen_stats_broken(Buf *out, const GenStats *s);

/* Whether a load of type `t` can be an operand of `op` at all, as far as the generator knows. */
bool gen_can_fuse(Op op, Type t);

#endif
