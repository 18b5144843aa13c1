#define _GNU_SOURCE
/* The reader's entry: bytes, header, functions one after the other, calls linked by name. */
#include "ir/read.h"

#include "base/hash.h"
#include "ir/bits_text.h"
#include "ir/libcall.h"
#include "ir/read_state.h"

#include <stdarg.h>
#include <stdio.h>

uint32_t read_column(const Reader *r, const Token *at)
{
    size_t before = (size_t)(at->text.at - r->text.at);
    const char *newline = memrchr(r->text.at, '\n', before);
    return (uint32_t)(at->text.at - (newline ? newline + 1 : r->text.at)) + 1;
}

bool read_fail(Reader *r, const Token *at, const char *format, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    diag_error(r->diag, at->line, read_column(r, at), "%s", text);
    return false;
}

bool read_unsupported(Reader *r, const Token *at, const char *what)
{
    diag_add(r->diag, DIAG_UNSUPPORTED, at->line, read_column(r, at), "%s not supported", what);
    return false;
}

bool read_expected(Reader *r, const char *what)
{
    char room[64];
    if (r->token.kind == TOKEN_bad) return read_fail(r, &r->token, "%s", r->lex.problem);
    const char *found = lex_describe(&r->token, room);
    return read_fail(r, &r->token, "expected %s, found %s", what, found);
}

bool read_limit(Reader *r, LimitId limit, uint64_t n)
{
    const LimitInfo *l = &limit_info[limit];
    if (n <= l->most) return true;
    return read_fail(r, &r->token, "too many %s: at most %llu are allowed (%s)", l->unit,
                     (unsigned long long)l->most, l->what);
}

bool read_memory_left(Reader *r)
{
    size_t used = arena_used(r->arena) - r->used_before + arena_used(r->scratch);
    return read_limit(r, LIMIT_ID_reader_bytes, used);
}

void read_next(Reader *r)
{
    r->token = lex_next(&r->lex);
}

bool read_kind(Reader *r, unsigned kind, const char *what)
{
    if (r->token.kind != kind) return read_expected(r, what);
    read_next(r);
    return true;
}

bool read_optional(Reader *r, unsigned kind)
{
    if (r->token.kind != kind) return false;
    read_next(r);
    return true;
}

bool read_is_word(const Reader *r, const char *word)
{
    return r->token.kind == TOKEN_word && str_is(r->token.text, word);
}

bool read_optional_word(Reader *r, const char *word)
{
    if (!read_is_word(r, word)) return false;
    read_next(r);
    return true;
}

bool read_type(Reader *r, Type *out)
{
    if (r->token.kind != TOKEN_type) return read_expected(r, "a type");
    *out = (Type)r->token.number;
    read_next(r);
    return true;
}

bool read_i64(Reader *r, int64_t lo, int64_t hi, const char *what, int64_t *out)
{
    if (r->token.kind != TOKEN_number) return read_expected(r, what);
    const char *wrong = bits_read_i64(r->token.text, lo, hi, out);
    if (wrong)
        return read_fail(r, &r->token, "%s: expected %s from %lld to %lld", wrong, what,
                         (long long)lo, (long long)hi);
    read_next(r);
    return true;
}

bool read_u64(Reader *r, const char *what, uint64_t *out)
{
    if (r->token.kind != TOKEN_number) return read_expected(r, what);
    Bits bits = {0};
    const char *wrong = bits_read_int(r->token.text, 64, &bits);
    if (wrong) return read_fail(r, &r->token, "%s: expected %s", wrong, what);
    *out = bits.u64[0];
    read_next(r);
    return true;
}

bool read_choice(Reader *r, const char *const *names, unsigned n, const char *what, uint8_t *out)
{
    for (unsigned k = 0; r->token.kind == TOKEN_word && k < n; k++) {
        if (!str_is(r->token.text, names[k])) continue;
        *out = (uint8_t)k;
        read_next(r);
        return true;
    }
    return read_expected(r, what);
}

bool read_entity(Reader *r, unsigned kind, const char *what, uint32_t *out)
{
    if (r->token.kind != kind) return read_expected(r, what);
    *out = names_find(&r->names, kind, r->token.number);
    if (*out == NO_INDEX)
        return read_fail(r, &r->token, "%.*s is not declared", (int)r->token.text.n,
                         r->token.text.at);
    read_next(r);
    return true;
}

