/* Forked processes that try changes, each with a judge and a lab of its own. Private to src/reduce.
 *
 *     Team *team = team_create(o, n, arena);
 *     team_show(team, text);                          the case, while nobody is at work
 *     team_ask(team, k, &(Task){.from = cursor, .skip = 40, .count = 8});
 *     uint32_t k = team_wait(team, &answer);
 *     if (answer.kept) text = team_kept(team, k);
 *     team_destroy(team);
 *
 * The case and what was kept go through memory that all share, questions and answers over a socket.
 * A process that ends by itself has found a bug of ours: it has said so, and this process ends with
 * EXIT_BUG.
 */
#ifndef REDUCE_TEAM_H
#define REDUCE_TEAM_H

#include "reduce/lab.h"
#include "reduce/reduce.h"

typedef struct Team Team;

/* `count` places of the cursor, behind `skip` of them. */
typedef struct {
    Cursor from;
    uint32_t skip, count;
} Task;

/* The last place that was tried is the first one where something was kept, or hung, or the last one
 * that was asked for. What is kept without a place is the case itself, with one run and numbered
 * anew: nothing is tried before. */
typedef struct {
    uint32_t places, tries;
    bool gone;  /* the case shows nothing */
    bool over;  /* nothing is left to try behind these places */
    bool kept, hung;
    Cursor after;
    uint32_t insts; /* of what was kept */
} Answer;

/* `n` processes. */
Team *team_create(const ReduceOptions *o, uint32_t n, Arena *a);
void team_destroy(Team *t);

/* Shows all of them the case that they are to try changes of; nobody is at work. */
void team_show(Team *t, Str text);

/* `k` is not at work. */
void team_ask(Team *t, uint32_t k, const Task *task);

/* Waits for an answer; who gave it. UINT32_MAX when a signal came, or `ms` went by, first. */
uint32_t team_wait(Team *t, int ms, Answer *out);

/* The case that `k` has kept, until it is asked again. */
Str team_kept(const Team *t, uint32_t k);

/* Tells all who are at work to answer at once: what they are doing is not needed. */
void team_hurry(Team *t);

#endif
