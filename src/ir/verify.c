#include "ir/verify.h"

#include "ir/discipline.h"
#include "ir/dom.h"
#include "ir/verify_local.h"

/* A function in work. Blocks are visited so that what dominates comes first; a value is known when
 * its definition was visited. Where the ends of blocks lead nowhere there is no such order: then
 * uses are not checked. */
typedef struct {
    Verifier v;
    uint32_t *home;  /* by value: index of the defining block plus 1, 0 while it is unknown */
    bool *placed;    /* by instruction: it stands in a block already */
    bool *in_layout; /* by block */
    const Cfg *cfg;
    const Dom *dom;
    bool checks_uses;
    bool reachable; /* the block in work is */
    Block *blocks; /* by instruction, for messages; NULL until there is one */
} Checker;

/* ---- declarations ------------------------------------------------------------------------- */

bool signature_equal(const Signature *a, const Signature *b)
{
    if (a->conv != b->conv || a->params.n != b->params.n || a->returns.n != b->returns.n)
        return false;
    for (uint32_t k = 0; k < a->params.n; k++) {
        const AbiParam *x = &a->params.at[k], *y = &b->params.at[k];
        if (x->type != y->type || x->purpose != y->purpose || x->extension != y->extension ||
            x->bytes != y->bytes)
            return false;
    }
    for (uint32_t k = 0; k < a->returns.n; k++) {
        const AbiParam *x = &a->returns.at[k], *y = &b->returns.at[k];
        if (x->type != y->type || x->extension != y->extension) return false;
    }
    return true;
}

static void check_abi_param(const Verifier *v, const char *what, uint32_t k, const AbiParam *p)
{
    if (p->type == TY_none || p->type >= TYPE_COUNT)
        verifier_error_func(v, "%s %u has no type", what, k);
    else if (p->extension != EXTENSION_none && !type_is_int(p->type))
        verifier_error_func(v, "%s %u of type %s is extended", what, k, type_name(p->type));
    if (p->purpose != PURPOSE_normal && p->type != TY_i64)
        verifier_error_func(v, "%s %u has a purpose that demands i64", what, k);
}

static void check_signature(const Verifier *v, const Signature *sig)
{
    for (uint32_t k = 0; k < sig->params.n; k++)
        check_abi_param(v, "parameter", k, &sig->params.at[k]);
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        check_abi_param(v, "return value", k, &sig->returns.at[k]);
        if (sig->returns.at[k].purpose == PURPOSE_sarg)
            verifier_error_func(v, "return value %u is a struct argument", k);
    }
    if (sig->conv == CALLCONV_preserve_all && sig->returns.n)
        verifier_error_func(v, "convention preserve_all has no return values");
}

static void check_refs(const Verifier *v)
{
    const Func *f = v->f;
    for (uint32_t k = 0; k < f->refs.n; k++) {
        const FuncRefData *r = &f->refs.at[k];
        if (r->sig.i >= f->sigs.n)
            verifier_error_func(v, "fn%u has no declared signature", r->ref);
        else if (r->callee != NO_INDEX && r->callee >= v->m->funcs.n)
            verifier_error_func(v, "fn%u is function %u of %u", r->ref, r->callee, v->m->funcs.n);
        else if (r->callee != NO_INDEX &&
                 !signature_equal(&f->sigs.at[r->sig.i], &v->m->funcs.at[r->callee]->sig))
            verifier_error_func(v, "the signature of fn%u is not that of %s", r->ref,
                                verifier_func_name(v->m->funcs.at[r->callee], v->arena));
    }
}

static void check_slots(const Verifier *v)
{
    for (uint32_t k = 0; k < v->f->slots.n; k++) {
        const SlotData *s = &v->f->slots.at[k];
        if (!is_power_of_two(s->align))
            verifier_error_func(v, "ss%u: alignment %u is no power of two", s->name, s->align);
        if (s->bytes > INT32_MAX)
            verifier_error_func(v, "ss%u: %llu bytes are too many", s->name,
                                (unsigned long long)s->bytes);
    }
}

