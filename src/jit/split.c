#include "jit/split.h"

#include "ir/cfg.h"
#include "jit/split_local.h"

#include <string.h>

static const SplitRow rows[OP_COUNT] = {
#define SPLIT(op, rule, ...) [OP_##op] = {split_##rule, SPLIT_WIDE, {__VA_ARGS__}},
#define SPLIT_ANY(op, rule, ...) [OP_##op] = {split_##rule, SPLIT_ALL, {__VA_ARGS__}},
#define SPLIT_CX16(op, rule, ...) [OP_##op] = {split_##rule, SPLIT_WITH_CX16, {__VA_ARGS__}},
#include "jit/split.def"
};

bool split_has_rule(Op op, bool cmpxchg16b)
{
    return rows[op].rule && (rows[op].when != SPLIT_WITH_CX16 || cmpxchg16b);
}

/* -- Whether there is anything to do ----------------------------------------------------------- */

static bool params_have_wide(const AbiParam *at, uint32_t n)
{
    bool any = false;
    for (uint32_t k = 0; k < n; k++) any |= at[k].type == TY_i128;
    return any;
}

/* Whether the instruction names something else than the address of a symbol: a global value that is
 * loaded, or computed. */
static bool is_composed(const Func *f, const InstData *i)
{
    if (i->op != OP_symbol_value) return false;
    GlobalKind kind = (GlobalKind)f->globals.at[i->entity].kind;
    return kind != GLOBAL_symbol && kind != GLOBAL_dyn_scale;
}

static bool has_composed(const Func *f)
{
    for (uint32_t k = 0; k < f->insts.n && f->globals.n; k++)
        if (is_composed(f, &f->insts.at[k])) return true;
    return false;
}

static bool has_wide(const Func *f)
{
    bool any = params_have_wide(f->sig.params.at, f->sig.params.n);
    any |= params_have_wide(f->sig.returns.at, f->sig.returns.n);
    for (uint32_t k = 0; k < f->values.n; k++) any |= f->values.at[k].type == TY_i128;
    return any;
}

bool split_is_needed(const Module *m)
{
    bool any = false;
    for (uint32_t k = 0; k < m->funcs.n; k++)
        any |= has_wide(m->funcs.at[k]) || has_composed(m->funcs.at[k]);
    return any;
}

/* -- Signatures -------------------------------------------------------------------------------- */

enum { MOST_RESULTS = UINT8_MAX }; /* InstData.nresults */

static uint32_t count_parts(const AbiParam *at, uint32_t n)
{
    uint32_t parts = n;
    for (uint32_t k = 0; k < n; k++) parts += at[k].type == TY_i128;
    return parts;
}

/* Writes `n` parameters as those that they become. */
static void split_params(const AbiParam *at, uint32_t n, AbiParam *out)
{
    for (uint32_t k = 0; k < n; k++) {
        *out++ = at[k];
        if (at[k].type != TY_i128) continue;
        out[-1] = (AbiParam){.type = TY_i64, .low_half = true};
        *out++ = (AbiParam){.type = TY_i64};
    }
}

#define SPLIT_PARAMS(a, v) \
    do { \
        uint32_t parts = count_parts((v)->at, (v)->n); \
        if (parts == (v)->n) break; \
        AbiParam *fresh = arena_array((a), AbiParam, parts); \
        split_params((v)->at, (v)->n, fresh); \
        (v)->at = fresh; \
        (v)->n = (v)->cap = parts; \
    } while (0)

static void split_signature(Split *s, Signature *sig)
{
    SPLIT_PARAMS(s->b.f->arena, &sig->params);
    SPLIT_PARAMS(s->b.f->arena, &sig->returns);
    if (sig->returns.n > MOST_RESULTS) s->refused = "too many results, halves of i128 counted";
}

/* -- Operands as they are now ------------------------------------------------------------------ */

static Halves of(const Split *s, Value v) { return s->of[v.i]; }

Value truth(Split *s, Value v)
{
    Halves x = of(s, v);
    return is_wide(s, v) ? on_two(s, OP_bor, x.low, x.high) : x.low;
}

static uint32_t count_values(const Split *s, const Value *at, uint32_t n)
{
    uint32_t values = n;
    for (uint32_t k = 0; k < n; k++) values += is_wide(s, at[k]);
    return values;
}

/* Writes what stands for a value; gives where the next goes. */
static Value *put(const Split *s, Value v, Value *out)
{
    Halves x = of(s, v);
    *out++ = x.low;
    if (is_wide(s, v)) *out++ = x.high;
    return out;
}

static void spread_dest(Split *s, BlockCall *dest)
{
    uint32_t n = count_values(s, dest->args, dest->nargs);
    Value *args = arena_array(s->b.f->arena, Value, n), *out = args;
    for (uint32_t k = 0; k < dest->nargs; k++) out = put(s, dest->args[k], out);
    dest->args = args;
    dest->nargs = n;
}

