/* The parts of contracts, heaps and indices that DESIGN's section on addresses names: each occurs
 * in one of a hundred cases at least. */
#include "base/rng.h"
#include "gen/gen.h"
#include "ir/address.h"
#include "ir/case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { SEEDS = 5000, LEAST = SEEDS / 100 };

#define SHAPES \
    SHAPE(range_before)    /* a range that begins before the pointer */ \
    SHAPE(range_after)     /* and one that begins behind it or at it */ \
    SHAPE(aligned)         SHAPE(skewed) \
    SHAPE(region)          SHAPE(readonly) \
    SHAPE(nowrite)         SHAPE(writable) \
    SHAPE(init_part)       /* some bytes of the range are not initialised on entry */ \
    SHAPE(cell)            SHAPE(fault) \
    SHAPE(same)            SHAPE(disjoint)       SHAPE(overlap) \
    SHAPE(heap_end)        SHAPE(heap_start)     SHAPE(heap_shared) \
    SHAPE(heap_4)          SHAPE(heap_8)         SHAPE(heap_12)      SHAPE(heap_20) \
    SHAPE(heap_cell) \
    SHAPE(index_ishl)      SHAPE(index_imul)     SHAPE(index_isub)   SHAPE(index_bor) \
    SHAPE(index_uextend)   SHAPE(index_sextend)  SHAPE(index_band)   SHAPE(index_umin) \
    SHAPE(index_urem)      SHAPE(index_select)   SHAPE(index_ushr)   SHAPE(index_load) \
    SHAPE(far_offset)      /* an offset beyond 2^30 */

enum {
#define SHAPE(name) SHAPE_##name,
    SHAPES
#undef SHAPE
    SHAPE_COUNT
};

static const char *const names[] = {
#define SHAPE(name) #name,
    SHAPES
#undef SHAPE
};

typedef struct {
    bool seen[SHAPE_COUNT];
} Shapes;

/* ---- contracts ---------------------------------------------------------------------------- */

static void note_contract(Shapes *s, const Contract *k)
{
    s->seen[SHAPE_range_before] |= k->range.lo < 0;
    s->seen[SHAPE_range_after] |= k->range.lo >= 0;
    s->seen[SHAPE_aligned] |= k->align >= 16;
    s->seen[SHAPE_skewed] |= k->skew != 0;
    s->seen[SHAPE_region] |= k->region != 0;
    s->seen[SHAPE_readonly] |= k->readonly;
    s->seen[SHAPE_nowrite] |= k->nowrite && !k->readonly;
    s->seen[SHAPE_writable] |= !k->nowrite;
    s->seen[SHAPE_init_part] |= k->init.n && k->init.at[0].hi < k->range.hi;
    s->seen[SHAPE_cell] |= k->cells.n != 0;
    s->seen[SHAPE_fault] |= k->fault;
}

static void note_contracts(Shapes *s, const Func *f)
{
    static const int of_relation[] = {
        [RELATION_any] = SHAPE_overlap, [RELATION_disjoint] = SHAPE_disjoint,
        [RELATION_same] = SHAPE_same,
    };
    for (uint32_t k = 0; k < f->sig.params.n; k++) {
        if (!func_contract(f, k)) continue;
        note_contract(s, func_contract(f, k));
        for (uint32_t n = 0; n < k; n++)
            if (func_contract(f, n)) s->seen[of_relation[func_relation(f, n, k)]] = true;
    }
}

/* ---- heaps -------------------------------------------------------------------------------- */

static void note_heaps(Shapes *s, const Case *c)
{
    uint32_t args[64] = {0};
    const Run *r = &c->runs.at[0];
    for (uint32_t k = 0; k < r->args.n; k++)
        if (r->args.at[k].heap) s->seen[SHAPE_heap_shared] |= args[r->args.at[k].heap - 1]++ != 0;
    for (uint32_t k = 0; k < c->heaps.n; k++) {
        const Heap *h = &c->heaps.at[k];
        bool at_end = h->place == PLACE_END;
        s->seen[SHAPE_heap_end] |= at_end;
        s->seen[SHAPE_heap_start] |= h->place == PLACE_START;
        s->seen[SHAPE_heap_4] |= at_end && h->size == 4;
        s->seen[SHAPE_heap_8] |= at_end && h->size == 8;
        s->seen[SHAPE_heap_12] |= at_end && h->size == 12;
        s->seen[SHAPE_heap_20] |= at_end && h->size == 20;
        s->seen[SHAPE_heap_cell] |= h->cells.n != 0;
    }
}

