#include "jit/x64/rule.h"

/* -- Blocks and edges -------------------------------------------------------------------------- */

static void add_edges(MFunc *m, const Cfg *c, uint32_t from, const InstData *last)
{
    for (uint32_t d = 0; last && d < last->ndests; d++) {
        const BlockCall *dest = &last->dests[d];
        MEdge *e = vec_push(m->arena, &m->edges);
        *e = (MEdge){.from = from, .to = c->number[dest->block.i], .args = m->regs.n};
        for (uint32_t k = 0; k < dest->nargs; k++)
            *vec_push(m->arena, &m->regs) = reg_virtual(dest->args[k].i);
        m->blocks.at[e->to].npreds++;
        if (e->to <= from) m->blocks.at[e->to].backward++;
    }
}

static void add_params(MFunc *m, MBlock *b, const BlockData *bd)
{
    b->params = m->regs.n;
    b->nparams = bd->params.n;
    for (uint32_t k = 0; k < bd->params.n; k++)
        *vec_push(m->arena, &m->regs) = reg_virtual(bd->params.at[k].i);
}

/* The function's entry gets its parameters from the caller, by instructions. If something jumps
 * back to it, there would be two ways in; lower_refusal says so. */
static void make_blocks(MFunc *m, const Func *f, const Cfg *c)
{
    vec_reserve(m->arena, &m->blocks, c->norder);
    m->blocks.n = c->norder;
    for (uint32_t k = 0; k < c->norder; k++) {
        m->blocks.at[k] = (MBlock){.ir = c->order[k], .loop = NO_INDEX};
        if (k > 0) add_params(m, &m->blocks.at[k], func_block(f, c->order[k]));
    }
    for (uint32_t k = 0; k < c->norder; k++) {
        const InstData *last = func_terminator(f, c->order[k]);
        m->blocks.at[k].edges = m->edges.n;
        m->blocks.at[k].nedges = last ? last->ndests : 0;
        add_edges(m, c, k, last);
    }
}

static bool in_loop(const MFunc *m, uint32_t block, uint32_t loop)
{
    for (uint32_t n = m->blocks.at[block].loop; n != NO_INDEX; n = m->loops.at[n].outer)
        if (n == loop) return true;
    return false;
}

static void add_exits(MFunc *m)
{
    for (uint32_t k = 0; k < m->edges.n; k++) {
        const MEdge *e = &m->edges.at[k];
        for (uint32_t n = m->blocks.at[e->from].loop; n != NO_INDEX; n = m->loops.at[n].outer) {
            MLoop *loop = &m->loops.at[n];
            if (in_loop(m, e->to, n)) break;
            if (loop->nexits < countof(loop->exits)) loop->exits[loop->nexits++] = e->to;
        }
    }
}

static void make_loops(MFunc *m, const Cfg *c)
{
    uint32_t *loop_of = arena_array(m->arena, uint32_t, c->norder);
    for (uint32_t k = 0; k < c->norder; k++) {
        Block b = c->order[k], header = c->loop[b.i];
        if (header.i == NO_INDEX) continue;
        if (header.i == b.i) {
            uint32_t outer = c->outer[b.i].i;
            loop_of[k] = m->loops.n;
            *vec_push(m->arena, &m->loops) = (MLoop){
                .header = k,
                .outer = outer == NO_INDEX ? NO_INDEX : loop_of[c->number[outer]],
                .depth = c->depth[b.i],
            };
        }
        uint32_t n = loop_of[c->number[header.i]];
        m->blocks.at[k].loop = n;
        for (; n != NO_INDEX; n = m->loops.at[n].outer) m->loops.at[n].last = k;
    }
    if (m->loops.n) add_exits(m);
}

/* -- Registers and slots ----------------------------------------------------------------------- */

static void make_vregs(MFunc *m, const Func *f)
{
    vec_reserve(m->arena, &m->vregs, f->values.n + f->values.n / 2 + 16);
    for (uint32_t k = 0; k < f->values.n; k++) {
        Type t = (Type)f->values.at[k].type;
        m->vregs.at[k] = (VReg){.class = (uint8_t)class_of(t), .bytes = (uint8_t)spill_bytes(t)};
    }
    m->vregs.n = f->values.n;
}

static void make_slots(MFunc *m, const Func *f)
{
    for (uint32_t k = 0; k < f->slots.n; k++) {
        const SlotData *s = &f->slots.at[k];
        mfunc_slot(m, (uint32_t)s->bytes, s->align);
        if (s->align > 16) m->realigned = true;
    }
}

/* -- The walk ---------------------------------------------------------------------------------- */

static void flush(Lower *l, uint32_t origin)
{
    MCode *code = &l->m->code;
    for (uint32_t k = l->ngroup; k > 0; k--) {
        MInst *i = mcode_push(l->a, code);
        *i = l->group[k - 1];
        i->extra = minst_extra(minst_mark(i), origin);
    }
    l->ngroup = 0;
}

static bool any_result_needed(const Lower *l, const InstData *i)
{
    for (unsigned k = 0; k < i->nresults; k++)
        if (l->needed[inst_result(i, k).i]) return true;
    return false;
}

static bool has_effect(const InstData *i)
{
    unsigned effects = inst_op(i)->effects;
    if (effects & (EFFECT_L | EFFECT_S | EFFECT_K)) {
        if (effects & (EFFECT_S | EFFECT_K | EFFECT_E)) return true;
        return !(i->flags.bits & MEMFLAG_notrap);
    }
    if (effects & (EFFECT_X | EFFECT_T | EFFECT_R)) return true;
    return (effects & EFFECT_E) && !(effects & EFFECT_P);
}

