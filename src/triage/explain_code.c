/* Machine code and registers of the place that is named. The run is watched one machine instruction
 * at a time: nothing is added to the code, so that what went wrong goes wrong again. */
#include <stdio.h>

#include "triage/explain_local.h"

/* ---- whose code --------------------------------------------------------------------------- */

static bool uses_result(const InstData *user, const InstData *def)
{
    for (uint32_t k = 0; k < user->nargs; k++)
        for (unsigned r = 0; r < def->nresults; r++)
            if (inst_args_const(user)[k].i == inst_result(def, r).i) return true;
    return false;
}

/* What is folded into its user, or elided, has no code: then that of the first user that has. */
static void find_code(Explanation *x, Arena *a)
{
    const Located *l = x->located;
    const Func *f = x->c->module->funcs.at[l->func];
    const BlockData *bd = func_block(f, l->block);
    const InstData *def = func_inst(f, l->inst);
    bool behind = false;
    x->code_inst = l->inst;
    x->code = code_of_inst(l->odd, l->func, l->inst, a);
    for (uint32_t k = 0; k < bd->insts.n && x->code->n == 0; k++) {
        Inst inst = bd->insts.at[k];
        if (behind && uses_result(func_inst(f, inst), def)) {
            x->code_inst = inst;
            x->code = code_of_inst(l->odd, l->func, inst, a);
        }
        behind |= inst.i == l->inst.i;
    }
}

/* ---- registers ---------------------------------------------------------------------------- */

/* Registers behind the last line of the code, when the run has come to that line `visits` times; of
 * a fault, at it. */
typedef struct {
    uint64_t line, behind; /* addresses; equal: at the line itself */
    bool calls;            /* behind a call is where it returns to */
    uint32_t visits, seen;
    bool armed, done;
    ExecRegisters registers;
} Watch;

static void take(Watch *w, const ExecRegisters *r)
{
    w->registers = *r;
    w->done = true;
}

static void step(void *data, const ExecRegisters *r)
{
    Watch *w = data;
    if (w->line == w->behind) {
        if (r->pc == w->line) take(w, r);
        return;
    }
    if (w->armed && (!w->calls || r->pc == w->behind)) {
        w->armed = false;
        take(w, r);
    }
    if (r->pc == w->line && !w->done && ++w->seen == w->visits) w->armed = true;
}

static void watch_registers(Explanation *x, Watch *w)
{
    Outcome o;
    const Located *l = x->located;
    const void *base;
    size_t size;
    l->odd->backend->code(l->odd->state, &base, &size);
    uint64_t start = (uint64_t)(uintptr_t)base;
    w->line += start;
    w->behind += start;
    if (!judge_step(x->judge, l->odd, x->c, &x->c->runs.at[0], step, w, &o) || !w->done) return;
    x->has_registers = true;
    x->registers = w->registers;
    x->registers_at = w->registers.pc - start;
}

static uint64_t fault_offset(const Explanation *x)
{
    const Located *l = x->located;
    if (l->by != BY_machine) return NO_OFFSET;
    return x->v->ballots[verdict_pair(x->judge, x->v).odd].outcome.offset;
}

void explain_code(Explanation *x, Arena *a)
{
    const Located *l = x->located;
    const char *refused;
    x->code = arena_new(a, CodeLines);
    if (!l->odd || !l->odd->backend->code || l->what == LOCATED_nothing) return;
    if (!judge_compile(x->judge, l->odd, x->c, &refused)) return;
    bool beside = l->what == LOCATED_function || x->v->kind == VERDICT_abi;
    if (beside) x->code = code_of_inst(l->odd, l->func, INST_none, a);
    else if (l->inst.i != NO_INDEX) find_code(x, a);
    if (x->v->kind == VERDICT_abi) return;
    uint64_t fault = fault_offset(x);
    if (fault != NO_OFFSET && x->code->n == 0) x->code = code_around(l->odd, fault, a);
    if (fault == NO_OFFSET && x->code->n == 0) return;
    Watch w = {fault, fault, .visits = (uint32_t)max_u64(l->visit, 1)};
    if (fault == NO_OFFSET) {
        const CodeLine *last = &vec_last(x->code);
        w.line = last->offset;
        w.behind = last->offset + last->size;
        w.calls = !strncmp(last->text, "call", 4);
    }
    watch_registers(x, &w);
}

const char *explain_register(unsigned number)
{
    static const char *const names[16] = {"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
                                          "r8",  "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
    return names[number];
}
