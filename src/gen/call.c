/* Calls. The callee is finished, and its contracts stand: the caller picks addresses that satisfy
 * them, now this one, now that, so that one callee sees the same address twice, overlapping ones,
 * disjoint ones, parameters passed on, interior pointers. */
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

static bool pass_all(Fn *fn, Choice *c, Call *call)
{
    const Signature *sig = &call->to->sig;
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (func_contract(call->to, k) && !pass_address(fn, c, call, k)) return false;
    for (uint32_t k = 0; k < sig->params.n; k++) {
        if (func_contract(call->to, k)) continue;
        Value v = expr_leaf(fn, c, sig->params.at[k].type, EXPR_dag);
        call->args[k] = nan_fix(fn, c, v);
    }
    return true;
}

static FuncRef reference(Fn *fn, uint32_t callee)
{
    for (uint32_t k = 0; k < fn->f->refs.n; k++)
        if (fn->f->refs.at[k].callee == callee) return (FuncRef){k};
    return build_ref(fn->f, callee);
}

static Inst emit_call(Fn *fn, Choice *c, uint32_t callee, const Value *args, uint32_t n)
{
    FuncRef ref = reference(fn, callee);
    InstData i = {.op = OP_call, .entity = ref.i};
    if (chance(c, 3, 4)) {
        inst_set_args(fn->f, &i, args, n);
        return gen_inst(fn, &i);
    }
    Value all[PARAMS_MAX + 1];
    all[0] = gen_value(fn, &(InstData){.op = OP_func_addr, .type = TY_i64, .entity = ref.i});
    memcpy(all + 1, args, n * sizeof *args);
    i.op = OP_call_indirect;
    i.entity = fn->f->refs.at[ref.i].sig.i;
    inst_set_args(fn->f, &i, all, n + 1);
    return gen_inst(fn, &i);
}

bool call_make(Fn *fn, Choice *c, uint32_t callee)
{
    FuncPlan *plan = &fn->g->funcs[callee];
    Call call = {.to = fn->g->m->funcs.at[callee], .plan = plan};
    if (plan->needs_fault && fn->fault == NO_ORIGIN) return false;
    if (!can_run(fn, plan->steps + 12 * call.to->sig.params.n)) return false;
    if (!pass_all(fn, c, &call)) return false;
    Inst inst = emit_call(fn, c, callee, call.args, call.to->sig.params.n);
    fn->steps += plan->steps * fn->mult;
    plan->calls++;
    for (uint32_t k = 0; k < func_inst(fn->f, inst)->nresults; k++)
        scope_add(fn, c, inst_result(func_inst(fn->f, inst), k));
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