static void lower_inst(Lower *l, Inst inst)
{
    l->at = inst;
    l->i = func_inst(l->f, inst);
    if (l->sunk[inst.i] || (!has_effect(l->i) && !any_result_needed(l, l->i))) return;
    rule_apply(l);
    flush(l, inst.i);
}

static void need_arguments(Lower *l, const InstData *last)
{
    for (uint32_t d = 0; last && d < last->ndests; d++)
        for (uint32_t k = 0; k < last->dests[d].nargs; k++) use(l, last->dests[d].args[k]);
}

/* While the code grows at its front, positions are counted from its end. */
static void lower_block(Lower *l, uint32_t k)
{
    MBlock *b = &l->m->blocks.at[k];
    const BlockData *bd = func_block(l->f, b->ir);
    l->block = k;
    b->end = l->m->code.n;
    need_arguments(l, func_terminator(l->f, b->ir));
    for (uint32_t n = bd->insts.n; n > 0; n--) lower_inst(l, bd->insts.at[n - 1]);
    if (k == 0) {
        lower_entry(l);
        flush(l, NO_INDEX);
    }
    b->first = l->m->code.n;
}

static void count_from_start(MFunc *m)
{
    for (uint32_t k = 0; k < m->blocks.n; k++) {
        m->blocks.at[k].first = m->code.n - m->blocks.at[k].first;
        m->blocks.at[k].end = m->code.n - m->blocks.at[k].end;
    }
}

MFunc *lower_func(const LowerRequest *q)
{
    const Func *f = q->f;
    MFunc *m = arena_new(q->arena, MFunc);
    *m = (MFunc){.arena = q->arena, .ir = f, .index = q->index};
    m->vex = q->features >> FEATURE_AVX & 1;
    const Facts *facts = facts_compute(f, q->arena);
    make_blocks(m, f, facts->cfg);
    make_loops(m, facts->cfg);
    make_vregs(m, f);
    make_slots(m, f);
    Lower l = {
        .a = q->arena,
        .f = f,
        .m = m,
        .facts = facts,
        .pool = q->pool,
        .features = q->features,
        .needed = arena_array(q->arena, bool, f->values.n),
        .sunk = arena_array(q->arena, bool, f->insts.n),
    };
    abi_compute(&f->sig, q->arena, &l.abi);
    if (l.abi.area_bytes) l.area = temp(&l, REG_GPR, 8);
    for (uint32_t k = m->blocks.n; k > 0; k--) lower_block(&l, k - 1);
    count_from_start(m);
    return m;
}

/* -- What cannot be lowered -------------------------------------------------------------------- */

static bool register_type(Type t)
{
    if (type_lane(t) == TY_f16) return false;
    return type_is_vector(t) ? type_bits(t) == 128 : type_bits(t) <= 64;
}

static const char *inst_refusal(const Func *f, const InstData *i, FeatureSet features, Arena *a)
{
    Op op = (Op)i->op;
    for (uint32_t k = 0; k < i->nargs; k++) {
        Type t = func_type(f, inst_args_const(i)[k]);
        if (!register_type(t)) return arena_printf(a, "%s with %s", op_name(op), type_name(t));
    }
    for (uint32_t k = 0; k < i->nresults; k++) {
        Type t = func_type(f, inst_result(i, k));
        if (!register_type(t)) return arena_printf(a, "%s to %s", op_name(op), type_name(t));
    }
    if (!rule_exists(op, (Type)i->type, features))
        return arena_printf(a, "%s.%s", op_name(op), type_name((Type)i->type));
    if (i->flags.bits & MEMFLAG_big) return arena_printf(a, "%s big-endian", op_name(op));
    return NULL;
}

static const char *call_refusal(const Func *f, const InstData *i, Arena *a)
{
    const OpInfo *o = inst_op(i);
    if (o->format == FORMAT_call || o->format == FORMAT_func_addr) {
        const FuncRefData *r = &f->refs.at[i->entity];
        if (r->callee == NO_INDEX) {
            if (r->name.text.n == 0)
                return arena_printf(a, "function u%u:%u is not in the module", r->name.space,
                                    r->name.index);
            return arena_printf(a, "function %%%.*s is not in the module", (int)r->name.text.n,
                                r->name.text.at);
        }
    }
    return o->effects & EFFECT_K ? abi_refusal(func_call_signature(f, i)) : NULL;
}

static const char *block_refusal(const Func *f, Block b, FeatureSet features, Arena *a)
{
    const BlockData *bd = func_block(f, b);
    for (uint32_t k = 0; k < bd->params.n; k++) {
        Type t = func_type(f, bd->params.at[k]);
        if (!register_type(t)) return arena_printf(a, "block parameter of type %s", type_name(t));
    }
    for (uint32_t k = 0; k < bd->insts.n; k++) {
        const InstData *i = func_inst(f, bd->insts.at[k]);
        const char *reason = inst_refusal(f, i, features, a);
        if (!reason) reason = call_refusal(f, i, a);
        if (reason) return reason;
        for (uint32_t d = 0; d < i->ndests; d++)
            if (i->dests[d].block.i == func_entry(f).i) return "a jump to the entry block";
    }
    return NULL;
}

const char *lower_refusal(const Func *f, FeatureSet features, Arena *a)
{
    if (!f->layout.n) return "a function without a body";
    const char *reason = abi_refusal(&f->sig);
    for (uint32_t k = 0; k < f->layout.n && !reason; k++)
        reason = block_refusal(f, f->layout.at[k], features, a);
    return reason;
}
