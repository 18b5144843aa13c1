/* Wrong ideas of which accesses of one function touch the same bytes. */
#include "tests/faults/plants.h"
#include "tests/faults/motion.h"

/* Whether a store and the site's access go through different parameters. */
static bool through_other(const Site *s, const InstData *store)
{
    Origin p = origin_of(s->f, access_address(store));
    Origin q = origin_of(s->f, access_address(site_inst(s, s->at)));
    return other_parameter(s->f, &p, &q);
}

static bool spare_wider(const Site *s, const InstData *i)
{
    const InstData *load = site_inst(s, s->at);
    return is_load(load) && is_store(i) && access_bytes(s->f, i) > access_bytes(s->f, load) &&
           through_other(s, i);
}

/* Turn this: store x, p; …; y := load q          x is wider than y
 * Into this: y := load q; store x, p; …          p and q come from different parameters */
bool plant_load_over_store(const Site *s) { return move_over(s, spare_wider); }

static bool spare_narrower(const Site *s, const InstData *i)
{
    const InstData *store = site_inst(s, s->at);
    return is_store(store) && is_store(i) && access_bytes(s->f, store) == 16 &&
           access_bytes(s->f, i) < 16 && through_other(s, i);
}

/* Turn this: store x, p; …; store y, q           y is a vector, x is narrower
 * Into this: store y, q; store x, p; …           p and q come from different parameters */
bool plant_stores_exchanged(const Site *s) { return move_over(s, spare_narrower); }

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
            if (surely_apart(s->f, i, dead)) continue;
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

/* A store that provably does not matter passes; one through another parameter than the load's is
 * overlooked where that is the `mistake`. */
static Belief judge_store(const Site *s, const InstData *i, bool mistake)
{
    const InstData *load = site_inst(s, s->at);
    if (is_call(i)) return BELIEF_stops;
    if (surely_apart(s->f, i, load)) return BELIEF_passes;
    return mistake ? BELIEF_overlooked : BELIEF_stops;
}

static Belief overlook_byte(const Site *s, const InstData *i)
{
    return judge_store(s, i, is_store(i) && access_bytes(s->f, i) == 1);
}

/* Turn this: store x, p; store y, q; z := load p      x has 16 bytes, y one
 * Into this: store x, p; store y, q; z := x */
bool plant_forward_other_width(const Site *s)
{
    const InstData *load = site_inst(s, s->at);
    if (load->op != OP_load || type_bytes((Type)load->type) != 16) return false;
    return reuse_known(s, FROM_store, overlook_byte);
}

static Belief overlook_narrow(const Site *s, const InstData *i)
{
    unsigned bytes = access_bytes(s->f, site_inst(s, s->at));
    return judge_store(s, i, is_store(i) && access_bytes(s->f, i) < bytes && through_other(s, i));
}

/* Turn this: x := load p; store y, q; z := load p     y is narrower than x, p and q come from
 * Into this: x := load p; store y, q; z := x          different parameters */
bool plant_load_kept(const Site *s) { return reuse_known(s, FROM_load, overlook_narrow); }

static bool has_float_lanes(const Func *f, const InstData *i)
{
    return type_has_float_lanes(is_store(i) ? func_type(f, inst_args_const(i)[0]) : (Type)i->type);
}

static Belief overlook_other_types(const Site *s, const InstData *i)
{
    bool is_float = has_float_lanes(s->f, site_inst(s, s->at));
    bool differ = is_store(i) && has_float_lanes(s->f, i) != is_float;
    return judge_store(s, i, differ && through_other(s, i));
}

/* Turn this: x := load p; store y, q; z := load p     one of x and y is a float, p and q come from
 * Into this: x := load p; store y, q; z := x          different parameters */
bool plant_types_apart(const Site *s)
{
    return reuse_known(s, FROM_load | FROM_store, overlook_other_types);
}

/* The origin of an address; of the first one where a select chooses between two. */
static Origin first_arm(const Func *f, const InstData *access, bool *selected)
{
    Origin o = origin_of(f, access_address(access));
    const InstData *d = func_def(f, o.root);
    bool is_select = d && (d->op == OP_select || d->op == OP_select_spectre_guard);
    *selected |= is_select;
    return is_select ? origin_of(f, inst_args_const(d)[1]) : o;
}

static bool spare_second_arm(const Site *s, const InstData *i)
{
    const InstData *load = site_inst(s, s->at);
    bool selected = false;
    if (!is_load(load) || !is_store(i)) return false;
    Origin p = first_arm(s->f, i, &selected), q = first_arm(s->f, load, &selected);
    return selected && other_parameter(s->f, &p, &q);
}

/* Turn this: store x, select(c, p, …); y := load q      p and q come from different parameters;
 * Into this: y := load q; store x, select(c, p, …)      or the load is that of a select */
bool plant_first_arm_only(const Site *s) { return move_over(s, spare_second_arm); }

/* Whether the stores of the block go through other parameters than the site's load, as far as they
 * may change what it reads; and there is one behind it. */
static bool seems_invariant(const Site *s)
{
    bool stored = false;
    for (uint32_t k = 0; k < func_block(s->f, s->block)->insts.n; k++) {
        const InstData *i = site_inst(s, k);
        if (is_call(i)) return false;
        if (!is_store(i) || surely_apart(s->f, i, site_inst(s, s->at))) continue;
        if (!through_other(s, i)) return false;
        stored |= k > s->at;
    }
    return stored;
}

/* Whether an instruction ahead of the site's may end the function or is no plain access. */
static bool is_behind_a_trap(const Site *s)
{
    for (uint32_t k = 0; k < s->at; k++) {
        const InstData *i = site_inst(s, k);
        if (!op_has(i->op, EFFECT_P) && !is_load(i) && !is_store(i)) return true;
    }
    return false;
}

/* The block that jumps to a loop of one block, BLOCK_none when there is none or another one. */
static Block entered_from(const Func *f, Block loop)
{
    Block from = BLOCK_none;
    bool loops = false;
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const InstData *last = func_terminator(f, f->layout.at[b]);
        for (uint32_t d = 0; last && d < last->ndests; d++) {
            if (last->dests[d].block.i != loop.i) continue;
            if (f->layout.at[b].i == loop.i) loops = true;
            else if (from.i != BLOCK_none.i || last->op != OP_jump) return BLOCK_none;
            else from = f->layout.at[b];
        }
    }
    return loops ? from : BLOCK_none;
}

/* Turn this: loop: …; x := load p; …; store y, q; brif …, loop, …
 * Into this: x := load p; loop: …; store y, q; brif …, loop, … */
bool plant_load_hoisted(const Site *s)
{
    const InstData *load = site_inst(s, s->at);
    if (!is_load(load) || defined_from(s, access_address(load), 0)) return false;
    if (is_behind_a_trap(s) || !seems_invariant(s)) return false;
    Block before = entered_from(s->f, s->block);
    if (before.i == BLOCK_none.i) return false;
    site_move_out(s, before);
    return true;
}
