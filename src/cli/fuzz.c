#include "cli/cli.h"

#include "fuzz/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    SessionOptions session;
    Campaign campaign;
} Options;

static const struct argp_option options[] = {
    {"seed", 's', "N", 0, "the first seed (default 0)", 0},
    {"executions", 'n', "N", 0, "stop after N executions (default 100000)", 0},
    {"time", 't', "SECONDS", 0, "stop after so many seconds instead", 0},
    {"backend", 'b', "LIST", 0, "configurations (default " DEFAULT_BACKENDS ")", 0},
    {"off", 'o', "LIST", 0, "switch families of shapes off", 0},
    {"every", 'e', "N,…", 0, "loaded back ends judge one case in N (default: as costs say)", 0},
    {"suppressions", 'k', "FILE", 0, "known defects, which are counted and no more", 0},
    {"findings", 'd', "DIR", 0, "where findings are saved (default findings)", 0},
    {"json", 'j', 0, 0, "one JSON object a line: start, findings, progress, end", 0},
    {"stop", 'x', 0, 0, "stop at the first finding", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 's': o->campaign.seed = cli_number(state, "--seed", arg); return 0;
    case 'n': o->campaign.executions = cli_number(state, "--executions", arg); return 0;
    case 't': o->campaign.seconds = cli_number(state, "--time", arg); return 0;
    case 'b': o->session.backends = arg; return 0;
    case 'o': o->session.off = arg; return 0;
    case 'e': o->session.every = arg; return 0;
    case 'k': o->session.suppressions = arg; return 0;
    case 'd': o->session.findings = arg; return 0;
    case 'j': o->campaign.report = REPORT_json; return 0;
    case 'x': o->campaign.stop = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not understood", arg); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static volatile sig_atomic_t interrupted;

/* What is under way is brought to an end, unless it is said twice. */
static void interrupt(int signal)
{
    if (interrupted) _exit(128 + signal);
    interrupted = signal;
}

int command_fuzz(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Generate a case from each seed in turn, run it in all configurations, compare, "
               "save what differs.\v"
               "TALLY_OPTIONS gives the same options to the fuzz programs. Ends with the counts "
               "line; exit status 1 when something was found, 5 when nothing could be judged, "
               "128 + signal when stopped by one.\n\n"
               "Example: tally fuzz --seed 1 --executions 1000",
    };
    Options o = {
        .campaign.executions = 100000,
        .session = {.findings = "findings", .batches = true},
    };
    const char *error = NULL;
    if (!session_options_read(&o.session, getenv("TALLY_OPTIONS"), &error)) {
        fprintf(stderr, "tally fuzz: TALLY_OPTIONS: %s\n", error);
        return EXIT_INPUT;
    }
    cli_parse(&argp, argc, argv, &o);
    Session *s = session_create(&o.session, "tally", &error);
    if (!s) {
        fprintf(stderr, "tally fuzz: %s\n", error);
        return EXIT_INPUT;
    }
    cli_problems("fuzz", session_judge(s));
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    o.campaign.session = s;
    o.campaign.signal = &interrupted;
    o.campaign.live = o.campaign.report == REPORT_text && cli_watches_stderr();
    int status = cli_judged("fuzz", session_judge(s), campaign_run(&o.campaign));
    session_destroy(s);
    return cli_finish(status);
}
