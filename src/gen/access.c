#include "gen/access.h"

#include "gen/expr.h"
#include "gen/nan.h"
#include "gen/pick.h"

static Op choose_op(Fn *fn, Choice *c, Type t, bool writable, bool aligned)
{
    static const Op atomics[] = {OP_atomic_load, OP_atomic_store, OP_atomic_store,
                                 OP_atomic_rmw, OP_atomic_rmw, OP_atomic_cas, OP_atomic_cas};
    uint64_t types = op_types(OP_atomic_rmw, fn->g->types, fn->g->off) & kinds_of_integers();
    bool atomic = aligned && is_on(fn->g, FAMILY_atomic) && types >> t & 1;
    if (atomic && chance(c, t == TY_i128 ? 7 : 4, 8))
        return atomics[writable ? choose(c, countof(atomics)) : 0];
    bool store = writable && chance(c, 1, 2);
    return choose_access(c, t, store);
}

/* Operands by the letters of ops.def: the address, and values. */
static void add_operands(Fn *fn, Choice *c, InstData *i, Type t, Value p)
{
    const char *letters = op_info[i->op].operands;
    i->nargs = (uint32_t)strlen(letters);
    for (uint32_t k = 0; k < i->nargs; k++) {
        i->args_.few[k] = p;
        if (letters[k] == 'a') continue;
        i->args_.few[k] = nan_fix_bits(fn, c, expr_leaf(fn, c, t, EXPR_dag));
        i->type = (uint8_t)func_type(fn->f, i->args_.few[k]);
    }
}

Value access_hide_alignment(Fn *fn, Choice *c, Value p, MemFlags *flags)
{
    if (!is_on(fn->g, FAMILY_index) || !is_on(fn->g, FAMILY_wrap)) return p;
    Value x = expr_leaf(fn, c, TY_i64, EXPR_dag);
    flags->bits &= (uint8_t)~(MEMFLAG_aligned | MEMFLAG_can_move);
    return gen_binary(fn, OP_iadd, p, gen_binary(fn, OP_isub, x, x));
}

/* An atomic access has no offset; null is 0 itself. */
static void place_atomic(Fn *fn, Choice *c, Pick *p, InstData *i)
{
    i->flags.bits &= (uint8_t)~(MEMFLAG_can_move | MEMFLAG_readonly);
    if (p->from.origin == fn->null) return;
    p->v = gen_offset(fn, p->v, p->offset);
    if (chance(c, 1, 2)) p->v = access_hide_alignment(fn, c, p->v, &i->flags);
}

static void place(Fn *fn, Choice *c, Pick *p, InstData *i)
{
    i->imm = p->offset;
    bool hidden = p->from.origin != fn->null && chance(c, 1, 8);
    if (hidden) p->v = access_hide_alignment(fn, c, p->v, &i->flags);
}

static void access_once(Fn *fn, Choice *c, Address a)
{
    const Origin *b = &fn->origins[a.origin];
    Type t = choose_type(c, fn->g->types);
    bool odd = is_on(fn->g, FAMILY_odd) && is_on(fn->g, FAMILY_wide);
    if (odd && chance(c, 1, 10)) t = TY_i128; /* whose atomic accesses no other case has */
    if (b->range.hi - b->range.lo - (a.hi - a.lo) < (int64_t)type_bytes(t)) t = TY_i8;
    Op op = choose_op(fn, c, t, b->writable, a.align >= type_bytes(t));
    bool atomic = op_has(op, EFFECT_E);
    Need need = {.bytes = op_access_bytes(op, t), .aligned = atomic, .where = (Where)choose(c, 3)};
    if (a.align > 16 && chance(c, 1, 2)) need.where = WHERE_over;
    need.read = op_has(op, EFFECT_L);
    need.write = op_has(op, EFFECT_S);
    Pick p;
    if (!pick_from(fn, c, &a, need, &p)) return;
    InstData i = {.op = (uint8_t)op, .type = (uint8_t)t, .cond = (uint8_t)choose(c, ATOMIC_COUNT),
                  .flags = p.flags};
    if (atomic) place_atomic(fn, c, &p, &i);
    else place(fn, c, &p, &i);
    add_operands(fn, c, &i, t, p.v);
    const InstData *made = func_inst(fn->f, gen_inst(fn, &i));
    if (made->nresults) scope_add(fn, c, made->result);
}

/* More where a seldom family is on. */
void access_any(Fn *fn, Choice *c, Address a)
{
    uint32_t n = is_on(fn->g, FAMILY_odd) && chance(c, 2, 3) ? 2 + choose(c, 9) : 1;
    while (n-- && can_afford(fn, EXPR_COST)) access_once(fn, c, a);
}
