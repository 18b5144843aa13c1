#include "tests/faults/explain.h"

#include "ir/write.h"
#include "jit/split.h"
#include "jit/x64/features.h"
#include "reduce/shrink.h"
#include "tests/faults/hunt.h"
#include "tests/faults/site.h"
#include "triage/explain.h"

#include <stdio.h>
#include <stdlib.h>

uint64_t explain_first_seed(const Fault *fault)
{
    static const struct {
        const char *name;
        uint64_t seed;
    } seeds[] = {
#define BEGIN(name, seed) {#name, seed},
#include "tests/faults/explain.def"
        {NULL, 0},
    };
    for (size_t k = 0; seeds[k].name; k++)
        if (!strcmp(seeds[k].name, fault->name)) return seeds[k].seed;
    return 0;
}

/* ---- what was edited ---------------------------------------------------------------------- */

typedef struct {
    uint32_t func;
    Inst inst;
} Edit;

typedef struct {
    Arena *a;
    VEC(Edit) edits;
} Edits;

static void note_edit(void *data, uint32_t func, Inst inst)
{
    Edits *e = data;
    for (uint32_t k = 0; k < e->edits.n; k++)
        if (e->edits.at[k].func == func && e->edits.at[k].inst.i == inst.i) return;
    *vec_push(e->a, &e->edits) = (Edit){func, inst};
}

/* Plants see a module in which i128 is split; an edit is of what was split. */
static void name_given(const Case *c, const Fault *fault, Edits *e)
{
    const char *refused;
    bool cmpxchg16b = !strcmp(fault->cpu, "native") && feature_detect() >> FEATURE_CX16 & 1;
    SplitOrigins *origins = arena_array(e->a, SplitOrigins, c->module->funcs.n);
    if (!split_is_needed(c->module)) return;
    if (!split_module(module_clone(c->module, e->a), cmpxchg16b, origins, &refused)) return;
    for (uint32_t k = 0; k < e->edits.n; k++)
        e->edits.at[k].inst = split_origin(&origins[e->edits.at[k].func], e->edits.at[k].inst);
}

/* Of the case itself, as its configurations compile it. */
static Edits find_edits(Judge *j, const Case *c, const Fault *fault, Verdict *v, Arena *a)
{
    Edits e = {.a = a};
    site_changed_data = &e;
    site_changed = note_edit;
    judge_case(j, c, v);
    site_changed = NULL;
    name_given(c, fault, &e);
    return e;
}

/* ---- what is named ------------------------------------------------------------------------ */

static bool uses(const InstData *i, Value v)
{
    for (uint32_t k = 0; k < i->nargs; k++)
        if (inst_args_const(i)[k].i == v.i) return true;
    for (uint32_t d = 0; d < i->ndests; d++)
        for (uint32_t k = 0; k < i->dests[d].nargs; k++)
            if (i->dests[d].args[k].i == v.i) return true;
    return false;
}

/* The first instruction of the layout that uses a result of `inst`. */
static Inst first_use(const Func *f, Inst inst)
{
    const InstData *d = func_inst(f, inst);
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++)
            for (unsigned r = 0; r < d->nresults; r++)
                if (uses(func_inst(f, bd->insts.at[k]), inst_result(d, r))) return bd->insts.at[k];
    }
    return INST_none;
}

/* The edit moved or removed the store of which the load that is named should read. */
static bool reads_what_was_stored(const Edit *e, const Located *l)
{
    const ShadowSite *by = l->writer == NO_INDEX ? NULL : &l->sites->at[l->writer];
    return by && by->func == e->func && by->inst.i == e->inst.i;
}

/* The edit is of slots, and the address of one is named, or its first use. */
static bool names_slot(const Case *c, const Located *l)
{
    const Func *f = c->module->funcs.at[l->func];
    for (uint32_t k = 0; k < f->insts.n && l->inst.i != NO_INDEX; k++) {
        const InstData *i = &f->insts.at[k];
        if (i->op != OP_stack_addr || f->slots.at[i->entity].align <= 64) continue;
        if (l->inst.i == k || first_use(f, (Inst){k}).i == l->inst.i) return true;
    }
    return false;
}

