#define _GNU_SOURCE
#include "fuzz/session.h"

#include "base/hash.h"
#include "fuzz/queue.h"
#include "fuzz/replay.h"
#include "fuzz/schedule.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "oracle/finding.h"
#include "oracle/folder.h"
#include "oracle/suppress.h"
#include "oracle/twin.h"
#include "reduce/signature.h"

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
    Schedule schedule;
    const Suppressions *suppressions;
    VEC(Queue *) queues; /* of those that compile many at once; none without batches */
    VEC(const char *) seen; /* signatures */
};

static bool read_options(Session *s, const char **error)
{
    const SessionOptions *o = &s->options;
    *error = "off= names an unknown family";
    if (o->off && !gen_parse_off(str_of(o->off), &s->gen.off)) return false;
    if (o->suppressions)
        s->suppressions = suppress_read(s->process, o->suppressions, error);
    return !o->suppressions || s->suppressions;
}

static bool open_judge(Session *s, const char **error)
{
    JudgeOptions o = {
        .backends = s->options.backends,
        .fuel = s->options.fuel,
        .limit_ms = s->options.limit_ms,
        .compile_seconds = s->options.compile_seconds,
        .leak_mib = s->options.leak_mib,
        .host = s->options.host,
    };
    s->judge = judge_create(&o, error);
    if (!s->judge) return false;
    const char *every = s->options.every;
    schedule_all(&s->schedule);
    if (s->options.verdict_only) return true;
    if (every) return schedule_read(&s->schedule, s->judge, every, error);
    schedule_measure(&s->schedule, s->judge, s->options.batches);
    return true;
}

static void use_batches(Session *s)
{
    const ConfigVec *configs = judge_configs(s->judge);
    for (uint32_t k = 0; k < configs->n; k++)
        if (configs->at[k]->library && judge_batch(s->judge, k) > 1)
            *vec_push(s->process, &s->queues) = queue_create(s->process, s->judge, k);
}

/* The options in effect, what was measured among them. */
static void note_options(Session *s)
{
    Buf text = {.arena = s->process}, every = {.arena = s->process};
    SessionOptions o = s->options;
    schedule_write(&every, &s->schedule, s->judge);
    o.findings = NULL;
    if (every.n) o.every = every.at;
    session_options_write(&text, &o);
    s->options_text = text.at;
}

Session *session_create(const SessionOptions *o, const char *engine, const char **error)
{
    Arena *a = arena_create();
    Session *s = arena_new(a, Session);
    *s = (Session){.process = a, .arena = arena_create(), .options = *o, .engine = engine};
    if (!read_options(s, error) || !open_judge(s, error)) {
        session_destroy(s);
        return NULL;
    }
    if (o->batches) use_batches(s);
    note_options(s);
    if (o->findings) folder_sweep(o->findings);
    return s;
}

void session_destroy(Session *s)
{
    if (!s) return;
    for (uint32_t k = 0; k < s->queues.n; k++) queue_destroy(s->queues.at[k]);
    judge_destroy(s->judge);
    arena_destroy(s->arena);
    arena_destroy(s->process);
}

void session_set_seed(Session *s, uint64_t seed)
{
    s->seed = seed;
    s->has_seed = true;
}

void session_write_schedule(const Session *s, Buf *out)
{
    const ConfigVec *configs = judge_configs(s->judge);
    for (uint32_t k = 0; k < configs->n; k++)
        if (s->schedule.every[k] > 1)
            buf_printf(out, "%s%s judges one case in %u", out->n ? ", " : "", configs->at[k]->label,
                       s->schedule.every[k]);
}

const char *session_options_text(const Session *s) { return s->options_text; }
Counts *session_counts(Session *s) { return judge_counts(s->judge); }
Judge *session_judge(Session *s) { return s->judge; }
const GenOptions *session_gen_options(const Session *s) { return &s->gen; }

