#include "gen/pick.h"

#include "gen/index.h"
#include "gen/slot.h"

enum { TRIES = 4 };

/* Offsets that an access or argument may have, both included. */
typedef struct {
    int64_t lo, hi;
} Window;

static bool is_empty(Window w) { return w.lo > w.hi; }

static ByteRange intersect(ByteRange a, ByteRange b)
{
    return (ByteRange){a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
}

/* Some address of both tables; what parameters and cells gave is preferred to own slots. */
static const Address *candidate(const Fn *fn, Choice *c)
{
    if (fn->npassed && chance(c, 1, 3)) return &fn->roots[choose(c, fn->npassed)];
    uint32_t k = choose(c, fn->nroots + 2 * DERIVED_MAX);
    if (k < fn->nroots) return &fn->roots[k];
    const Address *a = &fn->scope.derived[(k - fn->nroots) % DERIVED_MAX];
    if (a->origin != NO_ORIGIN) return a;
    return fn->nroots ? &fn->roots[choose(c, fn->nroots)] : NULL;
}

/* With a value: a slot's root becomes a stack_addr, which is kept for later ones. */
static Address resolve_at(Fn *fn, Choice *c, const Address *from, int64_t at)
{
    Address a = *from;
    if (a.v.i != NO_INDEX) return a;
    const Origin *b = &fn->origins[a.origin];
    a.v = gen_stack_addr(fn, b->slot, at);
    a.lo = a.hi = at;
    a.skew = (uint16_t)((uint64_t)at & (a.align - 1));
    if (chance(c, 1, 2)) scope_add_derived(fn, c, a);
    return a;
}

/* Perhaps not at the slot's start. */
static Address resolve(Fn *fn, Choice *c, const Address *from)
{
    if (from->v.i != NO_INDEX) return *from;
    uint32_t bytes = (uint32_t)fn->origins[from->origin].range.hi;
    return resolve_at(fn, c, from, chance(c, 1, 2) ? (int64_t)choose(c, bytes) : 0);
}

/* ---- accesses ----------------------------------------------------------------------------- */

static ByteRange usable_range(const Origin *b, Need n)
{
    return n.read && !b->fault && !b->null ? intersect(b->range, b->init) : b->range;
}

/* The first offset in the window at which address + offset = want mod align; past it: none. */
static int64_t first_aligned(Window w, uint64_t skew, uint64_t align, uint64_t want)
{
    return w.lo + (int64_t)((want - skew - (uint64_t)w.lo) & (align - 1));
}

static Window access_window(const Origin *b, const Address *a, Need n)
{
    ByteRange r = usable_range(b, n);
    Window w = {r.lo - a->lo, r.hi - n.bytes - a->hi};
    if (w.lo < INT32_MIN) w.lo = INT32_MIN;
    if (w.hi > INT32_MAX) w.hi = INT32_MAX;
    if (n.aligned) w.lo = a->align < n.bytes ? w.hi + 1 : first_aligned(w, a->skew, n.bytes, 0);
    return w;
}

static bool allows(const Origin *b, Need n)
{
    return !b->fault && !b->null && (!n.write || b->writable);
}

static int64_t choose_in(Choice *c, Window w, int64_t step)
{
    return w.lo + step * (int64_t)choose(c, (uint32_t)((w.hi - w.lo) / step + 1));
}

/* Mostly aligned, often at an end of the object. */
static int64_t choose_offset(Choice *c, const Address *a, Window w, Need n)
{
    static const uint8_t hows[] = {[WHERE_usual] = 0, [WHERE_over] = 8, [WHERE_any] = 9};
    uint32_t bytes = n.bytes, how = hows[n.where];
    if (n.aligned) how = 8 * choose(c, 2);
    else if (n.where == WHERE_usual) how = choose(c, 16);
    if (how >= 12) return w.hi;
    if (how == 11) return w.lo;
    if (how >= 9) return choose_in(c, w, 1);
    uint64_t align = a->align < bytes ? a->align : bytes;
    if (how == 8) align = a->align;
    int64_t first = first_aligned(w, a->skew, align, 0);
    if (first > w.hi) return choose_in(c, w, n.aligned ? bytes : 1);
    return choose_in(c, (Window){first, w.hi}, (int64_t)align);
}

/* heap_oob is what an access traps with when it says nothing. */
static TrapCode access_trap(Choice *c)
{
    TrapCode code = choose_trap(c);
    return code == TRAP_heap_oob ? TRAP_none : code;
}

MemFlags pick_flags(Fn *fn, Choice *c, const Address *a, int64_t offset, uint32_t bytes, bool load)
{
    const Origin *b = &fn->origins[a->origin];
    MemFlags flags = {0};
    uint32_t bits = choose_u32(c);
    uint64_t low = (uint64_t)a->skew + (uint64_t)offset;
    bool aligned = a->align >= bytes && (low & (bytes - 1)) == 0;
    bool safe = !b->fault && !b->null;
    if (aligned && is_on(fn->g, FAMILY_align) && bits % 4) flags.bits |= MEMFLAG_aligned;
    if (safe && bits / 4 % 4) flags.bits |= MEMFLAG_notrap;
    if (load && b->constant && bits / 16 % 4) flags.bits |= MEMFLAG_readonly;
    if (load && a->provable && safe && bits / 64 % 4 >= 2) flags.bits |= MEMFLAG_can_move;
    if (bits / 256 % 8 == 7) flags.bits |= MEMFLAG_little;
    if (!(flags.bits & MEMFLAG_notrap) && bits / 4096 % 4 == 3)
        flags.trap = access_trap(c);
    if (b->region) flags.region = build_region(fn->f, b->region - 1u);
    return flags;
}

MemFlags pick_flags_back(Fn *fn, Choice *c, const Pick *p, uint32_t bytes)
{
    MemFlags flags = pick_flags(fn, c, &p->from, p->offset, bytes, true);
    if (p->flags.bits & MEMFLAG_big)
        flags.bits = (uint8_t)((flags.bits & ~MEMFLAG_little) | MEMFLAG_big);
    return flags;
}

static bool finish(Fn *fn, Choice *c, Address a, Need n, Pick *p)
{
    Window w = access_window(&fn->origins[a.origin], &a, n);
    CHECK(!is_empty(w));
    int64_t offset = choose_offset(c, &a, w, n);
    int64_t meeting = n.at - a.lo;
    bool can_meet = n.near && a.lo == a.hi && meeting >= w.lo && meeting <= w.hi;
    if (can_meet && chance(c, 1, 2)) offset = meeting;
    *p = (Pick){.v = a.v, .offset = (int32_t)offset, .from = a};
    p->flags = pick_flags(fn, c, &a, offset, n.bytes, n.read && !n.write);
    bool big = is_on(fn->g, FAMILY_odd) && !(p->flags.bits & MEMFLAG_little) && chance(c, 1, 3);
    if (big) p->flags.bits |= MEMFLAG_big;
    return true;
}

/* Uses `from`, or an address that is made from it with an index. */
static bool use(Fn *fn, Choice *c, const Address *from, Need n, Pick *p)
{
    const Origin *b = &fn->origins[from->origin];
    Address a = n.aligned ? resolve_at(fn, c, from, 0) : resolve(fn, c, from), indexed;
    bool dynamic = !n.plain && is_on(fn->g, FAMILY_index) && a.lo == a.hi && chance(c, 1, 4);
    if (dynamic && index_make(fn, c, &a, usable_range(b, n), n.bytes, &indexed)) {
        a = indexed;
        scope_add_derived(fn, c, a);
    }
    return finish(fn, c, a, n, p);
}

static bool suits(const Fn *fn, const Address *a, Need n)
{
    const Origin *b = &fn->origins[a->origin];
    if (n.other_than && a->origin == n.other_than - 1) return false;
    return allows(b, n) && !is_empty(access_window(b, a, n));
}

bool pick_new_slot(Fn *fn, Choice *c, Need n, Pick *p)
{
    SlotPlan plan = {.bytes = slot_choose_bytes(fn->g, c)};
    plan.align = slot_choose_align(fn, c);
    plan.region = slot_choose_region(fn->g, c);
    if (plan.bytes < n.bytes) plan.bytes = n.bytes;
    if (n.aligned && plan.align < n.bytes) plan.align = n.bytes;
    uint8_t origin = slot_make(fn, c, plan);
    return origin != NO_ORIGIN && use(fn, c, &fn->roots[fn->nroots - 1], n, p);
}

bool pick_access(Fn *fn, Choice *c, Need n, Pick *p)
{
    for (unsigned k = 0; k < TRIES; k++) {
        const Address *a = candidate(fn, c);
        if (a && suits(fn, a, n)) return use(fn, c, a, n, p);
    }
    for (uint32_t k = 0; k < fn->nroots; k++)
        if (suits(fn, &fn->roots[k], n)) return use(fn, c, &fn->roots[k], n, p);
    return pick_new_slot(fn, c, n, p);
}

bool pick_through(Fn *fn, Choice *c, uint32_t root, Need n, Pick *p)
{
    return suits(fn, &fn->roots[root], n) && use(fn, c, &fn->roots[root], n, p);
}

bool pick_from(Fn *fn, Choice *c, const Address *a, Need n, Pick *p)
{
    return !is_empty(access_window(&fn->origins[a->origin], a, n)) && finish(fn, c, *a, n, p);
}

bool pick_address(Fn *fn, Choice *c, Address *a)
{
    for (unsigned k = 0; k < TRIES; k++) {
        const Address *from = candidate(fn, c);
        if (!from) continue;
        const Origin *b = &fn->origins[from->origin];
        if (b->fault || b->null || from->lo < b->range.lo || from->hi > b->range.hi) continue;
        *a = resolve(fn, c, from);
        return true;
    }
    return false;
}

/* ---- arguments ---------------------------------------------------------------------------- */

static bool grants(const Origin *b, const Contract *k)
{
    return b->region == k->region && !b->fault && !b->null && (k->nowrite || b->writable);
}

/* Displacements of `a` for which the contract's range and initialised bytes are there. */
static Window argument_window(const Origin *b, const Address *a, const Contract *k)
{
    Window w = {b->range.lo - a->lo - k->range.lo, b->range.hi - a->hi - k->range.hi};
    for (uint32_t n = 0; n < k->init.n; n++) {
        int64_t lo = b->init.lo - a->lo - k->init.at[n].lo;
        int64_t hi = b->init.hi - a->hi - k->init.at[n].hi;
        if (lo > w.lo) w.lo = lo;
        if (hi < w.hi) w.hi = hi;
    }
    return w;
}

static bool is_disjoint(const Fn *fn, const Argument *x, const Argument *y)
{
    const Origin *a = &fn->origins[x->from.origin], *b = &fn->origins[y->from.origin];
    if (origins_are_disjoint(a, b)) return true;
    if (x->from.origin != y->from.origin) return false;
    return x->from.hi + x->range.hi <= y->from.lo + y->range.lo ||
           y->from.hi + y->range.hi <= x->from.lo + x->range.lo;
}

static bool keeps_apart(const Fn *fn, const ArgumentNeed *n, const Argument *mine)
{
    for (uint32_t k = 0; k < n->ndisjoint; k++)
        if (!is_disjoint(fn, mine, n->disjoint[k])) return false;
    return true;
}

static bool pass_within(Fn *fn, Choice *c, const Address *from, Window w, const ArgumentNeed *n,
                        Argument *out)
{
    const Contract *k = n->contract;
    const Origin *b = &fn->origins[from->origin];
    w.lo = first_aligned(w, from->skew, k->align, k->skew);
    if (is_empty(w)) return false;
    int64_t by = choose_in(c, w, k->align);
    Argument mine = {*from, k->range};
    mine.from.lo += by;
    mine.from.hi += by;
    mine.from.skew = (uint16_t)((uint64_t)from->skew + (uint64_t)by) & (from->align - 1);
    if (!keeps_apart(fn, n, &mine)) return false;
    if (from->v.i == NO_INDEX)
        mine.from.v = gen_stack_addr(fn, b->slot, mine.from.lo);
    else
        mine.from.v = gen_offset(fn, from->v, by);
    *out = mine;
    return true;
}

static bool try_argument(Fn *fn, Choice *c, const Address *from, const ArgumentNeed *n,
                         Argument *out)
{
    const Contract *k = n->contract;
    const Origin *b = &fn->origins[from->origin];
    if (!grants(b, k) || from->align < k->align) return false;
    return pass_within(fn, c, from, argument_window(b, from, k), n, out);
}

/* So that the bytes of both have some in common. */
static bool try_overlap(Fn *fn, Choice *c, const ArgumentNeed *n, Argument *out)
{
    const Contract *k = n->contract;
    const Address *from = &n->overlap->from;
    const Origin *b = &fn->origins[from->origin];
    if (!grants(b, k) || from->align < k->align) return false;
    Window w = argument_window(b, from, k);
    int64_t lo = n->overlap->range.lo - k->range.hi + 1;
    int64_t hi = n->overlap->range.hi - k->range.lo - 1;
    if (lo > w.lo) w.lo = lo;
    if (hi < w.hi) w.hi = hi;
    return !is_empty(w) && pass_within(fn, c, from, w, n, out);
}

static bool pass_new_slot(Fn *fn, Choice *c, const ArgumentNeed *n, Argument *out)
{
    const Contract *k = n->contract;
    int64_t before = k->range.lo < 0 ? -k->range.lo : 0;
    int64_t at = before + (int64_t)((k->skew - (uint64_t)before) & (k->align - 1u));
    int64_t bytes = at + k->range.hi;
    if (chance(c, 1, 4)) bytes += 8 * (int64_t)choose(c, 4);
    if (!is_on(fn->g, FAMILY_align)) bytes += choose(c, 4); /* as skews do */
    if (bytes < 4) bytes = 4;
    SlotPlan plan = {.bytes = (uint32_t)bytes, .align = k->align, .region = k->region};
    if (plan.align < 16 && chance(c, 1, 2)) plan.align = slot_choose_align(fn, c);
    if (plan.align < k->align) plan.align = k->align;
    if (slot_make(fn, c, plan) == NO_ORIGIN) return false;
    return try_argument(fn, c, &fn->roots[fn->nroots - 1], n, out);
}

bool pick_parameter(Fn *fn, Choice *c, const ArgumentNeed *n, Argument *out)
{
    uint32_t at = fn->npassed ? choose(c, fn->npassed) : 0;
    for (uint32_t k = 0; k < fn->npassed; k++, at++) {
        const Address *a = &fn->roots[at % fn->npassed];
        if (!fn->origins[a->origin].is_slot && try_argument(fn, c, a, n, out)) return true;
    }
    return false;
}

bool pick_argument(Fn *fn, Choice *c, const ArgumentNeed *n, Argument *out)
{
    if (n->overlap && try_overlap(fn, c, n, out)) return true;
    unsigned tries = chance(c, 2, 5) ? TRIES : 0;
    for (unsigned k = 0; k < tries; k++) {
        const Address *a = candidate(fn, c);
        if (a && try_argument(fn, c, a, n, out)) return true;
    }
    if (chance(c, 7, 8)) /* parameters stand first: they are passed on */
        for (uint32_t k = 0; k < fn->nroots; k++)
            if (try_argument(fn, c, &fn->roots[k], n, out)) return true;
    return pass_new_slot(fn, c, n, out);
}
