/* One instruction: results, name, type, operands as its format says, and the values it makes. */
#include "ir/bits_text.h"
#include "ir/dialect.h"
#include "ir/read_state.h"

static bool read_mention(Reader *r, Mention *out)
{
    if (r->token.kind != TOKEN_value) return read_expected(r, "a value, as v1");
    out->token = r->token;
    out->value.i = names_find(&r->names, TOKEN_value, r->token.number);
    read_next(r);
    return true;
}

bool read_value(Reader *r)
{
    Mention m;
    if (!read_mention(r, &m)) return false;
    *vec_push(r->scratch, &r->args) = m;
    return true;
}

/* Values up to something else; there may be none. */
static bool read_values(Reader *r)
{
    if (r->token.kind != TOKEN_value) return true;
    do {
        if (!read_value(r)) return false;
    } while (read_optional(r, ','));
    return true;
}

/* A value, or what a way of a try_call gets: ret0 where it returns, exn0 where it raised. */
static bool read_block_arg(Reader *r, TokenKind own)
{
    Mention m = {.value = VALUE_none, .token = r->token};
    bool is_own = r->token.kind == TOKEN_return_value || r->token.kind == TOKEN_exception_value;
    if (!is_own) {
        if (!read_mention(r, &m)) return false;
    } else if (own == TOKEN_end) {
        return read_fail(r, &m.token, "`%.*s` is a block argument of try_call alone",
                         (int)m.token.text.n, m.token.text.at);
    } else if (r->token.kind != own) {
        return read_expected(r, own == TOKEN_return_value ? "a value, as v1 or ret0"
                                                          : "a value, as v1 or exn0");
    } else {
        read_next(r);
    }
    *vec_push(r->scratch, &r->dest_args) = m;
    return true;
}

static bool read_way(Reader *r, TokenKind own)
{
    Destination d = {.first = r->dest_args.n};
    if (!read_block_name(r, &d.call.block)) return false;
    if (read_optional(r, '(') && !read_optional(r, ')')) {
        do {
            if (!read_block_arg(r, own)) return false;
        } while (read_optional(r, ',') && r->token.kind != ')');
        if (!read_kind(r, ')', "`,` or `)` behind a block argument")) return false;
    }
    d.call.nargs = r->dest_args.n - d.first;
    *vec_push(r->scratch, &r->dests) = d;
    return true;
}

/* block1(v2, v3) */
bool read_destination(Reader *r) { return read_way(r, TOKEN_end); }

/* [block1, block2(v1)] */
static bool read_blocks(Reader *r)
{
    if (!read_kind(r, '[', "`[` and a table of blocks")) return false;
    if (read_optional(r, ']')) return true;
    do {
        if (!read_limit(r, LIMIT_ID_table_entries, r->dests.n)) return false;
        if (!read_destination(r)) return false;
    } while (read_optional(r, ','));
    return read_kind(r, ']', "`,` or `]` behind a block of the table");
}

/* The blocks of a jump table, read again at its declaration. */
static bool read_declared_table(Reader *r)
{
    uint32_t index;
    if (!read_entity(r, TOKEN_jump_table, "a jump table", &index)) return false;
    const Lexer here = r->lex;
    const Token next = r->token;
    r->lex.at = r->tables.at[index].text.at;
    r->lex.line = r->tables.at[index].line;
    r->lex.arena = NULL; /* directives within have been noted */
    read_next(r);
    bool good = read_blocks(r);
    r->lex = here;
    r->token = next;
    return good;
}

static bool read_table(Reader *r)
{
    return r->token.kind == TOKEN_jump_table ? read_declared_table(r) : read_blocks(r);
}

static bool set_region(Reader *r, MemFlags *m, uint32_t index, const Token *at)
{
    if (m->region) return read_fail(r, at, "an access has at most one region");
    m->region = (uint8_t)(index + 1);
    return true;
}

static bool older_region(Reader *r, MemFlags *m, const OlderRegion *older)
{
    Token at = r->token;
    uint32_t index = 0;
    while (index < r->f->regions.n && r->f->regions.at[index].number != older->number) index++;
    if (index == r->f->regions.n) {
        if (!read_limit(r, LIMIT_ID_regions, index + 1)) return false;
        *vec_push(r->arena, &r->f->regions) =
            (RegionData){.number = older->number, .text = str_of(older->word), .name = index};
    }
    read_next(r);
    return set_region(r, m, index, &at);
}

