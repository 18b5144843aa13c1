/* What a case has: a pass over its instructions, and what is known of addresses. */
#include "triage/census_local.h"

struct Census {
    uint64_t *counts; /* by key */
};

/* A function in work. */
typedef struct {
    uint64_t *counts;
    const Case *c;
    const Func *f;
    uint32_t index;
    const Addresses *x;
    const uint32_t *uses;
    uint32_t *home; /* by instruction: number of its block plus 1, 0 before it was visited */
    uint32_t block; /* the number of the one in work plus 1 */
} Counter;

Census *census_create(Arena *a)
{
    Census *c = arena_new(a, Census);
    c->counts = arena_array(a, uint64_t, census_keys());
    return c;
}

uint64_t census_count(const Census *c, const CensusCell *cell) { return c->counts[cell->key]; }

void census_add(Census *c, const Census *other)
{
    for (uint32_t k = 0; k < census_keys(); k++) c->counts[k] += other->counts[k];
}

/* ---- operands ----------------------------------------------------------------------------- */

static const bool literals[FORMAT_COUNT] = {
    [FORMAT_unary_imm] = true,    [FORMAT_unary_ieee16] = true, [FORMAT_unary_ieee32] = true,
    [FORMAT_unary_ieee64] = true, [FORMAT_unary_const] = true,
};

static bool is_literal(const InstData *i) { return literals[inst_op(i)->format]; }

/* An i128 has no literal: what is computed from nothing else stands for it. */
static bool is_constant(const Func *f, const InstData *i, Type type)
{
    if (is_literal(i)) return true;
    if (type != TY_i128 || !op_has(i->op, EFFECT_P) || !i->nargs) return false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        const InstData *def = func_def(f, inst_args_const(i)[k]);
        if (!def || !is_literal(def)) return false;
    }
    return true;
}

static CensusSource source_of(const Counter *v, Value x)
{
    const ValueData *d = func_value(v->f, x);
    if (d->kind == VALUE_PARAM) return SOURCE_register;
    const InstData *def = &v->f->insts.at[d->owner];
    if (is_constant(v->f, def, (Type)d->type)) return SOURCE_constant;
    bool single = inst_op(def)->format == FORMAT_load && v->uses[x.i] == 1;
    return single && v->home[d->owner] == v->block ? SOURCE_load : SOURCE_register;
}

static void count_operand(const Counter *v, const InstData *i, CensusRole role, Value x)
{
    Type own = func_type(v->f, x), type = role == ROLE_operand ? (Type)i->type : own;
    uint32_t key = census_operand_key((Op)i->op, role, type, own);
    CHECK(key != NO_INDEX);
    v->counts[key + source_of(v, x)]++;
}

static void count_operands(const Counter *v, const InstData *i)
{
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++)
        count_operand(v, i, census_role((Op)i->op, k), args[k]);
    for (uint32_t d = 0; d < i->ndests; d++)
        for (uint32_t k = 0; k < i->dests[d].nargs; k++)
            count_operand(v, i, ROLE_argument, i->dests[d].args[k]);
    const char *rule = inst_op(i)->operands;
    if (rule[0] && rule[0] != '*') return;
    uint32_t key = census_operand_key((Op)i->op, ROLE_operand, (Type)i->type, TY_none);
    v->counts[key + SOURCE_none]++;
}

/* ---- accesses ----------------------------------------------------------------------------- */

static CensusAlignment alignment_of(const Counter *v, const InstData *i, const Access *a,
                                    const Fact *p)
{
    uint64_t low = 0, within = a->bytes - 1;
    unsigned nlow = p->kind == FACT_address ? address_low(v->x, p, &low) : 64;
    uint64_t at = low + (uint64_t)a->offset;
    if (~low_mask(nlow) & within) return ALIGNMENT_unknown;
    if (at & within) return ALIGNMENT_skewed;
    if (!(i->flags.bits & MEMFLAG_aligned)) return ALIGNMENT_natural;
    return (low_mask(nlow) & 31) == 31 && !(at & 31) ? ALIGNMENT_over : ALIGNMENT_aligned;
}

/* Where runs put the parameter, as bits. */
static uint32_t places_of_runs(const Counter *v, uint32_t param)
{
    static const uint8_t places[] = {
        [PLACE_ANY] = PLACEMENT_any, [PLACE_END] = PLACEMENT_end, [PLACE_START] = PLACEMENT_start,
    };
    uint32_t set = 0;
    for (uint32_t k = 0; k < v->c->runs.n; k++) {
        const Run *r = &v->c->runs.at[k];
        if (r->func != v->index || param >= r->args.n) continue;
        uint32_t heap = r->args.at[param].heap;
        if (heap) set |= 1u << places[v->c->heaps.at[heap - 1].place];
    }
    return set ? set : 1u << PLACEMENT_parameter;
}

