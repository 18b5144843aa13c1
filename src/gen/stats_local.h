/* What the files of the statistics share: a case and a function in work. */
#ifndef GEN_STATS_LOCAL_H
#define GEN_STATS_LOCAL_H

#include "gen/stats.h"

enum { SITES_FUNCS_MAX = 16, SITES_PAIRS_MAX = 32 };

/* How two address arguments of a call lie to each other. */
typedef enum { ARGS_elsewhere, ARGS_apart, ARGS_overlap, ARGS_same } ArgsRelation;

typedef struct {
    GenStats *s;
    const Case *c;
    Arena *arena;
    uint64_t seen; /* bits of GenShare, for the case */
    bool stored_address, loaded_address;
    uint8_t relations[SITES_FUNCS_MAX][SITES_PAIRS_MAX]; /* by callee and pair: bits */
    /* the function */
    uint32_t index;
    const Func *f;
    const Addresses *x;
    const uint32_t *uses;
    uint64_t seen_func;
} Survey;

static inline void see(Survey *v, GenShare share) { v->seen |= UINT64_C(1) << share; }
static inline void see_func(Survey *v, GenShare share) { v->seen_func |= UINT64_C(1) << share; }

/* Accesses, choices, comparisons of addresses (stats_address.c). */
void survey_addresses(Survey *v);
/* Calls and how their arguments lie. */
void survey_calls(Survey *v);
/* Heaps of runs that are flush with a page. */
void survey_edges(Survey *v);

/* Whether the computation of `i` surely wraps in its type on the way to an index. */
bool index_wraps(const Func *f, Value v);

/* Loads with one use, trees (stats_tree.c). */
void survey_trees(Survey *v);

#endif
