#include "ir/lex.h"

#include "ir/type.h"

#include <stdio.h>

enum { BLANK = 1, DIGIT = 2, LETTER = 4, HEX = 8 };

static const uint8_t classes[256] = {
    [' '] = BLANK,
    ['\t' ... '\r'] = BLANK,
    ['0' ... '9'] = DIGIT | HEX,
    ['a' ... 'f'] = LETTER | HEX,
    ['g' ... 'z'] = LETTER,
    ['A' ... 'F'] = LETTER | HEX,
    ['G' ... 'Z'] = LETTER,
    ['_'] = LETTER,
};

static bool is(char c, unsigned class) { return classes[(uint8_t)c] & class; }

typedef struct {
    const char *text;
    size_t n;
    TokenKind kind;
} EntityWord;

static const EntityWord entity_words[] = {
#define ENTITY(name, text) {text, sizeof text - 1, TOKEN_##name},
#include "ir/entities.def"
};

typedef struct {
    const char *text;
    size_t n;
    bool alone;
} DirectiveWord;

static const DirectiveWord directive_words[DIRECTIVE_COUNT] = {
#define DIRECTIVE(name, text, alone) [DIRECTIVE_##name] = {text, sizeof text - 1, alone},
#include "ir/directives.def"
};

Lexer lex_at(Str text, uint32_t line)
{
    return (Lexer){.at = text.at, .end = text.at + text.n, .line = line};
}

static const char *line_end(const char *at, const char *end)
{
    const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return newline ? newline : end;
}

static const char *skip_blanks(const char *at, const char *end)
{
    while (at < end && is(*at, BLANK)) at++;
    return at;
}

static const char *skip_class(const char *at, const char *end, unsigned class)
{
    while (at < end && is(*at, class)) at++;
    return at;
}

/* Whether two words are the same but for `-`, `_` and an `s` at the end. */
static bool resembles(Str a, Str b)
{
    if (a.n && a.at[a.n - 1] == 's') a.n--;
    if (b.n && b.at[b.n - 1] == 's') b.n--;
    for (;;) {
        while (a.n && (*a.at == '-' || *a.at == '_')) a.at++, a.n--;
        while (b.n && (*b.at == '-' || *b.at == '_')) b.at++, b.n--;
        if (!a.n || !b.n || *a.at != *b.at) return !a.n && !b.n;
        a.at++, a.n--, b.at++, b.n--;
    }
}

static DirectiveKind find_directive(Str word, bool (*same)(Str, Str))
{
    for (DirectiveKind kind = 1; kind < DIRECTIVE_COUNT; kind++)
        if (same(word, (Str){directive_words[kind].text, directive_words[kind].n})) return kind;
    return DIRECTIVE_none;
}

/* `; traps %f(1)` lacks its colon, `; trap: …` its s. */
static Directive doubtful_directive(Str word, DirectiveKind kind, char behind, bool colon)
{
    if (!kind && colon) kind = find_directive(word, resembles);
    else if (behind != '<' && behind != '%') kind = DIRECTIVE_none;
    return (Directive){.kind = kind, .rest = word, .doubtful = true};
}

/* `; run: …` or, for some words, `; run` and nothing else. */
static Directive directive_of(const char *at, const char *end)
{
    while (at < end && (*at == ';' || *at == ' ' || *at == '\t')) at++;
    const char *rest = at;
    while (rest < end && (is(*rest, LETTER) || *rest == '-')) rest++;
    Str word = {at, (size_t)(rest - at)};
    DirectiveKind kind = find_directive(word, str_equal);
    bool colon = rest < end && *rest == ':';
    if (kind && colon)
        return (Directive){.kind = kind, .rest = {rest + 1, (size_t)(end - rest - 1)}};
    const char *behind = skip_blanks(rest, end);
    char next = behind < end ? *behind : ';';
    if (kind && directive_words[kind].alone && next == ';') return (Directive){.kind = kind};
    return doubtful_directive(word, kind, next, colon);
}

static void skip_comment(Lexer *l)
{
    const char *end = line_end(l->at, l->end);
    if (l->arena) {
        Directive d = directive_of(l->at, end);
        d.line = l->line;
        if (d.kind) *vec_push(l->arena, &l->directives) = d;
    }
    l->at = end;
}

static void skip_space(Lexer *l)
{
    for (; l->at < l->end; ) {
        if (*l->at == '\n') l->line++;
        if (is(*l->at, BLANK)) l->at++;
        else if (*l->at == ';') skip_comment(l);
        else return;
    }
}

static Token token(Lexer *l, unsigned kind, const char *begin, const char *end)
{
    l->at = end;
    return (Token){.kind = kind, .line = l->line, .text = {begin, (size_t)(end - begin)}};
}

static Token bad(Lexer *l, const char *begin, const char *end, const char *problem)
{
    l->problem = problem;
    return token(l, TOKEN_bad, begin, end);
}

/* The decimal number in [at, end), without leading zeros and below 2^32 - 1. */
static bool parse_index(const char *at, const char *end, uint32_t *out)
{
    if (end - at > 10 || (*at == '0' && end - at > 1)) return false;
    uint64_t n = 0;
    for (; at < end; at++) n = n * 10 + (uint64_t)(*at - '0');
    *out = (uint32_t)n;
    return n < UINT32_MAX;
}

/* Turns a word with digits at its end into the entity that it names, if it names one. */
static void find_entity(Token *t, const char *digits)
{
    uint32_t number;
    size_t n = (size_t)(digits - t->text.at);
    if (!parse_index(digits, t->text.at + t->text.n, &number)) return;
    for (unsigned k = 0; k < countof(entity_words); k++) {
        const EntityWord *e = &entity_words[k];
        if (e->n != n || memcmp(e->text, t->text.at, n) != 0) continue;
        t->kind = e->kind;
        t->number = number;
        return;
    }
}

