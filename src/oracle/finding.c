#define _GNU_SOURCE
#include "oracle/finding.h"

#include "base/file.h"
#include "base/hash.h"
#include "ir/write.h"
#include "oracle/describe.h"
#include "oracle/folder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef TALLY_COMMIT
#define TALLY_COMMIT "unknown"
#endif

const char *build_commit(void) { return TALLY_COMMIT; }

uint64_t case_hash(Arena *scratch, const Case *c)
{
    ArenaMark mark = arena_mark(scratch);
    Str text = case_text(c, scratch);
    uint64_t hash = hash_bytes(text.at, text.n);
    arena_release(scratch, mark);
    return hash;
}

const char *finding_word(Arena *a, const char *kind, const char *odd)
{
    return arena_printf(a, "%s in %s", kind, odd ? odd : "one of them");
}

static json_t *hash_text(Str text)
{
    char hex[24];
    snprintf(hex, sizeof hex, "%016llx", (unsigned long long)hash_bytes(text.at, text.n));
    return json_string(hex);
}

static json_t *hash_module(Arena *a, const Module *m)
{
    Buf out = {.arena = a};
    for (uint32_t k = 0; k < m->funcs.n; k++) func_write(&out, m->funcs.at[k], NULL);
    return hash_text(buf_str(&out));
}

static json_t *seed_or_null(const Finding *f)
{
    return f->has_seed ? json_integer((json_int_t)f->seed) : json_null();
}

static Str describe(Arena *a, const Finding *f, Str case_text, const char *command)
{
    json_t *o = json_pack(
        "{s:s, s:s, s:s, s:s, s:o, s:i, s:s, s:o, s:s, s:o, s:o, s:o, s:o}", "signature",
        f->signature, "reproduce", command, "version", TALLY_VERSION, "commit", TALLY_COMMIT,
        "build", describe_build(), "format", (int)f->format, "engine", f->engine, "seed",
        seed_or_null(f), "options", f->options, "configurations", describe_configs(f->judge),
        "verdict", describe_verdict(f->judge, f->c, f->verdict), "module_hash",
        hash_module(a, f->c->module), "case_hash", hash_text(case_text));
    return str_of(describe_text(o, a));
}

/* For those that no single case shows. */
static const char *caution(const Finding *f)
{
    if (verdict_shows_alone(f->verdict->kind)) return "";
    return "\nIt came of many cases, of which case.clif is the last and by itself shows nothing.\n"
           "The same campaign shows it again: finding.json has its options.\n";
}

static Str readme(Arena *a, const Finding *f, const char *command)
{
    const char *seed = f->has_seed ? arena_printf(a, ", seed %llu", (unsigned long long)f->seed)
                                   : "";
    return str_of(arena_printf(
        a,
        "%s\n\n%s\n\nThe case is case.clif. To see it again,\n\n    %s\n\n"
        "shows what differs, the module, and the machine code. finding.json has versions, options\n"
        "and what each configuration made of it. tally reduce, explain, bisect, report --issue\n"
        "and add-regression take this folder, too.\n%s%s\nFound by %s%s; tally " TALLY_VERSION
        ", commit %s.\n",
        f->signature, f->verdict->text, command,
        f->twin ? "upstream.clif says the same to Cranelift's clif-util.\n" : "", caution(f),
        f->engine, seed,
        TALLY_COMMIT));
}

/* ---- the command -------------------------------------------------------------------------- */

/* In quotes for a shell, where that is needed. */
static const char *quoted(Arena *a, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-./:=,+@%";
    Buf out = {.arena = a};
    if (*word && word[strspn(word, plain)] == 0) return word;
    buf_char(&out, '\'');
    for (; *word; word++)
        if (*word == '\'') buf_text(&out, "'\\''");
        else buf_char(&out, *word);
    buf_char(&out, '\'');
    return out.at;
}

/* `build/tally_fuzzer` has `build/tally` beside it; where it is not there, the path knows one. */
static const char *neighbour(Arena *a)
{
    static const char *const endings[] = {"_fuzzer", "_afl"};
    const char *self = program_invocation_name;
    for (size_t k = 0; k < countof(endings); k++) {
        size_t n = strlen(self), e = strlen(endings[k]);
        if (n > e && !strcmp(self + n - e, endings[k])) self = arena_strndup(a, self, n - e);
    }
    bool there = !strchr(self, '/') || access(self, X_OK) == 0;
    return there ? self : "tally";
}

static bool is_ours(const char *word)
{
    return !strncmp(word, "TALLY_", 6) && strncmp(word, "TALLY_OPTIONS=", 14) &&
           strncmp(word, "TALLY_REPLAY", 12);
}

const char *finding_command(Arena *a, const char *folder)
{
    Buf out = {.arena = a};
    for (char **e = environ; *e; e++)
        if (is_ours(*e)) {
            int n = (int)strcspn(*e, "=");
            buf_printf(&out, "%.*s=%s ", n, *e, quoted(a, *e + n + 1));
        }
    buf_printf(&out, "%s repro %s", quoted(a, neighbour(a)), quoted(a, folder));
    return out.at;
}

