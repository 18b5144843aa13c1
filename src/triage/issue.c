/* The document: who is told, the case, and how to see it again. */
#define _GNU_SOURCE
#include "triage/issue_local.h"

#include "oracle/describe.h"

#include <stdlib.h>

/* ---- title -------------------------------------------------------------------------------- */

/* `load, store` of a signature that ends in -load_store. */
static const char *families(Arena *a, const Issue *i)
{
    const char *signature = i->record ? i->record->signature : NULL;
    const char *last = signature ? strrchr(signature, '-') : NULL;
    Buf out = {.arena = a};
    Str left = str_of(last ? last + 1 : "");
    buf_text(&out, "");
    for (Str word; (word = str_next_word(&left, "_")).n;)
        buf_printf(&out, "%s%.*s", out.n ? ", " : "", (int)word.n, word.at);
    return out.at;
}

/* What fits in a title, up to the end of a word; without the place in the compiler's source. */
static const char *shortened(Arena *a, const char *text)
{
    enum { MOST = 100 };
    const char *place = strrchr(text, ' ');
    if (place && place - text > 3 && !memcmp(place - 3, " at", 3))
        text = arena_strndup(a, text, (size_t)(place - 3 - text));
    if (strlen(text) <= MOST) return text;
    const char *blank = memrchr(text, ' ', MOST);
    return arena_printf(a, "%.*s …", blank ? (int)(blank - text) : MOST, text);
}

/* `trapped heap_oob`, `returned` */
static const char *ending(Arena *a, const Ballot *b)
{
    char trap[12];
    const char *word = outcome_name(b->outcome.kind);
    if (b->outcome.kind != OUTCOME_trapped) return word;
    return arena_printf(a, "%s %s", word, trap_name(b->outcome.trap, trap));
}

/* What is wrong, in a few words. */
static const char *mistake(Arena *a, const Issue *i, IssueSides s)
{
    const Verdict *v = i->verdict;
    const Config *other = issue_config(i, s.expected);
    if (!v->other || !other) return verdict_meaning(v->kind);
    const char *name = issue_addressee(a, other);
    if (v->kind != VERDICT_ending)
        return arena_printf(a, "%s than %s", verdict_meaning(v->kind), name);
    return arena_printf(a, "%s where %s %s", ending(a, &v->ballots[s.subject]), name,
                        ending(a, &v->ballots[s.expected]));
}

static void write_title(Buf *out, const Issue *i)
{
    Arena *a = out->arena;
    const Verdict *v = i->verdict;
    IssueSides s = issue_sides(i);
    const Config *subject = issue_config(i, s.subject);
    const char *who = subject ? issue_addressee(a, subject) : "nobody named";
    if (v->message[0]) {
        buf_printf(out, "# %s: %s\n", who, shortened(a, issue_clean(a, v->message)));
        return;
    }
    const char *kinds = families(a, i);
    buf_printf(out, "# %s: %s%s%s%s\n", who, mistake(a, i, s), *kinds ? " (" : "", kinds,
               *kinds ? ")" : "");
}

static void write_introduction(Buf *out, const Issue *i)
{
    Arena *a = out->arena;
    const FindingRecord *f = i->record;
    buf_printf(out, "\n%s.\n", issue_clean(a, i->verdict->text));
    if (f)
        buf_printf(out,
                   "\nFound by tally %s (commit %s), a differential fuzzer for code generators, as "
                   "`%s`.\n",
                   f->version, f->commit, f->signature);
}

/* ---- the case ----------------------------------------------------------------------------- */

static Str text_in(Arena *a, const Case *c, const Dialect *dialect)
{
    Buf out = {.arena = a};
    case_write(&out, c, &(WriteOptions){.dialect = dialect, .consistent = c->discipline});
    return buf_str(&out);
}

/* NULL where the current text will do. */
static const Dialect *dialect_of(const Config *config)
{
    const Dialect *d = config && config->library && config->library->api->dialect
                           ? config->library->dialect : NULL;
    return d == dialect_current() ? NULL : d;
}

static void fold(Buf *out, const char *summary, const char *language, Str text)
{
    buf_printf(out, "\n<details><summary>%s</summary>\n", summary);
    issue_fence(out, language, text);
    buf_text(out, "\n</details>\n");
}

