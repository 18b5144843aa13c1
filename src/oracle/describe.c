#include "oracle/describe.h"

#include "ir/write.h"

#include <stdlib.h>

/* The Makefile knows them. */
#ifndef TALLY_FLAGS
#define TALLY_FLAGS ""
#define TALLY_SANITIZERS ""
#endif

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

/* A value as a run line has it. */
static json_t *describe_value(const Case *c, Type type, const Bits *bits)
{
    Buf text = {.arena = arena_create()};
    DataValue v = {.type = type, .bits = *bits};
    data_value_write(&text, c, &v);
    json_t *o = json_string(text.at);
    arena_destroy(text.arena);
    return o;
}

static const Signature *run_signature(const Case *c, const Verdict *v)
{
    return &c->module->funcs.at[c->runs.at[v->run].func]->sig;
}

static json_t *describe_results(const Case *c, const Signature *sig, const Outcome *o)
{
    json_t *list = json_array();
    for (uint32_t k = 0; k < o->nresults; k++)
        json_array_append_new(
            list, describe_value(c, (Type)sig->returns.at[k].type, &o->results[k]));
    return list;
}

static json_t *describe_ballot(const Case *c, const Signature *sig, const Config *config,
                               const Ballot *b)
{
    char trap[12];
    const Outcome *o = &b->outcome;
    json_t *one = json_pack("{s:s, s:s}", "configuration", config->name, "outcome",
                            outcome_name(o->kind));
    if (b->group != BALLOT_NONE) json_object_set_new(one, "group", json_integer(b->group));
    if (o->kind == OUTCOME_trapped)
        json_object_set_new(one, "trap", json_string(trap_name(o->trap, trap)));
    if (o->kind == OUTCOME_returned)
        json_object_set_new(one, "results", describe_results(c, sig, o));
    if (b->detail[0]) json_object_set_new(one, "detail", json_string(b->detail));
    return one;
}

static json_t *describe_ballots(const Judge *j, const Case *c, const Verdict *v)
{
    json_t *list = json_array();
    for (uint32_t k = 0; k < v->nballots; k++)
        json_array_append_new(list, describe_ballot(c, run_signature(c, v),
                                                    judge_configs(j)->at[k], &v->ballots[k]));
    return list;
}

/* What configuration `config` returned as the result that differs. */
static json_t *differing_result(const Judge *j, const Case *c, const Verdict *v,
                                const Config *config)
{
    const ConfigVec *configs = judge_configs(j);
    for (uint32_t k = 0; k < v->nballots; k++)
        if (configs->at[k] == config)
            return describe_value(c, (Type)run_signature(c, v)->returns.at[v->result].type,
                                  &v->ballots[k].outcome.results[v->result]);
    return json_null();
}

/* The `k`-th heap of the run's function. */
static const Heap *heap_of_run(const Case *c, const Verdict *v, uint32_t k)
{
    for (uint32_t n = 0; n < c->heaps.n; n++)
        if (c->heaps.at[n].func == c->runs.at[v->run].func && k-- == 0) return &c->heaps.at[n];
    return NULL;
}

static json_t *describe_byte(const Case *c, const Verdict *v)
{
    const Heap *h = heap_of_run(c, v, v->where.heap);
    json_t *o = json_pack("{s:I, s:i, s:i, s:b}", "offset", (json_int_t)v->where.offset, "expected",
                          v->where.expected, "actual", v->where.actual, "outside",
                          v->where.outside);
    json_object_set_new(o, "heap", h ? json_integer(h->name) : json_null());
    return o;
}

/* What differs first, where one configuration is compared with another. */
static json_t *describe_difference(const Judge *j, const Case *c, const Verdict *v)
{
    if (!v->odd || !v->other) return json_null();
    if (v->kind == VERDICT_memory || v->kind == VERDICT_stray) return describe_byte(c, v);
    if (v->kind != VERDICT_results) return json_null();
    return json_pack("{s:i, s:o, s:o}", "result", (int)v->result, "expected",
                     differing_result(j, c, v, v->other), "actual",
                     differing_result(j, c, v, v->odd));
}

