/* Functions that call themselves, so that two activations of one function are alive, and calls that
 * take over the caller's frame. Both hand on the parameters that they got: whoever called has
 * satisfied the contracts. */
#include "gen/call.h"
#include "gen/nan.h"
#include "gen/publish.h"
#include "gen/stmt.h"

#include "ir/contract.h"

static const Value *own_params(const Fn *fn)
{
    return func_block(fn->f, func_entry(fn->f))->params.at;
}

/* ---- recursion ---------------------------------------------------------------------------- */

static uint32_t arguments_for_itself(Fn *fn, Choice *c, Value *args)
{
    const FuncPlan *plan = &fn->g->funcs[fn->index];
    const Signature *sig = &fn->f->sig;
    for (uint32_t k = 0; k < sig->params.n; k++) {
        args[k] = own_params(fn)[k];
        if ((int32_t)k == plan->counter)
            args[k] = gen_binary_imm(fn, OP_iadd, args[k], -1);
        else if (!func_contract(fn->f, k) && chance(c, 1, 2))
            args[k] = call_data(fn, c, plan, k, sig);
    }
    return sig->params.n;
}

/* Instead of results where there was no call. */
static void other_results(Fn *fn, Choice *c, Value *v)
{
    const Signature *sig = &fn->f->sig;
    for (uint32_t k = 0; k < sig->returns.n; k++)
        v[k] = nan_fix(fn, c, scope_value(fn, c, sig->returns.at[k].type));
}

void call_itself(Fn *fn, Choice *c)
{
    const FuncPlan *plan = &fn->g->funcs[fn->index];
    if (plan->counter == NO_PARAM || fn->recursed || !can_afford(fn, 2 * STMT_COST)) return;
    fn->recursed = true;
    const Signature *sig = &fn->f->sig;
    Value otherwise[RETURNS_MAX], args[PARAMS_MAX], results[RETURNS_MAX];
    other_results(fn, c, otherwise);
    Block again = gen_block(fn), after = gen_block(fn);
    BlockCall to_again = gen_dest(fn, again, NULL, 0);
    BlockCall to_after = gen_dest(fn, after, otherwise, sig->returns.n);
    gen_brif(fn, own_params(fn)[plan->counter], to_again, to_after);
    Scope before = fn->scope;
    fn->b.at = again;
    uint32_t n = arguments_for_itself(fn, c, args);
    Inst call = call_emit(fn, c, fn->index, false, args, n);
    for (uint32_t k = 0; k < sig->returns.n; k++)
        results[k] = inst_result(func_inst(fn->f, call), k);
    gen_jump(fn, after, results, sig->returns.n);
    fn->scope = before;
    fn->b.at = after;
    for (uint32_t k = 0; k < sig->returns.n; k++)
        scope_add(fn, c, block_param(fn, after, sig->returns.at[k].type));
}

void stmt_recurse(Fn *fn, Choice *c)
{
    bool possible = fn->mult == 1 && fn->g->funcs[fn->index].counter != NO_PARAM && !fn->recursed;
    if (possible) call_itself(fn, c);
    else stmt_assign(fn, c);
}

/* ---- tail position ------------------------------------------------------------------------ */

/* The callee's out parameter lies behind what this function publishes itself. */
static Value own_out(Fn *fn, const Contract *k)
{
    int64_t at = publish_reserve(fn, (uint32_t)k->range.hi, k->align > 8 ? k->align : 8);
    return gen_offset(fn, fn->out_root, at);
}

static void tail_arguments(Fn *fn, Choice *c, uint32_t callee, Value *args)
{
    const FuncPlan *plan = &fn->g->funcs[callee];
    const Func *to = fn->g->m->funcs.at[callee];
    for (uint32_t k = 0; k < to->sig.params.n; k++) {
        const Contract *contract = func_contract(to, k);
        if (!contract) args[k] = call_data(fn, c, plan, k, &to->sig);
        else if ((int32_t)k == plan->out) args[k] = own_out(fn, contract);
        else args[k] = own_params(fn)[k];
    }
}

bool call_tail(Fn *fn, Choice *c)
{
    int32_t tail = fn->g->funcs[fn->index].tail;
    if (tail == NO_FUNC) return false;
    const FuncPlan *plan = &fn->g->funcs[tail];
    const Func *to = fn->g->m->funcs.at[tail];
    if (!can_run(fn, plan->steps + 12 * to->sig.params.n)) return false;
    fn->steps += plan->steps; /* first: arguments may take what is left */
    bool always = chance(c, 1, 2) || !is_on(fn->g, FAMILY_branch);
    Block rest = {NO_INDEX};
    if (!always) {
        Value condition = expr_condition(fn, c);
        Block call = gen_block(fn);
        rest = gen_block(fn);
        BlockCall then = gen_dest(fn, call, NULL, 0), otherwise = gen_dest(fn, rest, NULL, 0);
        gen_brif(fn, condition, then, otherwise);
        fn->b.at = call;
    }
    Scope before = fn->scope;
    Value args[PARAMS_MAX];
    tail_arguments(fn, c, (uint32_t)tail, args);
    call_emit(fn, c, (uint32_t)tail, true, args, to->sig.params.n);
    fn->g->funcs[tail].calls++;
    fn->scope = before;
    if (!always) fn->b.at = rest;
    return always;
}
