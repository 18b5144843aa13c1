#include "cli/cli.h"

#include "base/file.h"
#include "fuzz/repro.h"
#include "oracle/twin.h"
#include "triage/issue.h"

#include <stdio.h>

typedef struct {
    FindingOptions finding;
    const char *output;
    bool issue;
} Options;

static const struct argp_option options[] = {
    {"issue", 'i', 0, 0, "an issue in Markdown, for whoever makes the code generator", 0},
    {"backend", 'b', "LIST", 0, "configurations (default: those of the finding)", 0},
    {"output", 'o', "FILE", 0, "where it goes (default: stdout)", 0},
    {"whole", 'w', 0, 0, "the case as found, even where there is a reduced.clif", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'i': o->issue = true; return 0;
    case 'o': o->output = arg; return 0;
    case ARGP_KEY_NO_ARGS:
    case ARGP_KEY_END:
        if (!o->issue) argp_error(state, "what is to be reported? --issue FINDING makes an issue");
        return cli_finding_option(&o->finding, key, arg, state);
    default: return cli_finding_option(&o->finding, key, arg, state);
    }
}

/* The twin of the run that differs. One that reducing left beside the finding is the same. */
static void make_twin(Issue *i, Arena *a)
{
    i->no_twin = "no interpreter takes part, which says what to expect";
    for (uint32_t k = 0; k < judge_configs(i->judge)->n; k++)
        if (judge_configs(i->judge)->at[k]->backend->run)
            i->twin = twin_make(i->judge, i->c, i->verdict->run, a, &i->no_twin);
}

static int put(const Options *o, Str text)
{
    const char *error;
    if (!o->output) return cli_put(text), EXIT_AGREE;
    if (file_write(o->output, text, &error)) return EXIT_AGREE;
    fprintf(stderr, "tally report: %s: %s\n", o->output, error);
    return EXIT_RESOURCE;
}

static int report(Repro *r, const Options *o)
{
    Buf text = {.arena = r->arena};
    Issue i = {
        .judge = r->judge,
        .c = r->saved.c,
        .verdict = &r->verdict,
        .record = r->saved.record.word ? &r->saved.record : NULL,
        .reduced = r->reduced,
    };
    make_twin(&i, r->arena);
    issue_write(&text, &i);
    return put(o, buf_str(&text));
}

/* Nothing is reported that is not there. */
static int refuse(const Repro *r, const Options *o)
{
    fprintf(stderr, "tally report: %s: %s\n", o->finding.path, r->said);
    for (uint32_t k = 0; k < r->saved.notes.n; k++)
        fprintf(stderr, "note: %s\n", r->saved.notes.at[k]);
    if (r->reduced) fputs("note: that is reduced.clif; --whole judges the case as found\n", stderr);
    return r->status == EXIT_AGREE ? EXIT_GONE : r->status;
}

int command_report(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "--issue FINDING",
        .doc = "Make something for others of a finding. With --issue: Markdown that can be filed, "
               "with title, case, commands to see it again, what was expected and what came, who "
               "voted how, versions and CPU features, and no path of this machine.\v"
               "FINDING is a folder, whose reduced.clif is taken where there is one, or a CLIF "
               "file. It is judged first, here and in fresh processes: exit status 6, and no "
               "report, when it no longer shows, shows something else or is flaky, 5 when this "
               "machine cannot judge it.\n\n"
               "Example: tally report --issue findings/jit_none_sse2-memory-load_store",
    };
    Options o = {0};
    cli_parse(&argp, argc, argv, &o);
    Repro r = {.arena = arena_create(), .status = EXIT_INPUT};
    int status = EXIT_INPUT;
    const FindingOptions *f = &o.finding;
    if (repro_load(&r, f->path) && (f->whole || repro_take_reduced(&r, f->path)) &&
        repro_open(&r, f->backends)) {
        repro_run(&r);
        status = r.status == EXIT_FINDING ? report(&r, &o) : refuse(&r, &o);
    }
    judge_destroy(r.judge);
    arena_destroy(r.arena);
    return cli_finish(status);
}
