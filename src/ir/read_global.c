/* Global values, dynamic vector types and their slots. They may name what is declared further down:
 * that is looked up behind the last declaration. */
#include "ir/read_state.h"

/* Something that may be declared later. */
static bool read_later(Reader *r, TokenKind kind, const char *what, uint32_t *place)
{
    if (r->token.kind != kind) return read_expected(r, what);
    *vec_push(r->scratch, &r->forwards) = r->token;
    *place = r->forwards.n - 1;
    read_next(r);
    return true;
}

static bool read_global_type(Reader *r, GlobalValueData *g)
{
    Type type;
    if (!read_kind(r, '.', "`.` and a type") || !read_type(r, &type)) return false;
    g->type = (uint8_t)type;
    return true;
}

/* load.i64 notrap aligned gv0+8, behind the word */
static bool read_global_load(Reader *r, GlobalValueData *g)
{
    unsigned must = MEMFLAG_notrap | MEMFLAG_aligned;
    Token at = r->token;
    g->kind = GLOBAL_load;
    if (!read_global_type(r, g) || !read_memflags(r, &g->flags)) return false;
    if (!read_later(r, TOKEN_global, "a global value", &g->base)) return false;
    if ((g->flags.bits & must) != must)
        return read_fail(r, &at, "the load of a global value must be `notrap` and `aligned`");
    return read_offset(r, &g->offset);
}

/* iadd_imm.i64 gv0, 16, behind the word */
static bool read_global_sum(Reader *r, GlobalValueData *g)
{
    uint64_t n;
    g->kind = GLOBAL_iadd_imm;
    if (!read_global_type(r, g)) return false;
    if (!read_later(r, TOKEN_global, "a global value", &g->base)) return false;
    if (!read_kind(r, ',', "`,` and a number") || !read_u64(r, "a number", &n)) return false;
    g->offset = (int64_t)n;
    return true;
}

/* symbol colocated tls %name+8, behind the word */
static bool read_global_symbol(Reader *r, GlobalValueData *g)
{
    g->kind = GLOBAL_symbol;
    g->colocated = read_optional_word(r, "colocated");
    g->tls = read_optional_word(r, "tls");
    if (!read_external_name(r, &g->symbol)) return false;
    Str text = r->token.text;
    if (r->token.kind != TOKEN_number || (text.at[0] != '+' && text.at[0] != '-')) return true;
    uint64_t n;
    if (!read_u64(r, "an offset", &n)) return false;
    g->offset = (int64_t)n;
    return true;
}

/* dyn_scale_target_const.i32x4, behind the word */
static bool read_global_scale(Reader *r, GlobalValueData *g)
{
    Token at = r->token;
    g->kind = GLOBAL_dyn_scale;
    if (!read_global_type(r, g)) return false;
    return type_is_vector(g->type) || read_fail(r, &at, "expected a vector type");
}

bool read_global(Reader *r)
{
    GlobalValueData g = {.name = r->token.number};
    if (!read_declared(r, r->f->globals.n)) return false;
    bool good = true;
    if (read_optional_word(r, "vmctx")) g.kind = GLOBAL_vmctx;
    else if (read_optional_word(r, "load")) good = read_global_load(r, &g);
    else if (read_optional_word(r, "iadd_imm")) good = read_global_sum(r, &g);
    else if (read_optional_word(r, "symbol")) good = read_global_symbol(r, &g);
    else if (read_optional_word(r, "dyn_scale_target_const")) good = read_global_scale(r, &g);
    else return read_expected(r, "vmctx, load, iadd_imm, symbol or dyn_scale_target_const");
    if (good) *vec_push(r->arena, &r->f->globals) = g;
    return good;
}

/* dt0 = i32x4*gv0 */
bool read_dyn_type(Reader *r)
{
    DynTypeData t = {.name = r->token.number};
    Type base;
    if (!read_declared(r, r->f->dyn_types.n)) return false;
    Token at = r->token;
    if (!read_type(r, &base)) return false;
    if (!type_is_vector(base)) return read_fail(r, &at, "expected a vector type");
    if (!read_kind(r, '*', "`*` and a global value")) return false;
    if (!read_later(r, TOKEN_global, "a global value", &t.global)) return false;
    t.base = (uint8_t)base;
    *vec_push(r->arena, &r->f->dyn_types) = t;
    return true;
}

/* dss0 = explicit_dynamic_slot dt0 */
bool read_dyn_slot(Reader *r)
{
    DynSlotData s = {.name = r->token.number};
    if (!read_declared(r, r->f->dyn_slots.n)) return false;
    if (!read_optional_word(r, "explicit_dynamic_slot"))
        return read_expected(r, "explicit_dynamic_slot");
    if (!read_later(r, TOKEN_dynamic_type, "a dynamic type, as dt0", &s.type)) return false;
    *vec_push(r->arena, &r->f->dyn_slots) = s;
    return true;
}

/* stack_limit = gv0 */
bool read_stack_limit(Reader *r)
{
    Token word = r->token;
    uint32_t place;
    read_next(r);
    if (r->f->stack_limit) return read_fail(r, &word, "a second stack limit");
    if (!read_kind(r, '=', "`=`")) return false;
    if (!read_later(r, TOKEN_global, "a global value", &place)) return false;
    r->f->stack_limit = place + 1;
    return true;
}

static bool resolve(Reader *r, uint32_t *place)
{
    const Token *t = &r->forwards.at[*place];
    *place = names_find(&r->names, t->kind, t->number);
    return *place != NO_INDEX ||
           read_fail(r, t, "%.*s is not declared", (int)t->text.n, t->text.at);
}

static bool resolve_global(Reader *r, GlobalValueData *g)
{
    if (g->kind != GLOBAL_load && g->kind != GLOBAL_iadd_imm) return true;
    const Token *base = &r->forwards.at[g->base];
    if (!resolve(r, &g->base)) return false;
    return g->flags.region <= r->f->regions.n ||
           read_fail(r, base, "region%u is not declared", g->flags.region - 1);
}

bool read_resolve(Reader *r)
{
    Func *f = r->f;
    for (uint32_t k = 0; k < f->globals.n; k++)
        if (!resolve_global(r, &f->globals.at[k])) return false;
    for (uint32_t k = 0; k < f->dyn_types.n; k++)
        if (!resolve(r, &f->dyn_types.at[k].global)) return false;
    for (uint32_t k = 0; k < f->dyn_slots.n; k++)
        if (!resolve(r, &f->dyn_slots.at[k].type)) return false;
    if (!f->stack_limit) return true;
    uint32_t limit = f->stack_limit - 1;
    if (!resolve(r, &limit)) return false;
    f->stack_limit = limit + 1;
    return true;
}
