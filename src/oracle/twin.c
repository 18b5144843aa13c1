#include "oracle/twin.h"

#include "ir/build.h"
#include "ir/legalise.h"

/* The wrapper while it is built. */
typedef struct {
    Builder b;
    const Case *c;
    const Image *image;
    Slot *slots; /* by heap of the case */
} Twin;

static const MemFlags no_flags;

static bool is_used(const Case *c, uint32_t heap, uint32_t func)
{
    return c->heaps.at[heap].func == func;
}

/* Why the run has no twin; NULL when it has one. */
static const char *obstacle(const Case *c, uint32_t func)
{
    for (uint32_t k = 0; k < c->heaps.n; k++) {
        const Heap *h = &c->heaps.at[k];
        if (!is_used(c, k, func)) continue;
        if (h->fault) return "a fault heap";
        if (h->vmctx) return "a heap of the older form";
        if (h->size > TWIN_HEAP_BYTES) return "a heap too large for a wrapper";
    }
    return NULL;
}

/* What a heap is less aligned than slots are, the slot begins before it. */
static uint64_t slot_skew(const PlacedHeap *p)
{
    return (uint64_t)(uintptr_t)p->base % TWIN_SLOT_ALIGN;
}

static Value heap_address(Twin *t, uint32_t heap, int64_t offset)
{
    int64_t skew = (int64_t)slot_skew(image_heap(t->image, heap));
    return build_stack_addr(&t->b, t->slots[heap], (int32_t)(skew + offset));
}

static const HeapCell *cell_at(const Heap *h, uint64_t offset)
{
    for (uint32_t k = 0; k < h->cells.n; k++)
        if (h->cells.at[k].offset < offset + 8 && offset < h->cells.at[k].offset + 8)
            return &h->cells.at[k];
    return NULL;
}

static void store_bytes(Twin *t, const uint8_t *from, Value at, uint64_t offset, unsigned n)
{
    static const Type types[] = {[1] = TY_i8, [2] = TY_i16, [4] = TY_i32, [8] = TY_i64};
    uint64_t bytes = 0;
    memcpy(&bytes, from + offset, n);
    Value v = build_iconst(&t->b, types[n], (int64_t)bytes);
    build_store(&t->b, OP_store, no_flags, v, at, (int32_t)offset);
}

/* The widest step from `offset` that ends within `size`. */
static unsigned step(uint64_t offset, uint64_t size)
{
    unsigned n = 8;
    while (offset + n > size) n /= 2;
    return n;
}

static void fill(Twin *t, uint32_t heap)
{
    const Heap *h = &t->c->heaps.at[heap];
    const PlacedHeap *p = image_heap(t->image, heap);
    uint32_t n, k = 0;
    const PlacedHeap *all = image_heaps(t->image, &n);
    while (&all[k] != p) k++;
    Value at = heap_address(t, heap, 0);
    unsigned bytes;
    for (uint64_t offset = 0; offset < h->size; offset += bytes) {
        bytes = step(offset, h->size);
        store_bytes(t, image_first(t->image, k), at, offset, bytes);
    }
    for (uint32_t m = 0; m < h->cells.n; m++) {
        const HeapCell *cell = &h->cells.at[m];
        Value target = heap_address(t, cell->heap, cell->target_offset);
        build_store(&t->b, OP_store, no_flags, target, at, (int32_t)cell->offset);
    }
}

/* sum := rotl(sum ^ next word, 7), cells left out: their addresses are the machine's. */
static Value fold(Twin *t, uint32_t heap, Value sum)
{
    const Heap *h = &t->c->heaps.at[heap];
    Value at = heap_address(t, heap, 0);
    unsigned bytes;
    for (uint64_t offset = 0; offset < h->size; offset += bytes) {
        static const Op narrow[] = {[1] = OP_uload8, [2] = OP_uload16, [4] = OP_uload32,
                                    [8] = OP_load};
        bytes = cell_at(h, offset) ? 1 : step(offset, h->size);
        const HeapCell *cell = cell_at(h, offset);
        if (cell && offset >= cell->offset) continue;
        Value word = build_load(&t->b, narrow[bytes], TY_i64, no_flags, at, (int32_t)offset);
        sum = build_binary(&t->b, OP_bxor, sum, word);
        sum = build_binary(&t->b, OP_rotl, sum, build_iconst(&t->b, TY_i64, 7));
    }
    return sum;
}

