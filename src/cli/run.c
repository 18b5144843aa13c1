#include "cli/cli.h"

#include "oracle/describe.h"
#include "reduce/signature.h"

typedef struct {
    const char *backends;
    char **paths;
    uint32_t npaths;
    bool json, counts;
} Options;

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "configurations (default " DEFAULT_BACKENDS ")", 0},
    {"json", 'j', 0, 0, "one JSON object a file", 0},
    {"counts", 'c', 0, 0, "end with the counts line", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'b': o->backends = arg; return 0;
    case 'j': o->json = true; return 0;
    case 'c': o->counts = true; return 0;
    case ARGP_KEY_ARGS:
        o->paths = state->argv + state->next;
        o->npaths = (uint32_t)(state->argc - state->next);
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which file?"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static int status_of(VerdictKind kind)
{
    if (verdict_is_finding(kind)) return EXIT_FINDING;
    if (kind == VERDICT_agree) return EXIT_AGREE;
    return kind == VERDICT_invalid ? EXIT_INPUT : EXIT_UNJUDGED;
}

static void print_text(const char *path, const Verdict *v, const char *signature)
{
    char run[24] = "";
    if (v->nballots) snprintf(run, sizeof run, "run %u: ", v->run + 1);
    if (verdict_is_finding(v->kind))
        printf("%s: finding: %s: %s%s\n  signature %s\n", path, verdict_name(v->kind), run,
               v->text, signature);
    else if (v->kind == VERDICT_agree)
        printf("%s: agree\n", path);
    else
        printf("%s: %s: %s\n", path, verdict_name(v->kind), v->text);
}

static void print_json(Judge *j, const Case *c, const char *path, const Verdict *v,
                       const char *signature)
{
    json_t *o = json_pack("{s:s}", "file", path);
    json_object_update_new(o, describe_verdict(j, c, v));
    if (verdict_is_finding(v->kind)) json_object_set_new(o, "signature", json_string(signature));
    describe_print(o, stdout);
}

/* A file that cannot be read has its line too; why stands on stderr. */
static int unread(const Options *o, const char *path)
{
    if (o->json)
        describe_print(json_pack("{s:s, s:s, s:b}", "file", path, "kind", "unread", "finding", 0),
                       stdout);
    return EXIT_INPUT;
}

static int run_file(Judge *j, const Options *o, const char *path, Arena *a)
{
    const Case *c = cli_read_case(a, path);
    if (!c) return unread(o, path);
    Verdict v;
    char signature[SIGNATURE_SIZE] = "";
    judge_case(j, c, &v);
    judge_counts(j)->findings += verdict_is_finding(v.kind);
    if (verdict_is_finding(v.kind)) signature_make(j, c, &v, a, signature);
    if (o->json) print_json(j, c, path, &v, signature);
    else print_text(path, &v, signature);
    return status_of(v.kind);
}

static void print_counts(const Options *o, const Counts *n, Arena *a)
{
    Buf text = {.arena = a};
    if (o->json) {
        describe_print(json_pack("{s:o}", "counts", describe_counts(n)), stdout);
        return;
    }
    counts_write(&text, n);
    puts(text.at);
}

/* Of several files the gravest status counts, a finding before bad input before unjudged. */
static int graver(int a, int b)
{
    static const int order[] = {EXIT_FINDING, EXIT_INPUT, EXIT_UNJUDGED};
    for (size_t k = 0; k < countof(order); k++)
        if (a == order[k] || b == order[k]) return order[k];
    return EXIT_AGREE;
}

int command_run(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE…",
        .doc = "Run the cases of CLIF files in several configurations and compare results, traps "
               "and every heap byte.\v"
               "`-` is standard input. The exit status is 0 when all agree, 1 on a finding, 2 on "
               "bad input, 5 when nothing could be judged.\n\n"
               "Example: tally gen --seed 1 | tally run -",
    };
    Options o = {0};
    cli_parse(&argp, argc, argv, &o);
    Judge *j = cli_judge("run", &(JudgeOptions){.backends = o.backends});
    if (!j) return EXIT_INPUT;
    Arena *a = arena_create();
    int status = EXIT_AGREE;
    for (uint32_t k = 0; k < o.npaths; k++, arena_reset(a))
        status = graver(status, run_file(j, &o, o.paths[k], a));
    if (o.counts) print_counts(&o, judge_counts(j), a);
    status = cli_judged("run", j, status);
    judge_destroy(j);
    arena_destroy(a);
    return cli_finish(status);
}
