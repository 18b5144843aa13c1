#include "gen/head.h"

enum { FIELDS = 10 }; /* of a record of the swarm mask */

static uint32_t swarm_off(const Choice *masks)
{
    static const uint8_t last[FAMILY_COUNT] = {
#define FAMILY(name, off, meaning) [FAMILY_##name] = off,
#include "gen/families.def"
    };
    uint32_t off = 0;
    for (unsigned k = 0; k < FAMILY_COUNT; k++) {
        uint32_t field = masks[k / FIELDS].raw >> 6 * (k % FIELDS) & 63;
        bool is_off = last[k] > 32 ? field < last[k] : field >= 64u - last[k];
        if (is_off) off |= 1u << k;
    }
    return off;
}

enum {
    SMALL = 204,   /* shapes below: four cases in five */
    HUGE = 230,    /* shapes from there on have the most functions */
    SELDOM = 240,  /* the second byte from there on: a case of seldom families, which is large */
    SOFT_COST = 3, /* NaNs of f128 take constants of three instructions each */
};

static void read_sizes(Gen *g, uint8_t shape, uint32_t nibbles)
{
    static const uint8_t few[] = {1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3};
    static const uint8_t many[] = {2, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4, 4, 4, 5, 8, 3};
    static const uint8_t small[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3};
    static const uint8_t large[] = {10, 10, 10, 11, 11, 11, 12, 12, 12, 13, 13, 14, 15, 16, 18, 20};
    g->large = shape >= SMALL;
    g->nfuncs = g->large ? many[(shape - SMALL) * 16 / (256 - SMALL)] : few[shape * 16 / SMALL];
    for (uint32_t k = 0; k < g->nfuncs; k++)
        g->funcs[k].records = (g->large ? large : small)[nibbles >> 4 * k & 15];
    g->laid_funcs = g->nfuncs;
}

/* One function gets all sections. */
static void join_funcs(Gen *g)
{
    for (; g->nfuncs > 1; g->nfuncs--) g->funcs[0].records += g->funcs[g->nfuncs - 1].records;
}

/* Where things lie, from the shape; and the seldom families, which it switches on. */
static uint32_t read_shape(Gen *g, const Choice *shape)
{
    static const uint8_t runs[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 4};
    uint8_t size = record_byte(shape, 0), how = record_byte(shape, 1);
    uint32_t on = how < SELDOM ? 0 : size % 4 < 3 ? OFF_odd : OFF_odd | OFF_soft;
    if (on && size < HUGE) size = HUGE + size % (256 - HUGE);
    read_sizes(g, size, (uint32_t)(shape->raw >> 16));
    g->nruns = runs[how % 16];
    return on;
}

static size_t masks_at(const Gen *g) { return head_run_at(g, g->nruns); }

void head_read(Gen *g, GenInput *in, const GenOptions *o)
{
    size_t start = in->at;
    Choice shape = input_record(in), masks[MASKS];
    uint32_t on = read_shape(g, &shape);
    input_seek(in, start + masks_at(g));
    for (unsigned k = 0; k < MASKS; k++) masks[k] = input_record(in);
    uint32_t off = swarm_off(masks) & ~on;
    if (on) off &= ~(uint32_t)OFF_half;
    g->off = (o ? o->off : 0) | off;
    g->budget = o && o->budget ? o->budget : GEN_BUDGET;
    g->insts_max = o && o->insts ? o->insts : GEN_INSTS_MAX;
    if (!is_on(g, FAMILY_call)) join_funcs(g);
    g->types = kinds_on(g->off);
    g->cost = is_on(g, FAMILY_soft) ? SOFT_COST : 1;
    g->sinks = kinds_sinks(kinds_on(g->off & ~(uint32_t)(OFF_float | OFF_vector)));
    Choice rest = choice_of(shape.raw >> 48);
    if (is_on(g, FAMILY_region) && chance(&rest, 3, 4)) {
        g->nregions = 1 + choose(&rest, REGIONS_MAX);
        g->home_region = (uint8_t)choose(&rest, g->nregions + 1);
    }
    static const uint8_t fault_aligns[] = {1, 64, 16, 64};
    g->fault_align = is_on(g, FAMILY_align) ? fault_aligns[choose(&rest, 4)] : 1;
    if (!is_on(g, FAMILY_trap) || !chance(&rest, 3, 4)) return;
    g->traps = 1 + choose(&rest, 5);
    if (is_on(g, FAMILY_odd)) g->traps += 4;
    if (is_on(g, FAMILY_soft)) g->traps += 12;
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
    size_t at = masks_at(g) + MASKS * RECORD_BYTES;
    for (uint32_t n = 0; n < k; n++) at += (size_t)g->funcs[n].records * RECORD_BYTES;
    return at;
}

size_t head_bytes(const Gen *g)
{
    return head_section_at(g, g->nfuncs);
}
