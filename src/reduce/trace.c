/* Watching the reference run a case. A callee's memory is copied at the moment it is entered:
 * whatever its contracts reach, slots of its callers included. */
#include "reduce/step.h"

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
        const ValueVec *params = &func_block(f, e->block)->params;
        bool called = e->func && e->block.i == func_entry(f).i;
        for (uint32_t k = 0; k < params->n; k++)
            note_value(w->t, e->func, params->at[k], e->values);
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
