/* Benchmarks on the standard population: generated cases, nothing switched off, each seed fresh.
 *
 *     build/tally_bench [CASES]
 *
 * Prints one `name value unit` line each, so that two builds can be compared line by line.
 */
#include "base/file.h"
#include "base/rng.h"
#include "fuzz/session.h"
#include "ir/build.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "triage/survey.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef enum { STAGE_generate, STAGE_verify, STAGE_compile, STAGE_place, STAGE_run, STAGES } Stage;

typedef struct {
    double seconds[STAGES];
    double interpret;           /* part of STAGE_run, in the interpreter */
    double compile[CONFIGS_MAX]; /* by configuration */
    uint64_t cases, insts, runs, steps, written;
    Arena *arena;
    Judge *judge;
} Bench;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double wall(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double since(double *last)
{
    double before = *last;
    return (*last = wall()) - before;
}

static void run_everywhere(Bench *b, const Case *c, const Run *run, double *last)
{
    const ConfigVec *configs = judge_configs(b->judge);
    const char *reason;
    Outcome o;
    if (!judge_place(b->judge, c, run, &reason)) return;
    b->seconds[STAGE_place] += since(last);
    b->runs++;
    for (uint32_t k = 0; k < configs->n; k++) {
        judge_run(b->judge, configs->at[k], c, run, &o);
        double t = since(last);
        b->seconds[STAGE_run] += t;
        if (!configs->at[k]->backend->run) continue;
        b->interpret += t;
        b->steps += o.steps;
        b->written += o.written;
    }
}

/* False when a configuration cannot compile the case (atomics of 16 bytes without cmpxchg16b). */
static bool compile_everywhere(Bench *b, const Case *c, double *last)
{
    const ConfigVec *configs = judge_configs(b->judge);
    double took[CONFIGS_MAX];
    const char *refused;
    for (uint32_t k = 0; k < configs->n; k++) {
        if (!judge_compile(b->judge, configs->at[k], c, &refused)) return false;
        took[k] = since(last);
    }
    for (uint32_t k = 0; k < configs->n; k++) {
        b->compile[k] += took[k];
        b->seconds[STAGE_compile] += took[k];
    }
    return true;
}

/* Cases that somebody refuses are left out. */
static void measure_case(Bench *b, uint64_t seed)
{
    uint8_t bytes[GEN_SEED_BYTES];
    GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
    GenOptions g = {0};
    arena_reset(b->arena);
    double last = wall();
    const Case *c = gen_next(&in, &g, b->arena);
    double generate = since(&last);
    Diag d = {.arena = b->arena};
    CHECK(case_verify(c, b->arena, &d));
    double verify = since(&last);
    if (!compile_everywhere(b, c, &last)) return;
    b->seconds[STAGE_generate] += generate;
    b->seconds[STAGE_verify] += verify;
    for (uint32_t r = 0; r < c->runs.n; r++) run_everywhere(b, c, &c->runs.at[r], &last);
    b->cases++;
    b->insts += module_inst_count(c->module);
}

/* The share of cases in which an address is passed to a callee. */
static void measure_population(void)
{
    enum { SURVEYED = 2000 };
    static GenStats s;
    GenFigure figures[GEN_FIGURES];
    Arena *a = arena_create();
    const char *error;
    Judge *j = judge_create(&(JudgeOptions){.backends = "interp"}, &error);
    CHECK(j);
    for (uint64_t seed = 0; seed < SURVEYED; seed++, arena_reset(a)) {
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Case *c = gen_next(&in, &(GenOptions){0}, a);
        survey_case(&s, j, &in, c, a);
    }
    gen_stats_figures(&s, figures);
    for (size_t k = 0; k < GEN_FIGURES; k++)
        if (strcmp(figures[k].name, "passed") == 0)
            printf("population/passed %.1f %% of cases\n", figures[k].value);
    judge_destroy(j);
    arena_destroy(a);
}

/* The stages one by one; the clock costs about 25 ns a reading. */
static void measure_stages(uint64_t n)
{
    static const char *const names[] = {"generate", "verify", "compile", "place", "run"};
    Bench b = {.arena = arena_create()};
    const char *error;
    b.judge = judge_create(&(JudgeOptions){0}, &error);
    CHECK(b.judge);
    for (uint64_t seed = 0; seed < n; seed++) measure_case(&b, seed);
    double cases = (double)b.cases;
    printf("population/instructions %.1f a case\n", (double)b.insts / cases);
    printf("population/runs %.2f a case\n", (double)b.runs / cases);
    printf("population/steps %.1f a case\n", (double)b.steps / cases);
    printf("population/written %.1f bytes a case\n", (double)b.written / cases);
    for (Stage s = 0; s < STAGES; s++)
        printf("stage/%s %.2f us a case\n", names[s], b.seconds[s] * 1e6 / cases);
    printf("interpret %.1f ns a step\n", b.interpret * 1e9 / (double)b.steps);
    const ConfigVec *configs = judge_configs(b.judge);
    for (uint32_t k = 0; k < configs->n; k++)
        if (!configs->at[k]->backend->run)
            printf("compile/%s %.1f ns an IR instruction\n", configs->at[k]->name,
                   b.compile[k] * 1e9 / (double)b.insts);
    judge_destroy(b.judge);
    arena_destroy(b.arena);
}

/* The whole loop as a campaign has it. */
static void measure_loop(const char *name, const char *list, uint64_t n)
{
    const char *error;
    SessionOptions o = {.backends = list};
    Session *s = session_create(&o, "bench", &error);
    CHECK(s);
    double start = now();
    for (uint64_t seed = 0; seed < n; seed++) {
        uint8_t bytes[GEN_SEED_BYTES];
        SessionEvent e;
        session_input(s, bytes, gen_seed_bytes(seed + n, bytes, sizeof bytes), &e);
    }
    double seconds = now() - start;
    printf("bare/%s %.0f executions/s\n", name, (double)session_counts(s)->executions / seconds);
    session_destroy(s);
}

/* Texts for the reader. */
typedef struct {
    Arena *arena;
    VEC(Str) at;
    uint64_t bytes;
} Texts;

static void add_text(Texts *t, Str text)
{
    *vec_push(t->arena, &t->at) = text;
    t->bytes += text.n;
}

static bool add_file(void *data, const char *path)
{
    Texts *t = data;
    Str text;
    const char *error;
    CHECK(file_read(t->arena, path, FILE_LIMIT, &text, &error));
    add_text(t, text);
    return true;
}

static void add_generated(Texts *t, uint32_t n)
{
    for (uint64_t seed = 0; seed < n; seed++) {
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        Buf text = {.arena = t->arena};
        case_write(&text, gen_next(&in, &(GenOptions){0}, t->arena), NULL);
        add_text(t, buf_str(&text));
    }
}

static void read_all(const char *name, const Texts *t)
{
    enum { LEAST_BYTES = 100000000 };
    Arena *a = arena_create();
    uint64_t bytes = 0;
    double start = now();
    for (; bytes < LEAST_BYTES; bytes += t->bytes) {
        for (uint32_t k = 0; k < t->at.n; k++, arena_reset(a)) {
            Diag d = {.arena = a};
            CHECK(case_read(a, "text", t->at.at[k], &d));
        }
    }
    printf("read/%s %.0f MB/s\n", name, (double)bytes / 1e6 / (now() - start));
    arena_destroy(a);
}

/* Reading text, on one core. */
static void measure_reader(void)
{
    enum { GENERATED = 1000 };
    const char *error;
    Texts generated = {.arena = arena_create()}, files = {.arena = arena_create()};
    add_generated(&generated, GENERATED);
    read_all("generated", &generated);
    if (file_walk(files.arena, "tests/clif", ".clif", add_file, &files, &error))
        read_all("tests", &files);
    else
        printf("# reading tests is not measured: %s\n", error);
    arena_destroy(generated.arena);
    arena_destroy(files.arena);
}

/* A function of about `size` instructions, at each size of the same mix: a diamond behind every ten
 * instructions of integer arithmetic over recent values. */
static Module *synthetic(Arena *a, uint32_t size)
{
    enum { RECENT = 8, BLOCK_INSTS = 10 };
    Module *m = module_create(a);
    Signature sig = {0};
    for (int k = 0; k < 4; k++) vec_push(a, &sig.params)->type = TY_i64;
    vec_push(a, &sig.returns)->type = TY_i64;
    Func *f = func_create(m, funcname_text("f"), &sig);
    Builder b = builder_at(f, build_entry(f));
    Rng r = rng_seeded(size);
    Value recent[RECENT];
    for (int k = 0; k < RECENT; k++) recent[k] = (Value){(uint32_t)k % 4};
    static const Op ops[] = {OP_iadd, OP_isub, OP_bxor, OP_band, OP_imul, OP_iadd};
    for (uint32_t n = 0; n < size; n++) {
        Value x = recent[rng_below(&r, RECENT)], y = recent[rng_below(&r, RECENT)];
        Value z = build_binary(&b, ops[rng_below(&r, countof(ops))], x, y);
        recent[rng_below(&r, RECENT)] = z;
        if (n % BLOCK_INSTS != BLOCK_INSTS - 1) continue;
        Block left = build_block(f), right = build_block(f), join = build_block(f);
        build_brif(&b, z, build_dest(f, left, NULL, 0), build_dest(f, right, NULL, 0));
        b.at = left;
        build_jump(&b, build_dest(f, join, &x, 1));
        b.at = right;
        build_jump(&b, build_dest(f, join, &y, 1));
        b.at = join;
        recent[0] = build_param(f, join, TY_i64);
    }
    build_return(&b, &recent[0], 1);
    return m;
}

static void measure_sizes(void)
{
    const char *error, *refused;
    Judge *j = judge_create(&(JudgeOptions){.backends = "jit:none:native"}, &error);
    CHECK(j);
    double last = 0;
    for (uint32_t size = 10; size <= 10000; size *= 10) {
        Arena *a = arena_create();
        const Case c = {.module = synthetic(a, size)};
        uint32_t times = 2000000 / size;
        double start = now();
        for (uint32_t k = 0; k < times; k++)
            CHECK(judge_compile(j, judge_configs(j)->at[0], &c, &refused));
        double us = (now() - start) * 1e6 / times;
        printf("size/%u %.2f us to compile\n", size, us);
        if (last > 0) printf("size/%u-to-%u %.1f times the cost\n", size / 10, size, us / last);
        last = us;
        arena_destroy(a);
    }
    judge_destroy(j);
}

/* What loaded back ends are measured as, where they are built. */
static const char *const loaded[] = {
    "cranelift:none", "cranelift:speed", "cc:O0", "cc:O2",
    "cc:cc=clang:O0", "cc:cc=clang:O2",  "tcc",
};

/* Decodes the cases of `n` seeds from `seed` on. */
static void make_cases(Arena *a, uint64_t seed, uint32_t n, const Case **cases)
{
    for (uint32_t k = 0; k < n; k++) {
        uint8_t *bytes = arena_alloc(a, GEN_SEED_BYTES);
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed + k, bytes, GEN_SEED_BYTES)};
        cases[k] = gen_next(&in, &(GenOptions){0}, a);
    }
}

