/* A function: its name and signature, its blocks. */
#include "ir/read_state.h"

bool read_func_name(Reader *r, FuncName *out)
{
    *out = (FuncName){0};
    if (r->token.kind == TOKEN_name) {
        out->text = read_copy(r, r->token.text);
        read_next(r);
        return true;
    }
    if (r->token.kind != TOKEN_user_name) return read_expected(r, "a name such as %f or u0:1");
    out->space = r->token.number;
    read_next(r);
    int64_t index;
    if (!read_kind(r, ':', "`:` in a name such as u0:1")) return false;
    if (!read_i64(r, 0, UINT32_MAX, "a number", &index)) return false;
    out->index = (uint32_t)index;
    return true;
}

static void note_user_name(Reader *r, FuncName name)
{
    for (uint32_t k = 0; k < r->user_names.n; k++)
        if (funcname_equal(r->user_names.at[k], name)) return;
    *vec_push(r->scratch, &r->user_names) = name;
}

/* userextname1 is the second name of the kind u0:7 that the declarations above have. */
bool read_external_name(Reader *r, FuncName *out)
{
    if (r->token.kind != TOKEN_external_name) {
        if (!read_func_name(r, out)) return false;
        if (!out->text.n) note_user_name(r, *out);
        return true;
    }
    if (r->token.number >= r->user_names.n)
        return read_fail(r, &r->token, "%u names such as u0:1 stand above, the first is "
                         "userextname0", r->user_names.n);
    *out = r->user_names.at[r->token.number];
    read_next(r);
    return true;
}

static bool read_sarg(Reader *r, AbiParam *p)
{
    int64_t bytes;
    p->purpose = PURPOSE_sarg;
    if (!read_kind(r, '(', "`(`") || !read_i64(r, 0, UINT32_MAX, "a size in bytes", &bytes))
        return false;
    p->bytes = (uint32_t)bytes;
    return read_kind(r, ')', "`)`");
}

/* i32 uext sret … */
static bool read_abi_param(Reader *r, AbiParam *p)
{
    Type type;
    if (!read_type(r, &type)) return false;
    p->type = (uint8_t)type;
    for (;;) {
        if (read_optional_word(r, "uext")) p->extension = EXTENSION_uext;
        else if (read_optional_word(r, "sext")) p->extension = EXTENSION_sext;
        else if (read_optional_word(r, "sret")) p->purpose = PURPOSE_sret;
        else if (read_optional_word(r, "vmctx")) p->purpose = PURPOSE_vmctx;
        else if (read_optional_word(r, "normal")) p->purpose = PURPOSE_normal;
        else if (!read_optional_word(r, "sarg")) return true;
        else if (!read_sarg(r, p)) return false;
    }
}

static bool read_params(Reader *r, Signature *sig)
{
    do {
        if (!read_limit(r, LIMIT_ID_params, sig->params.n + 1)) return false;
        if (!read_abi_param(r, vec_push(r->arena, &sig->params))) return false;
    } while (read_optional(r, ','));
    return true;
}

static bool read_returns(Reader *r, Signature *sig)
{
    do {
        if (!read_limit(r, LIMIT_ID_results, sig->returns.n + 1)) return false;
        if (!read_abi_param(r, vec_push(r->arena, &sig->returns))) return false;
    } while (read_optional(r, ','));
    return true;
}

/* (i64, i32 uext) -> i32 system_v */
bool read_func_signature(Reader *r, Signature *sig)
{
    *sig = (Signature){.conv = r->default_conv};
    if (!read_kind(r, '(', "a signature: `(`")) return false;
    if (r->token.kind != ')' && !read_params(r, sig)) return false;
    if (!read_kind(r, ')', "`,` or `)` behind a parameter")) return false;
    if (read_optional(r, TOKEN_arrow) && !read_returns(r, sig)) return false;
    if (r->token.kind != TOKEN_word || read_is_word(r, "stack_limit")) return true;
    uint8_t conv;
    if (!read_choice(r, callconv_names, CALLCONV_COUNT, "a calling convention", &conv))
        return false;
    sig->conv = (CallConv)conv;
    return true;
}

bool read_block_name(Reader *r, Block *out)
{
    if (r->token.kind != TOKEN_block) return read_expected(r, "a block, as block1");
    out->i = names_find(&r->names, TOKEN_block, r->token.number);
    if (out->i == NO_INDEX) {
        Func *f = r->f;
        out->i = f->blocks.n;
        if (!read_limit(r, LIMIT_ID_blocks, f->blocks.n + 1)) return false;
        vec_push(r->arena, &f->blocks)->name = r->token.number;
        func_note_name(&f->block_names, r->token.number);
        names_add(&r->names, TOKEN_block, r->token.number, out->i);
        *vec_push(r->scratch, &r->blocks) = r->token;
    }
    read_next(r);
    return true;
}

static uint32_t definition_line(const Func *f, Value v)
{
    const ValueData *d = func_value(f, v);
    return d->kind == VALUE_PARAM ? f->blocks.at[d->owner].line : f->insts.at[d->owner].line;
}