static void check_regions(const Verifier *v)
{
    const Func *f = v->f;
    for (uint32_t k = 0; k < f->regions.n; k++)
        for (uint32_t j = 0; j < k; j++)
            if (f->regions.at[j].number == f->regions.at[k].number)
                verifier_error_func(v, "regions %u and %u have the same number %u",
                                    f->regions.at[j].name, f->regions.at[k].name,
                                    f->regions.at[k].number);
}

static void check_declarations(const Verifier *v)
{
    check_signature(v, &v->f->sig);
    for (uint32_t k = 0; k < v->f->sigs.n; k++) check_signature(v, &v->f->sigs.at[k]);
    check_refs(v);
    check_slots(v);
    check_regions(v);
    verify_globals(v);
}

/* ---- blocks ------------------------------------------------------------------------------- */

static void check_param(Checker *c, Block b, uint32_t k, Value x)
{
    const Func *f = c->v.f;
    if (x.i >= f->values.n) {
        verifier_error_block(&c->v, b, "parameter %u does not exist", k);
        return;
    }
    const ValueData *d = func_value(f, x);
    if (d->kind != VALUE_PARAM || d->owner != b.i || d->index != k)
        verifier_error_block(&c->v, b, "parameter v%u belongs to something else", d->name);
    if (d->type == TY_none || d->type >= TYPE_COUNT)
        verifier_error_block(&c->v, b, "parameter v%u has no type", d->name);
    c->home[x.i] = b.i + 1;
}

/* Each block stands once in the layout, with parameters of its own. */
static void check_layout(Checker *c)
{
    const Func *f = c->v.f;
    for (uint32_t k = 0; k < f->layout.n; k++) {
        Block b = f->layout.at[k];
        if (b.i >= f->blocks.n) {
            verifier_error_func(&c->v, "block %u does not exist", b.i);
            continue;
        }
        if (c->in_layout[b.i]) verifier_error_block(&c->v, b, "stands in the layout twice");
        c->in_layout[b.i] = true;
        const BlockData *bd = func_block(f, b);
        for (uint32_t p = 0; p < bd->params.n; p++) check_param(c, b, p, bd->params.at[p]);
    }
}

static void check_entry(const Verifier *v)
{
    Block entry = func_entry(v->f);
    const ValueVec *params = &func_block(v->f, entry)->params;
    const Signature *sig = &v->f->sig;
    if (func_block(v->f, entry)->cold) verifier_error_block(v, entry, "the entry is never cold");
    if (params->n != sig->params.n)
        verifier_error_block(v, entry, "%u parameters, the signature has %u", params->n,
                             sig->params.n);
    for (uint32_t k = 0; k < params->n && k < sig->params.n; k++) {
        Type got = func_type(v->f, params->at[k]), want = sig->params.at[k].type;
        if (got != want)
            verifier_error_block(v, entry, "parameter %u has type %s, the signature says %s", k,
                                 type_name(got), type_name(want));
    }
}

/* ---- dominance ---------------------------------------------------------------------------- */

/* The block in which a value is defined, wherever that is. */
static Block find_home(Checker *c, Value x)
{
    const Func *f = c->v.f;
    const ValueData *d = func_value(f, x);
    if (d->kind == VALUE_PARAM) return (Block){d->owner};
    if (!c->blocks) {
        c->blocks = arena_array(c->v.arena, Block, f->insts.n);
        memset(c->blocks, 0xff, f->insts.n * sizeof *c->blocks);
        for (uint32_t k = 0; k < f->layout.n; k++) {
            const BlockData *bd = func_block(f, f->layout.at[k]);
            for (uint32_t n = 0; n < bd->insts.n; n++)
                c->blocks[bd->insts.at[n].i] = f->layout.at[k];
        }
    }
    return c->blocks[d->owner];
}

