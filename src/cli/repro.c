#include "cli/cli.h"

#include "fuzz/replay.h"
#include "ir/write.h"
#include "oracle/describe.h"
#include "oracle/shrink.h"
#include "triage/picture.h"
#include "triage/reload.h"

#include <stdio.h>
#include <sys/stat.h>

typedef struct {
    const char *backends, *path;
    bool quiet, brief, small, json;
} Options;

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "configurations (default: those of the finding)", 0},
    {"brief", 's', 0, 0, "what differs, without module and machine code", 0},
    {"small", 'm', 0, 0, "show what is left when all that is not needed is taken out", 0},
    {"quiet", 'q', 0, 0, "only say whether it still shows", 0},
    {"json", 'j', 0, 0, "one JSON object", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'b': o->backends = arg; return 0;
    case 's': o->brief = true; return 0;
    case 'm': o->small = true; return 0;
    case 'q': o->quiet = true; return 0;
    case 'j': o->json = true; return 0;
    case ARGP_KEY_ARG:
        if (o->path) argp_error(state, "one finding at a time");
        o->path = arg;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which finding?"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

enum { SMALL_TRIES = 20000 };

/* A finding while it is shown again. */
typedef struct {
    const Options *options;
    Arena *arena;
    Reloaded saved; /* of a plain file only the case */
    SessionOptions session;
    Judge *judge;
    Verdict verdict;
    uint32_t fresh; /* in how many of REPLAYS fresh processes it shows */
    const char *said;
    int status;
} Repro;

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool load(Repro *r)
{
    const char *path = r->options->path, *error = NULL;
    if (!is_folder(path)) return (r->saved.c = cli_read_case(r->arena, path)) != NULL;
    if (reload(&r->saved, r->arena, path, &error) &&
        session_options_read(&r->session, r->saved.record.options, &error)) {
        r->session.backends = r->saved.record.configs;
        return true;
    }
    if (error) fprintf(stderr, "%s: error: %s\n", path, error);
    return false;
}

static bool open_judge(Repro *r)
{
    const char *error;
    if (r->options->backends) r->session.backends = r->options->backends;
    r->judge = judge_create(&(JudgeOptions){.backends = r->session.backends,
                                            .fuel = r->session.fuel,
                                            .limit_ms = r->session.limit_ms},
                            &error);
    if (!r->judge) fprintf(stderr, "tally repro: %s\n", error);
    return r->judge != NULL;
}

static int unfound_status(const Repro *r)
{
    if (r->saved.lacks_features || r->verdict.kind == VERDICT_unjudged) return EXIT_UNJUDGED;
    if (r->saved.record.word) return EXIT_GONE;
    return r->verdict.kind == VERDICT_agree ? EXIT_AGREE : EXIT_UNJUDGED;
}

static void say(Repro *r, int status, const char *text)
{
    r->status = status;
    r->said = text;
}

/* What was expected against what happened here and in fresh processes. */
static void conclude(Repro *r)
{
    const Verdict *v = &r->verdict;
    Arena *a = r->arena;
    bool found = verdict_is_finding(v->kind);
    const char *expected = r->saved.record.word, *now = replay_word(a, v);
    if (!expected) expected = now;
    bool same = found && !strcmp(expected, now);
    if (found || r->saved.record.word) {
        Buf text = {.arena = a};
        case_write(&text, r->saved.c, NULL);
        Replay again = {buf_str(&text), true, &r->session, expected};
        r->fresh = replay_shows(&again, REPLAYS, a);
    }
    if (r->fresh != (same ? REPLAYS : 0))
        say(r, EXIT_GONE, arena_printf(a, "flaky: %s here, and shows in %u of %d fresh processes",
                                       same ? "shows" : "does not show", r->fresh, REPLAYS));
    else if (same)
        say(r, EXIT_FINDING, arena_printf(a, "shows, in %d of %d fresh processes too", REPLAYS,
                                          REPLAYS));
    else if (found)
        say(r, EXIT_GONE, arena_printf(a, "shows something else: it was %s", expected));
    else
        say(r, unfound_status(r), arena_printf(a, "%s: %s", r->saved.record.word ? "no longer shows"
                                                                                 : "does not show",
                                               *v->text ? v->text : verdict_meaning(v->kind)));
}

static void draw_code(Picture *p, Repro *r)
{
    const Verdict *v = &r->verdict;
    const ConfigVec *configs = judge_configs(r->judge);
    const Config *shown = v->odd && v->odd->backend->code ? v->odd : NULL;
    for (uint32_t k = 0; k < configs->n && !shown; k++)
        if (configs->at[k]->backend->code) shown = configs->at[k];
    for (uint32_t k = 0; k < v->nballots; k++)
        if (configs->at[k] == shown) p->mark = v->ballots[k].outcome.offset;
    const char *refused;
    if (!shown || !judge_compile(r->judge, shown, r->saved.c->module, &refused)) return;
    buf_char(p->out, '\n');
    picture_code(p, shown, r->saved.c);
}

/* Puts a small case with the same fault in the place of the finding's. */
static void shrink(Repro *r)
{
    Verdict left;
    r->saved.c = shrink_case(r->judge, r->saved.c, &r->verdict, r->arena, SMALL_TRIES, &left);
    judge_case(r->judge, r->saved.c, &r->verdict);
}

static void draw(Repro *r)
{
    const FindingRecord *f = &r->saved.record;
    Buf out = {.arena = r->arena};
    Picture p = {.out = &out, .colour = cli_is_terminal(), .mark = NO_OFFSET};
    if (f->word)
        buf_printf(&out, "%s\nfound by %s, tally %s, commit %s\n", f->signature, f->engine,
                   f->version, f->commit);
    buf_printf(&out, "%s: %s\n\n", verdict_name(r->verdict.kind), r->verdict.text);
    picture_difference(&p, r->judge, r->saved.c, &r->verdict);
    if (!r->options->brief) {
        buf_text(&out, "\nthe case:\n\n");
        case_write(&out, r->saved.c, NULL);
        draw_code(&p, r);
    }
    buf_char(&out, '\n');
    cli_put(buf_str(&out));
}

static void print_text(Repro *r)
{
    for (uint32_t k = 0; k < r->saved.notes.n; k++) printf("note: %s\n", r->saved.notes.at[k]);
    if (!r->options->quiet && verdict_is_finding(r->verdict.kind)) draw(r);
    printf("%s\n", r->said);
}

static void print_json(const Repro *r)
{
    json_t *o = describe_verdict(r->judge, r->saved.c, &r->verdict), *notes = json_array();
    for (uint32_t k = 0; k < r->saved.notes.n; k++)
        json_array_append_new(notes, json_string(r->saved.notes.at[k]));
    json_object_set_new(o, "path", json_string(r->options->path));
    json_object_set_new(o, "shows", json_boolean(r->status == EXIT_FINDING));
    json_object_set_new(o, "said", json_string(r->said));
    json_object_set_new(o, "fresh_processes", json_integer(REPLAYS));
    json_object_set_new(o, "shown_in_fresh", json_integer(r->fresh));
    json_object_set_new(o, "notes", notes);
    describe_print(o, stdout);
}

int command_repro(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE|FOLDER",
        .doc = "Show a finding again: what each configuration made of it, the heaps side by side "
               "with the differing bytes marked, the case, and its machine code.\v"
               "It runs here and in three fresh processes. Exit status 1 when it shows, 6 when it "
               "no longer shows, shows something else or is flaky, 5 when this machine cannot "
               "judge it.\n\n"
               "Example: tally repro findings/jit_none_sse2-memory-load_store",
    };
    Options o = {0};
    cli_parse(&argp, argc, argv, &o);
    Repro r = {.options = &o, .arena = arena_create(), .status = EXIT_INPUT};
    if (load(&r) && open_judge(&r)) {
        judge_case(r.judge, r.saved.c, &r.verdict);
        conclude(&r);
        if (o.small && verdict_is_finding(r.verdict.kind)) shrink(&r);
        if (o.json) print_json(&r);
        else print_text(&r);
    }
    judge_destroy(r.judge);
    arena_destroy(r.arena);
    return cli_finish(r.status);
}
