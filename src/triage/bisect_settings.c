#define _GNU_SOURCE
#include "triage/bisect.h"

#include <stdlib.h>

static const struct {
    const char *backend, *word;
} neutral[] = {
#define NEUTRAL(backend, word) {#backend, word},
#include "triage/neutral.def"
};

/* `cranelift` of `cranelift-0.91.0:none`; a folder in front of it is left out. */
static Str base_name(const char *spec)
{
    Str name = {spec, strcspn(spec, ":")};
    const char *slash = memrchr(name.at, '/', name.n);
    if (slash) name = (Str){slash + 1, (size_t)(name.at + name.n - slash - 1)};
    for (size_t k = 0; k + 1 < name.n; k++)
        if (name.at[k] == '-' && name.at[k + 1] >= '0' && name.at[k + 1] <= '9') name.n = k;
    if (name.n > 3 && memcmp(name.at + name.n - 3, ".so", 3) == 0) name.n -= 3;
    return name;
}

static WordVec words_of(Arena *a, const char *spec)
{
    WordVec words = {0};
    Str rest = str_of(spec + strcspn(spec, ":"));
    for (Str word; (word = str_next_word(&rest, ":")).n;)
        *vec_push(a, &words) = arena_strndup(a, word.at, word.n);
    return words;
}

/* The subject's back end with those words that are not NULL. */
static const char *with_words(Bisect *b, const WordVec *words)
{
    Buf spec = {.arena = b->arena};
    buf_add(&spec, b->subject, strcspn(b->subject, ":"));
    for (uint32_t k = 0; k < words->n; k++)
        if (words->at[k]) buf_printf(&spec, ":%s", words->at[k]);
    return arena_strndup(b->arena, spec.at, spec.n);
}

static ProbeResult ask(Bisect *b, const char *spec)
{
    Probe p;
    bisect_probe(b, spec, &p);
    return p.result;
}

/* Leaves out one word after the other for good, as long as it stays wrong. */
static void shorten(Bisect *b, BisectSettings *out)
{
    WordVec words = words_of(b->arena, b->subject);
    for (uint32_t k = 0; k < words.n; k++) {
        const char *word = words.at[k];
        words.at[k] = NULL;
        ProbeResult r = ask(b, with_words(b, &words));
        if (r == PROBE_wrong) continue;
        words.at[k] = word;
        if (r == PROBE_right) *vec_push(b->arena, &out->needed) = word;
    }
    out->shortest = with_words(b, &words);
}

void bisect_settings(Bisect *b, BisectSettings *out)
{
    *out = (BisectSettings){0};
    shorten(b, out);
    Str name = base_name(b->subject);
    for (uint32_t k = 0; k < countof(neutral); k++) {
        if (!str_is(name, neutral[k].backend)) continue;
        const char *spec = arena_printf(b->arena, "%s:%s", b->subject, neutral[k].word);
        if (ask(b, spec) == PROBE_right) *vec_push(b->arena, &out->cures) = neutral[k].word;
    }
}

/* ---- versions ----------------------------------------------------------------------------- */

int bisect_compare_versions(const char *x, const char *y)
{
    while (*x && *y) {
        char *end_x, *end_y;
        unsigned long m = strtoul(x, &end_x, 10), n = strtoul(y, &end_y, 10);
        if (m != n) return m < n ? -1 : 1;
        if (end_x == x || end_y == y) return strcmp(x, y);
        x = end_x + (*end_x == '.');
        y = end_y + (*end_y == '.');
    }
    return (*x != 0) - (*y != 0);
}

static int compare(const void *x, const void *y)
{
    const BisectVersion *v = x, *w = y;
    return bisect_compare_versions(v->version, w->version);
}

static const char *version_in(const char *name, Str base)
{
    bool longer = strncmp(name, base.at, base.n) == 0 && name[base.n] == '-';
    const char *version = name + base.n + 1;
    return longer && *version >= '0' && *version <= '9' ? version : NULL;
}

void bisect_versions(Bisect *b, VersionVec *out)
{
    NameVec names = {0};
    Str base = base_name(b->subject);
    *out = (VersionVec){0};
    library_list(b->arena, &names);
    for (uint32_t k = 0; k < names.n; k++) {
        const char *version = version_in(names.at[k], base);
        if (version) *vec_push(b->arena, out) = (BisectVersion){.version = version};
    }
    if (out->n < 2) out->n = 0;
    if (out->n) qsort(out->at, out->n, sizeof *out->at, compare);
    for (uint32_t k = 0; k < out->n; k++) {
        BisectVersion *v = &out->at[k];
        Probe p;
        bisect_probe(b, arena_printf(b->arena, "%.*s-%s%s", (int)base.n, base.at, v->version,
                                     b->subject + strcspn(b->subject, ":")), &p);
        v->result = p.result;
        v->kind = p.kind;
        v->why = p.why;
    }
}

uint32_t bisect_same(const VersionVec *versions, uint32_t at)
{
    const BisectVersion *first = &versions->at[at];
    uint32_t n = 1;
    for (; at + n < versions->n; n++) {
        const BisectVersion *v = &versions->at[at + n];
        if (v->result != first->result) break;
        if (v->result == PROBE_wrong && v->kind != first->kind) break;
    }
    return n;
}
