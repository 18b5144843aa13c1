/* The state is one edit for each instruction of the first case; a candidate is a set of edits
 * applied to a fresh copy, so that rejecting one costs nothing but the arena's release. */
#include "oracle/shrink.h"

#include "ir/verify.h"

typedef enum {
    EDIT_KEEP,
    EDIT_ZERO,  /* results become zeros; without results the instruction goes */
    EDIT_FIRST, /* the result becomes the first operand of its type; a branch takes its first way */
    EDIT_SECOND,
    EDIT_COUNT
} Edit;

typedef struct {
    Judge *judge;
    const Case *first;
    VerdictKind kind;
    const Config *odd;
    Arena *arena;
    uint8_t **edits;   /* by function and instruction */
    VEC(uint64_t) all; /* every instruction: function << 32 | index */
    uint32_t tries;
    bool progress;
} Shrink;

Case *case_with_one_run(const Case *c, uint32_t run, Arena *a)
{
    Case *copy = arena_new(a, Case);
    *copy = *c;
    copy->arena = a;
    copy->module = module_clone(c->module, a);
    copy->runs.at = arena_new(a, Run);
    *copy->runs.at = c->runs.at[run];
    copy->runs.n = copy->runs.cap = 1;
    return copy;
}

/* The operand number `nth` (from 0) that has the type of the only result, or none. */
static Value operand_like(const Func *f, const InstData *i, unsigned nth)
{
    const Value *args = inst_args_const(i);
    if (i->nresults != 1) return VALUE_none;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (func_type(f, args[k]) == func_type(f, i->result) && nth-- == 0) return args[k];
    return VALUE_none;
}

static void replace_uses(Func *f, const Value *map)
{
    for (uint32_t k = 0; k < f->insts.n; k++) {
        InstData *i = &f->insts.at[k];
        Value *args = inst_args(i);
        for (uint32_t n = 0; n < i->nargs; n++) args[n] = map[args[n].i];
        for (uint32_t d = 0; d < i->ndests; d++)
            for (uint32_t n = 0; n < i->dests[d].nargs; n++)
                i->dests[d].args[n] = map[i->dests[d].args[n].i];
    }
}

/* Follows replaced values to their ends; a cycle is left where it is met. */
static void settle_map(Value *map, uint32_t n)
{
    for (uint32_t v = 0; v < n; v++)
        for (uint32_t steps = 0; map[map[v].i].i != map[v].i && steps < n; steps++)
            map[v] = map[map[v].i];
}

static void make_zero(Func *f, Value v, InstData *i)
{
    Type t = func_type(f, v);
    *i = (InstData){.type = (uint8_t)t, .nresults = 1, .result = v};
    if (type_is_vector(t)) {
        static const uint8_t zeros[16];
        i->op = OP_vconst;
        i->entity = f->constants.n;
        ConstantData *c = vec_push(f->arena, &f->constants);
        memcpy(c->bytes, zeros, 16);
        c->n = (uint8_t)type_bytes(t);
        c->name = f->constants.n - 1;
    } else {
        i->op = t == TY_f32 ? OP_f32const : t == TY_f64 ? OP_f64const : OP_iconst;
    }
}

/* Zeros in the place of `inst`'s results: the first in the instruction itself. */
static void add_zeros(Func *f, BlockData *bd, Inst inst)
{
    Value first = func_inst(f, inst)->result;
    unsigned n = func_inst(f, inst)->nresults;
    for (unsigned k = 0; k < n; k++) {
        Inst at = inst;
        if (k) {
            at = (Inst){f->insts.n};
            vec_push(f->arena, &f->insts);
        }
        make_zero(f, (Value){first.i + k}, func_inst(f, at));
        *func_value(f, (Value){first.i + k}) = (ValueData){
            .type = func_value(f, (Value){first.i + k})->type,
            .kind = VALUE_RESULT,
            .owner = at.i,
            .name = func_value(f, (Value){first.i + k})->name,
        };
        *vec_push(f->arena, &bd->insts) = at;
    }
}

/* Turn this: brif c, a, b      br_table x, d, [a, b]
 * Into this: jump a (or b)     jump d (or a) */
static void take_one_way(InstData *i, unsigned way)
{
    i->op = OP_jump;
    i->nargs = 0;
    i->dests[0] = i->dests[way];
    i->ndests = 1;
}

static void apply_to_block(Func *f, BlockData *bd, const uint8_t *edits, Value *map)
{
    Inst *old = bd->insts.at;
    uint32_t n = bd->insts.n;
    bd->insts.at = NULL;
    bd->insts.n = bd->insts.cap = 0;
    for (uint32_t k = 0; k < n; k++) {
        InstData *i = func_inst(f, old[k]);
        Edit edit = edits[old[k].i];
        if (edit == EDIT_ZERO) {
            add_zeros(f, bd, old[k]);
            continue;
        }
        if (edit != EDIT_KEEP && i->ndests > 1) take_one_way(i, edit - EDIT_FIRST);
        else if (edit != EDIT_KEEP) {
            map[i->result.i] = operand_like(f, i, edit - EDIT_FIRST);
            continue;
        }
        *vec_push(f->arena, &bd->insts) = old[k];
    }
}

static void apply_to_func(Func *f, const uint8_t *edits)
{
    uint32_t n = f->values.n;
    Value *map = arena_array(f->arena, Value, n);
    for (uint32_t v = 0; v < n; v++) map[v] = (Value){v};
    for (uint32_t b = 0; b < f->layout.n; b++)
        apply_to_block(f, func_block(f, f->layout.at[b]), edits, map);
    settle_map(map, n);
    replace_uses(f, map);
}

