/* What every program that fuzzes shares: options, the loop over the cases of an input, what
 * happens on a finding. The same bytes mean the same cases in all of them.
 *
 *     SessionOptions o = {0};
 *     session_options_read(&o, getenv("TALLY_OPTIONS"), &error);
 *     Session *s = session_create(&o, "libfuzzer", &error);
 *     SessionEvent e;
 *     if (session_input(s, bytes, n, &e)) …        a finding: e says which, and where it is saved
 *     session_write_counts(s, &buf);
 *
 * An input whose freshly generated case is invalid, runs out of fuel or is refused by the verifier
 * is our own bug: the process ends with EXIT_BUG after the case has been printed.
 */
#ifndef FUZZ_SESSION_H
#define FUZZ_SESSION_H

#include "gen/gen.h"
#include "oracle/judge.h"

typedef struct {
    const char *backends; /* `backend=`: configurations, NULL for the default */
    const char *off;      /* `off=`: families switched off, comma-separated, NULL for none */
    const char *findings; /* `findings=`: folder for findings; NULL: they are not saved */
    const char *every;    /* `every=`: a loaded back end judges one case in so many, see
                             fuzz/schedule.h; NULL: measured */
    const char *suppressions; /* `suppressions=`: a file of known defects, oracle/suppress.h */
    uint32_t fuel;        /* `fuel=`: interpreted steps a run */
    uint32_t limit_ms;    /* `limit=`: milliseconds of CPU time of one run */
    uint32_t compile_seconds; /* `compile-limit=`: of CPU time of one compile of a loaded back end,
                                 or twenty times as many on the clock */
    uint32_t leak_mib;    /* `leak=`: by which the worker of a loaded back end may grow */
    bool no_replay;       /* `replay=no`: do not replay a finding in fresh processes */
    bool verdict_only;    /* no signature is wanted, no further replay; everyone judges */
    bool batches;         /* a verdict may come later: cases for back ends that compile many at
                             once wait until there are enough (session_batch) */
    bool hashes;          /* `hashes`: print a line with the hash of each case (for tests) */
    BackendHost host;
} SessionOptions;

/* Reads words separated by spaces, `off=regions backend=interp,jit:none`. `text` may be NULL.
 * False and `*error` (static) when a word is unknown. The values are kept for ever. */
bool session_options_read(SessionOptions *o, const char *text, const char **error);

/* The options in effect in the same notation. */
void session_options_write(Buf *out, const SessionOptions *o);

typedef struct Session Session;

typedef struct {
    const Case *c;         /* lives until the next input */
    uint32_t index;        /* which case of the input */
    uint64_t seed;         /* of the input (session_set_seed) */
    Verdict verdict;
    bool flaky;            /* did not repeat in fresh processes */
    bool known;            /* this signature was found earlier in this process */
    char signature[128];   /* letters, digits, `-` and `_` */
    const char *folder;    /* where it was saved, NULL when it was not */
    const char *command;   /* that shows what was saved, for a shell */
} SessionEvent;

/* `engine` is written into findings: libfuzzer, afl, tally. */
Session *session_create(const SessionOptions *o, const char *engine, const char **error);
void session_destroy(Session *s);

/* Decodes and judges every case of an input, up to the first finding. True when there is one, a
 * flaky one too. Unjudged cases are counted and passed over. */
bool session_input(Session *s, const uint8_t *bytes, size_t n, SessionEvent *event);

/* With batches: judges what waits when there is enough of it, or `all` of it when the end has
 * come. True at each finding; to be called until it is false. */
bool session_batch(Session *s, bool all, SessionEvent *event);

/* The engine's seed, or that of the input that comes next: it is written into findings. */
void session_set_seed(Session *s, uint64_t seed);

/* A line that says which configurations judge one case in how many; nothing when all judge all. */
void session_write_schedule(const Session *s, Buf *out);

/* The options in effect, as findings have them. */
const char *session_options_text(const Session *s);

Counts *session_counts(Session *s);
Judge *session_judge(Session *s);
const GenOptions *session_gen_options(const Session *s);

/* A hash of everything the cases of an input say (printed modules, heaps and runs). */
uint64_t session_hash_input(Session *s, const uint8_t *bytes, size_t n);

#endif
