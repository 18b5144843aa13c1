/* Where a value comes from, back to constants and to the arguments of the run: breadth first, what
 * is nearest first, each value once. */
#include "ir/write.h"

#include "triage/explain_local.h"

enum { STEPS_MAX = 12 };

typedef struct {
    uint32_t func, depth;
    Value v;
} Wanted;

typedef struct {
    Explanation *x;
    Arena *a;
    VEC(Wanted) queue;
} Walk;

static void add(Walk *w, uint32_t func, uint32_t depth, Value v)
{
    for (uint32_t k = 0; k < w->queue.n; k++)
        if (w->queue.at[k].func == func && w->queue.at[k].v.i == v.i) return;
    *vec_push(w->a, &w->queue) = (Wanted){func, depth, v};
}

static void note(Walk *w, uint32_t depth, uint32_t site, const char *text)
{
    *vec_push(w->a, &w->x->steps) = (ExplainStep){depth, text, site};
}

static const char *run_argument(Walk *w, uint32_t k)
{
    Buf out = {.arena = w->a};
    const Run *run = &w->x->c->runs.at[0];
    if (k < run->args.n) data_value_write(&out, w->x->c, &run->args.at[k]);
    else buf_text(&out, "the vmctx block");
    return out.at;
}

/* What callers pass; of the function that is run, what the run passes. */
static void from_callers(Walk *w, uint32_t func, uint32_t depth, uint32_t k, const char *name)
{
    const Case *c = w->x->c;
    if (func == c->runs.at[0].func)
        note(w, depth, NO_INDEX, arena_printf(w->a, "%s is the run's argument %s", name,
                                              run_argument(w, k)));
    for (uint32_t m = 0; m < c->module->funcs.n; m++) {
        const Func *f = c->module->funcs.at[m];
        for (uint32_t n = 0; n < f->insts.n; n++) {
            const InstData *i = &f->insts.at[n];
            if (i->op != OP_call && i->op != OP_try_call) continue;
            if (f->refs.at[i->entity].callee != func || k >= i->nargs) continue;
            Value passed = inst_args_const(i)[k];
            note(w, depth, NO_INDEX,
                 arena_printf(w->a, "%s is v%u of %s's call", name, func_value(f, passed)->name,
                              explain_func_name(c, m, w->a)));
            add(w, m, depth + 1, passed);
        }
    }
}

/* What branches pass to a block. */
static void from_branches(Walk *w, uint32_t func, uint32_t depth, Block b, uint32_t k,
                          const char *name)
{
    const Func *f = w->x->c->module->funcs.at[func];
    for (uint32_t n = 0; n < f->insts.n; n++) {
        const InstData *i = &f->insts.at[n];
        for (uint32_t d = 0; d < i->ndests; d++) {
            if (i->dests[d].block.i != b.i || k >= i->dests[d].nargs) continue;
            Value passed = i->dests[d].args[k];
            note(w, depth, NO_INDEX, arena_printf(w->a, "%s is passed v%u by a branch", name,
                                                  func_value(f, passed)->name));
            add(w, func, depth + 1, passed);
        }
    }
}

static void from_parameter(Walk *w, uint32_t func, uint32_t depth, Value v)
{
    const Func *f = w->x->c->module->funcs.at[func];
    const ValueData *d = func_value(f, v);
    Block b = {d->owner};
    const char *name = arena_printf(w->a, "v%u", d->name);
    if (b.i == func_entry(f).i) from_callers(w, func, depth, d->index, name);
    else from_branches(w, func, depth, b, d->index, name);
}

/* The store whose bytes the reference loads where a wrong load is named. */
static void from_store(Walk *w, uint32_t depth)
{
    const Located *l = w->x->located;
    if (l->writer == NO_INDEX) return;
    const ShadowSite *s = &l->sites->at[l->writer];
    note(w, depth, l->writer,
         arena_printf(w->a, "it loads what `%s` in %s stored",
                      explain_inst_text(w->x->c, s->func, s->inst, w->a),
                      explain_func_name(w->x->c, s->func, w->a)));
}

static void from_definition(Walk *w, uint32_t func, uint32_t depth, Value v)
{
    const Func *f = w->x->c->module->funcs.at[func];
    const ValueData *d = func_value(f, v);
    const InstData *i = func_inst(f, (Inst){d->owner});
    note(w, depth, shadow_site_of(w->x->located->sites, func, v),
         explain_inst_text(w->x->c, func, (Inst){d->owner}, w->a));
    for (uint32_t k = 0; k < i->nargs; k++) add(w, func, depth + 1, inst_args_const(i)[k]);
}

static void begin(Walk *w)
{
    const Located *l = w->x->located;
    const InstData *i = func_inst(w->x->c->module->funcs.at[l->func], l->inst);
    note(w, 0, l->site, explain_inst_text(w->x->c, l->func, l->inst, w->a));
    from_store(w, 1);
    for (uint32_t k = 0; k < i->nargs; k++) add(w, l->func, 1, inst_args_const(i)[k]);
}

void explain_steps(Explanation *x, Arena *a)
{
    Walk w = {.x = x, .a = a};
    const Located *l = x->located;
    if (l->what == LOCATED_nothing || l->what == LOCATED_function) return;
    if (l->inst.i != NO_INDEX) begin(&w);
    else if (l->what == LOCATED_value) add(&w, l->func, 0, l->value);
    for (uint32_t k = 0; k < w.queue.n && x->steps.n < STEPS_MAX; k++) {
        Wanted q = w.queue.at[k];
        bool is_param = func_value(x->c->module->funcs.at[q.func], q.v)->kind == VALUE_PARAM;
        (is_param ? from_parameter : from_definition)(&w, q.func, q.depth, q.v);
    }
}
