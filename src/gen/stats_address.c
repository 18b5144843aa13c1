/* Addresses in what was executed: how they were computed, accessed, chosen, compared, passed. */
#include "gen/stats_local.h"

static const Fact *fact_of(const FuncSurvey *t, Value x) { return address_fact(t->x, x); }

/* ---- numbers that addresses are computed with --------------------------------------------- */

/* Whatever wrapped before does not come through. */
static bool cuts_off(const InstData *i)
{
    static const uint8_t bounding[] = {OP_band, OP_umin, OP_urem, OP_ushr};
    return memchr(bounding, i->op, sizeof bounding) != NULL;
}

/* Whether `v` comes from narrow arithmetic that wrapped as `did` says. */
static bool wrapped(const FuncSurvey *t, Value v, unsigned did, unsigned depth)
{
    const ValueData *d = func_value(t->f, v);
    const InstData *i = func_def(t->f, v);
    if (!i || depth == 0 || i->nresults != 1 || i->nargs != 2) return false;
    if (t->did[d->owner] & did) return true;
    if (cuts_off(i)) return false;
    for (uint32_t k = 0; k < 2; k++)
        if (wrapped(t, inst_args_const(i)[k], did, depth - 1)) return true;
    return false;
}

/* Whether a number that is added to an address was widened from one that wrapped. */
static bool was_widened_wrapped(const FuncSurvey *t, Value v, unsigned depth)
{
    const InstData *i = func_def(t->f, v);
    if (!i || depth == 0) return false;
    const Value *args = inst_args_const(i);
    if (i->op == OP_uextend) return wrapped(t, args[0], DID_wrap_unsigned, 4);
    if (i->op == OP_sextend) return wrapped(t, args[0], DID_wrap_signed, 4);
    if (i->nargs != 2 || cuts_off(i)) return false;
    return was_widened_wrapped(t, args[0], depth - 1) || was_widened_wrapped(t, args[1], depth - 1);
}

static void survey_index(GenSurvey *v, const FuncSurvey *t, Value address, unsigned depth)
{
    const InstData *i = func_def(t->f, address);
    if (!i || !depth || (i->op != OP_iadd && i->op != OP_isub)) return;
    for (unsigned k = 0; k < 2; k++) {
        Value x = inst_args_const(i)[k];
        const Fact *p = fact_of(t, x);
        if (p->kind == FACT_address) {
            survey_index(v, t, x, depth - 1);
        } else if (p->kind == FACT_number && !number_is_exact(&p->n)) {
            if (was_widened_wrapped(t, x, 4)) see(v, SHARE_wrapping);
            if (p->n.hi < 0) see(v, SHARE_negative);
        }
    }
}

/* ---- accesses ----------------------------------------------------------------------------- */

static void survey_access(GenSurvey *v, const FuncSurvey *t, const InstData *i, const Access *a)
{
    Value p = inst_args_const(i)[a->address];
    const Fact *fact = fact_of(t, p);
    if (fact->kind != FACT_address) return;
    uint64_t low;
    unsigned nlow = address_low(t->x, fact, &low);
    bool known = nlow >= 4 || low_mask(nlow) >= a->bytes - 1;
    if (a->bytes == 16 && i->flags.bits & MEMFLAG_aligned) see(v, SHARE_aligned16);
    if (known && ((low + (uint64_t)a->offset) & (a->bytes - 1))) see(v, SHARE_misaligned);
    if (i->flags.bits & MEMFLAG_readonly) see(v, SHARE_readonly);
    if (i->flags.region) see(v, SHARE_region);
    if (a->offset > 4096 || a->offset < -4096) see(v, SHARE_displaced);
    bool of_param = address_base(t->x, fact)->kind == BASE_param;
    if (of_param && a->value >= 0 && is_address(t, inst_args_const(i)[a->value]))
        see(v, SHARE_heap_cell);
    if (number_is_exact(&fact->n)) return;
    see(v, SHARE_index);
    survey_index(v, t, p, 4);
}

/* What an address becomes in an instruction that gives none. */
static GenShare observed_as(Op op)
{
    if (op == OP_icmp) return SHARE_compared;
    return op == OP_isub ? SHARE_subtracted : SHARE_masked;
}

/* Arithmetic whose upper bits a compiler may have left dirty. */
static void survey_extend(GenSurvey *v, const FuncSurvey *t, Value x)
{
    static const uint8_t dirty[] = {OP_iadd, OP_isub, OP_imul, OP_ishl, OP_ineg, OP_bnot};
    const InstData *i = func_def(t->f, x);
    if (i && memchr(dirty, i->op, sizeof dirty)) see(v, SHARE_widened);
}

