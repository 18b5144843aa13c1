#define _GNU_SOURCE
#include "fuzz/session.h"

#include "base/hash.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "fuzz/replay.h"
#include "oracle/finding.h"
#include "oracle/folder.h"
#include "oracle/signature.h"
#include "oracle/twin.h"

#include <stdio.h>

struct Session {
    Arena *process, *arena; /* the second holds one case */
    SessionOptions options;
    const char *engine;
    const char *options_text; /* but for where findings are saved */
    uint64_t seed;
    bool has_seed;
    GenOptions gen;
    Judge *judge;
    VEC(const char *) seen; /* signatures */
};

/* A text option's word and where its value goes. */
static const struct {
    const char *word;
    size_t offset;
} text_options[] = {
    {"backend=", offsetof(SessionOptions, backends)},
    {"off=", offsetof(SessionOptions, off)},
    {"findings=", offsetof(SessionOptions, findings)},
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

Session *session_create(const SessionOptions *o, const char *engine, const char **error)
{
    GenOptions gen = {0};
    static const char *const bad_off = "off= names an unknown family";
    if (o->off && !gen_parse_off(str_of(o->off), &gen.off)) return *error = bad_off, NULL;
    JudgeOptions judge_options = {
        .backends = o->backends,
        .fuel = o->fuel,
        .limit_ms = o->limit_ms,
        .host = o->host,
    };
    Judge *judge = judge_create(&judge_options, error);
    if (!judge) return NULL;
    Arena *a = arena_create();
    Session *s = arena_new(a, Session);
    *s = (Session){.process = a, .arena = arena_create(), .options = *o, .engine = engine};
    s->gen = gen;
    s->judge = judge;
    Buf text = {.arena = a};
    SessionOptions findings_aside = *o;
    findings_aside.findings = NULL;
    session_options_write(&text, &findings_aside);
    s->options_text = text.at;
    if (o->findings) folder_sweep(o->findings);
    return s;
}

void session_destroy(Session *s)
{
    if (!s) return;
    judge_destroy(s->judge);
    arena_destroy(s->arena);
    arena_destroy(s->process);
}

void session_set_seed(Session *s, uint64_t seed)
{
    s->seed = seed;
    s->has_seed = true;
}

const char *session_options_text(const Session *s) { return s->options_text; }
Counts *session_counts(Session *s) { return judge_counts(s->judge); }
Judge *session_judge(Session *s) { return s->judge; }
const GenOptions *session_gen_options(const Session *s) { return &s->gen; }

/* A generated case broke a rule: our own bug. */
static _Noreturn void own_bug(Session *s, const Case *c, const char *what, const Diag *d)
{
    Buf text = {.arena = s->arena};
    case_write(&text, c, NULL);
    fwrite(text.at, 1, text.n, stderr);
    if (d) diag_print(d, stderr);
    bug("a generated case is not valid: %s", what);
}

static void verify(Session *s, const Case *c)
{
    Diag d = {.arena = s->arena, .file = "generated"};
    if (!case_verify(c, s->arena, &d)) own_bug(s, c, "the verifier rejects it", &d);
}

static bool is_known(const Session *s, const char *signature)
{
    for (uint32_t k = 0; k < s->seen.n; k++)
        if (strcmp(s->seen.at[k], signature) == 0) return true;
    return false;
}

static void save(Session *s, SessionEvent *e, Str input)
{
    const char *no_twin;
    Finding f = {
        .judge = s->judge,
        .c = e->c,
        .twin = twin_make(s->judge, e->c, e->verdict.run, s->arena, &no_twin),
        .verdict = &e->verdict,
        .signature = e->signature,
        .input = input,
        .format = GEN_FORMAT,
        .engine = s->engine,
        .seed = s->seed,
        .has_seed = s->has_seed,
        .options = s->options_text,
    };
    const char *error = NULL;
    e->folder = finding_save(s->arena, s->options.findings, &f, &error);
    if (e->folder) e->command = finding_command(s->arena, e->folder);
    else fprintf(stderr, "tally: the finding cannot be saved: %s\n", error);
}

static bool repeats(const Session *s, Str input, const Verdict *v)
{
    Replay r = {.text = input, .options = &s->options, .word = replay_word(s->arena, v)};
    return s->options.no_replay || replay_shows(&r, REPLAYS, s->arena) == REPLAYS;
}

static void mark_flaky(Session *s, SessionEvent *e)
{
    static const char prefix[] = "flaky-";
    size_t n = strlen(prefix);
    e->flaky = true;
    session_counts(s)->flaky++;
    memmove(e->signature + n, e->signature, sizeof e->signature - n - 1);
    memcpy(e->signature, prefix, n);
}

static void report(Session *s, SessionEvent *e, Str input)
{
    signature_make(s->judge, e->c, &e->verdict, s->arena, e->signature);
    if (!is_known(s, e->signature) && !repeats(s, input, &e->verdict)) mark_flaky(s, e);
    else session_counts(s)->findings++;
    e->known = is_known(s, e->signature);
    if (e->known) return;
    *vec_push(s->process, &s->seen) =
        arena_strndup(s->process, e->signature, strlen(e->signature));
    if (s->options.findings) save(s, e, input);
}

bool session_input(Session *s, const uint8_t *bytes, size_t n, SessionEvent *e)
{
    GenInput in = {.bytes = bytes, .n = n};
    session_counts(s)->inputs++;
    for (uint32_t index = 0;; index++) {
        arena_reset(s->arena);
        size_t start = in.at;
        const Case *c = gen_next(&in, &s->gen, s->arena);
        if (!c) return false;
        verify(s, c);
        e->c = c;
        e->index = index;
        e->flaky = e->known = false;
        e->folder = e->command = NULL;
        judge_case(s->judge, c, &e->verdict);
        if (s->options.hashes)
            printf("hash %016llx\n", (unsigned long long)case_hash(s->arena, c));
        if (e->verdict.kind == VERDICT_agree || e->verdict.kind == VERDICT_unjudged) continue;
        if (!verdict_is_finding(e->verdict.kind)) own_bug(s, c, e->verdict.text, NULL);
        size_t first = min_u64(start, n), end = min_u64(in.at, n);
        Str input = {(const char *)bytes + first, end - first};
        if (!s->options.verdict_only) report(s, e, input);
        return true;
    }
}

uint64_t session_hash_input(Session *s, const uint8_t *bytes, size_t n)
{
    GenInput in = {.bytes = bytes, .n = n};
    uint64_t hash = 0;
    for (;;) {
        arena_reset(s->arena);
        const Case *c = gen_next(&in, &s->gen, s->arena);
        if (!c) return hash;
        uint64_t one = case_hash(s->arena, c);
        hash = hash_more(hash, &one, sizeof one);
    }
}
