#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

static void reserve(Buf *b, size_t more)
{
    size_t want = b->n + more + 1;
    if (want <= b->cap) return;
    size_t cap = b->cap ? b->cap * 2 : 256;
    if (cap < want) cap = want;
    b->at = arena_grow_room(b->arena, b->at, b->n, cap);
    b->cap = cap;
}

static bool is_among(char c, const char *set)
{
    return c && strchr(set, c);
}

Str str_next_word(Str *text, const char *separators)
{
    while (text->n && is_among(*text->at, separators)) text->at++, text->n--;
    Str word = {text->at, 0};
    while (word.n < text->n && !is_among(text->at[word.n], separators)) word.n++;
    text->at += word.n;
    text->n -= word.n;
    return word;
}

void buf_add(Buf *b, const char *bytes, size_t n)
{
    reserve(b, n);
    if (n) memcpy(b->at + b->n, bytes, n);
    b->n += n;
    b->at[b->n] = 0;
}

void buf_char(Buf *b, char c)
{
    buf_add(b, &c, 1);
}

void buf_text(Buf *b, const char *text)
{
    buf_add(b, text, strlen(text));
}

void buf_u64(Buf *b, uint64_t n)
{
    char digits[20];
    size_t k = sizeof digits;
    do {
        digits[--k] = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    buf_add(b, digits + k, sizeof digits - k);
}

void buf_printf(Buf *b, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    CHECK(n >= 0);
    reserve(b, (size_t)n);
    vsnprintf(b->at + b->n, (size_t)n + 1, format, again);
    va_end(again);
    b->n += (size_t)n;
}
