#define _GNU_SOURCE
#include "triage/reload.h"

#include "base/file.h"
#include "gen/gen.h"
#include "ir/load.h"
#include "jit/x64/features.h"

#include <stdlib.h>

static void note(Reloaded *r, Arena *a, const char *text)
{
    *vec_push(a, &r->notes) = text;
}

/* The value of `off=` in the options. */
static bool read_off(const char *options, uint32_t *off)
{
    const char *at = options ? strstr(options, "off=") : NULL;
    return !at || gen_parse_off((Str){at + 4, strcspn(at + 4, " ")}, off);
}

/* The case of the finding's bytes, when they decode as they did; else NULL. */
static Case *decode_input(const Reloaded *r, Arena *a, Str bytes)
{
    GenOptions g = {0};
    if (!read_off(r->record.options, &g.off)) return NULL;
    GenInput in = {.bytes = (const uint8_t *)bytes.at, .n = bytes.n};
    Case *c = gen_next(&in, &g, a);
    return c && case_hash(a, c) == r->record.case_hash ? c : NULL;
}

static void note_decoding(Reloaded *r, Arena *a)
{
    if (r->record.format != GEN_FORMAT)
        note(r, a, arena_printf(a, "`input` is of format %u, this build reads format %d; case.clif "
                                   "is used", r->record.format, GEN_FORMAT));
    else
        note(r, a, "this build decodes `input` to another case; case.clif is used");
}

static bool load_case(Reloaded *r, Arena *a, const char *folder)
{
    Str bytes;
    const char *error;
    if (file_read(a, arena_printf(a, "%s/input", folder), FILE_LIMIT, &bytes, &error)) {
        r->c = decode_input(r, a, bytes);
        if (r->c) return true;
        note_decoding(r, a);
    }
    Diag d = {.arena = a, .file = arena_printf(a, "%s/case.clif", folder)};
    r->c = case_load(&d);
    diag_print(&d, stderr);
    if (r->c && case_hash(a, r->c) != r->record.case_hash)
        note(r, a, "case.clif is not as it was saved");
    return r->c != NULL;
}

/* The features of flags that this build knows, and the words that it does not. This CPU is not
 * asked yet. */
static FeatureSet read_flags(Str text, Buf *unknown)
{
    FeatureSet set = 0;
    for (Str word; (word = str_next_word(&text, " ")).n;) {
        unsigned f = 1;
        while (f < FEATURE_COUNT && !str_is(word, feature_flag((Feature)f))) f++;
        if (f < FEATURE_COUNT) set |= feature_bit((Feature)f);
        else buf_printf(unknown, " %.*s", (int)word.n, word.at);
    }
    return set;
}

/* Offers what the finding's configurations had, and notes what of it this CPU has not. */
static void restore_features(Reloaded *r, Arena *a)
{
    Buf unknown = {.arena = a}, hidden = {.arena = a}, missing = {.arena = a};
    FeatureSet then = read_flags(str_of(r->record.features), &unknown);
    buf_text(&hidden, "sse2 ");
    feature_print(then, &hidden);
    setenv("TALLY_CPU", hidden.at, 0);
    feature_print(then & ~feature_detect(), &missing);
    if (unknown.n)
        note(r, a, arena_printf(a, "this build does not know the CPU features%s", unknown.at));
    if (missing.n)
        note(r, a, arena_printf(a, "this CPU lacks %s: what needs that is refused, and `native` is "
                                   "less than it was", missing.at));
    r->lacks_features = unknown.n || missing.n;
}

bool reload(Reloaded *r, Arena *a, const char *folder, const char **error)
{
    *r = (Reloaded){0};
    Diag d = {.arena = a};
    *error = NULL;
    if (!finding_load(folder, &r->record, &d)) return diag_print(&d, stderr), false;
    restore_features(r, a);
    return load_case(r, a, folder);
}