/* A letter of ops.def for each operand, `*` for all that have none of their own. */
static char operand_letter(const OpInfo *o, uint32_t k)
{
    uint32_t n = 0;
    while (n < k && o->operands[n] != '*') n++;
    return o->operands[n];
}

/* A try_call's: nobody looks at it, so one half will do. */
static bool is_context(const Split *s, const InstData *i, uint32_t k)
{
    return inst_op(i)->tries && k >= i->nargs - table_contexts(func_table(s->b.f, i));
}

/* Of an i128 that is a condition it counts whether any bit is set, of an amount only the low half;
 * others become two. */
static Value *put_operand(Split *s, const InstData *i, uint32_t k, Value *out)
{
    if (is_context(s, i, k)) {
        *out++ = plain(s, i, k);
        return out;
    }
    switch (operand_letter(inst_op(i), k)) {
    case 'C': *out++ = truth(s, operand(i, k)); return out;
    case 'S': *out++ = plain(s, i, k); return out;
    }
    return put(s, operand(i, k), out);
}

/* -- Instructions ------------------------------------------------------------------------------ */

static bool has_wide_results(const Split *s, const InstData *i)
{
    for (uint32_t k = 0; k < i->nresults; k++)
        if (is_wide(s, inst_result(i, k))) return true;
    return false;
}

static bool has_wide_args(const Split *s, const Value *args, uint32_t n)
{
    for (uint32_t k = 0; k < n; k++)
        if (is_wide(s, args[k])) return true;
    return false;
}

static bool names_wide(const Split *s, const InstData *i)
{
    if (has_wide_results(s, i) || has_wide_args(s, inst_args_const(i), i->nargs)) return true;
    for (uint32_t d = 0; d < i->ndests; d++)
        if (has_wide_args(s, i->dests[d].args, i->dests[d].nargs)) return true;
    return false;
}

/* Operands that are something else now; all else stays, the results' handles included. */
static void keep(Split *s, Inst inst)
{
    Func *f = s->b.f;
    InstData *i = func_inst(f, inst);
    Value *args = inst_args(i);
    for (uint32_t k = 0; k < i->nargs; k++) args[k] = of(s, args[k]).low;
    for (uint32_t d = 0; d < i->ndests; d++)
        for (uint32_t k = 0; k < i->dests[d].nargs; k++)
            i->dests[d].args[k] = of(s, i->dests[d].args[k]).low;
    *vec_push(f->arena, &func_block(f, s->b.at)->insts) = inst;
}

/* Whether every i128 of it is what split_spread knows: an element of a list, a condition, an
 * amount. */
static bool is_spread(const Split *s, const InstData *i)
{
    const OpInfo *o = inst_op(i);
    if (has_wide_results(s, i) && o->results[0] != '*') return false;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (is_wide(s, operand(i, k)) && !strchr("*CS", operand_letter(o, k))) return false;
    return true;
}

static void give_all(Split *s, const InstData *i, Value at)
{
    for (uint32_t k = 0; k < i->nresults; k++) {
        Value old = inst_result(i, k);
        bool wide = is_wide(s, old);
        s->of[old.i] = (Halves){at, wide ? second(at) : VALUE_none};
        at.i += wide ? 2 : 1;
    }
}

void split_spread(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Func *f = s->b.f;
    InstData fresh = *i;
    uint32_t most = count_values(s, inst_args_const(i), i->nargs);
    Value *args = arena_array(f->arena, Value, most + 1), *out = args;
    for (uint32_t k = 0; k < i->nargs; k++) out = put_operand(s, i, k, out);
    inst_set_args(f, &fresh, args, (uint32_t)(out - args));
    Inst made = build_inst(&s->b, &fresh);
    give_all(s, i, func_inst(f, made)->result);
    for (uint32_t d = 0; d < i->ndests; d++) /* a try_call's own results are among these */
        spread_dest(s, &func_inst(f, made)->dests[d]);
}

void refuse(Split *s, const InstData *i)
{
    bool elsewhere = rows[i->op].when == SPLIT_WITH_CX16;
    s->refused = "thread-local memory";
    if (i->op == OP_tls_value) return;
    s->refused = arena_printf(s->b.f->arena, "%s.%s: no rule for %s", op_name((Op)i->op),
                              type_name((Type)i->type),
                              elsewhere ? "it with these CPU features" : "i128");
}

static bool applies(const Split *s, const InstData *i, const SplitRow *row)
{
    return split_has_rule((Op)i->op, s->cmpxchg16b) &&
           (i->type == TY_i128 || row->when == SPLIT_ALL);
}

static void split_inst(Split *s, Inst inst)
{
    InstData i = *func_inst(s->b.f, inst);
    const SplitRow *row = &rows[i.op];
    if (!names_wide(s, &i) && !is_composed(s->b.f, &i)) keep(s, inst);
    else if (applies(s, &i, row)) row->rule(s, &i, row);
    else if (is_spread(s, &i)) split_spread(s, &i, row);
    else refuse(s, &i);
}

/* -- Blocks ------------------------------------------------------------------------------------ */

