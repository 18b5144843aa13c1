/* Text to tokens.
 *
 *     Lexer lex = lex_at(text, 1);
 *     for (Token t = lex_next(&lex); t.kind != TOKEN_end; t = lex_next(&lex)) …
 *
 * A token of one character (`,` `=` `{` …) has that character as its kind. Nothing is copied: a
 * token's text is a slice of the input. Comments are skipped; those that are directives
 * (directives.def) are noted on the way.
 */
#ifndef IR_LEX_H
#define IR_LEX_H

#include "base/str.h"
#include "base/vec.h"

typedef enum {
    TOKEN_end = 128,
    TOKEN_bad,      /* `problem` of the lexer says why */
    TOKEN_word,     /* iadd, system_v, … */
    TOKEN_name,     /* %foo: the text without the percent sign */
    TOKEN_number,   /* 10, -0x1f, +8, 0x1.8p3, +NaN:0x1: a sign belongs to it */
    TOKEN_string,   /* "text": without the quotes, perhaps of several lines */
    TOKEN_location, /* @00c7 */
    TOKEN_arrow,    /* -> */
    TOKEN_type,     /* i32x4: number is the Type */
/* v7, block2, … : number is the 7 */
#define ENTITY(name, text) TOKEN_##name,
#include "ir/entities.def"
    TOKEN_COUNT
} TokenKind;

typedef struct {
    unsigned kind; /* TokenKind or a character */
    uint32_t number;
    uint32_t line; /* from 1 */
    Str text;
} Token;

typedef enum {
    DIRECTIVE_none,
#define DIRECTIVE(name, text, alone) DIRECTIVE_##name,
#include "ir/directives.def"
    DIRECTIVE_COUNT
} DirectiveKind;

typedef struct {
    DirectiveKind kind;
    uint32_t line;
    Str rest; /* of its line, behind the colon; at is NULL when the word stands alone */
    bool doubtful; /* a comment that looks as if it were meant to be one, from `rest` on */
} Directive;

typedef struct {
    const char *at, *end;
    uint32_t line;
    const char *problem;
    Arena *arena; /* of the directives; NULL: they are comments */
    VEC(Directive) directives;
} Lexer;

/* `line` is the number of the text's first line. */
Lexer lex_at(Str text, uint32_t line);
Token lex_next(Lexer *l);

/* The rest of the line, without blanks at its ends and without a comment. */
Str lex_rest_of_line(Lexer *l);

/* Goes on behind the next line that starts (after blanks) with `}`, or before one that starts with
 * `function`; `from` is where the search begins, itself included. */
void lex_skip_function(Lexer *l, const Token *from);

/* How a message names a token: "`iadd`", "the end of the text". */
const char *lex_describe(const Token *t, char room[static 64]);

#endif