static COLD void blame_use(Checker *c, Value x)
{
    uint32_t name = func_value(c->v.f, x)->name;
    Block home = find_home(c, x);
    if (home.i == NO_INDEX)
        verifier_error(&c->v, "v%u is defined nowhere", name);
    else if (home.i == c->v.block.i)
        verifier_error(&c->v, "v%u is used before it is defined", name);
    else
        verifier_error(&c->v, "v%u of block%u does not dominate this use", name,
                       func_block(c->v.f, home)->name);
}

static inline void check_use(Checker *c, Value x)
{
    uint32_t home = c->home[x.i];
    if (likely(home == c->v.block.i + 1)) return;
    if (home && (!c->reachable || dom_dominates(c->dom, (Block){home - 1}, c->v.block))) return;
    blame_use(c, x);
}

/* ret0, exn0 and so on, where a try_call passes them on. */
static bool is_own(const InstData *i, Value x)
{
    return x.i - i->result.i < i->nresults && inst_op(i)->tries;
}

static void check_uses(Checker *c, const InstData *i)
{
    const Value *args = inst_args_const(i);
    for (uint32_t k = 0; k < i->nargs; k++) check_use(c, args[k]);
    for (uint32_t d = 0; d < i->ndests; d++)
        for (uint32_t k = 0; k < i->dests[d].nargs; k++)
            if (!is_own(i, i->dests[d].args[k])) check_use(c, i->dests[d].args[k]);
}

/* Those of a try_call stay unknown: others may not use them. */
static void define_results(Checker *c, const InstData *i)
{
    if (inst_op(i)->tries) return;
    for (uint32_t k = 0; k < i->nresults; k++) c->home[inst_result(i, k).i] = c->v.block.i + 1;
}

/* ---- instructions and blocks -------------------------------------------------------------- */

static bool is_in_layout(const Checker *c, const InstData *i)
{
    for (uint32_t d = 0; d < i->ndests; d++)
        if (i->dests[d].block.i >= c->v.f->blocks.n || !c->in_layout[i->dests[d].block.i])
            return false;
    return true;
}

static void check_end(Checker *c, const InstData *i, bool last)
{
    bool ends = op_has(i->op, EFFECT_T);
    if (unlikely(ends && !last)) verifier_error(&c->v, "a terminator before the end of the block");
    if (unlikely(!ends && last)) verifier_error(&c->v, "the block ends without a terminator");
    if (i->ndests && !is_in_layout(c, i))
        verifier_error(&c->v, "a destination does not stand in the layout");
    if (inst_op(i)->format == FORMAT_exception_handler_address && !c->in_layout[i->entity])
        verifier_error(&c->v, "block%u does not stand in the layout",
                       c->v.f->blocks.at[i->entity].name);
}

static void check_inst(Checker *c, Inst inst, bool last)
{
    const InstData *i = func_inst(c->v.f, inst);
    c->v.inst = i;
    if (unlikely(c->placed[inst.i])) verifier_error(&c->v, "stands in two places");
    c->placed[inst.i] = true;
    if (unlikely(!verify_inst(&c->v, i))) {
        c->checks_uses = false; /* its results may not be there */
        return;
    }
    check_end(c, i, last);
    if (likely(c->checks_uses)) check_uses(c, i);
    define_results(c, i);
}

static void check_block(Checker *c, Block b)
{
    Verifier *v = &c->v;
    const BlockData *bd = func_block(v->f, b);
    v->block = b;
    v->inst = NULL;
    if (bd->insts.n == 0) verifier_error(v, "the block is empty");
    for (uint32_t k = 0; k < bd->insts.n; k++) {
        if (likely(bd->insts.at[k].i < v->f->insts.n))
            check_inst(c, bd->insts.at[k], k + 1 == bd->insts.n);
        else
            verifier_error(v, "instruction %u does not exist", bd->insts.at[k].i);
    }
    v->inst = NULL;
}

