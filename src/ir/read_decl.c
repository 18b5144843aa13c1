/* What a function declares before its first block. */
#include "ir/bits_text.h"
#include "ir/read_state.h"

/* `ss3 =`: goes over it and enters the name for `index`. */
bool read_declared(Reader *r, uint32_t index)
{
    Token name = r->token;
    read_next(r);
    if (!read_kind(r, '=', "`=`") || !read_limit(r, LIMIT_ID_declarations, index + 1)) return false;
    if (names_add(&r->names, name.kind, name.number, index)) return true;
    return read_fail(r, &name, "%.*s is already declared", (int)name.text.n, name.text.at);
}

static bool read_slot_align(Reader *r, SlotData *s)
{
    int64_t align;
    Token at = r->token;
    if (!read_i64(r, 1, UINT32_MAX, "an alignment", &align)) return false;
    if (!is_power_of_two((uint64_t)align))
        return read_fail(r, &at, "the alignment must be a power of two");
    s->align = (uint32_t)align;
    return read_limit(r, LIMIT_ID_alignment, s->align);
}

/* ss0 = explicit_slot 16, align = 16, key = 7 */
static bool declare_slot(Reader *r)
{
    SlotData s = {.align = 1, .name = r->token.number};
    int64_t bytes;
    if (!read_declared(r, r->f->slots.n)) return false;
    if (read_is_word(r, "spill_slot") || read_is_word(r, "incoming_arg") ||
        read_is_word(r, "outgoing_arg") || read_is_word(r, "struct_return_slot"))
        return read_fail(r, &r->token, "only explicit_slot can be read: others are compilers' own");
    if (!read_optional_word(r, "explicit_slot") && !read_optional_word(r, "explicit_dynamic_slot"))
        return read_expected(r, "explicit_slot");
    if (!read_i64(r, 0, UINT32_MAX, "a size in bytes", &bytes)) return false;
    s.bytes = (uint64_t)bytes;
    while (read_optional(r, ',')) {
        bool align = read_is_word(r, "align");
        if (!align && !read_is_word(r, "key")) return read_expected(r, "`align` or `key`");
        read_next(r);
        if (!read_kind(r, '=', "`=`")) return false;
        s.has_key |= !align;
        if (align ? !read_slot_align(r, &s) : !read_u64(r, "a key", &s.key)) return false;
    }
    *vec_push(r->arena, &r->f->slots) = s;
    r->slot_bytes += s.bytes;
    return read_limit(r, LIMIT_ID_slot_bytes, r->slot_bytes);
}

static bool declare_signature(Reader *r)
{
    uint32_t name = r->token.number;
    Signature sig;
    if (!read_declared(r, r->f->sigs.n) || !read_func_signature(r, &sig)) return false;
    sig.name = name;
    if (name >= r->next_sig) r->next_sig = name + 1;
    *vec_push(r->arena, &r->f->sigs) = sig;
    return true;
}

/* One that stood in a function reference above; it has no entry among the names yet. */
static bool find_spot(Reader *r, SigRef *out)
{
    uint32_t name = r->token.number;
    if (r->token.kind != TOKEN_signature) return false;
    if (names_find(&r->names, TOKEN_signature, name) != NO_INDEX) return false;
    for (out->i = 0; out->i < r->f->sigs.n; out->i++)
        if (r->f->sigs.at[out->i].name == name) return true;
    return false;
}

/* The signature of a function reference: declared, or on the spot. */
static bool read_ref_signature(Reader *r, SigRef *out)
{
    Signature sig;
    if (find_spot(r, out)) {
        read_next(r);
        return true;
    }
    if (r->token.kind != '(')
        return read_entity(r, TOKEN_signature, "a signature", &out->i);
    if (!read_func_signature(r, &sig)) return false;
    out->i = r->f->sigs.n;
    sig.name = r->next_sig++;
    *vec_push(r->arena, &r->f->sigs) = sig;
    return true;
}

/* fn0 = colocated %g(i32) -> i32 */
static bool declare_function(Reader *r)
{
    FuncRefData ref = {.ref = r->token.number, .callee = NO_INDEX};
    if (!read_declared(r, r->f->refs.n)) return false;
    ref.colocated = read_optional_word(r, "colocated");
    ref.patchable = read_optional_word(r, "patchable");
    if (!read_external_name(r, &ref.name) || !read_ref_signature(r, &ref.sig)) return false;
    *vec_push(r->arena, &r->f->refs) = ref;
    return true;
}

enum { OLDER_BYTES = 64, HEX_BYTES = 16 };

/* [0x01 2 3], until 0.93 */
static bool read_older_bytes(Reader *r, ConstantData *c)
{
    uint8_t *bytes = arena_array(r->arena, uint8_t, OLDER_BYTES);
    Token start = r->token;
    read_next(r);
    while (!read_optional(r, ']')) {
        int64_t byte;
        if (c->n == OLDER_BYTES) return read_expected(r, "`]`");
        if (!read_i64(r, 0, UINT8_MAX, "a byte", &byte)) return false;
        bytes[c->n++] = (uint8_t)byte;
    }
    c->bytes = bytes;
    if (c->n <= HEX_BYTES || is_power_of_two(c->n)) return true;
    return read_fail(r, &start, "a constant of %u bytes: expected up to 16, 32 or 64", c->n);
}

