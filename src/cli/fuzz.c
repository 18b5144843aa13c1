#include "cli/cli.h"

#include "fuzz/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef struct {
    SessionOptions session;
    uint64_t seed, executions, seconds;
    bool stop;
} Options;

static const struct argp_option options[] = {
    {"seed", 's', "N", 0, "the first seed (default 0)", 0},
    {"executions", 'n', "N", 0, "stop after N executions (default 100000)", 0},
    {"time", 't', "SECONDS", 0, "stop after so many seconds instead", 0},
    {"backend", 'b', "LIST", 0, "configurations (default " DEFAULT_BACKENDS ")", 0},
    {"off", 'o', "LIST", 0, "switch families of shapes off", 0},
    {"findings", 'd', "DIR", 0, "where findings are saved (default findings)", 0},
    {"stop", 'x', 0, 0, "stop at the first finding", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 's': o->seed = cli_number(state, "--seed", arg); return 0;
    case 'n': o->executions = cli_number(state, "--executions", arg); return 0;
    case 't': o->seconds = cli_number(state, "--time", arg); return 0;
    case 'b': o->session.backends = arg; return 0;
    case 'o': o->session.off = arg; return 0;
    case 'd': o->session.findings = arg; return 0;
    case 'x': o->stop = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not understood", arg); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    interrupted = signal;
}

static void print_counts(Session *s, FILE *out)
{
    Arena *a = arena_create();
    Buf text = {.arena = a};
    counts_write(&text, session_counts(s));
    fprintf(out, "%s\n", text.at);
    arena_destroy(a);
}

static void print_finding(const SessionEvent *e, uint64_t seed)
{
    if (e->known) return;
    printf("seed %llu: %s%s: %s\n  signature %s\n", (unsigned long long)seed,
           e->flaky ? "flaky " : "", verdict_name(e->verdict.kind), e->verdict.text, e->signature);
    if (e->folder) printf("  saved; look at it: %s\n", e->command);
    fflush(stdout);
}

static bool is_done(const Options *o, Session *s, time_t start)
{
    if (interrupted || (o->stop && session_counts(s)->findings)) return true;
    if (o->seconds) return (uint64_t)(time(NULL) - start) >= o->seconds;
    return session_counts(s)->executions >= o->executions;
}

static int campaign(const Options *o, Session *s)
{
    time_t start = time(NULL);
    bool progress = cli_is_terminal();
    for (uint64_t seed = o->seed; !is_done(o, s, start); seed++) {
        uint8_t bytes[GEN_SEED_BYTES];
        size_t n = gen_seed_bytes(seed, bytes, sizeof bytes);
        SessionEvent e;
        session_set_seed(s, seed);
        if (session_input(s, bytes, n, &e)) print_finding(&e, seed);
        if (progress && seed % 8192 == 0)
            fprintf(stderr, "\r%llu executions, %llu findings ",
                    (unsigned long long)session_counts(s)->executions,
                    (unsigned long long)session_counts(s)->findings);
    }
    if (progress) fputc('\n', stderr);
    print_counts(s, stdout);
    if (interrupted) return 128 + interrupted;
    return session_counts(s)->findings ? EXIT_FINDING : EXIT_AGREE;
}

int command_fuzz(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Generate a case from each seed in turn, run it in all configurations, compare, "
               "save what differs.\v"
               "TALLY_OPTIONS gives the same options to the fuzz programs. Ends with the counts "
               "line; exit status 1 when something was found.\n\n"
               "Example: tally fuzz --seed 1 --executions 1000",
    };
    Options o = {.executions = 100000, .session.findings = "findings"};
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
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    int status = campaign(&o, s);
    session_destroy(s);
    return cli_finish(status);
}