static uint32_t count_lines(Str text)
{
    uint32_t n = 0;
    for (size_t k = 0; k < text.n; k++) n += text.at[k] == '\n';
    return n;
}

/* What takes more than a screen is folded. */
static void put_text(Buf *out, const char *summary, Str text)
{
    enum { SCREEN = 60 };
    if (count_lines(text) > SCREEN) fold(out, summary, "clif", text);
    else issue_fence(out, "clif", text);
}

/* What an older version reads, in front of what tally does. False where it is no other text. */
static bool write_older(Buf *out, const Issue *i, const Dialect *d, const Config *subject,
                        Str current)
{
    const char *reason = dialect_refuses(d, i->c->module, out->arena);
    const char *version = subject->library->api->version;
    if (reason) {
        buf_printf(out, "\nThe text of Cranelift %s cannot say it (%s); this is current CLIF.\n",
                   version, reason);
        return false;
    }
    Str text = text_in(out->arena, i->c, d);
    if (str_equal(text, current)) return false;
    buf_printf(out, "\nIn the text that Cranelift %s reads:\n", version);
    put_text(out, "The case", text);
    fold(out, "In current CLIF, as tally reads it", "clif", current);
    return true;
}

static void write_c(Buf *out, const Issue *i, const Config *subject)
{
    const char *reason;
    Arena *a = out->arena;
    const Run *run = &i->c->runs.at[i->verdict->run];
    const char *text = issue_c_program(a, i->judge, subject, i->c, run, &reason);
    if (reason) buf_printf(out, "\nIt cannot be written as C: %s.\n", reason);
    if (!text) return;
    const char *own = strstr(text, "\n/* ---- case 0 ---- */");
    const char *end = own ? strstr(own, "\n/* ---- the run ---- */") : NULL;
    own = own ? own + 1 : text;
    buf_text(out, "\nThe same as C without undefined behaviour, which is what was compiled:\n");
    issue_fence(out, "c", (Str){own, end ? (size_t)(end - own) : strlen(own)});
    fold(out, "The whole program, with what the above stands on and a main", "c", str_of(text));
}

static void write_case(Buf *out, const Issue *i)
{
    const Config *subject = issue_subject(i);
    const Dialect *older = dialect_of(subject);
    Str text = text_in(out->arena, i->c, NULL);
    buf_printf(out, "\n## Case\n\n%s", i->reduced ? "Reduced" : "As it was found");
    if (i->verdict->nballots && i->c->runs.n > 1)
        buf_printf(out, "; run %u of %u differs", i->verdict->run + 1, i->c->runs.n);
    buf_text(out, ". What stands in comments is described in tally's docs/clif-tests.md.\n");
    if (!older || !write_older(out, i, older, subject, text)) put_text(out, "The case", text);
    if (subject) write_c(out, i, subject);
}

/* ---- commands ----------------------------------------------------------------------------- */

static const char *config_list(Arena *a, const Issue *i)
{
    Buf list = {.arena = a};
    const ConfigVec *configs = judge_configs(i->judge);
    for (uint32_t k = 0; k < configs->n; k++)
        if (judge_is_chosen(i->judge, k))
            buf_printf(&list, "%s%s", list.n ? "," : "", issue_name(a, configs->at[k]));
    return list.at;
}

/* Whoever takes text is some version of Cranelift. */
static bool is_cranelift(const Config *config)
{
    return config && config->library && config->library->api->dialect;
}

/* With the header that makes Cranelift's own runner compile as the configuration does. */
static Str twin_text(Arena *a, const Issue *i, const Config *subject)
{
    Buf text = {.arena = a};
    Str all = text_in(a, i->twin, dialect_of(subject));
    const char *function = memmem(all.at, all.n, "\nfunction ", 10);
    if (!is_cranelift(subject) || !function) return all;
    issue_header(&text, subject, i->twin);
    buf_add(&text, function, (size_t)(all.at + all.n - function));
    return buf_str(&text);
}