static bool read_scalar(Reader *r, Type type, uint8_t *bytes)
{
    if (r->token.kind != TOKEN_number)
        return read_expected(r, type_is_float(type) ? "a float" : "an integer");
    Bits bits = {0};
    Str text = r->token.text;
    const char *wrong = type_is_float(type) ? bits_read_float(text, type, &bits)
                                            : bits_read_int(text, type_bits(type), &bits);
    if (wrong) return read_fail(r, &r->token, "%s (type %s)", wrong, type_name(type));
    memcpy(bytes, bits.u8, type_bytes(type));
    read_next(r);
    return true;
}

static bool read_lanes(Reader *r, Type type, uint8_t *bytes)
{
    Type lane = type_lane(type);
    for (unsigned k = 0; k < type_lanes(type); k++) {
        if (k) read_optional(r, ',');
        if (!read_scalar(r, lane, bytes + k * type_bytes(lane))) return false;
    }
    return read_kind(r, ']', "`]` behind the last lane");
}

bool read_bits(Reader *r, Type type, uint8_t *bytes)
{
    if (!type_is_vector(type)) return read_scalar(r, type, bytes);
    if (read_optional(r, '[')) return read_lanes(r, type, bytes);
    if (r->token.kind != TOKEN_number) return read_expected(r, "a vector, as [1 2 3 4] or 0x00ff");
    unsigned n;
    const char *wrong = bits_read_hex(r->token.text, bytes, type_bytes(type), &n);
    if (wrong) return read_fail(r, &r->token, "%s (type %s)", wrong, type_name(type));
    read_next(r);
    return true;
}

/* The length of the character at `at` when it is well-formed UTF-8, else 0. */
static size_t utf8_length(const unsigned char *at, size_t n)
{
    unsigned c = at[0];
    unsigned want = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    if (want == 0 || want > n) return 0;
    for (unsigned k = 1; k < want; k++)
        if ((at[k] & 0xc0) != 0x80) return 0;
    if (c == 0xe0 && at[1] < 0xa0) return 0; /* overlong */
    if (c == 0xed && at[1] > 0x9f) return 0; /* a surrogate */
    if (c == 0xf0 && at[1] < 0x90) return 0;
    if (c == 0xf4 && at[1] > 0x8f) return 0; /* above U+10FFFF */
    return want;
}

static bool fail_at_byte(Reader *r, size_t at, const char *problem)
{
    Token t = {.line = 1, .text = {r->text.at + at, 1}};
    for (size_t k = 0; k < at; k++) t.line += r->text.at[k] == '\n';
    return read_fail(r, &t, "%s", problem);
}

static bool check_bytes(Reader *r)
{
    const unsigned char *at = (const unsigned char *)r->text.at;
    size_t n = r->text.n;
    for (size_t k = 0; k < n;) {
        uint64_t word;
        if (k + sizeof word <= n) {
            memcpy(&word, at + k, sizeof word);
            uint64_t zeros = (word - UINT64_C(0x0101010101010101)) & ~word;
            if (!((word | zeros) & UINT64_C(0x8080808080808080))) {
                k += sizeof word;
                continue;
            }
        }
        size_t length = utf8_length(at + k, n - k);
        if (at[k] == 0) return fail_at_byte(r, k, "a NUL byte");
        if (length == 0) return fail_at_byte(r, k, "not UTF-8");
        k += length;
    }
    return true;
}

static bool is_header_word(const Reader *r)
{
    return read_is_word(r, "test") || read_is_word(r, "set") || read_is_word(r, "target") ||
           read_is_word(r, "feature");
}

Str read_copy(Reader *r, Str text)
{
    return (Str){arena_strndup(r->arena, text.at, text.n), text.n};
}

static bool read_header(Reader *r)
{
    while (is_header_word(r)) {
        if (!read_memory_left(r)) return false;
        Str word = r->token.text, rest = lex_rest_of_line(&r->lex);
        *vec_push(r->arena, &r->c->header) = (HeaderLine){read_copy(r, word), read_copy(r, rest)};
        if (str_is(word, "test") && str_is(rest, "run")) r->default_conv = CALLCONV_system_v;
        read_next(r);
    }
    return true;
}

static uint64_t name_hash(FuncName name)
{
    if (name.text.n) return hash_bytes(name.text.at, name.text.n);
    uint32_t numbers[2] = {name.space, name.index};
    return hash_bytes(numbers, sizeof numbers);
}

/* Functions by name: slots hold an index plus 1. */
typedef struct {
    uint32_t *slots, cap;
} FuncTable;

