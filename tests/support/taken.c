/* Prints the second part of docs/support.md: how many cases of the standard population loaded back
 * ends take, and what they refuse, by reason. Nothing is run.
 *
 *     build/tally_taken 100000 cranelift:none cc:O1 tcc
 *
 * With --share PERCENT before the number it prints nothing but fails (1) when one takes less.
 */
#include "backend/library.h"
#include "gen/gen.h"
#include "oracle/judge.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH_MAX = 64 };

/* Alone, a configuration compiles cases and runs none: the judge counts what it took. */
static void take_batch(Judge *j, Arena *a, uint64_t seed, uint32_t n)
{
    const Case *cases[BATCH_MAX] = {NULL};
    Verdict v;
    for (uint32_t k = 0; k < n; k++) {
        uint8_t *bytes = arena_alloc(a, GEN_SEED_BYTES);
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed + k, bytes, GEN_SEED_BYTES)};
        cases[k] = gen_next(&in, &(GenOptions){0}, a);
    }
    judge_prefetch(j, 0, cases, n);
    for (uint32_t k = 0; k < n; k++) judge_case(j, cases[k], &v);
    judge_prefetch(j, 0, NULL, 0);
}

static int by_count(const void *a, const void *b)
{
    const uint64_t x = ((const uint64_t *)a)[1], y = ((const uint64_t *)b)[1];
    return x < y ? 1 : x > y ? -1 : 0;
}

static void print_line(const char *label, Counts *c)
{
    double asked = (double)c->taken[0].asked;
    Reasons *r = &c->refused_by;
    printf("| %s | %.1f %% | %.1f %% |", label, 100 * (double)c->taken[0].took / asked,
           100 * (double)c->taken[0].failed / asked);
    qsort(r->at, r->n, sizeof *r->at, by_count);
    for (uint32_t k = 0; k < r->n; k++) {
        const char *colon = strstr(r->at[k].reason, ": "); /* behind the back end's name */
        printf("%s %s %llu", k ? "," : "", colon ? colon + 2 : r->at[k].reason,
               (unsigned long long)r->at[k].count);
    }
    printf(" |\n");
}

/* The share that it took in percent, negative when it is not there. */
static double measure(const char *spec, uint32_t cases, bool print)
{
    const char *error;
    Judge *j = judge_create(&(JudgeOptions){.backends = spec}, &error);
    if (!j || !judge_configs(j)->at[0]->library) {
        fprintf(stderr, "tally_taken: %s: %s\n", spec, j ? "not a loaded one" : error);
        return -1;
    }
    Arena *a = arena_create();
    uint32_t batch = judge_batch(j, 0);
    for (uint32_t n = 0; n < cases; n += batch) {
        arena_reset(a);
        take_batch(j, a, n, (uint32_t)min_u64(batch, cases - n));
    }
    Counts *c = judge_counts(j);
    double share = 100 * (double)c->taken[0].took / (double)c->taken[0].asked;
    if (print) print_line(judge_configs(j)->at[0]->label, c);
    judge_destroy(j);
    arena_destroy(a);
    return share;
}

int main(int argc, char **argv)
{
    bool check = argc > 2 && strcmp(argv[1], "--share") == 0;
    double least = check ? strtod(argv[2], NULL) : 0;
    if (check) argv += 2, argc -= 2;
    uint32_t cases = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    if (!cases || argc < 3) {
        fprintf(stderr, "usage: tally_taken [--share PERCENT] CASES CONFIGURATION...\n");
        return EXIT_INPUT;
    }
    if (!check)
        printf("Of %u cases of the standard population, seeds from 0:\n\n"
               "| back end | took | the compiler itself failed on | refused, by reason |\n"
               "| --- | --- | --- | --- |\n", cases);
    int status = 0;
    for (int k = 2; k < argc; k++) {
        double share = measure(argv[k], cases, !check);
        if (share < least) status = share < 0 ? EXIT_INPUT : EXIT_FINDING;
    }
    return status;
}
