/* Replaying what differed in fresh processes of this very program: what does not repeat there is no
 * finding yet.
 *
 *     Replay r = {.text = input, .options = &options, .word = replay_word(a, &verdict)};
 *     if (replay_shows(&r, 3, arena) < 3) …                  flaky
 *
 * The bytes are handed over in memory (memfd), so that nothing is left behind by whoever is killed.
 */
#ifndef FUZZ_REPLAY_H
#define FUZZ_REPLAY_H

#include "fuzz/session.h"

typedef struct {
    Str text;                      /* an input, or the text of a case */
    bool is_case;                  /* the latter */
    const SessionOptions *options; /* of which configurations, fuel and such are used */
    const char *word;              /* what must come again (replay_word) */
} Replay;

enum { REPLAYS = 3 };

/* In how many of `n` fresh processes the verdict comes again; `n` where none can be started. */
uint32_t replay_shows(const Replay *r, uint32_t n, Arena *a);

/* What a verdict is known by: its kind, and the configuration that it names. */
const char *replay_word(Arena *a, const Verdict *v);

/* When the environment asks this process to replay, does so and exits; returns otherwise. Every
 * program that may replay calls it first. */
void replay_if_asked(void);

#endif
