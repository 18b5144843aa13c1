/* Instructions that go elsewhere: branches, calls, returns. */
#include "backend/cc/local.h"

#include <string.h>

/* ---- branches ---- */

/* Whether an argument is a parameter that the same branch sets. */
static bool overlaps(const TallyDest *d, const TallyBlock *to)
{
    for (uint32_t k = 0; k < d->nargs; k++)
        for (uint32_t p = 0; p < k; p++)
            if (d->args[k] == to->params[p]) return true;
    return false;
}

/* All parameters are set at once: by way of copies where one would be read too late. */
static void put_arguments(Writer *w, const TallyDest *d, const TallyBlock *to)
{
    bool copies = overlaps(d, to);
    for (uint32_t k = 0; copies && k < d->nargs; k++)
        emit(w, "%s t%u = v%u; ", ctype_of(w, d->args[k]).at, k, d->args[k]);
    for (uint32_t k = 0; k < d->nargs; k++) {
        if (copies) emit(w, "v%u = t%u; ", to->params[k], k);
        else if (to->params[k] != d->args[k]) emit(w, "v%u = v%u; ", to->params[k], d->args[k]);
    }
}

static void put_goto(Writer *w, const TallyDest *d)
{
    emit_text(w, d->nargs ? "{ " : "");
    put_arguments(w, d, &w->f->blocks[d->block]);
    emit(w, "goto b%u;%s", d->block, d->nargs ? " }" : "");
}

void write_jump(Writer *w, const TallyInst *i)
{
    put_goto(w, &i->dests[0]);
}

void write_brif(Writer *w, const TallyInst *i)
{
    emit(w, "if (v%u) ", i->args[0]);
    put_goto(w, &i->dests[0]);
    emit_text(w, " else ");
    put_goto(w, &i->dests[1]);
}

void write_br_table(Writer *w, const TallyInst *i)
{
    emit(w, "switch (v%u) {\n", i->args[0]);
    for (uint32_t k = 1; k < i->ndests; k++) {
        emit(w, "        case %u: ", k - 1);
        put_goto(w, &i->dests[k]);
        emit_text(w, "\n");
    }
    emit_text(w, "        default: ");
    put_goto(w, &i->dests[0]);
    emit_text(w, "\n        }");
}

void write_trap(Writer *w, const TallyInst *i)
{
    emit(w, "trap(%u);", i->trap);
}

/* ---- several results are a struct that is named by their types ---- */

struct Name {
    Name *next;
    char at[];
};

static void put_struct_name(struct obstack *to, const TallySignature *sig)
{
    obstack_printf(to, "r");
    for (uint32_t k = 0; k < sig->nreturns; k++)
        obstack_printf(to, "_%s", ctype_name(sig->returns[k].type).at);
}

void emit_return_type(Writer *w, const TallySignature *sig)
{
    if (sig->nreturns == 0) emit_text(w, "void");
    else if (sig->nreturns == 1) emit_text(w, ctype_name(sig->returns[0].type).at);
    else put_struct_name(&w->text, sig);
}

static bool is_declared(const Writer *w, const char *name)
{
    for (const Name *n = w->structs; n; n = n->next)
        if (strcmp(n->at, name) == 0) return true;
    return false;
}

void emit_struct(Writer *w, const TallySignature *sig)
{
    if (sig->nreturns < 2) return;
    Name link = {w->structs};
    obstack_grow(&w->unit, &link, sizeof link);
    put_struct_name(&w->unit, sig);
    obstack_1grow(&w->unit, 0);
    Name *name = obstack_finish(&w->unit);
    if (is_declared(w, name->at)) {
        obstack_free(&w->unit, name);
        return;
    }
    w->structs = name;
    emit_text(w, "typedef struct {");
    for (uint32_t k = 0; k < sig->nreturns; k++)
        emit(w, " %s m%u;", ctype_name(sig->returns[k].type).at, k);
    emit(w, " } %s;\n", name->at);
}

void write_return(Writer *w, const TallyInst *i)
{
    const TallySignature *sig = &w->f->sig;
    if (i->nargs < 2) {
        emit_text(w, "return");
        if (i->nargs) emit(w, " v%u", i->args[0]);
        emit_text(w, ";");
        return;
    }
    emit_text(w, "return (");
    emit_return_type(w, sig);
    emit_text(w, "){");
    for (uint32_t k = 0; k < i->nargs; k++) emit(w, "%sv%u", k ? ", " : "", i->args[k]);
    emit_text(w, "};");
}

/* ---- calls ---- */

static void put_call_arguments(Writer *w, const uint32_t *args, uint32_t n)
{
    emit_text(w, "(");
    for (uint32_t k = 0; k < n; k++) emit(w, "%sv%u", k ? ", " : "", args[k]);
    emit_text(w, ")");
}

static void put_function(Writer *w, uint32_t func)
{
    emit(w, "c%u_f%u", w->k, func);
}

/* What stands before the call, and behind it. */
static void put_results_begin(Writer *w, const TallyInst *i, const TallySignature *sig)
{
    for (uint32_t k = 0; k < i->nresults; k++) emit_declaration(w, i->result + k);
    if (i->nresults == 1) emit(w, "v%u = ", i->result);
    if (i->nresults < 2) return;
    emit_text(w, "{ ");
    emit_return_type(w, sig);
    emit_text(w, " t = ");
}

static void put_results_end(Writer *w, const TallyInst *i)
{
    emit_text(w, ";");
    if (i->nresults < 2) return;
    for (uint32_t k = 0; k < i->nresults; k++) emit(w, " v%u = t.m%u;", i->result + k, k);
    emit_text(w, " }");
}

void write_call(Writer *w, const TallyInst *i)
{
    const TallyRef *ref = &w->f->refs[i->entity];
    put_results_begin(w, i, &w->f->sigs[ref->sig]);
    put_function(w, ref->func);
    put_call_arguments(w, i->args, i->nargs);
    put_results_end(w, i);
}

void write_call_indirect(Writer *w, const TallyInst *i)
{
    const TallySignature *sig = &w->f->sigs[i->entity];
    put_results_begin(w, i, sig);
    emit_text(w, "((");
    emit_return_type(w, sig);
    emit_text(w, " (*)(");
    for (uint32_t k = 0; k < sig->nparams; k++)
        emit(w, "%s%s", k ? ", " : "", ctype_name(sig->params[k].type).at);
    emit(w, "%s))v%u)", sig->nparams ? "" : "void", i->args[0]);
    put_call_arguments(w, i->args + 1, i->nargs - 1);
    put_results_end(w, i);
}

void write_func_addr(Writer *w, const TallyInst *i)
{
    emit_target(w, i->result);
    emit_text(w, " = (u64)");
    put_function(w, w->f->refs[i->entity].func);
    emit_text(w, ";");
}
