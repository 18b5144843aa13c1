/* What the reference did: which sites it came to, in which order, and where it wrote. */
#include "triage/picture.h"

#include "triage/locate_local.h"

/* What the instruction of a site reads or writes there. */
static WatchedAccess access_of(const Locator *l, const ShadowSite *s, const RunEvent *e)
{
    Access access;
    const Func *f = l->c->module->funcs.at[s->func];
    if (s->inst.i == NO_INDEX || !inst_access(func_inst(f, s->inst), &access))
        return (WatchedAccess){0};
    Value address = inst_args_const(func_inst(f, s->inst))[access.address];
    return (WatchedAccess){e->values[address.i].u64[0] + (uint64_t)access.offset, access.bytes};
}

static void note_sites(Locator *l, const RunEvent *e, Block b)
{
    const ShadowSites *sites = l->out->sites;
    for (uint32_t k = 0; k < sites->n; k++) {
        const ShadowSite *s = &sites->at[k];
        if (s->func != e->func || s->inst.i != e->inst.i) continue;
        if (b.i != NO_INDEX && s->block.i != b.i) continue;
        ShadowEntry *entry = vec_push(l->a, &l->order);
        entry->site = k;
        memcpy(&entry->value, &e->values[s->value.i], type_bytes((Type)s->type));
        *vec_push(l->a, &l->accesses) = access_of(l, s, e);
        l->visits[k]++;
    }
    l->last_func = e->func;
    l->last_inst = e->inst;
    if (b.i != NO_INDEX) l->last_block = b;
}

static void note_event(void *data, const RunEvent *event)
{
    Locator *l = data;
    RunEvent e = *event;
    if (e.block.i != NO_INDEX) e.inst = INST_none;
    note_sites(l, &e, e.block);
}

void locate_watch(Locator *l)
{
    Outcome o;
    const char *reason;
    const Run *run = &l->c->runs.at[0];
    l->visits = arena_array(l->a, uint32_t, l->out->sites->n + 1);
    if (!judge_place(l->judge, l->c, run, &reason)) return;
    l->watched = judge_watch(l->judge, l->c, run, note_event, l, &o);
    l->stopped = l->watched && o.kind == OUTCOME_trapped;
}

uint32_t locate_time_of(const Locator *l, uint32_t site, uint32_t visit)
{
    for (uint32_t k = 0, seen = 0; k < l->order.n; k++)
        if (l->order.at[k].site == site && ++seen == visit) return k;
    return l->order.n + site;
}

bool locate_is_visited(const Locator *l, uint32_t site)
{
    return !l->watched || l->visits[site] > 0;
}

/* ---- who wrote ---------------------------------------------------------------------------- */

static bool overlap(const WatchedAccess *x, const WatchedAccess *y)
{
    return x->bytes && y->bytes && x->address < y->address + y->bytes &&
           y->address < x->address + x->bytes;
}

/* The last store to any of these bytes before entry `time`; its entry, NO_INDEX for none. */
static uint32_t last_store(const Locator *l, const WatchedAccess *to, uint32_t time)
{
    const ShadowSite *sites = l->out->sites->at;
    for (uint32_t k = time; k-- > 0;)
        if (sites[l->order.at[k].site].store && overlap(&l->accesses.at[k], to)) return k;
    return NO_INDEX;
}

void locate_writer(Locator *l)
{
    Located *out = l->out;
    if (out->site == NO_INDEX || out->what != LOCATED_value || !l->watched) return;
    uint32_t time = locate_time_of(l, out->site, out->visit);
    if (time >= l->order.n) return;
    uint32_t by = last_store(l, &l->accesses.at[time], time); /* none when it is no load */
    if (by != NO_INDEX) out->writer = l->order.at[by].site;
}

/* ---- memory ------------------------------------------------------------------------------- */

/* A byte of a heap, and what the odd one left there. */
typedef struct {
    WatchedAccess at;
    uint8_t odd;
} WrongByte;