/* Pure instructions that nothing uses, until there is none. */
static void drop_unused(Func *f)
{
    bool again = true;
    while (again) {
        again = false;
        uint32_t *uses = func_count_uses(f, f->arena);
        for (uint32_t b = 0; b < f->layout.n; b++) {
            BlockData *bd = func_block(f, f->layout.at[b]);
            uint32_t kept = 0;
            for (uint32_t k = 0; k < bd->insts.n; k++) {
                const InstData *i = func_inst(f, bd->insts.at[k]);
                bool used = !op_has(i->op, EFFECT_P) || op_has(i->op, EFFECT_E);
                for (unsigned r = 0; r < i->nresults; r++) used |= uses[inst_result(i, r).i] != 0;
                if (used) bd->insts.at[kept++] = bd->insts.at[k];
            }
            again |= kept < bd->insts.n;
            bd->insts.n = kept;
        }
    }
}

static Case *apply(const Shrink *s, Arena *a)
{
    Case *c = case_with_one_run(s->first, 0, a);
    for (uint32_t k = 0; k < c->module->funcs.n; k++) {
        apply_to_func(c->module->funcs.at[k], s->edits[k]);
        drop_unused(c->module->funcs.at[k]);
    }
    return c;
}

/* Judges the edits as they stand now. */
static bool still_shows(Shrink *s)
{
    if (s->tries == 0) return false;
    s->tries--;
    ArenaMark mark = arena_mark(s->arena);
    Case *c = apply(s, s->arena);
    Diag d = {.arena = s->arena, .file = "candidate"};
    Verdict v = {.kind = VERDICT_invalid};
    if (module_verify(c->module, VERIFY_STRUCTURE, s->arena, &d)) judge_case(s->judge, c, &v);
    arena_release(s->arena, mark);
    return v.kind == s->kind && v.odd == s->odd;
}

static const InstData *inst_at(const Shrink *s, uint64_t id)
{
    return &s->first->module->funcs.at[id >> 32]->insts.at[(uint32_t)id];
}

static uint8_t *edit_at(const Shrink *s, uint64_t id)
{
    return &s->edits[id >> 32][(uint32_t)id];
}

/* Whether the edit changes anything that is allowed to change. */
static bool applies(const Shrink *s, uint64_t id, Edit edit)
{
    const InstData *i = inst_at(s, id);
    if (op_has(i->op, EFFECT_R) || (i->ndests == 1 && op_has(i->op, EFFECT_T))) return false;
    if (edit == EDIT_ZERO) return !op_has(i->op, EFFECT_T) && (i->nargs || i->nresults == 0);
    if (i->ndests > 1) return true;
    const Func *f = s->first->module->funcs.at[id >> 32];
    return operand_like(f, i, edit - EDIT_FIRST).i != NO_INDEX;
}

/* Tries `edit` on all untouched instructions of all[from..to). */
static void try_chunk(Shrink *s, uint32_t from, uint32_t to, Edit edit)
{
    ArenaMark mark = arena_mark(s->arena);
    uint8_t **changed = arena_array(s->arena, uint8_t *, to - from);
    uint32_t n = 0;
    for (uint32_t k = from; k < to; k++)
        if (*edit_at(s, s->all.at[k]) == EDIT_KEEP && applies(s, s->all.at[k], edit))
            changed[n++] = edit_at(s, s->all.at[k]);
    for (uint32_t k = 0; k < n; k++) *changed[k] = (uint8_t)edit;
    if (n && still_shows(s)) {
        s->progress = true;
    } else {
        for (uint32_t k = 0; k < n; k++) *changed[k] = EDIT_KEEP;
    }
    arena_release(s->arena, mark);
}

/* Chunks of half the instructions, a quarter, … down to one, from the end. */
static void try_all(Shrink *s)
{
    for (uint32_t size = (s->all.n + 1) / 2; size; size = size == 1 ? 0 : (size + 1) / 2) {
        for (uint32_t to = s->all.n; to; to = to > size ? to - size : 0)
            try_chunk(s, to > size ? to - size : 0, to, EDIT_ZERO);
    }
    for (uint32_t k = s->all.n; k-- > 0;) {
        try_chunk(s, k, k + 1, EDIT_FIRST);
        try_chunk(s, k, k + 1, EDIT_SECOND);
    }
}

static void list_instructions(Shrink *s)
{
    const Module *m = s->first->module;
    s->edits = arena_array(s->arena, uint8_t *, m->funcs.n);
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        const Func *f = m->funcs.at[k];
        s->edits[k] = arena_alloc(s->arena, f->insts.n + 1);
        for (uint32_t b = 0; b < f->layout.n; b++) {
            const BlockData *bd = func_block(f, f->layout.at[b]);
            for (uint32_t n = 0; n < bd->insts.n; n++)
                *vec_push(s->arena, &s->all) = (uint64_t)k << 32 | bd->insts.at[n].i;
        }
    }
}

Case *shrink_case(Judge *j, const Case *c, const Verdict *v, Arena *a, uint32_t tries)
{
    Shrink s = {
        .judge = j,
        .first = case_with_one_run(c, v->run, a),
        .kind = v->kind,
        .odd = v->odd,
        .arena = a,
        .tries = tries,
    };
    Counts before = *judge_counts(j);
    list_instructions(&s);
    do {
        s.progress = false;
        try_all(&s);
    } while (s.progress && s.tries);
    *judge_counts(j) = before; /* candidates are no executions */
    return apply(&s, a);
}