/* Whether all blocks end in something, and lead to blocks of the layout only. */
static bool has_flow(const Checker *c)
{
    const Func *f = c->v.f;
    for (uint32_t k = 0; k < f->layout.n; k++) {
        const BlockData *bd = func_block(f, f->layout.at[k]);
        if (!bd->insts.n || vec_last(&bd->insts).i >= f->insts.n) return false;
        if (!is_in_layout(c, func_inst(f, vec_last(&bd->insts)))) return false;
    }
    return true;
}

/* Among unreachable blocks any definition will do, so uses come after all of them. */
static void check_unreachable(Checker *c)
{
    const Func *f = c->v.f;
    uint32_t before = c->v.d->errors;
    c->checks_uses = c->reachable = false;
    for (uint32_t k = 0; k < f->layout.n; k++)
        if (!cfg_is_reachable(c->cfg, f->layout.at[k])) check_block(c, f->layout.at[k]);
    for (uint32_t k = 0; k < f->layout.n && c->v.d->errors == before; k++) {
        const BlockData *bd = func_block(f, f->layout.at[k]);
        c->v.block = f->layout.at[k];
        if (cfg_is_reachable(c->cfg, c->v.block)) continue;
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            c->v.inst = func_inst(f, bd->insts.at[n]);
            check_uses(c, c->v.inst);
        }
    }
}

static void check_blocks(Checker *c)
{
    const Func *f = c->v.f;
    if (!has_flow(c)) {
        for (uint32_t k = 0; k < f->layout.n; k++) check_block(c, f->layout.at[k]);
        return;
    }
    c->cfg = cfg_compute(f, c->v.arena);
    c->dom = dom_compute(f, c->cfg, c->v.arena);
    c->checks_uses = c->reachable = true;
    for (uint32_t k = 0; k < c->cfg->norder; k++) check_block(c, c->cfg->order[k]);
    if (c->cfg->norder < f->layout.n) check_unreachable(c);
}

/* ---- functions, modules ------------------------------------------------------------------- */

/* The graph that was made on the way; NULL when there was none to make. */
static const Cfg *verify_func(const Module *m, const Func *f, Arena *arena, Diag *d)
{
    uint32_t before = d->errors;
    Checker c = {
        .v = {.m = m, .f = f, .arena = arena, .d = d, .block = BLOCK_none},
        .home = arena_array(arena, uint32_t, f->values.n),
        .placed = arena_array(arena, bool, f->insts.n),
        .in_layout = arena_array(arena, bool, f->blocks.n),
    };
    check_declarations(&c.v);
    if (f->layout.n == 0) verifier_error_func(&c.v, "the function has no blocks");
    check_layout(&c);
    if (d->errors == before) {
        check_entry(&c.v);
        check_blocks(&c);
    }
    return c.cfg;
}

/* Two functions of one name could not be told apart by callers. */
static void check_names(const Module *m, Arena *arena, Diag *d)
{
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        Verifier v = {.m = m, .f = m->funcs.at[k], .arena = arena, .d = d, .block = BLOCK_none};
        if (module_find(m, v.f->name) != k)
            verifier_error_func(&v, "a second function of this name");
    }
}

bool module_verify(const Module *m, VerifyLevel level, Arena *scratch, Diag *d)
{
    ArenaMark mark = arena_mark(scratch);
    uint32_t before = d->errors;
    check_names(m, scratch, d);
    const Cfg **cfgs = arena_array(scratch, const Cfg *, m->funcs.n);
    for (uint32_t k = 0; k < m->funcs.n; k++)
        cfgs[k] = verify_func(m, m->funcs.at[k], scratch, d);
    if (level == VERIFY_DISCIPLINE && d->errors == before)
        discipline_verify(m, cfgs, scratch, d);
    if (d->errors == before || scratch != d->arena) arena_release(scratch, mark);
    return d->errors == before;
}
