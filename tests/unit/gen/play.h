/* Runs of a case in the interpreter, heaps in memory of the test's own. */
#ifndef TESTS_GEN_PLAY_H
#define TESTS_GEN_PLAY_H

#include "base/rng.h"
#include "gen/gen.h"
#include "interp/interp.h"

enum { PLAY_HEAPS = 64, PLAY_HEAP_BYTES = 1 << 16 };

typedef struct {
    Interp *interp;
    uint8_t *memory; /* PLAY_HEAPS zones */
    InterpHeap heaps[PLAY_HEAPS];
} Player;

static inline uint8_t *play_zone(const Player *p, uint32_t heap)
{
    return p->memory + (size_t)heap * PLAY_HEAP_BYTES;
}

static inline void play_fill(const Player *p, const Case *c, const Heap *h, uint8_t *at)
{
    Rng r = rng_seeded(h->seed);
    if (h->fill == FILL_SEED) rng_fill(&r, at, h->size);
    else memset(at, h->fill_byte, h->size);
    for (uint32_t k = 0; k < h->cells.n; k++) {
        const HeapCell *cell = &h->cells.at[k];
        uint64_t target = (uint64_t)(uintptr_t)play_zone(p, cell->heap);
        target += (uint64_t)cell->target_offset;
        memcpy(at + cell->offset, &target, sizeof target);
    }
    (void)c;
}

typedef void PlayTrace(void *data, const TraceEvent *event);

static inline void play_traced(Player *p, const Case *c, const Run *r, PlayTrace *trace, void *data,
                               InterpResult *out)
{
    Bits args[64];
    CHECK(c->heaps.n <= PLAY_HEAPS && r->args.n <= countof(args));
    for (uint32_t k = 0; k < c->heaps.n; k++) {
        const Heap *h = &c->heaps.at[k];
        p->heaps[k] = (InterpHeap){.base = play_zone(p, k), .size = h->size, .heap = h->name,
                                   .region = h->region, .fault = h->fault,
                                   .cells = h->cells.at, .ncells = h->cells.n};
        CHECK(h->size <= PLAY_HEAP_BYTES / 2);
        if (!h->fault) play_fill(p, c, h, p->heaps[k].base);
    }
    for (uint32_t k = 0; k < r->args.n; k++) {
        const DataValue *v = &r->args.at[k];
        uint64_t at = v->heap ? (uint64_t)(uintptr_t)play_zone(p, v->heap - 1) : 0;
        args[k] = v->heap ? bits_of(at + (uint64_t)v->offset) : v->bits;
    }
    InterpOptions o = {.fuel = 100000, .max_depth = 100, .discipline = true, .trace = trace,
                       .trace_data = data};
    interp_run(p->interp, c->module, r->func, args, r->args.n, p->heaps, c->heaps.n, &o, out);
}

static inline void play_run(Player *p, const Case *c, const Run *r, InterpResult *out)
{
    play_traced(p, c, r, NULL, NULL, out);
}

static inline Player *play_create(Arena *a)
{
    Player *p = arena_new(a, Player);
    p->interp = interp_create();
    uintptr_t at = (uintptr_t)arena_alloc(a, (size_t)(PLAY_HEAPS + 1) * PLAY_HEAP_BYTES);
    p->memory = (uint8_t *)align_up(at, PLAY_HEAP_BYTES);
    return p;
}

#endif
