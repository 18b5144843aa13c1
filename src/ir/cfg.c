#include "ir/cfg.h"

typedef struct {
    uint32_t block, next; /* destinations below `next` are still to be visited */
} Frame;

/* While the walk lasts, `around[b]` is the innermost loop header around b without b itself. */
typedef struct {
    const Func *f;
    Cfg *c;
    Frame *path;
    uint32_t npath;
    uint32_t *place;  /* of a block on the path, from 1; 0 when it is not there */
    uint32_t *around; /* block index or NO_INDEX */
    bool *is_header;
    bool *visited;
    uint32_t next_number; /* counts down */
} Walk;

/* Enters `header`, which is on the path, into the chain of loops around `block`. */
static void add_header(Walk *w, uint32_t block, uint32_t header)
{
    if (header == NO_INDEX || block == header) return;
    while (w->around[block] != NO_INDEX) {
        uint32_t next = w->around[block];
        if (next == header) return;
        if (w->place[next] < w->place[header]) {
            w->around[block] = header;
            block = header;
            header = next;
        } else {
            block = next;
        }
    }
    w->around[block] = header;
}

/* An edge to a block that was left already: it may still lie in a loop that is on the path. */
static void cross_edge(Walk *w, uint32_t from, uint32_t to)
{
    uint32_t header = w->around[to];
    if (header != NO_INDEX && !w->place[header]) w->c->irreducible = true;
    while (header != NO_INDEX && !w->place[header]) header = w->around[header];
    add_header(w, from, header);
}

static void enter(Walk *w, uint32_t block)
{
    const InstData *last = func_terminator(w->f, (Block){block});
    w->visited[block] = true;
    w->path[w->npath++] = (Frame){block, last ? last->ndests : 0};
    w->place[block] = w->npath;
}

static void leave(Walk *w, uint32_t block)
{
    w->place[block] = 0;
    w->c->number[block] = --w->next_number;
    w->npath--;
    if (w->npath) add_header(w, w->path[w->npath - 1].block, w->around[block]);
}

static void follow(Walk *w, uint32_t from, uint32_t to)
{
    w->c->pred_start[to + 1]++;
    if (!w->visited[to]) {
        enter(w, to);
    } else if (w->place[to]) {
        w->is_header[to] = true;
        add_header(w, from, to);
    } else {
        cross_edge(w, from, to);
    }
}

/* Destinations are taken from the last to the first, so that the order resembles the text. */
static void walk(Walk *w)
{
    enter(w, func_entry(w->f).i);
    while (w->npath) {
        Frame *top = &w->path[w->npath - 1];
        if (top->next == 0) {
            leave(w, top->block);
        } else {
            const InstData *last = func_terminator(w->f, (Block){top->block});
            follow(w, top->block, last->dests[--top->next].block.i);
        }
    }
}

/* The numbers count down from the number of blocks; makes them begin at 0. */
static void fill_order(Walk *w, Arena *a)
{
    Cfg *c = w->c;
    uint32_t n = w->f->blocks.n;
    c->norder = n - w->next_number;
    c->order = arena_array_room(a, Block, c->norder);
    for (uint32_t b = 0; b < n; b++) {
        if (!w->visited[b]) continue;
        c->number[b] -= w->next_number;
        c->order[c->number[b]] = (Block){b};
    }
}

static void fill_preds(Walk *w, Arena *a)
{
    Cfg *c = w->c;
    uint32_t n = w->f->blocks.n;
    for (uint32_t b = 0; b < n; b++) c->pred_start[b + 1] += c->pred_start[b];
    c->preds = arena_array_room(a, Edge, c->pred_start[n]);
    uint32_t *next = w->place; /* all zero again */
    for (uint32_t k = 0; k < c->norder; k++) {
        const InstData *last = func_terminator(w->f, c->order[k]);
        for (uint32_t d = 0; last && d < last->ndests; d++) {
            uint32_t to = last->dests[d].block.i;
            c->preds[c->pred_start[to] + next[to]++] = (Edge){c->order[k], d};
        }
    }
}

/* A header comes before its members in the order, so depths are known from outside in. */
static void fill_loops(Walk *w)
{
    Cfg *c = w->c;
    for (uint32_t k = 0; k < c->norder; k++) {
        uint32_t b = c->order[k].i, around = w->around[b];
        uint16_t depth = around == NO_INDEX ? 0 : c->depth[around];
        c->outer[b] = (Block){around};
        c->loop[b] = (Block){w->is_header[b] ? b : around};
        c->depth[b] = (uint16_t)(depth + w->is_header[b]);
    }
}

/* All arrays by block in two pieces: what begins as zeros, what begins as NO_INDEX. */
static void make_arrays(Walk *w, Arena *a)
{
    Cfg *c = w->c;
    uint32_t n = w->f->blocks.n;
    uint32_t *zeros = arena_array(a, uint32_t, 3 * n + 1);
    uint32_t *none = arena_array_room(a, uint32_t, 4 * n);
    c->pred_start = zeros;
    w->place = zeros + n + 1;
    c->depth = (uint16_t *)(w->place + n);
    w->is_header = (bool *)(c->depth + n);
    w->visited = w->is_header + n;
    memset(none, 0xff, 4 * n * sizeof *none);
    c->number = none;
    w->around = none + n;
    c->loop = (Block *)(none + 2 * n);
    c->outer = c->loop + n;
    w->path = arena_array_room(a, Frame, n);
}

Cfg *cfg_compute(const Func *f, Arena *a)
{
    Cfg *c = arena_new(a, Cfg);
    Walk w = {.f = f, .c = c, .next_number = f->blocks.n};
    make_arrays(&w, a);
    walk(&w);
    fill_order(&w, a);
    fill_preds(&w, a);
    fill_loops(&w);
    return c;
}