static uint32_t placements_of(const Counter *v, const Fact *p)
{
    const Base *b = address_base(v->x, p);
    if (!b) return p->kind == FACT_number && number_is(&p->n, 0) ? 1u << PLACEMENT_null : 0;
    switch ((BaseKind)b->kind) {
    case BASE_slot: return 1u << PLACEMENT_slot;
    case BASE_loaded: return 1u << PLACEMENT_loaded;
    case BASE_choice: return 1u << PLACEMENT_choice;
    case BASE_param: break;
    }
    bool fault = b->contract && b->contract->fault;
    return fault ? 1u << PLACEMENT_fault : places_of_runs(v, b->index);
}

static CensusReport report_of(MemFlags f)
{
    if (f.bits & MEMFLAG_notrap) return REPORT_notrap;
    if (f.trap == TRAP_none || f.trap == TRAP_heap_oob) return REPORT_heap_oob;
    return f.trap <= TRAP_user_last ? REPORT_user : REPORT_named;
}

static void count_flags(const Counter *v, const InstData *i, bool store)
{
    unsigned bits = i->flags.bits;
    CensusFlags f = {
        .aligned = bits & MEMFLAG_aligned,
        .readonly = bits & MEMFLAG_readonly,
        .can_move = bits & MEMFLAG_can_move,
        .region = i->flags.region,
        .store = store,
        .order = bits & (MEMFLAG_little | MEMFLAG_big),
        .report = report_of(i->flags),
    };
    v->counts[census_flags_key(f)]++;
}

static void count_access(const Counter *v, const InstData *i, const Access *a)
{
    const Fact *p = address_fact(v->x, inst_args_const(i)[a->address]);
    CensusAlignment alignment = alignment_of(v, i, a, p);
    uint32_t set = placements_of(v, p);
    for (; set; set &= set - 1) {
        CensusPlacement at = (CensusPlacement)__builtin_ctz(set);
        v->counts[census_access_key((Op)i->op, (Type)i->type, alignment, at)]++;
    }
    if (!op_has(i->op, EFFECT_E)) count_flags(v, i, a->writes);
}

/* ---- functions ---------------------------------------------------------------------------- */

static CensusPurpose purpose_of(const AbiParam *p)
{
#define PURPOSE(name, what, how) \
    if (p->purpose == PURPOSE_##what && p->extension == EXTENSION_##how) \
        return CENSUS_PURPOSE_##name;
#include "triage/census.def"
    return purpose_of(&(AbiParam){.purpose = p->purpose}); /* extended, which i64 need not be */
}

static void count_signature(const Counter *v, const Signature *sig)
{
    for (uint32_t k = 0; k < sig->params.n; k++)
        v->counts[census_convention_key(sig->conv, purpose_of(&sig->params.at[k]), false)]++;
    for (uint32_t k = 0; k < sig->returns.n; k++)
        v->counts[census_convention_key(sig->conv, purpose_of(&sig->returns.at[k]), true)]++;
}

static void count_inst(Counter *v, Inst inst)
{
    const InstData *i = func_inst(v->f, inst);
    Access a;
    v->home[inst.i] = v->block;
    count_operands(v, i);
    if (inst_access(i, &a)) count_access(v, i, &a);
}

static void count_func(Counter *v, Arena *a)
{
    v->x = address_derive(v->f, cfg_compute(v->f, a), a);
    v->uses = func_count_uses(v->f, a);
    v->home = arena_array(a, uint32_t, v->f->insts.n);
    count_signature(v, &v->f->sig);
    for (uint32_t k = 0; k < v->f->layout.n; k++) {
        const BlockData *bd = func_block(v->f, v->f->layout.at[k]);
        v->block = k + 1;
        for (uint32_t n = 0; n < bd->insts.n; n++) count_inst(v, bd->insts.at[n]);
    }
}

void census_case(Census *c, const Case *of, Arena *scratch)
{
    const Module *m = of->module;
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        ArenaMark mark = arena_mark(scratch);
        Counter v = {.counts = c->counts, .c = of, .f = m->funcs.at[k], .index = k};
        count_func(&v, scratch);
        arena_release(scratch, mark);
    }
}