/* A generated case broke a rule: our own bug. */
static _Noreturn void own_bug(Session *s, const Case *c, const char *what, const Diag *d)
{
    Str text = case_text(c, s->arena);
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

/* Those that judged the case judge it again, nobody else. */
static bool repeats(const Session *s, Str input, const Verdict *v)
{
    SessionOptions o = s->options;
    o.backends = judge_chosen(s->judge, s->arena);
    Replay r = {.text = input, .options = &o, .word = replay_word(s->arena, v)};
    bool must_show = !s->options.no_replay && verdict_shows_alone(v->kind);
    return !must_show || replay_shows(&r, REPLAYS, s->arena) == REPLAYS;
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

/* True when it is a known defect, which is counted and no more. */
static bool is_suppressed(Session *s, const SessionEvent *e)
{
    const Config *odd = e->verdict.odd;
    const char *version = odd && odd->library ? odd->library->api->version : TALLY_VERSION;
    const char *reference = suppress_match(s->suppressions, e->signature, version);
    if (!reference) return false;
    session_counts(s)->suppressed++;
    reasons_add(s->process, &session_counts(s)->suppressed_by, reference);
    return true;
}

/* False when it is a known defect. */
static bool report(Session *s, SessionEvent *e, Str input)
{
    signature_make(s->judge, e->c, &e->verdict, s->arena, e->signature);
    if (is_suppressed(s, e)) return false;
    if (!is_known(s, e->signature) && !repeats(s, input, &e->verdict)) mark_flaky(s, e);
    else session_counts(s)->findings++;
    e->known = is_known(s, e->signature);
    if (e->known) return true;
    *vec_push(s->process, &s->seen) =
        arena_strndup(s->process, e->signature, strlen(e->signature));
    if (s->options.findings) save(s, e, input);
    return true;
}

/* What came of judging a case; true when it is a finding to be told. */
static bool look_at(Session *s, SessionEvent *e, const Case *c, Str input)
{
    e->c = c;
    e->seed = s->seed;
    e->flaky = e->known = false;
    e->folder = e->command = NULL;
    if (e->verdict.kind == VERDICT_agree || e->verdict.kind == VERDICT_unjudged) return false;
    if (!verdict_is_finding(e->verdict.kind)) own_bug(s, c, e->verdict.text, NULL);
    return s->options.verdict_only || report(s, e, input);
}

/* ---- which configurations, and when ------------------------------------------------------- */

static Queue *queue_of(const Session *s, uint32_t config)
{
    for (uint32_t k = 0; k < s->queues.n; k++)
        if (queue_config(s->queues.at[k]) == config) return s->queues.at[k];
    return NULL;
}

/* Chooses who judges a case now, and puts it aside for those that judge it later. */
static void choose(Session *s, Str input)
{
    const ConfigVec *configs = judge_configs(s->judge);
    uint64_t hash = 0;
    for (uint32_t k = 0; k < configs->n; k++) {
        if (!configs->at[k]->library) continue;
        if (!hash) hash = hash_bytes(input.at, input.n);
        bool picked = schedule_picks(&s->schedule, k, hash);
        Queue *q = queue_of(s, k);
        judge_choose(s->judge, k, picked && !q);
        if (picked && q) queue_put(q, input, s->seed);
    }
}

/* A queue's configuration, beside those that are built in. */
static void choose_queue(Session *s, const Queue *q)
{
    const ConfigVec *configs = judge_configs(s->judge);
    for (uint32_t k = 0; k < configs->n; k++)
        judge_choose(s->judge, k, !configs->at[k]->library || k == queue_config(q));
}

bool session_input(Session *s, const uint8_t *bytes, size_t n, SessionEvent *e)
{
    GenInput in = {.bytes = bytes, .n = n};
    session_counts(s)->inputs++;
    for (e->index = 0;; e->index++) {
        arena_reset(s->arena);
        size_t start = in.at;
        const Case *c = gen_next(&in, &s->gen, s->arena);
        if (!c) return false;
        verify(s, c);
        size_t first = min_u64(start, n), end = min_u64(in.at, n);
        Str input = {(const char *)bytes + first, end - first};
        choose(s, input);
        judge_case(s->judge, c, &e->verdict);
        if (s->options.hashes)
            printf("hash %016llx\n", (unsigned long long)case_hash(s->arena, c));
        if (look_at(s, e, c, input)) return true;
    }
}

/* Goes on with an open queue; true at a finding. */
static bool judge_queue(Session *s, Queue *q, SessionEvent *e)
{
    choose_queue(s, q);
    for (const QueueItem *item; (item = queue_next(q, s->judge));) {
        arena_reset(s->arena);
        e->index = 0;
        session_set_seed(s, item->seed);
        judge_again(s->judge, item->c, &e->verdict);
        bool tell = look_at(s, e, item->c, item->bytes);
        if (verdict_is_finding(e->verdict.kind)) queue_compile(q, s->judge); /* it was shrunk */
        if (tell) return true;
    }
    return false;
}

bool session_batch(Session *s, bool all, SessionEvent *e)
{
    for (uint32_t k = 0; k < s->queues.n; k++) {
        Queue *q = s->queues.at[k];
        bool due = queue_is_full(q) || (all && !queue_is_empty(q));
        if (due && !queue_is_open(q)) queue_open(q, s->judge, &s->gen);
    }
    for (uint32_t k = 0; k < s->queues.n; k++) {
        Queue *q = s->queues.at[k];
        if (queue_is_open(q) && judge_queue(s, q, e)) return true;
    }
    return false;
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
