/* A line of the table of faults: what was measured of one of them, and how it is shown.
 *
 *     RowOptions o = {.bound = 200000, .seeds = 3, .tally = "build/tally_planted", .jobs = 2};
 *     rows_measure(&o, faults, n, rows, show, NULL);           `show` sees them in order
 */
#ifndef FAULTS_ROW_H
#define FAULTS_ROW_H

#include "tests/faults/measure.h"

enum { ROW_SEEDS = 3, ROWS_MAX = 64 };

typedef struct {
    uint64_t bound;        /* executions a search */
    uint32_t seeds;        /* searches a fault, 1 to ROW_SEEDS */
    bool with_only;        /* no searches with addresses switched off */
    const char *run_tests; /* a folder that the faults should pass, or NULL */
    const char *tally;     /* the program that runs it */
    uint32_t jobs;         /* processes at a time */
} RowOptions;

typedef struct {
    const Fault *fault;
    Search with[ROW_SEEDS], without[ROW_SEEDS];
    RunTests run_tests;
} Row;

/* Measures up to ROWS_MAX faults, each in a process of its own, and shows the rows in their order.
 * A process that fails ends this one with its status. */
typedef void RowShow(void *data, const Row *row);
void rows_measure(const RowOptions *o, const Fault *const *chosen, uint32_t n, Row *rows,
                  RowShow *show, void *data);

/* Searches of different seeds have no case in common. */
Campaign row_campaign(const RowOptions *o, uint32_t seed, const char *off);

/* How the table begins, with what was fixed; a line of it, as text or as JSON. */
void row_print_head(const RowOptions *o);
void row_print(const RowOptions *o, const Row *r);
void row_print_json(const RowOptions *o, const Row *r);

#endif
