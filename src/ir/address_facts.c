/* Facts and bases: what is true of one of two addresses. */
#include "ir/address_local.h"

static const ByteRange NOTHING = {INT64_MAX, INT64_MIN};

static bool is_empty(ByteRange r) { return r.lo >= r.hi; }

static unsigned min_u(unsigned a, unsigned b) { return a < b ? a : b; }

static unsigned log2_of(uint64_t power) { return power ? (unsigned)__builtin_ctzll(power) : 0; }

static Fact any[TYPE_COUNT];

__attribute__((constructor)) static void fill_any(void)
{
    for (Type t = 0; t < TYPE_COUNT; t++)
        any[t] = fact_number(number_any(fact_is_followed(t) ? type_bits(t) : 64));
}

const Fact *fact_any(Type t)
{
    return &any[t];
}

Fact fact_update(const Fact *old, Fact now, bool in_loop_header)
{
    if (old->kind == FACT_none) return now;
    if (now.kind < old->kind) return fact_mixed();
    if (in_loop_header && now.kind == old->kind && now.base == old->base &&
        now.kind != FACT_code)
        now.n = number_widen(old->n, now.n, 64);
    return now;
}

/* ---- bases -------------------------------------------------------------------------------- */

static uint32_t add_base(Derivation *d, Base b)
{
    b.last_link = NO_INDEX;
    *vec_push(d->x->arena, &d->x->bases) = b;
    return d->x->bases.n - 1;
}

static Base base_by_contract(const Contract *c, BaseKind kind, uint32_t index)
{
    return (Base){
        .kind = (uint8_t)kind,
        .bounded = true,
        .readonly = c->readonly,
        .nowrite = c->nowrite || c->readonly,
        .may_fault = c->fault,
        .must_fault = c->fault,
        .nlow = (uint8_t)log2_of(c->align),
        .low = c->skew,
        .index = index,
        .range = c->range,
        .contract = c,
    };
}

void bases_begin(Derivation *d)
{
    const Func *f = d->x->f;
    d->x->bases.n = 0;
    d->x->links.n = 0;
    for (uint32_t k = 0; k < f->slots.n; k++) {
        const SlotData *s = &f->slots.at[k];
        add_base(d, (Base){
                        .kind = BASE_slot,
                        .bounded = true,
                        .own_slot = true,
                        .nlow = (uint8_t)log2_of(s->align),
                        .index = k,
                        .range = {0, (int64_t)s->bytes},
                    });
    }
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        const Contract *c = func_contract(f, k);
        Base unknown = {.kind = BASE_param, .index = k, .range = NOTHING};
        add_base(d, c ? base_by_contract(c, BASE_param, k) : unknown);
    }
}

Fact fact_by_contract(Derivation *d, uint32_t *base, const Contract *c, BaseKind kind,
                      uint32_t index)
{
    if (*base == NO_INDEX) *base = add_base(d, base_by_contract(c, kind, index));
    return (Fact){.kind = FACT_address, .base = *base, .n = number_exact(0)};
}

/* True when the link is new. */
static bool add_link(Derivation *d, uint32_t choice, uint32_t member)
{
    Addresses *x = d->x;
    uint32_t *last = &x->bases.at[choice].last_link;
    for (uint32_t k = *last; k != NO_INDEX; k = x->links.at[k].previous)
        if (x->links.at[k].member == member) return false;
    *vec_push(x->arena, &x->links) = (BaseLink){choice, member, *last};
    *last = x->links.n - 1;
    return true;
}

/* ---- what is asked of facts --------------------------------------------------------------- */

unsigned address_low(const Addresses *x, const Fact *p, uint64_t *low)
{
    const Base *b = &x->bases.at[p->base];
    unsigned n = min_u(b->nlow, p->n.nlow);
    *low = (b->low + p->n.low) & low_mask(n);
    return n;
}

/* `r` seen from an address that lies anywhere in [by.lo, by.hi] behind its origin. */
static ByteRange seen_from(ByteRange r, const Number *by)
{
    ByteRange seen;
    if (is_empty(r) || __builtin_sub_overflow(r.lo, by->lo, &seen.lo) ||
        __builtin_sub_overflow(r.hi, by->hi, &seen.hi) || is_empty(seen))
        return NOTHING;
    return seen;
}

bool address_is_within(const Addresses *x, const Fact *p, int64_t offset, uint64_t bytes)
{
    ByteRange r = seen_from(x->bases.at[p->base].range, &p->n);
    return !is_empty(r) && r.lo <= offset && offset <= r.hi && bytes <= (uint64_t)(r.hi - offset);
}

bool address_may_be_within(const Addresses *x, const Fact *p, int64_t offset, uint64_t bytes)
{
    const Base *b = &x->bases.at[p->base];
    __int128 first = (__int128)b->range.lo - offset;
    __int128 last = (__int128)b->range.hi - offset - (__int128)bytes;
    return !b->bounded || (first <= last && p->n.lo <= last && first <= p->n.hi);
}

bool address_same_object(const Addresses *x, const Fact *p, const Fact *q)
{
    const Base *a = &x->bases.at[p->base], *b = &x->bases.at[q->base];
    return p->base == q->base ||
           (a->kind == BASE_param && b->kind == BASE_param &&
            func_relation(x->f, a->index, b->index) == RELATION_same);
}

