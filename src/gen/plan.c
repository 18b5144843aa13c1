#include "gen/plan.h"

#include "ir/contract.h"

/* ---- contracts ---------------------------------------------------------------------------- */

/* What a parameter is. */
typedef struct {
    Type type;
    bool is_out;
    uint32_t copied; /* bytes of a structure that is passed by value, or 0 */
    Contract contract;
    int32_t same_as; /* index among the parameters, or NO_PARAM */
} Param;

typedef struct {
    Param at[PARAMS_MAX];
    uint32_t n;
    bool entry;
    const Func *tail; /* called in tail position with the first parameters, or NULL */
} Params;

static void set_init(Gen *g, Contract *k, ByteRange r)
{
    vec_clear(&k->init);
    if (r.lo < r.hi) *vec_push(g->a, &k->init) = r;
}

static void choose_alignment(Gen *g, Choice *c, Contract *k)
{
    static const uint8_t aligns[] = {1,  2,  4,  4,  8,  8,  16, 16, 16,
                                     16, 16, 16, 16, 16, 16, 32, 64, 128};
    k->align = aligns[choose(c, countof(aligns))];
    if (!is_on(g, FAMILY_align) && k->align > 8) k->align = 8;
    if (k->align > 1 && is_on(g, FAMILY_align) && chance(c, 1, 4)) {
        k->skew = (uint16_t)(1 + choose(c, k->align - 1u));
        if (chance(c, 1, 2)) k->skew = k->align / 2;
        if (k->align >= 16 && chance(c, 1, 3)) k->skew = (uint16_t)(k->skew & -4);
    }
}

/* The largest, up to 16, that a number of bytes is a multiple of. */
static uint16_t alignment_of(const Gen *g, int64_t bytes)
{
    uint16_t most = is_on(g, FAMILY_align) ? 16 : 8, align = (uint16_t)(bytes & -bytes);
    return align < most ? align : most;
}

/* A range, often no wider than its heap's alignment allows: then that ends where the range does. */
static void choose_fresh(Gen *g, Choice *c, Contract *k)
{
    int64_t bytes = slot_choose_bytes(g, c);
    k->range.lo = chance(c, 1, 4) ? -4 * (int64_t)(1 + choose(c, 4)) : 0;
    k->range.hi = k->range.lo + bytes;
    if (k->range.hi < 4) k->range.hi = 4;
    if (k->range.lo || !chance(c, 1, 4)) choose_alignment(g, c, k);
    else k->align = alignment_of(g, bytes);
    k->region = slot_choose_region(g, c);
    k->nowrite = chance(c, 1, 5);
    k->readonly = chance(c, 1, 6);
    ByteRange init = k->range;
    if (chance(c, 1, 8)) init.hi -= bytes / 2;
    set_init(g, k, init);
}

/* A contract of a finished function, so that the parameter can be passed on; perhaps wider. */
static bool choose_from_callee(Gen *g, Choice *c, uint32_t index, Contract *k)
{
    if (!index) return false;
    const Func *f = g->m->funcs.at[choose(c, index)];
    uint32_t n = f->sig.params.n, at = n ? choose(c, n) : 0;
    for (uint32_t tries = 0; tries < n; tries++, at++) {
        const Contract *from = func_contract(f, at % n);
        if (!from || from->fault || from->cells.n) continue;
        *k = *from;
        k->relations = NULL;
        int64_t more = chance(c, 1, 2) ? 4 * (int64_t)choose(c, 8) : 0;
        k->range.hi += more;
        if (k->range.hi < 4) k->range.hi = 4;
        k->init.at = NULL;
        k->init.n = k->init.cap = 0;
        set_init(g, k, k->range);
        k->readonly = false;
        return true;
    }
    return false;
}

/* Slots of a function instead of what callers would pass to it. */
static void add_standins(Gen *g, Choice *c, uint32_t index, uint32_t most)
{
    FuncPlan *plan = &g->funcs[index];
    for (uint32_t k = 0; k < most && plan->nstandins < STANDINS_MAX; k++) {
        if (chance(c, 1, 2)) continue;
        Contract contract = {0};
        choose_alignment(g, c, &contract);
        SlotPlan *slot = &plan->standins[plan->nstandins++];
        slot->align = contract.align;
        slot->bytes = slot_choose_bytes(g, c);
        if (chance(c, 1, 3)) slot->bytes += slot_choose_bytes(g, c);
        slot->region = slot_choose_region(g, c);
    }
}

