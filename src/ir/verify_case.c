#include "ir/verify_local.h"

/* Where an argument points: byte `offset` of a heap, whose start has the heap's alignment. */
typedef struct {
    const Heap *heap;
    int64_t offset;
} Place;

/* An argument that was found to keep a contract. */
typedef struct {
    const Contract *contract;
    Place place;
} Kept;

typedef struct {
    const Case *c;
    Arena *arena;
    Diag *d;
    uint32_t line;  /* of the directive in work */
    const Func *f;  /* whose run is in work */
    bool *implicit; /* by function: a vmctx parameter is not in the run's list */
    Kept kept[64];
} CaseChecker;

#define fail(v, ...) diag_error((v)->d, (v)->line, (v)->line ? 1 : 0, __VA_ARGS__)

/* `%f: argument 1 FORMAT` */
#define fail_about(v, what, format, ...) \
    fail((v), "%s: %s " format, verifier_func_name((v)->f, (v)->arena), \
         subject_text((what), (v)->arena), ##__VA_ARGS__)

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
            fail(v, "<heap%u>: cell %llu lies outside of its %llu bytes", h->name, at,
                 (unsigned long long)h->size);
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
    for (const Heap *other = h; other > v->c->heaps.at && other[-1].func == h->func; other--)
        if (other[-1].name == h->name) fail(v, "a second <heap%u> for the function", h->name);
    check_cells(v, h);
}

/* ---- what runs pass, against contracts ---------------------------------------------------- */

static void check_place(const CaseChecker *v, const Subject *what, const Contract *c, Place p)
{
    const Heap *h = p.heap;
    int64_t size = (int64_t)h->size;
    if (c->range.lo < c->range.hi && (p.offset + c->range.lo < 0 || p.offset + c->range.hi > size))
        fail_about(v, what, "with range %lld..%lld leaves <heap%u>%+lld of %lld bytes",
                   (long long)c->range.lo, (long long)c->range.hi, h->name, (long long)p.offset,
                   (long long)size);
    if (c->align > 1 && (h->align < c->align || (p.offset & (c->align - 1)) != c->skew))
        fail_about(v, what, "is <heap%u>%+lld, which is not known to be %u modulo %u", h->name,
                   (long long)p.offset, c->skew, c->align);
    if (c->region != h->region) fail_about(v, what, "and its heap have different regions");
    if (c->fault != h->fault) fail_about(v, what, "or its heap is inaccessible, not both");
}

/* Bytes of a cell that the callee does not know of would be data to it. */
static void check_hidden_cells(const CaseChecker *v, const Subject *what, const Contract *c,
                               Place p)
{
    for (uint32_t k = 0; k < p.heap->cells.n; k++) {
        int64_t at = (int64_t)p.heap->cells.at[k].offset - p.offset;
        bool known = at >= c->range.hi || at + 8 <= c->range.lo;
        for (uint32_t n = 0; n < c->cells.n && !known; n++) known = c->cells.at[n].offset == at;
        if (!known)
            fail_about(v, what, "covers the cell at %lld, which the contract does not know",
                       (long long)at);
    }
}

static const HeapCell *find_cell(const Heap *h, int64_t offset)
{
    for (uint32_t k = 0; k < h->cells.n; k++)
        if ((int64_t)h->cells.at[k].offset == offset) return &h->cells.at[k];
    return NULL;
}

/* Whether what is known of `p` implies what `c` promises to the callee. */
static void check_contract(const CaseChecker *v, const Subject *what, const Contract *c, Place p)
{
    check_place(v, what, c, p);
    check_hidden_cells(v, what, c, p);
    for (uint32_t k = 0; k < c->cells.n; k++) {
        const Cell *cell = &c->cells.at[k];
        const HeapCell *found = find_cell(p.heap, p.offset + cell->offset);
        Subject inner = {.word = "cell", .number = cell->offset, .within = what};
        if (found)
            check_contract(v, &inner, &cell->target,
                           (Place){&v->c->heaps.at[found->heap], found->target_offset});
        else
            fail_about(v, &inner, "is none: <heap%u> has no cell at %lld", p.heap->name,
                       (long long)(p.offset + cell->offset));
    }
}

/* Runs that pass what others passed cost no second look. */
static void check_kept(CaseChecker *v, const Subject *what, const Contract *c, Place p)
{
    Kept *kept = &v->kept[(uint64_t)p.offset % countof(v->kept)];
    if (kept->contract == c && kept->place.heap == p.heap && kept->place.offset == p.offset)
        return;
    uint32_t before = v->d->errors;
    check_contract(v, what, c, p);
    if (v->d->errors == before) *kept = (Kept){c, p};
}

/* ---- runs --------------------------------------------------------------------------------- */

static void check_value(const CaseChecker *v, const Subject *what, const DataValue *got, Type want)
{
    if (got->type != want)
        fail_about(v, what, "has type %s, %s is needed", type_name(got->type), type_name(want));
    if (got->heap > v->c->heaps.n) fail_about(v, what, "names no heap");
}

