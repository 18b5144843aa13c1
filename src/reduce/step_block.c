/* Fewer blocks, with fewer parameters. */
#include "reduce/step.h"

/* The only way that leads to a block, and the block that it comes from; NULL when there are
 * several. */
static BlockCall *only_way(const Func *f, Block to, Block *from)
{
    BlockCall *found = NULL;
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const InstData *last = func_terminator(f, f->layout.at[b]);
        for (uint32_t d = 0; last && d < last->ndests; d++) {
            if (last->dests[d].block.i != to.i) continue;
            if (found) return NULL;
            found = &last->dests[d];
            *from = f->layout.at[b];
        }
    }
    return found;
}

static void take_from_layout(Func *f, Block b)
{
    uint32_t kept = 0;
    for (uint32_t k = 0; k < f->layout.n; k++)
        if (f->layout.at[k].i != b.i) f->layout.at[kept++] = f->layout.at[k];
    f->layout.n = kept;
}

/* Turn this: …; jump b(x)    b(y): …
 * Into this: …; … with x for y */
bool step_merge_block(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    Block from = BLOCK_none;
    const BlockCall *way = only_way(f, p.block, &from);
    if (!way || from.i == p.block.i || func_terminator(f, from)->op != OP_jump) return false;
    BlockData *into = func_block(f, from), *old = func_block(f, p.block);
    for (uint32_t k = 0; k < old->params.n; k++)
        replace_value(f, old->params.at[k], way->args[k]);
    into->insts.n--;
    for (uint32_t k = 0; k < old->insts.n; k++)
        *vec_push(f->arena, &into->insts) = old->insts.at[k];
    take_from_layout(f, p.block);
    return true;
}

/* What a way passes on through a block: its own operand where that is a parameter. */
static BlockCall pass_on(const Func *f, const BlockCall *way, Block through, const BlockCall *next)
{
    const ValueVec *params = &func_block(f, through)->params;
    BlockCall r = {next->block, next->nargs, arena_array(f->arena, Value, next->nargs + 1)};
    for (uint32_t k = 0; k < next->nargs; k++) {
        r.args[k] = next->args[k];
        for (uint32_t n = 0; n < params->n; n++)
            if (params->at[n].i == next->args[k].i) r.args[k] = way->args[n];
    }
    return r;
}

/* Turn this: jump b(x)    b(y): jump c(y)
 * Into this: jump c(x) */
bool step_skip_block(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    const InstData *only = func_terminator(f, p.block);
    bool skipped = false;
    if (func_block(f, p.block)->insts.n != 1 || only->op != OP_jump) return false;
    BlockCall next = only->dests[0];
    if (next.block.i == p.block.i) return false;
    for (uint32_t k = 0; k < f->insts.n; k++) {
        InstData *i = &f->insts.at[k];
        for (uint32_t d = 0; i != only && d < i->ndests; d++) {
            if (i->dests[d].block.i != p.block.i) continue;
            i->dests[d] = pass_on(f, &i->dests[d], p.block, &next);
            skipped = true;
        }
    }
    return skipped;
}

bool step_drop_way(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (i->op != OP_br_table || i->ndests < 2) return false;
    i->ndests--;
    return true;
}

/* ---- parameters of blocks and functions --------------------------------------------------- */

static Value param_at(const Case *c, Site p)
{
    return func_block(func_at(c, p), p.block)->params.at[p.at];
}

static bool is_entry(const Case *c, Site p)
{
    return p.block.i == func_entry(func_at(c, p)).i;
}

bool step_unused_param(Case *c, const Trace *t, Site p)
{
    (void)t;
    const Func *f = func_at(c, p);
    const uint32_t *uses = func_count_uses(f, f->arena);
    return uses[param_at(c, p).i] == 0 && drop_block_param(c, p);
}

/* Turn this: jump b(x)    b(y): … y
 * Into this: jump b       b: … x */
bool step_passed_param(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    Value old = param_at(c, p);
    if (is_entry(c, p)) return false;
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const InstData *last = func_terminator(f, f->layout.at[b]);
        for (uint32_t d = 0; last && d < last->ndests; d++) {
            if (last->dests[d].block.i != p.block.i) continue;
            if (last->dests[d].args[p.at].i == old.i) continue;
            replace_value(f, old, last->dests[d].args[p.at]);
            return drop_block_param(c, p);
        }
    }
    return false;
}

static bool fix_param(Case *c, Site p, const Bits *bits)
{
    Func *f = func_at(c, p);
    Value v = param_at(c, p);
    if ((p.func == ENTRY && is_entry(c, p)) || !has_constants(func_type(f, v))) return false;
    if (!drop_block_param(c, p)) return false;
    insert_constant(f, p.block, 0, v, bits);
    return true;
}

bool step_zero_param(Case *c, const Trace *t, Site p)
{
    (void)t;
    Bits zero = bits_of(0);
    return fix_param(c, p, &zero);
}

bool step_constant_param(Case *c, const Trace *t, Site p)
{
    Value v = param_at(c, p);
    if (v.i >= t->c->module->funcs.at[p.func]->values.n) return false;
    const Seen *s = &t->values[p.func][v.i];
    return s->how == SEEN_once && s->number && fix_param(c, p, &s->bits);
}

bool step_result(Case *c, const Trace *t, Site p)
{
    (void)t;
    return drop_result(c, p.func, p.at);
}
