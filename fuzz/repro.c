#include "fuzz/repro.h"

#include "fuzz/replay.h"
#include "ir/load.h"
#include "ir/write.h"
#include "reduce/shrink.h"
#include "reduce/signature.h"

#include <stdio.h>
#include <sys/stat.h>

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool load_file(Repro *r, const char *path)
{
    Diag d = {.arena = r->arena, .file = path};
    r->saved.c = case_load(&d);
    diag_print(&d, stderr);
    return r->saved.c != NULL;
}

bool repro_load(Repro *r, const char *path)
{
    const char *error = NULL;
    if (!is_folder(path)) return load_file(r, path);
    if (reload(&r->saved, r->arena, path, &error) &&
        session_options_read(&r->session, r->saved.record.options, &error)) {
        r->session.backends = r->saved.record.configs;
        return true;
    }
    if (error) fprintf(stderr, "%s: error: %s\n", path, error);
    return false;
}

bool repro_take_reduced(Repro *r, const char *folder)
{
    const char *path = arena_printf(r->arena, "%s/reduced.clif", folder);
    struct stat s;
    if (!r->saved.record.word || stat(path, &s) != 0) return true;
    r->reduced = true;
    return load_file(r, path);
}

JudgeOptions repro_judge_options(const Repro *r)
{
    return (JudgeOptions){
        .backends = r->session.backends,
        .fuel = r->session.fuel,
        .limit_ms = r->session.limit_ms,
        .compile_seconds = r->session.compile_seconds,
        .leak_mib = r->session.leak_mib,
    };
}

bool repro_open(Repro *r, const char *list)
{
    const char *error;
    if (list) r->session.backends = list;
    JudgeOptions o = repro_judge_options(r);
    r->judge = judge_create(&o, &error);
    if (!r->judge) fprintf(stderr, "tally: %s\n", error);
    else if (judge_problems(r->judge)) fprintf(stderr, "tally: %s", judge_problems(r->judge));
    return r->judge && !judge_problems(r->judge); /* all of them, or it is another question */
}

static void say(Repro *r, int status, const char *text)
{
    r->status = status;
    r->said = text;
}

static void run_fresh(Repro *r, const char *expected)
{
    Replay again = {case_text(r->saved.c, r->arena), true, &r->session, expected};
    r->fresh = replay_shows(&again, REPLAYS, r->arena);
}

static int status_of_nothing(const Repro *r)
{
    if (r->saved.lacks_features || r->verdict.kind == VERDICT_unjudged) return EXIT_UNJUDGED;
    if (r->saved.record.word) return EXIT_GONE;
    return r->verdict.kind == VERDICT_agree ? EXIT_AGREE : EXIT_UNJUDGED;
}

static void say_nothing_shows(Repro *r)
{
    const Verdict *v = &r->verdict;
    const char *head = r->saved.record.word ? "no longer shows" : "does not show";
    say(r, status_of_nothing(r),
        arena_printf(r->arena, "%s: %s", head, *v->text ? v->text : verdict_meaning(v->kind)));
}

/* `KIND in CONFIGURATION`: from the configuration on. */
static const char *named(const char *word)
{
    return strstr(word, " in ");
}

/* What must come again: what was saved; of a reduced case the same of the same configuration, of a
 * kind that may be nearer to the mistake. */
static const char *expected_word(const Repro *r, const char *now)
{
    const char *saved = r->saved.record.word;
    bool nearer = saved && r->reduced && verdict_is_finding(r->verdict.kind) &&
                  !strcmp(named(saved), named(now));
    return saved && !nearer ? saved : now;
}

void repro_run(Repro *r)
{
    judge_case(r->judge, r->saved.c, &r->verdict);
    if (r->saved.record.word && !r->saved.record.alone) {
        say(r, EXIT_UNJUDGED, "came of many cases, and no single one shows it: see its README");
        return;
    }
    bool found = verdict_is_finding(r->verdict.kind);
    const char *saved = r->saved.record.word, *now = replay_word(r->arena, &r->verdict);
    const char *expected = expected_word(r, now);
    bool same = found && !strcmp(expected, now);
    if (found || saved) run_fresh(r, expected);
    if (r->fresh != (same ? REPLAYS : 0))
        say(r, EXIT_GONE,
            arena_printf(r->arena, "flaky: %s here, and shows in %u of %d fresh processes",
                         same ? "shows" : "does not show", r->fresh, REPLAYS));
    else if (same)
        say(r, EXIT_FINDING,
            arena_printf(r->arena, "shows, in %d of %d fresh processes too", REPLAYS, REPLAYS));
    else if (found)
        say(r, EXIT_GONE, arena_printf(r->arena, "shows something else: it was %s", expected));
    else
        say_nothing_shows(r);
}

void repro_shrink(Repro *r)
{
    Verdict left;
    r->saved.c =
        shrink_case(r->judge, r->saved.c, &r->verdict, r->arena, SMALL_TRIES, &left);
    judge_case(r->judge, r->saved.c, &r->verdict);
}

/* What the finding's signature has: the kind that is nearest to the mistake among those that few
 * changes lead to. */
static VerdictKind nearest_kind(Repro *r)
{
    Verdict left;
    shrink_case(r->judge, r->saved.c, &r->verdict, r->arena, SIGNATURE_TRIES, &left);
    return left.kind;
}

/* Of a run of a candidate, where each that is kept takes so long. */
enum { HANG_MS = 50 };

bool repro_reduce(Repro *r, ReduceOptions o, Reduced *out)
{
    const char *was = replay_word(r->arena, &r->verdict);
    JudgeOptions judge = repro_judge_options(r);
    bool hangs = r->verdict.kind == VERDICT_hang;
    if (hangs && (!judge.limit_ms || judge.limit_ms > HANG_MS)) judge.limit_ms = HANG_MS;
    o.judge = &judge;
    o.nearest = nearest_kind(r);
    judge_destroy(r->judge);
    r->judge = NULL; /* each process of the reducer has one */
    reduce_case(&o, r->saved.c, r->arena, out);
    if (!repro_open(r, NULL)) return false;
    r->saved.c = out->c;
    r->saved.record.word = NULL; /* another kind may have come of it */
    repro_run(r);
    if (r->status == EXIT_FINDING) return true;
    if (r->status == EXIT_AGREE) say(r, EXIT_GONE, "shows nothing in a process of the reducer");
    r->said = arena_printf(r->arena, "%s; it was %s", r->said, was);
    return false;
}
