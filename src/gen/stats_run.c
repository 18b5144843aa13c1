/* What runs do, noted event by event: which instructions are done and which ways are taken, what
 * wraps, how arguments lie to each other, where addresses are stored, what comes near a page. */
#include "gen/stats_local.h"

/* ---- where a run is ----------------------------------------------------------------------- */

static void note_way(FuncSurvey *t, Block to)
{
    const InstData *i = func_terminator(t->f, t->at);
    for (uint32_t k = 0; i && k < i->ndests; k++)
        if (i->dests[k].block.i == to.i && k < 64) t->ways[t->at.i] |= UINT64_C(1) << k;
}

/* The heaps that end at an unmapped page, or begin at one, from the entry's arguments. */
static void note_edges(GenSurvey *v, const FuncSurvey *t, const Bits *values)
{
    const ValueVec *params = &func_block(t->f, func_entry(t->f))->params;
    v->nedges = 0;
    for (uint32_t k = 0; k < v->run->args.n && v->nedges < SURVEY_EDGES_MAX; k++) {
        const DataValue *a = &v->run->args.at[k];
        const Heap *h = a->heap ? &v->c->heaps.at[a->heap - 1] : NULL;
        if (!h || h->fault || h->place == PLACE_ANY) continue;
        uint64_t start = values[params->at[k].i].u64[0] - (uint64_t)a->offset;
        v->edges[v->nedges++] = (SurveyEdge){start, start + h->size, h->place == PLACE_END};
    }
}

static void enter(GenSurvey *v, FuncSurvey *t, Block b, const Bits *values)
{
    if (b.i != func_entry(t->f).i) note_way(t, b);
    else if (t->index == v->run->func) note_edges(v, t, values);
    t->entered[b.i] = true;
    t->at = b;
    t->next = 0;
}

bool survey_was_done(const FuncSurvey *t, Block b, uint32_t n)
{
    const BlockData *bd = func_block(t->f, b);
    if (!t->entered[b.i]) return false;
    if (!op_has(func_inst(t->f, bd->insts.at[n])->op, EFFECT_T)) return t->did[bd->insts.at[n].i];
    return n == 0 || t->did[bd->insts.at[n - 1].i];
}

/* ---- what an instruction does ------------------------------------------------------------- */

static bool compute(Op op, __int128 x, __int128 y, unsigned bits, __int128 *result)
{
    if (op == OP_iadd) *result = x + y;
    else if (op == OP_isub) *result = x - y;
    else if (op == OP_imul) *result = x * y;
    else if (op == OP_ishl) *result = x * ((__int128)1 << ((uint64_t)y & (bits - 1)));
    else return false;
    return true;
}

static int64_t extended(uint64_t n, unsigned bits)
{
    return (int64_t)(n << (64 - bits)) >> (64 - bits);
}

/* Whether a narrow result is not what the same computation gives in a wide type. */
static unsigned wraps(const FuncSurvey *t, const InstData *i, const Bits *values)
{
    const Value *args = inst_args_const(i);
    unsigned bits = type_bits((Type)i->type), did = 0;
    if (i->nargs != 2 || !type_is_int((Type)i->type) || bits >= 64) return 0;
    uint64_t x = values[args[0].i].u64[0] & low_mask(bits);
    uint64_t y = values[args[1].i].u64[0] & low_mask(type_bits(func_type(t->f, args[1])));
    __int128 r, top = (__int128)1 << bits;
    if (!compute((Op)i->op, x, y, bits, &r)) return 0;
    if (r < 0 || r >= top) did |= DID_wrap_unsigned;
    __int128 sy = i->op == OP_ishl ? (__int128)y : extended(y, bits);
    compute((Op)i->op, extended(x, bits), sy, bits, &r);
    if (r < -top / 2 || r >= top / 2) did |= DID_wrap_signed;
    return did;
}

static bool is_stored(const GenSurvey *v, uint64_t at)
{
    for (uint32_t k = 0; k < v->ncells; k++)
        if (v->cells[k] == at) return true;
    return false;
}

/* Reading 16 bytes instead would leave the heap. */
static bool is_at_edge(const GenSurvey *v, uint64_t at, unsigned bytes)
{
    for (uint32_t k = 0; k < v->nedges; k++) {
        const SurveyEdge *e = &v->edges[k];
        if (e->at_end && at >= e->start && at + bytes <= e->end && at + 16 > e->end) return true;
    }
    return false;
}