static bool set_flag(Reader *r, MemFlags *m, unsigned bit)
{
    m->bits |= (uint8_t)(1 << bit);
    if (bit == MEMFLAG_BIT_notrap) m->trap = TRAP_none;
    if ((m->bits & MEMFLAG_little) && (m->bits & MEMFLAG_big))
        return read_fail(r, &r->token, "an access is `little` or `big`, not both");
    read_next(r);
    return true;
}

static bool read_flag_word(Reader *r, MemFlags *m, bool *done)
{
    Str word = r->token.text;
    for (unsigned k = 0; k < MEMFLAG_COUNT; k++)
        if (str_is(word, memflag_names[k])) return set_flag(r, m, k);
    const OlderRegion *older = dialect_older_region(word);
    if (older) return older_region(r, m, older);
    TrapCode code = dialect_trap_code(word);
    *done = code == TRAP_none;
    if (*done) return true;
    m->trap = code == TRAP_heap_oob ? TRAP_none : code;
    m->bits &= (uint8_t)~MEMFLAG_notrap;
    read_next(r);
    return true;
}

/* Among declarations it may come later; its number is its index. */
static bool read_region(Reader *r, MemFlags *m)
{
    Token at = r->token;
    uint32_t index = at.number;
    bool declaring = r->blocks.n == 0 && index < LIMIT_regions;
    if (declaring) read_next(r);
    else if (!read_entity(r, TOKEN_region, "a region", &index)) return false;
    return set_region(r, m, index, &at);
}

bool read_memflags(Reader *r, MemFlags *m)
{
    *m = (MemFlags){0};
    for (bool done = false; !done;) {
        if (r->token.kind == TOKEN_region) {
            if (!read_region(r, m)) return false;
        } else if (r->token.kind != TOKEN_word) {
            done = true;
        } else if (!read_flag_word(r, m, &done)) {
            return false;
        }
    }
    return true;
}

bool read_offset(Reader *r, int64_t *out)
{
    *out = 0;
    Str text = r->token.text;
    if (r->token.kind != TOKEN_number || (text.at[0] != '+' && text.at[0] != '-')) return true;
    return read_i64(r, INT32_MIN, INT32_MAX, "an offset", out);
}

static bool read_trap_code(Reader *r, InstData *i)
{
    if (r->token.kind == TOKEN_word) i->trap = dialect_trap_code(r->token.text);
    if (i->trap == TRAP_none) return read_expected(r, "a trap code, as user1 or int_divz");
    read_next(r);
    return true;
}

static bool read_condition(Reader *r, const CondInfo *conds, unsigned n, InstData *i)
{
    for (unsigned k = 0; r->token.kind == TOKEN_word && k < n; k++) {
        if (!str_is(r->token.text, conds[k].name)) continue;
        i->cond = (uint8_t)k;
        read_next(r);
        return true;
    }
    return read_expected(r, "a condition code, as eq");
}

/* A constant on the spot gets an entry of its own, printed in place. */
static bool read_new_constant(Reader *r, Type type, InstData *i)
{
    if (!read_limit(r, LIMIT_ID_instructions, r->f->constants.n + 1)) return false;
    uint8_t *bytes = arena_array(r->arena, uint8_t, type_bytes(type));
    ConstantData c = {.bytes = bytes, .n = (uint16_t)type_bytes(type)};
    if (!read_bits(r, type, bytes)) return false;
    i->entity = r->f->constants.n;
    *vec_push(r->arena, &r->f->constants) = c;
    return true;
}

static bool read_constant(Reader *r, InstData *i)
{
    if (r->token.kind != TOKEN_constant) return read_new_constant(r, i->type, i);
    Token at = r->token;
    if (!read_entity(r, TOKEN_constant, "a constant", &i->entity)) return false;
    unsigned n = r->f->constants.at[i->entity].n, want = type_bytes(i->type);
    if (n == want) return true;
    return read_fail(r, &at, "const%u has %u bytes, %s needs %u", at.number, n, type_name(i->type),
                     want);
}

static bool read_integer(Reader *r, InstData *i)
{
    Type type = i->type == TY_none ? TY_i64 : (Type)i->type;
    Bits bits = {0};
    unsigned spare = 64 - type_bits(type);
    if (!read_bits(r, type, bits.u8)) return false;
    i->imm = (int64_t)(bits.u64[0] << spare) >> spare;
    return true;
}

