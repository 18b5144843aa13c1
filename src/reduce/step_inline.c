/* A call becomes what it calls. */
#include "ir/build.h"
#include "reduce/step.h"

enum { INLINED_MAX = 200 }; /* instructions of a callee */

/* Where the entities of the callee are in the caller: `base` plus their index. */
typedef struct {
    Func *f;
    const Func *g;
    uint32_t values, insts, blocks, slots, sigs, refs, constants;
    Block rest; /* what follows the call */
} Inlined;

static bool is_plain_func(const Func *g)
{
    if (g->globals.n || g->tables.n || g->dyn_types.n || g->notes.n || g->stack_limit) return false;
    for (uint32_t b = 0; b < g->layout.n; b++) {
        const InstData *last = func_terminator(g, g->layout.at[b]);
        if (last->op != OP_return && op_has(last->op, EFFECT_R) && op_has(last->op, EFFECT_K))
            return false;
    }
    return g->insts.n <= INLINED_MAX;
}

/* Copies a vector's elements to the end of another of the same type. */
#define APPEND(f, v, old) \
    do { \
        for (uint32_t k_ = 0; k_ < (old)->n; k_++) *vec_push((f)->arena, (v)) = (old)->at[k_]; \
    } while (0)

/* Names count up from the largest: tidy_case gives them others. */
#define RENAME(v, from, field) \
    do { \
        uint32_t next_ = 0; \
        for (uint32_t k_ = 0; k_ < (from); k_++) \
            next_ = (uint32_t)max_u64(next_, (v)->at[k_].field + 1); \
        for (uint32_t k_ = (from); k_ < (v)->n; k_++) (v)->at[k_].field = next_++; \
    } while (0)

static void append_entities(Inlined *n)
{
    Func *f = n->f;
    const Func *g = n->g;
    APPEND(f, &f->slots, &g->slots);
    RENAME(&f->slots, n->slots, name);
    APPEND(f, &f->sigs, &g->sigs);
    RENAME(&f->sigs, n->sigs, name);
    APPEND(f, &f->refs, &g->refs);
    RENAME(&f->refs, n->refs, ref);
    APPEND(f, &f->constants, &g->constants);
    RENAME(&f->constants, n->constants, name);
    for (uint32_t k = n->refs; k < f->refs.n; k++) f->refs.at[k].sig.i += n->sigs;
}

static Value *map_values(const Inlined *n, const Value *old, uint32_t count)
{
    Value *list = arena_array(n->f->arena, Value, count + 1);
    for (uint32_t k = 0; k < count; k++) list[k] = (Value){old[k].i + n->values};
    return list;
}

static void map_entity(const Inlined *n, InstData *i)
{
    const char *operands = format_operands[inst_op(i)->format];
    if (strchr(operands, 'l')) i->entity += n->slots;
    if (strpbrk(operands, "ks")) i->entity += n->constants;
    if (strchr(operands, 'F')) i->entity += n->refs;
    if (strchr(operands, 'S')) i->entity += n->sigs;
}

static InstData map_inst(const Inlined *n, const InstData *old)
{
    InstData i = *old;
    if (old->nresults) i.result.i += n->values;
    inst_set_args(n->f, &i, map_values(n, inst_args_const(old), old->nargs), old->nargs);
    i.dests = arena_array(n->f->arena, BlockCall, old->ndests + 1);
    for (uint32_t d = 0; d < old->ndests; d++) {
        const BlockCall *way = &old->dests[d];
        i.dests[d] = (BlockCall){{way->block.i + n->blocks}, way->nargs,
                                 map_values(n, way->args, way->nargs)};
    }
    map_entity(n, &i);
    if (i.flags.region)
        i.flags.region = build_region(n->f, n->g->regions.at[i.flags.region - 1].number);
    if (old->op != OP_return) return i;
    i.op = OP_jump;
    i.nargs = 0;
    i.ndests = 1;
    i.dests[0] = build_dest(n->f, n->rest, map_values(n, inst_args_const(old), old->nargs),
                            old->nargs);
    return i;
}

static void append_body(const Inlined *n)
{
    Func *f = n->f;
    const Func *g = n->g;
    for (uint32_t k = 0; k < g->values.n; k++) {
        ValueData v = g->values.at[k];
        v.owner += v.kind == VALUE_PARAM ? n->blocks : n->insts;
        v.name = f->value_names++;
        *vec_push(f->arena, &f->values) = v;
    }
    for (uint32_t k = 0; k < g->insts.n; k++) {
        InstData i = map_inst(n, &g->insts.at[k]);
        *vec_push(f->arena, &f->insts) = i;
    }
    for (uint32_t k = 0; k < g->blocks.n; k++) {
        const BlockData *old = &g->blocks.at[k];
        BlockData b = {.name = f->block_names++, .cold = old->cold};
        for (uint32_t m = 0; m < old->params.n; m++)
            *vec_push(f->arena, &b.params) = (Value){old->params.at[m].i + n->values};
        for (uint32_t m = 0; m < old->insts.n; m++)
            *vec_push(f->arena, &b.insts) = (Inst){old->insts.at[m].i + n->insts};
        *vec_push(f->arena, &f->blocks) = b;
    }
}

/* The block that has what follows the call; its parameters are what the call gave. */
static Block split_behind(Func *f, Site p, InstData *call)
{
    Block rest = build_block(f);
    BlockData *bd = func_block(f, p.block);
    for (uint32_t k = p.at + 1; k < bd->insts.n; k++)
        *vec_push(f->arena, &func_block(f, rest)->insts) = bd->insts.at[k];
    bd->insts.n = p.at;
    f->layout.n--; /* where it goes is the caller's to say */
    for (uint32_t k = 0; k < call->nresults; k++) {
        Value old = inst_result(call, k);
        replace_value(f, old, build_param(f, rest, func_type(f, old)));
    }
    return rest;
}

/* The callee's blocks, and the rest, follow the block of the call. */
static void lay_out(const Inlined *n, Block call)
{
    Func *f = n->f;
    VEC(Block) order = {0};
    for (uint32_t k = 0; k < f->layout.n; k++) {
        *vec_push(f->arena, &order) = f->layout.at[k];
        if (f->layout.at[k].i != call.i) continue;
        for (uint32_t m = 0; m < n->g->layout.n; m++)
            *vec_push(f->arena, &order) = (Block){n->g->layout.at[m].i + n->blocks};
        *vec_push(f->arena, &order) = n->rest;
    }
    vec_clear(&f->layout);
    for (uint32_t k = 0; k < order.n; k++) *vec_push(f->arena, &f->layout) = order.at[k];
}

bool step_inline_call(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    InstData call = *data_at(c, p);
    if (call.op != OP_call || f->notes.n || f->dyn_types.n) return false;
    uint32_t callee = f->refs.at[call.entity].callee;
    if (callee == NO_INDEX || callee == p.func || !is_plain_func(c->module->funcs.at[callee]))
        return false;
    Block rest = split_behind(f, p, &call);
    Inlined n = {
        .f = f, .g = c->module->funcs.at[callee], .values = f->values.n, .insts = f->insts.n,
        .blocks = f->blocks.n, .slots = f->slots.n, .sigs = f->sigs.n, .refs = f->refs.n,
        .constants = f->constants.n, .rest = rest,
    };
    append_entities(&n);
    append_body(&n);
    lay_out(&n, p.block);
    Builder b = builder_at(f, p.block);
    Block entry = {func_entry(n.g).i + n.blocks};
    build_jump(&b, build_dest(f, entry, inst_args_const(&call), call.nargs));
    return true;
}