static void choose_cell(Gen *g, Choice *c, uint32_t index, Contract *k)
{
    k->nowrite = k->readonly = false;
    k->skew = 0;
    if (k->align < 8) k->align = 8;
    k->range = (ByteRange){0, 8 * (1 + (int64_t)choose(c, 4))};
    set_init(g, k, k->range);
    Cell *cell = vec_push(g->a, &k->cells);
    cell->offset = k->range.hi - 8;
    cell->target.is_address = true;
    if (!choose_from_callee(g, c, index, &cell->target)) choose_fresh(g, c, &cell->target);
    cell->target.readonly = false;
    if (is_on(g, FAMILY_align) && chance(c, 1, 2)) {
        cell->target.align = 64;
        cell->target.skew = 0;
    }
}

static void choose_contract(Gen *g, Choice *c, uint32_t index, bool entry, Contract *k)
{
    k->is_address = true;
    k->align = 1;
    if (!chance(c, 3, 4) || !choose_from_callee(g, c, index, k)) choose_fresh(g, c, k);
    bool cell = chance(c, 1, 8);
    if (cell && !is_on(g, FAMILY_cell)) add_standins(g, c, index, 1);
    if (cell && is_on(g, FAMILY_cell)) {
        choose_cell(g, c, index, k);
    } else if (entry) { /* heaps are initialised, and often end at the range's end */
        int64_t spare = -(k->skew + k->range.hi) & (k->align - 1);
        if (chance(c, 2, 3)) k->range.hi += spare;
        set_init(g, k, k->range);
    }
}

/* ---- parameters --------------------------------------------------------------------------- */

static Param *add_param(Params *p, Type t)
{
    Param *made = &p->at[p->n++];
    *made = (Param){.type = t, .same_as = NO_PARAM};
    return made;
}

static void add_out(Gen *g, Choice *c, Params *p)
{
    Param *out = add_param(p, TY_i64);
    out->is_out = true;
    out->contract = (Contract){.is_address = true, .align = chance(c, 1, 3) ? 8 : 16};
    out->contract.region = slot_choose_region(g, c);
    if (!is_on(g, FAMILY_align)) out->contract.align = 8;
}

/* All of them are alike, so that one is passed on for another. */
static void add_fault(const Gen *g, Params *p)
{
    add_param(p, TY_i64)->contract = (Contract){
        .is_address = true, .align = g->fault_align, .fault = true, .range = {0, 64}};
}

/* A structure by value: the callee has a copy that nothing else points into. */
static void add_structure(Gen *g, Choice *c, Params *p)
{
    Param *made = add_param(p, TY_i64);
    made->copied = 8 * (1 + choose(c, 8));
    made->contract = (Contract){.is_address = true, .align = 1u << choose(c, 4),
                                .range = {0, made->copied}};
    set_init(g, &made->contract, made->contract.range);
    made->contract.region = slot_choose_region(g, c);
}

/* One of those before, passed twice. */
static bool add_same(Choice *c, Params *p)
{
    for (uint32_t k = 0; k < p->n; k++) {
        const Param *old = &p->at[k];
        bool plain = old->contract.is_address && !old->is_out && !old->contract.cells.n;
        if (!plain || old->copied || !chance(c, 1, 2)) continue;
        Param *made = add_param(p, TY_i64);
        made->contract = old->contract;
        made->same_as = old->same_as == NO_PARAM ? (int32_t)k : old->same_as;
        return true;
    }
    return false;
}

static void add_addresses(Gen *g, Choice *c, uint32_t index, Params *p)
{
    static const uint8_t counts[] = {1, 1, 1, 2, 2, 2, 2, 2, 3, 1, 2, 2, 0, 2, 1, 2};
    uint32_t n = counts[choose(c, countof(counts))];
    for (uint32_t k = 0; k < n; k++) {
        if (k && !p->entry && chance(c, 1, 5) && add_same(c, p)) continue;
        choose_contract(g, c, index, p->entry, &add_param(p, TY_i64)->contract);
    }
}

