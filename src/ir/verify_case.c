#include "ir/verify_local.h"

typedef struct {
    const Case *c;
    Arena *arena;
    Diag *d;
    uint32_t line; /* of the directive in work */
} CaseChecker;

#define fail(v, ...) diag_error((v)->d, (v)->line, (v)->line ? 1 : 0, __VA_ARGS__)

/* ---- heaps -------------------------------------------------------------------------------- */

static void check_cells(const CaseChecker *v, const Heap *h)
{
    for (uint32_t k = 0; k < h->cells.n; k++) {
        const HeapCell *cell = &h->cells.at[k];
        unsigned long long at = cell->offset;
        if (cell->heap >= v->c->heaps.n) {
            fail(v, "<heap%u>: cell %llu points to no heap", h->name, at);
            continue;
        }
        if (h->size < 8 || cell->offset > h->size - 8)
            fail(v, "<heap%u>: cell %llu lies outside", h->name, at);
        if (v->c->heaps.at[cell->heap].func != h->func)
            fail(v, "<heap%u>: cell %llu points to a heap of another function", h->name, at);
        for (uint32_t j = 0; j < k; j++) {
            uint64_t other = h->cells.at[j].offset;
            if (other < cell->offset + 8 && cell->offset < other + 8)
                fail(v, "<heap%u>: cells %llu and %llu overlap", h->name,
                     (unsigned long long)other, at);
        }
    }
}

static void check_heap(CaseChecker *v, uint32_t index)
{
    const Heap *h = &v->c->heaps.at[index];
    v->line = h->line;
    if (h->func >= v->c->module->funcs.n) fail(v, "<heap%u> belongs to no function", h->name);
    if (!is_power_of_two(h->align))
        fail(v, "<heap%u>: alignment %u is no power of two", h->name, h->align);
    else if (h->place == PLACE_END && h->size % h->align)
        fail(v, "<heap%u>: place=end needs a size that is a multiple of %u", h->name, h->align);
    if (h->fill == FILL_BYTES && h->bytes.n > h->size)
        fail(v, "<heap%u>: %zu bytes for %llu", h->name, h->bytes.n, (unsigned long long)h->size);
    if (h->fault && h->cells.n) fail(v, "<heap%u>: a fault heap holds no cells", h->name);
    for (uint32_t k = 0; k < index; k++) {
        const Heap *other = &v->c->heaps.at[k];
        if (other->func == h->func && other->name == h->name)
            fail(v, "a second <heap%u> for the same function", h->name);
    }
    check_cells(v, h);
}

/* ---- what runs pass, against contracts ---------------------------------------------------- */

/* Where an argument points: byte `offset` of a heap, whose start has the heap's alignment. */
typedef struct {
    const Heap *heap;
    int64_t offset;
} Place;

static void check_contract(const CaseChecker *v, const char *what, const Contract *c, Place p);

static void check_contract_cell(const CaseChecker *v, const char *what, const Cell *cell, Place p)
{
    int64_t at = p.offset + cell->offset;
    for (uint32_t k = 0; k < p.heap->cells.n; k++) {
        const HeapCell *found = &p.heap->cells.at[k];
        if ((int64_t)found->offset != at) continue;
        const char *inner = arena_printf(v->arena, "%s, cell %lld", what, (long long)cell->offset);
        Place target = {&v->c->heaps.at[found->heap], found->target_offset};
        check_contract(v, inner, &cell->target, target);
        return;
    }
    fail(v, "%s: the contract has a cell at %lld, <heap%u> has none at %lld", what,
         (long long)cell->offset, p.heap->name, (long long)at);
}

/* Bytes of a cell that the callee does not know of would be data to it. */
static void check_hidden_cells(const CaseChecker *v, const char *what, const Contract *c, Place p)
{
    for (uint32_t k = 0; k < p.heap->cells.n; k++) {
        int64_t at = (int64_t)p.heap->cells.at[k].offset - p.offset;
        bool known = at >= c->range.hi || at + 8 <= c->range.lo;
        for (uint32_t n = 0; n < c->cells.n; n++) known |= c->cells.at[n].offset == at;
        if (!known)
            fail(v, "%s covers the cell at %lld, which the contract does not know", what,
                 (long long)at);
    }
}

