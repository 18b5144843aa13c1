/* Options as words: TALLY_OPTIONS, findings. */
#include "fuzz/session.h"

#include <stdio.h>

/* A text option's word and where its value goes. */
static const struct {
    const char *word;
    size_t offset;
} text_options[] = {
    {"backend=", offsetof(SessionOptions, backends)},
    {"off=", offsetof(SessionOptions, off)},
    {"findings=", offsetof(SessionOptions, findings)},
    {"every=", offsetof(SessionOptions, every)},
    {"suppressions=", offsetof(SessionOptions, suppressions)},
};

static bool starts_with(Str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.at, prefix, n) == 0;
}

static bool read_number(Str s, uint64_t *out)
{
    *out = 0;
    for (size_t k = 0; k < s.n; k++) {
        if (s.at[k] < '0' || s.at[k] > '9' || *out > UINT32_MAX) return false;
        *out = *out * 10 + (uint64_t)(s.at[k] - '0');
    }
    return s.n != 0;
}

static Str after(Str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return (Str){s.at + n, s.n - n};
}

static const char *keep_for_ever(Str s)
{
    static Arena *kept;
    if (!kept) kept = arena_create();
    return arena_strndup(kept, s.at, s.n);
}

static bool read_word(SessionOptions *o, Str word)
{
    for (size_t k = 0; k < countof(text_options); k++) {
        if (!starts_with(word, text_options[k].word)) continue;
        const char *value = keep_for_ever(after(word, text_options[k].word));
        *(const char **)((char *)o + text_options[k].offset) = value;
        return true;
    }
    uint64_t n;
    if (starts_with(word, "fuel=") && read_number(after(word, "fuel="), &n))
        return o->fuel = n, true;
    if (starts_with(word, "limit=") && read_number(after(word, "limit="), &n))
        return o->limit_ms = (uint32_t)n, true;
    if (str_is(word, "replay=no")) return o->no_replay = true;
    if (str_is(word, "hashes")) return o->hashes = true;
    return false;
}

bool session_options_read(SessionOptions *o, const char *text, const char **error)
{
    Str left = str_of(text ? text : "");
    for (Str word; (word = str_next_word(&left, " \t\n")).n;) {
        if (read_word(o, word)) continue;
        static char message[200];
        snprintf(message, sizeof message, "unknown option `%.*s`", (int)min_u64(word.n, 100),
                 word.at);
        *error = message;
        return false;
    }
    return true;
}

void session_options_write(Buf *out, const SessionOptions *o)
{
    for (size_t k = 0; k < countof(text_options); k++) {
        const char *value = *(const char *const *)((const char *)o + text_options[k].offset);
        if (value) buf_printf(out, "%s%s%s", out->n ? " " : "", text_options[k].word, value);
    }
    if (o->fuel) buf_printf(out, "%sfuel=%llu", out->n ? " " : "", (unsigned long long)o->fuel);
    if (o->limit_ms) buf_printf(out, "%slimit=%u", out->n ? " " : "", o->limit_ms);
    if (o->no_replay) buf_printf(out, "%sreplay=no", out->n ? " " : "");
    if (!out->n) buf_text(out, "");
}