/* Those that are handed on in a tail call: the callee's, but for an out parameter of its own. */
static void add_tail_params(Gen *g, Choice *c, const FuncPlan *callee, Params *p)
{
    const Signature *sig = &p->tail->sig;
    bool has_out = false;
    for (uint32_t k = 0; k < sig->params.n; k++) {
        const Contract *from = func_contract(p->tail, k);
        Param *made = add_param(p, (Type)sig->params.at[k].type);
        if (!from) continue;
        made->is_out = (int32_t)k == callee->out;
        has_out |= made->is_out;
        made->contract = *from;
        made->contract.relations = NULL;
        made->contract.readonly = false;
        made->contract.init.at = NULL;
        made->contract.init.n = made->contract.init.cap = 0;
        if (!made->is_out) set_init(g, &made->contract, from->range);
        for (uint32_t n = 0; n < k && made->same_as == NO_PARAM; n++)
            if (func_contract(p->tail, n) && func_relation(p->tail, n, k) == RELATION_same)
                made->same_as = (int32_t)n;
    }
    if (!has_out) add_out(g, c, p);
}

static bool is_fault_needed(const Gen *g, uint32_t index, Choice *c)
{
    if (!is_on(g, FAMILY_fault) || !is_on(g, FAMILY_trap) || !g->traps) return false;
    bool entry = index + 1 == g->nfuncs;
    for (uint32_t k = 0; entry && k < index; k++)
        if (g->funcs[k].needs_fault) return true;
    return chance(c, 1, entry ? 2 : 6);
}

static void add_data(Gen *g, Choice *c, Params *p)
{
    static const uint8_t small[] = {1, 1, 1, 1, 2, 2, 0, 0, 0, 1, 1, 2, 2, 1, 3, 5};
    static const uint8_t large[] = {1, 1, 1, 2, 2, 2, 3, 3, 0, 4, 1, 2, 5, 8, 11, 3};
    uint32_t at = choose(c, countof(small)), n = (g->large ? large : small)[at];
    while (n-- && p->n < PARAMS_MAX) add_param(p, choose_type(c, g->types));
}

static void swap(Params *p, uint32_t a, uint32_t b)
{
    Param t = p->at[a];
    p->at[a] = p->at[b];
    p->at[b] = t;
    for (uint32_t k = 0; k < p->n; k++) {
        if (p->at[k].same_as == (int32_t)a)
            p->at[k].same_as = (int32_t)b;
        else if (p->at[k].same_as == (int32_t)b)
            p->at[k].same_as = (int32_t)a;
    }
}

/* A finished function that can take this one's frame: its parameters are those that callers of
 * this one can satisfy. */
static void choose_tail(Gen *g, Choice *c, uint32_t index, Params *p)
{
    FuncPlan *plan = &g->funcs[index];
    bool wanted = is_on(g, FAMILY_tail) && is_on(g, FAMILY_address) && is_on(g, FAMILY_convention);
    if (p->entry || !index || !wanted || !chance(c, 7, 8)) return;
    uint32_t k = choose(c, index);
    const Func *f = g->m->funcs.at[k];
    if (f->sig.conv != CALLCONV_tail || f->sig.params.n > PARAMS_MAX / 2) return;
    if (g->funcs[k].needs_fault || g->funcs[k].counter != NO_PARAM) return;
    for (uint32_t n = 0; n < f->sig.params.n; n++) {
        bool structure = f->sig.params.at[n].purpose == PURPOSE_sarg;
        if (structure || (func_contract(f, n) && func_contract(f, n)->cells.n)) return;
    }
    p->tail = f;
    plan->tail = (int32_t)k;
}

static void choose_params(Gen *g, Choice *c, uint32_t index, Params *p)
{
    bool addresses = p->entry || is_on(g, FAMILY_address);
    choose_tail(g, c, index, p);
    if (p->tail) {
        add_tail_params(g, c, &g->funcs[g->funcs[index].tail], p);
        add_data(g, c, p);
        return;
    }
    if (p->entry || (addresses && chance(c, 1, 2))) add_out(g, c, p);
    if (addresses) add_addresses(g, c, index, p);
    else add_standins(g, c, index, 3);
    for (uint32_t k = g->nfuncs; k < g->laid_funcs; k++) add_standins(g, c, index, 6);
    if (addresses && is_fault_needed(g, index, c)) add_fault(g, p);
    if (addresses && !p->entry && is_on(g, FAMILY_convention) && chance(c, 1, 8))
        add_structure(g, c, p);
    add_data(g, c, p);
    for (uint32_t k = 0; k + 1 < p->n && k < 4; k++) swap(p, k, k + choose(c, p->n - k));
}

