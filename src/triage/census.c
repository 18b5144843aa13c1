/* The census of seeds, on all CPUs: each thread has counts and memory of its own. */
#include "triage/census_local.h"

#include <pthread.h>
#include <unistd.h>

enum { THREADS_MAX = 64 };

typedef struct {
    pthread_t id;
    const GenOptions *options;
    uint64_t seed, end, step;
    Arena *process;
    Census *census;
} Worker;

static void *work(void *data)
{
    Worker *w = data;
    Arena *a = arena_create();
    uint8_t *bytes = arena_alloc(w->process, GEN_SEED_BYTES);
    for (; w->seed < w->end; w->seed += w->step, arena_reset(a)) {
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(w->seed, bytes, GEN_SEED_BYTES)};
        census_case(w->census, gen_next(&in, w->options, a), a);
    }
    arena_destroy(a);
    return NULL;
}

void census_seeds(Census *c, uint64_t n, const GenOptions *g)
{
    Worker workers[THREADS_MAX];
    long cpus = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t count = min_u64(max_u64(cpus > 0 ? (uint64_t)cpus : 1, 1), THREADS_MAX);
    for (uint64_t k = 0; k < count; k++) {
        Arena *process = arena_create();
        workers[k] = (Worker){.options = g, .seed = k, .end = n, .step = count, .process = process,
                              .census = census_create(process)};
        if (pthread_create(&workers[k].id, NULL, work, &workers[k])) die("cannot start a thread");
    }
    for (uint64_t k = 0; k < count; k++) {
        pthread_join(workers[k].id, NULL);
        census_add(c, workers[k].census);
        arena_destroy(workers[k].process);
    }
}

uint64_t census_demand(uint64_t n)
{
    uint64_t share = (min_u64(n, CENSUS_CASES) * CENSUS_DEMAND + CENSUS_CASES - 1) / CENSUS_CASES;
    return max_u64(share, 1);
}

bool census_holds(const Census *c, const CensusCells *cells, uint64_t n)
{
    for (uint32_t k = 0; n >= CENSUS_CASES && k < cells->n; k++)
        if (cells->at[k].legal && census_count(c, &cells->at[k]) < CENSUS_DEMAND) return false;
    return true;
}
