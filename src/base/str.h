/* Slices of text, and text that is being built.
 *
 *     Str word = str_of("iadd");
 *     Buf out = {.arena = a};
 *     buf_printf(&out, "v%u = ", n);
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/arena.h"

#include <string.h>

/* `n` bytes at `at`, not NUL-terminated, not owned. */
typedef struct {
    const char *at;
    size_t n;
} Str;

static inline Str str_of(const char *text)
{
    return (Str){text, strlen(text)};
}

static inline bool str_equal(Str a, Str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

static inline bool str_is(Str a, const char *text)
{
    return str_equal(a, str_of(text));
}

/* Takes the next word off the front of `text`; words are separated by bytes of `separators`. Empty
 * at the end. */
Str str_next_word(Str *text, const char *separators);

/* Text in an arena; `at` is NUL-terminated once anything has been added. */
typedef struct {
    Arena *arena;
    char *at;
    size_t n, cap;
} Buf;

void buf_add(Buf *b, const char *bytes, size_t n);
void buf_char(Buf *b, char c);
void buf_text(Buf *b, const char *text);
void buf_printf(Buf *b, const char *format, ...) PRINTF_LIKE(2, 3);

/* Decimal, without the cost of printf. */
void buf_u64(Buf *b, uint64_t n);

static inline Str buf_str(const Buf *b)
{
    return (Str){b->at ? b->at : "", b->n};
}

#endif
