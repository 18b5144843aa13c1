/* Checks the run lines of CLIF files, each in each configuration by itself.
 *
 *     Tester *t = tester_create(judge, TESTER_QUIET);
 *     tester_run(t, "tests/clif");            prints what fails
 *     tester_print_end(t, true);
 *     TesterCounts n = tester_counts(t);
 *
 * A line counts once a configuration. Skipped is what a configuration does not support, and what is
 * for another machine; a file that cannot be read otherwise is one failure. Lines of Cranelift's
 * that contradict its documentation are judged by that, and counted (errata.def).
 */
#ifndef TRIAGE_TESTER_H
#define TRIAGE_TESTER_H

#include "oracle/judge.h"

typedef struct Tester Tester;

typedef struct {
    uint32_t passed, failed, skipped;
    uint32_t bad_files; /* of `failed`: files that could not be read */
} TesterCounts;

typedef enum {
    TESTER_QUIET,   /* what fails */
    TESTER_VERBOSE, /* a line for each file, too, and warnings */
    TESTER_JSON,    /* JSON, an object a line: failures, files, sums with reasons for skipping */
} TesterReport;

Tester *tester_create(Judge *j, TesterReport report);
void tester_destroy(Tester *t);

/* A file, or a folder with all .clif files below it. */
void tester_run(Tester *t, const char *path);

/* The sums, before them with `skips` the reasons for skipping, the most frequent first. */
void tester_print_end(Tester *t, bool skips);

TesterCounts tester_counts(const Tester *t);

#endif
