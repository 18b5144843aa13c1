#include "gen/stats_local.h"

typedef unsigned __int128 Wide;

static const Fact *fact_of(const Survey *v, Value x) { return address_fact(v->x, x); }

static bool is_address(const Survey *v, Value x)
{
    return fact_of(v, x)->kind == FACT_address;
}

/* ---- whether an index wraps --------------------------------------------------------------- */

typedef struct {
    Wide lo, hi; /* unsigned */
    bool wraps;  /* on the way, whatever the operands are */
} Bounds;

static Bounds bounds_of(const Func *f, Value v, unsigned depth);

/* Sums and products that leave the type for all operands wrap. */
static Bounds cut(Wide lo, Wide hi, unsigned bits, bool wraps)
{
    Wide top = (Wide)1 << bits;
    bool certain = lo >= top, together = lo >> bits == hi >> bits;
    if (hi < top) return (Bounds){lo, hi, wraps};
    if (!certain || !together) return (Bounds){0, top - 1, wraps || certain};
    return (Bounds){lo & (top - 1), hi & (top - 1), true};
}

static Bounds bounds_binary(const Func *f, const InstData *i, unsigned bits, unsigned depth)
{
    Value y = inst_args_const(i)[1];
    Bounds a = bounds_of(f, inst_args_const(i)[0], depth - 1), b = bounds_of(f, y, depth - 1);
    Wide top = (Wide)1 << bits;
    bool wraps = a.wraps || b.wraps;
    bool exact = b.lo == b.hi;
    if (i->op == OP_iadd) return cut(a.lo + b.lo, a.hi + b.hi, bits, wraps);
    if (i->op == OP_isub && a.hi < b.lo)
        return (Bounds){top + a.lo - b.hi, top + a.hi - b.lo, true};
    if (i->op == OP_isub && a.lo >= b.hi) return (Bounds){a.lo - b.hi, a.hi - b.lo, wraps};
    if (i->op == OP_imul && exact && b.lo < 1 << 20)
        return cut(a.lo * b.lo, a.hi * b.lo, bits, wraps);
    if (i->op == OP_ishl && exact && b.lo < bits)
        return cut(a.lo << b.lo, a.hi << b.lo, bits, wraps);
    if (i->op == OP_band) return (Bounds){0, a.hi < b.hi ? a.hi : b.hi, wraps};
    if (i->op == OP_umin) return (Bounds){0, a.hi < b.hi ? a.hi : b.hi, wraps};
    if (i->op == OP_bor) return (Bounds){a.lo > b.lo ? a.lo : b.lo, top - 1, wraps};
    if (i->op == OP_urem && b.lo) return (Bounds){0, b.hi - 1, wraps};
    return (Bounds){0, top - 1, wraps};
}

static Bounds bounds_of(const Func *f, Value v, unsigned depth)
{
    unsigned bits = type_bits(func_type(f, v));
    Bounds any = {0, ((Wide)1 << bits) - 1, false};
    const InstData *i = func_def(f, v);
    if (!i || depth == 0 || bits > 64) return any;
    if (i->op == OP_iconst) {
        Wide n = (uint64_t)i->imm & (bits == 64 ? ~UINT64_C(0) : (UINT64_C(1) << bits) - 1);
        return (Bounds){n, n, false};
    }
    if (i->op == OP_uextend) return bounds_of(f, inst_args_const(i)[0], depth - 1);
    if (i->op == OP_sextend) {
        any.wraps = bounds_of(f, inst_args_const(i)[0], depth - 1).wraps;
        return any;
    }
    if (i->nargs == 2 && op_has(i->op, EFFECT_P) && i->nresults == 1)
        return bounds_binary(f, i, bits, depth);
    return any;
}

bool index_wraps(const Func *f, Value v)
{
    return bounds_of(f, v, 6).wraps;
}

/* ---- accesses ----------------------------------------------------------------------------- */

/* The numbers that an address was computed with. */
static void survey_index(Survey *v, Value address, unsigned depth)
{
    const InstData *i = func_def(v->f, address);
    if (!i || !depth || (i->op != OP_iadd && i->op != OP_isub)) return;
    for (unsigned k = 0; k < 2; k++) {
        Value x = inst_args_const(i)[k];
        const Fact *p = fact_of(v, x);
        if (p->kind == FACT_address) {
            survey_index(v, x, depth - 1);
        } else if (p->kind == FACT_number && !number_is_exact(&p->n)) {
            if (index_wraps(v->f, x)) see(v, SHARE_wrapping);
            if (p->n.hi < 0) see(v, SHARE_negative);
        }
    }
}

static void survey_access(Survey *v, const InstData *i, const Access *a)
{
    Value p = inst_args_const(i)[a->address];
    const Fact *fact = fact_of(v, p);
    if (fact->kind != FACT_address) return;
    uint64_t low;
    unsigned nlow = address_low(v->x, fact, &low);
    bool known = nlow >= 4 || low_mask(nlow) >= a->bytes - 1;
    if (a->bytes == 16 && i->flags.bits & MEMFLAG_aligned) see(v, SHARE_aligned16);
    if (known && ((low + (uint64_t)a->offset) & (a->bytes - 1))) see(v, SHARE_misaligned);
    if (i->flags.bits & MEMFLAG_readonly) see(v, SHARE_readonly);
    if (i->flags.region) see(v, SHARE_region);
    if (a->offset > 4096 || a->offset < -4096) see(v, SHARE_displaced);
    if (!number_is_exact(&fact->n)) {
        see(v, SHARE_index);
        survey_index(v, p, 4);
    }
    if (a->value >= 0 && is_address(v, inst_args_const(i)[a->value])) v->stored_address = true;
    if (a->reads && i->nresults && is_address(v, i->result)) v->loaded_address = true;
}

