#include "reduce/tidy.h"

/* Where the entities of one kind go: the k-th one left has the number k. */
typedef struct {
    uint32_t *place; /* NO_INDEX for what goes */
    uint32_t n;
} Places;

static Places places_of(uint32_t n, Arena *a)
{
    Places p = {arena_array(a, uint32_t, n + 1), 0};
    memset(p.place, 0xff, n * sizeof *p.place);
    return p;
}

static uint32_t keep(Places *p, uint32_t k)
{
    if (p->place[k] == NO_INDEX) p->place[k] = p->n++;
    return p->place[k];
}

/* Calls `visit` for each instruction in the order of the text. */
typedef void Visit(Func *f, InstData *i, Places *p);

static void visit_insts(Func *f, Visit *visit, Places *p)
{
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++) visit(f, func_inst(f, bd->insts.at[k]), p);
    }
}

static bool names(const InstData *i, char letter)
{
    return strchr(format_operands[inst_op(i)->format], letter) != NULL;
}

/* Moves what is left of a vector to its places, and numbers it. */
#define MOVE(f, list, p, number)                                                    \
    do {                                                                            \
        __typeof__((list)->at) old_ = (list)->at;                                   \
        (list)->at = arena_alloc((f)->arena, sizeof *old_ * ((size_t)(p).n + 1));   \
        for (uint32_t k_ = 0; k_ < (list)->n; k_++) {                               \
            uint32_t to_ = (p).place[k_];                                           \
            if (to_ == NO_INDEX) continue;                                          \
            (list)->at[to_] = old_[k_];                                             \
            (list)->at[to_].number = to_;                                           \
        }                                                                           \
        (list)->n = (p).n;                                                          \
        (list)->cap = (p).n + 1;                                                    \
    } while (0)

static void visit_slot(Func *f, InstData *i, Places *p)
{
    (void)f;
    if (names(i, 'l')) i->entity = keep(p, i->entity);
}

static void visit_constant(Func *f, InstData *i, Places *p)
{
    (void)f;
    if (names(i, 'k') || names(i, 's')) i->entity = keep(p, i->entity);
}

static void visit_region(Func *f, InstData *i, Places *p)
{
    (void)f;
    if (i->flags.region) i->flags.region = (uint8_t)(keep(p, i->flags.region - 1u) + 1);
}

static void visit_ref(Func *f, InstData *i, Places *p)
{
    (void)f;
    if (names(i, 'F')) i->entity = keep(p, i->entity);
}

static void visit_sig(Func *f, InstData *i, Places *p)
{
    (void)f;
    if (names(i, 'S')) i->entity = keep(p, i->entity);
}

/* Slots may be named by stack maps, regions by global values: those functions stay as they are. */
static void tidy_entities(Func *f)
{
    if (f->notes.n || f->globals.n || f->tables.n || f->dyn_types.n || f->stack_limit) return;
    Places slots = places_of(f->slots.n, f->arena), refs = places_of(f->refs.n, f->arena),
           sigs = places_of(f->sigs.n, f->arena), regions = places_of(f->regions.n, f->arena),
           constants = places_of(f->constants.n, f->arena);
    visit_insts(f, visit_slot, &slots);
    for (uint32_t k = 0; k < f->slots.n; k++) keep(&slots, k); /* a frame's size may matter */
    visit_insts(f, visit_constant, &constants);
    visit_insts(f, visit_region, &regions);
    visit_insts(f, visit_ref, &refs);
    visit_insts(f, visit_sig, &sigs);
    for (uint32_t k = 0; k < f->refs.n; k++)
        if (refs.place[k] != NO_INDEX) f->refs.at[k].sig.i = keep(&sigs, f->refs.at[k].sig.i);
    MOVE(f, &f->slots, slots, name);
    MOVE(f, &f->constants, constants, name);
    MOVE(f, &f->regions, regions, name);
    MOVE(f, &f->sigs, sigs, name);
    MOVE(f, &f->refs, refs, ref);
}

static void number_values(Func *f)
{
    f->value_names = f->block_names = 0;
    for (uint32_t b = 0; b < f->layout.n; b++) {
        BlockData *bd = func_block(f, f->layout.at[b]);
        bd->name = f->block_names++;
        for (uint32_t k = 0; k < bd->params.n; k++)
            func_value(f, bd->params.at[k])->name = f->value_names++;
        for (uint32_t k = 0; k < bd->insts.n; k++) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            for (unsigned r = 0; r < i->nresults; r++)
                func_value(f, inst_result(i, r))->name = f->value_names++;
        }
    }
}

/* Heaps that neither an argument nor a cell of a heap mentions. */
static void drop_heaps(Case *c)
{
    Places heaps = places_of(c->heaps.n, c->arena);
    Run *run = &c->runs.at[0];
    if (run->checks.n) return;
    for (uint32_t k = 0; k < c->heaps.n; k++)
        if (c->heaps.at[k].vmctx) return;
    for (uint32_t k = 0; k < run->args.n; k++)
        if (run->args.at[k].heap) keep(&heaps, run->args.at[k].heap - 1);
    for (uint32_t seen = 0; seen < heaps.n; seen++)
        for (uint32_t k = 0; k < c->heaps.n; k++)
            for (uint32_t n = 0; heaps.place[k] == seen && n < c->heaps.at[k].cells.n; n++)
                keep(&heaps, c->heaps.at[k].cells.at[n].heap);
    for (uint32_t k = 0; k < run->args.n; k++)
        if (run->args.at[k].heap)
            run->args.at[k].heap = heaps.place[run->args.at[k].heap - 1] + 1;
    for (uint32_t k = 0; k < c->heaps.n; k++)
        for (uint32_t n = 0; n < c->heaps.at[k].cells.n; n++) {
            HeapCell *cell = &c->heaps.at[k].cells.at[n];
            cell->heap = heaps.place[cell->heap];
        }
    MOVE(c, &c->heaps, heaps, name);
}

void tidy_case(Case *c)
{
    drop_heaps(c);
    for (uint32_t k = 0; k < c->module->funcs.n; k++) tidy_entities(c->module->funcs.at[k]);
}

void number_case(Case *c)
{
    for (uint32_t k = 0; k < c->module->funcs.n; k++) number_values(c->module->funcs.at[k]);
    for (uint32_t k = 0; k < c->heaps.n; k++) c->heaps.at[k].name = k;
}
