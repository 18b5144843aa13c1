/* A module in the terms of an older dialect (dialect.h). */
#include "ir/build.h"
#include "ir/dialect.h"
#include "ir/legalise.h"

enum {
    SLOT_ALIGN = 8,   /* of every slot, before they could ask */
    REGION_FLAGS = 4, /* heap, table, vmctx, and none */
};

static bool is_access(const InstData *i) { return op_access_bytes(i->op, (Type)i->type) != 0; }

static void say_trap(const Dialect *d, MemFlags *flags)
{
    bool is_default = flags->trap == TRAP_heap_oob;
    if (is_default || !dialect_says_trap(d, flags->trap)) flags->trap = TRAP_none;
}

static void say_can_move(MemFlags *flags)
{
    if (!(flags->bits & MEMFLAG_can_move)) flags->bits &= ~MEMFLAG_readonly;
    flags->bits &= ~MEMFLAG_can_move;
}

static void say_region(const Func *f, MemFlags *flags)
{
    if (!flags->region) return;
    uint32_t number = f->regions.at[flags->region - 1].number;
    if (number % REGION_FLAGS == REGION_FLAGS - 1) flags->region = 0;
}

/* Whether some accesses have a region and others have none. */
static bool has_both(const Func *f)
{
    bool tagged = false, bare = false;
    for (uint32_t k = 0; k < f->insts.n; k++) {
        const InstData *i = &f->insts.at[k];
        if (!is_access(i)) continue;
        tagged |= i->flags.region != 0;
        bare |= i->flags.region == 0;
    }
    return tagged && bare;
}

static void say_access(const Dialect *d, const Func *f, MemFlags *flags, bool drop)
{
    say_trap(d, flags);
    if (!d->can_move) say_can_move(flags);
    if (drop) flags->region = 0;
    else if (!d->regions) say_region(f, flags);
}

static void say_flags(const Dialect *d, Func *f, bool consistent)
{
    bool drop = !d->regions && !consistent && has_both(f);
    for (uint32_t k = 0; k < f->insts.n; k++)
        if (is_access(&f->insts.at[k])) say_access(d, f, &f->insts.at[k].flags, drop);
    for (uint32_t k = 0; k < f->globals.n; k++)
        if (f->globals.at[k].kind == GLOBAL_load) say_access(d, f, &f->globals.at[k].flags, drop);
    if (d->regions) return;
    for (uint32_t k = 0; k < f->regions.n; k++) f->regions.at[k].number %= REGION_FLAGS;
}

/* Turn  br_table v0, block1(v1), []   into  br_table v0, block2, [];  block2: jump block1(v1) */
static void split_destination(Func *f, Inst table, uint32_t k)
{
    BlockCall to = func_inst(f, table)->dests[k];
    if (!to.nargs) return;
    Block between = build_block(f);
    Builder b = builder_at(f, between);
    build_jump(&b, to);
    func_inst(f, table)->dests[k] = (BlockCall){.block = between};
}

static void split_tables(Func *f)
{
    uint32_t blocks = f->layout.n;
    for (uint32_t b = 0; b < blocks; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        if (!bd->insts.n) continue;
        Inst last = vec_last(&bd->insts);
        const InstData *i = func_inst(f, last);
        if (inst_op(i)->format != FORMAT_branch_table) continue;
        for (uint32_t k = 0, n = i->ndests; k < n; k++) split_destination(f, last, k);
    }
}

Module *dialect_legalise(const Dialect *d, Module *m, bool consistent, Arena *a)
{
    if (d == dialect_current()) return m;
    m = module_clone(m, a);
    if (!d->slot_align) legalise_slots(m, SLOT_ALIGN);
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        say_flags(d, m->funcs.at[k], consistent);
        if (!d->tables) split_tables(m->funcs.at[k]);
    }
    return m;
}

static bool has_access(const Func *f, TrapCode code)
{
    for (uint32_t k = 0; k < f->insts.n; k++)
        if (f->insts.at[k].flags.trap == code && is_access(&f->insts.at[k])) return true;
    return false;
}

TrapCode dialect_seen_trap(const Dialect *d, const Module *m, TrapCode code)
{
    if (dialect_says_trap(d, code)) return code;
    for (uint32_t k = 0; k < m->funcs.n; k++)
        if (has_access(m->funcs.at[k], code)) return TRAP_heap_oob;
    return code;
}
