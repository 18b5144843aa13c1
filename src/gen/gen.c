/* From the head of a case to the case: functions from the first, which calls nobody, to the last,
 * which the runs call; then the runs. */
#include "gen/call.h"
#include "gen/head.h"
#include "gen/nan.h"
#include "gen/pick.h"
#include "gen/plan.h"
#include "gen/publish.h"
#include "gen/runs.h"
#include "gen/slot.h"
#include "gen/stmt.h"

#include "base/rng.h"

/* ---- a function's beginning --------------------------------------------------------------- */

static uint64_t reach_of(const Fn *fn, uint32_t param, const uint64_t *self)
{
    uint64_t reach = 0;
    for (uint32_t k = 0; k < fn->f->sig.params.n; k++)
        if (k != param && self[k] && func_relation(fn->f, k, param) != RELATION_disjoint)
            reach |= self[k];
    return reach;
}

/* The objects behind parameters: those that are the same share one. */
static void number_objects(Fn *fn, uint64_t *self)
{
    for (uint32_t k = 0; k < fn->f->sig.params.n; k++) {
        self[k] = 0;
        if (!func_contract(fn->f, k)) continue;
        for (uint32_t n = 0; n < k && !self[k]; n++)
            if (self[n] && func_relation(fn->f, n, k) == RELATION_same) self[k] = self[n];
        if (!self[k]) self[k] = UINT64_C(1) << fn->nobjects++;
    }
}

static void add_address_param(Fn *fn, uint32_t param, Value v, const uint64_t *self)
{
    Origin b = origin_of_contract(&fn->f->contracts[param]);
    b.self = self[param];
    b.reach = b.self | reach_of(fn, param, self);
    bool is_out = (int32_t)param == fn->g->funcs[fn->index].out;
    if (is_out) b.range = (ByteRange){0, INT32_MAX};
    uint8_t origin = scope_add_origin(fn, b, false);
    if (is_out)
        fn->out = origin, fn->out_root = v;
    else if (b.fault)
        fn->fault = origin, fn->fault_root = v;
    else
        scope_add_root(fn, origin, v);
}

static void add_params(Fn *fn, Choice *c)
{
    uint64_t self[PARAMS_MAX];
    const ValueVec *params = &func_block(fn->f, fn->top.at)->params;
    number_objects(fn, self);
    for (uint32_t k = 0; k < params->n; k++) {
        if (func_contract(fn->f, k))
            add_address_param(fn, k, params->at[k], self);
        else
            scope_add(fn, c, params->at[k]);
    }
}

/* Of the function in a call of it from outside. */
static uint32_t activations(const Gen *g, uint32_t index)
{
    const FuncPlan *plan = &g->funcs[index];
    return plan->counter == NO_PARAM ? 1 : plan->depth + 1;
}

/* The share of the case's instructions that functions up to this one may take. */
static void set_limits(Gen *g, Fn *fn, const GenOptions *o)
{
    uint32_t all = o && o->insts ? o->insts : GEN_INSTS_MAX;
    g->insts_max = all / g->nfuncs * (fn->index + 1);
    fn->limit = fn->index + 1 == g->nfuncs ? g->budget : g->budget / 6;
    fn->limit /= activations(g, fn->index);
}

/* Room for most functions of that many records. */
static void reserve(Fn *fn)
{
    Func *f = fn->f;
    uint32_t insts = 32 + 10 * fn->records;
    vec_reserve(f->arena, &f->insts, insts);
    vec_reserve(f->arena, &f->values, insts);
}

static void begin(Fn *fn, Choice *c)
{
    reserve(fn);
    Block entry = build_entry(fn->f);
    fn->top = builder_at(fn->f, entry);
    fn->b = builder_at(fn->f, gen_block(fn));
    fn->mult = 1;
    scope_init(fn);
    add_params(fn, c);
    const FuncPlan *plan = &fn->g->funcs[fn->index];
    for (uint32_t k = 0; k < plan->nstandins; k++) slot_make(fn, c, plan->standins[k]);
    fn->npassed = fn->nroots;
    if (chance(c, 1, 5)) slot_make_guard(fn, c);
}

/* ---- a function's end --------------------------------------------------------------------- */

/* A value to return: one that nobody used, if there is one. */
static Value choose_result(Fn *fn, Choice *c, Type t)
{
    const Value *vars = fn->scope.vars[kind_of[t]];
    for (unsigned k = 0; k < VARS; k++)
        if (vars[k].i != NO_INDEX && !value_is_used(fn, vars[k])) return vars[k];
    bool tree = is_on(fn->g, FAMILY_tree) && can_afford(fn, EXPR_COST) && chance(c, 1, 3);
    return tree ? expr_make(fn, c, t, 2, EXPR_tree) : expr_leaf(fn, c, t, EXPR_dag);
}

/* A call in tail position ends most functions that are planned for one: what they computed shows
 * before it. */
static bool make_tail_call(Fn *fn, Choice *c)
{
    publish_values(fn, c);
    publish_slots(fn, c);
    return call_tail(fn, c);
}

