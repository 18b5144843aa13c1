#include "tests/faults/motion.h"

/* The value that `i` leaves in all bytes that `load` reads, VALUE_none when it is not known. */
static Value known_after(const Func *f, const InstData *i, unsigned from, const InstData *load)
{
    bool loads = i->op == OP_load && from & FROM_load;
    bool stores = i->op == OP_store && from & FROM_store;
    if ((!loads && !stores) || !same_place(f, i, load)) return VALUE_none;
    Value v = stores ? inst_args_const(i)[0] : i->result;
    return func_type(f, v) == load->type ? v : VALUE_none;
}

static void forward(const Site *s, Value known)
{
    Value result = site_inst(s, s->at)->result;
    site_remove(s, s->at);
    site_replace_value(s->f, result, known);
}

bool reuse_known(const Site *s, unsigned from, Between *between)
{
    const InstData *load = site_inst(s, s->at);
    bool overlooked = false;
    if (load->op != OP_load) return false;
    for (uint32_t k = s->at; k-- > 0;) {
        const InstData *i = site_inst(s, k);
        Value known = known_after(s->f, i, from, load);
        if (known.i != VALUE_none.i) {
            if (overlooked) forward(s, known);
            return overlooked;
        }
        if (!op_has(i->op, EFFECT_S | EFFECT_K)) continue;
        Belief belief = between(s, i);
        if (belief == BELIEF_stops) return false;
        overlooked |= belief == BELIEF_overlooked;
    }
    return false;
}

static bool operand_defined_from(const Site *s, uint32_t at)
{
    const InstData *i = site_inst(s, s->at);
    for (uint32_t k = 0; k < i->nargs; k++)
        if (defined_from(s, inst_args_const(i)[k], at)) return true;
    return false;
}

bool move_over(const Site *s, Spared *spared)
{
    const InstData *moved = site_inst(s, s->at);
    if (!is_load(moved) && !is_store(moved)) return false;
    for (uint32_t k = s->at; k-- > 0;) {
        const InstData *i = site_inst(s, k);
        if (op_has(i->op, EFFECT_P) || (is_load(moved) && is_load(i))) continue;
        if (!spared(s, i) || operand_defined_from(s, k)) return false;
        site_move(s, s->at, k);
        return true;
    }
    return false;
}
