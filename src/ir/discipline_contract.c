/* Contracts: whether they make sense, whether they follow from what is known, and calls. */
#include "ir/discipline_local.h"

#define fail(j, ...) verifier_error(&(j)->v, __VA_ARGS__)

/* `argument 1 FORMAT`, and `contract of parameter 1: FORMAT`. */
#define fail_about(j, what, format, ...) \
    verifier_error(&(j)->v, "%s " format, subject_text((what), (j)->v.arena), ##__VA_ARGS__)
#define bad(v, what, format, ...) \
    verifier_error_func((v), "%s: " format, subject_text((what), (v)->arena), ##__VA_ARGS__)

enum { NESTING_MAX = 8 };

/* ---- contracts by themselves -------------------------------------------------------------- */

static bool contains(ByteRange outer, int64_t lo, int64_t hi)
{
    return outer.lo <= lo && hi <= outer.hi;
}

static void check_cell_places(const Verifier *v, const Subject *what, const Contract *c)
{
    if (c->cells.n && c->fault) bad(v, what, "cells that nobody can read");
    for (uint32_t k = 0; k < c->cells.n; k++) {
        int64_t at = c->cells.at[k].offset;
        if (at > INT64_MAX - 8 || !contains(c->range, at, at + 8))
            bad(v, what, "the cell at %lld lies outside of its range", (long long)at);
        for (uint32_t n = 0; n < k; n++)
            if (c->cells.at[n].offset < at + 8 && at < c->cells.at[n].offset + 8)
                bad(v, what, "cells overlap");
    }
}

static void check_contract(const Verifier *v, const Subject *what, const Contract *c,
                           unsigned depth)
{
    if (!is_power_of_two(c->align) || c->skew >= c->align)
        bad(v, what, "alignment %u, skew %u", c->align, c->skew);
    if (c->range.lo > c->range.hi) bad(v, what, "its range ends before it begins");
    for (uint32_t k = 0; k < c->init.n; k++)
        if (!contains(c->range, c->init.at[k].lo, c->init.at[k].hi))
            bad(v, what, "initialised bytes outside of its range");
    check_cell_places(v, what, c);
    if (c->cells.n && depth == 0) bad(v, what, "cells are nested too deeply");
    for (uint32_t k = 0; k < c->cells.n && depth; k++) {
        const Cell *cell = &c->cells.at[k];
        const Subject inner = {.word = "cell", .number = cell->offset, .within = what};
        check_contract(v, &inner, &cell->target, depth - 1);
    }
}

void judge_contracts(const Verifier *v)
{
    const Func *f = v->f;
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        const Contract *c = func_contract(f, k);
        if (!c) continue;
        if (f->sig.params.at[k].type != TY_i64)
            verifier_error_func(v, "parameter %u has a contract and is no i64", k);
        const Subject what = {.word = "contract of parameter", .number = k};
        check_contract(v, &what, c, NESTING_MAX);
    }
}

/* ---- from a contract to another ----------------------------------------------------------- */

static bool may_write(const Contract *c) { return !c->nowrite && !c->readonly; }

/* Whether `weak` holds wherever `strong` does. */
static bool contract_implies(const Contract *strong, const Contract *weak)
{
    if (strong->region != weak->region || strong->fault != weak->fault) return false;
    if (weak->range.lo < weak->range.hi &&
        !contains(strong->range, weak->range.lo, weak->range.hi))
        return false;
    if (strong->align < weak->align || (strong->skew & (weak->align - 1)) != weak->skew)
        return false;
    if (may_write(weak) && !may_write(strong)) return false;
    for (uint32_t k = 0; k < weak->cells.n; k++) {
        const Cell *cell = &weak->cells.at[k];
        uint32_t n = 0;
        while (n < strong->cells.n && strong->cells.at[n].offset != cell->offset) n++;
        if (n == strong->cells.n || !contract_implies(&strong->cells.at[n].target, &cell->target))
            return false;
    }
    return true;
}

/* ---- from what is known to a contract ----------------------------------------------------- */

static void check_place(Judge *j, const Subject *what, const Contract *c, const Fact *p,
                        const Base *b)
{
    uint64_t low, mask = c->align - 1u;
    unsigned nlow = address_low(j->x, p, &low);
    if ((low_mask(nlow) & mask) != mask || (low & mask) != c->skew)
        fail_about(j, what, "is not known to be %u modulo %u", c->skew, c->align);
    uint64_t bytes = (uint64_t)(c->range.hi - c->range.lo);
    if (bytes && !address_may_be_within(j->x, p, c->range.lo, bytes))
        fail_about(j, what, "at %lld of %lld..%lld is promised %lld..%lld around it",
                   (long long)p->n.lo, (long long)b->range.lo, (long long)b->range.hi,
                   (long long)c->range.lo, (long long)c->range.hi);
}

static void check_permission(Judge *j, const Subject *what, const Contract *c, const Base *b)
{
    if (c->fault && !b->must_fault) fail_about(j, what, "is promised to be inaccessible");
    if (!c->fault && b->may_fault) fail_about(j, what, "may be null or inaccessible");
    if (may_write(c) && b->nowrite) fail_about(j, what, "may be written, which a contract forbids");
}

static const Cell *find_cell(const Contract *c, int64_t offset)
{
    for (uint32_t k = 0; k < c->cells.n; k++)
        if (c->cells.at[k].offset == offset) return &c->cells.at[k];
    return NULL;
}

/* The bytes of cell `at` (from the base) are in the range that is promised, as no cell. */
static bool hides_cell(const Contract *c, const Fact *p, int64_t at)
{
    int64_t offset = at - p->n.lo;
    return offset < c->range.hi && c->range.lo < offset + 8 && !find_cell(c, offset);
}

static void check_hidden(Judge *j, const Subject *what, const Contract *c, const Fact *p,
                         int64_t at)
{
    if (hides_cell(c, p, at))
        fail_about(j, what, "covers the cell at %lld, which the contract does not know",
                   (long long)(at - p->n.lo));
}

/* Bytes of cells are data for nobody. */
static void check_hidden_cells(Judge *j, const Subject *what, const Contract *c, const Fact *p,
                               const Base *b)
{
    for (uint32_t k = 0; b->contract && k < b->contract->cells.n; k++)
        check_hidden(j, what, c, p, b->contract->cells.at[k].offset);
    for (uint32_t k = 0; b->kind == BASE_slot && k < j->x->cells.n; k++)
        if (j->x->cells.at[k].slot == b->index && j->x->now[k].may)
            check_hidden(j, what, c, p, j->x->cells.at[k].offset);
}

/* The callee may load what the cell holds, and when it may write, put what its contract says. */
static void check_cell(Judge *j, const Subject *what, const Contract *c, const Cell *cell,
                       const Fact *p, const Base *b)
{
    const Cell *own = address_contract_cell(j->x, p, cell->offset);
    const Subject inner = {.word = "cell", .number = cell->offset, .within = what};
    if (own) {
        if (!contract_implies(&own->target, &cell->target) ||
            (may_write(c) && !contract_implies(&cell->target, &own->target)))
            fail_about(j, &inner, "points to something else by the caller's contract");
        return;
    }
    const CellState *s = NULL;
    if (b->kind == BASE_slot) s = address_cell(j->x, b->index, p->n.lo + cell->offset);
    if (s && s->must && s->fact.kind == FACT_address)
        judge_promise(j, &inner, &cell->target, &s->fact);
    else
        fail_about(j, &inner, "holds no address");
}

static void check_cells(Judge *j, const Subject *what, const Contract *c, const Fact *p,
                        const Base *b)
{
    check_hidden_cells(j, what, c, p, b);
    for (uint32_t k = 0; k < c->cells.n; k++) check_cell(j, what, c, &c->cells.at[k], p, b);
}

/* Cells of contracts do not depend on the place of the call: one look is enough. */
static void check_forwarded(Judge *j, const Subject *what, const Contract *c, const Fact *p,
                            const Base *b)
{
    Forwarded now = {b->contract, c, p->n.lo};
    Forwarded *kept = &j->kept[(uint64_t)p->n.lo % countof(j->kept)];
    if (kept->own == now.own && kept->promised == c && kept->offset == now.offset) return;
    uint32_t before = j->v.d->errors;
    check_cells(j, what, c, p, b);
    if (j->v.d->errors == before) *kept = now;
}

void judge_promise(Judge *j, const Subject *what, const Contract *c, const Fact *p)
{
    const Base *b = address_base(j->x, p);
    check_place(j, what, c, p, b);
    check_permission(j, what, c, b);
    judge_region(j, p->base, c->region, what);
    if (b->kind == BASE_choice || !number_is_exact(&p->n)) return; /* seen when it runs */
    if (b->contract) check_forwarded(j, what, c, p, b);
    else check_cells(j, what, c, p, b);
}

/* ---- calls -------------------------------------------------------------------------------- */

static bool is_null(const Fact *p) { return p->kind == FACT_number && number_is(&p->n, 0); }

static void check_argument(Judge *j, uint32_t k, const Contract *c, const Fact *p)
{
    const Subject what = {.word = "argument", .number = k};
    bool number = p->kind == FACT_number || p->kind == FACT_none;
    if (!c && !number) fail(j, "argument %u is an address, and no contract takes it", k);
    if (!c || (is_null(p) && c->fault)) return;
    if (p->kind == FACT_address) judge_promise(j, &what, c, p);
    else fail(j, "argument %u must be an address", k);
}

static bool have_common_byte(const Contract *a, const Fact *p, const Contract *b, const Fact *q)
{
    return p->n.lo + a->range.lo < q->n.lo + b->range.hi &&
           q->n.lo + b->range.lo < p->n.lo + a->range.hi;
}

/* What is known for certain: exact offsets from one base, and slots, which lie apart. */
static void check_relation(Judge *j, const Func *callee, uint32_t i, uint32_t k, const Fact *p,
                           const Fact *q)
{
    const Base *a = address_base(j->x, p), *b = address_base(j->x, q);
    Relation relation = func_relation(callee, i, k);
    if (!a || !b || !func_contract(callee, k)) return;
    bool one_base = p->base == q->base && number_is_exact(&p->n) && number_is_exact(&q->n);
    bool apart = p->base != q->base && a->kind == BASE_slot && b->kind == BASE_slot;
    bool equal = one_base && p->n.lo == q->n.lo;
    bool overlap = one_base && have_common_byte(&callee->contracts[i], p, &callee->contracts[k], q);
    if (relation == RELATION_disjoint && overlap)
        fail(j, "arguments %u and %u overlap, and are promised to be disjoint", k, i);
    if (relation == RELATION_same && (apart || (one_base && !equal)))
        fail(j, "arguments %u and %u differ, and are promised to be the same", k, i);
}

static void check_callee(Judge *j, const InstData *call, uint32_t ref)
{
    uint32_t nargs, index = j->v.f->refs.at[ref].callee;
    const Func *callee = index == NO_INDEX ? NULL : j->v.m->funcs.at[index];
    const Value *args = func_call_args(j->v.f, call, &nargs);
    if (callee && !signature_equal(&callee->sig, func_call_signature(j->v.f, call))) {
        fail(j, "fn%u has another signature", j->v.f->refs.at[ref].ref);
        return;
    }
    for (uint32_t k = 0; k < nargs; k++) {
        const Contract *c = callee ? func_contract(callee, k) : NULL;
        check_argument(j, k, c, address_fact(j->x, args[k]));
        for (uint32_t n = 0; c && c->relations && n < k; n++)
            if (c->relations[n] != RELATION_any)
                check_relation(j, callee, k, n, address_fact(j->x, args[k]),
                               address_fact(j->x, args[n]));
    }
}

/* The frame is gone when the callee runs. */
static void check_tail_call(Judge *j, const InstData *i)
{
    uint32_t nargs;
    const Value *args = func_call_args(j->v.f, i, &nargs);
    for (uint32_t k = 0; k < nargs; k++) {
        const Base *b = address_base(j->x, address_fact(j->x, args[k]));
        if (b && b->own_slot)
            fail(j, "argument %u may point into a slot of this frame", k);
    }
}

void judge_call(Judge *j, const InstData *i)
{
    if (op_has(i->op, EFFECT_R)) check_tail_call(j, i);
    uint32_t refs[64];
    bool all;
    uint32_t n = address_callees(j->x, i, refs, &all);
    if (!all) fail(j, "the callee is not known");
    for (uint32_t k = 0; k < n; k++) check_callee(j, i, refs[k]);
}
