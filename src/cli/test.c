#include "cli/cli.h"

#include "triage/tester.h"

#include <stdio.h>

typedef struct {
    const char *backends;
    char **paths;
    uint32_t npaths;
    TesterReport report;
    bool skips;
} Options;

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "configurations (default " DEFAULT_BACKENDS ")", 0},
    {"skips", 's', 0, 0, "end with a table of the reasons for skipping", 0},
    {"json", 'j', 0, 0, "one JSON object a line: failures, files, sums", 0},
    {"verbose", 'v', 0, 0, "a line for each file", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'b': o->backends = arg; return 0;
    case 's': o->skips = true; return 0;
    case 'v': o->report = TESTER_VERBOSE; return 0;
    case 'j': o->report = TESTER_JSON; return 0;
    case ARGP_KEY_ARGS:
        o->paths = state->argv + state->next;
        o->npaths = (uint32_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which file or folder?"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int test_all(const Options *o, Judge *j)
{
    Tester *t = tester_create(j, o->report);
    for (uint32_t k = 0; k < o->npaths; k++) tester_run(t, o->paths[k]);
    tester_print_end(t, o->skips);
    TesterCounts n = tester_counts(t);
    tester_destroy(t);
    if (n.failed) return n.failed == n.bad_files ? EXIT_INPUT : EXIT_FINDING;
    return n.passed ? EXIT_AGREE : EXIT_UNJUDGED;
}

int command_test(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "PATH…",
        .doc = "Check the run lines of CLIF files, or of all .clif files in folders, in each "
               "configuration by itself.\v"
               "docs/clif-tests.md describes the lines. Each line counts once a configuration; "
               "the last line of output is `N passed, N failed, N skipped`.\n\n"
               "Example: tally test --backend interp corpus/regressions",
    };
    Options o = {0};
    cli_parse(&argp, argc, argv, &o);
    Judge *j = cli_judge("test", &(JudgeOptions){.backends = o.backends,
                                                 .fuel = UINT64_C(50000000)});
    if (!j) return EXIT_INPUT;
    int status = cli_judged("test", j, test_all(&o, j));
    judge_destroy(j);
    return cli_finish(status);
}
