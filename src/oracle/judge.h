/* The judge: runs a case in every configuration and compares what came of it.
 *
 *     Judge *j = judge_create(&(JudgeOptions){.backends = "interp,jit:none"}, &error);
 *     Verdict v;
 *     judge_case(j, c, &v);
 *     if (verdict_is_finding(v.kind)) puts(v.text);
 *     judge_destroy(j);
 *
 * The first configuration is the reference: others are compared with it run by run, and at the
 * first difference all configurations run again and vote. With three or more, those are named that
 * the rest outvotes: back ends first (versions and configurations of one may all have the same
 * mistake), where these are even, configurations. With two nobody is, unless one of them broke a
 * rule by itself (crash, hang, calling convention, a store beside the objects). A compiler that
 * makes a mistake while it compiles is a finding when nothing graver is.
 */
#ifndef ORACLE_JUDGE_H
#define ORACLE_JUDGE_H

#include "oracle/exec.h"
#include "oracle/image.h"

typedef struct Judge Judge;

typedef enum {
#define VERDICT(name, finding, alone, meaning) VERDICT_##name,
#include "oracle/verdicts.def"
    VERDICT_COUNT
} VerdictKind;

const char *verdict_name(VerdictKind kind);
const char *verdict_meaning(VerdictKind kind);
bool verdict_is_finding(VerdictKind kind);

/* Whether the case says it again by itself, in a fresh process: a leak is no single case's. */
bool verdict_shows_alone(VerdictKind kind);

/* How often each reason was given, in the order of the first time. */
enum { REASONS_MAX = 128 };
typedef struct {
    struct {
        const char *reason;
        uint64_t count;
    } at[REASONS_MAX];
    uint32_t n;
} Reasons;

#define DEFAULT_BACKENDS "interp,jit:none:sse2,jit:none:native"
enum { DEFAULT_FUEL = 100000, DEFAULT_LEAK_MIB = 1024 };

typedef struct {
    const char *backends; /* a list of configurations; NULL: DEFAULT_BACKENDS */
    uint64_t fuel;        /* interpreted steps a run; 0: DEFAULT_FUEL */
    uint32_t limit_ms;    /* CPU time of one run before it hangs; 0: exec's default */
    uint32_t compile_seconds; /* that a worker may take for a compile; 0: remote's default */
    uint32_t leak_mib;    /* by which a worker may grow; 0: DEFAULT_LEAK_MIB */
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
    const Config *odd;       /* who broke a rule, or the first of the minority; NULL: cannot be
                                known */
    const Config *other;     /* whom it is compared with; NULL when it broke a rule alone */
    uint32_t result;         /* VERDICT_results: which differs first */
    ImageDifference where;   /* VERDICT_memory, VERDICT_stray */
    uint32_t nballots;       /* of all configurations, in their order, at a difference */
    Ballot ballots[CONFIGS_MAX];
    char message[400];       /* what the compiler said: of VERDICT_failed, died, stuck */
    char text[700];          /* one sentence */
} Verdict;

/* Sums over a campaign. */
typedef struct {
    uint64_t executions, inputs, runs, returned, trapped, fuel, refused, invalid, flaky, findings;
    uint64_t suppressed; /* findings that are known defects */
    uint64_t bytes_compared;
    uint64_t trapped_by[256];
    uint64_t steps, written; /* by the interpreter */
    Reasons refused_by, suppressed_by;
    struct {
        const Config *config;
        uint64_t asked, took, failed; /* cases; those that it failed on it took, too */
    } taken[CONFIGS_MAX];     /* by configuration; of loaded back ends */
    uint32_t ntaken;
} Counts;

/* One more for a reason, which is copied into `a` when it is new; after REASONS_MAX the rest is
 * one: "other reasons". */
void reasons_add(Arena *a, Reasons *r, const char *reason);

/* The line that ends every campaign, without newline. */
void counts_write(Buf *out, const Counts *c);

/* Configurations that do not open are left out, see judge_problems; NULL and a message (static)
 * when none does. */
Judge *judge_create(const JudgeOptions *o, const char **error);
void judge_destroy(Judge *j);

/* What is wrong with configurations that were asked for, a line each; NULL when nothing is. Grows:
 * a back end may be caught in a lie. */
const char *judge_problems(const Judge *j);
void judge_complain(Judge *j, const Config *config, const char *what, const char *detail);

/* `c` is verified already. Counts into judge_counts. */
void judge_case(Judge *j, const Case *c, Verdict *out);

/* The same for a case that has been counted: only refusals, and the bytes that were compared, are
 * counted again. */
void judge_again(Judge *j, const Case *c, Verdict *out);

Counts *judge_counts(Judge *j);
const ConfigVec *judge_configs(const Judge *j);
Image *judge_image(Judge *j);

/* Whether configuration `config` (its index) takes part from now on; all do at first. */
void judge_choose(Judge *j, uint32_t config, bool takes_part);

bool judge_is_chosen(const Judge *j, uint32_t config);

/* Those that take part, as a list that configs_open reads, in `a`. */
const char *judge_chosen(const Judge *j, Arena *a);

/* Leaves as few voters as still say what `v` says, so that judging is quick: the odd one and two of
 * those that it is compared with. Returns who took part before, as bits. */
uint32_t judge_focus(Judge *j, const Verdict *v);

/* The other way round. */
void judge_unfocus(Judge *j, uint32_t before);

/* How many cases one compile of a configuration takes; 1 for what compiles in this process. */
uint32_t judge_batch(const Judge *j, uint32_t config);

/* Has cases compiled ahead in one configuration, so that judge_case finds them ready; they must
 * stay where they are. Returns at once: configurations compile side by side, and whoever needs the
 * first of the cases waits. `n` = 0 forgets them. */
void judge_prefetch(Judge *j, uint32_t config, const Case *const *cases, uint32_t n);

/* One run in one configuration (which has compiled the case), on freshly restored heaps, whose
 * final bytes are left in the image. For tests of expectations, and for showing. */
bool judge_compile(Judge *j, const Config *config, const Case *c, const char **refused);

/* What came of it: it may have refused, or have made a mistake. */
CompileStatus judge_compiled(Judge *j, const Config *config);

/* The code that a configuration tells where the case traps with `code`: those of older versions of
 * Cranelift cannot tell what an access traps with (dialect_seen_trap). */
TrapCode judge_seen_trap(const Config *config, const Case *c, TrapCode code);
bool judge_place(Judge *j, const Case *c, const Run *run, const char **reason);
void judge_run(Judge *j, const Config *config, const Case *c, const Run *run, Outcome *out);

/* The same in the first configuration that can be watched, which compiles the module for it. False
 * when there is none. */
bool judge_watch(Judge *j, const Case *c, const Run *run, RunWatch *watch, void *data,
                 Outcome *out);

/* A run in a configuration whose machine code runs in this process, which has compiled the case:
 * `step` sees the registers before each of its instructions. Neither code nor outcome differ from
 * judge_run's. False for others. */
bool judge_step(Judge *j, const Config *config, const Case *c, const Run *run, ExecStep *step,
                void *data, Outcome *out);

/* Whether two outcomes of runs of `f` are the same, heaps aside. `*result` is the first result
 * that differs. */
bool outcome_equal(const Outcome *a, const Outcome *b, const Signature *sig, uint32_t *result);

/* A rule that a configuration broke by itself, whatever others did; VERDICT_agree for none. */
VerdictKind outcome_own_fault(const Outcome *o);

#endif
