/* The control-flow graph of a function: who can reach whom, in which order, and which loops there
 * are. Everything is an array by block index in the arena that was given.
 *
 *     Cfg *c = cfg_compute(f, a);
 *     for (uint32_t k = 0; k < c->norder; k++) visit(c->order[k]);      definitions before uses
 *     for (const Edge *e = cfg_preds(c, b); e < cfg_preds_end(c, b); e++) use(e->from, e->dest);
 *     c->loop[b.i].i != NO_INDEX && c->loop[b.i].i == b.i                 b is a loop header
 *
 * Successors are what the terminator says: `func_terminator(f, b)->dests`. Requires that
 * destinations are blocks of the function; breaks nothing; is not kept up to date.
 *
 * Loops are found in one depth-first walk that also gives irreducible ones a header (Wei, Mao, Zou
 * and Chen, "A New Algorithm for Identifying Loops in Decompilation", SAS 2007): the member that
 * the walk met first.
 */
#ifndef IR_CFG_H
#define IR_CFG_H

#include "ir/func.h"

/* Destination `dest` of the terminator of `from`. */
typedef struct {
    Block from;
    uint32_t dest;
} Edge;

typedef struct {
    Block *order;         /* the reachable blocks in reverse post order, the entry first */
    uint32_t norder;
    uint32_t *number;     /* position in `order`, NO_INDEX for unreachable blocks */
    uint32_t *pred_start; /* the edges into b are preds[pred_start[b] .. pred_start[b + 1]] */
    Edge *preds;          /* one for each edge that leaves a reachable block */
    Block *loop;          /* header of the innermost loop around a block (itself when it is one) */
    Block *outer;         /* of a header: the header of the next loop around it */
    uint16_t *depth;      /* how many loops are around a block */
    bool irreducible;     /* some loop has more than one entry */
} Cfg;

Cfg *cfg_compute(const Func *f, Arena *a);

static inline bool cfg_is_reachable(const Cfg *c, Block b)
{
    return c->number[b.i] != NO_INDEX;
}

static inline const Edge *cfg_preds(const Cfg *c, Block b)
{
    return c->preds + c->pred_start[b.i];
}

static inline const Edge *cfg_preds_end(const Cfg *c, Block b)
{
    return c->preds + c->pred_start[b.i + 1];
}

static inline uint32_t cfg_pred_count(const Cfg *c, Block b)
{
    return c->pred_start[b.i + 1] - c->pred_start[b.i];
}

static inline bool cfg_is_loop_header(const Cfg *c, Block b)
{
    return c->loop[b.i].i == b.i;
}

#endif
