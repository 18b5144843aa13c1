/* Watching the reference run a case. A callee's memory is copied at the moment it is entered:
 * whatever its contracts reach, slots of its callers included. */
#include "reduce/shrink_local.h"

enum { STARTS_A_FUNC = 3, STARTS_MAX = 24, CELL_DEPTH = 4 };

typedef struct {
    Trace *t;
    uint32_t *starts; /* by function */
} Watcher;

static Piece *piece_at(Start *s, uint64_t lo, uint64_t hi)
{
    for (uint32_t k = 0; k < s->pieces.n; k++)
        if (lo < s->pieces.at[k].hi && s->pieces.at[k].lo < hi) return &s->pieces.at[k];
    return NULL;
}

/* Another contract's range: joined with those it overlaps. */
static void add_piece(Start *s, Arena *a, Piece p)
{
    for (Piece *other; (other = piece_at(s, p.lo, p.hi)) != NULL;) {
        p.lo = min_u64(p.lo, other->lo);
        p.hi = max_u64(p.hi, other->hi);
        if (other->align > p.align) p.align = other->align;
        if (!p.region) p.region = other->region;
        *other = vec_last(&s->pieces);
        s->pieces.n--;
    }
    *vec_push(a, &s->pieces) = p;
}

/* False when the contract is not one that memory can be copied for. */
static bool add_contract(Trace *t, Start *s, const Contract *c, uint64_t address, unsigned depth)
{
    static const uint8_t accessible;
    if (c->range.lo >= c->range.hi || depth > CELL_DEPTH) return false;
    add_piece(s, t->arena,
              (Piece){
                  .lo = address + (uint64_t)c->range.lo,
                  .hi = address + (uint64_t)c->range.hi,
                  .bytes = c->fault ? NULL : &accessible,
                  .align = c->align ? c->align : 1,
                  .region = c->region,
              });
    for (uint32_t k = 0; k < c->cells.n; k++) {
        const Cell *cell = &c->cells.at[k];
        PieceCell found = {.at = address + (uint64_t)cell->offset};
        memcpy(&found.target, (const void *)(uintptr_t)found.at, 8);
        found.first = found.target + (uint64_t)cell->target.range.lo;
        *vec_push(t->arena, &s->cells) = found;
        if (!add_contract(t, s, &cell->target, found.target, depth + 1)) return false;
    }
    return true;
}

/* Rounds pieces down to the alignment that contracts speak of; what is added holds zeros. */
static void copy_memory(Start *s, Arena *a)
{
    for (uint32_t k = 0; k < s->pieces.n; k++) {
        Piece *p = &s->pieces.at[k];
        uint64_t lo = p->lo & ~(uint64_t)(p->align - 1);
        if (p->bytes) {
            uint8_t *copy = arena_alloc(a, p->hi - lo);
            memcpy(copy + (p->lo - lo), (const void *)(uintptr_t)p->lo, p->hi - p->lo);
            p->bytes = copy;
        }
        p->lo = lo;
    }
}

static void note_start(Watcher *w, uint32_t func, const Bits *values)
{
    Trace *t = w->t;
    const Func *f = t->c->module->funcs.at[func];
    const ValueVec *params = &func_block(f, func_entry(f))->params;
    if (w->starts[func]++ >= STARTS_A_FUNC || t->starts.n == STARTS_MAX) return;
    Start s = {.func = func, .args = arena_array(t->arena, Bits, params->n + 1)};
    for (uint32_t k = 0; k < params->n; k++) {
        s.args[k] = values[params->at[k].i];
        const Contract *c = func_contract(f, k);
        if (c && !t->c->discipline) return; /* nobody has to keep it */
        if (c && !add_contract(t, &s, c, s.args[k].u64[0], 0)) return;
        if (!c && !t->values[func][params->at[k].i].number) return;
    }
    copy_memory(&s, t->bytes);
    *vec_push(t->arena, &t->starts) = s;
}

