#include "jit/x64/rule.h"

/* -- Blocks and edges -------------------------------------------------------------------------- */

/* Where what a block gets is; what an exception brings has its place. */
static Reg passed(const Func *f, const InstData *last, Value v)
{
    uint32_t own = v.i - last->result.i;
    if (likely(!inst_op(last)->tries) || own >= last->nresults) return reg_virtual(v.i);
    uint32_t returned = func_call_signature(f, last)->returns.n;
    return own < returned ? reg_virtual(v.i) : abi_payload(own - returned);
}

static void add_edges(MFunc *m, const Cfg *c, uint32_t from, const InstData *last)
{
    for (uint32_t d = 0; last && d < last->ndests; d++) {
        const BlockCall *dest = &last->dests[d];
        MEdge *e = vec_push(m->arena, &m->edges);
        *e = (MEdge){.from = from, .to = c->number[dest->block.i], .args = m->regs.n};
        e->handler = d > 0 && inst_op(last)->tries;
        m->catches |= e->handler;
        for (uint32_t k = 0; k < dest->nargs; k++)
            *vec_push(m->arena, &m->regs) = passed(m->ir, last, dest->args[k]);
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
    uint32_t *loop_of = arena_array_room(m->arena, uint32_t, c->norder); /* of headers */
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

static void make_vregs(MFunc *m, const Func *f, const VReg *of_type)
{
    vec_reserve(m->arena, &m->vregs, f->values.n + f->values.n / 2 + 16);
    for (uint32_t k = 0; k < f->values.n; k++) m->vregs.at[k] = of_type[f->values.at[k].type];
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

/* -- What cannot be lowered -------------------------------------------------------------------- */

static bool register_type(Type t)
{
    return type_bits(t) <= 128 && t != TY_i128;
}

/* Types that are held, moved and looked at bit by bit, but not computed with. */
static bool is_held_only(Type t)
{
    return type_lane(t) == TY_f16 || t == TY_f128;
}

static const char *no_registers(const Lower *l, const char *preposition, Type t)
{
    const char *name = op_name((Op)l->i->op);
    return arena_printf(l->a, "%s %s %s: no registers for the type", name, preposition,
                        type_name(t));
}

/* The type that instruction `l->i` would compute with though it must not, or TY_none. */
static Type held_only(const Lower *l)
{
    for (uint32_t k = 0; k < l->i->nargs; k++)
        if (is_held_only(type_of(l, arg(l, k)))) return type_of(l, arg(l, k));
    for (uint32_t k = 0; k < l->i->nresults; k++) {
        Type t = func_type(l->f, inst_result(l->i, k));
        if (is_held_only(t)) return t;
    }
    return TY_none;
}

static const char *held_only_refusal(const Lower *l)
{
    Type t = held_only(l);
    if (t == TY_none) return NULL;
    bool converts = strpbrk(inst_op(l->i)->operands, "nwFI") != NULL;
    return arena_printf(l->a, "%s: %s type %s", op_name((Op)l->i->op),
                        converts ? "conversion of" : "arithmetic on", type_name(t));
}

/* Every value of a type without registers is defined by an instruction without a row, by a call
 * whose signature is refused, or is a parameter. */
static const char *inst_refusal(const Lower *l)
{
    const char *name = op_name((Op)l->i->op);
    if (l->i->op == OP_tls_value) return "thread-local memory";
    for (uint32_t k = 0; k < l->i->nargs; k++) {
        Type t = type_of(l, arg(l, k));
        if (!register_type(t)) return no_registers(l, "of", t);
    }
    for (uint32_t k = 0; k < l->i->nresults; k++) {
        Type t = func_type(l->f, inst_result(l->i, k));
        if (!register_type(t)) return no_registers(l, "to", t);
    }
    const char *held = held_only_refusal(l);
    if (held) return held;
    Type type = (Type)l->i->type;
    bool elsewhere = rule_exists((Op)l->i->op, type, ~(FeatureSet)0);
    const char *why = elsewhere ? "no rule for it with these CPU features" : "no rule for it";
    if (type == TY_none) return arena_printf(l->a, "%s: %s", name, why);
    return arena_printf(l->a, "%s.%s: %s", name, type_name(type), why);
}

static const char *not_there(const Lower *l, FuncName name)
{
    if (!name.text.n)
        return arena_printf(l->a, "function u%u:%u is not in the module", name.space, name.index);
    return arena_printf(l->a, "function %%%.*s is not in the module", (int)name.text.n,
                        name.text.at);
}

static const char *global_refusal(const Lower *l)
{
    const GlobalValueData *g = &l->f->globals.at[l->i->entity];
    if (g->kind != GLOBAL_symbol) return "dynamic vectors";
    if (g->tls) return "thread-local memory";
    return g->callee == NO_INDEX ? not_there(l, g->symbol) : NULL;
}

/* The function or symbol that the instruction names. */
static const char *entity_refusal(const Lower *l, const char *format)
{
    if (strchr(format, 'g')) return global_refusal(l);
    if (!strchr(format, 'F')) return NULL;
    const FuncRefData *r = &l->f->refs.at[l->i->entity];
    return r->callee == NO_INDEX ? not_there(l, r->name) : NULL;
}

/* A tail call would copy a structure over what it may be part of. */
static const char *call_refusal(const Signature *sig, unsigned effects)
{
    if (effects & EFFECT_R && abi_has_structures(sig))
        return "a structure as argument of a tail call";
    return abi_refusal(sig);
}

static const char *late_refusal(const Lower *l)
{
    const OpInfo *o = inst_op(l->i);
    const char *format = format_operands[o->format], *refusal = entity_refusal(l, format);
    if (refusal) return refusal;
    if (o->effects & EFFECT_K) return call_refusal(func_call_signature(l->f, l->i), o->effects);
    return strpbrk(format, NAMED_ENTITIES) ? NULL : held_only_refusal(l);
}

/* The first refusal stands, whatever is lowered after it. */
static bool is_refused(Lower *l, const RuleEntry *e)
{
    if (l->refused) return true;
    if (e->row == RULE_NONE) l->refused = inst_refusal(l);
    else if (e->refusable) l->refused = late_refusal(l);
    return l->refused != NULL;
}

static const char *func_refusal(const MFunc *m, const Func *f, Arena *a)
{
    const char *reason = abi_refusal(&f->sig);
    if (m->blocks.n && m->blocks.at[0].npreds) reason = "a jump to the entry block";
    for (uint32_t b = 1; b < m->blocks.n; b++) {
        const BlockData *bd = func_block(f, m->blocks.at[b].ir);
        for (uint32_t k = 0; k < bd->params.n; k++) {
            Type t = func_type(f, bd->params.at[k]);
            if (!register_type(t)) reason = arena_printf(a, "block parameter of %s", type_name(t));
        }
    }
    return reason;
}

/* -- The walk ---------------------------------------------------------------------------------- */

/* The code of one root: where it begins in `written`, plus where it ends. */
static uint32_t begin_root(Lower *l, uint32_t origin)
{
    l->origin = minst_extra(MARK_none, origin);
    l->accesses.n = 0;
    return l->nwritten;
}

static void end_root(Lower *l, uint32_t first)
{
    l->ends[l->origin >> 4] = first + l->nwritten;
}

/* Puts the block's code in front of what is there. A root's is moved as far from the end as it
 * stood from the beginning; no jump depends on how long it is. */
static void place_block(Lower *l)
{
    uint32_t n = l->nwritten;
    MInst *to = mcode_push(l->a, &l->m->code, n);
    for (uint32_t k = 0; k < n; k++) {
        const MInst *i = &l->written[k];
        to[n + k - l->ends[i->extra >> 4]] = *i;
    }
    l->nwritten = 0;
}

static bool any_result_needed(const Lower *l, const InstData *i)
{
    unsigned some = i->nresults != 0;
    bool any = some & l->needed[i->result.i & -some];
    for (unsigned k = 1; k < i->nresults; k++) any |= l->needed[inst_result(i, k).i];
    return any;
}

static void lower_inst(Lower *l, Inst inst)
{
    const InstData *i = func_inst(l->f, inst);
    const RuleEntry *e = &l->rules->of[i->op][i->type];
    bool may_trap = !(i->flags.bits & MEMFLAG_notrap);
    bool root = (e->root == ROOT_ALWAYS) | ((e->root == ROOT_UNLESS_NOTRAP) & may_trap);
    if (l->sunk[inst.i] | !(root | any_result_needed(l, i))) return;
    l->at = inst;
    l->i = i;
    if (unlikely(is_refused(l, e))) return;
    uint32_t first = begin_root(l, inst.i);
    if (unlikely(i->flags.bits & MEMFLAG_big)) lower_big_endian(l);
    else rule_apply(l);
    end_root(l, first);
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
        uint32_t first = begin_root(l, NO_INDEX);
        lower_entry(l);
        end_root(l, first);
    }
    place_block(l);
    b->first = l->m->code.n;
}

static void count_from_start(MFunc *m)
{
    for (uint32_t k = 0; k < m->blocks.n; k++) {
        m->blocks.at[k].first = m->code.n - m->blocks.at[k].first;
        m->blocks.at[k].end = m->code.n - m->blocks.at[k].end;
    }
}

/* Instructions that a block becomes, as a rule. */
enum { BLOCK_ROOM = 64 };

MFunc *lower_func(const LowerRequest *q, const char **refused)
{
    const Func *f = q->f;
    *refused = "a function without a body";
    if (!f->layout.n) return NULL;
    MFunc *m = arena_new(q->arena, MFunc);
    *m = (MFunc){.arena = q->arena, .ir = f, .index = q->index};
    m->vex = q->rules->features >> FEATURE_AVX & 1;
    const Facts *facts = facts_compute(f, q->arena);
    make_blocks(m, f, facts->cfg);
    make_loops(m, facts->cfg);
    make_vregs(m, f, q->rules->vreg);
    make_slots(m, f);
    MInst written[BLOCK_ROOM];
    Lower l = {
        .a = q->arena,
        .f = f,
        .m = m,
        .facts = facts,
        .pool = q->pool,
        .features = q->rules->features,
        .rules = q->rules,
        .needed = arena_array(q->arena, bool, f->values.n + 1),
        .sunk = arena_array(q->arena, bool, f->insts.n),
        .refused = func_refusal(m, f, q->arena),
        .fuel = q->fuel,
        .best = q->rules->best,
        .written = written,
        .cap = countof(written),
        .ends = arena_array_room(q->arena, uint32_t, f->insts.n + 1),
    };
    mcode_reserve(q->arena, &m->code, f->insts.n + f->insts.n / 2 + BLOCK_ROOM);
    abi_compute(&f->sig, q->arena, &l.abi);
    if (l.abi.area_bytes) l.area = temp(&l, REG_GPR, 8);
    m->incoming = l.abi.stack_bytes;
    m->pops = l.abi.pops;
    for (uint32_t k = m->blocks.n; k > 0 && !l.refused; k--) lower_block(&l, k - 1);
    count_from_start(m);
    *refused = l.refused;
    return l.refused ? NULL : m;
}
