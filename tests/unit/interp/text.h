/* Cases as CLIF text: the first run line of the text, on heaps in static memory. */
#ifndef TESTS_INTERP_TEXT_H
#define TESTS_INTERP_TEXT_H

#include "interp/interp.h"
#include "ir/read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { TEXT_HEAPS = 4, TEXT_HEAP_BYTES = 256 };

typedef struct {
    Arena *arena;
    Interp *interp;
    Case *c;
    InterpHeap heaps[TEXT_HEAPS];
    InterpOptions options;
} Text;

/* Each heap begins at a multiple of 256. */
extern uint8_t text_memory[TEXT_HEAPS][TEXT_HEAP_BYTES];

static inline Text text_open(void)
{
    return (Text){
        .arena = arena_create(),
        .interp = interp_create(),
        .options = {.fuel = 10000, .max_depth = 20},
    };
}

static inline void text_close(Text *t)
{
    interp_destroy(t->interp);
    arena_destroy(t->arena);
}

static inline void text_read(Text *t, const char *text)
{
    Diag d = {0};
    arena_reset(t->arena);
    t->c = case_read(t->arena, "test.clif", str_of(text), &d);
    if (!t->c) {
        diag_print(&d, stderr);
        fail_msg("cannot read:\n%s", text);
    }
}

static inline void text_place(Text *t)
{
    for (uint32_t k = 0; k < t->c->heaps.n; k++) {
        const Heap *h = &t->c->heaps.at[k];
        assert_true(k < TEXT_HEAPS && h->size <= TEXT_HEAP_BYTES);
        memset(text_memory[k], 0, TEXT_HEAP_BYTES);
        if (h->bytes.n) memcpy(text_memory[k], h->bytes.at, h->bytes.n);
        t->heaps[k] = (InterpHeap){
            .base = text_memory[k], .size = h->size, .heap = h->name, .region = h->region,
            .fault = h->fault, .cells = h->cells.at, .ncells = h->cells.n,
        };
        for (uint32_t n = 0; n < h->cells.n; n++) {
            const HeapCell *cell = &h->cells.at[n];
            uint64_t address = (uint64_t)(uintptr_t)text_memory[cell->heap];
            address += (uint64_t)cell->target_offset;
            memcpy(text_memory[k] + cell->offset, &address, sizeof address);
        }
    }
}

/* Reads `text` and runs its first run line. */
static inline InterpResult text_run(Text *t, const char *text)
{
    Bits args[16];
    InterpResult r;
    text_read(t, text);
    text_place(t);
    assert_true(t->c->runs.n > 0);
    const Run *run = &t->c->runs.at[0];
    for (uint32_t k = 0; k < run->args.n; k++) {
        const DataValue *v = &run->args.at[k];
        args[k] = v->bits;
        if (v->heap) args[k] = bits_of((uint64_t)(uintptr_t)(text_memory[v->heap - 1] + v->offset));
    }
    t->options.discipline = t->c->discipline;
    interp_run(t->interp, t->c->module, run->func, args, run->args.n, t->heaps, t->c->heaps.n,
               &t->options, &r);
    return r;
}

/* Demands that the run is invalid for `reason`, or traps, or returns when there is neither. */
static inline void text_check(Text *t, const char *text, const char *reason, TrapCode trap)
{
    InterpResult r = text_run(t, text);
    bool good = reason ? r.status == INTERP_invalid && strstr(r.reason, reason)
                : trap ? r.status == INTERP_trapped && r.trap == trap
                       : r.status == INTERP_returned;
    if (!good)
        fail_msg("status %d, trap %u, %s; not \"%s\", trap %u, of\n%s", r.status, r.trap,
                 r.reason ? r.reason : "valid", reason ? reason : "valid", trap, text);
}

#endif