/* ---- the folder --------------------------------------------------------------------------- */

static bool write_in(Arena *a, const char *folder, const char *name, Str text, const char **error)
{
    return file_write(arena_printf(a, "%s/%s", folder, name), text, error);
}

static bool fill_folder(Arena *a, const char *folder, const Finding *f, const char *name,
                        const char **error)
{
    Str text = case_text(f->c, a);
    const char *command = finding_command(a, name);
    return (!f->input.n || write_in(a, folder, "input", f->input, error)) &&
           write_in(a, folder, "case.clif", text, error) &&
           (!f->twin || write_in(a, folder, "upstream.clif", case_text(f->twin, a), error)) &&
           write_in(a, folder, "finding.json", describe(a, f, text, command), error) &&
           write_in(a, folder, "README", readme(a, f, command), error);
}

const char *finding_save(Arena *a, const char *dir, const Finding *f, const char **error)
{
    const char *name = arena_printf(a, "%s/%s", dir, f->signature);
    struct stat s;
    Folder folder;
    if (stat(name, &s) == 0) return name;
    if (!folder_begin(&folder, a, dir, error)) return NULL;
    if (!fill_folder(a, folder.path, f, name, error)) {
        folder_drop(&folder);
        return NULL;
    }
    bool ok = folder_finish(&folder, name, error);
    return ok || !*error ? name : NULL; /* another process may have been faster */
}

/* ---- reading it again --------------------------------------------------------------------- */

static const char *text_of(Arena *a, const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? arena_strndup(a, text, strlen(text)) : NULL;
}

static bool has_word(Str list, Str word)
{
    for (Str one; (one = str_next_word(&list, " ")).n;)
        if (str_equal(one, word)) return true;
    return false;
}

static void add_words(Buf *list, const char *words)
{
    Str left = str_of(words ? words : "");
    for (Str word; (word = str_next_word(&left, " ")).n;)
        if (!has_word(buf_str(list), word))
            buf_printf(list, "%s%.*s", list->n ? " " : "", (int)word.n, word.at);
}

static bool was_refused(const json_t *verdict, size_t k)
{
    const json_t *ballot = json_array_get(json_object_get(verdict, "ballots"), k);
    const char *outcome = json_string_value(json_object_get(ballot, "outcome"));
    return outcome && !strcmp(outcome, outcome_name(OUTCOME_refused));
}

/* The list of configurations, and what those that ran had of the CPU. */
static void load_configs(Arena *a, const json_t *o, FindingRecord *out)
{
    Buf names = {.arena = a}, features = {.arena = a};
    const json_t *list = json_object_get(o, "configurations");
    buf_text(&features, "");
    for (size_t k = 0; k < json_array_size(list); k++) {
        const json_t *one = json_array_get(list, k);
        const char *name = text_of(a, one, "name");
        if (name) buf_printf(&names, "%s%s", k ? "," : "", name);
        if (!was_refused(json_object_get(o, "verdict"), k))
            add_words(&features, text_of(a, one, "cpu_features"));
    }
    out->configs = names.at;
    out->features = features.at;
}

/* Far more than a finding needs; jansson takes forty times as much. */
enum { JSON_LIMIT = 256 << 10 };

static json_t *load_json(Diag *d)
{
    const char *error;
    json_error_t why;
    if (!file_read(d->arena, d->file, JSON_LIMIT, &d->text, &error))
        return diag_error(d, 0, 0, "%s", error), NULL;
    json_t *o = json_loadb(d->text.at, d->text.n, 0, &why);
    if (!o) diag_error(d, (uint32_t)why.line, (uint32_t)why.column + !why.column, "%s", why.text);
    return o;
}

bool finding_load(const char *folder, FindingRecord *out, Diag *d)
{
    Arena *a = d->arena;
    d->file = arena_printf(a, "%s/finding.json", folder);
    json_t *o = load_json(d);
    if (!o) return false;
    const json_t *verdict = json_object_get(o, "verdict");
    const char *hash = text_of(a, o, "case_hash");
    *out = (FindingRecord){
        .signature = text_of(a, o, "signature"),
        .engine = text_of(a, o, "engine"),
        .version = text_of(a, o, "version"),
        .commit = text_of(a, o, "commit"),
        .options = text_of(a, o, "options"),
        .format = (uint32_t)json_integer_value(json_object_get(o, "format")),
        .case_hash = hash ? strtoull(hash, NULL, 16) : 0,
    };
    const char *kind = text_of(a, verdict, "kind");
    if (kind) out->word = finding_word(a, kind, text_of(a, verdict, "odd"));
    out->alone = !json_is_false(json_object_get(verdict, "alone"));
    load_configs(a, o, out);
    json_decref(o);
    if (out->signature && out->word && out->configs) return true;
    diag_error(d, 0, 0, "signature, verdict or configurations are missing");
    return false;
}
