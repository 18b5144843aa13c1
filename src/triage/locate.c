#include "triage/locate.h"

#include "triage/picture.h"

#include "triage/locate_local.h"

/* ---- both sides --------------------------------------------------------------------------- */

static void copy_heaps(Locator *l, Side *s)
{
    uint32_t n;
    const PlacedHeap *heaps = image_heaps(judge_image(l->judge), &n);
    s->heaps = arena_array(l->scratch, const uint8_t *, n + 1);
    for (uint32_t k = 0; k < n && s->nheaps < l->c->heaps.n; k++) {
        const Heap *h = heaps[k].heap;
        if (!h->fault)
            s->heaps[k] = memcpy(arena_alloc(l->scratch, h->size + 1), heaps[k].base, h->size);
        s->nheaps++;
    }
}

bool side_run(Locator *l, const Config *config, const Case *c, Side *out)
{
    const char *reason;
    ImageDifference where;
    *out = (Side){0};
    l->out->tried++;
    if (!judge_compile(l->judge, config, c, &reason)) return false;
    if (!judge_place(l->judge, c, &c->runs.at[0], &reason)) return false;
    judge_run(l->judge, config, c, &c->runs.at[0], &out->outcome);
    if (out->outcome.kind == OUTCOME_refused) return false;
    if (out->outcome.kind == OUTCOME_trapped)
        for (uint32_t k = 0; k < judge_configs(l->judge)->n; k++)
            out->outcome.trap =
                judge_seen_trap(judge_configs(l->judge)->at[k], c, out->outcome.trap);
    out->stray = image_stray(judge_image(l->judge), &where);
    copy_heaps(l, out);
    return true;
}

VerdictKind sides_differ(const Locator *l, const Side *expected, const Side *odd)
{
    uint32_t result;
    const Signature *sig = &l->c->module->funcs.at[l->c->runs.at[0].func]->sig;
    VerdictKind own = outcome_own_fault(&odd->outcome);
    if (own != VERDICT_agree) return own;
    if (!outcome_equal(&expected->outcome, &odd->outcome, sig, &result))
        return result == NO_INDEX ? VERDICT_ending : VERDICT_results;
    if (odd->stray) return VERDICT_stray;
    for (uint32_t k = 0; k < odd->nheaps && k < expected->nheaps; k++)
        if (odd->heaps[k] &&
            memcmp(odd->heaps[k], expected->heaps[k], l->c->heaps.at[k].size) != 0)
            return VERDICT_memory;
    return VERDICT_agree;
}

/* ---- comparing ---------------------------------------------------------------------------- */

bool locate_run_both(Locator *l, uint32_t only, ShadowMode mode, Both *out)
{
    Shadow s;
    uint32_t n = l->out->sites->n;
    arena_reset(l->scratch);
    if (!shadow_make(&s, l->judge, l->c, l->out->sites, only, mode, l->scratch)) return false;
    if (!side_run(l, l->out->expected, s.c, &out->expected)) return false;
    if (!outcome_compares(out->expected.outcome.kind)) return false;
    out->log = shadow_read(&s, l->judge, n, l->scratch);
    if (!side_run(l, l->out->odd, s.c, &out->odd)) return false;
    out->odd_log = shadow_read(&s, l->judge, n, l->scratch);
    out->kind = sides_differ(l, &out->expected, &out->odd);
    return true;
}

/* The first entry in which they differ, or the number of those that both have. */
static uint32_t first_difference(const Locator *l, const Both *b)
{
    uint32_t k = 0;
    for (; k < b->log.n && k < b->odd_log.n; k++) {
        const ShadowEntry *x = &b->log.at[k], *y = &b->odd_log.at[k];
        if (x->site != y->site) break;
        if (!shadow_same(&l->out->sites->at[x->site], x->value, y->value)) break;
    }
    return k;
}

static void see(Located *out, const ShadowLog *log, uint32_t until, bool odd)
{
    for (uint32_t k = 0; k < log->n; k++) {
        SiteSeen *s = &out->seen[log->at[k].site];
        bool *has = odd ? &s->has_odd : &s->has_expected;
        if (k > until && *has) continue;
        *has = true;
        *(odd ? &s->odd : &s->expected) = log->at[k].value;
    }
}

