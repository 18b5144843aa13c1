/* A campaign of this program's own: the case of one seed after the other.
 *
 *     Campaign c = {.session = s, .seed = 1, .executions = 1000, .report = REPORT_text};
 *     int status = campaign_run(&c);
 *
 * What is found is told as it comes, in text or as one JSON object a line; on a terminal, a line of
 * statistics is kept up to date on stderr. The counts come last.
 */
#ifndef FUZZ_CAMPAIGN_H
#define FUZZ_CAMPAIGN_H

#include "fuzz/session.h"

#include <signal.h>

typedef enum {
    REPORT_text,
    REPORT_json, /* events: start, finding, progress (at once, then every ten seconds), end */
} Report;

typedef struct {
    Session *session;
    uint64_t seed;       /* the first */
    uint64_t executions; /* stop after so many … */
    uint64_t seconds;    /* … or after so many seconds, where that is not 0 */
    bool stop;           /* at the first finding */
    Report report;
    bool live;                          /* statistics on stderr */
    const volatile sig_atomic_t *signal; /* not 0: stop, and end with 128 + it */
} Campaign;

/* EXIT_AGREE, EXIT_FINDING, EXIT_UNJUDGED when nothing could be judged, 128 + signal. */
int campaign_run(const Campaign *c);

#endif
