#include "fuzz/campaign.h"

#include "oracle/describe.h"
#include "oracle/finding.h"

#include <time.h>

enum { LIVE_MS = 500, PROGRESS_MS = 10000 };

/* A campaign while it runs. Times are milliseconds since its start. */
typedef struct {
    const Campaign *c;
    const Counts *counts;
    struct timespec start;
    uint64_t now;   /* the clock */
    uint64_t due;   /* when statistics are shown next */
    uint64_t found; /* when something new was found */
    uint64_t seed;
    uint32_t signatures;
} State;

static void look_at_clock(State *s)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t ns = t.tv_nsec - s->start.tv_nsec;
    s->now = (uint64_t)((t.tv_sec - s->start.tv_sec) * 1000 + ns / 1000000);
}

static uint64_t speed(const State *s)
{
    return s->now ? s->counts->executions * 1000 / s->now : 0;
}

/* ---- statistics --------------------------------------------------------------------------- */

static const char *clock_text(uint64_t ms, char text[static 24])
{
    unsigned long long s = ms / 1000;
    snprintf(text, 24, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
    return text;
}

static double percent(uint64_t n, uint64_t of)
{
    return of ? 100.0 * (double)n / (double)of : 0;
}

static void show_unless_none(uint64_t n, const char *what)
{
    if (n) fprintf(stderr, ", %llu %s", (unsigned long long)n, what);
}

/* What people who watch a fuzzer ask for: is it fast, are its cases worth anything, when was the
 * last find. Fits on a line of 80 columns unless something is wrong. */
static void show_live(const State *s)
{
    char text[24];
    const Counts *n = s->counts;
    fprintf(stderr, "\r\033[K%s  %llu executions, %llu/s, %.1f %% of runs trap",
            clock_text(s->now, text), (unsigned long long)n->executions,
            (unsigned long long)speed(s), percent(n->trapped, n->runs));
    show_unless_none(n->refused, "refused");
    show_unless_none(n->flaky, "flaky");
    show_unless_none(s->signatures, "signatures");
    if (s->signatures) fprintf(stderr, ", last %s ago", clock_text(s->now - s->found, text));
}

static void hide_live(const State *s)
{
    if (s->c->live) fputs("\r\033[K", stderr);
}

static json_t *event(const char *name, const State *s)
{
    return json_pack("{s:s, s:f}", "event", name, "seconds", (double)s->now / 1000);
}

static void print_event(json_t *o)
{
    describe_print(o, stdout);
    fflush(stdout);
}

static void show_progress(State *s)
{
    if (s->now < s->due) return;
    s->due = s->now + (s->c->report == REPORT_json ? PROGRESS_MS : LIVE_MS);
    if (s->c->live) show_live(s);
    if (s->c->report != REPORT_json) return;
    json_t *o = event("progress", s);
    json_object_set_new(o, "executions_per_second", json_integer((json_int_t)speed(s)));
    json_object_set_new(o, "seed", json_integer((json_int_t)s->seed));
    json_object_set_new(o, "counts", describe_counts(s->counts));
    print_event(o);
}

/* ---- start, findings, end ----------------------------------------------------------------- */

/* How often loaded back ends are asked is measured, so it is told. */
static void tell_schedule(const State *s)
{
    Buf every = {.arena = arena_create()};
    session_write_schedule(s->c->session, &every);
    if (every.n) printf("%s\n", every.at);
    fflush(stdout);
    arena_destroy(every.arena);
}

static void tell_start(const State *s)
{
    if (s->c->report != REPORT_json) {
        tell_schedule(s);
        return;
    }
    json_t *o = event("start", s);
    json_object_set_new(o, "version", json_string(TALLY_VERSION));
    json_object_set_new(o, "commit", json_string(build_commit()));
    json_object_set_new(o, "format", json_integer(GEN_FORMAT));
    json_object_set_new(o, "options", json_string(session_options_text(s->c->session)));
    json_object_set_new(o, "configurations", describe_configs(session_judge(s->c->session)));
    json_object_set_new(o, "seed", json_integer((json_int_t)s->c->seed));
    print_event(o);
}

static void print_finding(const State *s, const SessionEvent *e)
{
    hide_live(s);
    printf("seed %llu: %s%s: %s\n  signature %s\n", (unsigned long long)e->seed,
           e->flaky ? "flaky " : "", verdict_name(e->verdict.kind), e->verdict.text, e->signature);
    if (e->folder) printf("  saved; look at it: %s\n", e->command);
    fflush(stdout);
}

static void describe_finding(const State *s, const SessionEvent *e)
{
    json_t *o = event("finding", s);
    json_object_set_new(o, "seed", json_integer((json_int_t)e->seed));
    json_object_set_new(o, "signature", json_string(e->signature));
    json_object_set_new(o, "flaky", json_boolean(e->flaky));
    json_object_set_new(o, "folder", e->folder ? json_string(e->folder) : json_null());
    json_object_set_new(o, "reproduce", e->command ? json_string(e->command) : json_null());
    json_object_set_new(o, "verdict",
                        describe_verdict(session_judge(s->c->session), e->c, &e->verdict));
    print_event(o);
}

static void tell_finding(State *s, const SessionEvent *e)
{
    if (e->known) return;
    s->signatures += !e->flaky;
    s->found = s->now;
    if (s->c->report == REPORT_json) describe_finding(s, e);
    else print_finding(s, e);
}

static void tell_end(const State *s, int status)
{
    if (s->c->report == REPORT_json) {
        json_t *o = event("end", s);
        json_object_set_new(o, "status", json_integer(status));
        json_object_set_new(o, "counts", describe_counts(s->counts));
        print_event(o);
        return;
    }
    Buf text = {.arena = arena_create()};
    counts_write(&text, s->counts);
    hide_live(s);
    printf("%s\n", text.at);
    arena_destroy(text.arena);
}

/* ---- the loop ----------------------------------------------------------------------------- */

static bool is_done(const State *s)
{
    const Campaign *c = s->c;
    if (*c->signal || (c->stop && s->counts->findings)) return true;
    if (c->seconds) return s->now >= c->seconds * 1000;
    return s->counts->executions >= c->executions;
}

static void run_batches(State *s, bool all)
{
    SessionEvent e;
    while (!*s->c->signal && session_batch(s->c->session, all, &e)) tell_finding(s, &e);
}

static void run_seed(State *s)
{
    uint8_t bytes[GEN_SEED_BYTES];
    size_t n = gen_seed_bytes(s->seed, bytes, sizeof bytes);
    SessionEvent e;
    session_set_seed(s->c->session, s->seed);
    if (session_input(s->c->session, bytes, n, &e)) tell_finding(s, &e);
    run_batches(s, false);
}

static int status_of(const State *s)
{
    if (*s->c->signal) return 128 + *s->c->signal;
    if (s->counts->findings) return EXIT_FINDING;
    return s->counts->runs ? EXIT_AGREE : EXIT_UNJUDGED;
}

int campaign_run(const Campaign *c)
{
    State s = {.c = c, .counts = session_counts(c->session), .seed = c->seed};
    clock_gettime(CLOCK_MONOTONIC, &s.start);
    tell_start(&s);
    for (; !is_done(&s); s.seed++) {
        run_seed(&s);
        look_at_clock(&s);
        show_progress(&s);
    }
    run_batches(&s, true);
    int status = status_of(&s);
    tell_end(&s, status);
    return status;
}
