/* The run starts in a callee, which is given heaps in the place of what its caller had. */
#include "reduce/step.h"

enum { PAGE = 4096 };

static Heap heap_of(const Piece *p, uint32_t func, uint32_t name)
{
    Heap h = {
        .name = name,
        .func = func,
        .size = p->hi - p->lo,
        .align = p->align,
        .region = p->region,
        .fault = !p->bytes,
        .fill = FILL_BYTES,
        .bytes = {(const char *)p->bytes, p->bytes ? p->hi - p->lo : 0},
    };
    if (p->hi % PAGE == 0 && h.size % h.align == 0) h.place = PLACE_END;
    else if (p->lo % PAGE == 0) h.place = PLACE_START;
    return h;
}

static bool find_piece(const Start *s, uint64_t address, uint32_t *index)
{
    for (uint32_t k = 0; k < s->pieces.n; k++) {
        const Piece *p = &s->pieces.at[k];
        if (address < p->lo || address >= p->hi) continue;
        *index = k;
        return true;
    }
    return false;
}

/* A pointer may stand beside the range that its contract speaks of: its object is that of the
 * range's first byte. */
static bool make_address(const Start *s, const Contract *c, uint64_t address, DataValue *v)
{
    uint32_t piece;
    if (!find_piece(s, address + (uint64_t)c->range.lo, &piece)) return false;
    v->heap = piece + 1;
    v->offset = (int64_t)(address - s->pieces.at[piece].lo);
    return true;
}

static bool add_cells(Case *c, const Start *s)
{
    for (uint32_t k = 0; k < s->cells.n; k++) {
        const PieceCell *cell = &s->cells.at[k];
        uint32_t from, to;
        if (!find_piece(s, cell->at, &from) || !find_piece(s, cell->first, &to)) return false;
        uint64_t offset = cell->at - s->pieces.at[from].lo;
        bool known = false; /* through another contract */
        Heap *h = &c->heaps.at[from];
        for (uint32_t n = 0; n < h->cells.n; n++) known |= h->cells.at[n].offset == offset;
        if (known) continue;
        *vec_push(c->arena, &h->cells) = (HeapCell){
            .offset = offset,
            .heap = to,
            .target_offset = (int64_t)(cell->target - s->pieces.at[to].lo),
        };
    }
    return true;
}

bool step_start(Case *c, const Trace *t, Site site)
{
    const Start *s = &t->starts.at[site.at];
    const Func *f = c->module->funcs.at[s->func];
    Run *run = &c->runs.at[0];
    if (s->pieces.n > IMAGE_HEAPS_MAX) return false;
    vec_clear(&c->heaps);
    for (uint32_t k = 0; k < s->pieces.n; k++)
        *vec_push(c->arena, &c->heaps) = heap_of(&s->pieces.at[k], s->func, k);
    if (!add_cells(c, s)) return false;
    run->func = s->func;
    vec_clear(&run->args);
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        DataValue *v = vec_push(c->arena, &run->args);
        const Contract *contract = func_contract(f, k);
        v->type = (Type)f->sig.params.at[k].type;
        v->bits = s->args[k];
        if (contract && !make_address(s, contract, s->args[k].u64[0], v)) return false;
    }
    return true;
}

/* What the contract of a parameter speaks of becomes a heap of zeros. */
static bool add_object(Case *c, const Contract *k, uint32_t func, DataValue *v)
{
    uint64_t size = (uint64_t)k->range.hi - (uint64_t)k->range.lo, align = k->align ? k->align : 1;
    uint64_t ahead = ((uint64_t)k->range.lo + k->skew) & (align - 1); /* of the range */
    if (k->cells.n || !size || c->heaps.n == IMAGE_HEAPS_MAX) return false;
    v->heap = c->heaps.n + 1;
    v->offset = (int64_t)(ahead - (uint64_t)k->range.lo);
    *vec_push(c->arena, &c->heaps) = (Heap){
        .name = c->heaps.n,
        .func = func,
        .size = ahead + size,
        .align = (uint32_t)align,
        .region = k->region,
        .fault = k->fault,
    };
    return true;
}

/* Turn this: v = func_addr fn0; trapz v; return
 * Into this: a run of fn0 */
bool step_run_address(Case *c, const Trace *t, Site p)
{
    (void)t;
    const InstData *i = data_at(c, p);
    if (p.func != ENTRY || i->op != OP_func_addr) return false;
    uint32_t func = func_at(c, p)->refs.at[i->entity].callee;
    if (func == NO_INDEX) return false;
    const Func *f = c->module->funcs.at[func];
    Run *run = &c->runs.at[0];
    vec_clear(&c->heaps);
    run->func = func;
    vec_clear(&run->args);
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        DataValue v = {.type = (Type)f->sig.params.at[k].type};
        const Contract *contract = func_contract(f, k);
        if (contract && !add_object(c, contract, func, &v)) return false;
        *vec_push(c->arena, &run->args) = v;
    }
    return true;
}