static Token word(Lexer *l)
{
    const char *begin = l->at, *end = skip_class(begin, l->end, LETTER | DIGIT);
    Token t = token(l, TOKEN_word, begin, end);
    if (!is(end[-1], DIGIT)) return t;
    const char *digits = end;
    while (is(digits[-1], DIGIT)) digits--;
    find_entity(&t, digits);
    if (t.kind != TOKEN_word || (*begin != 'i' && *begin != 'f')) return t;
    Type type = type_from_name(t.text);
    if (type != TY_none) {
        t.kind = TOKEN_type;
        t.number = type;
    }
    return t;
}

static bool looking_at(const Lexer *l, const char *at, const char *text)
{
    size_t n = strlen(text);
    return (size_t)(l->end - at) >= n && memcmp(at, text, n) == 0;
}

static bool looking_at_number(const Lexer *l, const char *at)
{
    return at < l->end && (is(*at, DIGIT) || *at == '.' || looking_at(l, at, "NaN") ||
                           looking_at(l, at, "sNaN") || looking_at(l, at, "Inf"));
}

/* Digits, letters and points; `-` in an exponent; but not the `..` of a range. */
static bool in_number(const Lexer *l, const char *at)
{
    if (*at == '.') return !looking_at(l, at, "..");
    return *at == '-' ? at[-1] == 'p' : is(*at, LETTER | DIGIT);
}

static Token number(Lexer *l)
{
    const char *begin = l->at, *at = begin + (*begin == '-' || *begin == '+');
    if (looking_at(l, at, "NaN:")) at += 4;
    if (looking_at(l, at, "sNaN:")) at += 5;
    while (at < l->end && in_number(l, at)) at++;
    return token(l, TOKEN_number, begin, at);
}

static Token name(Lexer *l)
{
    const char *begin = l->at + 1, *end = skip_class(begin, l->end, LETTER | DIGIT);
    if (begin == end) return bad(l, l->at, begin, "a name is missing behind `%`");
    return token(l, TOKEN_name, begin, end);
}

static Token string(Lexer *l)
{
    const char *begin = l->at + 1;
    const char *quote = begin < l->end ? memchr(begin, '"', (size_t)(l->end - begin)) : NULL;
    if (!quote) return bad(l, l->at, begin, "the string does not end");
    Token t = token(l, TOKEN_string, begin, quote);
    for (const char *c = begin; c < quote; c++) l->line += *c == '\n';
    l->at = quote + 1;
    return t;
}

static Token location(Lexer *l)
{
    const char *begin = l->at, *end = skip_class(begin + 1, l->end, HEX);
    return token(l, end == begin + 1 ? '@' : TOKEN_location, begin, end);
}

Token lex_next(Lexer *l)
{
    skip_space(l);
    const char *at = l->at;
    if (at == l->end) return token(l, TOKEN_end, at, at);
    if (is(*at, LETTER) && !looking_at(l, at, "NaN") && !looking_at(l, at, "Inf")) return word(l);
    switch (*at) {
    case '-':
        if (looking_at(l, at, "->")) return token(l, TOKEN_arrow, at, at + 2);
        if (looking_at_number(l, at + 1)) return number(l);
        return token(l, '-', at, at + 1);
    case '+':
        return looking_at_number(l, at + 1) ? number(l) : token(l, '+', at, at + 1);
    case '%': return name(l);
    case '"': return string(l);
    case '@': return location(l);
    case '(': case ')': case '{': case '}': case '[': case ']': case '<': case '>': case ',':
    case '.': case ':': case '=': case '!': case '*':
        return token(l, (unsigned char)*at, at, at + 1);
    default:
        if (looking_at_number(l, at)) return number(l);
        return bad(l, at, at + 1, "no token starts with this character");
    }
}

Str lex_rest_of_line(Lexer *l)
{
    const char *begin = l->at, *end = line_end(begin, l->end);
    const char *comment = memchr(begin, ';', (size_t)(end - begin));
    if (comment) end = comment;
    l->at = end;
    while (begin < end && is(*begin, BLANK)) begin++;
    while (begin < end && is(end[-1], BLANK)) end--;
    return (Str){begin, (size_t)(end - begin)};
}

static bool at_function(const Lexer *l)
{
    static const char word[] = "function";
    const char *behind = l->at + sizeof word - 1;
    return looking_at(l, l->at, word) && (behind == l->end || !is(*behind, LETTER | DIGIT));
}

void lex_skip_function(Lexer *l, const Token *from)
{
    l->at = from->text.at;
    l->line = from->line;
    while (l->at < l->end) {
        if (at_function(l)) return;
        if (*l->at == '}') {
            l->at++;
            return;
        }
        l->at = line_end(l->at, l->end);
        while (l->at < l->end && is(*l->at, BLANK)) l->line += *l->at++ == '\n';
    }
}

const char *lex_describe(const Token *t, char room[static 64])
{
    enum { SHOWN = 40 };
    if (t->kind == TOKEN_end) return "the end";
    int n = t->text.n > SHOWN ? SHOWN : (int)t->text.n;
    const char *mark = t->kind == TOKEN_name ? "%" : t->kind == TOKEN_string ? "\"" : "";
    snprintf(room, 64, "`%s%.*s%s`", mark, n, t->text.at, t->text.n > SHOWN ? "..." : "");
    return room;
}
