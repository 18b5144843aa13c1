#include "cli/cli.h"

#include "gen/gen.h"
#include "oracle/describe.h"
#include "oracle/twin.h"
#include "triage/picture.h"

typedef struct {
    const char *backend, *path;
    bool code, json, twin;
    uint64_t stats, run;
    const Dialect *dialect;
} Options;

static const struct argp_option options[] = {
    {"backend", 'b', "CONFIG", 0, "whose machine code (default jit:none:native)", 0},
    {"code", 'c', 0, 0, "machine code below each instruction", 0},
    {"twin", 't', "RUN", 0, "instead: what Cranelift's own runner takes for run RUN, from 0", 0},
    {"dialect", 'd', "VERSION", 0, "as the reader of that version of Cranelift takes it", 0},
    {"stats", 's', "N", 0, "instead: what N generated cases compile to, summed", 0},
    {"json", 'j', 0, 0, "with --stats: one JSON object", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'b': o->backend = arg; return 0;
    case 'c': o->code = true; return 0;
    case 'd': o->dialect = cli_dialect(state, arg); return 0;
    case 't': o->run = cli_number(state, "--twin", arg), o->twin = true; return 0;
    case 'j': o->json = true; return 0;
    case 's': o->stats = cli_number(state, "--stats", arg); return 0;
    case ARGP_KEY_ARG:
        if (o->path) argp_error(state, "one file at a time");
        o->path = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->path && !o->stats) argp_error(state, "which file?");
        if (o->path && o->stats) argp_error(state, "--stats is about generated cases");
        if (o->json && !o->stats) argp_error(state, "--json goes with --stats");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int no_code(const Config *config)
{
    fprintf(stderr, "%s has no machine code to show\n", config->name);
    return EXIT_INPUT;
}

static int show_file(const Options *o, Judge *j, Arena *a)
{
    const Case *c = cli_read_case(a, o->path);
    if (!c) return EXIT_INPUT;
    Buf out = {.arena = a};
    if (!cli_write_case(&out, c, &(WriteOptions){.dialect = o->dialect})) return EXIT_UNJUDGED;
    if (o->code) {
        const Config *config = judge_configs(j)->at[0];
        const char *refused = "no reason";
        Picture p = {.out = &out, .colour = cli_is_terminal(), .mark = NO_OFFSET};
        buf_char(&out, '\n');
        if (!judge_compile(j, config, c, &refused)) {
            fprintf(stderr, "%s: refused by %s: %s\n", o->path, config->name, refused);
            return EXIT_UNJUDGED;
        }
        if (!picture_code(&p, config, c)) return no_code(config);
    }
    cli_put(buf_str(&out));
    return EXIT_AGREE;
}

static int show_twin(const Options *o, Judge *j, Arena *a)
{
    const Case *c = cli_read_case(a, o->path);
    if (!c) return EXIT_INPUT;
    const char *reason = "the file has no such run";
    const Case *twin =
        o->run < c->runs.n ? twin_make(j, c, (uint32_t)o->run, a, &reason) : NULL;
    if (!twin) {
        fprintf(stderr, "%s: run %llu has no twin: %s\n", o->path, (unsigned long long)o->run,
                reason);
        return o->run < c->runs.n ? EXIT_UNJUDGED : EXIT_INPUT;
    }
    Buf out = {.arena = a};
    WriteOptions how = {.dialect = o->dialect, .consistent = c->discipline};
    if (!cli_write_case(&out, twin, &how)) return EXIT_UNJUDGED;
    cli_put(buf_str(&out));
    return EXIT_AGREE;
}

typedef struct {
    uint64_t cases, refused, insts;
    CodeStats code;
} Sums;

static void print_stats_json(const Sums *s)
{
    const CodeStats *c = &s->code;
    const struct {
        const char *name;
        uint64_t sum;
    } sums[] = {
        {"cases", s->cases},
        {"refused", s->refused},
        {"ir_instructions", s->insts},
        {"machine_instructions", c->machine_insts},
        {"bytes", c->bytes},
        {"spill_loads", c->spill_loads},
        {"spill_stores", c->spill_stores},
        {"moves", c->moves},
    };
    json_t *o = json_object();
    for (size_t k = 0; k < countof(sums); k++)
        json_object_set_new(o, sums[k].name, json_integer((json_int_t)sums[k].sum));
    describe_print(o, stdout);
}

static void print_stats(const Options *o, const Sums *s)
{
    const CodeStats *c = &s->code;
    double n = s->insts ? (double)s->insts : 1;
    if (o->json) {
        print_stats_json(s);
        return;
    }
    printf("cases %llu, refused %llu, IR instructions %llu\n", (unsigned long long)s->cases,
           (unsigned long long)s->refused, (unsigned long long)s->insts);
    printf("an IR instruction: machine instructions %.2f, bytes %.2f, spill loads %.3f, "
           "spill stores %.3f, moves %.3f\n",
           (double)c->machine_insts / n, (double)c->bytes / n, (double)c->spill_loads / n,
           (double)c->spill_stores / n, (double)c->moves / n);
}

/* Sums over generated cases: how much code an IR instruction becomes, how often it spills. */
static int show_stats(const Options *o, Judge *j, Arena *a)
{
    const Config *config = judge_configs(j)->at[0];
    CodeStats sum = {0};
    uint64_t insts = 0, refusals = 0;
    if (!config->backend->stats) return no_code(config);
    for (uint64_t seed = 0; seed < o->stats; seed++, arena_reset(a)) {
        uint8_t bytes[GEN_SEED_BYTES];
        GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
        const Case *c = gen_next(&in, &(GenOptions){0}, a);
        const char *refused;
        if (!judge_compile(j, config, c, &refused)) {
            refusals++;
            continue;
        }
        insts += module_inst_count(c->module);
        config->backend->stats(config->state, &sum);
    }
    print_stats(o, &(Sums){o->stats, refusals, insts, sum});
    return EXIT_AGREE;
}

int command_show(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE",
        .doc = "Show a CLIF file as it was understood, with --code the machine code below each "
               "instruction.\v"
               "Example: tally show --code --backend jit:none:sse2 corpus/regressions/a.clif",
    };
    Options o = {.backend = "jit:none:native"};
    cli_parse(&argp, argc, argv, &o);
    const char *error;
    const char *list = o.twin ? "interp" : o.backend;
    Judge *j = judge_create(&(JudgeOptions){.backends = list}, &error);
    if (!j) {
        fprintf(stderr, "tally show: %s\n", error);
        return EXIT_INPUT;
    }
    Arena *a = arena_create();
    int status = o.stats  ? show_stats(&o, j, a)
                 : o.twin ? show_twin(&o, j, a)
                          : show_file(&o, j, a);
    arena_destroy(a);
    judge_destroy(j);
    return cli_finish(status);
}