json_t *describe_verdict(const Judge *j, const Case *c, const Verdict *v)
{
    bool finding = verdict_is_finding(v->kind);
    json_t *o = json_pack("{s:s, s:b, s:s}", "kind", verdict_name(v->kind), "finding", finding,
                          "text", v->text);
    if (!finding) return o;
    json_object_set_new(o, "alone", json_boolean(verdict_shows_alone(v->kind)));
    if (v->message[0]) json_object_set_new(o, "message", json_string(v->message));
    json_object_set_new(o, "run", json_integer(v->run + 1));
    json_object_set_new(o, "odd", text_or_null(v->odd ? v->odd->name : NULL));
    json_object_set_new(o, "other", text_or_null(v->other ? v->other->name : NULL));
    json_object_set_new(o, "difference", describe_difference(j, c, v));
    json_object_set_new(o, "ballots", describe_ballots(j, c, v));
    return o;
}

json_t *describe_configs(const Judge *j)
{
    json_t *list = json_array();
    const ConfigVec *configs = judge_configs(j);
    for (uint32_t k = 0; k < configs->n; k++) {
        const Config *config = configs->at[k];
        if (!judge_is_chosen(j, k)) continue;
        const TallyBackend *b = config->library ? config->library->api : NULL;
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s?, s:o}", "name", config->name, "label", config->label,
                            "version", b ? b->version : NULL, "cpu_features",
                            config->features ? json_string(config->features) : json_null()));
    }
    return list;
}

json_t *describe_build(void)
{
#ifdef __clang__
    static const char compiler[] = "clang " __clang_version__;
#else
    static const char compiler[] = "gcc " __VERSION__;
#endif
    return json_pack("{s:s, s:s, s:s}", "compiler", compiler, "sanitizers", TALLY_SANITIZERS,
                     "flags", TALLY_FLAGS);
}

json_t *describe_traps(const uint64_t by_code[static 256])
{
    json_t *o = json_object();
    TrapSum sums[TRAP_SUMS_MAX];
    uint32_t n = trap_sums(by_code, sums);
    for (uint32_t k = 0; k < n; k++)
        json_object_set_new(o, sums[k].name, json_integer((json_int_t)sums[k].n));
    return o;
}

static json_t *describe_reasons(const Reasons *r)
{
    json_t *o = json_object();
    for (uint32_t k = 0; k < r->n; k++)
        json_object_set_new(o, r->at[k].reason, json_integer((json_int_t)r->at[k].count));
    return o;
}

static json_t *describe_taken(const Counts *c)
{
    json_t *o = json_object();
    for (uint32_t k = 0; k < c->ntaken; k++)
        json_object_set_new(o, c->taken[k].config->name,
                            json_pack("{s:I, s:I, s:I}", "asked", (json_int_t)c->taken[k].asked,
                                      "took", (json_int_t)c->taken[k].took, "failed",
                                      (json_int_t)c->taken[k].failed));
    return o;
}

json_t *describe_counts(const Counts *c)
{
    json_t *o = json_object();
#define COUNT(field, name, detail) \
    json_object_set_new(o, #field, json_integer((json_int_t)c->field));
#include "oracle/counts.def"
    json_object_set_new(o, "trapped_by", describe_traps(c->trapped_by));
    json_object_set_new(o, "refused_by", describe_reasons(&c->refused_by));
    json_object_set_new(o, "suppressed", json_integer((json_int_t)c->suppressed));
    json_object_set_new(o, "suppressed_by", describe_reasons(&c->suppressed_by));
    json_object_set_new(o, "taken", describe_taken(c));
    return o;
}

static const char *dump(json_t *o, Arena *a, size_t flags)
{
    char *text = json_dumps(o, flags);
    CHECK(text);
    const char *copy = arena_printf(a, "%s\n", text);
    free(text); /* jansson's own */
    json_decref(o);
    return copy;
}

const char *describe_text(json_t *o, Arena *a)
{
    return dump(o, a, JSON_INDENT(2));
}

void describe_print(json_t *o, FILE *out)
{
    Arena *a = arena_create();
    fputs(dump(o, a, JSON_COMPACT), out);
    arena_destroy(a);
}