typedef struct {
    double compile, judge; /* seconds; the latter without compiling ahead */
    uint64_t insts;
    uint32_t compiled, cases;
} Loaded;

/* Compiles the cases in the second configuration, at once if it is a loaded one. */
static void compile_batch(Judge *j, const Case *const *cases, uint32_t n, Loaded *sum)
{
    const Config *config = judge_configs(j)->at[1];
    const char *refused;
    double start = wall();
    if (config->library) judge_prefetch(j, 1, cases, n);
    for (uint32_t k = 0; k < n; k++) {
        if (!judge_compile(j, config, cases[k], &refused)) continue;
        sum->insts += module_inst_count(cases[k]->module);
        sum->compiled++;
    }
    sum->compile += wall() - start;
}

/* By the clock, because the work is another process's. */
static void measure_batch(Judge *j, const Case *const *cases, uint32_t n, Loaded *sum)
{
    Verdict v;
    compile_batch(j, cases, n, sum);
    double start = wall();
    for (uint32_t k = 0; k < n; k++) judge_case(j, cases[k], &v);
    sum->judge += wall() - start;
    sum->cases += n;
}

/* One configuration beside the interpreter; compile times are those of cases that it compiles. */
static void measure_configuration(const char *spec, uint32_t n)
{
    const char *error;
    Arena *a = arena_create(), *process = arena_create();
    const char *list = arena_printf(process, "interp,%s", spec);
    Judge *j = judge_create(&(JudgeOptions){.backends = list}, &error);
    CHECK(j);
    if (judge_configs(j)->n < 2) {
        printf("# %s is not measured: %s", spec, judge_problems(j));
    } else {
        Loaded sum = {0};
        uint32_t batch = judge_batch(j, 1);
        const Case **cases = arena_array(process, const Case *, batch);
        bool ahead = judge_configs(j)->at[1]->library != NULL;
        for (; sum.cases < n; arena_reset(a)) {
            make_cases(a, sum.cases, batch, cases);
            measure_batch(j, cases, batch, &sum);
        }
        printf("backend/%s %.0f executions/s\n", spec,
               sum.cases / (sum.judge + (ahead ? sum.compile : 0)));
        printf("backend/%s-compile %.0f ns an IR instruction\n", spec,
               sum.compile * 1e9 / (double)sum.insts);
        printf("backend/%s-compiled %.1f %% of cases\n", spec, 100.0 * sum.compiled / sum.cases);
    }
    judge_destroy(j);
    arena_destroy(process);
    arena_destroy(a);
}

static void measure_loaded(void)
{
    enum { CASES = 512 };
    measure_configuration("jit:none:native", CASES);
    for (size_t k = 0; k < countof(loaded); k++) measure_configuration(loaded[k], CASES);
}

int main(int argc, char **argv)
{
    uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 20000;
    measure_population();
    measure_stages(n);
    measure_loop("default", NULL, n);
    measure_loop("interp,jit:none:native", "interp,jit:none:native", n);
    measure_sizes();
    measure_reader();
    measure_loaded();
    return 0;
}
