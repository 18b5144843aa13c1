#include "cli/cli.h"

#include "base/file.h"
#include "cli/gen_census.h"
#include "cli/gen_stats.h"
#include "gen/gen.h"
#include "oracle/finding.h"

#include <stdio.h>

typedef struct {
    uint64_t seed, which, stats, census;
    const char *from, *out, *off;
    bool has_seed, bytes, hashes, json;
    const Dialect *dialect;
} Options;

static const struct argp_option options[] = {
    {"seed", 's', "N", 0, "the case of seed N (default 0)", 0},
    {"from", 'f', "FILE", 0, "decode the bytes of FILE, `-` for standard input", 0},
    {"case", 'c', "K", 0, "of --from: case K of the input, from 0 (default 0)", 0},
    {"bytes", 'b', 0, 0, "of --seed: write the bytes, not the case", 0},
    {"hashes", 'h', 0, 0, "of --from: a line with a hash for each case", 0},
    {"off", 'o' + 256, "LIST", 0, "switch families of shapes off: address,align,…", 0},
    {"dialect", 'd', "VERSION", 0, "as the reader of that version of Cranelift takes it", 0},
    {"stats", 'n', "N", 0, "instead: what the cases of N seeds hold; 1 when they lack some", 0},
    {"census", 'c' + 256, "N", 0, "instead: which cells (instruction, type, source of an operand; "
     "access, alignment, placement; …) the cases of N seeds have too seldom; 1 when there are some "
     "and N is a million or more", 0},
    {"json", 'j', 0, 0, "of --stats: as one JSON object; of --census: as one a line", 0},
    {"output", 'o', "FILE", 0, "write to FILE", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 's': o->seed = cli_number(state, "--seed", arg), o->has_seed = true; return 0;
    case 'f': o->from = arg; return 0;
    case 'c': o->which = cli_number(state, "--case", arg); return 0;
    case 'b': o->bytes = true; return 0;
    case 'h': o->hashes = true; return 0;
    case 'n': o->stats = cli_number(state, "--stats", arg); return 0;
    case 'c' + 256: o->census = cli_number(state, "--census", arg); return 0;
    case 'j': o->json = true; return 0;
    case 'd': o->dialect = cli_dialect(state, arg); return 0;
    case 'o': o->out = arg; return 0;
    case 'o' + 256: o->off = arg; return 0;
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not understood", arg); return EINVAL;
    case ARGP_KEY_END:
        if (o->has_seed && o->from) argp_error(state, "either --seed or --from");
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool put(const Options *o, Str text)
{
    const char *error;
    if (!o->out || !strcmp(o->out, "-")) return cli_put(text), true;
    if (file_write(o->out, text, &error)) return true;
    fprintf(stderr, "%s: error: %s\n", o->out, error);
    return false;
}

/* One line a case, the same in every program that decodes these bytes. */
static void put_hashes(GenInput *in, const GenOptions *g, Arena *a)
{
    const Case *c;
    while (arena_reset(a), (c = gen_next(in, g, a)) != NULL)
        printf("hash %016llx\n", (unsigned long long)case_hash(a, c));
}

static Case *choose_case(GenInput *in, const GenOptions *g, Arena *a, uint64_t which)
{
    Case *c;
    do {
        c = gen_next(in, g, a);
    } while (c && which-- > 0);
    return c;
}

/* `input` holds the bytes, `a` one case. */
static int put_case(const Options *o, GenInput *in, const GenOptions *g, Arena *a)
{
    Case *c = choose_case(in, g, a, o->which);
    if (!c) {
        fprintf(stderr, "tally gen: the input holds no case %llu\n", (unsigned long long)o->which);
        return EXIT_INPUT;
    }
    Buf text = {.arena = a};
    if (!cli_write_case(&text, c, &(WriteOptions){.dialect = o->dialect})) return EXIT_UNJUDGED;
    return put(o, buf_str(&text)) ? EXIT_AGREE : EXIT_RESOURCE;
}

static int generate(const Options *o, const GenOptions *g, Arena *input, Arena *a)
{
    Str bytes = {arena_alloc(input, GEN_SEED_BYTES), 0};
    const char *error;
    if (!o->from) {
        bytes.n = gen_seed_bytes(o->seed, (uint8_t *)bytes.at, GEN_SEED_BYTES);
    } else if (!file_read(input, o->from, FILE_LIMIT, &bytes, &error)) {
        fprintf(stderr, "%s: error: %s\n", o->from, error);
        return EXIT_INPUT;
    }
    if (o->bytes) return put(o, bytes) ? EXIT_AGREE : EXIT_RESOURCE;
    GenInput in = {.bytes = (const uint8_t *)bytes.at, .n = bytes.n};
    if (!o->hashes) return put_case(o, &in, g, a);
    put_hashes(&in, g, a);
    return EXIT_AGREE;
}

int command_gen(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "Make a case: a module, its heaps and its runs, as CLIF on standard output.\v"
               "Example: tally gen --seed 7 --off vector\n"
               "Example: tally gen --census 1000",
    };
    Options o = {0};
    GenOptions g = {0};
    cli_parse(&argp, argc, argv, &o);
    if (o.off && !gen_parse_off(str_of(o.off), &g.off)) {
        fprintf(stderr, "tally gen: --off names an unknown family; they are:\n");
        for (uint32_t k = 0; k < FAMILY_COUNT; k++)
            fprintf(stderr, "  %-9s %s\n", gen_families[k].name, gen_families[k].meaning);
        return EXIT_INPUT;
    }
    if (o.census) return cli_finish(gen_census_command(o.census, &g, o.json));
    if (o.stats) return cli_finish(gen_stats_command(o.stats, &g, o.json));
    Arena *input = arena_create(), *a = arena_create();
    int status = generate(&o, &g, input, a);
    arena_destroy(a);
    arena_destroy(input);
    return cli_finish(status);
}