void locate_set_site(Locator *l, uint32_t site, uint32_t visit, LocatedBy by)
{
    const ShadowSite *s = &l->out->sites->at[site];
    l->out->what = s->store ? LOCATED_store : LOCATED_value;
    l->out->by = by;
    l->out->func = s->func;
    l->out->block = s->block;
    l->out->inst = s->inst;
    l->out->value = s->value;
    l->out->site = site;
    l->out->visit = visit;
    l->out->visits = l->visits[site];
}

static uint32_t count_visits(const ShadowLog *log, uint32_t site, uint32_t until)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k <= until && k < log->n; k++) n += log->at[k].site == site;
    return n;
}

/* They agree until one of them goes another way behind entry `last`. */
static void set_way(Locator *l, uint32_t last)
{
    const ShadowSite *s = &l->out->sites->at[last];
    const BlockData *bd = func_block(l->c->module->funcs.at[s->func], s->block);
    l->out->what = LOCATED_way;
    l->out->by = BY_all;
    l->out->func = s->func;
    l->out->block = s->block;
    l->out->inst = vec_last(&bd->insts);
}

/* All that is computed is right, and results differ. */
static void set_return(Locator *l)
{
    const Func *f = l->c->module->funcs.at[l->last_func];
    l->out->what = LOCATED_return;
    l->out->by = BY_all;
    l->out->func = l->last_func;
    l->out->block = l->last_block;
    l->out->inst = vec_last(&func_block(f, l->last_block)->insts);
}

/* All at once. True when that found it. */
static bool locate_together(Locator *l)
{
    Both b = {0};
    bool ran = locate_run_both(l, SHADOW_ALL, SHADOW_log, &b);
    l->out->vanishes = !ran || b.kind != l->v->kind;
    if (l->out->vanishes) return false;
    uint32_t k = first_difference(l, &b);
    see(l->out, &b.log, k, false);
    see(l->out, &b.odd_log, k, true);
    bool all = k == b.log.n && k == b.odd_log.n && l->watched;
    if (all && b.kind == VERDICT_results) return set_return(l), true;
    if (k == b.log.n || k == b.odd_log.n) return false;
    uint32_t site = b.log.at[k].site;
    if (b.odd_log.at[k].site == site)
        locate_set_site(l, site, count_visits(&b.log, site, k), BY_all);
    else if (k > 0) set_way(l, b.log.at[k - 1].site);
    return l->out->what != LOCATED_nothing;
}

typedef struct {
    uint32_t site, visit, time;
} Candidate;

static void keep_first(Locator *l, const Both *b, uint32_t k, uint32_t visit, Candidate *best)
{
    Candidate c = {b->log.at[k].site, visit, 0};
    c.time = locate_time_of(l, c.site, visit);
    SiteSeen *s = &l->out->seen[c.site];
    *s = (SiteSeen){true, true, b->log.at[k].value, b->odd_log.at[k].value};
    if (best->site == NO_INDEX || c.time < best->time) *best = c;
}

/* Watches one site. True when the difference still shows. */
static bool watch_one(Locator *l, uint32_t site, ShadowMode mode, Candidate *best)
{
    Both b = {0};
    if (!locate_run_both(l, site, mode, &b)) return false;
    if (mode != SHADOW_cut && b.kind != l->v->kind) return false;
    uint32_t k = first_difference(l, &b);
    uint32_t visit = mode == SHADOW_log   ? k + 1
                     : mode == SHADOW_cut ? 1
                                          : (uint32_t)max_u64(l->visits[site], 1);
    if (k < b.log.n && k < b.odd_log.n) keep_first(l, &b, k, visit, best);
    else if (b.log.n && b.odd_log.n)
        l->out->seen[site] =
            (SiteSeen){true, true, vec_last(&b.log).value, vec_last(&b.odd_log).value};
    return true;
}

