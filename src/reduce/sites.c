/* What steps are applied to. */
#include "reduce/step.h"

SiteVec sites_starts(const Case *c, const Trace *t, Arena *a)
{
    (void)c;
    SiteVec list = {0};
    for (uint32_t k = t->starts.n; k-- > 0;) vec_push(a, &list)->at = k;
    return list;
}

/* What makes NaNs canonical stays. */
static bool is_open(const Trace *t, const Func *f, const InstData *i)
{
    if (t->floats) return true;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (type_has_float_lanes(func_type(f, inst_args_const(i)[k]))) return false;
    return true;
}

SiteVec sites_insts(const Case *c, const Trace *t, Arena *a)
{
    SiteVec list = {0};
    for (uint32_t k = 0; k < c->module->funcs.n; k++) {
        const Func *f = c->module->funcs.at[k];
        for (uint32_t b = 0; b < f->layout.n; b++) {
            const BlockData *bd = func_block(f, f->layout.at[b]);
            for (uint32_t n = 0; n < bd->insts.n; n++)
                if (is_open(t, f, func_inst(f, bd->insts.at[n])))
                    *vec_push(a, &list) = (Site){k, f->layout.at[b], n};
        }
    }
    return list;
}

/* ---- what is not an instruction ----------------------------------------------------------- */

static void add_sites(SiteVec *list, Arena *a, uint32_t func, Block b, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++) *vec_push(a, list) = (Site){func, b, k};
}

SiteVec sites_blocks(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    for (uint32_t k = 0; k < c->module->funcs.n; k++) {
        const Func *f = c->module->funcs.at[k];
        for (uint32_t b = 1; b < f->layout.n; b++)
            *vec_push(a, &list) = (Site){k, f->layout.at[b], 0};
    }
    return list;
}

SiteVec sites_params(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    for (uint32_t k = 0; k < c->module->funcs.n; k++) {
        const Func *f = c->module->funcs.at[k];
        for (uint32_t b = 0; b < f->layout.n; b++)
            add_sites(&list, a, k, f->layout.at[b], func_block(f, f->layout.at[b])->params.n);
    }
    return list;
}

SiteVec sites_results(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    for (uint32_t k = 0; k < c->module->funcs.n; k++)
        add_sites(&list, a, k, BLOCK_none, c->module->funcs.at[k]->sig.returns.n);
    return list;
}

SiteVec sites_funcs(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    for (uint32_t k = 0; k < c->module->funcs.n; k++) add_sites(&list, a, k, BLOCK_none, 1);
    return list;
}

SiteVec sites_slots(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    for (uint32_t k = 0; k < c->module->funcs.n; k++)
        add_sites(&list, a, k, BLOCK_none, c->module->funcs.at[k]->slots.n);
    return list;
}

SiteVec sites_heaps(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    add_sites(&list, a, ENTRY, BLOCK_none, c->heaps.n);
    return list;
}

SiteVec sites_arguments(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    add_sites(&list, a, ENTRY, BLOCK_none, c->runs.at[0].args.n);
    return list;
}

SiteVec sites_contracts(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    for (uint32_t k = 0; k < c->module->funcs.n; k++) {
        const Func *f = c->module->funcs.at[k];
        for (uint32_t n = 0; n < f->sig.params.n; n++)
            if (func_contract(f, n)) *vec_push(a, &list) = (Site){k, BLOCK_none, n};
    }
    return list;
}

SiteVec sites_regions(const Case *c, const Trace *t, Arena *a)
{
    (void)t;
    SiteVec list = {0};
    bool seen[UINT8_MAX + 1] = {false};
    for (uint32_t k = 0; k < c->module->funcs.n; k++) {
        const Func *f = c->module->funcs.at[k];
        for (uint32_t r = 0; r < f->regions.n; r++) {
            uint32_t number = f->regions.at[r].number;
            if (number > UINT8_MAX || seen[number]) continue;
            seen[number] = true;
            *vec_push(a, &list) = (Site){k, BLOCK_none, number};
        }
    }
    return list;
}

const StepInfo steps[] = {
#define STEP(name, sites, how, quick, meaning) \
    {#name, meaning, sites_##sites, step_##name, HOW_##how, quick},
#include "reduce/steps.def"
};
const uint32_t steps_n = countof(steps);