static uint32_t *func_slot(const Module *m, FuncTable *t, FuncName name)
{
    uint32_t at = (uint32_t)name_hash(name) & (t->cap - 1);
    while (t->slots[at] && !funcname_equal(m->funcs.at[t->slots[at] - 1]->name, name))
        at = (at + 1) & (t->cap - 1);
    return &t->slots[at];
}

static void fail_duplicate(Reader *r, const Func *first, const Func *second)
{
    diag_error(r->diag, second->line, 1, "a function of this name stands on line %u", first->line);
}

/* Functions of the runtime, for names that no function of the file has. */
static void define_library(Module *m, FuncTable *t, const Func *f)
{
    for (uint32_t n = 0; n < f->refs.n && m->funcs.n < LIMIT_functions; n++) {
        uint32_t *slot = func_slot(m, t, f->refs.at[n].name);
        if (!*slot && libcall_define(m, f, &f->refs.at[n])) *slot = m->funcs.n;
    }
    for (uint32_t n = 0; n < f->globals.n && m->funcs.n < LIMIT_functions; n++) {
        const GlobalValueData *g = &f->globals.at[n];
        if (g->kind != GLOBAL_symbol) continue;
        uint32_t *slot = func_slot(m, t, g->symbol);
        if (!*slot && libcall_define_symbol(m, g->symbol)) *slot = m->funcs.n;
    }
}

static void link_names(const Module *m, FuncTable *t, Func *f)
{
    for (uint32_t n = 0; n < f->refs.n; n++) /* 0 - 1: NO_INDEX */
        f->refs.at[n].callee = *func_slot(m, t, f->refs.at[n].name) - 1;
    for (uint32_t n = 0; n < f->globals.n; n++)
        if (f->globals.at[n].kind == GLOBAL_symbol)
            f->globals.at[n].callee = *func_slot(m, t, f->globals.at[n].symbol) - 1;
}

/* As module_link, in linear time; two functions of one name are an error. */
static void link_functions(Reader *r)
{
    Module *m = r->c->module;
    uint32_t read = m->funcs.n;
    FuncTable t = {.cap = 16};
    while (t.cap < (read + LIBCALL_COUNT) * 2) t.cap *= 2;
    t.slots = arena_array(r->scratch, uint32_t, t.cap);
    for (uint32_t k = 0; k < read; k++) {
        uint32_t *slot = func_slot(m, &t, m->funcs.at[k]->name);
        if (*slot) fail_duplicate(r, m->funcs.at[*slot - 1], m->funcs.at[k]);
        else *slot = k + 1;
    }
    for (uint32_t k = 0; k < read; k++) define_library(m, &t, m->funcs.at[k]);
    for (uint32_t k = 0; k < read; k++) link_names(m, &t, m->funcs.at[k]);
}

static void read_functions(Reader *r)
{
    while (r->token.kind != TOKEN_end) {
        vec_clear(&r->lex.directives);
        if (read_function(r)) {
            read_directives(r);
        } else {
            if (r->c->module->funcs.n == LIMIT_functions) return;
            lex_skip_function(&r->lex, &r->token);
            r->f = NULL;
            read_next(r);
        }
        if (r->diag->entries.n && (diag_is_full(r->diag) || !read_memory_left(r))) return;
    }
}

static void read_file(Reader *r)
{
    if (!read_limit(r, LIMIT_ID_file_bytes, r->text.n) || !check_bytes(r)) return;
    read_next(r);
    if (!read_header(r)) return;
    read_directives(r);
    if (r->token.kind == TOKEN_end && r->diag->errors == 0) {
        read_fail(r, &r->token, "the file has no function");
        return;
    }
    read_functions(r);
    link_functions(r);
}

Case *case_read(Arena *a, const char *file, Str text, Diag *d)
{
    if (!d->arena) d->arena = a;
    d->file = file;
    d->text = text;
    Reader r = {
        .arena = a,
        .scratch = arena_create(),
        .diag = d,
        .text = text,
        .used_before = arena_used(a),
        .lex = lex_at(text, 1),
        .default_conv = CALLCONV_fast,
    };
    r.c = case_create(a);
    r.lex.arena = r.scratch;
    r.token = (Token){.kind = TOKEN_end, .line = 1, .text = {text.at, 0}};
    r.names = names_create(r.scratch, hash_bytes(text.at, text.n));
    read_file(&r);
    arena_destroy(r.scratch);
    return d->errors ? NULL : r.c;
}
