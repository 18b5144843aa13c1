/* What the files locate*.c share. */
#ifndef TRIAGE_LOCATE_LOCAL_H
#define TRIAGE_LOCATE_LOCAL_H

#include "triage/locate.h"

/* Bytes that an instruction read or wrote; none: it accessed no memory. */
typedef struct {
    uint64_t address;
    uint32_t bytes;
} WatchedAccess;

typedef struct {
    Judge *judge;
    const Case *c;
    const Verdict *v;
    VerdictPair pair;
    Arena *a, *scratch; /* of the result, of one copy of the case */
    Located *out;
    bool watched;       /* somebody can be, and `order` is what the reference did: */
    ShadowLog order;    /* sites in the order of execution, with values */
    VEC(WatchedAccess) accesses; /* of each entry of `order` */
    uint32_t *visits;   /* of each site in `order` */
    uint32_t last_func; /* what it did last: */
    Block last_block;
    Inst last_inst;     /* INST_none: it entered the block */
    bool stopped;       /* it trapped */
} Locator;

/* What a configuration made of a copy of the case. */
typedef struct {
    Outcome outcome;
    const uint8_t **heaps; /* those of the case */
    uint32_t nheaps;
    bool stray;
} Side;

/* False when it refuses it. */
bool side_run(Locator *l, const Config *config, const Case *c, Side *out);

/* The verdict on two of them. */
VerdictKind sides_differ(const Locator *l, const Side *expected, const Side *odd);

/* Both sides of a copy that watches one site, or all. */
typedef struct {
    Side expected, odd;
    ShadowLog log, odd_log;
    VerdictKind kind;
} Both;

/* False when there is no copy that both run. */
bool locate_run_both(Locator *l, uint32_t only, ShadowMode mode, Both *out);

void locate_set_site(Locator *l, uint32_t site, uint32_t visit, LocatedBy by);

/* Fills in what the reference does, as far as anybody can be watched. */
void locate_watch(Locator *l);

/* When a site is executed for the `visit`-th time: an index into `order`. */
uint32_t locate_time_of(const Locator *l, uint32_t site, uint32_t visit);

/* Sites that the reference does not come to say nothing. */
bool locate_is_visited(const Locator *l, uint32_t site);

/* The first point by which memory is wrong. True when that names a store. */
bool locate_memory(Locator *l);

/* Which store the reference reads from where a wrong value is named. */
void locate_writer(Locator *l);

/* Those without a value that differs: each fills in `l->out`. */
void locate_failure(Locator *l);  /* of the compiler */
void locate_breach(Locator *l);   /* of the calling convention */
void locate_stop(Locator *l);     /* a crash, a hang, another ending */

#endif