static Value argument(Twin *t, const DataValue *v)
{
    if (v->heap) return heap_address(t, v->heap - 1, v->offset);
    return build_bits(&t->b, v->type, v->bits);
}

static void call_and_return(Twin *t, const Run *run)
{
    Func *f = t->b.f;
    Arena *a = f->arena;
    Value *args = arena_array(a, Value, run->args.n + 1);
    for (uint32_t k = 0; k < run->args.n; k++) args[k] = argument(t, &run->args.at[k]);
    Inst call = build_call(&t->b, build_ref(f, run->func), args, run->args.n);
    uint32_t n = func_inst(f, call)->nresults;
    Value *results = arena_array(a, Value, n + 1);
    for (uint32_t k = 0; k < n; k++) results[k] = inst_result(func_inst(f, call), k);
    Value sum = build_iconst(&t->b, TY_i64, 0);
    for (uint32_t k = 0; k < t->c->heaps.n; k++)
        if (is_used(t->c, k, run->func)) sum = fold(t, k, sum);
    results[n] = sum;
    build_return(&t->b, results, n + 1);
}

static Func *build_wrapper(const Case *c, Module *m, const Run *run, const Image *image)
{
    const Func *callee = m->funcs.at[run->func];
    Signature sig = {0};
    for (uint32_t k = 0; k < callee->sig.returns.n; k++)
        *vec_push(m->arena, &sig.returns) = (AbiParam){.type = callee->sig.returns.at[k].type};
    vec_push(m->arena, &sig.returns)->type = TY_i64;
    Func *f = func_create(m, funcname_text("twin"), &sig);
    Twin t = {builder_at(f, build_entry(f)), c, image, arena_array(m->arena, Slot, c->heaps.n + 1)};
    for (uint32_t k = 0; k < c->heaps.n; k++) {
        const Heap *h = &c->heaps.at[k];
        if (!is_used(c, k, run->func)) continue;
        uint64_t skew = slot_skew(image_heap(image, k));
        t.slots[k] = build_slot(f, h->size + skew, skew ? TWIN_SLOT_ALIGN : h->align);
    }
    for (uint32_t k = 0; k < c->heaps.n; k++)
        if (is_used(c, k, run->func)) fill(&t, k);
    call_and_return(&t, run);
    return f;
}

static const Config *interpreter(const Judge *j)
{
    const ConfigVec *configs = judge_configs(j);
    for (uint32_t k = 0; k < configs->n; k++)
        if (configs->at[k]->backend->run) return configs->at[k];
    return NULL;
}

/* The wrapper's run line, with what the interpreter returns. False when it does not return. */
static bool add_run(Judge *j, Case *twin, const Func *wrapper, const char **reason)
{
    const Config *config = interpreter(j);
    Run *run = vec_push(twin->arena, &twin->runs);
    run->func = twin->module->funcs.n - 1;
    run->expect = EXPECT_EQUAL;
    Outcome o = {.kind = OUTCOME_refused};
    *reason = "the interpreter is not among the configurations";
    if (!config || !judge_compile(j, config, twin, reason)) return false;
    if (!judge_place(j, twin, run, reason)) return false;
    judge_run(j, config, twin, run, &o);
    *reason = "the run does not return";
    if (o.kind != OUTCOME_returned) return false;
    for (uint32_t k = 0; k < o.nresults; k++)
        *vec_push(twin->arena, &run->results) =
            (DataValue){.type = wrapper->sig.returns.at[k].type, .bits = o.results[k]};
    return true;
}

Case *twin_make(Judge *j, const Case *c, uint32_t run, Arena *a, const char **reason)
{
    const Run *r = &c->runs.at[run];
    *reason = obstacle(c, r->func);
    if (*reason || !judge_place(j, c, r, reason)) return NULL;
    Case *twin = case_create(a);
    twin->module = module_clone(c->module, a);
    Func *wrapper = build_wrapper(c, twin->module, r, judge_image(j));
    legalise_slots(twin->module, TWIN_SLOT_ALIGN);
    return add_run(j, twin, wrapper, reason) ? twin : NULL;
}