/* ---- choices ------------------------------------------------------------------------------ */

enum { CHANGES_FOLLOWED = 4 };

/* What a choice must be true of: an address with these bytes around it and these lowest bits. */
typedef struct {
    const Base *base; /* NULL for null */
    ByteRange range;
    uint64_t low;
    unsigned nlow;
} Member;

/* One of no addresses at all: everything is true of it. */
static uint32_t new_choice(Derivation *d)
{
    return add_base(d, (Base){
                           .kind = BASE_choice,
                           .born = d->passes,
                           .index = NO_INDEX,
                           .readonly = true,
                           .must_fault = true,
                           .nlow = 64,
                           .range = {INT64_MIN, INT64_MAX},
                       });
}

static ByteRange common_range(ByteRange a, ByteRange b)
{
    ByteRange r = {a.lo > b.lo ? a.lo : b.lo, a.hi < b.hi ? a.hi : b.hi};
    return is_empty(r) ? NOTHING : r;
}

static bool base_equal(const Base *a, const Base *b)
{
    return a->readonly == b->readonly && a->nowrite == b->nowrite && a->own_slot == b->own_slot &&
           a->may_null == b->may_null && a->may_fault == b->may_fault &&
           a->must_fault == b->must_fault && a->nlow == b->nlow && a->low == b->low &&
           a->range.lo == b->range.lo && a->range.hi == b->range.hi;
}

/* Weakens a choice until it is true of `m` as well. A member that was weakened itself moves the
 * bounds a few times only. */
static void add_member(Derivation *d, uint32_t choice, const Member *m, bool known)
{
    Base *c = &d->x->bases.at[choice], old = *c;
    bool first = c->nlow == 64;
    uint64_t differ = first ? 0 : c->low ^ m->low;
    unsigned equal = differ ? (unsigned)__builtin_ctzll(differ) : 64;
    c->nlow = (uint8_t)min_u(min_u(c->nlow, m->nlow), equal);
    c->low = m->low & low_mask(c->nlow);
    c->may_null |= !m->base || m->base->may_null;
    c->may_fault |= !m->base || m->base->may_fault;
    if (m->base) {
        c->readonly &= m->base->readonly;
        c->nowrite |= m->base->nowrite;
        c->own_slot |= m->base->own_slot;
        c->must_fault &= m->base->must_fault;
        c->range = common_range(c->range, m->range);
    }
    if (base_equal(c, &old)) return;
    if (c->born != d->passes) d->weakened = true;
    if (known && c->changes++ >= CHANGES_FOLLOWED) c->range = NOTHING;
}

static void add_address(Derivation *d, uint32_t choice, const Fact *p)
{
    Member m = {.base = &d->x->bases.at[p->base]};
    if (p->base == choice && number_is(&p->n, 0)) return;
    m.range = seen_from(m.base->range, &p->n);
    m.nlow = address_low(d->x, p, &m.low);
    bool known = p->base == choice || !add_link(d, choice, p->base);
    add_member(d, choice, &m, known);
}

static bool is_null(const Fact *a) { return a->kind == FACT_number && number_is(&a->n, 0); }

static bool is_pointer(const Fact *a) { return a->kind == FACT_address || is_null(a); }

static Fact choose_address(Derivation *d, uint32_t *choice, const Fact *a, const Fact *b)
{
    if (*choice == NO_INDEX) *choice = new_choice(d);
    if (a->kind == FACT_address) add_address(d, *choice, a);
    if (b->kind == FACT_address) add_address(d, *choice, b);
    if (is_null(a) || is_null(b)) add_member(d, *choice, &(Member){.nlow = 64}, true);
    return (Fact){.kind = FACT_address, .base = *choice, .n = number_exact(0)};
}

Fact fact_choose(Derivation *d, uint32_t *choice, Fact a, Fact b)
{
    if (a.kind == FACT_none) return b;
    if (b.kind == FACT_none) return a;
    if (a.kind == FACT_number && b.kind == FACT_number)
        return fact_number(number_join(a.n, b.n));
    if (is_pointer(&a) && is_pointer(&b)) {
        bool one_base = a.kind == b.kind && a.base == b.base && *choice == NO_INDEX;
        if (!one_base) return choose_address(d, choice, &a, &b);
        a.n = number_join(a.n, b.n);
        return a;
    }
    if (a.kind == FACT_code && b.kind == FACT_code) {
        a.n.low |= b.n.low;
        return a;
    }
    return fact_mixed();
}

Fact fact_round(Derivation *d, uint32_t *choice, Fact p, unsigned k)
{
    uint64_t low;
    unsigned nlow = address_low(d->x, &p, &low);
    if (k <= nlow) {
        p.n = number_sub(p.n, number_exact((int64_t)(low & low_mask(k))), 64);
        return p;
    }
    if (*choice == NO_INDEX) *choice = new_choice(d);
    const Base *b = &d->x->bases.at[p.base];
    Number moved = number_sub(p.n, number_between(0, (int64_t)low_mask(k)), 64);
    Member m = {.base = b, .range = seen_from(b->range, &moved), .nlow = k};
    bool known = p.base == *choice || !add_link(d, *choice, p.base);
    add_member(d, *choice, &m, known);
    return (Fact){.kind = FACT_address, .base = *choice, .n = number_exact(0)};
}