/* Whether what is known of `p` implies what `c` promises to the callee. */
static void check_contract(const CaseChecker *v, const char *what, const Contract *c, Place p)
{
    const Heap *h = p.heap;
    int64_t size = (int64_t)h->size;
    if (c->range.lo < c->range.hi && (p.offset + c->range.lo < 0 || p.offset + c->range.hi > size))
        fail(v, "%s: the contract's range %lld..%lld leaves <heap%u>%+lld of %lld bytes", what,
             (long long)c->range.lo, (long long)c->range.hi, h->name, (long long)p.offset,
             (long long)size);
    if (c->align > 1 && (h->align < c->align || (p.offset & (c->align - 1)) != c->skew))
        fail(v, "%s: <heap%u>%+lld is not known to be %u modulo %u", what, h->name,
             (long long)p.offset, c->skew, c->align);
    if (c->region != h->region) fail(v, "%s: the regions of contract and heap differ", what);
    if (c->fault != h->fault) fail(v, "%s: only one of contract and heap is inaccessible", what);
    for (uint32_t k = 0; k < c->cells.n; k++) check_contract_cell(v, what, &c->cells.at[k], p);
    check_hidden_cells(v, what, c, p);
}

/* ---- runs --------------------------------------------------------------------------------- */

static const char *argument_name(const CaseChecker *v, const Func *f, uint32_t k)
{
    return arena_printf(v->arena, "argument %u of %s", k, verifier_func_name(f, v->arena));
}

static void check_value(const CaseChecker *v, const char *what, const DataValue *got, Type want)
{
    if (got->type != want)
        fail(v, "%s has type %s, %s is needed", what, type_name(got->type), type_name(want));
    if (got->heap > v->c->heaps.n) fail(v, "%s names no heap", what);
}

static void check_address(const CaseChecker *v, const Run *r, uint32_t k, uint32_t param)
{
    const Func *f = v->c->module->funcs.at[r->func];
    const Contract *contract = func_contract(f, param);
    const DataValue *got = &r->args.at[k];
    const char *what = argument_name(v, f, k);
    if (contract && got->heap) {
        check_contract(v, what, contract, (Place){&v->c->heaps.at[got->heap - 1], got->offset});
    } else if (contract && !(contract->fault && bits_equal(got->bits, bits_of(0)))) {
        fail(v, "%s must be an address, and is a number", what);
    } else if (got->heap && v->c->discipline) {
        fail(v, "%s must be a number, and is an address", what);
    }
}

/* Arguments `i` and `j` for parameters that the contracts relate. */
static void check_relation(const CaseChecker *v, const Run *r, uint32_t i, uint32_t j)
{
    const Func *f = v->c->module->funcs.at[r->func];
    const DataValue *x = &r->args.at[i], *y = &r->args.at[j];
    const Contract *cx = func_contract(f, i), *cy = func_contract(f, j);
    if (!cx || !cy || !x->heap || !y->heap) return;
    bool same = x->heap == y->heap && x->offset == y->offset;
    bool overlap = x->heap == y->heap && x->offset + cx->range.lo < y->offset + cy->range.hi &&
                   y->offset + cy->range.lo < x->offset + cx->range.hi;
    switch (func_relation(f, i, j)) {
    case RELATION_any: break;
    case RELATION_disjoint:
        if (overlap) fail(v, "arguments %u and %u overlap, the contract says disjoint", i, j);
        break;
    case RELATION_same:
        if (!same) fail(v, "arguments %u and %u differ, the contract says same", i, j);
        break;
    }
}

