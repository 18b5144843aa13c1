#include "cli/cli.h"

#include "base/file.h"
#include "gen/gen.h"
#include "ir/write.h"
#include "oracle/finding.h"
#include "triage/picture.h"

#include <stdio.h>
#include <sys/stat.h>

typedef struct {
    const char *backends, *path;
    bool quiet;
} Options;

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "configurations (default: those of the finding)", 0},
    {"quiet", 'q', 0, 0, "only say whether it still shows", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'b': o->backends = arg; return 0;
    case 'q': o->quiet = true; return 0;
    case ARGP_KEY_ARG:
        if (o->path) argp_error(state, "one finding at a time");
        o->path = arg;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which finding?"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

static bool is_folder(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

/* The case of a finding's bytes, when this build still decodes them as then; else NULL. */
static Case *decode_input(Arena *a, const char *folder, const FindingRecord *r)
{
    Str bytes;
    const char *error;
    GenOptions g = {0};
    if (!file_read(a, arena_printf(a, "%s/input", folder), FILE_LIMIT, &bytes, &error)) return NULL;
    const char *off = r->options ? strstr(r->options, "off=") : NULL;
    if (off && !gen_parse_off((Str){off + 4, strcspn(off + 4, " ")}, &g.off)) return NULL;
    GenInput in = {.bytes = (const uint8_t *)bytes.at, .n = bytes.n};
    Case *c = gen_next(&in, &g, a);
    return c && case_hash(a, c) == r->case_hash ? c : NULL;
}

static Case *load_case(Arena *a, const Options *o, FindingRecord *r)
{
    const char *error;
    if (!is_folder(o->path)) return cli_read_case(a, o->path);
    if (!finding_load(a, o->path, r, &error)) {
        fprintf(stderr, "%s: error: %s\n", o->path, error);
        return NULL;
    }
    Case *c = decode_input(a, o->path, r);
    if (c) return c;
    printf("this build decodes `input` to another case; case.clif is used\n");
    return cli_read_case(a, arena_printf(a, "%s/case.clif", o->path));
}

/* What the record says happened then against what happened now. */
static int compare(const FindingRecord *r, const Verdict *v)
{
    const char *odd = v->odd ? v->odd->name : "";
    if (!verdict_is_finding(v->kind)) {
        printf("no longer shows: %s\n", verdict_name(v->kind));
        return r->kind ? EXIT_GONE : v->kind == VERDICT_agree ? EXIT_AGREE : EXIT_UNJUDGED;
    }
    if (r->kind && (strcmp(r->kind, verdict_name(v->kind)) || strcmp(r->odd ? r->odd : "", odd))) {
        printf("shows something else: it was %s in %s\n", r->kind, r->odd ? r->odd : "one of them");
        return EXIT_GONE;
    }
    return EXIT_FINDING;
}

static void draw(Judge *j, const Case *c, const Verdict *v, Arena *a)
{
    Buf out = {.arena = a};
    Picture p = {.out = &out, .colour = cli_is_terminal()};
    case_write(&out, c, NULL);
    buf_char(&out, '\n');
    const Config *shown = v->odd && v->odd->backend->code ? v->odd : NULL;
    const ConfigVec *configs = judge_configs(j);
    for (uint32_t k = 0; k < configs->n && !shown; k++)
        if (configs->at[k]->backend->code) shown = configs->at[k];
    const char *refused;
    if (shown && judge_compile(j, shown, c->module, &refused)) picture_code(&p, shown, c);
    buf_char(&out, '\n');
    picture_difference(&p, j, c, v);
    cli_put(buf_str(&out));
}

static int reproduce(const Options *o, Arena *a)
{
    FindingRecord r = {0};
    const char *error;
    Case *c = load_case(a, o, &r);
    if (!c) return EXIT_INPUT;
    const char *configs = o->backends ? o->backends : r.configs;
    Judge *j = judge_create(&(JudgeOptions){.backends = configs}, &error);
    if (!j) {
        fprintf(stderr, "tally repro: %s\n", error);
        return EXIT_INPUT;
    }
    Verdict v;
    judge_case(j, c, &v);
    if (!o->quiet && verdict_is_finding(v.kind)) draw(j, c, &v, a);
    int status = compare(&r, &v);
    judge_destroy(j);
    return status;
}

int command_repro(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE|FOLDER",
        .doc = "Show a finding again: the module, its machine code, what each configuration made "
               "of it, and the heaps side by side with the differing bytes marked.\v"
               "Exit status 1 when it shows, 6 when it no longer shows or shows something else.\n\n"
               "Example: tally repro findings/jit_none_sse2-memory-load_store",
    };
    Options o = {0};
    cli_parse(&argp, argc, argv, &o);
    Arena *a = arena_create();
    int status = reproduce(&o, a);
    arena_destroy(a);
    return cli_finish(status);
}
