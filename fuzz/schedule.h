/* Which configurations judge a case: slow ones look at one case in N.
 *
 *     Schedule s;
 *     schedule_read(&s, judge, "8,64", &error)      given; or
 *     schedule_measure(&s, judge, true);            from what they cost here and now
 *     if (schedule_picks(&s, k, hash)) …            the choice depends on the input alone
 *
 * Configurations that are built in look at every case. N is a power of two, so that what a slower
 * one looks at is looked at by a faster one, too.
 */
#ifndef FUZZ_SCHEDULE_H
#define FUZZ_SCHEDULE_H

#include "oracle/judge.h"

typedef struct {
    uint32_t every[CONFIGS_MAX];
} Schedule;

/* Everyone looks at every case. */
void schedule_all(Schedule *s);

/* `1` or `8,64`: one number for each loaded configuration in order, the last for those that follow.
 * False and `*error` (static) when it is none. */
bool schedule_read(Schedule *s, const Judge *j, const char *text, const char **error);

/* Chooses N so that loaded back ends together take about four times as long as the rest, and each
 * of them the same. `batches`: those that can compile many cases at once will. */
void schedule_measure(Schedule *s, Judge *j, bool batches);

/* As schedule_read takes it; nothing when no configuration is loaded. */
void schedule_write(Buf *out, const Schedule *s, const Judge *j);

/* Whether configuration `config` looks at the case whose bytes have this hash. */
static inline bool schedule_picks(const Schedule *s, uint32_t config, uint64_t hash)
{
    return (hash & (s->every[config] - 1)) == 0;
}

#endif
