/* Wrong ideas of what callers pass and what callees do. */
#include "tests/faults/motion.h"
#include "tests/faults/plants.h"

static bool passes_root(const Func *f, const InstData *call, const Origin *o)
{
    for (uint32_t k = 0; k < call->nargs; k++) {
        Origin passed = origin_of(f, inst_args_const(call)[k]);
        if (same_root(&passed, o)) return true;
    }
    return false;
}

static Belief overlook_calls(const Site *s, const InstData *i)
{
    (void)s;
    return is_call(i) ? BELIEF_overlooked : BELIEF_stops;
}

/* Turn this: x := load p; call f(…); y := load p
 * Into this: x := load p; call f(…); y := x           x is a float or a vector */
bool plant_stale_over_call(const Site *s)
{
    return type_in_xmm((Type)site_inst(s, s->at)->type) &&
           reuse_known(s, FROM_load, overlook_calls);
}

/* A call with the load's slot among its arguments. */
static Belief overlook_escape(const Site *s, const InstData *i)
{
    const InstData *load = site_inst(s, s->at);
    Origin o = origin_of(s->f, access_address(load));
    if (is_call(i)) return passes_root(s->f, i, &o) ? BELIEF_overlooked : BELIEF_passes;
    return surely_apart(s->f, i, load) ? BELIEF_passes : BELIEF_stops;
}

/* Turn this: store x, slot; call f(slot); y := load slot
 * Into this: store x, slot; call f(slot); y := x */
bool plant_forward_over_call(const Site *s)
{
    const InstData *load = site_inst(s, s->at);
    if (!is_load(load) || origin_of(s->f, access_address(load)).slot == NO_INDEX) return false;
    return reuse_known(s, FROM_store, overlook_escape);
}

/* Whether a function stores through a parameter, or where that is not known. */
static bool writes_through(const Func *f, uint32_t param)
{
    for (uint32_t k = 0; k < f->insts.n; k++) {
        const InstData *i = &f->insts.at[k];
        if (!is_store(i)) continue;
        Origin o = origin_of(f, access_address(i));
        if (o.slot == NO_INDEX && (o.param == NO_INDEX || o.param == param)) return true;
    }
    return false;
}

/* The known function that is called, NULL when it is not known. */
static const Func *callee_of(const Func *f, const InstData *call)
{
    uint32_t callee = call->op == OP_call ? f->refs.at[call->entity].callee : NO_INDEX;
    return callee == NO_INDEX ? NULL : f->module->funcs.at[callee];
}

/* Whether a call passes the address that the site loads from, always to parameters that the callee
 * does not store through itself. */
static bool spare_what_callee_spares(const Site *s, const InstData *i)
{
    const InstData *load = site_inst(s, s->at);
    const Func *callee = callee_of(s->f, i);
    if (!is_load(load) || !callee) return false;
    Origin o = origin_of(s->f, access_address(load));
    bool passed = false;
    for (uint32_t k = 0; k < i->nargs; k++) {
        Origin argument = origin_of(s->f, inst_args_const(i)[k]);
        if (!same_root(&argument, &o)) continue;
        if (writes_through(callee, k)) return false;
        passed = true;
    }
    return passed;
}

/* Turn this: call f(p); x := load p
 * Into this: x := load p; call f(p)      f does not store through p itself; what it calls may */
bool plant_callee_writes(const Site *s) { return move_over(s, spare_what_callee_spares); }

/* Turn this: store x, p; call f(q)
 * Into this: call f(q); store x, p         p is of a parameter, q is not known to be of the same */
bool plant_store_sunk(const Site *s)
{
    const InstData *store = site_inst(s, s->at);
    if (!is_store(store)) return false;
    Origin p = origin_of(s->f, access_address(store));
    if (!is_passed(s->f, &p)) return false;
    for (uint32_t k = s->at + 1; k < func_block(s->f, s->block)->insts.n; k++) {
        const InstData *i = site_inst(s, k);
        if (op_has(i->op, EFFECT_P)) continue;
        if (i->op != OP_call || passes_root(s->f, i, &p)) return false;
        site_move(s, s->at, k);
        return true;
    }
    return false;
}

/* One is in a slot, the other is in another slot or comes from a parameter. */
static bool are_two_objects(const Func *caller, Value x, Value y)
{
    Origin p = origin_of(caller, x), q = origin_of(caller, y);
    bool known = (p.slot != NO_INDEX || p.param != NO_INDEX) &&
                 (q.slot != NO_INDEX || q.param != NO_INDEX);
    return known && p.slot != q.slot;
}

static Belief overlook_by_first_call(const Site *s, const InstData *i)
{
    const InstData *load = site_inst(s, s->at);
    if (is_call(i)) return BELIEF_stops;
    if (surely_apart(s->f, i, load)) return BELIEF_passes;
    Origin p = origin_of(s->f, access_address(i)), q = origin_of(s->f, access_address(load));
    if (!is_passed(s->f, &p) || !is_passed(s->f, &q) || p.param == q.param) return BELIEF_stops;
    bool apart = first_call_passes(s->f, p.param, q.param, are_two_objects);
    return apart ? BELIEF_overlooked : BELIEF_stops;
}

/* Turn this: x := load q; store y, p; z := load q
 * Into this: x := load q; store y, p; z := x         the first call passes two objects for p, q */
bool plant_first_call_only(const Site *s)
{
    return reuse_known(s, FROM_load | FROM_store, overlook_by_first_call);
}

static bool are_of_one_slot(const Func *caller, Value x, Value y)
{
    Origin p = origin_of(caller, x), q = origin_of(caller, y);
    return p.slot != NO_INDEX && p.slot == q.slot && p.exact && q.exact && p.offset != q.offset &&
           (p.offset ^ q.offset) < 8;
}

/* Turn this: x := load q+o
 * Into this: x := load p+o           all calls pass addresses in one slot for p and q */
bool plant_one_slot_one_address(const Site *s)
{
    InstData *load = site_inst(s, s->at);
    if (load->op != OP_load || load->type != TY_i64) return false;
    Origin q = origin_of(s->f, access_address(load));
    if (q.param == NO_INDEX || !q.exact) return false;
    const ValueVec *params = &func_block(s->f, func_entry(s->f))->params;
    for (uint32_t k = 0; k < q.param; k++) {
        if (func_type(s->f, params->at[k]) != TY_i64) continue;
        if (!all_calls_pass(s->f, k, q.param, are_of_one_slot)) continue;
        inst_args(load)[0] = params->at[k];
        load->imm += q.offset;
        return true;
    }
    return false;
}
