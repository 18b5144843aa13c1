#include "jit/fuel.h"

static const struct {
    const char *name, *text;
    Pass pass;
} rewrites[REWRITE_COUNT] = {
#define REWRITE(pass, name, text) [REWRITE_##name] = {#name, text, PASS_##pass},
#include "jit/rewrites.def"
};

const char *rewrite_name(Rewrite r) { return rewrites[r].name; }
const char *rewrite_text(Rewrite r) { return rewrites[r].text; }
Pass rewrite_pass(Rewrite r) { return rewrites[r].pass; }

Rewrite rewrite_of_hook(Pass pass)
{
    static const Rewrite of[PASS_COUNT] = {
        [PASS_verify] = REWRITE_COUNT,
        [PASS_legalise] = REWRITE_hook_legalise,
        [PASS_lower] = REWRITE_hook_lower,
        [PASS_allocate] = REWRITE_hook_allocate,
        [PASS_emit] = REWRITE_hook_emit,
        [PASS_publish] = REWRITE_COUNT,
    };
    return of[pass];
}

Fuel fuel_unlimited(void)
{
    Fuel f = {0};
    for (unsigned p = 0; p < PASS_COUNT; p++) f.limit[p] = FUEL_ALL;
    return f;
}

bool fuel_take_one(Fuel *f, Rewrite r, const char *detail, uint32_t func, Inst inst)
{
    Pass pass = rewrites[r].pass;
    if (!fuel_left(f, pass)) return false;
    f->applied[pass]++;
    f->last[pass] = (FuelRewrite){r, detail, func, inst};
    return true;
}

void fuel_restart(Fuel *f, Pass first)
{
    for (unsigned p = first; f && p < PASS_COUNT; p++) f->applied[p] = 0;
}
