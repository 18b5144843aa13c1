#include "tests/faults/hunt.h"

#include <stdio.h>
#include <stdlib.h>

void hunt_open(Hunt *h, const Fault *fault, const Campaign *c, BackendHost host)
{
    const char *error = NULL;
    SessionOptions o = {
        .backends = fault_backends(h->arena, fault),
        .off = c->off,
        .no_replay = true,
        .host = host,
    };
    h->session = session_create(&o, "faults", &error);
    if (h->session) return;
    fprintf(stderr, "%s: cpu \"%s\": %s\n", fault->name, fault->cpu, error);
    exit(EXIT_INPUT);
}

void hunt_begin(Hunt *h, const Fault *fault, const Campaign *c)
{
    *h = (Hunt){.arena = arena_create(), .state = {.fault = fault}, .seed = c->first};
    hunt_open(h, fault, c, fault_host(&h->state));
}

void hunt_end(Hunt *h)
{
    session_destroy(h->session);
    arena_destroy(h->arena);
}

uint64_t hunt_executions(const Hunt *h) { return session_counts(h->session)->executions; }

bool hunt_step(Hunt *h, SessionEvent *e)
{
    uint8_t bytes[GEN_SEED_BYTES];
    size_t n = gen_seed_bytes(h->seed++, bytes, sizeof bytes);
    return session_input(h->session, bytes, n, e);
}

bool config_is_planted(const Config *c) { return c && strstr(c->name, ":planted") != NULL; }
