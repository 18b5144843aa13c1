/* Dominators of the reachable blocks: block a dominates b when every way from the entry to b
 * passes a.
 *
 *     Dom *d = dom_compute(f, cfg, a);
 *     dom_dominates(d, entry, b)         constant time: b's place in a walk of the tree lies in a's
 *
 * Found by going over the blocks in reverse post order until nothing changes (Cooper, Harvey and
 * Kennedy, "A Simple, Fast Dominance Algorithm", 2001).
 */
#ifndef IR_DOM_H
#define IR_DOM_H

#include "ir/cfg.h"

typedef struct {
    Block *idom;    /* by block index; BLOCK_none for the entry and for unreachable blocks */
    uint32_t *pre;  /* place in a walk of the tree from the root */
    uint32_t *size; /* blocks in the subtree; 0 for unreachable blocks */
} Dom;

Dom *dom_compute(const Func *f, const Cfg *c, Arena *a);

/* A block dominates itself; unreachable blocks neither dominate nor are dominated. */
static inline bool dom_dominates(const Dom *d, Block a, Block b)
{
    return d->size[b.i] && d->pre[b.i] - d->pre[a.i] < d->size[a.i];
}

#endif