/* What the edited instruction passes, to a block or a function, is what the parameter there is. */
static bool names_what_is_passed(const Case *c, const Edit *e, const Located *l)
{
    const Func *f = c->module->funcs.at[e->func];
    const InstData *i = func_inst(f, e->inst);
    if (l->what != LOCATED_value || l->inst.i != NO_INDEX) return false;
    for (uint32_t d = 0; d < i->ndests; d++)
        if (l->func == e->func && i->dests[d].block.i == l->block.i) return true;
    bool calls = i->op == OP_call || i->op == OP_try_call;
    return calls && f->refs.at[i->entity].callee == l->func;
}

static bool fits(const Case *c, const Fault *fault, const Edit *e, const Located *l)
{
    const Func *f = c->module->funcs.at[e->func];
    bool named = l->what != LOCATED_nothing && l->func == e->func;
    if (!strcmp(fault->name, "slot_alignment")) return named && names_slot(c, l);
    if (!strcmp(fault->family, "abi")) return named; /* the function whose epilogue it is */
    if (e->inst.i == NO_INDEX || e->inst.i >= f->insts.n) return false;
    if (reads_what_was_stored(e, l) || names_what_is_passed(c, e, l)) return true;
    if (!named || l->inst.i == NO_INDEX) return false;
    return l->inst.i == e->inst.i || l->inst.i == first_use(f, e->inst).i;
}

/* ---- in words ----------------------------------------------------------------------------- */

static void write_place(Buf *out, const Case *c, uint32_t func, Inst inst)
{
    const Func *f = c->module->funcs.at[func];
    if (inst.i < f->insts.n) inst_write(out, f, func_inst(f, inst), NULL);
    else buf_text(out, "-");
    buf_text(out, " in ");
    func_name_write(out, f->name);
}

static void write_named(Buf *out, const Case *c, const Located *l)
{
    buf_printf(out, "%s by %s: ", located_what(l->what), located_by(l->by));
    if (l->what == LOCATED_nothing) return;
    if (l->what == LOCATED_value)
        buf_printf(out, "v%u ", func_value(c->module->funcs.at[l->func], l->value)->name);
    write_place(out, c, l->func, l->inst);
}

static void explain_one(Hunt *h, const Fault *fault, const SessionEvent *found, bool show,
                        Explained *out)
{
    Verdict left;
    Judge *j = session_judge(h->session);
    Arena *a = h->arena;
    const Case *c = shrink_case(j, found->c, &found->verdict, a, SMALL_TRIES, &left);
    Edits edits = find_edits(j, c, fault, &left, a);
    const Located *l = locate(j, c, &left, a);
    Buf named = {.arena = a}, edited = {.arena = a};
    out->insts = module_inst_count(c->module);
    for (uint32_t k = 0; k < edits.edits.n; k++) {
        out->right |= fits(c, fault, &edits.edits.at[k], l);
        if (k) buf_text(&edited, "; ");
        write_place(&edited, c, edits.edits.at[k].func, edits.edits.at[k].inst);
    }
    write_named(&named, c, l);
    snprintf(out->named, sizeof out->named, "%s", named.at);
    snprintf(out->edited, sizeof out->edited, "%s", edited.at ? edited.at : "nothing");
    if (!out->right && show) printf("%s\n%s", left.text, case_text(c, a).at);
}

uint32_t measure_explain(const Fault *fault, const Campaign *c, uint32_t most, bool show,
                         Explained *out)
{
    Hunt h;
    SessionEvent e;
    uint32_t found = 0;
    hunt_begin(&h, fault, c);
    while (found < most && hunt_executions(&h) < c->bound) {
        uint64_t seed = h.seed;
        if (!hunt_step(&h, &e) || !config_is_planted(e.verdict.odd)) continue;
        out[found] = (Explained){.seed = seed};
        explain_one(&h, fault, &e, show, &out[found++]);
    }
    hunt_end(&h);
    return found;
}