static bool read_float(Reader *r, Type type, InstData *i)
{
    Bits bits = {0};
    if (!read_bits(r, type, bits.u8)) return false;
    i->imm = (int64_t)bits.u64[0];
    return true;
}

static bool read_lane(Reader *r, InstData *i)
{
    return read_i64(r, 0, 255, "a number", &i->imm);
}

/* tag7: block2(exn0)   default: block3   context v5 */
static bool read_handler(Reader *r, Handler *h)
{
    if (read_optional_word(r, "context")) {
        h->kind = HANDLER_context;
        return read_value(r);
    }
    h->kind = r->token.kind == TOKEN_tag ? HANDLER_tag : HANDLER_default;
    h->tag = h->kind == HANDLER_tag ? r->token.number : 0;
    if (h->kind == HANDLER_default && !read_is_word(r, "default"))
        return read_expected(r, "a handler, as tag0: block1, `default` or `context`");
    read_next(r);
    return read_kind(r, ':', "`:` and a block") && read_way(r, TOKEN_exception_value);
}

/* sig0, block1(ret0), [tag7: block2(exn0), default: block3] */
static bool read_exception_table(Reader *r, InstData *i)
{
    ExceptionTable t = {0};
    if (!read_entity(r, TOKEN_signature, "a signature, as sig0", &t.sig.i)) return false;
    if (!read_kind(r, ',', "`,` and a block") || !read_way(r, TOKEN_return_value)) return false;
    if (!read_kind(r, ',', "`,` and handlers") || !read_kind(r, '[', "`[` and handlers"))
        return false;
    while (r->token.kind != ']') {
        if (!read_limit(r, LIMIT_ID_table_entries, t.handlers.n + 1)) return false;
        if (!read_handler(r, vec_push(r->arena, &t.handlers))) return false;
        if (!read_optional(r, ',')) break;
    }
    if (op_info[i->op].indirect) i->entity = t.sig.i;
    i->imm = r->f->tables.n;
    *vec_push(r->arena, &r->f->tables) = t;
    return read_kind(r, ']', "`,` or `]` behind a handler");
}

static bool read_plain_block(Reader *r, InstData *i)
{
    Block b;
    if (!read_block_name(r, &b)) return false;
    i->entity = b.i;
    return true;
}

/* One letter of formats.def. */
static bool read_operand(Reader *r, char letter, InstData *i)
{
    switch (letter) {
    case 'v': return read_value(r);
    case '*': return read_values(r);
    case 'i': return read_integer(r, i);
    case 'o': return read_offset(r, &i->imm);
    case 'u': return read_lane(r, i);
    case 'h': return read_float(r, TY_f16, i);
    case 'f': return read_float(r, TY_f32, i);
    case 'd': return read_float(r, TY_f64, i);
    case 'k': return read_constant(r, i);
    case 's': return read_new_constant(r, TY_i8x16, i);
    case 'c': return read_condition(r, intcc_info, INTCC_COUNT, i);
    case 'x': return read_condition(r, floatcc_info, FLOATCC_COUNT, i);
    case 't': return read_trap_code(r, i);
    case 'r': return read_choice(r, atomic_names, ATOMIC_COUNT, "an atomic operation", &i->cond);
    case 'm': return read_memflags(r, &i->flags);
    case 'b': return read_destination(r);
    case 'j': return read_table(r);
    case 'F': return read_entity(r, TOKEN_function, "a function, as fn0", &i->entity);
    case 'S': return read_entity(r, TOKEN_signature, "a signature, as sig0", &i->entity);
    case 'l': return read_entity(r, TOKEN_slot, "a stack slot, as ss0", &i->entity);
    case 'g': return read_entity(r, TOKEN_global, "a global value, as gv0", &i->entity);
    case 'D': return read_entity(r, TOKEN_dynamic_slot, "a dynamic slot, as dss0", &i->entity);
    case 'e': return read_exception_table(r, i);
    case 'B': return read_plain_block(r, i);
    case ' ': return true;
    case ',': return read_kind(r, ',', "`,` and another operand");
    case '(': return read_kind(r, '(', "`(` and arguments");
    case ')': return read_kind(r, ')', "`,` or `)` behind an argument");
    default: bug("formats.def: no operand is written `%c`", letter);
    }
}

bool read_operands(Reader *r, const char *format, InstData *i)
{
    vec_clear(&r->args);
    vec_clear(&r->dest_args);
    vec_clear(&r->dests);
    for (; *format; format++)
        if (!read_operand(r, *format, i)) return false;
    return true;
}