static bool locate_alone(Locator *l)
{
    Candidate best = {.site = NO_INDEX};
    for (uint32_t k = 0; k < l->out->sites->n; k++) {
        if (!locate_is_visited(l, k)) continue;
        bool once = l->watched && l->visits[k] == 1;
        bool shows = (!once && watch_one(l, k, SHADOW_log, &best)) ||
                     watch_one(l, k, SHADOW_once, &best);
        if (!shows) *vec_push(l->a, &l->out->vanishing) = k;
    }
    if (best.site != NO_INDEX) locate_set_site(l, best.site, best.visit, BY_one);
    return best.site != NO_INDEX;
}

static bool locate_by_cutting(Locator *l)
{
    Candidate best = {.site = NO_INDEX};
    for (uint32_t k = 0; k < l->out->sites->n; k++)
        if (locate_is_visited(l, k)) watch_one(l, k, SHADOW_cut, &best);
    if (best.site != NO_INDEX) locate_set_site(l, best.site, best.visit, BY_cut);
    return best.site != NO_INDEX;
}

/* ------------------------------------------------------------------------------------------- */

static void show_reference(Locator *l)
{
    for (uint32_t k = 0; k < l->order.n; k++) {
        SiteSeen *s = &l->out->seen[l->order.at[k].site];
        if (!s->has_expected) s->expected = l->order.at[k].value;
        s->has_expected = true;
    }
}

static void locate_values(Locator *l)
{
    if (locate_together(l)) return;
    bool stops = !l->out->vanishes && l->v->kind != VERDICT_results && l->v->kind != VERDICT_memory;
    if (stops && l->v->kind != VERDICT_stray) return locate_stop(l);
    if (locate_alone(l)) return;
    bool memory = l->v->kind == VERDICT_memory || l->v->kind == VERDICT_stray;
    if (memory && locate_memory(l)) return;
    if (locate_by_cutting(l)) return;
    locate_stop(l);
}

static void locate_kind(Locator *l)
{
    switch (l->v->kind) {
    case VERDICT_results:
    case VERDICT_memory:
    case VERDICT_ending:
    case VERDICT_crash:
    case VERDICT_hang:
    case VERDICT_overflow:
    case VERDICT_stray: locate_values(l); return;
    case VERDICT_abi: locate_breach(l); return;
    case VERDICT_failed:
    case VERDICT_died:
    case VERDICT_stuck: locate_failure(l); return;
    case VERDICT_agree:
    case VERDICT_unjudged:
    case VERDICT_fuel:
    case VERDICT_invalid:
    case VERDICT_leak:
    case VERDICT_COUNT: return;
    }
}

/* Back ends keep what they have compiled last, and copies of the case do not stay. */
static void compile_given(Locator *l, const Config *config)
{
    const char *refused;
    if (config) judge_compile(l->judge, config, l->c, &refused);
}

Located *locate(Judge *j, const Case *c, const Verdict *v, Arena *a)
{
    const ConfigVec *configs = judge_configs(j);
    Locator l = {.judge = j, .c = c, .v = v, .a = a, .scratch = arena_create()};
    Located *out = l.out = arena_new(a, Located);
    l.pair = verdict_pair(j, v);
    out->block = BLOCK_none;
    out->inst = INST_none;
    out->site = out->writer = NO_INDEX;
    out->sites = shadow_sites(c, a);
    out->watched = out->sites->n;
    out->seen = arena_array(a, SiteSeen, out->sites->n + 1);
    out->odd = l.pair.odd != NO_INDEX ? configs->at[l.pair.odd] : v->odd;
    out->expected = l.pair.expected != NO_INDEX ? configs->at[l.pair.expected] : NULL;
    bool compiles =
        v->kind != VERDICT_failed && v->kind != VERDICT_died && v->kind != VERDICT_stuck;
    if (out->odd && (out->expected || !compiles)) {
        if (compiles) locate_watch(&l);
        locate_kind(&l);
        show_reference(&l);
        locate_writer(&l);
        compile_given(&l, out->odd);
        compile_given(&l, out->expected);
    }
    arena_destroy(l.scratch);
    return out;
}
