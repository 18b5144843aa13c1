/* Showing a finding again: here, and in fresh processes, against what was saved.
 *
 *     Repro r = {.arena = a};
 *     if (!repro_load(&r, "findings/NAME") || !repro_open(&r, NULL)) return EXIT_INPUT;
 *     repro_run(&r);
 *     puts(r.said);                  "shows, in 3 of 3 fresh processes too"
 *     return r.status;
 */
#ifndef FUZZ_REPRO_H
#define FUZZ_REPRO_H

#include "fuzz/session.h"
#include "reduce/reduce.h"
#include "triage/reload.h"

typedef struct {
    Arena *arena;
    Reloaded saved; /* of a plain file only the case; `saved.c` is what is judged */
    SessionOptions session;
    Judge *judge;
    Verdict verdict;
    uint32_t fresh;   /* in how many of REPLAYS fresh processes it shows */
    bool reduced;     /* the case is reduced.clif */
    const char *said; /* how it came out */
    int status;       /* EXIT_FINDING: shows; EXIT_GONE: does not, shows something else, flaky;
                         EXIT_UNJUDGED: this machine or build cannot say; EXIT_AGREE: a plain file
                         in which nothing differs */
} Repro;

/* A case file, `-`, or the folder of a finding. False after a message. */
bool repro_load(Repro *r, const char *path);

/* Takes reduced.clif of the finding's folder, where there is one, in place of the case as found: it
 * shows the same when the same configuration is named, with whatever kind was left. False after a
 * message when it cannot be read. */
bool repro_take_reduced(Repro *r, const char *folder);

/* Opens the finding's configurations, or those of `list`. False after a message. */
bool repro_open(Repro *r, const char *list);

/* What the session's options say to a judge. */
JudgeOptions repro_judge_options(const Repro *r);

void repro_run(Repro *r);

/* Puts a small case that shows the same in the place of the finding's. */
void repro_shrink(Repro *r);

/* Reduces a case that shows, by what `o` says of limits and progress: puts what is left of it in
 * its place, and runs that here and in fresh processes, as repro_run does. False when the case has
 * come to show something else on the way: r->said says what. */
bool repro_reduce(Repro *r, ReduceOptions o, Reduced *out);

#endif
