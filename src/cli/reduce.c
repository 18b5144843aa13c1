#include "cli/cli.h"

#include "base/file.h"
#include "fuzz/repro.h"
#include "oracle/describe.h"
#include "oracle/twin.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct {
    FindingOptions finding;
    const char *output;
    ReduceOptions reduce;
    bool quiet;
} Options;

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "configurations (default: those of the finding)", 0},
    {"output", 'o', "FILE", 0, "of a file: where the result goes (default: stdout)", 0},
    {"max-tries", 'n', "N", 0, "most candidates (default 20000)", 0},
    {"time", 't', "SECONDS", 0, "stop early, after so many seconds", 0},
    {"jobs", 'k', "N", 0, "processes (default: one a core)", 0},
    {"quiet", 'q', 0, 0, "do not show the result", 0},
    {"json", 'j', 0, 0, "one JSON object", 0},
    {0},
};

static uint32_t number(const struct argp_state *state, const char *option, const char *arg)
{
    uint64_t n = cli_number(state, option, arg);
    if (n == 0 || n > INT32_MAX) argp_error(state, "%s is between 1 and 2^31 - 1", option);
    return (uint32_t)n;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'o': o->output = arg; return 0;
    case 'n': o->reduce.tries = number(state, "--max-tries", arg); return 0;
    case 't': o->reduce.seconds = number(state, "--time", arg); return 0;
    case 'k': o->reduce.jobs = number(state, "--jobs", arg); return 0;
    case 'q': o->quiet = true; return 0;
    default: return cli_finding_option(&o->finding, key, arg, state);
    }
}

static volatile sig_atomic_t interrupted;

static void interrupt(int signal)
{
    if (interrupted) _exit(128 + signal);
    interrupted = signal;
}

static void show_progress(void *data, const ReduceProgress *p)
{
    (void)data;
    fprintf(stderr, "\r\033[K%u instructions of %u, %u candidates tried", p->insts, p->from,
            p->tries);
}

/* What ended it, for people; NULL when nothing was left to try. */
static const char *early_end(ReduceEnd end)
{
    switch (end) {
    case REDUCE_done: return NULL;
    case REDUCE_tries: return "stopped early: as many candidates as --max-tries allows";
    case REDUCE_hangs: return "stopped early: too many candidates hung";
    case REDUCE_time: return "stopped early: the time was up; called again, it goes on";
    case REDUCE_stopped: return "interrupted; called again, it goes on";
    case REDUCE_gone: return "nothing shows in a process of the reducer";
    }
    return NULL;
}

static bool write_file(const char *path, const Case *c, Arena *a)
{
    const char *error;
    if (file_write(path, case_text(c, a), &error)) return true;
    fprintf(stderr, "tally reduce: %s: %s\n", path, error);
    return false;
}

/* The files beside a finding, or the file that was asked for. */
static bool save(Repro *r, const Options *o)
{
    const char *reason;
    if (!r->saved.record.signature)
        return !o->output || write_file(o->output, r->saved.c, r->arena);
    const char *folder = o->finding.path;
    const char *path = arena_printf(r->arena, "%s/reduced.clif", folder);
    const char *upstream = arena_printf(r->arena, "%s/reduced-upstream.clif", folder);
    Case *twin = twin_make(r->judge, r->saved.c, 0, r->arena, &reason);
    if (!twin) unlink(upstream); /* of another reduction */
    return write_file(path, r->saved.c, r->arena) &&
           (!twin || write_file(upstream, twin, r->arena));
}

static void print_text(const Repro *r, const Options *o, const Reduced *d)
{
    const ReduceProgress *p = &d->progress;
    FILE *to = r->saved.record.signature || o->output ? stdout : stderr;
    if (!o->quiet && (to == stderr || !o->output)) cli_put(case_text(r->saved.c, r->arena));
    fprintf(to, "%u instructions of %u are left, %u candidates tried%s%s\n", p->insts, p->from,
            p->tries, early_end(d->end) ? "; " : "", early_end(d->end) ? early_end(d->end) : "");
    fprintf(to, "%s: %s\n", verdict_name(r->verdict.kind), r->verdict.text);
}

static void print_json(const Repro *r, const Options *o, const Reduced *d)
{
    const ReduceProgress *p = &d->progress;
    json_t *one = json_pack("{s:s, s:i, s:i, s:i, s:i, s:s?, s:s}", "path", o->finding.path,
                            "instructions", (int)p->insts, "from", (int)p->from,
                            "tries", (int)p->tries, "kept", (int)p->kept,
                            "stopped", early_end(d->end),
                            "case", case_text(r->saved.c, r->arena).at);
    json_object_update_new(one, describe_verdict(r->judge, r->saved.c, &r->verdict));
    describe_print(one, stdout);
}

static int reduce(Repro *r, Options *o)
{
    Reduced d;
    bool journal = r->saved.record.signature != NULL;
    if (journal) o->reduce.journal = arena_printf(r->arena, "%s/reducing.json", o->finding.path);
    if (cli_watches_stderr()) o->reduce.progress = show_progress;
    o->reduce.stop = &interrupted;
    signal(SIGINT, interrupt);
    signal(SIGTERM, interrupt);
    bool same = repro_reduce(r, o->reduce, &d);
    if (o->reduce.progress) fprintf(stderr, "\r\033[K");
    if (!same) return puts(r->said), r->status;
    if (!save(r, o)) return EXIT_RESOURCE;
    if (journal && d.end == REDUCE_done) unlink(o->reduce.journal);
    if (o->finding.json) print_json(r, o, &d);
    else print_text(r, o, &d);
    return interrupted ? 128 + interrupted : EXIT_FINDING;
}

int command_reduce(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE|FOLDER",
        .doc = "Make a finding small: take out and simplify what is not needed to show it, until "
               "nothing is left that can be taken. The configuration and the kind of what is wrong "
               "stay.\v"
               "Beside a finding it leaves reduced.clif and, where that can be said, "
               "reduced-upstream.clif, for Cranelift's own runner. The result does not depend on "
               "the number of processes. Interrupted, it goes on where it was when it is called "
               "again. "
               "Exit status 1 when there is a result, 6 when the finding no longer shows, shows "
               "something else or is flaky.\n\n"
               "Example: tally reduce findings/jit_none_sse2-memory-load_store",
    };
    Options o = {0};
    cli_parse(&argp, argc, argv, &o);
    Repro r = {.arena = arena_create(), .status = EXIT_INPUT};
    int status = EXIT_INPUT;
    if (repro_load(&r, o.finding.path) && repro_open(&r, o.finding.backends)) {
        repro_run(&r);
        if (r.status == EXIT_FINDING) status = reduce(&r, &o);
        else puts(r.said), status = r.status;
    }
    judge_destroy(r.judge);
    arena_destroy(r.arena);
    return cli_finish(status);
}
