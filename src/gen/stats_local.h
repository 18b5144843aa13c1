/* What the files of the statistics share: a case and what its runs did. */
#ifndef GEN_STATS_LOCAL_H
#define GEN_STATS_LOCAL_H

#include "gen/stats.h"

enum { SURVEY_FUNCS_MAX = 16, SURVEY_PAIRS_MAX = 64, SURVEY_CELLS_MAX = 64, SURVEY_EDGES_MAX = 32 };

/* What an instruction did in some run. */
enum { DID_run = 1, DID_wrap_unsigned = 2, DID_wrap_signed = 4, DID_edge = 8 };

/* How the bytes of two address arguments of a call lie to each other. */
typedef enum { ARGS_apart, ARGS_overlap, ARGS_same, ARGS_RELATIONS } ArgsRelation;

/* The sites from which a callee saw two of its arguments lie that way. */
typedef struct {
    uint32_t site[ARGS_RELATIONS]; /* one of them, Inst.i plus 1 */
    bool other[ARGS_RELATIONS];    /* there is another one */
} PairSites;

/* One function, and what its activations did. */
typedef struct {
    uint32_t index;
    const Func *f;
    Addresses *x;
    const uint32_t *uses;
    uint8_t *did;     /* by instruction */
    uint64_t *ways;   /* by block: destinations of its terminator that were taken */
    bool *entered;    /* by block */
    uint64_t accessed; /* parameters with initialised bytes, through which something was
                          loaded or stored */
    Block at;         /* of the last activation */
    uint32_t next;    /* the instruction there that is done next */
    uint64_t seen;    /* bits of GenShare */
    PairSites pairs[SURVEY_PAIRS_MAX];
} FuncSurvey;

typedef struct {
    uint64_t start, end; /* of a heap; the page behind its end, or before its start, is unmapped */
    bool at_end;
} SurveyEdge;

struct GenSurvey {
    GenStats *s;
    const Case *c;
    Arena *arena;
    uint64_t seen; /* bits of GenShare, for the case */
    uint32_t nfuncs;
    FuncSurvey *funcs;
    /* the run */
    const Run *run;
    FuncSurvey *current;
    uint64_t cells[SURVEY_CELLS_MAX]; /* where addresses were stored */
    uint32_t ncells;
    SurveyEdge edges[SURVEY_EDGES_MAX];
    uint32_t nedges;
};

static inline void see(GenSurvey *v, GenShare share) { v->seen |= UINT64_C(1) << share; }

static inline bool is_address(const FuncSurvey *t, Value x)
{
    return address_fact(t->x, x)->kind == FACT_address;
}

/* Whether instruction `n` of a block was done, a branch taken. */
bool survey_was_done(const FuncSurvey *t, Block b, uint32_t n);

/* The function of the module that a call goes to, NO_INDEX when it is not known. */
uint32_t survey_callee(const Func *f, const InstData *call);

/* Accesses, choices, comparisons of addresses, loops (stats_address.c). */
void survey_addresses(GenSurvey *v, FuncSurvey *t);
/* Calls: `accessed` of all functions is known (stats_address.c). */
void survey_calls(GenSurvey *v, FuncSurvey *t);
/* What an executed instruction shows by itself; what the signature of a function that ran does. */
void survey_kind(GenSurvey *v, const FuncSurvey *t, const InstData *i);
void survey_signature(GenSurvey *v, const FuncSurvey *t);
/* Heaps of the runs (stats_address.c). */
void survey_heaps(GenSurvey *v);
/* Loads with one use, trees (stats_tree.c). */
void survey_trees(GenSurvey *v, FuncSurvey *t);

#endif