static void survey_inst(Survey *v, const InstData *i)
{
    Access a;
    const Value *args = inst_args_const(i);
    if (inst_access(i, &a)) survey_access(v, i, &a);
    if (inst_op(i)->format == FORMAT_ternary && is_address(v, i->result)) see(v, SHARE_join);
    bool numeric = i->nresults == 1 && op_has(i->op, EFFECT_P) && !is_address(v, i->result);
    for (uint32_t k = 0; numeric && k < i->nargs; k++)
        if (is_address(v, args[k])) see(v, SHARE_compared);
}

/* A parameter of addresses: of a loop it steps, elsewhere it is a choice. */
static void survey_block(Survey *v, Block b)
{
    const BlockData *bd = func_block(v->f, b);
    const Cfg *cfg = v->x->cfg;
    bool header = cfg->loop[b.i].i == b.i;
    if (header) see(v, SHARE_loop);
    if (b.i == func_entry(v->f).i) return;
    for (uint32_t k = 0; k < bd->params.n; k++)
        if (is_address(v, bd->params.at[k])) see(v, header ? SHARE_walk : SHARE_join);
}

void survey_addresses(Survey *v)
{
    const Cfg *cfg = v->x->cfg;
    for (uint32_t k = 0; k < cfg->norder; k++) {
        survey_block(v, cfg->order[k]);
        const BlockData *bd = func_block(v->f, cfg->order[k]);
        for (uint32_t n = 0; n < bd->insts.n; n++) survey_inst(v, func_inst(v->f, bd->insts.at[n]));
    }
}

/* ---- calls -------------------------------------------------------------------------------- */

static ArgsRelation relation_of(const Survey *v, const Contract *a, Value x, const Contract *b,
                                Value y)
{
    const Fact *p = fact_of(v, x), *q = fact_of(v, y);
    if (x.i == y.i) return ARGS_same;
    if (p->base != q->base) return ARGS_elsewhere;
    if (!number_is_exact(&p->n) || !number_is_exact(&q->n)) return ARGS_overlap;
    if (p->n.lo == q->n.lo) return ARGS_same;
    bool overlap = p->n.lo + a->range.lo < q->n.lo + b->range.hi &&
                   q->n.lo + b->range.lo < p->n.lo + a->range.hi;
    return overlap ? ARGS_overlap : ARGS_apart;
}

static void survey_pair(Survey *v, uint32_t callee, uint32_t pair, ArgsRelation r)
{
    if (r == ARGS_overlap || r == ARGS_same) see(v, SHARE_overlapping);
    if (callee >= SITES_FUNCS_MAX || pair >= SITES_PAIRS_MAX) return;
    uint8_t *bits = &v->relations[callee][pair];
    *bits |= (uint8_t)(1 << r);
    if (*bits & (*bits - 1)) see(v, SHARE_relations);
}

/* Whether the function is called by another one of the module. */
static bool is_callee(const Survey *v)
{
    return v->index != v->c->runs.at[0].func;
}

static void survey_argument(Survey *v, Value x)
{
    const Base *b = address_base(v->x, fact_of(v, x));
    see(v, SHARE_passed);
    if (b->kind == BASE_param && is_callee(v)) see(v, SHARE_forwarded);
}

static void survey_call(Survey *v, const InstData *i, uint32_t callee)
{
    const Func *to = v->c->module->funcs.at[callee];
    uint32_t n, pair = 0;
    const Value *args = inst_call_args(i, &n);
    for (uint32_t k = 0; k < n; k++) {
        const Contract *c = func_contract(to, k);
        if (!c || !is_address(v, args[k])) continue;
        survey_argument(v, args[k]);
        for (uint32_t m = 0; m < k; m++) {
            const Contract *other = func_contract(to, m);
            if (!other || !is_address(v, args[m])) continue;
            survey_pair(v, callee, pair++, relation_of(v, other, args[m], c, args[k]));
        }
    }
}

void survey_calls(Survey *v)
{
    for (uint32_t b = 0; b < v->f->layout.n; b++) {
        const BlockData *bd = func_block(v->f, v->f->layout.at[b]);
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            const InstData *i = func_inst(v->f, bd->insts.at[n]);
            uint32_t refs[64];
            bool all;
            if (!op_has(i->op, EFFECT_K)) continue;
            v->s->calls++;
            if (inst_op(i)->format == FORMAT_call_indirect) see(v, SHARE_indirect);
            uint32_t nrefs = address_callees(v->x, i, refs, &all);
            for (uint32_t k = 0; k < nrefs; k++) {
                uint32_t callee = v->f->refs.at[refs[k]].callee;
                if (callee != NO_INDEX) survey_call(v, i, callee);
            }
        }
    }
}

/* ---- heaps -------------------------------------------------------------------------------- */

void survey_edges(Survey *v)
{
    for (uint32_t r = 0; r < v->c->runs.n; r++) {
        const Run *run = &v->c->runs.at[r];
        const Func *f = v->c->module->funcs.at[run->func];
        for (uint32_t k = 0; k < run->args.n; k++) {
            const DataValue *a = &run->args.at[k];
            const Contract *c = func_contract(f, k);
            if (!a->heap || !c) continue;
            const Heap *h = &v->c->heaps.at[a->heap - 1];
            if (h->fault) see(v, SHARE_fault);
            if (h->fault) continue;
            bool at_end = h->place == PLACE_END && a->offset + c->range.hi == (int64_t)h->size;
            bool at_start = h->place == PLACE_START && a->offset + c->range.lo == 0;
            if (at_end || at_start) see(v, SHARE_edge);
        }
    }
}