/* ---- relations ---------------------------------------------------------------------------- */

static bool writes(const Contract *k)
{
    return !k->nowrite && !k->readonly;
}

static bool must_be_disjoint(const Contract *a, const Contract *b)
{
    if (a->region != b->region || a->fault || b->fault || a->cells.n || b->cells.n) return true;
    return (a->readonly && writes(b)) || (b->readonly && writes(a));
}

static bool leads_to_writes(const Params *p)
{
    for (uint32_t k = 0; k < p->n; k++)
        if (p->at[k].contract.cells.n && writes(&p->at[k].contract.cells.at[0].target)) return true;
    return false;
}

/* Nothing may be called readonly that is written through a cell. */
static void settle_readonly(Params *p)
{
    bool cells = leads_to_writes(p);
    for (uint32_t k = 0; k < p->n; k++) {
        Contract *own = &p->at[k].contract;
        if (own->readonly && cells) own->readonly = false;
        if (own->readonly) own->nowrite = true;
    }
}

static Relation choose_relation(Choice *c, const Params *p, uint32_t a, uint32_t b)
{
    if (p->at[a].copied || p->at[b].copied) return RELATION_disjoint;
    bool passed_on = p->tail && b < p->tail->sig.params.n;
    if (passed_on && func_relation(p->tail, a, b) == RELATION_disjoint) return RELATION_disjoint;
    if (must_be_disjoint(&p->at[a].contract, &p->at[b].contract)) return RELATION_disjoint;
    return chance(c, 1, 5) ? RELATION_disjoint : RELATION_any;
}

static uint32_t root_of(const Params *p, uint32_t k)
{
    return p->at[k].same_as == NO_PARAM ? k : (uint32_t)p->at[k].same_as;
}

static Relation *decided(Relation *table, uint32_t a, uint32_t b)
{
    return a < b ? &table[b * PARAMS_MAX + a] : &table[a * PARAMS_MAX + b];
}

/* Indices of the address parameters. */
static uint32_t list_addresses(const Params *p, uint32_t *list)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < p->n; k++)
        if (p->at[k].contract.is_address) list[n++] = k;
    return n;
}

/* What is passed twice is related to others once. */
static void relate_params(Choice *c, const Params *p, Func *f)
{
    Relation table[PARAMS_MAX * PARAMS_MAX];
    uint32_t list[PARAMS_MAX], n = list_addresses(p, list);
    for (uint32_t b = 0; b < n; b++)
        for (uint32_t a = 0; a < b; a++)
            *decided(table, list[a], list[b]) = choose_relation(c, p, list[a], list[b]);
    for (uint32_t b = 0; b < n; b++)
        for (uint32_t a = 0; a < b; a++) {
            uint32_t x = root_of(p, list[a]), y = root_of(p, list[b]);
            Relation r = x == y ? RELATION_same : *decided(table, x, y);
            if (r != RELATION_any) func_set_relation(f, list[a], list[b], r);
        }
}

/* ---- functions ---------------------------------------------------------------------------- */

/* Narrow integers now and then travel extended. */
static AbiParam abi_param(Choice *c, Type t)
{
    AbiParam p = {.type = (uint8_t)t};
    bool narrow = type_is_int(t) && type_bits(t) < 64;
    if (narrow && chance(c, 1, 4)) p.extension = chance(c, 1, 2) ? EXTENSION_uext : EXTENSION_sext;
    return p;
}

/* Mostly as many as come back in registers: two integers, two floats or vectors. */
static void choose_returns(Gen *g, Choice *c, bool digest, Signature *sig)
{
    static const uint8_t counts[] = {0, 1, 1, 1, 1, 2, 2, 1, 1, 2, 3, 1, 5, 2, 1, 0};
    uint32_t n = counts[choose(c, countof(counts))], ints = digest, wide = 0;
    uint32_t most = chance(c, 1, 8) ? 4 : 2;
    while (n--) {
        Type t = choose_type(c, g->types);
        uint32_t *used = type_in_xmm(t) ? &wide : &ints, registers = t == TY_i128 ? 2 : 1;
        if (*used + registers > most) continue;
        *used += registers;
        *vec_push(g->a, &sig->returns) = abi_param(c, t);
    }
    if (digest) vec_push(g->a, &sig->returns)->type = TY_i64;
}

