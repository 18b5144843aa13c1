#include "ir/legalise.h"

#include "ir/build.h"

typedef struct {
    Builder b;
    const uint64_t *wanted; /* by slot: the alignment it asked for, 0 when it has it */
    uint32_t max_align;
} Legaliser;

bool legalise_is_needed(const Module *m, uint32_t max_align)
{
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        const Func *f = m->funcs.at[k];
        for (uint32_t s = 0; s < f->slots.n; s++)
            if (f->slots.at[s].align > max_align) return true;
    }
    return false;
}

/* Slots of less alignment and more bytes; NULL when all are well. */
static uint64_t *enlarge_slots(Func *f, uint32_t max_align, uint32_t *changed)
{
    uint64_t *wanted = NULL;
    for (uint32_t k = 0; k < f->slots.n; k++) {
        SlotData *s = &f->slots.at[k];
        if (s->align <= max_align) continue;
        if (!wanted) wanted = arena_array(f->arena, uint64_t, f->slots.n);
        wanted[k] = s->align;
        s->bytes += s->align - max_align;
        s->align = max_align;
        ++*changed;
    }
    return wanted;
}

static Value constant(Legaliser *l, int64_t n)
{
    return build_iconst(&l->b, TY_i64, n);
}

/* The first multiple of `align` that is at least the slot's address. */
static Value rounded_address(Legaliser *l, Slot slot, uint64_t align)
{
    int32_t slack = (int32_t)(align - l->max_align);
    Value end = build_stack_addr(&l->b, slot, slack);
    return build_binary(&l->b, OP_band, end, constant(l, -(int64_t)align));
}

/* Gives `i` another meaning, its result stays. */
static void become_sum(InstData *i, Value x, Value y)
{
    *i = (InstData){
        .op = OP_iadd,
        .type = TY_i64,
        .nresults = 1,
        .result = i->result,
        .nargs = 2,
        .args_.few = {x, y},
        .line = i->line,
    };
}

static void append_inst(Legaliser *l, Inst inst)
{
    Func *f = l->b.f;
    const InstData *i = func_inst(f, inst);
    uint64_t align = op_info[i->op].format == FORMAT_stack_addr ? l->wanted[i->entity] : 0;
    if (align) {
        int64_t offset = i->imm;
        Value start = rounded_address(l, (Slot){i->entity}, align);
        Value by = constant(l, offset);
        become_sum(func_inst(f, inst), start, by);
    }
    *vec_push(f->arena, &func_block(f, l->b.at)->insts) = inst;
}

static void legalise_block(Legaliser *l, Block b)
{
    BlockData *bd = func_block(l->b.f, b);
    const Inst *old = bd->insts.at;
    uint32_t n = bd->insts.n;
    bd->insts.at = NULL;
    bd->insts.n = bd->insts.cap = 0;
    l->b.at = b;
    for (uint32_t k = 0; k < n; k++) append_inst(l, old[k]);
}

static uint32_t legalise_func(Func *f, uint32_t max_align)
{
    uint32_t changed = 0;
    Legaliser l = {
        .b = {.f = f},
        .wanted = enlarge_slots(f, max_align, &changed),
        .max_align = max_align,
    };
    if (!l.wanted) return 0;
    for (uint32_t k = 0; k < f->layout.n; k++) legalise_block(&l, f->layout.at[k]);
    return changed;
}

uint32_t legalise_slots(Module *m, uint32_t max_align)
{
    uint32_t changed = 0;
    CHECK(is_power_of_two(max_align));
    for (uint32_t k = 0; k < m->funcs.n; k++) changed += legalise_func(m->funcs.at[k], max_align);
    return changed;
}
