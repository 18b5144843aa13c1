#include "cli/cli.h"

#include "fuzz/repro.h"
#include "oracle/describe.h"
#include "triage/bisect.h"

typedef struct {
    Bisect b;
    BisectJit jit;
    BisectSettings settings;
    VersionVec versions;
    const char *what; /* the verdict in a sentence */
} Answer;

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "configurations (default: those of the finding)", 0},
    {"whole", 'w', 0, 0, "the case as found, even where there is a reduced.clif", 0},
    {"json", 'j', 0, 0, "one JSON object", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    return cli_finding_option(state->input, key, arg, state);
}

/* `%f: v3 = iadd.i32 v1, v2`, NULL when it belongs to no instruction. */
static const char *place(const Answer *a)
{
    const FuelRewrite *r = &a->jit.rewrite;
    const Module *m = a->b.c->module;
    Buf out = {.arena = a->b.arena};
    if (r->func >= m->funcs.n) return NULL;
    const Func *f = m->funcs.at[r->func];
    func_name_write(&out, f->name);
    if (r->inst.i < f->insts.n) {
        buf_text(&out, ": ");
        inst_write(&out, f, func_inst(f, r->inst), NULL);
    }
    return arena_strndup(a->b.arena, out.at, out.n);
}

static void print_rewrite(const Answer *a)
{
    const BisectJit *j = &a->jit;
    const char *where = place(a);
    printf("pass:     %s%s\n", pass_name(j->pass),
           j->by_ir ? ", as the interpreter says of the IR behind it" : "");
    printf("rewrite:  %u of %u, %s%s%s: %s\n", j->number, j->of, rewrite_name(j->rewrite.rewrite),
           j->rewrite.detail ? " " : "", j->rewrite.detail ? j->rewrite.detail : "",
           rewrite_text(j->rewrite.rewrite));
    if (where) printf("of:       %s\n", where);
}

static void print_jit(const Answer *a)
{
    switch (a->jit.found) {
    case FOUND_rewrite: print_rewrite(a); return;
    case FOUND_always:
        printf("pass:     %s; it is wrong without any optional rewrite\n",
               a->jit.pass == PASS_legalise ? "legalise" : "lower, allocate or emit");
        return;
    case FOUND_nothing: printf("pass:     cannot be told by limiting rewrites\n"); return;
    }
}

static void print_words(const char *head, const WordVec *words)
{
    if (!words->n) return;
    printf("%s", head);
    for (uint32_t k = 0; k < words->n; k++) printf("%s%s", k ? ", " : "", words->at[k]);
    printf("\n");
}

static const char *said(const BisectVersion *v)
{
    static const char *const results[] = {"right", "", "not judged"};
    return v->result == PROBE_wrong ? verdict_name(v->kind) : results[v->result];
}

static void print_versions(const VersionVec *all)
{
    for (uint32_t k = 0, n; k < all->n; k += n) {
        const BisectVersion *v = &all->at[k];
        n = bisect_same(all, k);
        printf("%-9s %s%s%s: %s%s%s\n", k ? "" : "versions:", v->version, n > 1 ? " to " : "",
               n > 1 ? v[n - 1].version : "", said(v), v->why ? ", " : "", v->why ? v->why : "");
    }
}

static void print_text(const Answer *a)
{
    printf("finding:  %s\nsubject:  %s, against %s\n", a->what, a->b.subject, a->b.reference);
    if (bisect_is_jit(&a->b)) print_jit(a);
    if (strcmp(a->settings.shortest, a->b.subject) != 0)
        printf("as well:  %s\n", a->settings.shortest);
    print_words("needs:    ", &a->settings.needed);
    print_words("gone by:  ", &a->settings.cures);
    print_versions(&a->versions);
    printf("probes:   %u\n", a->b.probes);
}

static json_t *words_json(const WordVec *words)
{
    json_t *list = json_array();
    for (uint32_t k = 0; k < words->n; k++)
        json_array_append_new(list, json_string(words->at[k]));
    return list;
}

static json_t *jit_json(const Answer *a)
{
    static const char *const found[] = {"rewrite", "always", "nothing"};
    const BisectJit *j = &a->jit;
    if (!bisect_is_jit(&a->b)) return json_null();
    json_t *o = json_pack("{s:s, s:s?, s:b}", "found", found[j->found], "pass",
                          j->pass < PASS_COUNT ? pass_name(j->pass) : NULL, "by_ir", j->by_ir);
    if (j->found != FOUND_rewrite) return o;
    json_object_update_new(o, json_pack("{s:i, s:i, s:s, s:s?, s:s?}", "number", (int)j->number,
                                        "of", (int)j->of, "rewrite",
                                        rewrite_name(j->rewrite.rewrite), "detail",
                                        j->rewrite.detail, "place", place(a)));
    return o;
}

static void print_json(const Answer *a)
{
    json_t *versions = json_array();
    for (uint32_t k = 0; k < a->versions.n; k++) {
        const BisectVersion *v = &a->versions.at[k];
        json_array_append_new(versions, json_pack("{s:s, s:s, s:s?}", "version", v->version,
                                                  "result", said(v), "why", v->why));
    }
    describe_print(json_pack("{s:s, s:s, s:s, s:o, s:s, s:o, s:o, s:o, s:i}", "finding", a->what,
                             "subject", a->b.subject, "reference", a->b.reference, "jit",
                             jit_json(a), "shortest", a->settings.shortest, "needs",
                             words_json(&a->settings.needed), "gone_by",
                             words_json(&a->settings.cures), "versions", versions, "probes",
                             (int)a->b.probes),
                   stdout);
}

/* `r` shows. */
static int narrow(Repro *r, const FindingOptions *o)
{
    Answer a = {.b = {.arena = r->arena, .c = r->saved.c, .judge = repro_judge_options(r)}};
    a.what = r->verdict.text;
    if (!bisect_choose(&a.b, judge_configs(r->judge), &r->verdict)) {
        fprintf(stderr, "tally bisect: nobody but an interpreter stands alone\n");
        return EXIT_UNJUDGED;
    }
    judge_destroy(r->judge);
    r->judge = NULL;
    if (bisect_is_jit(&a.b)) bisect_jit(&a.b, &a.jit);
    bisect_settings(&a.b, &a.settings);
    bisect_versions(&a.b, &a.versions);
    if (o->json) print_json(&a);
    else print_text(&a);
    return EXIT_FINDING;
}

int command_bisect(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE|FOLDER",
        .doc = "Narrow a finding down: the pass and the rewrite of our JIT that make it; of other "
               "back ends the options that it needs, those that make it go, and the versions that "
               "have it.\v"
               "Of a finding's folder reduced.clif is taken where there is one. Exit status 1 when "
               "it shows, 6 when it no longer does, shows something else or is flaky, 5 when this "
               "machine cannot judge it.\n\n"
               "Example: tally bisect findings/jit_none_sse2-memory-load_store",
    };
    FindingOptions o = {0};
    cli_parse(&argp, argc, argv, &o);
    Repro r = {.arena = arena_create(), .status = EXIT_INPUT};
    if (repro_load(&r, o.path) && (o.whole || repro_take_reduced(&r, o.path)) &&
        repro_open(&r, o.backends)) {
        repro_run(&r);
        if (r.status == EXIT_FINDING) r.status = narrow(&r, &o);
        else printf("%s\n", r.said);
    }
    judge_destroy(r.judge);
    arena_destroy(r.arena);
    return cli_finish(r.status);
}
