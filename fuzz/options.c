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

/* A number's word and where it goes. */
static const struct {
    const char *word;
    size_t offset;
} number_options[] = {
    {"fuel=", offsetof(SessionOptions, fuel)},
    {"limit=", offsetof(SessionOptions, limit_ms)},
    {"compile-limit=", offsetof(SessionOptions, compile_seconds)},
    {"leak=", offsetof(SessionOptions, leak_mib)},
};

static bool starts_with(Str s, const char *prefix)
{
    size_t n = strlen(prefix);
    return s.n >= n && memcmp(s.at, prefix, n) == 0;
}

static bool read_number(Str s, uint32_t *out)
{
    uint64_t n = 0;
    for (size_t k = 0; k < s.n && n <= UINT32_MAX; k++) {
        if (s.at[k] < '0' || s.at[k] > '9') return false;
        n = n * 10 + (uint64_t)(s.at[k] - '0');
    }
    *out = (uint32_t)n;
    return s.n != 0 && n <= UINT32_MAX;
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

static uint32_t *number_at(const SessionOptions *o, size_t k)
{
    return (uint32_t *)((char *)o + number_options[k].offset);
}

static bool read_word(SessionOptions *o, Str word)
{
    for (size_t k = 0; k < countof(text_options); k++) {
        if (!starts_with(word, text_options[k].word)) continue;
        const char *value = keep_for_ever(after(word, text_options[k].word));
        *(const char **)((char *)o + text_options[k].offset) = value;
        return true;
    }
    for (size_t k = 0; k < countof(number_options); k++)
        if (starts_with(word, number_options[k].word))
            return read_number(after(word, number_options[k].word), number_at(o, k));
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
    for (size_t k = 0; k < countof(number_options); k++)
        if (*number_at(o, k))
            buf_printf(out, "%s%s%u", out->n ? " " : "", number_options[k].word, *number_at(o, k));
    if (o->no_replay) buf_printf(out, "%sreplay=no", out->n ? " " : "");
    if (!out->n) buf_text(out, "");
}
