/* What is known of the values of a function before it is written. */
#include "backend/cc/local.h"

#include <string.h>

enum { DEPTH = 100 };

static void use(Writer *w, uint32_t value, uint32_t block)
{
    Fact *fact = &w->facts[value];
    if (fact->block != block) fact->crosses = true;
}

static void use_all(Writer *w, const uint32_t *values, uint32_t n, uint32_t block)
{
    for (uint32_t k = 0; k < n; k++) use(w, values[k], block);
}

static void find_definitions(Writer *w, uint32_t b)
{
    const TallyBlock *block = &w->f->blocks[b];
    for (uint32_t k = 0; k < block->nparams; k++)
        w->facts[block->params[k]] = (Fact){.block = b, .crosses = true};
    for (uint32_t k = 0; k < block->ninsts; k++)
        for (uint32_t r = 0; r < block->insts[k].nresults; r++)
            w->facts[block->insts[k].result + r] = (Fact){.def = &block->insts[k], .block = b};
}

static void find_uses(Writer *w, uint32_t b)
{
    const TallyBlock *block = &w->f->blocks[b];
    for (uint32_t k = 0; k < block->ninsts; k++) {
        const TallyInst *i = &block->insts[k];
        use_all(w, i->args, i->nargs, b);
        for (uint32_t d = 0; d < i->ndests; d++) {
            use_all(w, i->dests[d].args, i->dests[d].nargs, b);
            w->entries[i->dests[d].block]++;
        }
    }
}

void facts_find(Writer *w)
{
    const TallyFunc *f = w->f;
    w->facts = obstack_alloc(&w->scratch, (f->nvalues + 1) * sizeof *w->facts);
    w->entries = obstack_alloc(&w->scratch, (f->nblocks + 1) * sizeof *w->entries);
    memset(w->facts, 0, f->nvalues * sizeof *w->facts);
    memset(w->entries, 0, f->nblocks * sizeof *w->entries);
    for (uint32_t b = 0; b < f->nblocks; b++) find_definitions(w, b);
    for (uint32_t b = 0; b < f->nblocks; b++) find_uses(w, b);
}

static const Place nowhere = {.slot = TALLY_NONE};

static Place place_within(Writer *w, uint32_t value, int depth);

static Place moved(const Writer *w, Place at, uint32_t by, bool back)
{
    const TallyInst *i = w->facts[by].def;
    at.exact &= i && inst_is(w, i, "iconst");
    uint64_t distance = at.exact ? (uint64_t)i->imm : 0;
    at.offset = (int64_t)((uint64_t)at.offset + (back ? -distance : distance));
    return at;
}

/* A sum points where the one operand that points somewhere does. An operand of which that is not
 * known is taken for a number; it may have come from another slot's address only where an address
 * of one object leads into another. */
static Place place_of_sum(Writer *w, const TallyInst *i, bool difference, int depth)
{
    Place a = place_within(w, i->args[0], depth), b = place_within(w, i->args[1], depth);
    if (b.slot == TALLY_NONE && a.slot != TALLY_NONE)
        return moved(w, a, i->args[1], difference);
    if (a.slot == TALLY_NONE && b.slot != TALLY_NONE && !difference)
        return moved(w, b, i->args[0], false);
    return nowhere;
}

static Place place_within(Writer *w, uint32_t value, int depth)
{
    Fact *fact = &w->facts[value];
    const TallyInst *i = fact->def;
    if (fact->placed || !i || !depth) return fact->placed ? fact->place : nowhere;
    fact->placed = true;
    fact->place = nowhere;
    if (inst_is(w, i, "stack_addr")) fact->place = (Place){i->entity, i->imm, true};
    bool difference = inst_is(w, i, "isub");
    if (difference || inst_is(w, i, "iadd"))
        fact->place = place_of_sum(w, i, difference, depth - 1);
    return fact->place;
}

Place facts_place(Writer *w, uint32_t value)
{
    return place_within(w, value, DEPTH);
}
