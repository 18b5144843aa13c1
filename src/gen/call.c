/* Calls. The callee is finished, and its contracts stand: the caller picks addresses that satisfy
 * them, now this one, now that, so that one callee sees the same address twice, overlapping ones,
 * disjoint ones, parameters passed on, interior pointers. */
#include "gen/call.h"
#include "gen/index.h"
#include "gen/nan.h"
#include "gen/pick.h"
#include "gen/publish.h"
#include "gen/slot.h"
#include "gen/stmt.h"

typedef struct {
    const Func *to;
    const FuncPlan *plan;
    Argument addresses[PARAMS_MAX]; /* of address parameters */
    Value args[PARAMS_MAX];
} Call;

/* The next free bytes behind this function's own out parameter. */
static bool pass_own_out(Fn *fn, const ArgumentNeed *n, Argument *out)
{
    const Contract *k = n->contract;
    if (fn->out == NO_ORIGIN) return false;
    const Origin *b = &fn->origins[fn->out];
    if (b->region != k->region || b->align < k->align || b->skew || k->skew) return false;
    for (uint32_t d = 0; d < n->ndisjoint; d++)
        if (!origins_are_disjoint(b, &fn->origins[n->disjoint[d]->from.origin])) return false;
    int64_t at = publish_reserve(fn, (uint32_t)k->range.hi, k->align > 8 ? k->align : 8);
    Address a = {.v = gen_offset(fn, fn->out_root, at), .origin = fn->out, .lo = at, .hi = at,
                 .align = b->align, .skew = (uint16_t)((uint64_t)at & (b->align - 1))};
    *out = (Argument){a, k->range};
    return true;
}

/* A slot in whose cell stands an address that the cell's contract allows. */
static bool pass_cells(Fn *fn, Choice *c, const Contract *k, Argument *out)
{
    const Cell *cell = &k->cells.at[0];
    SlotPlan plan = {.bytes = (uint32_t)cell->offset, .align = k->align, .region = k->region,
                     .cell = true};
    Argument target;
    if (!pick_argument(fn, c, &(ArgumentNeed){.contract = &cell->target}, &target)) return false;
    uint8_t origin = slot_make(fn, c, plan);
    if (origin == NO_ORIGIN) return false;
    Address a = fn->roots[fn->nroots - 1];
    a.v = gen_stack_addr(fn, fn->origins[origin].slot, 0);
    MemFlags flags = pick_flags(fn, c, &a, cell->offset, 8, false);
    gen_store(fn, OP_store, flags, target.from.v, a.v, (int32_t)cell->offset);
    fn->origins[origin].cell_region = cell->target.region;
    *out = (Argument){a, k->range};
    return true;
}

/* Sites of one callee let its arguments overlap in turn. */
static bool wants_overlap(const Call *call, Choice *c)
{
    return (call->plan->calls % 2 != 0) == chance(c, 1, 8);
}

/* What the relations to earlier address arguments demand; true when one of them is to be passed. */
static bool relate(const Call *call, Choice *c, uint32_t param, ArgumentNeed *n, uint32_t *same)
{
    for (uint32_t k = 0; k < param; k++) {
        if (!func_contract(call->to, k)) continue;
        switch (func_relation(call->to, k, param)) {
        case RELATION_same: *same = k; return true;
        case RELATION_disjoint: n->disjoint[n->ndisjoint++] = &call->addresses[k]; break;
        case RELATION_any:
            if (wants_overlap(call, c)) n->overlap = &call->addresses[k];
            else n->disjoint[n->ndisjoint++] = &call->addresses[k];
            break;
        }
    }
    return false;
}

static bool pass_address(Fn *fn, Choice *c, Call *call, uint32_t param)
{
    const Contract *k = func_contract(call->to, param);
    Argument *out = &call->addresses[param];
    ArgumentNeed n = {.contract = k};
    uint32_t same;
    if (k->fault) {
        *out = (Argument){{.v = fn->fault_root, .origin = fn->fault}, k->range};
    } else if (k->cells.n) {
        if (!pass_cells(fn, c, k, out)) return false;
    } else if (relate(call, c, param, &n, &same)) {
        *out = call->addresses[same];
    } else {
        bool own = (int32_t)param == call->plan->out && chance(c, n.overlap ? 1 : 3, 4);
        if (!(own && pass_own_out(fn, &n, out)) && !pick_argument(fn, c, &n, out)) return false;
    }
    call->args[param] = out->from.v;
    return true;
}

