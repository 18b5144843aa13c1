/* Where two configurations part: the first value or stored byte that differs, or, where no value
 * does, the instruction that failed.
 *
 *     Located *l = locate(judge, c, &verdict, arena);       c has one run, the one that differs
 *     if (l->what == LOCATED_value) name(l->func, l->value);
 *
 * All definitions and stores are written down at once (triage/shadow.h). If the same difference
 * still shows, the first entry that differs, in the order of execution, is the answer. If not, what
 * is written down is in the way of what goes wrong (a load is folded into its only user, and has
 * two users now): then each is watched alone. Where that does not help either, the run ends behind
 * each of them, the rest of the function gone.
 *
 * What has no wrong value ahead of it is named by its machine code (a crash), by where the
 * reference stopped (a trap), or by the shortest beginning of a function that still does it (a
 * broken convention, a compiler that fails).
 */
#ifndef TRIAGE_LOCATE_H
#define TRIAGE_LOCATE_H

#include "triage/shadow.h"

typedef enum {
    LOCATED_nothing,
    LOCATED_value,    /* a definition: `value` */
    LOCATED_store,    /* bytes that `inst` stores */
    LOCATED_way,      /* `inst` branches elsewhere */
    LOCATED_fault,    /* `inst` crashes, or is where it hangs */
    LOCATED_trap,     /* `inst` traps on one side alone, or otherwise */
    LOCATED_inst,     /* without `inst` it does not happen */
    LOCATED_return,   /* `inst` returns something else than what was computed */
    LOCATED_function, /* somewhere in `func` */
} LocatedWhat;

typedef enum {
    BY_nothing,
    BY_all,     /* all sites were watched at once */
    BY_one,     /* each alone */
    BY_cut,     /* by ending the run behind it */
    BY_machine, /* by the machine code */
    BY_trace,   /* by where a run stopped */
    BY_prefix,  /* by cutting functions short */
} LocatedBy;

/* What a site was seen to hold in both, as late as at the difference; behind it, first. */
typedef struct {
    bool has_expected, has_odd;
    Bits expected, odd;
} SiteSeen;

typedef struct {
    LocatedWhat what;
    LocatedBy by;
    const Config *expected, *odd; /* who are compared; `expected` NULL: the compiler failed */
    uint32_t func;
    Block block;
    Inst inst;     /* INST_none: a block's parameter, or none is known */
    Value value;   /* LOCATED_value, LOCATED_store */
    uint32_t site; /* of these; NO_INDEX for others */
    uint32_t visit, visits; /* at which of its executions, from 1; how many the reference has */
    uint32_t writer;       /* the site whose store the reference loads from here; NO_INDEX */
    bool late;             /* LOCATED_store by cutting: seen only when the run ends at `until`, */
    uint32_t until;        /* a site behind it; NO_INDEX: only at the end */
    const ShadowSites *sites;
    SiteSeen *seen;         /* by site */
    VEC(uint32_t) vanishing; /* sites that, when they are watched alone, make the difference go */
    bool vanishes;           /* when all are watched */
    uint32_t watched, tried; /* sites; copies of the case that were run */
} Located;

/* Those that are compared have compiled `c` afterwards. */
Located *locate(Judge *j, const Case *c, const Verdict *v, Arena *a);

#endif
