/* What the discipline wants to be said of an address that becomes an argument of the run. */
#include "reduce/step.h"


/* ---- an address that was computed --------------------------------------------------------- */

/* What `base` was in the run. */
static bool base_address(const Trace *t, const Base *base, uint64_t *at)
{
    const Run *run = &t->c->runs.at[0];
    if (base->kind == BASE_param && base->index < run->args.n) {
        const DataValue *d = &run->args.at[base->index];
        if (d->heap) *at = (uint64_t)(uintptr_t)t->heaps[d->heap - 1].base + (uint64_t)d->offset;
        return d->heap;
    }
    if (base->kind != BASE_loaded || base->index == NO_INDEX) return false;
    const Seen *s = &t->values[ENTRY][base->index];
    *at = s->bits.u64[0];
    return s->how == SEEN_once;
}

static ByteRange range_from(ByteRange r, int64_t by)
{
    return (ByteRange){r.lo - by, r.hi - by};
}

/* The contract of what lies `by` bytes behind an address with contract `c`. */
static Contract contract_from(const Contract *c, int64_t by, Arena *a)
{
    Contract r = *c;
    r.relations = NULL;
    r.range = range_from(c->range, by);
    r.init.at = NULL;
    r.cells.at = NULL;
    r.init.n = r.init.cap = r.cells.n = r.cells.cap = 0;
    for (uint32_t k = 0; k < c->init.n; k++)
        *vec_push(a, &r.init) = range_from(c->init.at[k], by);
    for (uint32_t k = 0; k < c->cells.n; k++)
        *vec_push(a, &r.cells) = (Cell){c->cells.at[k].offset - by, c->cells.at[k].target};
    return r;
}

/* The contract of what the value was derived from, as seen from the value. */
static bool derived_contract(const Trace *t, Value v, uint64_t address, Arena *a, Contract *out)
{
    if (v.i == NO_INDEX) return false;
    const Addresses *x = t->addresses[ENTRY];
    const Base *base = address_base(x, address_fact(x, v));
    uint64_t at;
    if (!base || !base->contract || !base_address(t, base, &at)) return false;
    *out = contract_from(base->contract, (int64_t)(address - at), a);
    return true;
}

/* ---- a slot ------------------------------------------------------------------------------- */

static bool is_in_slot(const Addresses *x, Value v, uint32_t slot)
{
    const Base *b = address_base(x, address_fact(x, v));
    return b && b->kind == BASE_slot && b->index == slot;
}

/* By what a call promises; 0 when it promises nothing about the slot. */
static uint8_t region_of_call(const Addresses *x, const InstData *call, uint32_t slot)
{
    uint32_t refs[64], nargs;
    bool all;
    uint32_t n = address_callees(x, call, refs, &all);
    const Value *args = func_call_args(x->f, call, &nargs);
    for (uint32_t r = 0; r < n; r++)
        for (uint32_t k = 0; k < nargs; k++) {
            const Contract *c = address_callee_contract(x->f, refs[r], k);
            if (c && is_in_slot(x, args[k], slot)) return c->region;
        }
    return 0;
}

uint8_t trace_slot_region(const Trace *t, uint32_t slot)
{
    const Addresses *x = t->addresses[ENTRY];
    const Func *f = x->f;
    uint8_t region = 0;
    for (uint32_t k = 0; k < f->insts.n && !region; k++) {
        const InstData *i = &f->insts.at[k];
        Access access;
        if (op_has(i->op, EFFECT_K)) region = region_of_call(x, i, slot);
        if (!inst_access(i, &access) || !i->flags.region) continue;
        if (is_in_slot(x, inst_args_const(i)[access.address], slot))
            region = (uint8_t)(f->regions.at[i->flags.region - 1].number + 1);
    }
    return region;
}

/* ---- any address in a heap ---------------------------------------------------------------- */

/* All bytes of the heap are there, and hold something. */
static Contract heap_contract(const Heap *h, int64_t offset, Arena *a)
{
    Contract c = {.is_address = true, .region = h->region, .fault = h->fault};
    c.range = (ByteRange){-offset, (int64_t)h->size - offset};
    if (!h->fault) *vec_push(a, &c.init) = c.range;
    return c;
}

bool trace_contract(const Case *c, const Trace *t, Value v, const DataValue *d, Contract *out)
{
    const Heap *h = &c->heaps.at[d->heap - 1];
    uint64_t address = v.i == NO_INDEX ? 0 : t->values[ENTRY][v.i].bits.u64[0];
    if (!derived_contract(t, v, address, c->arena, out)) {
        if (h->cells.n) return false; /* it is not known what they promise */
        *out = heap_contract(h, d->offset, c->arena);
    }
    out->align = (uint16_t)min_u64(h->align, INT16_MAX + 1);
    out->skew = (uint16_t)((uint64_t)d->offset & (out->align - 1u));
    return true;
}
