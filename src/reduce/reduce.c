/* Who decides: gives out places to try, and takes answers in the order of the places. */
#define _GNU_SOURCE
#include "reduce/reduce.h"

#include "base/hash.h"
#include "ir/read.h"
#include "ir/write.h"
#include "reduce/journal.h"
#include "reduce/team.h"

#include <time.h>
#include <unistd.h>

enum {
    PLACES_A_TASK = 8,
    TASKS_MAX = REDUCE_JOBS_MAX,
    HANGS_MAX = 60,
    TICK_MS = 200, /* how often it is looked whether the time is up */
};

typedef struct {
    uint32_t who;
    bool answered;
    Answer answer;
} Given;

typedef struct {
    const ReduceOptions *o;
    Team *team;
    uint32_t jobs;
    Arena *text, *spare; /* of the case's text, and of the one before it */
    JournalEntry e;      /* what is decided */
    Given given[TASKS_MAX]; /* in the order of their places, from number `first` on */
    uint32_t first, last;
    bool busy[REDUCE_JOBS_MAX];
    time_t deadline;
    ReduceEnd end;
    bool ended;
} Reducer;

static time_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

static void finish(Reducer *r, ReduceEnd end)
{
    if (!r->ended) r->end = end;
    r->ended = true;
}

/* Whether it is known that something will be decided otherwise than by going on: no place behind
 * that is needed. */
static bool is_at_turn(const Reducer *r)
{
    for (uint32_t k = r->first; k != r->last; k++) {
        const Given *g = &r->given[k % TASKS_MAX];
        if (g->answered && (g->answer.kept || g->answer.hung || g->answer.over)) return true;
    }
    return false;
}

static void give_out(Reducer *r)
{
    if (is_at_turn(r)) return;
    for (uint32_t k = 0; k < r->jobs && !r->ended; k++) {
        if (r->busy[k]) continue;
        uint32_t ahead = r->last - r->first;
        if (ahead == TASKS_MAX) return;
        Task task = {r->e.at, r->e.skip + ahead * PLACES_A_TASK, PLACES_A_TASK};
        r->given[r->last++ % TASKS_MAX] = (Given){.who = k};
        r->busy[k] = true;
        team_ask(r->team, k, &task);
    }
}

static void note_answer(Reducer *r, uint32_t who, const Answer *a)
{
    r->busy[who] = false;
    for (uint32_t k = r->first; k != r->last; k++) {
        Given *g = &r->given[k % TASKS_MAX];
        if (g->who != who || g->answered) continue;
        g->answered = true;
        g->answer = *a;
        return;
    }
}

/* What was given out behind the decision is not needed. */
static void forget(Reducer *r)
{
    Answer nothing;
    team_hurry(r->team);
    for (uint32_t k = 0; k < r->jobs; k++)
        while (r->busy[k]) {
            uint32_t who = team_wait(r->team, -1, &nothing);
            if (who != UINT32_MAX) r->busy[who] = false;
        }
    r->first = r->last;
}

static void take(Reducer *r, const Given *g)
{
    Arena *old = r->text;
    Str text = team_kept(r->team, g->who);
    r->text = r->spare;
    r->spare = old;
    arena_reset(r->text);
    r->e.text = (Str){arena_strndup(r->text, text.at, text.n), text.n};
    r->e.at = g->answer.after;
    r->e.skip = 0;
    r->e.p.kept++;
    r->e.p.insts = g->answer.insts;
    team_show(r->team, r->e.text);
    if (r->o->journal) journal_write(r->o->journal, &r->e);
    if (r->o->progress) r->o->progress(r->o->data, &r->e.p);
}

/* The answer about the first places that are not decided. True when those behind it stand. */
static bool decide(Reducer *r, const Given *g)
{
    const Answer *a = &g->answer;
    uint32_t limit = r->o->tries ? r->o->tries : REDUCE_TRIES;
    bool within = r->e.p.tries + a->tries <= limit;
    r->e.p.tries = (uint32_t)min_u64(r->e.p.tries + a->tries, limit);
    r->e.skip += a->places;
    r->e.hangs += a->hung;
    if (a->gone) finish(r, REDUCE_gone);
    else if (!within) finish(r, REDUCE_tries);
    else if (r->e.hangs > HANGS_MAX) finish(r, REDUCE_hangs);
    else if (a->over) finish(r, REDUCE_done);
    if (r->ended || !(a->kept || a->hung)) return true;
    forget(r);
    if (a->kept) take(r, g);
    return false;
}

static void decide_all(Reducer *r)
{
    while (r->first != r->last && r->given[r->first % TASKS_MAX].answered && !r->ended) {
        Given g = r->given[r->first++ % TASKS_MAX];
        if (!decide(r, &g)) return;
    }
}

static void look_at_clock(Reducer *r)
{
    if (r->o->stop && *r->o->stop) finish(r, REDUCE_stopped);
    else if (r->o->seconds && now() >= r->deadline) finish(r, REDUCE_time);
}

static void run(Reducer *r)
{
    Answer answer;
    team_show(r->team, r->e.text);
    while (look_at_clock(r), !r->ended) {
        give_out(r);
        uint32_t who = team_wait(r->team, TICK_MS, &answer);
        if (who != UINT32_MAX) note_answer(r, who, &answer);
        decide_all(r);
    }
    if (r->o->journal && r->end != REDUCE_done && r->end != REDUCE_gone)
        journal_write(r->o->journal, &r->e);
}

static uint32_t count_jobs(const ReduceOptions *o)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t jobs = o->jobs ? o->jobs : cores > 0 ? (uint32_t)cores : 1;
    return (uint32_t)min_u64(jobs, REDUCE_JOBS_MAX);
}

void reduce_case(const ReduceOptions *o, const Case *c, Arena *a, Reduced *out)
{
    Reducer r = {.o = o, .jobs = count_jobs(o), .text = arena_create(), .spare = arena_create()};
    r.deadline = now() + (time_t)o->seconds;
    r.e.text = case_text(c, r.text);
    r.e.of = hash_bytes(r.e.text.at, r.e.text.n);
    r.e.p.from = r.e.p.insts = module_inst_count(c->module);
    bool resumed = o->journal && journal_read(o->journal, r.text, &r.e);
    r.team = team_create(o, r.jobs, a);
    run(&r);
    team_destroy(r.team);
    Diag d = {.arena = a, .file = "reduced"};
    Str text = {arena_strndup(a, r.e.text.at, r.e.text.n), r.e.text.n};
    *out = (Reduced){case_read(a, "reduced", text, &d), r.e.p, r.end, resumed};
    CHECK(out->c);
    arena_destroy(r.text);
    arena_destroy(r.spare);
}