static void make_return(Fn *fn, Choice *c)
{
    const Signature *sig = &fn->f->sig;
    bool digest = fn->out == NO_ORIGIN, tail = fn->g->funcs[fn->index].tail != NO_FUNC;
    Value results[RETURNS_MAX];
    uint32_t n = sig->returns.n - digest;
    if (tail && make_tail_call(fn, c)) return;
    for (uint32_t k = 0; k < n; k++) {
        results[k] = nan_fix(fn, c, choose_result(fn, c, (Type)sig->returns.at[k].type));
        value_set_used(fn, results[k]);
    }
    publish_values(fn, c);
    if (!tail) publish_slots(fn, c);
    if (digest) results[n] = fn->digest.i != NO_INDEX ? fn->digest : gen_constant(fn, c, TY_i64);
    InstData i = {.op = OP_return};
    inst_set_args(fn->f, &i, results, sig->returns.n);
    gen_inst(fn, &i);
}

/* The contract of the out parameter covers what was published. */
static void settle_out(Fn *fn, Choice *c)
{
    if (fn->out == NO_ORIGIN) return;
    if (!fn->out_used) publish_value(fn, c, scope_value(fn, c, TY_i64));
}

/* Most address parameters that nobody used are read after all. */
static void read_params(Fn *fn, Choice *c)
{
    for (uint32_t k = 0; k < fn->npassed; k++) {
        Type t = choose_type(c, fn->g->types);
        Pick p;
        Value v = fn->roots[k].v;
        bool used = v.i != NO_INDEX && value_is_used(fn, v);
        bool skip = used || !can_afford(fn, EXPR_COST);
        if (skip || !chance(c, 3, 4)) continue;
        if (!pick_through(fn, c, k, (Need){.bytes = type_bytes(t), .read = true}, &p)) continue;
        scope_add(fn, c, gen_load(fn, OP_load, t, p.flags, p.v, p.offset));
    }
}

static void end(Fn *fn, Choice *c)
{
    FuncPlan *plan = &fn->g->funcs[fn->index];
    if (fn->index + 1 == fn->g->nfuncs)
        call_forgotten(fn, c);
    else if (fn->index && is_on(fn->g, FAMILY_call) && !fn->f->refs.n && chance(c, 3, 4))
        call_make(fn, c, choose(c, fn->index));
    call_itself(fn, c);
    if (fn->f->slots.n && chance(c, 1, 4)) slot_make_guard(fn, c);
    read_params(fn, c);
    publish_more(fn, c);
    settle_out(fn, c);
    make_return(fn, c);
    Place place = prologue_begin(fn);
    gen_jump(fn, fn->f->layout.at[1], NULL, 0);
    prologue_end(fn, place);
    if (plan->out != NO_PARAM)
        fn->f->contracts[plan->out].range.hi = (int64_t)align_up(fn->out_used, 4);
    plan->steps = fn->steps * activations(fn->g, fn->index);
    CHECK(fn->steps <= fn->limit);
}

static void make_func(Gen *g, uint32_t index, size_t start, const GenOptions *o)
{
    input_seek(g->in, start + head_func_at(g, index));
    Choice signature = input_record(g->in), frame = input_record(g->in);
    Fn space, *fn = &space;
    memset(fn, 0, offsetof(Fn, origins));
    fn->g = g;
    fn->index = index;
    fn->f = plan_func(g, index, &signature);
    fn->records = g->funcs[index].records;
    set_limits(g, fn, o);
    begin(fn, &frame);
    input_seek(g->in, start + head_section_at(g, index));
    stmt_make_list(fn, fn->records);
    end(fn, &frame);
}

/* ---- cases -------------------------------------------------------------------------------- */

Case *gen_next(GenInput *in, const GenOptions *o, Arena *a)
{
    if (in->count == GEN_CASES_MAX || (in->count && in->at >= in->n)) return NULL;
    in->count++;
    size_t start = in->at;
    Gen *g = arena_new(a, Gen);
    g->a = a;
    g->in = in;
    g->c = case_create(a);
    g->c->discipline = true;
    g->m = g->c->module;
    head_read(g, in, o);
    in->off = g->off;
    in->large = g->large;
    for (uint32_t k = 0; k < g->nfuncs; k++) make_func(g, k, start, o);
    runs_make(g, start);
    input_seek(in, start + head_bytes(g));
    return g->c;
}

size_t gen_seed_bytes(uint64_t seed, uint8_t *bytes, size_t cap)
{
    Rng r = rng_seeded(seed);
    Gen g = {0};
    uint8_t head[HEAD_BYTES];
    rng_fill(&r, head, sizeof head);
    GenInput in = {.bytes = head, .n = sizeof head};
    head_read(&g, &in, NULL);
    size_t n = head_bytes(&g);
    if (n > cap) n = cap;
    size_t first = n < sizeof head ? n : sizeof head;
    memcpy(bytes, head, first);
    rng_fill(&r, bytes + first, n - first);
    return n;
}
