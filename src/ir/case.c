#include "ir/case.h"

Case *case_create(Arena *a)
{
    Case *c = arena_new(a, Case);
    c->arena = a;
    c->module = module_create(a);
    return c;
}

static void extract_func(const Case *c, uint32_t k, Case *into, uint32_t *place);

static void extract_callee(const Case *c, uint32_t *callee, Case *into, uint32_t *place)
{
    if (*callee == NO_INDEX) return;
    extract_func(c, *callee, into, place);
    *callee = place[*callee];
}

/* Adds function `k` and all it refers to; `place` maps old indices to new ones. */
static void extract_func(const Case *c, uint32_t k, Case *into, uint32_t *place)
{
    if (place[k] != NO_INDEX) return;
    place[k] = into->module->funcs.n;
    Func *f = func_clone(c->module->funcs.at[k], into->module, into->arena);
    *vec_push(into->arena, &into->module->funcs) = f;
    for (uint32_t r = 0; r < f->refs.n; r++)
        extract_callee(c, &f->refs.at[r].callee, into, place);
    for (uint32_t g = 0; g < f->globals.n; g++)
        if (f->globals.at[g].kind == GLOBAL_symbol)
            extract_callee(c, &f->globals.at[g].callee, into, place);
}

static void extract_heaps(const Case *c, uint32_t func, Case *into, uint32_t *place)
{
    for (uint32_t k = 0; k < c->heaps.n; k++) {
        if (c->heaps.at[k].func != func) continue;
        place[k] = into->heaps.n;
        Heap *h = vec_push(into->arena, &into->heaps);
        *h = c->heaps.at[k];
        h->func = 0;
        h->cells.at = NULL;
        h->cells.n = h->cells.cap = 0;
    }
    for (uint32_t k = 0; k < c->heaps.n; k++) {
        const Heap *old = &c->heaps.at[k];
        for (uint32_t n = 0; old->func == func && n < old->cells.n; n++) {
            HeapCell *cell = vec_push(into->arena, &into->heaps.at[place[k]].cells);
            *cell = old->cells.at[n];
            cell->heap = place[cell->heap];
        }
    }
}

static void extract_run(const Run *old, Case *into, const uint32_t *place)
{
    Run *run = vec_push(into->arena, &into->runs);
    *run = *old;
    run->func = 0;
    run->args.at = arena_array(into->arena, DataValue, old->args.n);
    run->checks.at = arena_array(into->arena, HeapCheck, old->checks.n);
    run->args.cap = old->args.n;
    run->checks.cap = old->checks.n;
    for (uint32_t k = 0; k < old->args.n; k++) {
        run->args.at[k] = old->args.at[k];
        if (run->args.at[k].heap) run->args.at[k].heap = place[run->args.at[k].heap - 1] + 1;
    }
    for (uint32_t k = 0; k < old->checks.n; k++) {
        run->checks.at[k] = old->checks.at[k];
        run->checks.at[k].heap = place[run->checks.at[k].heap];
    }
}

Case *case_extract(const Case *c, uint32_t func, Arena *a)
{
    Case *into = case_create(a);
    into->header = c->header;
    into->discipline = c->discipline;
    uint32_t *funcs = arena_array(a, uint32_t, c->module->funcs.n);
    uint32_t *heaps = arena_array(a, uint32_t, c->heaps.n + 1);
    memset(funcs, 0xff, c->module->funcs.n * sizeof *funcs);
    extract_func(c, func, into, funcs);
    extract_heaps(c, func, into, heaps);
    for (uint32_t k = 0; k < c->runs.n; k++)
        if (c->runs.at[k].func == func) extract_run(&c->runs.at[k], into, heaps);
    return into;
}

bool case_has_header(const Case *c, const char *word, const char *prefix)
{
    size_t n = strlen(prefix);
    for (uint32_t k = 0; k < c->header.n; k++) {
        const HeaderLine *line = &c->header.at[k];
        if (str_is(line->word, word) && line->rest.n >= n && !memcmp(line->rest.at, prefix, n))
            return true;
    }
    return false;
}
