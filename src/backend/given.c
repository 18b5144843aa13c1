#include "backend/given.h"

#include "ir/build.h"
#include "ir/case.h"
#include "ir/legalise.h"

struct TallyCase {
    Arena *arena;
    const Case *from;
    Module *module;
    uint32_t nfuncs; /* without entries */
    const uint8_t *entered;
    const Dialect *dialect;
    bool consistent; /* dialect_legalise */
    const TallyModule *view; /* NULL: not asked for yet; and so is the text */
    Buf text;
};

const TallyCase *given_make(Arena *a, const Case *from, const uint8_t *entered,
                            uint32_t max_slot_align, const Dialect *dialect)
{
    Module *m = from->module;
    TallyCase *c = arena_new(a, TallyCase);
    *c = (TallyCase){
        .arena = a,
        .from = from,
        .module = m,
        .nfuncs = m->funcs.n,
        .entered = entered,
        .dialect = dialect,
        .consistent = from->discipline,
        .text = {.arena = a},
    };
    if (legalise_is_needed(m, max_slot_align)) legalise_slots(m, max_slot_align);
    return c;
}

const TallyModule *given_module(const TallyCase *given)
{
    TallyCase *c = (TallyCase *)given;
    if (!c->view) c->view = view_module(c->arena, c->module, c->nfuncs);
    return c->view;
}

bool given_is_entered(const TallyCase *c, uint32_t func)
{
    return func < c->nfuncs && c->entered[func];
}

static const MemFlags slot_flags = {.bits = MEMFLAG_notrap | MEMFLAG_aligned};

/* Narrow integers come with whatever lies above them: the whole slot is loaded and cut. */
static Value load_param(Builder *b, Type type, Value args, uint32_t k)
{
    bool narrow = type_is_int(type) && type_bits(type) < 64;
    Value v = build_load(b, OP_load, narrow ? TY_i64 : type, slot_flags, args,
                         (int32_t)(k * ARG_BYTES));
    return narrow ? build_unary(b, OP_ireduce, type, v) : v;
}

/* Turns   function %f(i8) -> f32
 * into    function %tally_entry_0(i64, i64) system_v {
 *             fn0 = %f sig0
 *         block0(v0: i64, v1: i64):
 *             v2 = load.i64 notrap aligned v0
 *             v3 = ireduce.i8 v2
 *             v4 = call fn0(v3)
 *             store notrap aligned v4, v1
 *             return
 *
 * The pinned register is 0 when a run begins, and the caller gets back what it had there.
 */
static void build_entry_of(Module *m, uint32_t func, bool pinned)
{
    Arena *a = m->arena;
    Signature sig = {0};
    for (uint32_t k = 0; k < 2; k++) vec_push(a, &sig.params)->type = TY_i64;
    Func *f = func_create(m, funcname_text(arena_printf(a, "tally_entry_%u", func)), &sig);
    Builder b = builder_at(f, build_entry(f));
    const BlockData *entry = func_block(f, b.at);
    Value from = entry->params.at[0], to = entry->params.at[1];
    const Signature *callee = &m->funcs.at[func]->sig;
    Value kept = {0};
    if (pinned) {
        kept = build_nullary(&b, OP_get_pinned_reg, TY_i64);
        build_unary(&b, OP_set_pinned_reg, TY_none, build_iconst(&b, TY_i64, 0));
    }
    Value *args = arena_array(a, Value, callee->params.n + 1);
    for (uint32_t k = 0; k < callee->params.n; k++)
        args[k] = load_param(&b, (Type)callee->params.at[k].type, from, k);
    Inst call = build_call(&b, build_ref(f, func), args, callee->params.n);
    for (uint32_t k = 0; k < callee->returns.n; k++)
        build_store(&b, OP_store, slot_flags, inst_result(func_inst(f, call), k), to,
                    (int32_t)(k * ARG_BYTES));
    if (pinned) build_unary(&b, OP_set_pinned_reg, TY_none, kept);
    build_return(&b, NULL, 0);
}

const char *given_text(const TallyCase *given, size_t *n)
{
    TallyCase *c = (TallyCase *)given;
    if (!c->text.at) {
        WriteOptions options = {.dialect = c->dialect};
        case_write_header(&c->text, c->from, c->dialect);
        bool pinned = module_has_op(c->module, OP_get_pinned_reg) ||
                      module_has_op(c->module, OP_set_pinned_reg);
        for (uint32_t k = 0; k < c->nfuncs; k++)
            if (c->entered[k]) build_entry_of(c->module, k, pinned);
        const Module *m = dialect_legalise(c->dialect, c->module, c->consistent, c->arena);
        for (uint32_t k = 0; k < m->funcs.n; k++) {
            func_write(&c->text, m->funcs.at[k], &options);
            buf_char(&c->text, '\n');
        }
    }
    *n = c->text.n;
    return c->text.at;
}
