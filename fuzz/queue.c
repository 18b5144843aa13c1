#include "fuzz/queue.h"

struct Queue {
    uint32_t config, room;
    Arena *bytes, *cases;
    VEC(QueueItem) items;
    const Case **decoded; /* of the items, once it is open */
    uint32_t next;
    bool open;
};

Queue *queue_create(Arena *a, const Judge *j, uint32_t config)
{
    Queue *q = arena_new(a, Queue);
    *q = (Queue){
        .config = config,
        .room = judge_batch(j, config),
        .bytes = arena_create(),
        .cases = arena_create(),
    };
    vec_reserve(a, &q->items, q->room);
    return q;
}

void queue_destroy(Queue *q)
{
    arena_destroy(q->bytes);
    arena_destroy(q->cases);
}

uint32_t queue_config(const Queue *q) { return q->config; }
bool queue_is_full(const Queue *q) { return q->items.n == q->room; }
bool queue_is_empty(const Queue *q) { return q->items.n == 0; }
bool queue_is_open(const Queue *q) { return q->open; }

void queue_put(Queue *q, Str bytes, uint64_t seed)
{
    CHECK(!queue_is_full(q) && !q->open);
    q->items.at[q->items.n++] =
        (QueueItem){{arena_strndup(q->bytes, bytes.at, bytes.n), bytes.n}, seed, NULL};
}

void queue_open(Queue *q, Judge *j, const GenOptions *gen)
{
    q->decoded = arena_array(q->cases, const Case *, q->room);
    for (uint32_t k = 0; k < q->items.n; k++) {
        QueueItem *item = &q->items.at[k];
        GenInput in = {.bytes = (const uint8_t *)item->bytes.at, .n = item->bytes.n};
        q->decoded[k] = item->c = gen_next(&in, gen, q->cases);
    }
    q->open = true;
    q->next = 0;
    queue_compile(q, j);
}

void queue_compile(Queue *q, Judge *j)
{
    CHECK(q->open);
    judge_prefetch(j, q->config, q->decoded + q->next, q->items.n - q->next);
}

const QueueItem *queue_next(Queue *q, Judge *j)
{
    CHECK(q->open);
    if (q->next < q->items.n) return &q->items.at[q->next++];
    judge_prefetch(j, q->config, NULL, 0);
    arena_reset(q->bytes);
    arena_reset(q->cases);
    q->items.n = 0;
    q->open = false;
    return NULL;
}