Value call_data(Fn *fn, Choice *c, const FuncPlan *plan, uint32_t param, const Signature *sig)
{
    if ((int32_t)param == plan->counter) return index_bounded(fn, c, TY_i32, plan->depth + 1);
    return nan_fix(fn, c, expr_leaf(fn, c, sig->params.at[param].type, EXPR_dag));
}

static bool pass_all(Fn *fn, Choice *c, Call *call)
{
    const Signature *sig = &call->to->sig;
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (func_contract(call->to, k) && !pass_address(fn, c, call, k)) return false;
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (!func_contract(call->to, k)) call->args[k] = call_data(fn, c, call->plan, k, sig);
    return true;
}

static FuncRef reference(Fn *fn, uint32_t callee)
{
    for (uint32_t k = 0; k < fn->f->refs.n; k++)
        if (fn->f->refs.at[k].callee == callee) return (FuncRef){k};
    return build_ref(fn->f, callee);
}

/* The function's address, perhaps by way of memory; with the family off the slot alone. */
static Value callee_address(Fn *fn, Choice *c, FuncRef ref)
{
    InstData i = {.op = OP_func_addr, .type = TY_i64, .entity = ref.i};
    Value v = gen_value(fn, &i);
    SlotPlan plan = {.bytes = 8 * (1 + choose(c, 2))};
    plan.align = slot_choose_align(fn, c);
    plan.cell = is_on(fn->g, FAMILY_code);
    uint8_t origin = chance(c, 1, 2) ? slot_make(fn, c, plan) : NO_ORIGIN;
    if (origin == NO_ORIGIN || !plan.cell) return v;
    Address a = fn->roots[fn->nroots - 1];
    int64_t cell = fn->origins[origin].cell;
    a.v = gen_stack_addr(fn, fn->origins[origin].slot, 0);
    gen_store(fn, OP_store, pick_flags(fn, c, &a, cell, 8, false), v, a.v, (int32_t)cell);
    return gen_load(fn, OP_load, TY_i64, pick_flags(fn, c, &a, cell, 8, false), a.v,
                    (int32_t)cell);
}

Inst call_emit(Fn *fn, Choice *c, uint32_t callee, bool tail, const Value *args, uint32_t n)
{
    FuncRef ref = reference(fn, callee);
    InstData i = {.op = tail ? OP_return_call : OP_call, .entity = ref.i};
    if (chance(c, tail ? 1 : 3, tail ? 2 : 4)) {
        inst_set_args(fn->f, &i, args, n);
        return gen_inst(fn, &i);
    }
    Value all[PARAMS_MAX + 1];
    all[0] = callee_address(fn, c, ref);
    memcpy(all + 1, args, n * sizeof *args);
    i.op = tail ? OP_return_call_indirect : OP_call_indirect;
    i.entity = fn->f->refs.at[ref.i].sig.i;
    inst_set_args(fn->f, &i, all, n + 1);
    return gen_inst(fn, &i);
}

/* ---- calls with handlers ------------------------------------------------------------------ */

/* A tag or the default, and now and then a context, whose value comes last. */
static int64_t add_table(Fn *fn, Choice *c, SigRef sig, bool context)
{
    ExceptionTable *t = vec_push(fn->f->arena, &fn->f->tables);
    *t = (ExceptionTable){.sig = sig};
    if (context) vec_push(fn->f->arena, &t->handlers)->kind = HANDLER_context;
    Handler *h = vec_push(fn->f->arena, &t->handlers);
    h->kind = chance(c, 1, 2) ? HANDLER_tag : HANDLER_default;
    h->tag = choose(c, 100);
    return fn->f->tables.n - 1;
}

/* Where nobody comes: nothing raises an exception. On to the others with values of before, or a
 * trap. */
static BlockCall handler_way(Fn *fn, Choice *c, Block after, const Signature *sig)
{
    Value values[RETURNS_MAX];
    if (chance(c, 1, 2)) {
        for (uint32_t k = 0; k < sig->returns.n; k++)
            values[k] = nan_fix(fn, c, scope_value(fn, c, sig->returns.at[k].type));
        return gen_dest(fn, after, values, sig->returns.n);
    }
    Block lost = gen_block(fn), here = fn->b.at;
    fn->b.at = lost;
    gen_inst(fn, &(InstData){.op = OP_trap, .trap = choose_trap(c)});
    fn->b.at = here;
    return gen_dest(fn, lost, NULL, 0);
}

