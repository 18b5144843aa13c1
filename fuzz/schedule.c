#include "fuzz/schedule.h"

#include "gen/gen.h"

#include <stdlib.h>
#include <time.h>

enum {
    SAMPLE = 32,     /* cases that costs are measured with */
    ALONE = 8,       /* of them, where each is a compile of its own */
    SLOW_SHARE = 4,  /* times as long as the rest */
    EVERY_MAX = 1 << 16,
};

void schedule_all(Schedule *s)
{
    for (uint32_t k = 0; k < CONFIGS_MAX; k++) s->every[k] = 1;
}

static bool is_loaded(const Judge *j, uint32_t k)
{
    return judge_configs(j)->at[k]->library != NULL;
}

bool schedule_read(Schedule *s, const Judge *j, const char *text, const char **error)
{
    schedule_all(s);
    *error = "every= takes powers of two, up to 65536";
    unsigned long n = 0;
    Str left = str_of(text);
    for (uint32_t k = 0; k < judge_configs(j)->n; k++) {
        if (!is_loaded(j, k)) continue;
        Str word = str_next_word(&left, ",");
        if (word.n) n = strtoul(word.at, NULL, 10);
        if (n > EVERY_MAX || !is_power_of_two(n)) return false;
        s->every[k] = (uint32_t)n;
    }
    *error = "every= has more values than there are loaded back ends";
    return left.n == 0;
}

void schedule_write(Buf *out, const Schedule *s, const Judge *j)
{
    bool any = false;
    for (uint32_t k = 0; k < judge_configs(j)->n; k++) {
        if (!is_loaded(j, k)) continue;
        buf_printf(out, "%s%u", any ? "," : "", s->every[k]);
        any = true;
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void make_sample(Arena *a, const Case *cases[SAMPLE])
{
    for (uint32_t k = 0; k < SAMPLE; k++) {
        uint8_t *bytes = arena_alloc(a, GEN_SEED_BYTES);
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(k, bytes, GEN_SEED_BYTES)};
        cases[k] = gen_next(&in, &(GenOptions){0}, a);
    }
}

/* Seconds a case. */
static double cost_of_rest(Judge *j, const Case *const *cases)
{
    Verdict v;
    double start = now();
    for (uint32_t k = 0; k < SAMPLE; k++) judge_case(j, cases[k], &v);
    return (now() - start) / SAMPLE;
}

/* Seconds a case, compiled in batches where it may be. One that does not come to its end is enough
 * to know. */
static double cost_of(Judge *j, uint32_t config, const Case *const *cases, bool batches)
{
    Verdict v;
    uint32_t batch = batches ? judge_batch(j, config) : 1, most = batch > 1 ? SAMPLE : ALONE, n;
    double start = now();
    for (n = 0, v.kind = VERDICT_agree; n < most && v.kind != VERDICT_stuck; n++) {
        if (batch > 1 && n % batch == 0)
            judge_prefetch(j, config, cases + n, (uint32_t)min_u64(most - n, batch));
        judge_case(j, cases[n], &v);
    }
    if (batch > 1) judge_prefetch(j, config, NULL, 0);
    return (now() - start) / n;
}

static uint32_t power_of_two_above(double n)
{
    uint32_t p = 1;
    while (p < n && p < EVERY_MAX) p *= 2;
    return p;
}

void schedule_measure(Schedule *s, Judge *j, bool batches)
{
    schedule_all(s);
    uint32_t n = judge_configs(j)->n, loaded = 0;
    for (uint32_t k = 0; k < n; k++) loaded += is_loaded(j, k);
    if (!loaded || loaded == n) return;
    Arena *a = arena_create();
    const Case *cases[SAMPLE];
    Counts before = *judge_counts(j);
    make_sample(a, cases);
    for (uint32_t k = 0; k < n; k++) judge_choose(j, k, !is_loaded(j, k));
    cost_of_rest(j, cases); /* warm */
    double rest = cost_of_rest(j, cases);
    for (uint32_t k = 0; k < n; k++) {
        if (!is_loaded(j, k)) continue;
        judge_choose(j, k, true);
        double cost = cost_of(j, k, cases, batches) - rest;
        s->every[k] = power_of_two_above(cost * loaded / (SLOW_SHARE * rest));
        judge_choose(j, k, false);
    }
    for (uint32_t k = 0; k < n; k++) judge_choose(j, k, true);
    *judge_counts(j) = before;
    arena_destroy(a);
}