static const struct {
    uint8_t conv, weight[2]; /* where the family `odd` is off, on */
} conventions[] = {
#define CONVENTION(conv, weight, odd) {CALLCONV_##conv, {weight, (weight) + (odd)}},
#include "gen/conventions.def"
};

static CallConv choose_convention(const Gen *g, Choice *c)
{
    bool odd = is_on(g, FAMILY_odd);
    uint32_t total = 0, k = 0;
    for (uint32_t n = 0; n < countof(conventions); n++) total += conventions[n].weight[odd];
    uint32_t at = choose(c, total);
    while (at >= conventions[k].weight[odd]) at -= conventions[k++].weight[odd];
    return (CallConv)conventions[k].conv;
}

/* A purpose on a result says nothing. */
static void choose_result_purpose(const Gen *g, Choice *c, Signature *sig)
{
    uint32_t k = sig->returns.n ? choose(c, sig->returns.n) : 0;
    bool wanted = is_on(g, FAMILY_odd) && sig->returns.n && sig->returns.at[k].type == TY_i64;
    if (wanted && chance(c, 1, 4))
        sig->returns.at[k].purpose = chance(c, 1, 2) ? PURPOSE_vmctx : PURPOSE_sret;
}

/* One address at most gets a purpose: the context of a virtual machine, or, where there are no
 * results, the place of those. */
static void choose_purpose(Choice *c, const Params *p, Signature *sig)
{
    if (!chance(c, 1, 3)) return;
    uint32_t k = choose(c, p->n + !p->n);
    bool plain = k < p->n && p->at[k].contract.is_address && !p->at[k].contract.fault &&
                 !p->at[k].copied;
    bool results = sig->returns.n || chance(c, 1, 2);
    if (plain) sig->params.at[k].purpose = results ? PURPOSE_vmctx : PURPOSE_sret;
}

/* A parameter that counts down how often the function calls itself. */
static void add_counter(Gen *g, Choice *c, FuncPlan *plan, Params *p)
{
    plan->counter = NO_PARAM;
    bool wanted = is_on(g, FAMILY_recursion) && is_on(g, FAMILY_call) &&
                  is_on(g, FAMILY_branch) && !p->entry;
    if (!wanted || p->n == PARAMS_MAX || !chance(c, 1, 4)) return;
    plan->counter = (int32_t)p->n;
    plan->depth = 1 + choose(c, 3);
    add_param(p, TY_i32);
}

Func *plan_func(Gen *g, uint32_t index, Choice *c)
{
    static const char *const names[FUNCS_MAX] = {"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7"};
    Params p;
    p.n = 0;
    p.entry = index + 1 == g->nfuncs;
    FuncPlan *plan = &g->funcs[index];
    p.tail = NULL;
    plan->tail = NO_FUNC;
    choose_params(g, c, index, &p);
    add_counter(g, c, plan, &p);
    settle_readonly(&p);
    plan->out = NO_PARAM;
    bool conventional = !is_on(g, FAMILY_convention);
    Signature sig = {.conv = CALLCONV_system_v};
    if (!p.entry && !conventional) sig.conv = p.tail ? CALLCONV_tail : choose_convention(g, c);
    for (uint32_t k = 0; k < p.n; k++) {
        AbiParam *param = vec_push(g->a, &sig.params);
        *param = abi_param(c, p.at[k].type);
        if (p.at[k].copied) {
            param->purpose = PURPOSE_sarg;
            param->bytes = p.at[k].copied;
        }
        if (p.at[k].is_out) plan->out = (int32_t)k;
        plan->needs_fault |= p.at[k].contract.fault;
    }
    for (uint32_t k = 0; p.tail && k < p.tail->sig.returns.n; k++)
        *vec_push(g->a, &sig.returns) = p.tail->sig.returns.at[k];
    if (!p.tail) choose_returns(g, c, plan->out == NO_PARAM, &sig);
    if (!conventional) choose_purpose(c, &p, &sig);
    if (!conventional && !p.tail) choose_result_purpose(g, c, &sig);
    if (sig.conv == CALLCONV_preserve_all && sig.returns.n) sig.conv = CALLCONV_system_v;
    Func *f = func_create(g->m, funcname_text(names[index]), &sig);
    func_add_contracts(f);
    for (uint32_t k = 0; k < p.n; k++) f->contracts[k] = p.at[k].contract;
    relate_params(c, &p, f);
    return f;
}