static void split_block_params(Split *s, Block b)
{
    Func *f = s->b.f;
    BlockData *bd = func_block(f, b);
    ValueVec old = bd->params;
    if (!has_wide_args(s, old.at, old.n)) return;
    bd->params = (ValueVec){0};
    for (uint32_t k = 0; k < old.n; k++) {
        Value v = old.at[k];
        if (is_wide(s, v)) {
            Value low = build_param(f, b, TY_i64), high = build_param(f, b, TY_i64);
            s->of[v.i] = (Halves){low, high};
        } else {
            func_value(f, v)->index = (uint16_t)bd->params.n;
            *vec_push(f->arena, &bd->params) = v;
        }
    }
}

/* What was built for an instruction has its line in the text. */
static void note_origin(Split *s, SplitOrigins *o, Inst given)
{
    Func *f = s->b.f;
    while (o->first + o->given.n < f->insts.n) {
        f->insts.at[o->first + o->given.n].line = func_inst(f, given)->line;
        *vec_push(f->arena, &o->given) = given;
    }
}

static void split_block(Split *s, SplitOrigins *o, Block b)
{
    BlockData *bd = func_block(s->b.f, b);
    const Inst *old = bd->insts.at;
    uint32_t n = bd->insts.n;
    bd->insts.at = NULL;
    bd->insts.n = bd->insts.cap = 0;
    s->b.at = b;
    for (uint32_t k = 0; k < n && !s->refused; k++) {
        split_inst(s, old[k]);
        note_origin(s, o, old[k]);
    }
}

/* Without the blocks that nothing leads to. */
static void drop_unreachable(Func *f, const Cfg *c)
{
    uint32_t n = 0;
    for (uint32_t k = 0; k < f->layout.n; k++)
        if (cfg_is_reachable(c, f->layout.at[k])) f->layout.at[n++] = f->layout.at[k];
    f->layout.n = n;
}

/* In an order in which definitions come before uses. */
static void split_blocks(Split *s, SplitOrigins *o)
{
    Func *f = s->b.f;
    const Cfg *c = cfg_compute(f, f->arena);
    for (uint32_t k = 0; k < c->norder; k++) split_block_params(s, c->order[k]);
    for (uint32_t k = 0; k < c->norder; k++) split_block(s, o, c->order[k]);
    drop_unreachable(f, c);
}

static bool split_func(Func *f, bool cmpxchg16b, SplitOrigins *o, const char **refused)
{
    Split s = {
        .b.f = f,
        .of = arena_array_room(f->arena, Halves, f->values.n + 1),
        .cmpxchg16b = cmpxchg16b,
    };
    for (uint32_t k = 0; k < f->values.n; k++) s.of[k] = (Halves){{k}, VALUE_none};
    for (uint32_t k = 0; k < LIBRARY_COUNT; k++) s.sigs[k].i = NO_INDEX;
    split_signature(&s, &f->sig);
    for (uint32_t k = 0; k < f->sigs.n; k++) split_signature(&s, &f->sigs.at[k]);
    o->first = f->insts.n;
    f->contracts = NULL;
    if (f->layout.n && !s.refused) split_blocks(&s, o);
    *refused = s.refused;
    return !s.refused;
}

/* Functions without i128 may declare signatures that have some, so all are asked. */
bool split_module(Module *m, bool cmpxchg16b, SplitOrigins *origins, const char **refused)
{
    for (uint32_t k = 0; k < m->funcs.n; k++)
        if (!split_func(m->funcs.at[k], cmpxchg16b, &origins[k], refused)) return false;
    return true;
}

/* -- Calls of the library ---------------------------------------------------------------------- */

typedef struct {
    uint8_t params, result;
} LibraryInfo;

static const LibraryInfo library_info[LIBRARY_COUNT] = {
#define LIBRARY(name, params, result) [LIBRARY_##name] = {params, TY_##result},
#include "jit/split_library.def"
};

static SigRef library_signature(Split *s, Library fn)
{
    const LibraryInfo *info = &library_info[fn];
    Func *f = s->b.f;
    if (s->sigs[fn].i != NO_INDEX) return s->sigs[fn];
    Signature sig = {.conv = CALLCONV_system_v};
    for (unsigned k = 0; k < info->params; k++)
        *vec_push(f->arena, &sig.params) = (AbiParam){.type = TY_i64};
    bool wide = info->result == TY_i128;
    *vec_push(f->arena, &sig.returns) =
        (AbiParam){.type = wide ? TY_i64 : info->result, .low_half = wide};
    if (wide) *vec_push(f->arena, &sig.returns) = (AbiParam){.type = TY_i64};
    s->sigs[fn] = build_sig(f, &sig);
    return s->sigs[fn];
}

Value call_library(Split *s, Library fn, const Value *params)
{
    Value callee = constant(s, (int64_t)(uintptr_t)split_library_function(fn));
    Inst call = build_call_indirect(&s->b, library_signature(s, fn), callee, params,
                                    library_info[fn].params);
    return func_inst(s->b.f, call)->result;
}
