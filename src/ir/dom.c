#include "ir/dom.h"

/* The nearest common dominator of two blocks, all given by their numbers in the order. */
static uint32_t meet(const uint32_t *idom, uint32_t a, uint32_t b)
{
    while (a != b) {
        while (a > b) a = idom[a];
        while (b > a) b = idom[b];
    }
    return a;
}

/* What the predecessors seen so far agree on. */
static uint32_t meet_preds(const Cfg *c, const uint32_t *idom, Block b)
{
    uint32_t found = NO_INDEX;
    for (const Edge *e = cfg_preds(c, b); e < cfg_preds_end(c, b); e++) {
        uint32_t pred = c->number[e->from.i];
        if (idom[pred] == NO_INDEX) continue; /* not seen yet */
        found = found == NO_INDEX ? pred : meet(idom, found, pred);
    }
    return found;
}

static void find_idoms(const Cfg *c, uint32_t *idom)
{
    memset(idom, 0xff, c->norder * sizeof *idom);
    idom[0] = 0;
    for (bool changed = true; changed;) {
        changed = false;
        for (uint32_t k = 1; k < c->norder; k++) {
            uint32_t found = meet_preds(c, idom, c->order[k]);
            changed |= idom[k] != found;
            idom[k] = found;
        }
    }
}

/* A dominator comes before what it dominates, so sizes add up backwards and places forwards. */
static void number_tree(const Cfg *c, const uint32_t *idom, Dom *d, uint32_t *next)
{
    for (uint32_t k = c->norder; k-- > 0;) {
        uint32_t size = ++d->size[c->order[k].i];
        if (k) d->size[c->order[idom[k]].i] += size;
    }
    next[0] = 1;
    for (uint32_t k = 1; k < c->norder; k++) {
        uint32_t b = c->order[k].i;
        d->idom[b] = c->order[idom[k]];
        d->pre[b] = next[idom[k]];
        next[idom[k]] += d->size[b];
        next[k] = d->pre[b] + 1;
    }
}

Dom *dom_compute(const Func *f, const Cfg *c, Arena *a)
{
    uint32_t n = f->blocks.n;
    Dom *d = arena_new(a, Dom);
    d->idom = arena_array(a, Block, n);
    d->pre = arena_array(a, uint32_t, n);
    d->size = arena_array(a, uint32_t, n);
    memset(d->idom, 0xff, n * sizeof *d->idom);
    ArenaMark mark = arena_mark(a);
    uint32_t *idom = arena_array(a, uint32_t, c->norder);
    uint32_t *next = arena_array(a, uint32_t, c->norder);
    find_idoms(c, idom);
    number_tree(c, idom, d, next);
    arena_release(a, mark);
    return d;
}