/* What the callee returns are results of the instruction that the block behind it gets. */
static void give_results(Fn *fn, Choice *c, Inst call, Block after, uint32_t n)
{
    InstData *made = func_inst(fn->f, call);
    for (uint32_t k = 0; k < n; k++) {
        made->dests[0].args[k] = inst_result(made, k);
        value_set_used(fn, inst_result(made, k));
    }
    fn->b.at = after;
    for (uint32_t k = 0; k < n; k++)
        scope_add(fn, c, block_param(fn, after, func_type(fn->f, inst_result(made, k))));
}

static void call_trying(Fn *fn, Choice *c, uint32_t callee, const Value *args, uint32_t n)
{
    const Signature *sig = &fn->g->m->funcs.at[callee]->sig;
    FuncRef ref = reference(fn, callee);
    SigRef type = fn->f->refs.at[ref.i].sig;
    bool indirect = chance(c, 1, 3), context = chance(c, 1, 4);
    Value all[PARAMS_MAX + 2], returned[RETURNS_MAX];
    if (indirect) all[0] = callee_address(fn, c, ref);
    memcpy(all + indirect, args, n * sizeof *args);
    n += indirect;
    if (context) all[n++] = scope_value(fn, c, TY_i64);
    Block after = gen_block(fn);
    memset(returned, 0, sizeof returned); /* until there are results */
    BlockCall ways[2] = {build_dest(fn->f, after, returned, sig->returns.n)};
    ways[1] = handler_way(fn, c, after, sig);
    InstData i = {.op = indirect ? OP_try_call_indirect : OP_try_call,
                  .entity = indirect ? type.i : ref.i, .ndests = 2};
    i.dests = arena_array(fn->g->a, BlockCall, 2);
    memcpy(i.dests, ways, sizeof ways);
    i.imm = add_table(fn, c, type, context);
    inst_set_args(fn->f, &i, all, n);
    give_results(fn, c, gen_inst(fn, &i), after, sig->returns.n);
}

/* ------------------------------------------------------------------------------------------- */

static void call_plainly(Fn *fn, Choice *c, uint32_t callee, const Value *args, uint32_t n)
{
    const InstData *i = func_inst(fn->f, call_emit(fn, c, callee, false, args, n));
    Value results[RETURNS_MAX];
    uint32_t nresults = i->nresults;
    for (uint32_t k = 0; k < nresults; k++) results[k] = inst_result(i, k);
    for (uint32_t k = 0; k < nresults; k++) scope_add(fn, c, results[k]);
}

bool call_make(Fn *fn, Choice *c, uint32_t callee)
{
    FuncPlan *plan = &fn->g->funcs[callee];
    Call call = {.to = fn->g->m->funcs.at[callee], .plan = plan};
    if (plan->needs_fault && fn->fault == NO_ORIGIN) return false;
    if (!can_run(fn, plan->steps + 12 * call.to->sig.params.n)) return false;
    fn->steps += plan->steps * fn->mult; /* first: arguments may take what is left */
    if (!pass_all(fn, c, &call)) {
        fn->steps -= plan->steps * fn->mult;
        return false;
    }
    bool catches = callconv_info[call.to->sig.conv].catches && is_on(fn->g, FAMILY_exception);
    void (*make)(Fn *, Choice *, uint32_t, const Value *, uint32_t) =
        catches && chance(c, 1, 6) ? call_trying : call_plainly;
    make(fn, c, callee, call.args, call.to->sig.params.n);
    plan->calls++;
    return true;
}

/* Two address parameters that may overlap. */
static bool has_pair(const Gen *g, uint32_t callee)
{
    const Func *f = g->m->funcs.at[callee];
    for (uint32_t k = 0; k < f->sig.params.n; k++)
        for (uint32_t n = 0; func_contract(f, k) && n < k; n++)
            if (func_contract(f, n) && func_relation(f, n, k) == RELATION_any) return true;
    return false;
}

void stmt_call(Fn *fn, Choice *c)
{
    if (fn->index == 0) {
        stmt_tree(fn, c);
        return;
    }
    uint32_t callee = choose(c, fn->index);
    bool twice = fn->depth == 0 && chance(c, has_pair(fn->g, callee) ? 7 : 1, 8);
    if (!call_make(fn, c, callee)) {
        stmt_assign(fn, c);
        return;
    }
    if (twice) call_make(fn, c, callee);
}

void call_forgotten(Fn *fn, Choice *c)
{
    for (uint32_t k = 0; k < fn->index; k++) {
        if (fn->g->funcs[k].calls || !call_make(fn, c, k)) continue;
        if (has_pair(fn->g, k) && chance(c, 1, 2)) call_make(fn, c, k);
    }
}
