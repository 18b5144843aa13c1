#define _GNU_SOURCE
#include "oracle/message.h"

#include <ctype.h>
#include <unistd.h>

static bool is_quote(const char *at)
{
    return !memcmp(at, "\xe2\x80\x98", 3) || !memcmp(at, "\xe2\x80\x99", 3);
}

void message_clean(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (strlen(from) >= 3 && is_quote(from)) *to++ = '\'', from += 2;
        else if (isspace((unsigned char)*from)) *to++ = ' ';
        else *to++ = *from >= ' ' && *from <= '~' ? *from : '?';
    }
    while (to > text && to[-1] == ' ') to--;
    *to = 0;
}

/* How lines begin that stand behind a message. */
static bool is_noise(Str line)
{
    static const char *const starts[] = {"note: ", "==", "#", "    #", "Aborted", "stack back"};
    for (size_t k = 0; k < countof(starts); k++)
        if (line.n >= strlen(starts[k]) && !memcmp(line.at, starts[k], strlen(starts[k])))
            return true;
    return line.n == 0;
}

Str message_last_words(int fd, int64_t from, char *room, size_t size)
{
    int64_t end = lseek(fd, 0, SEEK_END), start = end - from > (int64_t)size ? end - (int64_t)size
                                                                             : from;
    ssize_t got = pread(fd, room, size, start);
    Str left = {room, got > 0 ? (size_t)got : 0}, last = {0}, best = {0};
    for (Str line; (line = str_next_word(&left, "\n")).n;) {
        last = line;
        if (!is_noise(line)) best = line;
    }
    return best.n ? best : last;
}

/* A word's letters; others part them. Returns the new end. */
static size_t add_word(Str word, char *slug, size_t n)
{
    bool part = n > 0;
    for (size_t k = 0; k < word.n; k++) {
        char c = word.at[k];
        bool letter = isalpha((unsigned char)c) != 0;
        if (letter && part) slug[n++] = '_';
        if (letter) slug[n++] = c;
        part = letter ? false : part || (n > 0 && !isdigit((unsigned char)c));
    }
    return n;
}

static bool is_place(Str word)
{
    return memchr(word.at, '/', word.n) || (word.n > 2 && !memcmp(word.at, "0x", 2));
}

/* `tcc.so+0x1149` is a place, too, where nothing was said. Empty for other words. */
static Str object_place(Str word)
{
    const char *plus = memmem(word.at, word.n, "+0x", 3);
    size_t end = plus ? (size_t)(plus - word.at) + 3 : 0;
    while (plus && end < word.n && isxdigit((unsigned char)word.at[end])) end++;
    return (Str){word.at, end};
}

/* `dir/emit.rs:12` is a place in the compiler's own source, which says more than words do; as
 * `emit.rs:12`. Empty for other words. */
static Str source_place(Str word)
{
    size_t end = word.n;
    if (object_place(word).n) return object_place(word);
    while (end > 0 && isdigit((unsigned char)word.at[end - 1])) end--;
    if (end == word.n || end < 3 || word.at[end - 1] != ':') return (Str){0};
    const char *slash = memrchr(word.at, '/', end), *name = slash ? slash + 1 : word.at;
    if (!memchr(name, '.', (size_t)(word.at + end - name))) return (Str){0};
    return (Str){name, (size_t)(word.at + word.n - name)};
}

static size_t add_source_place(const char *text, char *slug, size_t size)
{
    Str left = str_of(text);
    for (Str word; (word = str_next_word(&left, " \t\n")).n;) {
        Str place = source_place(word);
        if (!place.n || place.n + 1 > size / 2) continue;
        for (size_t k = 0; k < place.n; k++)
            slug[k] = isalnum((unsigned char)place.at[k]) ? place.at[k] : '_';
        return place.n;
    }
    return 0;
}

void message_slug(const char *text, char *slug, size_t size)
{
    size_t n = add_source_place(text, slug, size);
    Str left = str_of(text);
    for (Str word; (word = str_next_word(&left, " \t\n")).n;) {
        if (is_place(word) || source_place(word).n) continue;
        if (n + 2 * word.n + 2 > size) break;
        n = add_word(word, slug, n);
    }
    slug[n] = 0;
}

bool message_is_alike(const char *a, const char *b)
{
    char one[MESSAGE_SLUG], other[MESSAGE_SLUG];
    message_slug(a, one, sizeof one);
    message_slug(b, other, sizeof other);
    return strcmp(one, other) == 0;
}
