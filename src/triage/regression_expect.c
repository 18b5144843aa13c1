/* Run lines that say what the interpreter makes of them. */
#include "triage/regression.h"

#include "base/hash.h"
#include "oracle/expect.h"

enum {
    ROW = 16,   /* bytes of one check-heap line */
    ROWS = 4,   /* of a piece whose bytes are spelled out; longer ones are a hash */
    CELL = 8,   /* bytes of an address */
};

typedef struct {
    Arena *arena;
    const Case *c;
    const Image *image;
    Run *run;
} Checks;

static bool is_in_cell(const Heap *h, uint64_t offset)
{
    for (uint32_t k = 0; k < h->cells.n; k++)
        if (offset >= h->cells.at[k].offset && offset - h->cells.at[k].offset < CELL) return true;
    return false;
}

/* Whether 8 bytes that are an address of the arena begin there. */
static bool holds_address(const PlacedHeap *p, uint64_t offset)
{
    uint64_t word;
    if (offset + CELL > p->heap->size) return false;
    memcpy(&word, p->base + offset, CELL);
    return image_covers(word);
}

/* Whether the byte may be told: the number of an address is this machine's. */
static bool can_tell(const PlacedHeap *p, uint64_t offset)
{
    if (is_in_cell(p->heap, offset)) return false;
    for (uint64_t k = 0; k < CELL && k <= offset; k++)
        if (holds_address(p, offset - k)) return false;
    return true;
}

static HeapCheck *add_check(Checks *s, uint32_t heap, uint64_t offset)
{
    HeapCheck *check = vec_push(s->arena, &s->run->checks);
    *check = (HeapCheck){.heap = heap, .offset = offset};
    return check;
}

static void check_piece(Checks *s, uint32_t heap, const PlacedHeap *p, uint64_t from, uint64_t to)
{
    if (to - from > ROW * ROWS) {
        HeapCheck *check = add_check(s, heap, from);
        check->size = to - from;
        check->hash = hash_bytes(p->base + from, check->size);
        return;
    }
    for (uint64_t at = from; at < to; at += ROW) {
        size_t n = min_u64(ROW, to - at);
        add_check(s, heap, at)->bytes =
            (Str){arena_strndup(s->arena, (const char *)p->base + at, n), n};
    }
}

static void check_heap(Checks *s, uint32_t heap)
{
    const PlacedHeap *p = image_heap(s->image, heap);
    if (!p || p->heap->fault) return;
    for (uint64_t from = 0, to; from < p->heap->size; from = to) {
        bool told = can_tell(p, from);
        for (to = from + 1; to < p->heap->size && can_tell(p, to) == told;) to++;
        if (told) check_piece(s, heap, p, from, to);
    }
}

/* An address that comes out as a number is none for a file. */
static bool returns_address(const Outcome *o)
{
    for (uint32_t k = 0; k < o->nresults; k++)
        if (image_covers(o->results[k].u64[0])) return true;
    return false;
}

static void say_outcome(Checks *s, const Outcome *o)
{
    Run *run = s->run;
    const Signature *sig = &s->c->module->funcs.at[run->func]->sig;
    memset(&run->results, 0, sizeof run->results);
    memset(&run->checks, 0, sizeof run->checks);
    run->trap = o->kind == OUTCOME_trapped ? o->trap : TRAP_none;
    run->kind = o->kind == OUTCOME_trapped ? RUN_TRAPS
                : returns_address(o)       ? RUN_PRINT
                                           : RUN_RUN;
    run->expect = EXPECT_EQUAL;
    for (uint32_t k = 0; run->kind == RUN_RUN && k < o->nresults; k++)
        *vec_push(s->arena, &run->results) =
            (DataValue){.type = (Type)sig->returns.at[k].type, .bits = o->results[k]};
    for (uint32_t k = 0; k < s->c->heaps.n; k++) check_heap(s, k);
}

/* What is wrong with a run: EXIT_AGREE for nothing. */
static int judge_line(const Checks *s, const Outcome *o, const char **reason)
{
    char text[240];
    bool ended = o->kind == OUTCOME_returned || o->kind == OUTCOME_trapped;
    *reason = arena_printf(s->arena, "the interpreter does not say what it comes to: %s%s%s",
                           outcome_name(o->kind), o->detail ? ": " : "",
                           o->detail ? o->detail : "");
    if (!ended) return EXIT_UNJUDGED;
    if (s->run->kind == RUN_PRINT || expect_holds(s->run, o, s->image, true, text, sizeof text))
        return EXIT_AGREE;
    *reason = arena_printf(s->arena, "line %u: %s; the interpreter contradicts what stands there",
                           s->run->line, text);
    return EXIT_FINDING;
}

static int expect_run(Checks *s, Judge *interp, const Config *config, const char **reason)
{
    Outcome o;
    if (!judge_place(interp, s->c, s->run, reason)) return EXIT_UNJUDGED;
    judge_run(interp, config, s->c, s->run, &o);
    int status = judge_line(s, &o, reason);
    if (status == EXIT_AGREE) say_outcome(s, &o);
    return status;
}

Case *regression_expect(Judge *interp, const Case *c, Arena *a, int *status, const char **reason)
{
    const Config *config = judge_configs(interp)->at[0];
    Case *out = arena_new(a, Case);
    *out = *c;
    memset(&out->runs, 0, sizeof out->runs);
    *status = EXIT_INPUT;
    *reason = "there is no run line";
    if (!c->runs.n) return NULL;
    *status = EXIT_UNJUDGED;
    if (!judge_compile(interp, config, c, reason)) return NULL;
    Checks s = {.arena = a, .c = c, .image = judge_image(interp)};
    for (uint32_t k = 0; k < c->runs.n; k++) {
        s.run = vec_push(a, &out->runs);
        *s.run = c->runs.at[k];
        *status = expect_run(&s, interp, config, reason);
        if (*status != EXIT_AGREE) return NULL;
    }
    return out;
}
