/* Atomic accesses, what keeps instructions in their places, the pinned register. */
#include "gen/access.h"
#include "gen/pick.h"
#include "gen/stmt.h"

/* Where the access goes, without an offset: atomic instructions have none. */
static bool pick_atomic(Fn *fn, Choice *c, Type t, Need need, Pick *p)
{
    need.bytes = type_bytes(t);
    need.aligned = need.plain = true;
    if (!pick_access(fn, c, need, p)) return false;
    p->v = gen_offset(fn, p->v, p->offset);
    p->flags.bits &= (uint8_t)~(MEMFLAG_can_move | MEMFLAG_readonly);
    if (chance(c, 1, 8)) p->v = access_hide_alignment(fn, c, p->v, &p->flags);
    return true;
}

static void load_atomic(Fn *fn, Choice *c, Type t)
{
    Pick p;
    if (!pick_atomic(fn, c, t, (Need){.read = true}, &p)) return;
    InstData i = {.op = OP_atomic_load, .type = (uint8_t)t, .flags = p.flags, .nargs = 1,
                  .args_.few = {p.v}};
    scope_add(fn, c, gen_value(fn, &i));
}

static void store_atomic(Fn *fn, Choice *c, Type t)
{
    Pick p;
    Value v = expr_leaf(fn, c, t, EXPR_dag);
    if (!pick_atomic(fn, c, t, (Need){.write = true}, &p)) return;
    gen_inst(fn, &(InstData){.op = OP_atomic_store, .type = (uint8_t)t, .flags = p.flags,
                             .nargs = 2, .args_.few = {v, p.v}});
}

static void modify(Fn *fn, Choice *c, Type t)
{
    Pick p;
    Value v = expr_leaf(fn, c, t, EXPR_dag);
    if (!pick_atomic(fn, c, t, (Need){.read = true, .write = true}, &p)) return;
    InstData i = {.op = OP_atomic_rmw, .type = (uint8_t)t, .flags = p.flags, .nargs = 2,
                  .cond = (uint8_t)choose(c, ATOMIC_COUNT), .args_.few = {p.v, v}};
    scope_add(fn, c, gen_value(fn, &i));
}

/* Expects what stands there half of the time. */
static void compare_and_swap(Fn *fn, Choice *c, Type t)
{
    Pick p;
    Value fresh = expr_leaf(fn, c, t, EXPR_dag), expected = expr_leaf(fn, c, t, EXPR_dag);
    if (!pick_atomic(fn, c, t, (Need){.read = true, .write = true}, &p)) return;
    if (chance(c, 1, 2)) expected = gen_load(fn, OP_load, t, p.flags, p.v, 0);
    InstData i = {.op = OP_atomic_cas, .type = (uint8_t)t, .flags = p.flags, .nargs = 3,
                  .args_.few = {p.v, expected, fresh}};
    scope_add(fn, c, gen_value(fn, &i));
}

static void make_fence(Fn *fn, Choice *c, Type t)
{
    (void)t;
    static const Op ops[] = {OP_fence, OP_fence, OP_fence, OP_sequence_point, OP_nop};
    gen_inst(fn, &(InstData){.op = (uint8_t)ops[choose(c, countof(ops))]});
}

void stmt_atomic(Fn *fn, Choice *c)
{
    static void (*const makers[])(Fn *, Choice *, Type) = {modify, modify, modify, load_atomic,
                                                           store_atomic, compare_and_swap,
                                                           compare_and_swap, make_fence};
    uint64_t types = op_types(OP_atomic_rmw, fn->g->types, fn->g->off);
    if (!is_on(fn->g, FAMILY_align)) types &= ~(UINT64_C(1) << TY_i128); /* it asks for 16 */
    Type t = choose_type(c, types & kinds_of_integers());
    if (types >> TY_i128 & is_on(fn->g, FAMILY_odd) && chance(c, 1, 2)) t = TY_i128;
    makers[choose(c, countof(makers))](fn, c, t);
}

/* Everybody's one register: 0 at first. */
void stmt_machine(Fn *fn, Choice *c)
{
    if (chance(c, 1, 2)) {
        Value v = expr_leaf(fn, c, TY_i64, EXPR_dag);
        gen_inst(fn, &(InstData){.op = OP_set_pinned_reg, .type = TY_i64, .nargs = 1,
                                 .args_.few = {v}});
    } else {
        scope_add(fn, c, gen_value(fn, &(InstData){.op = OP_get_pinned_reg, .type = TY_i64}));
    }
}
