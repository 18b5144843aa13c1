#include "gen/runs.h"

#include "gen/constant.h"
#include "gen/head.h"
#include "ir/contract.h"

enum { NO_HEAP = UINT32_MAX };

/* The offset of a pointer in a heap of its own: the smallest at which the contract's range and
 * skew fit. */
static int64_t first_offset(const Contract *k)
{
    int64_t at = k->range.lo < 0 ? -k->range.lo : 0;
    return at + (int64_t)((uint64_t)(k->skew - at) & (k->align - 1u));
}

static void choose_place(Gen *g, Choice *c, Heap *h)
{
    static const HeapPlace places[] = {PLACE_END, PLACE_START, PLACE_ANY, PLACE_END,
                                       PLACE_START, PLACE_ANY, PLACE_END};
    h->place = is_on(g, FAMILY_edge) ? places[choose(c, countof(places))] : PLACE_ANY;
}

/* The smallest heap for the contract; where more than that would stand behind the range, it does
 * not end at a page. */
static uint32_t make_heap(Gen *g, Choice *c, const Contract *k)
{
    Heap *h = vec_push(g->a, &g->c->heaps);
    h->name = g->c->heaps.n - 1;
    h->func = g->nfuncs - 1;
    h->align = k->align;
    h->size = align_up((uint64_t)(first_offset(k) + k->range.hi), k->align);
    h->region = k->region;
    h->fault = k->fault;
    choose_place(g, c, h);
    if (chance(c, 1, 4)) {
        h->fill_byte = (uint8_t)choose(c, 256);
    } else {
        h->fill = FILL_SEED;
        h->seed = choose_u32(c) % 1000;
    }
    return h->name;
}

/* Where in the heap of another parameter the contract fits as well. */
static bool choose_overlap(Choice *c, const Heap *h, const Contract *k, int64_t *offset)
{
    if (h->region != k->region || h->fault || h->align < k->align) return false;
    int64_t lo = first_offset(k), hi = (int64_t)h->size - k->range.hi;
    if (lo > hi) return false;
    *offset = lo + k->align * (int64_t)choose(c, (uint32_t)((hi - lo) / k->align + 1));
    return true;
}

static bool may_overlap_all(const Func *f, const Run *r, uint32_t param, uint32_t heap)
{
    for (uint32_t k = 0; k < param; k++)
        if (r->args.at[k].heap == heap + 1 && func_relation(f, k, param) != RELATION_any)
            return false;
    return true;
}

/* A heap that an earlier argument points into, and where the contract fits there: index plus 1,
 * or 0. */
static uint32_t share_heap(Gen *g, Choice *c, const Run *r, uint32_t args, const Contract *k,
                           int64_t *offset)
{
    if (!args || k->fault) return 0;
    uint32_t heap = r->args.at[choose(c, args)].heap;
    if (!heap || g->c->heaps.at[heap - 1].cells.n) return 0;
    return choose_overlap(c, &g->c->heaps.at[heap - 1], k, offset) ? heap : 0;
}

/* Lets the contract's cell in heap `index` point into a heap of an argument, or one of its own. */
static void make_cell(Gen *g, Choice *c, const Run *r, const Contract *k, uint32_t index)
{
    const Cell *cell = &k->cells.at[0];
    HeapCell made = {.offset = (uint64_t)(first_offset(k) + cell->offset)};
    uint32_t shared = 0, n = r->args.n;
    if (chance(c, 1, 2)) shared = share_heap(g, c, r, n, &cell->target, &made.target_offset);
    if (!shared) {
        made.target_offset = first_offset(&cell->target);
        shared = make_heap(g, c, &cell->target) + 1;
    }
    made.heap = shared - 1;
    *vec_push(g->a, &g->c->heaps.at[index].cells) = made;
}

/* An address for parameter `param`: in a heap that an earlier one has, in one of an earlier run, in
 * a new one. */
static DataValue choose_address(Gen *g, Choice *c, const Func *f, const Run *r, uint32_t param,
                                uint32_t *own)
{
    const Contract *k = func_contract(f, param);
    DataValue v = {.type = TY_i64};
    if (!k->cells.n && chance(c, 2, 5)) {
        v.heap = share_heap(g, c, r, param, k, &v.offset);
        if (v.heap && may_overlap_all(f, r, param, v.heap - 1)) return v;
    }
    if (*own == NO_HEAP || chance(c, 1, 4)) {
        *own = make_heap(g, c, k);
        if (k->cells.n) make_cell(g, c, r, k, *own);
    }
    v.heap = *own + 1;
    v.offset = first_offset(k);
    return v;
}

static void make_run(Gen *g, Choice *c, uint32_t *own)
{
    const Func *f = g->m->funcs.at[g->nfuncs - 1];
    Run *r = vec_push(g->a, &g->c->runs);
    r->kind = RUN_PRINT;
    r->func = g->nfuncs - 1;
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        DataValue v = {.type = (Type)f->sig.params.at[k].type};
        if (func_contract(f, k))
            v = choose_address(g, c, f, r, k, &own[k]);
        else
            v.bits = choose_bits(g, c, v.type);
        *vec_push(g->a, &r->args) = v;
    }
}

void runs_make(Gen *g, size_t start)
{
    uint32_t own[PARAMS_MAX];
    memset(own, 0xff, sizeof own);
    for (uint32_t k = 0; k < g->nruns; k++) {
        input_seek(g->in, start + head_run_at(g, k));
        Choice c = input_record(g->in);
        make_run(g, &c, own);
    }
}