/* With the older form of heap a vmctx parameter is not in the list. */
static bool has_vmctx(const CaseChecker *v, uint32_t func)
{
    for (uint32_t k = 0; k < v->c->heaps.n; k++)
        if (v->c->heaps.at[k].func == func && v->c->heaps.at[k].vmctx) return true;
    return false;
}

static void check_arguments(const CaseChecker *v, const Run *r)
{
    const Func *f = v->c->module->funcs.at[r->func];
    bool implicit = has_vmctx(v, r->func);
    uint32_t k = 0;
    for (uint32_t p = 0; p < f->sig.params.n; p++) {
        if (implicit && f->sig.params.at[p].purpose == PURPOSE_vmctx) continue;
        if (k < r->args.n) {
            check_value(v, argument_name(v, f, k), &r->args.at[k], f->sig.params.at[p].type);
            if (r->args.at[k].heap <= v->c->heaps.n) check_address(v, r, k, p);
        }
        k++;
    }
    if (r->args.n != k)
        fail(v, "%u arguments for %s, %u are needed", r->args.n, verifier_func_name(f, v->arena),
             k);
    for (uint32_t i = 0; i < r->args.n && !implicit && r->args.n == k; i++)
        for (uint32_t j = 0; j < i; j++) check_relation(v, r, i, j);
}

static void check_expected(const CaseChecker *v, const Run *r)
{
    const Func *f = v->c->module->funcs.at[r->func];
    const char *name = verifier_func_name(f, v->arena);
    if (r->kind == RUN_TRAPS) {
        if (r->trap == TRAP_none) fail(v, "the run must say its trap code");
        return;
    }
    if (r->kind == RUN_PRINT) return;
    if (r->expect == EXPECT_TRUE) {
        if (f->sig.returns.n != 1 || !type_is_int(f->sig.returns.at[0].type))
            fail(v, "%s must return one integer to be compared with nothing", name);
        return;
    }
    if (r->results.n != f->sig.returns.n)
        fail(v, "%u results, %s returns %u", r->results.n, name, f->sig.returns.n);
    for (uint32_t k = 0; k < r->results.n && k < f->sig.returns.n; k++)
        check_value(v, arena_printf(v->arena, "result %u", k), &r->results.at[k],
                    f->sig.returns.at[k].type);
}

static void check_heap_check(CaseChecker *v, const Run *r, const HeapCheck *check)
{
    v->line = check->line;
    if (check->heap >= v->c->heaps.n) {
        fail(v, "check-heap names no heap");
        return;
    }
    const Heap *h = &v->c->heaps.at[check->heap];
    if (h->func != r->func) fail(v, "<heap%u> is not a heap of this run", h->name);
    uint64_t n = check->bytes.at ? check->bytes.n : check->size;
    if (n > h->size || check->offset > h->size - n)
        fail(v, "check-heap leaves <heap%u> of %llu bytes", h->name, (unsigned long long)h->size);
}

static void check_run(CaseChecker *v, const Run *r)
{
    v->line = r->line;
    if (r->func >= v->c->module->funcs.n) {
        fail(v, "the run names no function");
        return;
    }
    check_arguments(v, r);
    check_expected(v, r);
    for (uint32_t k = 0; k < r->checks.n; k++) check_heap_check(v, r, &r->checks.at[k]);
}

bool case_verify(const Case *c, Arena *scratch, Diag *d)
{
    uint32_t before = d->errors;
    ArenaMark mark = arena_mark(scratch);
    CaseChecker v = {.c = c, .arena = scratch, .d = d};
    module_verify(c->module, c->discipline ? VERIFY_DISCIPLINE : VERIFY_STRUCTURE, scratch, d);
    for (uint32_t k = 0; k < c->heaps.n; k++) check_heap(&v, k);
    if (d->errors == before)
        for (uint32_t k = 0; k < c->runs.n; k++) check_run(&v, &c->runs.at[k]);
    if (d->errors == before || scratch != d->arena) arena_release(scratch, mark);
    return d->errors == before;
}
