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

enum { chunks = true, first = false };

const StepInfo steps[] = {
#define STEP(name, sites, how, quick, meaning) \
    {#name, meaning, sites_##sites, step_##name, how, quick},
#include "reduce/steps.def"
};
const uint32_t steps_n = countof(steps);
