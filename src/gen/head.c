#include "gen/head.h"

static uint32_t swarm_off(uint64_t fields)
{
    static const uint8_t last[FAMILY_COUNT] = {
#define FAMILY(name, off, meaning) [FAMILY_##name] = off,
#include "gen/families.def"
    };
    uint32_t off = 0;
    for (unsigned k = 0; k < FAMILY_COUNT; k++)
        if ((fields >> 3 * k & 7) >= 8u - last[k]) off |= 1u << k;
    return off;
}

/* Four cases in five are small. */
static void read_sizes(Gen *g, uint8_t shape, uint32_t nibbles)
{
    enum { SMALL = 204 };
    static const uint8_t few[] = {1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3};
    static const uint8_t many[] = {2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 8, 3};
    static const uint8_t small[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3};
    static const uint8_t large[] = {8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 12, 13, 14, 16, 18};
    g->large = shape >= SMALL;
    g->nfuncs = g->large ? many[(shape - SMALL) * 16 / (256 - SMALL)] : few[shape * 16 / SMALL];
    for (uint32_t k = 0; k < g->nfuncs; k++)
        g->funcs[k].records = (g->large ? large : small)[nibbles >> 4 * k & 15];
    g->laid_funcs = g->nfuncs;
    if (is_on(g, FAMILY_call)) return;
    for (; g->nfuncs > 1; g->nfuncs--) /* one function gets all sections */
        g->funcs[0].records += g->funcs[g->nfuncs - 1].records;
}

void head_read(Gen *g, GenInput *in, const GenOptions *o)
{
    static const uint8_t runs[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4};
    Choice first = input_record(in), second = input_record(in);
    g->off = (o ? o->off : 0) | swarm_off(first.raw & 0xffffffffffff);
    g->budget = o && o->budget ? o->budget : GEN_BUDGET;
    g->insts_max = o && o->insts ? o->insts : GEN_INSTS_MAX;
    read_sizes(g, record_byte(&first, 6), (uint32_t)second.raw);
    g->nruns = runs[record_byte(&first, 7) % 16];
    g->types = kinds_mask(is_on(g, FAMILY_float), is_on(g, FAMILY_vector));
    Choice rest = choice_of(second.raw >> 32);
    if (is_on(g, FAMILY_region) && chance(&rest, 3, 4)) {
        g->nregions = 1 + choose(&rest, REGIONS_MAX);
        g->home_region = (uint8_t)choose(&rest, g->nregions + 1);
    }
    if (is_on(g, FAMILY_trap) && chance(&rest, 3, 4)) g->traps = 1 + choose(&rest, 3);
}

size_t head_func_at(const Gen *g, uint32_t k)
{
    (void)g;
    return HEAD_BYTES + (size_t)k * FUNC_BYTES;
}

size_t head_run_at(const Gen *g, uint32_t k)
{
    return head_func_at(g, g->laid_funcs) + (size_t)k * RUN_BYTES;
}

size_t head_section_at(const Gen *g, uint32_t k)
{
    size_t at = head_run_at(g, g->nruns);
    for (uint32_t n = 0; n < k; n++) at += (size_t)g->funcs[n].records * RECORD_BYTES;
    return at;
}

size_t head_bytes(const Gen *g)
{
    return head_section_at(g, g->nfuncs);
}
