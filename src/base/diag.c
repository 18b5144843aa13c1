#include "base/diag.h"

#include <stdarg.h>

enum { ENTRIES_SHOWN = 20, ENTRIES_KEPT = 1000, LINE_SHOWN = 160 };

void diag_add(Diag *d, DiagLevel level, uint32_t line, uint32_t column, const char *format, ...)
{
    if (level == DIAG_ERROR || level == DIAG_UNSUPPORTED) d->errors++;
    if (level == DIAG_UNSUPPORTED) d->unsupported++;
    if (d->entries.n >= ENTRIES_KEPT) return;
    char text[1024];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    *vec_push(d->arena, &d->entries) =
        (DiagEntry){line, column, level, arena_strndup(d->arena, text, strlen(text))};
}

bool diag_is_full(const Diag *d) { return d->entries.n >= ENTRIES_KEPT; }

static Str line_of(Str text, uint32_t line)
{
    const char *at = text.at, *end = text.at + text.n;
    for (uint32_t k = 1; k < line && at < end; k++) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) return (Str){end, 0};
        at = newline + 1;
    }
    const char *newline = at < end ? memchr(at, '\n', (size_t)(end - at)) : NULL;
    return (Str){at, (size_t)((newline ? newline : end) - at)};
}

static void put_printable(FILE *out, unsigned char c)
{
    fputc(c == '\t' ? ' ' : c < 0x20 || c >= 0x7f ? '?' : c, out);
}

/* The line itself and a caret, if the column can be seen. */
static void print_place(const Diag *d, const DiagEntry *e, FILE *out)
{
    Str line = e->line && d->text.n ? line_of(d->text, e->line) : (Str){0};
    if (line.n == 0 || e->column == 0 || e->column > line.n + 1) return;
    size_t first = e->column > LINE_SHOWN / 2 ? e->column - LINE_SHOWN / 2 : 0;
    size_t shown = min_u64(line.n - first, LINE_SHOWN);
    for (size_t k = 0; k < shown; k++) put_printable(out, (unsigned char)line.at[first + k]);
    fprintf(out, "\n%*s^\n", (int)(e->column - 1 - first), "");
}

void diag_print(const Diag *d, FILE *out)
{
    static const char *const names[] = {"error", "warning", "note", "error"};
    const char *file = !d->file || strcmp(d->file, "-") == 0 ? "<stdin>" : d->file;
    for (uint32_t k = 0; k < d->entries.n && k < ENTRIES_SHOWN; k++) {
        const DiagEntry *e = &d->entries.at[k];
        fputs(file, out);
        if (e->line) fprintf(out, ":%u:%u", e->line, e->column);
        fprintf(out, ": %s: %s\n", names[e->level], e->text);
        print_place(d, e, out);
    }
    if (d->entries.n > ENTRIES_SHOWN)
        fprintf(out, "%s: %u more messages\n", file, d->entries.n - ENTRIES_SHOWN);
}
