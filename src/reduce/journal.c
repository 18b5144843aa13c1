#include "reduce/journal.h"

#include "base/file.h"
#include "oracle/describe.h"
#include "oracle/finding.h"

#include <jansson.h>
#include <stdlib.h>

static const char kind[] = "tally reduction";

static bool unpack(json_t *o, Arena *a, JournalEntry *e)
{
    const char *file, *commit, *of, *text;
    int begun, kept;
    size_t n;
    JournalEntry r = *e;
    if (json_unpack(
            o, "{s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:b, s:i, s:i, s:i, s:i, s:i, s:s%}",
            "file", &file, "commit", &commit, "of", &of,
            "step_at", &r.at.step, "size", &r.at.size, "to", &r.at.to,
            "begun", &begun, "kept_since", &kept,
            "skip", &r.skip, "hangs", &r.hangs,
            "tries", &r.p.tries, "kept", &r.p.kept, "insts", &r.p.insts,
            "case", &text, &n))
        return false;
    if (strcmp(file, kind) || strcmp(commit, build_commit()) || r.at.step > steps_n) return false;
    if (strtoull(of, NULL, 16) != e->of) return false;
    r.at.begun = begun;
    r.at.kept = kept;
    r.text = (Str){arena_strndup(a, text, n), n};
    *e = r;
    return true;
}

bool journal_read(const char *path, Arena *a, JournalEntry *e)
{
    Str text;
    const char *error;
    if (!file_read(a, path, 2 * FILE_LIMIT, &text, &error)) return false;
    json_t *o = json_loadb(text.at, text.n, 0, NULL);
    bool good = o && unpack(o, a, e);
    json_decref(o);
    return good;
}

void journal_write(const char *path, const JournalEntry *e)
{
    const char *error;
    Arena *a = arena_create();
    const char *of = arena_printf(a, "%016llx", (unsigned long long)e->of);
    json_t *o = json_pack(
        "{s:s, s:s, s:s, s:i, s:i, s:i, s:b, s:b, s:i, s:i, s:i, s:i, s:i, s:s%}",
        "file", kind, "commit", build_commit(), "of", of,
        "step_at", (int)e->at.step, "size", (int)e->at.size, "to", (int)e->at.to,
        "begun", e->at.begun, "kept_since", e->at.kept,
        "skip", (int)e->skip, "hangs", (int)e->hangs,
        "tries", (int)e->p.tries, "kept", (int)e->p.kept, "insts", (int)e->p.insts,
        "case", e->text.at, e->text.n);
    CHECK(o);
    if (!file_write(path, str_of(describe_text(o, a)), &error)) die("%s: %s", path, error);
    arena_destroy(a);
}
