/* What a callee may assume of its address parameters, checked when it is entered. */
#include "interp/engine.h"

#include <string.h>

static bool broken(Interp *in, const Func *f, uint32_t param, const char *what)
{
    Str name = f->name.text;
    return stop_invalid(in, "breaks the contract of parameter %u of %%%.*s: %s", param,
                        (int)name.n, name.at, what);
}

/* Finds where bytes `r` around `p`, of its object, lie; NULL when they are inaccessible, and that
 * is what the contract says. */
static const char *range_breach(Interp *in, const Contract *c, Bits p, ByteRange r, Span **out)
{
    uint64_t n = (uint64_t)(r.hi - r.lo), start = p.u64[0] + (uint64_t)r.lo;
    Span *s = memory_find_within(&in->memory, bits_origin(&p), start, n);
    bool is_null = !s && start < NULL_BYTES && n <= NULL_BYTES - start;
    *out = NULL;
    if (is_null || (s && s->fault)) return c->fault ? NULL : "its range is inaccessible";
    if (!s || (s->heap == NO_INDEX && !memory_is_live(s, start, n)))
        return "its range is not within one live object";
    *out = s;
    return c->fault ? "its range is accessible" : NULL;
}

static const char *contract_breach(Interp *in, const Contract *c, Bits p);

static const char *cell_breach(Interp *in, const Cell *cell, Bits p)
{
    Span *s;
    uint64_t at = p.u64[0] + (uint64_t)cell->offset;
    ByteRange r = {cell->offset, cell->offset + 8};
    if (range_breach(in, &(Contract){0}, p, r, &s) || !memory_is_word(s, at))
        return "there is no cell where it says";
    Bits target = {.u64 = {0, memory_stored_origin(s, at)}};
    memcpy(&target, (const void *)(uintptr_t)at, sizeof target.u64[0]);
    return contract_breach(in, &cell->target, target);
}

static const char *bytes_breach(const Contract *c, const Span *s, uint64_t p)
{
    uint64_t n = (uint64_t)(c->range.hi - c->range.lo), start = p + (uint64_t)c->range.lo;
    if (!memory_has_tag(s, start, n, c->region ? c->region + 1 : 1))
        return "bytes of its range were accessed by another region";
    for (uint32_t k = 0; k < c->init.n; k++) {
        ByteRange r = c->init.at[k];
        if (r.lo < c->range.lo || r.hi > c->range.hi)
            return "what it calls initialised is not in its range";
        if (!memory_is_initialised(s, p + (uint64_t)r.lo, (uint64_t)(r.hi - r.lo)))
            return "bytes that it calls initialised are not";
    }
    return NULL;
}

/* What of a contract does not hold for address `p`; NULL when all does. */
static const char *contract_breach(Interp *in, const Contract *c, Bits p)
{
    uint64_t align = c->align ? c->align : 1;
    if ((p.u64[0] & (align - 1)) != c->skew) return "its alignment or skew is not as it says";
    if (c->range.lo < c->range.hi) {
        Span *s;
        const char *what = range_breach(in, c, p, c->range, &s);
        if (!what && s) what = bytes_breach(c, s, p.u64[0]);
        if (what) return what;
    }
    for (uint32_t k = 0; k < c->cells.n; k++) {
        const char *what = cell_breach(in, &c->cells.at[k], p);
        if (what) return what;
    }
    return NULL;
}

static bool have_common_byte(const Contract *a, uint64_t p, const Contract *b, uint64_t q)
{
    uint64_t from_a = p + (uint64_t)a->range.lo, to_a = p + (uint64_t)a->range.hi;
    uint64_t from_b = q + (uint64_t)b->range.lo, to_b = q + (uint64_t)b->range.hi;
    return from_a < to_b && from_b < to_a;
}

/* Whether parameter `k` is related to an earlier one, `j`, as its contract says. */
static const char *relation_breach(const Func *f, uint32_t k, uint32_t j, const Bits *args)
{
    const Contract *own = &f->contracts[k];
    uint64_t p = args[k].u64[0], q = args[j].u64[0];
    switch (own->relations[j]) {
    case RELATION_any: return NULL;
    case RELATION_same:
        return p == q ? NULL : "not the same as an earlier parameter";
    case RELATION_disjoint:
        return func_contract(f, j) && have_common_byte(own, p, &f->contracts[j], q)
                   ? "overlaps a parameter that it is disjoint from"
                   : NULL;
    }
    return NULL;
}

/* Whether the contracts leave no way to write the range of parameter `k`: every parameter that may
 * be written through lies elsewhere, and no cell leads anywhere. */
static bool is_unwritable(const Func *f, uint32_t k, const Bits *args)
{
    const Contract *own = &f->contracts[k];
    if (own->readonly) return true;
    if (!own->nowrite) return false;
    for (uint32_t j = 0; j < f->sig.params.n; j++) {
        const Contract *c = func_contract(f, j);
        if (!c) continue;
        if (c->cells.n) return false;
        if (!c->nowrite && !c->readonly &&
            have_common_byte(own, args[k].u64[0], c, args[j].u64[0]))
            return false;
    }
    return true;
}

static void freeze_range(Interp *in, const Contract *c, uint64_t p)
{
    uint64_t n = (uint64_t)(c->range.hi - c->range.lo), start = p + (uint64_t)c->range.lo;
    if (c->range.lo >= c->range.hi || c->fault) return;
    memory_freeze(&in->memory, memory_find(&in->memory, start, n), start, n);
}

static const char *param_breach(Interp *in, const Func *f, uint32_t k, const Bits *args)
{
    const Contract *c = &f->contracts[k];
    const char *what = contract_breach(in, c, args[k]);
    for (uint32_t j = 0; !what && c->relations && j < k; j++)
        what = relation_breach(f, k, j, args);
    return what;
}

bool contracts_check(Interp *in, const Func *f, const Bits *args)
{
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        const char *what = func_contract(f, k) ? param_breach(in, f, k, args) : NULL;
        if (what) return broken(in, f, k, what);
    }
    for (uint32_t k = 0; k < f->sig.params.n; k++)
        if (func_contract(f, k) && is_unwritable(f, k, args))
            freeze_range(in, &f->contracts[k], args[k].u64[0]);
    return true;
}
