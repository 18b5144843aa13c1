#include "cli/cli.h"

#include "fuzz/replay.h"
#include "fuzz/repro.h"
#include "ir/write.h"
#include "oracle/describe.h"
#include "triage/picture.h"

typedef struct {
    FindingOptions finding;
    bool quiet, brief, small;
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
    case 's': o->brief = true; return 0;
    case 'm': o->small = true; return 0;
    case 'q': o->quiet = true; return 0;
    default: return cli_finding_option(&o->finding, key, arg, state);
    }
}

static void draw_code(Picture *p, const Repro *r)
{
    const Verdict *v = &r->verdict;
    const ConfigVec *configs = judge_configs(r->judge);
    const Config *shown = v->odd && v->odd->backend->code ? v->odd : NULL;
    for (uint32_t k = 0; k < configs->n && !shown; k++)
        if (configs->at[k]->backend->code) shown = configs->at[k];
    for (uint32_t k = 0; k < v->nballots; k++)
        if (configs->at[k] == shown) p->mark = v->ballots[k].outcome.offset;
    const char *refused;
    if (!shown || !judge_compile(r->judge, shown, r->saved.c, &refused)) return;
    buf_char(p->out, '\n');
    picture_code(p, shown, r->saved.c);
}

static void draw(const Repro *r, bool brief)
{
    const FindingRecord *f = &r->saved.record;
    Buf out = {.arena = r->arena};
    Picture p = {.out = &out, .colour = cli_is_terminal(), .mark = NO_OFFSET};
    if (f->word)
        buf_printf(&out, "%s\nfound by %s, tally %s, commit %s\n", f->signature, f->engine,
                   f->version, f->commit);
    buf_printf(&out, "%s: %s\n\n", verdict_name(r->verdict.kind), r->verdict.text);
    picture_difference(&p, r->judge, r->saved.c, &r->verdict);
    if (!brief) {
        buf_text(&out, "\nthe case:\n\n");
        case_write(&out, r->saved.c, NULL);
        draw_code(&p, r);
    }
    buf_char(&out, '\n');
    cli_put(buf_str(&out));
}

static void print_text(const Repro *r, const Options *o)
{
    for (uint32_t k = 0; k < r->saved.notes.n; k++) printf("note: %s\n", r->saved.notes.at[k]);
    if (!o->quiet && verdict_is_finding(r->verdict.kind)) draw(r, o->brief);
    printf("%s\n", r->said);
}

static void print_json(const Repro *r, const Options *o)
{
    json_t *one = json_pack("{s:s}", "path", o->finding.path), *notes = json_array();
    json_object_update_new(one, describe_verdict(r->judge, r->saved.c, &r->verdict));
    for (uint32_t k = 0; k < r->saved.notes.n; k++)
        json_array_append_new(notes, json_string(r->saved.notes.at[k]));
    json_object_set_new(one, "shows", json_boolean(r->status == EXIT_FINDING));
    json_object_set_new(one, "said", json_string(r->said));
    json_object_set_new(one, "fresh_processes", json_integer(REPLAYS));
    json_object_set_new(one, "shown_in_fresh", json_integer(r->fresh));
    json_object_set_new(one, "notes", notes);
    describe_print(one, stdout);
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
    Repro r = {.arena = arena_create(), .status = EXIT_INPUT};
    if (repro_load(&r, o.finding.path) && repro_open(&r, o.finding.backends)) {
        repro_run(&r);
        if (o.small && verdict_is_finding(r.verdict.kind)) repro_shrink(&r);
        if (o.finding.json) print_json(&r, &o);
        else print_text(&r, &o);
    }
    judge_destroy(r.judge);
    arena_destroy(r.arena);
    return cli_finish(r.status);
}
