/* Copies of a case that write down what they compute: behind a definition or a store, instructions
 * that store the value, or the bytes as they are in memory then, into a heap that is added for it.
 *
 *     ShadowSites *sites = shadow_sites(c, a);              c has one run
 *     Shadow s;
 *     if (shadow_make(&s, j, c, sites, SHADOW_ALL, SHADOW_log, a) &&
 *         judge_compile(j, config, s.c, &refused)) {
 *         judge_run(j, config, s.c, &s.c->runs.at[0], &outcome);
 *         ShadowLog log = shadow_read(&s, j, a);            in the order in which it happened
 *     }
 *
 * A copy claims no discipline. Heaps lie where they lay before.
 */
#ifndef TRIAGE_SHADOW_H
#define TRIAGE_SHADOW_H

#include "ir/address.h"
#include "oracle/judge.h"

/* What may be compared of a value between configurations. */
typedef enum {
    SENSE_number,  /* all of it; of floats, NaNs are all the same */
    SENSE_address, /* its lowest bits, as far as they are known; all of it when it is a heap's */
    SENSE_place,   /* depends on where things lie: a heap's address at most */
} ShadowSense;

/* A definition or a store. */
typedef struct {
    uint32_t func;
    Block block;
    Inst inst;   /* INST_none: a parameter of the block */
    Value value; /* that is defined, or stored */
    bool store;
    uint8_t type; /* Type of what is written down */
    uint8_t sense;
    uint8_t nlow; /* SENSE_address: so many bits of the address are known */
} ShadowSite;

typedef VEC(ShadowSite) ShadowSites;

/* Those of reachable blocks, in the order of the layout. */
ShadowSites *shadow_sites(const Case *c, Arena *a);

/* The site of a definition, or of the store that `inst` is; NO_INDEX when there is none. */
uint32_t shadow_site_of(const ShadowSites *sites, uint32_t func, Value v);
uint32_t shadow_site_at(const ShadowSites *sites, uint32_t func, Inst inst);

/* Whether two executions agree on what they wrote down at a site. */
bool shadow_same(const ShadowSite *s, Bits expected, Bits actual);

typedef enum {
    SHADOW_log,  /* one entry behind the other */
    SHADOW_once, /* always at the same place: the last one is left, and nothing is loaded */
    SHADOW_cut,  /* the same, and there the run ends: the rest of the function is gone */
} ShadowMode;

enum { SHADOW_ALL = NO_INDEX };

typedef struct {
    Case *c;
    uint32_t heap; /* its index in `c` */
} Shadow;

/* A copy of `c` that writes down at site `only`, or at all of them. False when there is no room for
 * another heap. */
bool shadow_make(Shadow *s, Judge *j, const Case *c, const ShadowSites *sites, uint32_t only,
                 ShadowMode mode, Arena *a);

typedef struct {
    uint32_t site;
    Bits value;
} ShadowEntry;

typedef VEC(ShadowEntry) ShadowLog;

/* What the last run has written down; `n` is how many sites there are. */
ShadowLog shadow_read(const Shadow *s, Judge *j, uint32_t n, Arena *a);

/* A copy of `c` in which function `func` returns zeros behind instruction `at` of `block` (the
 * first is 1, 0: before it). */
Case *shadow_cut_return(const Case *c, uint32_t func, Block block, uint32_t at, Arena *a);

#endif