/* ---- indices ------------------------------------------------------------------------------ */

static const struct {
    Op op;
    int shape;
} index_ops[] = {
    {OP_ishl, SHAPE_index_ishl},       {OP_imul, SHAPE_index_imul},
    {OP_isub, SHAPE_index_isub},       {OP_bor, SHAPE_index_bor},
    {OP_uextend, SHAPE_index_uextend}, {OP_sextend, SHAPE_index_sextend},
    {OP_band, SHAPE_index_band},       {OP_umin, SHAPE_index_umin},
    {OP_urem, SHAPE_index_urem},       {OP_select, SHAPE_index_select},
    {OP_ushr, SHAPE_index_ushr},       {OP_load, SHAPE_index_load},
};

/* What the number `v` is computed with. */
static void note_number(Shapes *s, const Func *f, Value v, unsigned depth)
{
    const InstData *i = func_def(f, v);
    if (!i || !depth) return;
    for (size_t k = 0; k < countof(index_ops); k++)
        if (index_ops[k].op == i->op) s->seen[index_ops[k].shape] = true;
    for (uint32_t k = 0; k < i->nargs && i->op != OP_load; k++)
        note_number(s, f, inst_args_const(i)[k], depth - 1);
}

static void note_address(Shapes *s, const Addresses *x, Value v, unsigned depth)
{
    const InstData *i = func_def(x->f, v);
    if (!i || !depth || i->op != OP_iadd) return;
    for (unsigned k = 0; k < 2; k++) {
        Value part = inst_args_const(i)[k];
        const Fact *p = address_fact(x, part);
        if (p->kind == FACT_address) note_address(s, x, part, depth - 1);
        else if (p->kind == FACT_number && !number_is_exact(&p->n)) note_number(s, x->f, part, 6);
    }
}

static void note_accesses(Shapes *s, const Func *f, Arena *a)
{
    const Addresses *x = address_derive(f, cfg_compute(f, a), a);
    for (uint32_t k = 0; k < x->cfg->norder; k++) {
        const BlockData *bd = func_block(f, x->cfg->order[k]);
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            const InstData *i = func_inst(f, bd->insts.at[n]);
            Access access;
            if (!inst_access(i, &access)) continue;
            note_address(s, x, inst_args_const(i)[access.address], 4);
            s->seen[SHAPE_far_offset] |= access.offset > 1 << 30 || access.offset < -(1 << 30);
        }
    }
}

/* ------------------------------------------------------------------------------------------- */

static void each_shape_occurs(void **state)
{
    (void)state;
    static uint8_t bytes[GEN_SEED_BYTES];
    uint32_t count[SHAPE_COUNT] = {0};
    Arena *a = arena_create();
    for (uint64_t seed = 0; seed < SEEDS; seed++, arena_reset(a)) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Case *c = gen_next(&in, NULL, a);
        Shapes s = {0};
        for (uint32_t k = 0; k < c->module->funcs.n; k++) {
            const Func *f = c->module->funcs.at[k];
            if (k + 1 < c->module->funcs.n) note_contracts(&s, f); /* of what is called */
            note_accesses(&s, f, a);
        }
        note_heaps(&s, c);
        for (int k = 0; k < SHAPE_COUNT; k++) count[k] += s.seen[k];
    }
    for (int k = 0; k < SHAPE_COUNT; k++) {
        if (count[k] >= LEAST) continue;
        print_error("%s: %u of %d cases\n", names[k], count[k], SEEDS);
    }
    for (int k = 0; k < SHAPE_COUNT; k++) assert_true(count[k] >= LEAST);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_shape_occurs)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
