#include "oracle/suppress.h"

#include "base/file.h"
#include "base/vec.h"

#include <fnmatch.h>
#include <stdlib.h>

typedef struct {
    const char *pattern, *from, *to; /* empty: no end */
    const char *reference;
} Line;

struct Suppressions {
    VEC(Line) lines;
};

static const char *keep(Arena *a, Str s) { return arena_strndup(a, s.at, s.n); }

/* `*`, `A`, `A..B`, `A..`, `..B`; false when it is none of these. */
static bool read_versions(Arena *a, Str s, Line *out)
{
    const char *text = keep(a, s), *dots = strstr(text, "..");
    out->from = out->to = "";
    if (str_is(s, "*")) return true;
    if (text[strspn(text, "0123456789.")]) return false;
    out->from = dots ? arena_strndup(a, text, (size_t)(dots - text)) : text;
    out->to = dots ? dots + 2 : text;
    return *out->from || *out->to;
}

static bool read_line(Arena *a, Str line, Line *out)
{
    Str pattern = str_next_word(&line, " \t"), versions = str_next_word(&line, " \t");
    while (line.n && (*line.at == ' ' || *line.at == '\t')) line.at++, line.n--;
    out->pattern = keep(a, pattern);
    out->reference = keep(a, line);
    return versions.n && line.n && read_versions(a, versions, out);
}

Suppressions *suppress_read(Arena *a, const char *path, const char **error)
{
    Suppressions *s = arena_new(a, Suppressions);
    Str left;
    const char *why;
    if (!file_read(a, path, FILE_LIMIT, &left, &why))
        return *error = arena_printf(a, "%s: %s", path, why), NULL;
    for (uint32_t number = 1; left.n; number++) {
        const char *end = memchr(left.at, '\n', left.n);
        Str line = {left.at, end ? (size_t)(end - left.at) : left.n}, rest = line;
        left.at += line.n + (end != NULL), left.n -= line.n + (end != NULL);
        Str word = str_next_word(&rest, " \t");
        if (!word.n || *word.at == '#') continue;
        if (read_line(a, line, vec_push(a, &s->lines))) continue;
        *error = arena_printf(a, "%s:%u: error: a line is `SIGNATURE VERSIONS REFERENCE`", path,
                              number);
        return NULL;
    }
    return s;
}

/* Dotted numbers, part by part: less than 0, 0, or more. */
static int compare_versions(const char *a, const char *b)
{
    while (*a || *b) {
        char *rest_a, *rest_b;
        unsigned long x = strtoul(a, &rest_a, 10), y = strtoul(b, &rest_b, 10);
        if (x != y) return x < y ? -1 : 1;
        a = *rest_a == '.' ? rest_a + 1 : "";
        b = *rest_b == '.' ? rest_b + 1 : "";
    }
    return 0;
}

static bool is_within(const Line *l, const char *version)
{
    return (!*l->from || compare_versions(version, l->from) >= 0) &&
           (!*l->to || compare_versions(version, l->to) <= 0);
}

const char *suppress_match(const Suppressions *s, const char *signature, const char *version)
{
    for (uint32_t k = 0; s && k < s->lines.n; k++) {
        const Line *l = &s->lines.at[k];
        if (fnmatch(l->pattern, signature, 0) == 0 && is_within(l, version)) return l->reference;
    }
    return NULL;
}