/* Whether the twin shows it, in this judge. */
static const char *twin_verdict(Arena *a, const Issue *i)
{
    Verdict v;
    judge_again(i->judge, i->twin, &v);
    if (!verdict_is_finding(v.kind))
        return "Judged by tally, nothing differs in it: what shows the defect was not to be said "
               "there";
    return arena_printf(a, "Judged by tally, it shows this: %s", issue_clean(a, v.text));
}

/* What a compiler fails on it need not run. */
static void write_compile(Buf *out, const Issue *i, const Config *subject)
{
    Buf header = {.arena = out->arena};
    issue_header(&header, subject, i->c);
    buf_text(out, "\nCranelift alone compiles it with these lines for a header:\n\n"
                  "    clif-util compile case.clif\n");
    issue_fence(out, "clif", buf_str(&header));
}

static void write_twin(Buf *out, const Issue *i, const Config *subject)
{
    Arena *a = out->arena;
    const Dialect *older = dialect_of(subject);
    const char *reason = i->twin ? NULL : i->no_twin;
    if (older && i->twin) reason = dialect_refuses(older, i->twin->module, a);
    if (reason) {
        buf_printf(out, "\nCranelift's own runner cannot be asked: %s.\n", reason);
        return;
    }
    buf_printf(out,
               "\nThe same for Cranelift's own runner, saved as `twin.clif`: heaps are slots of a "
               "wrapper, and their bytes are folded into the last result. %s.\n\n"
               "    clif-util run twin.clif\n    clif-util test twin.clif\n",
               twin_verdict(a, i));
    put_text(out, "The twin", twin_text(a, i, subject));
}

/* What of the environment decides what is compiled. */
static void write_environment(Buf *out)
{
    static const char *const names[] = {"TALLY_CPU", "TALLY_PLANT"};
    for (size_t k = 0; k < countof(names); k++) {
        const char *value = getenv(names[k]);
        if (value) buf_printf(out, "%s='%s' ", names[k], issue_clean(out->arena, value));
    }
}

static void write_commands(Buf *out, const Issue *i)
{
    const Config *subject = issue_subject(i);
    buf_text(out, "\n## To reproduce\n\nThe case saved as `case.clif`:\n\n    ");
    write_environment(out);
    buf_printf(out, "tally run --backend %s case.clif\n", config_list(out->arena, i));
    if (is_cranelift(subject) && !i->verdict->nballots) write_compile(out, i, subject);
    else write_twin(out, i, subject);
}

/* ---- versions and CPU --------------------------------------------------------------------- */

static void write_versions(Buf *out, const Issue *i)
{
    Arena *a = out->arena;
    json_t *build = describe_build();
    const char *compiler = json_string_value(json_object_get(build, "compiler"));
    const ConfigVec *configs = judge_configs(i->judge);
    buf_text(out, "\n## Versions\n\n| | |\n| --- | --- |\n");
    buf_printf(out, "| tally | %s, commit %s, built by %s |\n",
               TALLY_VERSION, build_commit(), compiler);
    for (uint32_t k = 0; k < configs->n; k++) {
        const Config *c = configs->at[k];
        Str words = issue_about(c);
        if (!c->library) continue;
        buf_printf(out, "| `%s` | %s %s", issue_name(a, c), c->library->api->name,
                   c->library->api->version);
        if (words.n)
            buf_printf(out, ": %s", issue_clean(a, arena_strndup(a, words.at, words.n)));
        buf_text(out, " |\n");
    }
    buf_text(out, "| system | Linux, x86-64 |\n");
    json_decref(build);
}

static void write_cpu(Buf *out, const Issue *i)
{
    const ConfigVec *configs = judge_configs(i->judge);
    buf_text(out, "\n## CPU features\n\n"
                  "What the code of each configuration may use beyond SSE2:\n\n");
    for (uint32_t k = 0; k < configs->n; k++) {
        const Config *c = configs->at[k];
        if (!c->features) continue;
        const char *flags = *c->features ? c->features : "none";
        buf_printf(out, "* `%s`: %s\n", issue_name(out->arena, c), flags);
    }
}

void issue_write(Buf *out, const Issue *i)
{
    write_title(out, i);
    write_introduction(out, i);
    write_case(out, i);
    write_commands(out, i);
    issue_write_outcome(out, i);
    write_versions(out, i);
    write_cpu(out, i);
}
