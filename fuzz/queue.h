/* Cases that wait for a back end which compiles many at once: as the bytes that they are made of.
 *
 *     queue_put(q, bytes, n, seed);
 *     if (queue_is_full(q)) queue_open(q, judge, &gen);        decoded; its worker compiles
 *     for (QueueItem *item; (item = queue_next(q)); ) …judge item->c…
 */
#ifndef FUZZ_QUEUE_H
#define FUZZ_QUEUE_H

#include "gen/gen.h"
#include "oracle/judge.h"

typedef struct {
    Str bytes; /* of this one case */
    uint64_t seed;
    Case *c; /* once the queue is open */
} QueueItem;

typedef struct Queue Queue;

/* For configuration `config`, of as many cases as it takes at once. */
Queue *queue_create(Arena *a, const Judge *j, uint32_t config);
void queue_destroy(Queue *q);

uint32_t queue_config(const Queue *q);
bool queue_is_full(const Queue *q);
bool queue_is_empty(const Queue *q);
bool queue_is_open(const Queue *q);

/* Copies the bytes. */
void queue_put(Queue *q, Str bytes, uint64_t seed);

/* Decodes what is there and has it compiled, see judge_prefetch. */
void queue_open(Queue *q, Judge *j, const GenOptions *gen);

/* Has what is left compiled once more: to be called when the worker had other work. */
void queue_compile(Queue *q, Judge *j);

/* The next case of an open queue; NULL closes and empties it. */
const QueueItem *queue_next(Queue *q, Judge *j);

#endif
