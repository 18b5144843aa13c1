#include "ir/verify_local.h"

#define fail(v, ...) verifier_error_func(v, __VA_ARGS__)

static bool is_based(const GlobalValueData *g)
{
    return g->kind == GLOBAL_load || g->kind == GLOBAL_iadd_imm;
}

static bool has_vmctx(const Signature *sig)
{
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (sig->params.at[k].purpose == PURPOSE_vmctx) return true;
    return false;
}

static void check_global(const Verifier *v, const GlobalValueData *g)
{
    const Func *f = v->f;
    if (is_based(g) && g->base >= f->globals.n) {
        fail(v, "gv%u: its base is not declared", g->name);
        return;
    }
    Type base = is_based(g) ? global_type(&f->globals.at[g->base]) : TY_none;
    switch ((GlobalKind)g->kind) {
    case GLOBAL_vmctx:
        if (!has_vmctx(&f->sig)) fail(v, "gv%u: no parameter is a vmctx", g->name);
        break;
    case GLOBAL_load:
        if (base != TY_i64)
            fail(v, "gv%u: the base has type %s, i64 is needed", g->name, type_name(base));
        if (g->flags.region > f->regions.n)
            fail(v, "gv%u: region %u is not declared", g->name, g->flags.region);
        break;
    case GLOBAL_iadd_imm:
        if (!type_is_int(g->type))
            fail(v, "gv%u: %s is no integer type", g->name, type_name(g->type));
        else if (base != g->type)
            fail(v, "gv%u: the base has type %s, %s is needed", g->name, type_name(base),
                 type_name(g->type));
        break;
    case GLOBAL_dyn_scale:
        if (!type_is_vector(g->type)) fail(v, "gv%u: %s is no vector", g->name, type_name(g->type));
        break;
    case GLOBAL_symbol:
        if (g->callee != NO_INDEX && g->callee >= v->m->funcs.n)
            fail(v, "gv%u is function %u of %u", g->name, g->callee, v->m->funcs.n);
        break;
    }
}

/* Follows bases from each global value on, as far as none has come. */
static void check_circles(const Verifier *v)
{
    const Func *f = v->f;
    uint32_t *seen = arena_array(v->arena, uint32_t, f->globals.n);
    for (uint32_t k = 0; k < f->globals.n; k++) {
        uint32_t at = k;
        while (at < f->globals.n && !seen[at]) {
            seen[at] = k + 1;
            at = is_based(&f->globals.at[at]) ? f->globals.at[at].base : NO_INDEX;
        }
        if (at < f->globals.n && seen[at] == k + 1)
            fail(v, "gv%u is its own base, or that of its base", f->globals.at[at].name);
    }
}

static void check_globals(const Verifier *v)
{
    const Func *f = v->f;
    for (uint32_t k = 0; k < f->globals.n; k++) check_global(v, &f->globals.at[k]);
    if (f->globals.n) check_circles(v);
    if (f->stack_limit > f->globals.n) fail(v, "the stack limit is not declared");
}

static void check_dynamic(const Verifier *v)
{
    const Func *f = v->f;
    for (uint32_t k = 0; k < f->dyn_types.n; k++) {
        const DynTypeData *t = &f->dyn_types.at[k];
        if (!type_is_vector(t->base)) fail(v, "dt%u: %s is no vector", t->name, type_name(t->base));
        if (t->global >= f->globals.n) fail(v, "dt%u: its scale is not declared", t->name);
    }
    for (uint32_t k = 0; k < f->dyn_slots.n; k++)
        if (f->dyn_slots.at[k].type >= f->dyn_types.n)
            fail(v, "dss%u: its type is not declared", f->dyn_slots.at[k].name);
}

static bool has_slot(const Func *f, uint32_t name)
{
    for (uint32_t k = 0; k < f->slots.n; k++)
        if (f->slots.at[k].name == name) return true;
    return false;
}

static void check_note(Verifier *v, const InstNote *n)
{
    const InstData *i = func_inst(v->f, n->inst);
    bool calls = i->op < OP_COUNT && op_has((Op)i->op, EFFECT_K);
    bool returns = calls && !op_has((Op)i->op, EFFECT_R);
    v->inst = i;
    if (n->tags.n && !calls && i->op != OP_sequence_point)
        verifier_error(v, "only calls and sequence points have debug tags");
    if (n->map.n && !returns) verifier_error(v, "only calls that return have a stack map");
    for (uint32_t k = 0; k < n->map.n; k++)
        if (!has_slot(v->f, n->map.at[k].slot))
            verifier_error(v, "stack map: ss%u is not declared", n->map.at[k].slot);
}

void verify_globals(const Verifier *v)
{
    check_globals(v);
    check_dynamic(v);
    Verifier at = *v;
    for (uint32_t k = 0; k < v->f->notes.n; k++) {
        if (v->f->notes.at[k].inst.i < v->f->insts.n) check_note(&at, &v->f->notes.at[k]);
        else fail(v, "a note on instruction %u, which does not exist", v->f->notes.at[k].inst.i);
    }
}
