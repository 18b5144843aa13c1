#include "jit/facts.h"

#include "jit/alias.h"

/* Between a load and where it would go. */
enum { STORES_LOOKED_AT = 8, INSTS_LOOKED_AT = 64 };

TrapCode facts_access_trap(const InstData *i)
{
    unsigned trap = i->flags.trap ? i->flags.trap : TRAP_heap_oob;
    return i->flags.bits & MEMFLAG_notrap ? TRAP_none : (TrapCode)trap;
}

/* What an instruction that may trap traps with; MANY when there may be several codes. */
enum { MANY = UINT8_MAX + 1 };

static unsigned trap_of(const InstData *i, unsigned effects)
{
    unsigned call = effects & EFFECT_K, own = i->trap && !call ? i->trap : MANY;
    bool access = !call & ((effects & (EFFECT_L | EFFECT_S)) != 0);
    return access ? facts_access_trap(i) : own;
}

typedef struct {
    uint32_t stores, run;
    unsigned last; /* of the current run */
} Count;

/* A load's own number in `run` is that behind it, so that its own code is that of the run. */
static void count_effects(Count *c, const InstData *i, InstFacts *x)
{
    unsigned effects = inst_op(i)->effects, trap = trap_of(i, effects);
    bool traps = effects & EFFECT_X;
    bool next = traps & ((trap == MANY) | ((trap != TRAP_none) & (trap != c->last)));
    c->stores += (effects & (EFFECT_S | EFFECT_K | EFFECT_E)) != 0;
    c->run += next;
    c->last = next ? trap : c->last;
    x->run += next & ((effects & EFFECT_L) != 0);
}

/* Most instructions have at most two operands. These are counted without a jump, which would be
 * guessed wrong: one that is not there counts for a value that does not exist. */
enum { USUAL_ARGS = 2 };

static void count_usual(uint32_t *uses, const InstData *i, uint32_t n, uint32_t nvalues)
{
    uint32_t there = i->args_.few[n].i, absent = nvalues + n, mask = -(uint32_t)(n < i->nargs);
    uses[(there & mask) | (absent & ~mask)]++;
}

static void count_uses(Facts *facts, const InstData *i, uint32_t nvalues)
{
    if (likely(i->nargs <= USUAL_ARGS))
        for (uint32_t n = 0; n < USUAL_ARGS; n++) count_usual(facts->uses, i, n, nvalues);
    else
        for (uint32_t n = 0; n < i->nargs; n++) facts->uses[inst_args_const(i)[n].i]++;
    for (uint32_t d = 0; d < i->ndests; d++)
        for (uint32_t n = 0; n < i->dests[d].nargs; n++) facts->uses[i->dests[d].args[n].i]++;
}

static void walk_block(const Func *f, Facts *facts, uint32_t number, const BlockData *bd)
{
    Count c = {0};
    for (uint32_t k = 0; k < bd->insts.n; k++) {
        const InstData *i = func_inst(f, bd->insts.at[k]);
        InstFacts *x = &facts->insts[bd->insts.at[k].i];
        *x = (InstFacts){number, k, c.stores, c.run};
        count_uses(facts, i, f->values.n);
        count_effects(&c, i, x);
    }
}

Facts *facts_compute(const Func *f, Arena *a)
{
    Facts *facts = arena_new(a, Facts);
    facts->cfg = cfg_compute(f, a);
    facts->insts = arena_array_room(a, InstFacts, f->insts.n);
    facts->uses = arena_array(a, uint32_t, f->values.n + USUAL_ARGS);
    for (uint32_t k = 0; k < facts->cfg->norder; k++)
        walk_block(f, facts, k, func_block(f, facts->cfg->order[k]));
    return facts;
}

/* Whether every store between the two provably writes other bytes. */
static bool stores_are_elsewhere(const Func *f, const BlockData *bd, uint32_t from, uint32_t to,
                                 const InstData *load)
{
    for (uint32_t k = from + 1; k < to; k++) {
        const InstData *i = func_inst(f, bd->insts.at[k]);
        if (!op_has((Op)i->op, EFFECT_S | EFFECT_K | EFFECT_E)) continue;
        if (op_has((Op)i->op, EFFECT_K | EFFECT_E)) return false;
        if (alias_query(f, load, i) != ALIAS_no) return false;
    }
    return true;
}

bool facts_may_sink(const Func *f, const Facts *facts, Inst load, Inst root)
{
    const InstFacts *from = &facts->insts[load.i], *to = &facts->insts[root.i];
    const InstData *i = func_inst(f, load);
    if (from->block != to->block) return false;
    if (from->run != to->run && facts_access_trap(i)) return false;
    if (from->stores == to->stores) return true;
    if (facts_access_trap(i)) return false; /* the store would happen although the load traps */
    if (to->stores - from->stores > STORES_LOOKED_AT) return false;
    if (to->place - from->place > INSTS_LOOKED_AT) return false;
    const BlockData *bd = func_block(f, facts->cfg->order[from->block]);
    return stores_are_elsewhere(f, bd, from->place, to->place, i);
}
