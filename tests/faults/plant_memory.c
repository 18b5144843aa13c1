/* Wrong ideas of which accesses touch the same bytes. */
#include "tests/faults/plants.h"

/* Turn this: store x, p; …; y := load q          x is wider than y
 * Into this: y := load q; store x, p; …          p and q come from different parameters */
bool plant_load_over_store(const Site *s)
{
    const InstData *load = site_inst(s, s->at);
    if (!is_load(load)) return false;
    Origin q = origin_of(s->f, access_address(load));
    for (uint32_t k = s->at; k-- > 0;) {
        const InstData *store = site_inst(s, k);
        if (op_has(store->op, EFFECT_P)) continue;
        if (!is_store(store) || defined_from(s, access_address(load), k)) return false;
        Origin p = origin_of(s->f, access_address(store));
        if (access_bytes(s->f, store) <= access_bytes(s->f, load)) return false;
        if (!other_parameter(s->f, &p, &q)) return false;
        site_move(s, s->at, k);
        return true;
    }
    return false;
}

/* Turn this: store x, p; …; load q; …; store y, p
 * Into this: …; load q; …; store y, p              p and q come from different parameters */
bool plant_store_dead(const Site *s)
{
    const InstData *dead = site_inst(s, s->at);
    if (!is_store(dead)) return false;
    Origin p = origin_of(s->f, access_address(dead));
    bool observed = false;
    for (uint32_t k = s->at + 1; k < func_block(s->f, s->block)->insts.n; k++) {
        const InstData *i = site_inst(s, k);
        if (is_load(i)) {
            Origin q = origin_of(s->f, access_address(i));
            if (!other_parameter(s->f, &p, &q)) return false;
            observed = true;
        } else if (is_store(i) && same_place(s->f, i, dead)) {
            if (observed) site_remove(s, s->at);
            return observed;
        } else if (!is_store(i) && !op_has(i->op, EFFECT_P)) {
            return false;
        }
    }
    return false;
}

static void forward(const Site *s, Value known)
{
    Value result = site_inst(s, s->at)->result;
    site_remove(s, s->at);
    site_replace_value(s->f, result, known);
}

/* Turn this: x := load p; call f(…); y := load p
 * Into this: x := load p; call f(…); y := x */
bool plant_stale_over_call(const Site *s)
{
    const InstData *load = site_inst(s, s->at);
    bool called = false;
    if (load->op != OP_load) return false;
    for (uint32_t k = s->at; k-- > 0;) {
        const InstData *i = site_inst(s, k);
        if (is_store(i)) return false;
        called |= is_call(i);
        if (i->op != load->op || i->type != load->type || !same_place(s->f, i, load)) continue;
        if (called) forward(s, i->result);
        return called;
    }
    return false;
}

/* Turn this: store x, p; store y, q; z := load p      y is narrower or wider than x
 * Into this: store x, p; store y, q; z := x */
bool plant_forward_other_width(const Site *s)
{
    const InstData *load = site_inst(s, s->at);
    bool passed = false;
    if (load->op != OP_load || type_bytes((Type)load->type) != 16) return false;
    for (uint32_t k = s->at; k-- > 0;) {
        const InstData *i = site_inst(s, k);
        if (is_call(i)) return false;
        if (!is_store(i)) continue;
        if (access_bytes(s->f, i) != access_bytes(s->f, load)) {
            passed = true;
            continue;
        }
        Value stored = inst_args_const(i)[0];
        bool whole = i->op == OP_store && func_type(s->f, stored) == load->type;
        if (!passed || !whole || !same_place(s->f, i, load)) return false;
        forward(s, stored);
        return true;
    }
    return false;
}

/* A caller passes an address in a slot that is aligned to 16, as two equal values. */
static bool is_aligned_slot(const Func *caller, Value x, Value y)
{
    (void)y;
    Origin o = origin_of(caller, x);
    uint32_t slot = slot_of(caller, &o);
    return slot != NO_INDEX && caller->slots.at[slot].align >= 16;
}

/* The alignment of the slots that callers pass is taken for that of the address. */
bool plant_aligned_for_granted(const Site *s)
{
    InstData *load = site_inst(s, s->at);
    if (load->op != OP_load || type_bytes((Type)load->type) != 16) return false;
    if (!type_has_float_lanes((Type)load->type)) return false;
    if (load->flags.bits & MEMFLAG_aligned) return false;
    Origin p = origin_of(s->f, access_address(load));
    int64_t offset = p.offset + load->imm;
    if (p.param == NO_INDEX || !p.exact || offset == 0 || offset % 16) return false;
    if (!all_calls_pass(s->f, p.param, p.param, is_aligned_slot)) return false;
    load->flags.bits |= MEMFLAG_aligned;
    return true;
}

enum { ALIGN_KEPT = 64 };

/* Asked once a function, at its first instruction. */
bool plant_slot_alignment(const Site *s)
{
    bool changed = false;
    if (s->block.i != func_entry(s->f).i || s->at) return false;
    for (uint32_t k = 0; k < s->f->slots.n; k++) {
        SlotData *slot = &s->f->slots.at[k];
        if (slot->align <= ALIGN_KEPT) continue;
        slot->align = ALIGN_KEPT;
        changed = true;
    }
    return changed;
}

/* Turn this: store (uextend.i64 (load.i8 q)), p        p comes from a parameter
 * Into this: store (load.i8 q), p */
bool plant_store_narrowed(const Site *s)
{
    InstData *store = site_inst(s, s->at);
    const InstData *value = is_store(store) ? func_def(s->f, inst_args(store)[0]) : NULL;
    if (!value || store->op != OP_store || value->op != OP_uextend) return false;
    if (value->type != TY_i64) return false;
    Value x = inst_args_const(value)[0];
    const InstData *load = func_def(s->f, x);
    if (func_type(s->f, x) != TY_i8 || !load || !is_load(load)) return false;
    Origin p = origin_of(s->f, access_address(store));
    if (p.param == NO_INDEX) return false;
    inst_args(store)[0] = x;
    store->type = TY_i8;
    return true;
}

/* Turn this: store x, slot; call f(…); y := load slot
 * Into this: store x, slot; call f(…); y := x */
bool plant_forward_over_call(const Site *s)
{
    const InstData *load = site_inst(s, s->at);
    bool called = false;
    if (load->op != OP_load) return false;
    Origin p = origin_of(s->f, access_address(load));
    if (slot_of(s->f, &p) == NO_INDEX) return false;
    for (uint32_t k = s->at; k-- > 0;) {
        const InstData *i = site_inst(s, k);
        called |= is_call(i);
        if (!is_store(i)) continue;
        Origin q = origin_of(s->f, access_address(i));
        if (slot_of(s->f, &q) == NO_INDEX) return false;
        if (slot_of(s->f, &q) != slot_of(s->f, &p)) continue;
        Value stored = inst_args_const(i)[0];
        bool whole = i->op == OP_store && func_type(s->f, stored) == load->type;
        if (!called || !whole || !p.exact || !q.exact || p.offset + load->imm != q.offset + i->imm)
            return false;
        forward(s, stored);
        return true;
    }
    return false;
}

/* A load of a float or vector traps with the common code instead of its own. */
bool plant_trap_code_lost(const Site *s)
{
    InstData *load = site_inst(s, s->at);
    if (!is_load(load) || !type_in_xmm((Type)load->type) || load->flags.trap == TRAP_none)
        return false;
    load->flags.trap = TRAP_none;
    return true;
}