static void note_value(Trace *t, uint32_t func, Value v, const Bits *values)
{
    Seen *s = &t->values[func][v.i];
    Bits bits = bits_of(0);
    memcpy(&bits, &values[v.i], type_bytes(func_type(t->c->module->funcs.at[func], v)));
    if (s->how != SEEN_never && !bits_equal(s->bits, bits)) s->how = SEEN_varied;
    if (s->how == SEEN_never) s->how = SEEN_once;
    s->bits = bits;
}

static void note_event(void *data, const RunEvent *e)
{
    Watcher *w = data;
    const Func *f = w->t->c->module->funcs.at[e->func];
    if (e->block.i != NO_INDEX) {
        bool called = e->func && e->block.i == func_entry(f).i;
        if (called) note_start(w, e->func, e->values);
        return;
    }
    const InstData *i = func_inst(f, e->inst);
    for (unsigned k = 0; k < i->nresults; k++)
        note_value(w->t, e->func, inst_result(i, k), e->values);
}

static void note_heaps(Trace *t, const Image *image)
{
    PlacedHeap *heaps = arena_array(t->arena, PlacedHeap, t->c->heaps.n + 1);
    for (uint32_t k = 0; k < t->c->heaps.n; k++) {
        const PlacedHeap *p = image_heap(image, k);
        if (p) heaps[k] = *p;
    }
    t->heaps = heaps;
}

/* Room for what will be seen of each value, and whether it is a number. */
static Seen *list_values(const Func *f, const Addresses *x, Arena *a)
{
    Seen *list = arena_array(a, Seen, f->values.n + 1);
    for (uint32_t k = 0; k < f->values.n; k++) {
        bool integer = func_type(f, (Value){k}) == TY_i64;
        list[k].number = !integer || address_fact(x, (Value){k})->kind == FACT_number;
    }
    return list;
}

bool trace_run(Judge *j, const Case *c, Arena *a, Arena *bytes, Trace *out)
{
    const Module *m = c->module;
    const char *reason;
    Outcome o;
    *out = (Trace){.c = c, .arena = a, .bytes = bytes};
    out->values = arena_array(a, Seen *, m->funcs.n);
    out->addresses = arena_array(a, Addresses *, m->funcs.n);
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        const Func *f = m->funcs.at[k];
        out->addresses[k] = address_derive(f, cfg_compute(f, a), a);
        out->values[k] = list_values(f, out->addresses[k], a);
    }
    Watcher w = {out, arena_array(a, uint32_t, m->funcs.n)};
    if (!judge_place(j, c, &c->runs.at[0], &reason)) return false;
    note_heaps(out, judge_image(j));
    return judge_watch(j, c, &c->runs.at[0], note_event, &w, &o) && outcome_compares(o.kind);
}

bool trace_heap_address(const Trace *t, uint64_t address, DataValue *out)
{
    for (uint32_t k = 0; k < t->c->heaps.n; k++) {
        uint64_t base = (uint64_t)(uintptr_t)t->heaps[k].base;
        if (!base || address - base > t->c->heaps.at[k].size) continue;
        *out = (DataValue){.type = TY_i64, .heap = k + 1, .offset = (int64_t)(address - base)};
        return true;
    }
    return false;
}

/* ---- a callee as the run's function ------------------------------------------------------- */

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

bool shrink_promote(Case *c, const Start *s)
{
    const Func *f = c->module->funcs.at[s->func];
    Run *run = &c->runs.at[0];
    if (s->pieces.n > IMAGE_HEAPS_MAX) return false;
    vec_clear(&c->heaps);
    for (uint32_t k = 0; k < s->pieces.n; k++)
        *vec_push(c->arena, &c->heaps) = heap_of(&s->pieces.at[k], s->func, k);
    if (!add_cells(c, s)) return false;
    run->func = s->func;
    run->args.n = run->args.cap = 0;
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        DataValue *v = vec_push(c->arena, &run->args);
        const Contract *contract = func_contract(f, k);
        v->type = (Type)f->sig.params.at[k].type;
        v->bits = s->args[k];
        if (contract && !make_address(s, contract, s->args[k].u64[0], v)) return false;
    }
    return true;
}
