#define _GNU_SOURCE
#include "fuzz/session.h"

#include "base/file.h"
#include "base/hash.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "oracle/finding.h"
#include "oracle/signature.h"
#include "oracle/twin.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { REPLAYS = 3 };

struct Session {
    Arena *process, *arena; /* the second holds one case */
    SessionOptions options;
    const char *engine;
    const char *options_text;
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

static bool read_word(SessionOptions *o, Str word)
{
    for (size_t k = 0; k < countof(text_options); k++) {
        if (!starts_with(word, text_options[k].word)) continue;
        Str value = after(word, text_options[k].word);
        *(const char **)((char *)o + text_options[k].offset) = strndup(value.at, value.n);
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
    for (const char *at = text ? text : ""; *at;) {
        size_t n = strcspn(at, " \t\n");
        if (n && !read_word(o, (Str){at, n})) {
            static char message[200];
            snprintf(message, sizeof message, "unknown option `%.*s`", (int)min_u64(n, 100), at);
            *error = message;
            return false;
        }
        at += n + (at[n] != 0);
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
    session_options_write(&text, o);
    s->options_text = text.at;
    return s;
}

void session_destroy(Session *s)
{
    if (!s) return;
    judge_destroy(s->judge);
    arena_destroy(s->arena);
    arena_destroy(s->process);
}

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

static bool seen_before(Session *s, const char *signature)
{
    for (uint32_t k = 0; k < s->seen.n; k++)
        if (strcmp(s->seen.at[k], signature) == 0) return true;
    *vec_push(s->process, &s->seen) = arena_strndup(s->process, signature, strlen(signature));
    return false;
}

/* Writes `input` to a new file in the temporary folder; false when that is not possible. */
static bool write_temporary(char path[64], Str input)
{
    snprintf(path, 64, "/tmp/tally-replay-XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0) return false;
    bool ok = write(fd, input.at, input.n) == (ssize_t)input.n;
    close(fd);
    return ok;
}

/* The environment without AFL's and our own words, plus those given. */
static char **replay_environment(Session *s, const char *path, const Verdict *v)
{
    VEC(char *) list = {0};
    for (char **e = environ; *e; e++)
        if (strncmp(*e, "__AFL", 5) && strncmp(*e, "AFL_", 4) && strncmp(*e, "TALLY_REPLAY", 12) &&
            strncmp(*e, "TALLY_OPTIONS", 13))
            *vec_push(s->arena, &list) = *e;
    *vec_push(s->arena, &list) = arena_printf(s->arena, "TALLY_REPLAY=%s", path);
    *vec_push(s->arena, &list) = arena_printf(s->arena, "TALLY_REPLAY_VERDICT=%s/%s",
                                              verdict_name(v->kind), v->odd ? v->odd->name : "");
    *vec_push(s->arena, &list) = arena_printf(s->arena, "TALLY_OPTIONS=%s", s->options_text);
    vec_push(s->arena, &list);
    return list.at;
}

/* Replays in fresh processes of this very program. True when each shows the same verdict, and
 * when processes cannot be started at all. */
static bool repeats(Session *s, Str input, const Verdict *v)
{
    char path[64];
    if (!write_temporary(path, input)) return true;
    char **environment = replay_environment(s, path, v);
    char *argv[] = {"tally-replay", NULL};
    bool same = true;
    for (int k = 0; k < REPLAYS && same; k++) {
        pid_t pid;
        int status = 0;
        if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environment) != 0) break;
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
        same = WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FINDING;
    }
    unlink(path);
    return same;
}

void session_replay_if_asked(void)
{
    const char *path = getenv("TALLY_REPLAY"), *verdict = getenv("TALLY_REPLAY_VERDICT");
    if (!path || !verdict) return;
    const char *error = NULL;
    SessionOptions o = {0};
    Arena *a = arena_create();
    Str input;
    if (!session_options_read(&o, getenv("TALLY_OPTIONS"), &error) ||
        !file_read(a, path, FILE_LIMIT, &input, &error))
        _exit(EXIT_INPUT);
    o.verdict_only = true;
    o.findings = NULL;
    Session *s = session_create(&o, "replay", &error);
    SessionEvent e;
    if (!s || !session_input(s, (const uint8_t *)input.at, input.n, &e)) _exit(EXIT_GONE);
    const Verdict *v = &e.verdict;
    const char *got =
        arena_printf(a, "%s/%s", verdict_name(v->kind), v->odd ? v->odd->name : "");
    _exit(strcmp(got, verdict) == 0 ? EXIT_FINDING : EXIT_GONE);
}

static void save(Session *s, SessionEvent *e, Str input)
{
    Buf configs = {.arena = s->arena};
    const ConfigVec *list = judge_configs(s->judge);
    for (uint32_t k = 0; k < list->n; k++)
        buf_printf(&configs, "%s%s", k ? "," : "", list->at[k]->name);
    const char *no_twin;
    Finding f = {
        .c = e->c,
        .twin = twin_make(s->judge, e->c, e->verdict.run, s->arena, &no_twin),
        .verdict = &e->verdict,
        .signature = e->signature,
        .input = input,
        .format = GEN_FORMAT,
        .engine = s->engine,
        .options = s->options_text,
        .configs = configs.at,
    };
    const char *error = NULL;
    e->folder = finding_save(s->arena, s->options.findings, &f, &error);
    if (!e->folder) fprintf(stderr, "tally: the finding cannot be saved: %s\n", error);
}

/* True when the finding repeats. */
static bool report(Session *s, SessionEvent *e, Str input)
{
    signature_make(s->judge, e->c, &e->verdict, s->arena, e->signature);
    e->known = seen_before(s, e->signature);
    if (!e->known && !s->options.no_replay && !repeats(s, input, &e->verdict)) {
        e->flaky = true;
        session_counts(s)->flaky++;
        memmove(e->signature + 6, e->signature, sizeof e->signature - 7);
        memcpy(e->signature, "flaky-", 6);
    }
    if (!e->flaky) session_counts(s)->findings++;
    if (s->options.findings && !e->known) save(s, e, input);
    return !e->flaky;
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
        e->folder = NULL;
        judge_case(s->judge, c, &e->verdict);
        if (s->options.hashes)
            printf("hash %016llx\n", (unsigned long long)case_hash(s->arena, c));
        if (e->verdict.kind == VERDICT_agree || e->verdict.kind == VERDICT_unjudged) continue;
        if (!verdict_is_finding(e->verdict.kind)) own_bug(s, c, e->verdict.text, NULL);
        size_t first = min_u64(start, n), end = min_u64(in.at, n);
        Str input = {(const char *)bytes + first, end - first};
        if (s->options.verdict_only || report(s, e, input)) return true;
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
