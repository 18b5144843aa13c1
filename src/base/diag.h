/* Messages about bad input: a place in a file and what is wrong there.
 *
 *     Diag d = {.arena = a, .file = "x.clif", .text = text};
 *     diag_error(&d, line, column, "expected a type, found `%.*s`", n, at);
 *     if (d.errors) diag_print(&d, stderr);
 *
 * prints `x.clif:3:9: error: expected a type, found `i31``, the line, and a caret under column 9.
 * Lines and columns count from 1, columns in bytes; line 0 means the whole file.
 */
#ifndef BASE_DIAG_H
#define BASE_DIAG_H

#include "base/str.h"
#include "base/vec.h"

#include <stdio.h>

typedef enum {
    DIAG_ERROR,
    DIAG_WARNING,
    DIAG_NOTE,
    DIAG_UNSUPPORTED, /* an error too: well-formed, but not to be had here */
} DiagLevel;

typedef struct {
    uint32_t line, column;
    DiagLevel level;
    const char *text;
} DiagEntry;

typedef struct {
    Arena *arena;     /* holds the entries */
    const char *file; /* name for the messages; `-` is shown as <stdin> */
    Str text;         /* the whole file, for the line with the caret; may be empty */
    VEC(DiagEntry) entries;
    uint32_t errors;      /* how many entries are errors */
    uint32_t unsupported; /* how many of them only say what is not supported */
} Diag;

void diag_add(Diag *d, DiagLevel level, uint32_t line, uint32_t column, const char *format, ...)
    PRINTF_LIKE(5, 6);

#define diag_error(d, line, column, ...) diag_add((d), DIAG_ERROR, (line), (column), __VA_ARGS__)
#define diag_warning(d, line, column, ...) \
    diag_add((d), DIAG_WARNING, (line), (column), __VA_ARGS__)

/* Whether further messages are dropped: who goes on after an error stops. */
bool diag_is_full(const Diag *d);

/* At most the first 20 entries, then how many are left out. */
void diag_print(const Diag *d, FILE *out);

#endif
