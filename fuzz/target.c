#define _GNU_SOURCE
#include "fuzz/target.h"

#include "fuzz/frames.h"
#include "fuzz/replay.h"
#include "oracle/finding.h"
#include "oracle/process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static Session *session;
static volatile sig_atomic_t stopped_by;

/* A process that runs no inputs (libFuzzer's parent in fork mode) has nothing to count. */
static bool ran_nothing(void) { return session_counts(session)->inputs == 0; }

/* What is wrong with back ends, as far as it has not been said. */
static void complain(void)
{
    static size_t said;
    const char *problems = judge_problems(session_judge(session));
    Str left = {problems ? problems + said : "", problems ? strlen(problems + said) : 0};
    said += left.n;
    for (Str line; (line = str_next_word(&left, "\n")).n;)
        fprintf(stderr, "tally: %.*s\n", (int)line.n, line.at);
}

static void print_counts(void)
{
    if (ran_nothing()) return;
    complain();
    Buf text = {.arena = arena_create()};
    counts_write(&text, session_counts(session));
    printf("%s\n", text.at);
    fflush(stdout);
    arena_destroy(text.arena);
}

static void stop(int sig, siginfo_t *info, void *context)
{
    (void)info, (void)context;
    if (stopped_by || ran_nothing()) {
        process_kill_all();
        _exit(128 + sig);
    }
    stopped_by = sig;
}

static void print_first_line(void)
{
    const char *options = session_options_text(session);
    printf("tally %s, commit %s, format %d, options: %s; configurations:", TALLY_VERSION,
           build_commit(), GEN_FORMAT, *options ? options : "none");
    const ConfigVec *configs = judge_configs(session_judge(session));
    for (uint32_t k = 0; k < configs->n; k++) printf(" %s", configs->at[k]->name);
    printf("\n");
    fflush(stdout);
}

void target_start(const char *engine)
{
    SessionOptions o = {0};
    const char *error = NULL;
    setvbuf(stdout, NULL, _IOLBF, 0); /* AFL++ kills its processes */
    replay_if_asked();
    if (session_options_read(&o, getenv("TALLY_OPTIONS"), &error))
        session = session_create(&o, engine, &error);
    if (!session) {
        fprintf(stderr, "tally: TALLY_OPTIONS: %s\n", error);
        _exit(EXIT_INPUT);
    }
    complain();
    print_first_line();
    atexit(print_counts);
    struct sigaction action = {.sa_sigaction = stop, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* For somebody who has never seen one. */
static void explain_finding(const SessionEvent *e)
{
    printf("finding: case %u of the input, run %u: %s\nsignature: %s\n", e->index + 1,
           e->verdict.run + 1, e->verdict.text, e->signature);
    if (e->folder)
        printf("saved: %s\nlook at it: %s --small\nall of it:  %s\n", e->folder, e->command,
               e->command);
    else
        printf("not saved. To see what differs, give the input to this program once more:\n"
               "    TALLY_OPTIONS=\"%s%sfindings=findings\" %s FILE\n",
               session_options_text(session), *session_options_text(session) ? " " : "",
               program_invocation_name);
}

static _Noreturn void end_with(const SessionEvent *e)
{
    explain_finding(e);
    print_counts();
    process_stop_all();
    frames_abort(e->signature);
}

void target_seed(uint64_t seed) { session_set_seed(session, seed); }

void target_input(const uint8_t *bytes, size_t n)
{
    SessionEvent e;
    if (session_input(session, bytes, n, &e) && !e.flaky) end_with(&e);
    if (stopped_by) {
        print_counts();
        process_stop_all();
        _exit(128 + stopped_by);
    }
}