static void note_access(GenSurvey *v, FuncSurvey *t, Inst inst, const InstData *i,
                        const Bits *values)
{
    Access a;
    const Value *args = inst_args_const(i);
    if (!inst_access(i, &a)) return;
    uint64_t at = values[args[a.address].i].u64[0] + (uint64_t)a.offset;
    if (a.reads && a.bytes < 16 && is_at_edge(v, at, a.bytes)) {
        see(v, SHARE_edge_access);
        t->did[inst.i] |= DID_edge;
    }
    const Base *base = address_base(t->x, address_fact(t->x, args[a.address]));
    if (base && base->kind == BASE_param && base->contract && base->contract->init.n)
        t->accessed |= UINT64_C(1) << base->index % 64;
    if (a.value >= 0 && is_address(t, args[a.value]) && v->ncells < SURVEY_CELLS_MAX)
        v->cells[v->ncells++] = at;
    if (a.reads && i->nresults && is_address(t, i->result) && is_stored(v, at))
        see(v, SHARE_cell);
}

uint32_t survey_callee(const Func *f, const InstData *call)
{
    uint32_t ref = call->entity;
    if (inst_op(call)->indirect) {
        const InstData *def = func_def(f, inst_args_const(call)[0]);
        if (!def || def->op != OP_func_addr) return NO_INDEX;
        ref = def->entity;
    }
    return f->refs.at[ref].callee;
}

static ArgsRelation relation_of(const Contract *a, uint64_t x, const Contract *b, uint64_t y)
{
    int64_t by = (int64_t)(y - x);
    if (by == 0) return ARGS_same;
    bool overlap = a->range.lo < by + b->range.hi && by + b->range.lo < a->range.hi;
    return overlap ? ARGS_overlap : ARGS_apart;
}

static void note_pair(GenSurvey *v, FuncSurvey *callee, uint32_t pair, ArgsRelation r,
                      uint32_t site)
{
    if (r != ARGS_apart) see(v, SHARE_overlapping);
    if (r == ARGS_same) see(v, SHARE_same);
    if (pair >= SURVEY_PAIRS_MAX) return;
    PairSites *p = &callee->pairs[pair];
    if (p->site[r] && p->site[r] != site) p->other[r] = true;
    p->site[r] = site;
    for (int q = 0; q < ARGS_RELATIONS; q++)
        if (q != (int)r && p->site[q] && (p->site[q] != site || p->other[q] || p->other[r]))
            see(v, SHARE_relations);
}

/* Sites of different functions have different numbers. */
static uint32_t site_of(const FuncSurvey *t, Inst i)
{
    return i.i * SURVEY_FUNCS_MAX + t->index + 1;
}

static void note_call(GenSurvey *v, FuncSurvey *t, Inst inst, const InstData *i,
                      const Bits *values)
{
    uint32_t callee = survey_callee(t->f, i), n, pair = 0;
    if (callee == NO_INDEX) return;
    const Func *to = v->funcs[callee].f;
    const Value *args = inst_call_args(i, &n);
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t m = 0; m < k; m++) {
            const Contract *a = func_contract(to, m), *b = func_contract(to, k);
            if (!a || !b) continue;
            uint64_t x = values[args[m].i].u64[0], y = values[args[k].i].u64[0];
            note_pair(v, &v->funcs[callee], pair++, relation_of(a, x, b, y), site_of(t, inst));
        }
}

/* ---- events ------------------------------------------------------------------------------- */

void gen_survey_run(GenSurvey *v, const Run *run)
{
    v->run = run;
    v->ncells = 0;
    v->current = NULL;
}

void gen_survey_event(GenSurvey *v, uint32_t func, Block block, Inst inst, const Bits *values)
{
    FuncSurvey *t = v->current = &v->funcs[func];
    if (block.i != NO_INDEX) {
        enter(v, t, block, values);
        return;
    }
    const InstData *i = func_inst(t->f, inst);
    t->next++;
    t->did[inst.i] |= (uint8_t)(DID_run | wraps(t, i, values));
    if (op_has(i->op, EFFECT_K)) note_call(v, t, inst, i, values);
    else if (op_has(i->op, EFFECT_L | EFFECT_S)) note_access(v, t, inst, i, values);
}

/* The instruction that did not get done is a load or store. */
static bool is_at_access(const FuncSurvey *t)
{
    const BlockData *bd = func_block(t->f, t->at);
    Access a;
    return t->next < bd->insts.n && inst_access(func_inst(t->f, bd->insts.at[t->next]), &a);
}

void gen_survey_outcome(GenSurvey *v, const GenOutcome *o)
{
    GenStats *s = v->s;
    uint64_t *const sums[] = {
        [RAN_returned] = &s->returned, [RAN_trapped] = &s->trapped, [RAN_invalid] = &s->invalid,
        [RAN_refused] = &s->refused, [RAN_fuel] = &s->fuel,
    };
    ++*sums[o->kind];
    s->runs++;
    s->steps += o->steps;
    s->written += o->written;
    s->most_steps = max_u64(s->most_steps, o->steps);
    if (o->kind != RAN_trapped) return;
    s->trapped_by[o->trap]++;
    s->share[SHARE_trapped]++;
    if (v->current && is_at_access(v->current)) s->share[SHARE_faulted]++;
}
