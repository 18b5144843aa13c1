/* The judge: runs a case in every configuration and compares what came of it.
 *
 *     Judge *j = judge_create(&(JudgeOptions){.backends = "interp,jit:none"}, &error);
 *     Verdict v;
 *     judge_case(j, c, &v);
 *     if (verdict_is_finding(v.kind)) puts(v.text);
 *     judge_destroy(j);
 *
 * The first configuration is the reference: others are compared with it run by run, and at the
 * first difference all configurations run again and vote. With three or more, one that stands
 * alone is named; with two nobody is, unless one of them broke a rule by itself (crash, hang,
 * calling convention, a store beside the objects).
 */
#ifndef ORACLE_JUDGE_H
#define ORACLE_JUDGE_H

#include "oracle/exec.h"
#include "oracle/image.h"

typedef struct Judge Judge;

typedef enum {
#define VERDICT(name, finding, meaning) VERDICT_##name,
#include "oracle/verdicts.def"
    VERDICT_COUNT
} VerdictKind;

const char *verdict_name(VerdictKind kind);
const char *verdict_meaning(VerdictKind kind);
bool verdict_is_finding(VerdictKind kind);

enum { REFUSALS_MAX = 32 };

#define DEFAULT_BACKENDS "interp,jit:none:sse2,jit:none:native"
enum { DEFAULT_FUEL = 100000 };

typedef struct {
    const char *backends; /* a list of configurations; NULL: DEFAULT_BACKENDS */
    uint64_t fuel;        /* interpreted steps a run; 0: DEFAULT_FUEL */
    uint32_t limit_ms;    /* CPU time of one run before it hangs; 0: exec's default */
    BackendHost host;     /* a pass hook, else backend_default_host; trap_exit is filled in */
} JudgeOptions;

/* What one configuration made of one run. */
typedef struct {
    Outcome outcome;      /* without its detail */
    uint64_t memory_hash; /* of all heaps and of what lies beside them */
    uint8_t group;        /* equal outcomes have equal numbers; BALLOT_NONE: refused the module */
    char detail[160];     /* a sentence, or empty: where it crashed, why it was refused */
} Ballot;

enum { BALLOT_NONE = UINT8_MAX };

typedef struct {
    VerdictKind kind;
    uint32_t run;            /* index into Case.runs */
    const Config *odd;       /* who stands alone or broke a rule; NULL: cannot be known */
    const Config *other;     /* whom it is compared with; NULL when it broke a rule alone */
    uint32_t result;         /* VERDICT_results: which differs first */
    ImageDifference where;   /* VERDICT_memory, VERDICT_stray */
    uint32_t nballots;       /* of all configurations, in their order, at a difference */
    Ballot ballots[CONFIGS_MAX];
    char text[256];          /* one sentence */
} Verdict;

/* Sums over a campaign. */
typedef struct {
    uint64_t executions, inputs, runs, returned, trapped, fuel, refused, invalid, flaky, findings;
    uint64_t bytes_compared;
    uint64_t trapped_by[256];
    uint64_t steps, written; /* by the interpreter */
    struct {
        const char *reason; /* in the judge's arena */
        uint64_t count;
    } refusals[REFUSALS_MAX];
    uint32_t nrefusals;
} Counts;

/* The line that ends every campaign, without newline. */
void counts_write(Buf *out, const Counts *c);

/* NULL and a message (static or in the judge's lost arena) when a configuration does not open. */
Judge *judge_create(const JudgeOptions *o, const char **error);
void judge_destroy(Judge *j);

/* `c` is verified already. Counts into judge_counts. */
void judge_case(Judge *j, const Case *c, Verdict *out);

Counts *judge_counts(Judge *j);
const ConfigVec *judge_configs(const Judge *j);
Image *judge_image(Judge *j);

/* One run in one configuration (which has compiled the module), on freshly restored heaps, whose
 * final bytes are left in the image. For tests of expectations, and for showing. */
bool judge_compile(Judge *j, const Config *config, const Module *m, const char **refused);
bool judge_place(Judge *j, const Case *c, const Run *run, const char **reason);
void judge_run(Judge *j, const Config *config, const Case *c, const Run *run, Outcome *out);

/* The same in the first configuration that can be watched, which compiles the module for it. False
 * when there is none. */
bool judge_watch(Judge *j, const Case *c, const Run *run, RunWatch *watch, void *data,
                 Outcome *out);

/* Whether two outcomes of runs of `f` are the same, heaps aside. `*result` is the first result
 * that differs. */
bool outcome_equal(const Outcome *a, const Outcome *b, const Signature *sig, uint32_t *result);

#endif
