/* Wrong accesses: alignment, widths, trap codes. */
#include "tests/faults/plants.h"

/* A caller passes an address in a slot that is aligned to 16, as two equal values. */
static bool is_aligned_slot(const Func *caller, Value x, Value y)
{
    (void)y;
    uint32_t slot = origin_of(caller, x).slot;
    return slot != NO_INDEX && caller->slots.at[slot].align >= 16;
}

/* Whether a load is of 16 bytes that are not known to be aligned, in a function that gets their
 * address from `o->param` and is always passed one in a slot that is aligned. */
static bool is_granted(const Func *f, const InstData *load, const Origin *o)
{
    return load->op == OP_load && type_bytes((Type)load->type) == 16 &&
           !(load->flags.bits & MEMFLAG_aligned) && o->param != NO_INDEX &&
           all_calls_pass(f, o->param, o->param, is_aligned_slot);
}

static bool grant(InstData *load)
{
    load->flags.bits |= MEMFLAG_aligned;
    return true;
}

/* The alignment of the slots that callers pass is taken for that of the address. */
bool plant_aligned_for_granted(const Site *s)
{
    InstData *load = site_inst(s, s->at);
    if (!is_load(load)) return false;
    Origin p = origin_of(s->f, access_address(load));
    int64_t offset = p.offset + load->imm;
    if (!p.exact || offset == 0 || offset % 16) return false;
    if (!type_has_float_lanes((Type)load->type)) return false;
    return is_granted(s->f, load, &p) && grant(load);
}

/* The offset from the parameter is 24, 40 and so on, and taken for a multiple of 16. */
bool plant_skew_lost(const Site *s)
{
    InstData *load = site_inst(s, s->at);
    if (!is_load(load)) return false;
    Origin p = origin_of(s->f, access_address(load));
    if (!p.exact || load->imm <= 8 || ((p.offset + load->imm) & 15) != 8) return false;
    if (load->type != TY_i64x2) return false;
    return is_granted(s->f, load, &p) && grant(load);
}

/* An index that is scaled by 8 is taken for one that is scaled by 16. */
bool plant_index_aligned(const Site *s)
{
    InstData *load = site_inst(s, s->at);
    if (!is_load(load) || load->imm % 16) return false;
    const InstData *sum = func_def(s->f, access_address(load));
    if (!sum || sum->op != OP_iadd) return false;
    const InstData *scaled = func_def(s->f, inst_args_const(sum)[1]);
    if (!scaled || scaled->op != OP_ishl) return false;
    int64_t count;
    if (!constant_value(s->f, inst_args_const(scaled)[1], &count) || count != 3) return false;
    Origin p = origin_of(s->f, inst_args_const(sum)[0]);
    if (!p.exact || p.offset % 16) return false;
    return is_granted(s->f, load, &p) && grant(load);
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

/* Turn this: store (uextend.i64 (load.i8 q)), p+d      p and q come from different parameters
 * Into this: store (load.i8 q), p+d */
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
    Origin q = origin_of(s->f, access_address(load));
    if (p.param == NO_INDEX || q.param == NO_INDEX || p.param == q.param) return false;
    if (store->imm == 0) return false;
    inst_args(store)[0] = x;
    store->type = TY_i8;
    return true;
}

/* A load of an f64 traps with the common code instead of its own. */
bool plant_trap_code_lost(const Site *s)
{
    InstData *load = site_inst(s, s->at);
    if (!is_load(load) || load->type != TY_f64 || load->flags.trap == TRAP_none)
        return false;
    load->flags.trap = TRAP_none;
    return true;
}
