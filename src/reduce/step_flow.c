/* Branches and calls that lead to one place. */
#include "ir/build.h"
#include "reduce/step.h"

/* ---- ways of branches --------------------------------------------------------------------- */

/* Turn this: brif c, a, b      br_table x, d, [a, b]
 * Into this: jump a (or b)     jump d (or b) */
static bool take_way(InstData *i, uint32_t way)
{
    if (i->ndests < 2 || inst_op(i)->tries) return false;
    i->op = OP_jump;
    i->nargs = 0;
    i->dests[0] = i->dests[way];
    i->ndests = 1;
    return true;
}

bool step_first_way(Case *c, const Trace *t, Site p)
{
    (void)t;
    return take_way(data_at(c, p), 0);
}

bool step_last_way(Case *c, const Trace *t, Site p)
{
    (void)t;
    return take_way(data_at(c, p), data_at(c, p)->ndests - 1);
}

/* ---- calls -------------------------------------------------------------------------------- */

/* What a block got from the call it gets from the new one. */
static void give_results(BlockCall *way, Value old, const InstData *call)
{
    for (uint32_t k = 0; k < way->nargs; k++) {
        uint32_t result = way->args[k].i - old.i;
        if (result < call->nresults) way->args[k] = inst_result(call, result);
    }
}

/* Turn this: try_call f(x), sig0, a(ret0), [default: b]    return_call f(x)
 * Into this: v = call f(x); jump a(v)                      v = call f(x); return v */
bool step_plain_call(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    InstData old = *data_at(c, p);
    const OpInfo *o = inst_op(&old);
    if (!op_has(old.op, EFFECT_K) || !op_has(old.op, EFFECT_T)) return false;
    uint32_t contexts = o->tries ? table_contexts(func_table(f, &old)) : 0;
    make_nop(data_at(c, p));
    func_block(f, p.block)->insts.n--;
    InstData i = {.op = o->indirect ? OP_call_indirect : OP_call, .entity = old.entity};
    inst_set_args(f, &i, inst_args(&old), old.nargs - contexts);
    Builder b = builder_at(f, p.block);
    const InstData *call = func_inst(f, build_inst(&b, &i));
    if (o->tries) {
        give_results(&old.dests[0], old.result, call);
        build_jump(&b, old.dests[0]);
        return true;
    }
    Value *results = arena_array(f->arena, Value, call->nresults + 1);
    uint32_t n = call->nresults;
    for (uint32_t k = 0; k < n; k++) results[k] = inst_result(call, k);
    build_return(&b, results, n);
    return true;
}

/* Turn this: p = func_addr fn0; call_indirect sig0, p(x)
 * Into this: call fn0(x) */
bool step_direct_call(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (i->op != OP_call_indirect && i->op != OP_return_call_indirect) return false;
    const InstData *address = func_def(f, inst_args_const(i)[0]);
    if (!address || address->op != OP_func_addr) return false;
    uint32_t n = i->nargs - 1;
    Value *args = arena_array(f->arena, Value, n + 1);
    memcpy(args, inst_args_const(i) + 1, n * sizeof *args);
    i->op = i->op == OP_call_indirect ? OP_call : OP_return_call;
    i->entity = address->entity;
    i->type = TY_none;
    inst_set_args(f, i, args, n);
    return true;
}

static bool zero_call(Case *c, Site p, uint32_t unused)
{
    (void)unused;
    Bits zero = bits_of(0);
    return set_results(c, p, &zero);
}

/* All that call the function get zeros. */
bool step_no_calls(Case *c, const Trace *t, Site p)
{
    (void)t;
    return visit_calls(c, p.func, 0, zero_call);
}

/* ---- signatures --------------------------------------------------------------------------- */

static void make_system_v(Signature *sig, uint32_t unused)
{
    (void)unused;
    sig->conv = CALLCONV_system_v;
}

bool step_plain_convention(Case *c, const Trace *t, Site p)
{
    (void)t;
    bool other = func_at(c, p)->sig.conv != CALLCONV_system_v;
    return other && change_signatures(c, p.func, 0, make_system_v);
}

static bool is_plain(const AbiParam *p)
{
    return p->purpose == PURPOSE_normal && p->extension == EXTENSION_none;
}

static void make_plain(Signature *sig, uint32_t unused)
{
    (void)unused;
    for (uint32_t k = 0; k < sig->params.n; k++)
        sig->params.at[k] = (AbiParam){.type = sig->params.at[k].type};
    for (uint32_t k = 0; k < sig->returns.n; k++)
        sig->returns.at[k] = (AbiParam){.type = sig->returns.at[k].type};
}

bool step_plain_signature(Case *c, const Trace *t, Site p)
{
    (void)t;
    const Signature *sig = &func_at(c, p)->sig;
    bool plain = true;
    for (uint32_t k = 0; k < sig->params.n; k++) plain &= is_plain(&sig->params.at[k]);
    for (uint32_t k = 0; k < sig->returns.n; k++) plain &= is_plain(&sig->returns.at[k]);
    return !plain && change_signatures(c, p.func, 0, make_plain);
}
