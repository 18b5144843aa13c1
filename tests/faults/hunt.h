/* A fuzzing session with a fault in it, one seed after the other.
 *
 *     Hunt h;
 *     hunt_begin(&h, fault, &campaign);
 *     while (hunt_executions(&h) < bound)
 *         if (hunt_step(&h, &event) && config_is_planted(event.verdict.odd)) …
 *     hunt_end(&h);
 */
#ifndef FAULTS_HUNT_H
#define FAULTS_HUNT_H

#include "fuzz/session.h"
#include "tests/faults/measure.h"

typedef struct {
    Session *session;
    Arena *arena;
    FaultState state;
    uint64_t seed; /* of the next step */
} Hunt;

void hunt_begin(Hunt *h, const Fault *fault, const Campaign *c);

/* The rest of it, with another hook: `arena` and `seed` are set. */
void hunt_open(Hunt *h, const Fault *fault, const Campaign *c, BackendHost host);
void hunt_end(Hunt *h);

uint64_t hunt_executions(const Hunt *h);

/* The next seed's case; true when it is a finding. */
bool hunt_step(Hunt *h, SessionEvent *e);

bool config_is_planted(const Config *c);

#endif