bool read_define(Reader *r, Value v, const Token *name)
{
    if (names_add(&r->names, TOKEN_value, name->number, v.i)) {
        func_value(r->f, v)->name = name->number;
        func_note_name(&r->f->value_names, name->number);
        return true;
    }
    Value first = {names_find(&r->names, TOKEN_value, name->number)};
    return read_fail(r, name, "v%u is already defined (line %u)", name->number,
                     definition_line(r->f, first));
}

/* v3: i32 */
static bool read_block_param(Reader *r, Block b)
{
    Token name = r->token;
    Type type;
    if (!read_limit(r, LIMIT_ID_params, func_block(r->f, b)->params.n + 1)) return false;
    if (!read_limit(r, LIMIT_ID_values, r->f->values.n + 1)) return false;
    if (!read_kind(r, TOKEN_value, "a block parameter, as v1: i32")) return false;
    if (!read_kind(r, ':', "`:` and a type") || !read_type(r, &type)) return false;
    return read_define(r, build_param(r->f, b, type), &name);
}

static bool read_block_params(Reader *r, Block b)
{
    if (!read_optional(r, '(') || read_optional(r, ')')) return true;
    do {
        if (!read_block_param(r, b)) return false;
    } while (read_optional(r, ','));
    return read_kind(r, ')', "`,` or `)` behind a block parameter");
}

/* block1(v1: i32) cold: */
static bool read_block_header(Reader *r)
{
    Token name = r->token;
    Block b;
    if (!read_block_name(r, &b)) return false;
    if (r->blocks.at[b.i].kind == 0)
        return read_fail(r, &name, "block%u is already defined (line %u)", name.number,
                         func_block(r->f, b)->line);
    r->blocks.at[b.i].kind = 0;
    r->at = b;
    func_block(r->f, b)->line = name.line;
    *vec_push(r->arena, &r->f->layout) = b;
    if (!read_block_params(r, b)) return false;
    func_block(r->f, b)->cold = read_optional_word(r, "cold");
    return read_kind(r, ':', "`:` behind the block");
}

static bool starts_instruction(const Reader *r)
{
    unsigned kind = r->token.kind;
    return kind == TOKEN_value || kind == TOKEN_word || kind == TOKEN_location || kind == '<';
}

static bool read_block(Reader *r)
{
    if (!read_memory_left(r) || !read_block_header(r)) return false;
    while (starts_instruction(r))
        if (!read_instruction(r)) return false;
    if (r->token.kind == TOKEN_block || r->token.kind == '}') return true;
    return read_expected(r, "an instruction, a block or `}`");
}

static bool check_blocks(Reader *r)
{
    for (uint32_t k = 0; k < r->blocks.n; k++) {
        const Token *t = &r->blocks.at[k];
        if (t->kind) return read_fail(r, t, "block%u is not defined", t->number);
    }
    return true;
}

/* Fills in operands that were mentioned before their definition. */
static bool resolve_uses(Reader *r)
{
    for (uint32_t k = 0; k < r->uses.n; k++) {
        const Use *u = &r->uses.at[k];
        InstData *i = func_inst(r->f, u->inst);
        Value v = {names_find(&r->names, TOKEN_value, u->token.number)};
        if (v.i == NO_INDEX)
            return read_fail(r, &u->token, "v%u is not defined", u->token.number);
        Value *args = u->dest == NO_INDEX ? inst_args(i) : i->dests[u->dest].args;
        args[u->index] = v;
    }
    return true;
}

static void name_values(Reader *r)
{
    for (uint32_t k = 0; k < r->unnamed.n; k++) {
        Value v = r->unnamed.at[k];
        uint32_t name = names_fresh(&r->names, TOKEN_value, v.i);
        func_value(r->f, v)->name = name;
        func_note_name(&r->f->value_names, name);
    }
}

static void forget_function(Reader *r)
{
    names_clear(&r->names);
    vec_clear(&r->blocks);
    vec_clear(&r->uses);
    vec_clear(&r->unnamed);
    vec_clear(&r->tables);
    vec_clear(&r->forwards);
    vec_clear(&r->user_names);
    r->slot_bytes = 0;
    r->next_sig = 0;
    r->last_run = 0;
    r->has_vmctx_heap = false;
    r->heaps = 0;
}

static bool read_body(Reader *r)
{
    if (!read_kind(r, '{', "`{`") || !read_declarations(r)) return false;
    if (r->token.kind != TOKEN_block && r->token.kind != '}')
        return read_expected(r, "a declaration or a block");
    while (r->token.kind == TOKEN_block)
        if (!read_block(r)) return false;
    if (!check_blocks(r) || !resolve_uses(r)) return false;
    name_values(r);
    return read_kind(r, '}', "`}`");
}

bool read_function(Reader *r)
{
    uint32_t line = r->token.line;
    FuncName name;
    Signature sig;
    if (!read_memory_left(r)) return false;
    if (!read_is_word(r, "function")) return read_expected(r, "`function`");
    if (!read_limit(r, LIMIT_ID_functions, r->c->module->funcs.n + 1)) return false;
    read_next(r);
    forget_function(r);
    if (!read_func_name(r, &name) || !read_func_signature(r, &sig)) return false;
    r->func = r->c->module->funcs.n;
    r->f = func_create(r->c->module, name, &sig);
    r->f->line = line;
    return read_body(r);
}