/* Where heaps of two runs differ first; of none, no byte. */
static WrongByte differing_byte(const Locator *l, const Both *b)
{
    for (uint32_t k = 0; k < b->odd.nheaps && k < b->expected.nheaps; k++) {
        const uint8_t *x = b->expected.heaps[k], *y = b->odd.heaps[k];
        const PlacedHeap *p = image_heap(judge_image(l->judge), k);
        for (uint64_t n = 0; x && y && p && n < l->c->heaps.at[k].size; n++)
            if (x[n] != y[n]) return (WrongByte){{(uint64_t)(uintptr_t)p->base + n, 1}, y[n]};
    }
    return (WrongByte){0};
}

/* Ends the run at the site. True when memory is wrong by then. */
static bool is_wrong_at(Locator *l, uint32_t site, WrongByte *byte)
{
    Both b = {0};
    if (!locate_run_both(l, site, SHADOW_cut, &b)) return false;
    *byte = differing_byte(l, &b);
    return b.kind == VERDICT_memory || b.kind == VERDICT_stray;
}

/* The store before entry `time` that left in the byte what is there; NO_INDEX for none. */
static uint32_t earlier_store(const Locator *l, const WrongByte *byte, uint32_t time)
{
    uint32_t k = last_store(l, &byte->at, time);
    if (k == NO_INDEX) return k;
    const uint8_t *bytes = (const uint8_t *)&l->order.at[k].value;
    return bytes[byte->at.address - l->accesses.at[k].address] == byte->odd ? k : NO_INDEX;
}

/* Whether entry `time` is not its site's first: only behind that has anybody looked. */
static bool is_repeated(const Locator *l, uint32_t time)
{
    return locate_time_of(l, l->order.at[time].site, 1) != time;
}

/* Memory is wrong at entry `until`, or at the end, and was not before it. Behind the store that
 * made the byte what it should be, memory was right, so that this store was done; when the byte is
 * now what the store before it writes, that one came too late. */
static uint32_t name_store(const Locator *l, const WrongByte *byte, uint32_t until)
{
    uint32_t right = last_store(l, &byte->at, (uint32_t)min_u64(until + 1, l->order.n));
    if (right == NO_INDEX || right == until || is_repeated(l, right)) return right;
    uint32_t late = earlier_store(l, byte, right);
    return late == NO_INDEX ? right : late;
}

/* At the end of the run, behind the last definition and store. */
static bool locate_at_end(Locator *l)
{
    Both b = {0};
    arena_reset(l->scratch);
    if (!side_run(l, l->out->expected, l->c, &b.expected)) return false;
    if (!side_run(l, l->out->odd, l->c, &b.odd)) return false;
    WrongByte byte = differing_byte(l, &b);
    uint32_t by = byte.at.bytes ? name_store(l, &byte, l->order.n) : NO_INDEX;
    if (by == NO_INDEX) return false;
    locate_set_site(l, l->order.at[by].site, 1, BY_cut);
    l->out->late = true;
    l->out->until = NO_INDEX;
    return true;
}

/* By when memory is wrong, in the order of execution. */
bool locate_memory(Locator *l)
{
    bool *seen = arena_array(l->a, bool, l->out->sites->n + 1);
    for (uint32_t k = 0; k < l->order.n; k++) {
        WrongByte byte = {0};
        uint32_t site = l->order.at[k].site;
        if (seen[site] || (seen[site] = true, !is_wrong_at(l, site, &byte))) continue;
        uint32_t by = name_store(l, &byte, k);
        if (by == NO_INDEX && !l->out->sites->at[site].store) return false;
        locate_set_site(l, by == NO_INDEX ? site : l->order.at[by].site, 1, BY_cut);
        l->out->late = by != NO_INDEX && by != k;
        l->out->until = site;
        return true;
    }
    return locate_at_end(l);
}
