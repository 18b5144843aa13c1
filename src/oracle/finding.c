#define _GNU_SOURCE
#include "oracle/finding.h"

#include "base/file.h"
#include "base/hash.h"
#include "ir/write.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef TALLY_COMMIT
#define TALLY_COMMIT "unknown"
#endif

const char *build_commit(void) { return TALLY_COMMIT; }

static Str print_case(Arena *a, const Case *c)
{
    Buf out = {.arena = a};
    case_write(&out, c, NULL);
    return buf_str(&out);
}

uint64_t case_hash(Arena *scratch, const Case *c)
{
    ArenaMark mark = arena_mark(scratch);
    Str text = print_case(scratch, c);
    uint64_t hash = hash_bytes(text.at, text.n);
    arena_release(scratch, mark);
    return hash;
}

static json_t *describe_ballots(const Finding *f)
{
    json_t *list = json_array();
    const Verdict *v = f->verdict;
    for (uint32_t k = 0; k < v->nballots; k++) {
        char trap[12];
        const Outcome *o = &v->ballots[k].outcome;
        json_t *one = json_pack("{s:i, s:s, s:i}", "configuration", (int)k, "outcome",
                                outcome_name(o->kind), "group", (int)v->ballots[k].group);
        if (o->kind == OUTCOME_trapped)
            json_object_set_new(one, "trap", json_string(trap_name(o->trap, trap)));
        json_array_append_new(list, one);
    }
    return list;
}

static json_t *describe_verdict(const Finding *f)
{
    const Verdict *v = f->verdict;
    json_t *o = json_pack("{s:s, s:s, s:i}", "kind", verdict_name(v->kind), "text", v->text, "run",
                          (int)v->run);
    json_object_set_new(o, "odd", v->odd ? json_string(v->odd->name) : json_null());
    json_object_set_new(o, "other", v->other ? json_string(v->other->name) : json_null());
    json_object_set_new(o, "ballots", describe_ballots(f));
    return o;
}

static Str describe(Arena *a, const Finding *f, Str case_text)
{
    json_t *o = json_pack(
        "{s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:o}", "signature", f->signature, "version",
        TALLY_VERSION, "commit", TALLY_COMMIT, "format", (int)f->format, "engine", f->engine,
        "options", f->options, "configurations", f->configs, "compiler", __VERSION__, "verdict",
        describe_verdict(f));
    char hash[24];
    snprintf(hash, sizeof hash, "%016llx",
             (unsigned long long)hash_bytes(case_text.at, case_text.n));
    json_object_set_new(o, "case_hash", json_string(hash));
    json_object_set_new(o, "reproduce", json_string("tally repro FOLDER"));
    char *text = json_dumps(o, JSON_INDENT(2));
    CHECK(text);
    const char *copy = arena_printf(a, "%s\n", text);
    free(text); /* jansson's own */
    json_decref(o);
    return str_of(copy);
}

static Str readme(Arena *a, const Finding *f)
{
    return str_of(arena_printf(
        a,
        "%s\n\n%s\n\nThe case is case.clif: read it, then run\n\n"
        "    tally repro FOLDER\n\n"
        "which shows the module, what differs, and the machine code. finding.json has versions,\n"
        "options and what each configuration made of it. Found by %s, commit %s.\n",
        f->signature, f->verdict->text, f->engine, TALLY_COMMIT));
}

static bool write_in(Arena *a, const char *folder, const char *name, Str text, const char **error)
{
    return file_write(arena_printf(a, "%s/%s", folder, name), text, error);
}

static void remove_folder(Arena *a, const char *folder)
{
    static const char *const names[] = {"input", "case.clif", "upstream.clif", "finding.json",
                                        "README"};
    for (size_t k = 0; k < countof(names); k++)
        unlink(arena_printf(a, "%s/%s", folder, names[k]));
    rmdir(folder);
}

static bool fill_folder(Arena *a, const char *folder, const Finding *f, const char **error)
{
    Str text = print_case(a, f->c);
    return (!f->input.n || write_in(a, folder, "input", f->input, error)) &&
           write_in(a, folder, "case.clif", text, error) &&
           (!f->twin || write_in(a, folder, "upstream.clif", print_case(a, f->twin), error)) &&
           write_in(a, folder, "finding.json", describe(a, f, text), error) &&
           write_in(a, folder, "README", readme(a, f), error);
}

const char *finding_save(Arena *a, const char *dir, const Finding *f, const char **error)
{
    const char *folder = arena_printf(a, "%s/%s", dir, f->signature);
    struct stat s;
    if (stat(folder, &s) == 0) return folder;
    if (!file_make_folder(dir, error)) return NULL;
    char *beside = arena_printf(a, "%s/.new-XXXXXX", dir);
    if (!mkdtemp(beside)) {
        *error = strerror(errno);
        return NULL;
    }
    chmod(beside, 0755);
    if (fill_folder(a, beside, f, error) && rename(beside, folder) == 0) return folder;
    bool exists = errno == EEXIST || errno == ENOTEMPTY; /* another process was faster */
    if (!*error) *error = strerror(errno);
    remove_folder(a, beside);
    return exists ? folder : NULL;
}

static const char *text_of(Arena *a, const json_t *o, const char *key)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text ? arena_strndup(a, text, strlen(text)) : NULL;
}

bool finding_load(Arena *a, const char *folder, FindingRecord *out, const char **error)
{
    json_error_t why;
    json_t *o = json_load_file(arena_printf(a, "%s/finding.json", folder), 0, &why);
    if (!o) {
        *error = arena_printf(a, "finding.json: %s", why.text);
        return false;
    }
    const json_t *verdict = json_object_get(o, "verdict");
    const char *hash = text_of(a, o, "case_hash");
    *out = (FindingRecord){
        .signature = text_of(a, o, "signature"),
        .kind = text_of(a, verdict, "kind"),
        .odd = text_of(a, verdict, "odd"),
        .configs = text_of(a, o, "configurations"),
        .options = text_of(a, o, "options"),
        .format = (uint32_t)json_integer_value(json_object_get(o, "format")),
        .module_hash = hash ? strtoull(hash, NULL, 16) : 0,
    };
    json_decref(o);
    if (out->signature && out->kind && out->configs) return true;
    *error = "finding.json lacks signature, verdict or configurations";
    return false;
}