static void check_argument(CaseChecker *v, uint32_t k, const DataValue *got, uint32_t param)
{
    const Contract *contract = func_contract(v->f, param);
    const Subject what = {.word = "argument", .number = k};
    check_value(v, &what, got, v->f->sig.params.at[param].type);
    if (got->heap > v->c->heaps.n) return;
    bool is_null = !got->heap && bits_equal(got->bits, bits_of(0));
    if (contract && got->heap)
        check_kept(v, &what, contract, (Place){&v->c->heaps.at[got->heap - 1], got->offset});
    else if (contract && !(contract->fault && is_null))
        fail_about(v, &what, "must be an address, and is a number");
    else if (got->heap && v->c->discipline)
        fail_about(v, &what, "must be a number, and is an address");
}

/* Arguments for parameters `i` and, below it, `j`, which the contracts relate. */
static void check_relation(const CaseChecker *v, const Run *r, uint32_t i, uint32_t j)
{
    const DataValue *x = &r->args.at[i], *y = &r->args.at[j];
    const Contract *cx = func_contract(v->f, i), *cy = func_contract(v->f, j);
    if (!cx || !cy || !x->heap || !y->heap) return;
    bool same = x->heap == y->heap && x->offset == y->offset;
    bool overlap = x->heap == y->heap && x->offset + cx->range.lo < y->offset + cy->range.hi &&
                   y->offset + cy->range.lo < x->offset + cx->range.hi;
    if (cx->relations[j] == RELATION_disjoint && overlap)
        fail(v, "arguments %u and %u overlap, the contract says disjoint", i, j);
    if (cx->relations[j] == RELATION_same && !same)
        fail(v, "arguments %u and %u differ, the contract says same", i, j);
}

static void check_relations(const CaseChecker *v, const Run *r)
{
    for (uint32_t i = 0; i < r->args.n && v->f->contracts; i++) {
        const Relation *relations = v->f->contracts[i].relations;
        for (uint32_t j = 0; relations && j < i; j++)
            if (relations[j] != RELATION_any) check_relation(v, r, i, j);
    }
}

static void check_arguments(CaseChecker *v, const Run *r)
{
    bool implicit = v->implicit[r->func];
    uint32_t k = 0;
    for (uint32_t p = 0; p < v->f->sig.params.n; p++) {
        if (implicit && v->f->sig.params.at[p].purpose == PURPOSE_vmctx) continue;
        if (k < r->args.n) check_argument(v, k, &r->args.at[k], p);
        k++;
    }
    if (r->args.n != k)
        fail(v, "%u arguments for %s, %u are needed", r->args.n,
             verifier_func_name(v->f, v->arena), k);
    else if (!implicit)
        check_relations(v, r);
}

static void check_expected(const CaseChecker *v, const Run *r)
{
    const Signature *sig = &v->f->sig;
    if (r->kind == RUN_TRAPS && r->trap == TRAP_none) fail(v, "the run must say its trap code");
    if (r->kind != RUN_RUN) return;
    if (r->expect == EXPECT_TRUE) {
        if (sig->returns.n != 1 || !type_is_int(sig->returns.at[0].type))
            fail(v, "%s must return one integer to be compared with nothing",
                 verifier_func_name(v->f, v->arena));
        return;
    }
    if (r->results.n != sig->returns.n)
        fail(v, "%u results, %s returns %u", r->results.n, verifier_func_name(v->f, v->arena),
             sig->returns.n);
    for (uint32_t k = 0; k < r->results.n && k < sig->returns.n; k++) {
        const Subject what = {.word = "result", .number = k};
        check_value(v, &what, &r->results.at[k], sig->returns.at[k].type);
    }
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
    v->f = v->c->module->funcs.at[r->func];
    check_arguments(v, r);
    check_expected(v, r);
    for (uint32_t k = 0; k < r->checks.n; k++) check_heap_check(v, r, &r->checks.at[k]);
}

/* ---- cases -------------------------------------------------------------------------------- */

enum { ERRORS_MAX = 1000 }; /* no more are looked for */

static void check_case(CaseChecker *v)
{
    const Case *c = v->c;
    uint32_t before = v->d->errors;
    v->implicit = arena_array(v->arena, bool, c->module->funcs.n);
    for (uint32_t k = 0; k < c->heaps.n; k++) check_heap(v, k);
    if (v->d->errors != before) return;
    for (uint32_t k = 0; k < c->heaps.n; k++)
        v->implicit[c->heaps.at[k].func] |= c->heaps.at[k].vmctx;
    for (uint32_t k = 0; k < c->runs.n && v->d->errors - before < ERRORS_MAX; k++)
        check_run(v, &c->runs.at[k]);
}

bool case_verify(const Case *c, Arena *scratch, Diag *d)
{
    uint32_t before = d->errors;
    ArenaMark mark = arena_mark(scratch);
    CaseChecker v = {.c = c, .arena = scratch, .d = d};
    module_verify(c->module, c->discipline ? VERIFY_DISCIPLINE : VERIFY_STRUCTURE, scratch, d);
    check_case(&v);
    if (d->errors == before || scratch != d->arena) arena_release(scratch, mark);
    return d->errors == before;
}
