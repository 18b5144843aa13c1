#include "cli/cli.h"

#include "fuzz/replay.h"
#include "fuzz/repro.h"
#include "ir/load.h"
#include "oracle/describe.h"
#include "reduce/shrink.h"
#include "triage/explain.h"

#include <unistd.h>

static const struct argp_option options[] = {
    {"backend", 'b', "LIST", 0, "configurations (default: those of the finding)", 0},
    {"whole", 'w', 0, 0, "of a folder: the case as it was found, not what is left of it", 0},
    {"json", 'j', 0, 0, "one JSON object", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    return cli_finding_option(state->input, key, arg, state);
}

/* What is explained: a case with one run, and what the judge says of it. */
typedef struct {
    const Case *c;
    Verdict verdict;
    const char *from; /* which case that is */
} Subject;

static const Case *only_run(const Case *c, uint32_t run, Arena *a)
{
    Case *one = arena_new(a, Case);
    *one = *c;
    one->runs.at = &c->runs.at[run];
    one->runs.n = one->runs.cap = 1;
    return one;
}

static bool is_same(const Verdict *v, const Verdict *found)
{
    return verdict_is_finding(v->kind) && v->odd == found->odd;
}

/* Cuts a case to the run that shows it; false when that does not show it by itself. In a smaller
 * case what is wrong may show in another way: in a result and not in memory. */
static bool take(Repro *r, const Case *c, Subject *out, const char *from)
{
    Verdict v;
    judge_case(r->judge, c, &v);
    if (!is_same(&v, &r->verdict) || v.run >= c->runs.n) return false;
    out->c = c->runs.n == 1 ? c : only_run(c, v.run, r->arena);
    out->from = from;
    judge_case(r->judge, out->c, &out->verdict);
    return is_same(&out->verdict, &r->verdict);
}

static bool take_reduced(Repro *r, const FindingOptions *o, Subject *out)
{
    const char *path = arena_printf(r->arena, "%s/reduced.clif", o->path);
    if (access(path, F_OK) != 0) return false;
    Diag d = {.arena = r->arena, .file = path};
    const Case *c = case_load(&d);
    diag_print(&d, stderr);
    if (c && take(r, c, out, "reduced.clif")) return true;
    *vec_push(r->arena, &r->saved.notes) = "reduced.clif does not show it, and is left aside";
    return false;
}

static bool take_subject(Repro *r, const FindingOptions *o, Subject *out)
{
    Verdict left;
    bool saved = r->saved.record.signature != NULL;
    if (!saved) return take(r, r->saved.c, out, "the file");
    if (!o->whole && take_reduced(r, o, out)) return true;
    const Case *small =
        o->whole ? NULL
                 : shrink_case(r->judge, r->saved.c, &r->verdict, r->arena, SMALL_TRIES, &left);
    if (small && take(r, small, out, "what is left of the case")) return true;
    return take(r, r->saved.c, out, "the case as it was found");
}

static void print_notes(const Repro *r)
{
    for (uint32_t k = 0; k < r->saved.notes.n; k++) printf("note: %s\n", r->saved.notes.at[k]);
}

static void print_text(const Repro *r, const Subject *s, const Explanation *x)
{
    Buf out = {.arena = r->arena};
    Picture p = {.out = &out, .colour = cli_is_terminal(), .mark = NO_OFFSET};
    print_notes(r);
    explain_write(&p, x);
    cli_put(buf_str(&out));
    printf("%s: %u instructions; %s\n", s->from, module_inst_count(s->c->module), r->said);
}

static void print_json(const Repro *r, const FindingOptions *o, const Subject *s,
                       const Explanation *x)
{
    json_t *one = json_pack("{s:s}", "path", o->path), *notes = json_array();
    const Case *c = s ? s->c : r->saved.c;
    json_object_update_new(one, describe_verdict(r->judge, c, s ? &s->verdict : &r->verdict));
    for (uint32_t k = 0; k < r->saved.notes.n; k++)
        json_array_append_new(notes, json_string(r->saved.notes.at[k]));
    json_object_set_new(one, "shows", json_boolean(r->status == EXIT_FINDING));
    json_object_set_new(one, "said", json_string(r->said));
    json_object_set_new(one, "notes", notes);
    json_object_set_new(one, "from", s ? json_string(s->from) : json_null());
    json_object_set_new(one, "instructions", json_integer(module_inst_count(c->module)));
    json_object_set_new(one, "explanation", x ? explain_json(x) : json_null());
    describe_print(one, stdout);
}

/* What is not as it was when the finding was saved, for one that does not show as it did. */
static void note_builds(Repro *r)
{
    const FindingRecord *f = &r->saved.record;
    if (!f->commit || !strcmp(f->commit, build_commit())) return;
    *vec_push(r->arena, &r->saved.notes) =
        arena_printf(r->arena, "it was found by a build of commit %s, this is a build of %s",
                     f->commit, build_commit());
}

static void print_gone(Repro *r, const FindingOptions *o)
{
    note_builds(r);
    if (o->json) {
        print_json(r, o, NULL, NULL);
        return;
    }
    print_notes(r);
    if (r->saved.record.signature) printf("it was %s\n", r->saved.record.signature);
    printf("%s\n", r->said);
}

static void explain_finding(Repro *r, const FindingOptions *o)
{
    Subject s = {0};
    if (!take_subject(r, o, &s)) {
        r->status = EXIT_GONE;
        r->said = "shows only together with the runs before it";
        print_gone(r, o);
        return;
    }
    const Explanation *x = explain(r->judge, s.c, &s.verdict, r->arena);
    if (o->json) print_json(r, o, &s, x);
    else print_text(r, &s, x);
}

int command_explain(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "FILE|FOLDER",
        .doc = "Name the first value, or stored byte, that is wrong in a finding, and show the "
               "CLIF and machine code around it, the registers, where it comes from, and the "
               "heaps.\v"
               "Of a folder reduced.clif is read when it is there (`tally reduce`); else the case "
               "is made small first. Exit status 1 when there is something to explain, 6 when "
               "the finding no longer shows, shows something else or is flaky, 5 when this machine "
               "cannot judge it.\n\n"
               "Example: tally explain findings/jit_none_sse2-memory-load_store",
    };
    FindingOptions o = {0};
    cli_parse(&argp, argc, argv, &o);
    Repro r = {.arena = arena_create(), .status = EXIT_INPUT};
    if (repro_load(&r, o.path) && repro_open(&r, o.backends)) {
        repro_run(&r);
        if (r.status == EXIT_FINDING) explain_finding(&r, &o);
        else print_gone(&r, &o);
    }
    judge_destroy(r.judge);
    arena_destroy(r.arena);
    return cli_finish(r.status);
}