/* 0x0011 into at most `cap` bytes; those that are not said are 0. */
static bool read_hex_bytes(Reader *r, ConstantData *c, unsigned cap)
{
    uint8_t *bytes = arena_array(r->arena, uint8_t, cap);
    unsigned n;
    if (r->token.kind != TOKEN_number) return read_expected(r, "0x… or a type");
    const char *wrong = bits_read_hex(r->token.text, bytes, cap, &n);
    if (wrong) return read_fail(r, &r->token, "%s", wrong);
    c->bytes = bytes;
    c->n = (uint16_t)n;
    read_next(r);
    return true;
}

/* Behind a type stand lanes or, whatever the type, its bytes. */
static bool read_typed_constant(Reader *r, ConstantData *c)
{
    Type type;
    if (!read_type(r, &type)) return false;
    Str text = r->token.text;
    unsigned n = type_bytes(type);
    if (type_is_float(type) && !memchr(text.at, '.', text.n) && !memchr(text.at, 'p', text.n)) {
        if (!read_hex_bytes(r, c, n)) return false;
    } else {
        uint8_t *bytes = arena_array(r->arena, uint8_t, n);
        if (!read_bits(r, type, bytes)) return false;
        c->bytes = bytes;
    }
    c->n = (uint16_t)n;
    return true;
}

/* const0 = 0x0011, or a type and what it holds */
static bool declare_constant(Reader *r)
{
    ConstantData c = {.named = true, .name = r->token.number};
    if (!read_declared(r, r->f->constants.n)) return false;
    bool good = r->token.kind == TOKEN_type ? read_typed_constant(r, &c)
                : r->token.kind == '['      ? read_older_bytes(r, &c)
                                            : read_hex_bytes(r, &c, HEX_BYTES);
    if (good) *vec_push(r->arena, &r->f->constants) = c;
    return good;
}

/* region0 = 3 "text": numbered from 0 without gaps, as Cranelift demands */
static bool declare_region(Reader *r)
{
    RegionData region = {.name = r->token.number};
    int64_t number;
    if (region.name != r->f->regions.n)
        return read_fail(r, &r->token, "expected region%u: regions are declared in order",
                         r->f->regions.n);
    if (!read_declared(r, r->f->regions.n)) return false;
    if (!read_limit(r, LIMIT_ID_regions, r->f->regions.n + 1)) return false;
    if (!read_i64(r, 0, UINT32_MAX, "the region's number", &number)) return false;
    if (r->token.kind != TOKEN_string) return read_expected(r, "the region's description");
    region.number = (uint32_t)number;
    region.text = read_copy(r, r->token.text);
    *vec_push(r->arena, &r->f->regions) = region;
    read_next(r);
    return true;
}

static bool refuse_memory_type(Reader *r)
{
    return read_unsupported(r, &r->token, "memory types (proof-carrying code) are");
}

static bool refuse_heap(Reader *r)
{
    return read_unsupported(r, &r->token, "heaps declared in a function (before 0.93) are");
}

/* jt0 = jump_table [block1, block2], until 0.93: read where a br_table names it */
static bool declare_jump_table(Reader *r)
{
    if (!read_declared(r, r->tables.n)) return false;
    if (!read_optional_word(r, "jump_table")) return read_expected(r, "jump_table");
    *vec_push(r->scratch, &r->tables) = r->token;
    if (!read_kind(r, '[', "`[` and a table of blocks")) return false;
    while (r->token.kind == TOKEN_block || r->token.kind == ',') read_next(r);
    return read_kind(r, ']', "`,` or `]` behind a block of the table");
}

static bool (*const declare[TOKEN_COUNT])(Reader *r) = {
    [TOKEN_slot] = declare_slot,
    [TOKEN_signature] = declare_signature,
    [TOKEN_function] = declare_function,
    [TOKEN_constant] = declare_constant,
    [TOKEN_region] = declare_region,
    [TOKEN_global] = read_global,
    [TOKEN_jump_table] = declare_jump_table,
    [TOKEN_dynamic_type] = read_dyn_type,
    [TOKEN_dynamic_slot] = read_dyn_slot,
    [TOKEN_memory_type] = refuse_memory_type,
    [TOKEN_heap] = refuse_heap,
};

/* A signature that stood in a function reference has the number behind all those above it, as
 * Cranelift numbers them; unless one below it is declared with that number, which it refuses. */
static void name_signatures(Reader *r)
{
    for (uint32_t k = 0; k < r->f->sigs.n; k++) {
        Signature *sig = &r->f->sigs.at[k];
        if (names_find(&r->names, TOKEN_signature, sig->name) == k) continue;
        if (sig->name == NO_INDEX || !names_add(&r->names, TOKEN_signature, sig->name, k))
            sig->name = names_fresh(&r->names, TOKEN_signature, k);
    }
}

bool read_declarations(Reader *r)
{
    for (;;) {
        if (!read_memory_left(r)) return false;
        if (read_is_word(r, "stack_limit")) {
            if (!read_stack_limit(r)) return false;
        } else if (!declare[r->token.kind]) {
            break;
        } else if (!declare[r->token.kind](r)) {
            return false;
        }
    }
    name_signatures(r);
    return read_resolve(r);
}
