/* Values of a context: what lies at a place of the object that the vmctx parameter points to, named
 * by a global value. */
#include "gen/expr.h"
#include "gen/stmt.h"

/* The root that is the parameter with that purpose, or NULL. */
static const Address *find_context(const Fn *fn)
{
    const ValueVec *params = &func_block(fn->f, func_entry(fn->f))->params;
    for (uint32_t k = 0; k < params->n; k++) {
        if (fn->f->sig.params.at[k].purpose != PURPOSE_vmctx) continue;
        for (uint32_t r = 0; r < fn->npassed; r++)
            if (fn->roots[r].v.i == params->at[k].i) return &fn->roots[r];
    }
    return NULL;
}

static uint32_t add_global(Fn *fn, GlobalValueData g)
{
    g.name = fn->f->globals.n;
    g.callee = NO_INDEX;
    *vec_push(fn->f->arena, &fn->f->globals) = g;
    return g.name;
}

/* The first multiple of `bytes` from `lo` on. */
static int64_t first_multiple(int64_t lo, int64_t bytes) { return (lo + bytes - 1) & -bytes; }

/* An aligned place in the object that is initialised; false when there is none. */
static bool choose_place(const Fn *fn, Choice *c, const Address *a, int64_t bytes, int64_t *at)
{
    const Origin *o = &fn->origins[a->origin];
    int64_t lo = o->range.lo > o->init.lo ? o->range.lo : o->init.lo;
    int64_t hi = o->range.hi < o->init.hi ? o->range.hi : o->init.hi;
    lo = first_multiple(lo, bytes);
    if (a->align < bytes || a->skew || lo + bytes > hi) return false;
    *at = lo + bytes * (int64_t)choose(c, (uint32_t)((hi - bytes - lo) / bytes + 1));
    return true;
}

/* Integers of up to 64 bits might be addresses, the discipline says. */
static bool may_be_address(Type t) { return type_is_int(t) && type_bits(t) <= 64; }

void stmt_global(Fn *fn, Choice *c)
{
    const Address *a = find_context(fn);
    Type t = choose_type(c, fn->g->types);
    for (unsigned tries = 0; may_be_address(t) && tries < 4; tries++)
        t = choose_type(c, fn->g->types);
    int64_t at;
    bool possible = a && is_on(fn->g, FAMILY_align) && !may_be_address(t);
    if (!possible || !choose_place(fn, c, a, type_bytes(t), &at)) {
        stmt_assign(fn, c);
        return;
    }
    uint32_t context = add_global(fn, (GlobalValueData){.kind = GLOBAL_vmctx});
    GlobalValueData g = {.kind = GLOBAL_load, .type = (uint8_t)t, .base = context, .offset = at,
                         .flags = {.bits = MEMFLAG_notrap | MEMFLAG_aligned}};
    uint8_t region = fn->origins[a->origin].region;
    if (region) g.flags.region = build_region(fn->f, region - 1u);
    InstData i = {.op = OP_symbol_value, .type = (uint8_t)t, .entity = add_global(fn, g)};
    scope_add(fn, c, gen_value(fn, &i));
}
