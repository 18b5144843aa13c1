/* Contracts that say less. */
#include "reduce/step.h"

static Contract *contract_at(const Case *c, Site p)
{
    return &func_at(c, p)->contracts[p.at];
}

bool step_no_contracts(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    if (!f->contracts) return false;
    f->contracts = NULL;
    return true;
}

/* Heaps have cells where contracts say so, and nowhere else. */
bool step_no_cells(Case *c, const Trace *t, Site p)
{
    (void)t;
    Contract *k = contract_at(c, p);
    const Run *run = &c->runs.at[0];
    bool had = k->cells.n;
    k->cells.n = 0;
    if (had && p.func == ENTRY && run->args.at[p.at].heap)
        c->heaps.at[run->args.at[p.at].heap - 1].cells.n = 0;
    return had;
}

bool step_no_relations(Case *c, const Trace *t, Site p)
{
    (void)t;
    Contract *k = contract_at(c, p);
    bool had = k->relations;
    k->relations = NULL;
    return had;
}

static bool is_range(const Contract *k, ByteRange r)
{
    return k->init.n == 1 && k->init.at[0].lo == r.lo && k->init.at[0].hi == r.hi;
}

/* What a contract says when it says nothing of that: all is initialised, and may be written. */
bool step_no_promises(Case *c, const Trace *t, Site p)
{
    (void)t;
    Contract *k = contract_at(c, p);
    if (k->fault || (!k->readonly && !k->nowrite && is_range(k, k->range))) return false;
    k->readonly = k->nowrite = false;
    vec_clear(&k->init);
    *vec_push(c->arena, &k->init) = k->range;
    return true;
}

bool step_half_align(Case *c, const Trace *t, Site p)
{
    (void)t;
    Contract *k = contract_at(c, p);
    if (k->align <= 1) return false;
    k->align /= 2;
    k->skew &= (uint16_t)(k->align - 1u);
    return true;
}

/* What is initialised, and the cells, stay within the range. */
static bool set_range(Contract *k, ByteRange r)
{
    uint32_t kept = 0;
    for (uint32_t n = 0; n < k->init.n; n++) {
        ByteRange i = k->init.at[n];
        if (i.lo < r.lo) i.lo = r.lo;
        if (i.hi > r.hi) i.hi = r.hi;
        if (i.lo < i.hi) k->init.at[kept++] = i;
    }
    k->init.n = kept;
    kept = 0;
    for (uint32_t n = 0; n < k->cells.n; n++)
        if (k->cells.at[n].offset >= r.lo && k->cells.at[n].offset + 8 <= r.hi)
            k->cells.at[kept++] = k->cells.at[n];
    k->cells.n = kept;
    k->range = r;
    return true;
}

bool step_half_above(Case *c, const Trace *t, Site p)
{
    (void)t;
    Contract *k = contract_at(c, p);
    int64_t hi = k->range.hi > 1 ? k->range.hi / 2 : k->range.hi;
    return hi != k->range.hi && hi >= k->range.lo && set_range(k, (ByteRange){k->range.lo, hi});
}

bool step_less_above(Case *c, const Trace *t, Site p)
{
    (void)t;
    Contract *k = contract_at(c, p);
    int64_t hi = k->range.hi - (k->range.hi > 8 && k->range.hi % 8 == 0 ? 8 : 1);
    return hi > 0 && hi >= k->range.lo && set_range(k, (ByteRange){k->range.lo, hi});
}

bool step_half_below(Case *c, const Trace *t, Site p)
{
    (void)t;
    Contract *k = contract_at(c, p);
    return k->range.lo < 0 && set_range(k, (ByteRange){k->range.lo / 2, k->range.hi});
}

bool step_less_below(Case *c, const Trace *t, Site p)
{
    (void)t;
    Contract *k = contract_at(c, p);
    int64_t lo = k->range.lo + (k->range.lo < -8 && k->range.lo % 8 == 0 ? 8 : 1);
    return lo <= 0 && lo <= k->range.hi && set_range(k, (ByteRange){lo, k->range.hi});
}

static void drop_region(uint8_t *region, uint8_t number, bool *had)
{
    if (*region != number) return;
    *region = 0;
    *had = true;
}

static void drop_contract_region(Contract *k, uint8_t number, bool *had)
{
    drop_region(&k->region, number, had);
    for (uint32_t n = 0; n < k->cells.n; n++)
        drop_contract_region(&k->cells.at[n].target, number, had);
}

/* Region number `p.at` is no longer told from what has none: by accesses, contracts, heaps. */
bool step_no_region(Case *c, const Trace *t, Site p)
{
    (void)t;
    bool had = false;
    uint8_t number = (uint8_t)(p.at + 1);
    for (uint32_t m = 0; m < c->module->funcs.n; m++) {
        Func *f = c->module->funcs.at[m];
        for (uint32_t k = 0; k < f->sig.params.n; k++)
            if (func_contract(f, k)) drop_contract_region(&f->contracts[k], number, &had);
        for (uint32_t k = 0; k < f->insts.n; k++) {
            MemFlags *flags = &f->insts.at[k].flags;
            if (!flags->region || f->regions.at[flags->region - 1].number != p.at) continue;
            flags->region = 0;
            had = true;
        }
    }
    for (uint32_t k = 0; k < c->heaps.n; k++) drop_region(&c->heaps.at[k].region, number, &had);
    return had;
}