static void survey_inst(GenSurvey *v, const FuncSurvey *t, const InstData *i)
{
    Access a;
    const Value *args = inst_args_const(i);
    if (inst_access(i, &a)) survey_access(v, t, i, &a);
    if (i->nresults != 1 || !op_has(i->op, EFFECT_P)) return;
    bool address = is_address(t, i->result);
    bool choice = inst_op(i)->format == FORMAT_ternary && t->uses[i->result.i];
    if (choice && is_address(t, args[1]) && is_address(t, args[2])) see(v, SHARE_join);
    if (i->op == OP_uextend || i->op == OP_sextend) survey_extend(v, t, args[0]);
    for (uint32_t k = 0; !address && k < i->nargs; k++)
        if (is_address(t, args[k]) && t->uses[i->result.i]) see(v, observed_as((Op)i->op));
}

/* A way back to the block was taken. */
static bool iterates(const FuncSurvey *t, Block b)
{
    const Cfg *cfg = t->x->cfg;
    for (const Edge *e = cfg_preds(cfg, b); e < cfg_preds_end(cfg, b); e++)
        if (cfg->number[e->from.i] >= cfg->number[b.i] && t->ways[e->from.i] >> e->dest & 1)
            return true;
    return false;
}

/* A parameter of addresses: of a loop it steps, elsewhere it is a choice. */
static void survey_block(GenSurvey *v, const FuncSurvey *t, Block b)
{
    const BlockData *bd = func_block(t->f, b);
    bool header = cfg_is_loop_header(t->x->cfg, b), turns = header && iterates(t, b);
    if (turns) see(v, SHARE_loop);
    if (b.i == func_entry(t->f).i) return;
    for (uint32_t k = 0; k < bd->params.n; k++) {
        Value p = bd->params.at[k];
        if (!is_address(t, p) || !t->uses[p.i]) continue;
        if (turns) see(v, SHARE_walk);
        else if (!header) see(v, SHARE_join);
    }
}

void survey_addresses(GenSurvey *v, FuncSurvey *t)
{
    const Cfg *cfg = t->x->cfg;
    for (uint32_t k = 0; k < cfg->norder; k++) {
        Block b = cfg->order[k];
        const BlockData *bd = func_block(t->f, b);
        if (!t->entered[b.i]) continue;
        survey_block(v, t, b);
        for (uint32_t n = 0; n < bd->insts.n; n++)
            if (survey_was_done(t, b, n)) survey_inst(v, t, func_inst(t->f, bd->insts.at[n]));
    }
}

/* ---- calls -------------------------------------------------------------------------------- */

/* An argument; of a function that some other one called to one that accesses what it points to. */
static void survey_argument(GenSurvey *v, const FuncSurvey *t, Value x, const FuncSurvey *to,
                            uint32_t param)
{
    const Base *b = address_base(t->x, fact_of(t, x));
    if (!b) return;
    const Number *n = &fact_of(t, x)->n;
    see(v, SHARE_passed);
    if (!number_is_exact(n) || n->lo) see(v, SHARE_interior);
    bool called = t->index != v->c->runs.at[0].func;
    bool accessed = to->accessed >> param % 64 & 1;
    if (called && b->kind == BASE_param && accessed) see(v, SHARE_forwarded);
}

static void survey_call(GenSurvey *v, const FuncSurvey *t, const InstData *i)
{
    uint32_t callee = survey_callee(t->f, i), n;
    const Value *args = inst_call_args(i, &n);
    v->s->calls++;
    if (inst_op(i)->format == FORMAT_call_indirect) see(v, SHARE_indirect);
    for (uint32_t k = 0; callee != NO_INDEX && k < n; k++)
        if (func_contract(v->funcs[callee].f, k))
            survey_argument(v, t, args[k], &v->funcs[callee], k);
}

void survey_calls(GenSurvey *v, FuncSurvey *t)
{
    for (uint32_t b = 0; b < t->f->layout.n; b++) {
        Block block = t->f->layout.at[b];
        const BlockData *bd = func_block(t->f, block);
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            const InstData *i = func_inst(t->f, bd->insts.at[n]);
            if (op_has(i->op, EFFECT_K) && survey_was_done(t, block, n)) survey_call(v, t, i);
        }
    }
}

/* ---- heaps -------------------------------------------------------------------------------- */

/* The argument's range ends, or begins, where the heap does. */
static bool is_flush(const Heap *h, const DataValue *a, const Contract *c)
{
    if (h->fault) return false;
    if (h->place == PLACE_END) return a->offset + c->range.hi == (int64_t)h->size;
    return h->place == PLACE_START && a->offset + c->range.lo == 0;
}

void survey_heaps(GenSurvey *v)
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
            if (is_flush(h, a, c)) see(v, SHARE_edge);
        }
    }
}
