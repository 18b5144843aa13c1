#include "cli/cli.h"

#include "fuzz/repro.h"
#include "triage/regression.h"

#include <stdio.h>

typedef struct {
    const char *backends, *path;
    bool whole;
    Regression regression;
} Options;

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "judge it in these configurations (default: the finding's)", 0},
    {"folder", 'd', "DIR", 0, "where they are kept (default corpus/regressions)", 0},
    {"name", 'n', "NAME", 0, "of the file (default: words of the cause)", 0},
    {"whole", 'w', 0, 0, "the case as found, even where there is a reduced.clif", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'b': o->backends = arg; return 0;
    case 'd': o->regression.folder = arg; return 0;
    case 'n': o->regression.name = arg; return 0;
    case 'w': o->whole = true; return 0;
    case ARGP_KEY_ARG:
        if (o->regression.cause) argp_error(state, "the cause is one argument, in quotes");
        if (o->path) o->regression.cause = arg;
        else o->path = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->regression.cause) argp_error(state, "which finding, and what was its cause?");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* Whether the defect is there today; the file is of use either way. */
static const char *show_again(Repro *r, const Options *o)
{
    r->said = "not judged here: a configuration is not there";
    if (repro_open(r, o->backends)) repro_run(r);
    judge_destroy(r->judge); /* heaps have one address: the interpreter alone is next */
    return r->said;
}

static int add(Repro *r, Options *o)
{
    Regression *add = &o->regression;
    Judge *interp = cli_judge("add-regression", &(JudgeOptions){.backends = "interp",
                                                                .fuel = UINT64_C(50000000)});
    if (!interp) return EXIT_INPUT;
    int status = regression_add(add, interp, r->saved.c, r->arena);
    if (status == EXIT_AGREE) puts(add->said);
    else fprintf(stderr, "tally add-regression: %s\n", add->said);
    judge_destroy(interp);
    return status;
}

int command_add_regression(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FINDING CAUSE",
        .doc = "Keep a finding as a test that every build replays: a file in corpus/regressions "
               "with the cause on top, and run lines that say what the interpreter makes of the "
               "case.\v"
               "FINDING is the folder of a finding, whose reduced.clif is taken where there is "
               "one, or a CLIF file. CAUSE is a sentence. What is there is never overwritten, and "
               "a case that is there already is refused, with the name of its file. Whether the "
               "finding still shows is said, too: it need not.\n\n"
               "Example: tally add-regression findings/jit_none_sse2-memory-load_store \"a load "
               "was moved over a store to the same slot\"",
    };
    Options o = {.regression.folder = "corpus/regressions"};
    cli_parse(&argp, argc, argv, &o);
    Repro r = {.arena = arena_create()};
    int status = EXIT_INPUT;
    if (repro_load(&r, o.path) && (o.whole || repro_take_reduced(&r, o.path))) {
        const char *shows = show_again(&r, &o);
        status = add(&r, &o);
        if (status == EXIT_AGREE) printf("%s\n", shows);
    }
    arena_destroy(r.arena);
    return cli_finish(status);
}
