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

typedef struct {
    Arena *process, *cases;
    Judge *judge;
    uint32_t asked, took, failed;
    Reasons reasons;
} Taken;

static void take_batch(Taken *t, uint32_t n)
{
    const Case *cases[BATCH_MAX];
    const Config *config = judge_configs(t->judge)->at[0];
    const char *why;
    for (uint32_t k = 0; k < n; k++) {
        uint8_t *bytes = arena_alloc(t->cases, GEN_SEED_BYTES);
        uint64_t seed = t->asked + k;
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, GEN_SEED_BYTES)};
        cases[k] = gen_next(&in, &(GenOptions){0}, t->cases);
    }
    judge_prefetch(t->judge, 0, cases, n);
    for (uint32_t k = 0; k < n; k++) {
        Verdict v;
        judge_case(t->judge, cases[k], &v); /* alone: compiled, not run */
        bool refused = !judge_compile(t->judge, config, cases[k], &why);
        t->failed += verdict_is_finding(v.kind);
        t->took += !refused || verdict_is_finding(v.kind);
        if (refused && !verdict_is_finding(v.kind)) reasons_add(t->process, &t->reasons, why);
    }
    t->asked += n;
    arena_reset(t->cases);
}

static int by_count(const void *a, const void *b)
{
    const uint64_t x = ((const uint64_t *)a)[1], y = ((const uint64_t *)b)[1];
    return x < y ? 1 : x > y ? -1 : 0;
}

static void print_line(Taken *t, const char *label)
{
    double share = 100.0 * t->took / t->asked;
    printf("| %s | %.1f %% |", label, share);
    qsort(t->reasons.at, t->reasons.n, sizeof *t->reasons.at, by_count);
    for (uint32_t k = 0; k < t->reasons.n; k++)
        printf("%s %s %llu", k ? "," : "", t->reasons.at[k].reason,
               (unsigned long long)t->reasons.at[k].count);
    printf(" |\n");
}

/* The share that it took in percent, negative when it is not there. */
static double measure(const char *spec, uint32_t cases, bool print)
{
    const char *error;
    static Taken t;
    t = (Taken){.process = arena_create(), .cases = arena_create()};
    t.judge = judge_create(&(JudgeOptions){.backends = spec}, &error);
    if (!t.judge || !judge_configs(t.judge)->at[0]->library) {
        fprintf(stderr, "tally_taken: %s: %s\n", spec, t.judge ? "not a loaded one" : error);
        return -1;
    }
    uint32_t batch = judge_batch(t.judge, 0);
    while (t.asked < cases) take_batch(&t, cases - t.asked < batch ? cases - t.asked : batch);
    if (print) print_line(&t, judge_configs(t.judge)->at[0]->label);
    judge_destroy(t.judge);
    arena_destroy(t.cases);
    arena_destroy(t.process);
    return 100.0 * t.took / t.asked;
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
               "| back end | took | refused, by reason |\n| --- | --- | --- |\n", cases);
    int status = 0;
    for (int k = 2; k < argc; k++) {
        double share = measure(argv[k], cases, !check);
        if (share < least) status = share < 0 ? EXIT_INPUT : EXIT_FINDING;
    }
    return status;
}