/* Copies what was mentioned; what is not defined yet is noted for later. */
static void set_values(Reader *r, const Mention *from, uint32_t n, Value *to, Inst inst,
                       uint32_t dest)
{
    for (uint32_t k = 0; k < n; k++) {
        to[k] = from[k].value;
        if (to[k].i == NO_INDEX && from[k].token.kind == TOKEN_value)
            *vec_push(r->scratch, &r->uses) = (Use){inst, dest, k, from[k].token};
    }
}

static void set_operands(Reader *r, InstData *i)
{
    Inst inst = {r->f->insts.n};
    i->nargs = r->args.n;
    if (i->nargs > 4) i->args_.many = arena_array(r->arena, Value, i->nargs);
    set_values(r, r->args.at, r->args.n, inst_args(i), inst, NO_INDEX);
    i->ndests = r->dests.n;
    if (i->ndests) i->dests = arena_array(r->arena, BlockCall, i->ndests);
    for (uint32_t d = 0; d < i->ndests; d++) {
        const Destination *from = &r->dests.at[d];
        BlockCall *to = &i->dests[d];
        *to = from->call;
        if (!to->nargs) continue;
        to->args = arena_array(r->arena, Value, to->nargs);
        set_values(r, r->dest_args.at + from->first, to->nargs, to->args, inst, d);
    }
}

/* The controlling type: from the suffix, else from the operand that the rule names. */
static bool find_type(Reader *r, const Token *word, InstData *i)
{
    const OpInfo *o = inst_op(i);
    if (i->type == TY_none && o->type_operand >= 0 && (uint32_t)o->type_operand < r->args.n) {
        const Mention *m = &r->args.at[o->type_operand];
        if (m->value.i == NO_INDEX)
            return read_fail(r, word, "%s needs a type, as %s.i32: v%u is defined further down, or "
                             "nowhere", o->name, o->name, m->token.number);
        i->type = (uint8_t)func_type(r->f, m->value);
    }
    if (!o->has_type || o->only_type || mask_has(&o->suffix, (Type)i->type)) return true;
    return read_fail(r, word, "%s does not work on %s", o->name, type_name(i->type));
}

static bool check_results(Reader *r, const Token *word, const InstData *i)
{
    Type types[LIMIT_results];
    uint32_t n = inst_result_types(r->f, i, types, countof(types));
    if (inst_op(i)->tries) {
        if (!read_limit(r, LIMIT_ID_results, n)) return false;
        n = 0;
    }
    for (uint32_t k = 0; k < n; k++)
        if (types[k] == TY_none)
            return read_fail(r, word, "%s of %s has no result type", op_name(i->op),
                             type_name(i->type));
    if (n == r->results.n) return true;
    return read_fail(r, word, "%s gives %u results, %u are named", op_name(i->op), n, r->results.n);
}

/* Puts results in the place of ret0, exn0 and so on. */
static bool resolve_own(Reader *r, InstData *i)
{
    uint32_t returned = func_call_signature(r->f, i)->returns.n;
    for (uint32_t d = 0; d < i->ndests; d++) {
        for (uint32_t k = 0; k < i->dests[d].nargs; k++) {
            const Token *t = &r->dest_args.at[r->dests.at[d].first + k].token;
            bool raised = t->kind == TOKEN_exception_value;
            uint32_t n = raised ? i->nresults - returned : returned;
            if (t->kind == TOKEN_value) continue;
            if (t->number >= n)
                return read_fail(r, t, "%s give%s %u values to a block, the first is %s0",
                                 raised ? "exceptions" : "the callee", raised ? "" : "s", n,
                                 raised ? "exn" : "ret");
            i->dests[d].args[k] = inst_result(i, (raised ? returned : 0) + t->number);
        }
    }
    for (uint32_t k = 0; k < i->nresults; k++)
        *vec_push(r->scratch, &r->unnamed) = inst_result(i, k);
    return true;
}

bool read_finish(Reader *r, const Token *word, InstData *i)
{
    if (!read_limit(r, LIMIT_ID_instructions, r->f->insts.n + 1)) return false;
    if (!read_limit(r, LIMIT_ID_values, r->f->values.n + r->results.n + 1)) return false;
    if (r->f->insts.n % 64 == 0 && !read_memory_left(r)) return false;
    if (!find_type(r, word, i)) return false;
    i->line = word->line;
    if (!check_results(r, word, i)) return false;
    set_operands(r, i);
    Builder b = builder_at(r->f, r->at);
    Inst inst = build_inst(&b, i);
    if (inst_op(i)->tries) return resolve_own(r, func_inst(r->f, inst));
    Value first = func_inst(r->f, inst)->result;
    for (uint32_t k = 0; k < r->results.n; k++)
        if (!read_define(r, (Value){first.i + k}, &r->results.at[k])) return false;
    return true;
}

