/* Directives: the comments behind a function that say how it is called (docs/clif-tests.md). Here
 * is what they have in common, and which reader each has. */
#include "ir/read_directive.h"

#include "ir/bits_text.h"

/* <heap0>+8 */
bool read_heap_place(Reader *r, uint32_t *heap, int64_t *offset)
{
    if (!read_kind(r, '<', "a heap, as <heap0>")) return false;
    if (r->token.kind == TOKEN_heap &&
        names_find(&r->names, TOKEN_heap, r->token.number) == NO_INDEX)
        return read_fail(r, &r->token, "heap%u is not declared further up, by a line `; heap: "
                         "<heap%u> size=…`", r->token.number, r->token.number);
    return read_entity(r, TOKEN_heap, "heap0", heap) && read_kind(r, '>', "`>`") &&
           read_offset(r, offset);
}

/* Hexadecimal digits, two for each byte: [02 01 ff]. */
bool read_byte_list(Reader *r, Str *out)
{
    Buf bytes = {.arena = r->scratch};
    if (!read_kind(r, '[', "bytes, as [02 01]")) return false;
    while (r->token.kind != ']') {
        uint8_t group[64];
        unsigned n;
        char text[2 + 2 * sizeof group] = "0x";
        if (r->token.text.n == 0 || r->token.text.n > 2 * sizeof group)
            return read_expected(r, "hexadecimal digits or `]`");
        memcpy(text + 2, r->token.text.at, r->token.text.n);
        Str digits = {text, 2 + r->token.text.n};
        const char *wrong = bits_read_hex(digits, group, sizeof group, &n);
        if (wrong) return read_fail(r, &r->token, "%s: expected bytes, as [02 01]", wrong);
        while (n-- > 0) buf_add(&bytes, (char *)&group[n], 1);
        read_next(r);
        read_optional(r, ',');
    }
    if (!read_limit(r, LIMIT_ID_heap_bytes, bytes.n)) return false;
    *out = read_copy(r, buf_str(&bytes));
    read_next(r);
    return true;
}

/* The name in a directive; another than the function's is worth a word, no more. */
bool read_called_name(Reader *r)
{
    Token at = r->token;
    FuncName name;
    if (!read_func_name(r, &name)) return false;
    if (!funcname_equal(name, r->f->name))
        diag_warning(r->diag, at.line, read_column(r, &at),
                     "the directive belongs to the function before it, which has another name");
    return true;
}

/* size=, align=, fault or cell */
static bool expected_attribute(Reader *r, const Attribute *table, unsigned n)
{
    Buf list = {.arena = r->scratch};
    for (unsigned k = 0; k < n; k++)
        buf_printf(&list, "%s%s%s", k == 0 ? "" : k == n - 1 ? " or " : ", ", table[k].word,
                   table[k].has_value ? "=" : "");
    return read_expected(r, list.at);
}

static bool read_attribute(Reader *r, const Attribute *table, unsigned n, void *into)
{
    for (unsigned k = 0; k < n; k++) {
        if (!read_optional_word(r, table[k].word)) continue;
        if (table[k].has_value && !read_kind(r, '=', "`=`")) return false;
        if (!table[k].has_value && r->token.kind == '=')
            return read_fail(r, &r->token, "`%s` is followed by no `=`", table[k].word);
        return table[k].read(r, into);
    }
    return expected_attribute(r, table, n);
}

bool read_attributes(Reader *r, const Attribute *table, unsigned n, void *into)
{
    do {
        if (!read_attribute(r, table, n, into)) return false;
    } while (read_optional(r, ','));
    return r->token.kind != TOKEN_word || read_expected(r, "`,` before what else is said");
}

bool read_align(Reader *r, uint32_t *out)
{
    int64_t n;
    Token at = r->token;
    if (!read_i64(r, 1, LIMIT_alignment, "an alignment", &n)) return false;
    *out = (uint32_t)n;
    return is_power_of_two(*out) || read_fail(r, &at, "the alignment must be a power of two");
}

/* A region's number; stored plus 1. */
bool read_region(Reader *r, uint8_t *out)
{
    int64_t n;
    if (!read_i64(r, 0, LIMIT_regions - 1, "a region's number", &n)) return false;
    *out = (uint8_t)(n + 1);
    return true;
}

static bool read_discipline(Reader *r, const Directive *d)
{
    (void)d;
    if (!read_optional_word(r, "addresses")) return read_expected(r, "`addresses`");
    r->c->discipline = true;
    return true;
}

static bool (*const readers[DIRECTIVE_COUNT])(Reader *r, const Directive *d) = {
    [DIRECTIVE_run] = read_run,
    [DIRECTIVE_print] = read_print,
    [DIRECTIVE_traps] = read_traps,
    [DIRECTIVE_heap] = read_heap,
    [DIRECTIVE_check_heap] = read_check_heap,
    [DIRECTIVE_address] = read_address,
    [DIRECTIVE_discipline] = read_discipline,
};

static const char *const directive_words[DIRECTIVE_COUNT] = {
#define DIRECTIVE(name, text, alone) [DIRECTIVE_##name] = text,
#include "ir/directives.def"
};

/* A comment all the same, as upstream's files may have any. */
static bool warn_doubtful(Reader *r, const Directive *d)
{
    Token at = {.line = d->line, .text = d->rest};
    diag_warning(r->diag, d->line, read_column(r, &at),
                 "this is a comment: a directive is written `; %s: …`", directive_words[d->kind]);
    return true;
}

static bool read_directive(Reader *r, const Directive *d)
{
    if (d->doubtful) return warn_doubtful(r, d);
    Str rest = d->rest.at ? d->rest : (Str){r->text.at, 0};
    r->lex = lex_at(rest, d->line);
    read_next(r);
    if (!r->f && d->kind != DIRECTIVE_discipline)
        return read_fail(r, &r->token, "no function stands before this directive");
    if (!read_memory_left(r) || !readers[d->kind](r, d)) return false;
    return r->token.kind == TOKEN_end || read_expected(r, "the end of the directive");
}

/* Cells that point to a heap of the same function, wherever it stands. */
static void resolve_cells(Reader *r)
{
    for (uint32_t k = 0; k < r->cell_uses.n; k++) {
        const CellUse *u = &r->cell_uses.at[k];
        uint32_t heap = names_find(&r->names, TOKEN_heap, u->token.number);
        if (heap == NO_INDEX)
            read_fail(r, &u->token, "heap%u is not declared for this function", u->token.number);
        else
            r->c->heaps.at[u->heap].cells.at[u->cell].heap = heap;
    }
    vec_clear(&r->cell_uses);
}

static void name_heaps(Reader *r)
{
    for (uint32_t k = r->c->heaps.n - r->heaps; k < r->c->heaps.n; k++)
        if (r->c->heaps.at[k].name == NO_INDEX)
            r->c->heaps.at[k].name = names_fresh(&r->names, TOKEN_heap, k);
}

void read_directives(Reader *r)
{
    Lexer lex = r->lex;
    Token token = r->token;
    for (uint32_t k = 0; k < lex.directives.n; k++) read_directive(r, &lex.directives.at[k]);
    resolve_cells(r);
    name_heaps(r);
    r->lex = lex;
    r->token = token;
}
