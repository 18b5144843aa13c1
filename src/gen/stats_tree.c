/* Loads that a compiler may fold into their user: one use, in the same block, no side effect in
 * between; and trees over them. */
#include "gen/stats_local.h"

typedef struct {
    GenSurvey *v;
    FuncSurvey *t;
    uint32_t *at;           /* by value: number of the instruction that made it */
    uint8_t *size;          /* by value: operations of the tree with this root */
    bool *over_load;        /* by value: the tree has a load as leaf */
} Trees;

static bool has_side_effect(const InstData *i)
{
    return op_has(i->op, EFFECT_S | EFFECT_K | EFFECT_E | EFFECT_T) && !op_has(i->op, EFFECT_P);
}

static bool is_load(const InstData *i)
{
    return i && op_has(i->op, EFFECT_L) && !op_has(i->op, EFFECT_S | EFFECT_K);
}

static bool is_leaf(const InstData *i)
{
    Format f = inst_op(i)->format;
    return is_load(i) || f == FORMAT_unary_imm || f == FORMAT_unary_ieee32 ||
           f == FORMAT_unary_ieee64 || f == FORMAT_unary_const;
}

/* A load with one user, which stands behind the last side effect like the load does. */
static bool is_foldable(const Trees *t, Value x, uint32_t barrier)
{
    return t->t->uses[x.i] == 1 && t->at[x.i] > barrier && is_load(func_def(t->t->f, x));
}

/* Notes a load that `i` is the only user of. */
static void note_fused(Trees *t, const InstData *i, Value x, uint32_t barrier)
{
    if (!is_foldable(t, x, barrier)) return;
    bool edge = t->t->did[func_value(t->t->f, x)->owner] & DID_edge;
    Type type = func_type(t->t->f, x);
    t->v->s->fused[i->op][type]++;
    t->v->s->fused_at_edge[i->op][type] += edge;
}

/* The tree that `i` is the root of, from its operands' trees; 0 operations: it is none. */
static void note_tree(Trees *t, const InstData *i, uint32_t barrier)
{
    const FuncSurvey *v = t->t;
    const Value *args = inst_args_const(i);
    unsigned size = 1;
    bool load = false;
    if (i->nresults != 1 || i->nargs == 0 || !op_has(i->op, EFFECT_P)) return;
    for (uint32_t k = 0; k < i->nargs; k++) {
        const InstData *def = func_def(v->f, args[k]);
        if (!def || !t->at[args[k].i]) return; /* from another block */
        if (is_leaf(def)) {
            load |= is_foldable(t, args[k], barrier);
            continue;
        }
        if (v->uses[args[k].i] != 1 || !t->size[args[k].i]) return;
        size += t->size[args[k].i];
        load |= t->over_load[args[k].i];
    }
    t->size[i->result.i] = (uint8_t)(size < 255 ? size : 255);
    t->over_load[i->result.i] = load;
    if (load && size >= 2) t->t->seen |= UINT64_C(1) << SHARE_tree;
}

static void survey_block(Trees *t, Block b, uint32_t *number)
{
    const Func *f = t->t->f;
    const BlockData *bd = func_block(f, b);
    uint32_t barrier = *number, begin = *number;
    for (uint32_t n = 0; n < bd->insts.n && survey_was_done(t->t, b, n); n++) {
        const InstData *i = func_inst(f, bd->insts.at[n]);
        const Value *args = inst_args_const(i);
        ++*number;
        for (uint32_t k = 0; k < i->nargs; k++) {
            if (t->at[args[k].i] <= begin) t->at[args[k].i] = 0;
            note_fused(t, i, args[k], barrier);
        }
        for (uint32_t k = 0; k < i->nresults; k++) t->at[inst_result(i, k).i] = *number;
        note_tree(t, i, barrier);
        if (has_side_effect(i)) barrier = *number;
    }
}

void survey_trees(GenSurvey *v, FuncSurvey *f)
{
    uint32_t n = f->f->values.n, number = 0;
    Trees t = {
        .v = v,
        .t = f,
        .at = arena_array(v->arena, uint32_t, n),
        .size = arena_array(v->arena, uint8_t, n),
        .over_load = arena_array(v->arena, bool, n),
    };
    for (uint32_t k = 0; k < f->f->layout.n; k++) survey_block(&t, f->f->layout.at[k], &number);
}