Value read_hidden(Reader *r, const InstData *i)
{
    Builder b = builder_at(r->f, r->at);
    const InstData *made = func_inst(r->f, build_inst(&b, i));
    if (!made->nresults) return VALUE_none;
    *vec_push(r->scratch, &r->unnamed) = made->result;
    return made->result;
}

static bool read_results(Reader *r)
{
    vec_clear(&r->results);
    if (r->token.kind != TOKEN_value) return true;
    do {
        if (r->token.kind != TOKEN_value) return read_expected(r, "a result, as v1");
        if (!read_limit(r, LIMIT_ID_results, r->results.n + 1)) return false;
        *vec_push(r->scratch, &r->results) = r->token;
        read_next(r);
    } while (read_optional(r, ','));
    return true;
}

/* v2 -> v1: from here on both names mean one value */
static bool read_alias(Reader *r)
{
    Token alias = r->results.at[0];
    Mention to;
    if (r->results.n != 1) return read_expected(r, "`=`");
    read_next(r);
    if (!read_mention(r, &to)) return false;
    if (to.value.i == NO_INDEX)
        return read_fail(r, &to.token, "v%u is not defined yet", to.token.number);
    if (names_add(&r->names, TOKEN_value, alias.number, to.value.i)) return true;
    if (names_find(&r->names, TOKEN_value, alias.number) == to.value.i) return true;
    return read_fail(r, &alias, "v%u is already defined", alias.number);
}

/* i32, or dt0 for what was declared so. */
bool read_suffix_type(Reader *r, Type *type)
{
    Token at = r->token;
    uint32_t index;
    if (at.kind != TOKEN_dynamic_type) return read_type(r, type);
    if (!read_entity(r, TOKEN_dynamic_type, "a type", &index)) return false;
    *type = type_to_dynamic(r->f->dyn_types.at[index].base);
    return *type != TY_none || read_fail(r, &at, "dt%u is too wide for instructions", at.number);
}

/* `.i32`. On a condition or a callee (brif.i8) it says nothing new and is dropped. */
static bool read_suffix(Reader *r, const OpInfo *o, const Token *word, InstData *i)
{
    Type type = TY_none;
    if (read_optional(r, '.')) {
        if (mask_is_empty(&o->suffix)) return read_fail(r, word, "%s takes no type", o->name);
        if (!read_suffix_type(r, &type)) return false;
        if (!mask_has(&o->suffix, type))
            return read_fail(r, word, "%s does not work on %s", o->name, type_name(type));
        if (!o->has_type || o->only_type) type = (Type)o->only_type;
    } else if (o->needs_suffix) {
        return read_fail(r, word, "%s needs a type, as %s.i64", o->name, o->name);
    } else {
        type = (Type)o->only_type;
    }
    i->type = (uint8_t)type;
    return true;
}

static bool read_opcode(Reader *r)
{
    Token word = r->token;
    if (word.kind != TOKEN_word) return read_expected(r, "an instruction");
    Op op = op_from_name(word.text);
    const Older *older = op == OP_COUNT ? dialect_older(word.text) : NULL;
    if (op == OP_COUNT && !older)
        return read_fail(r, &word, "`%.*s` is not an instruction", (int)min_u64(word.text.n, 40),
                         word.text.at);
    read_next(r);
    if (older) return read_older(r, &word, older);
    InstData i = {.op = (uint8_t)op};
    return read_suffix(r, &op_info[op], &word, &i) &&
           read_operands(r, format_operands[op_info[op].format], &i) &&
           read_finish(r, &word, &i) && read_stack_map(r, &word, &op_info[op]);
}

bool read_instruction(Reader *r)
{
    if (!read_before(r) || !read_results(r)) return false;
    if (r->results.n && r->token.kind == TOKEN_arrow) return read_alias(r);
    if (r->results.n && !read_kind(r, '=', "`=`")) return false;
    uint32_t before = r->f->insts.n;
    if (!read_opcode(r)) return false;
    if (r->f->insts.n > before) read_keep_note(r);
    return true;
}
