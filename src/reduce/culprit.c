#include "reduce/culprit.h"

#include "ir/build.h"

/* All that is left of a function is its signature. */
static void empty(Func *f)
{
    Value *zeros = arena_array(f->arena, Value, f->sig.returns.n + 1);
    vec_clear(&f->insts);
    vec_clear(&f->values);
    vec_clear(&f->blocks);
    vec_clear(&f->layout);
    vec_clear(&f->refs);
    vec_clear(&f->slots);
    vec_clear(&f->notes);
    vec_clear(&f->globals);
    f->stack_limit = 0;
    Builder b = builder_at(f, build_entry(f));
    for (uint32_t k = 0; k < f->sig.returns.n; k++)
        zeros[k] = build_bits(&b, f->sig.returns.at[k].type, bits_of(0));
    build_return(&b, zeros, f->sig.returns.n);
}

static uint32_t add_runner(Case *c, uint32_t func)
{
    Signature none = {.conv = CALLCONV_system_v};
    Func *f = func_create(c->module, funcname_text("runner"), &none);
    Builder b = builder_at(f, build_entry(f));
    build_cond_trap(&b, OP_trapz, build_func_addr(&b, build_ref(f, func)), TRAP_user_last);
    build_return(&b, NULL, 0);
    vec_clear(&c->heaps);
    vec_clear(&c->runs);
    *vec_push(c->arena, &c->runs) = (Run){.kind = RUN_PRINT, .func = c->module->funcs.n - 1};
    return c->module->funcs.n - 1;
}

Case *culprit_alone(const Case *c, uint32_t func, Arena *a)
{
    Case *copy = case_create(a);
    copy->header = c->header;
    copy->discipline = c->discipline;
    copy->module = module_clone(c->module, a);
    for (uint32_t k = 0; k < copy->module->funcs.n; k++)
        if (k != func) empty(copy->module->funcs.at[k]);
    return case_extract(copy, add_runner(copy, func), a);
}
