#include "cli/gen_stats.h"

#include "cli/cli.h"
#include "oracle/describe.h"
#include "triage/survey.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>

static void survey_seed(GenStats *s, Judge *j, uint64_t seed, const GenOptions *g, Arena *a)
{
    uint8_t bytes[GEN_SEED_BYTES];
    GenInput in = {.bytes = bytes, .n = gen_seed_bytes(seed, bytes, sizeof bytes)};
    const Case *c = gen_next(&in, g, a);
    survey_case(s, j, &in, c, a);
}

/* ---- text --------------------------------------------------------------------------------- */

static void write_figure(Buf *out, const GenFigure *f)
{
    char demand[48] = "";
    if (isfinite(f->most) && f->least > 0 && f->most < 100)
        snprintf(demand, sizeof demand, "%g to %g", f->least, f->most);
    else if (f->least > 0)
        snprintf(demand, sizeof demand, "at least %g", f->least);
    else if (isfinite(f->most) && (!f->unit[0] || f->most < 100))
        snprintf(demand, sizeof demand, "at most %g", f->most);
    const char *holds = !demand[0] ? "" : gen_figure_holds(f) ? "ok" : "SHORT";
    buf_printf(out, "%-12s %8.1f %-1s  %-13s %-5s  %s\n", f->name, f->value, f->unit, demand, holds,
               f->meaning);
}

static void write_traps(Buf *out, const GenStats *s)
{
    TrapSum sums[TRAP_SUMS_MAX];
    uint32_t n = trap_sums(s->trapped_by, sums);
    buf_printf(out, "trapped");
    for (uint32_t k = 0; k < n; k++)
        buf_printf(out, " %s=%llu", sums[k].name, (unsigned long long)sums[k].n);
    buf_char(out, '\n');
}

static void write_sizes(Buf *out, const GenStats *s)
{
    uint64_t most = 1;
    for (uint32_t k = 0; k < GEN_SIZES; k++) most = max_u64(most, s->sizes[k]);
    buf_printf(out, "\ncases by IR instructions\n");
    for (uint32_t k = 0; k < GEN_SIZES; k++) {
        if (!s->sizes[k]) continue;
        buf_printf(out, "%6u %7llu ", gen_stats_size(k), (unsigned long long)s->sizes[k]);
        for (uint64_t n = 0; n < s->sizes[k] * 50 / most; n++) buf_char(out, '#');
        buf_char(out, '\n');
    }
}

static void write_fused(Buf *out, const GenStats *s)
{
    buf_printf(out, "\nsingle-use loads by what consumes them and their type\n");
    for (Op op = 0; op < OP_COUNT; op++) {
        bool any = false;
        for (Type t = 1; t < TYPE_COUNT; t++) {
            bool demanded = gen_can_fuse(op, t);
            if (!demanded && !s->fused[op][t]) continue;
            if (!any) buf_printf(out, "%-20s", op_name(op));
            any = true;
            buf_printf(out, " %s:%llu%s", type_name(t), (unsigned long long)s->fused[op][t],
                       demanded && !s->fused[op][t] ? " SHORT" : "");
        }
        if (any) buf_char(out, '\n');
    }
}

static void write_census(Buf *out, const GenStats *s)
{
    buf_printf(out, "\nexecuted instructions by type\n");
    for (Op op = 0; op < OP_COUNT; op++) {
        bool any = false;
        for (Type t = 0; t < TYPE_COUNT; t++) {
            bool made = t != TY_none && gen_can_make(op, t);
            if (!made && !s->ops[op][t]) continue;
            if (!any) buf_printf(out, "%-20s", op_name(op));
            any = true;
            buf_printf(out, " %s:%llu%s", t == TY_none ? "-" : type_name(t),
                       (unsigned long long)s->ops[op][t], s->ops[op][t] ? "" : " SHORT");
        }
        if (any) buf_char(out, '\n');
    }
}

static void put_text(const GenStats *s, const GenFigure *figures, Arena *a)
{
    Buf text = {.arena = a}, *out = &text;
    buf_printf(out, "cases %llu, functions %llu, IR instructions %llu, blocks %llu, slots %llu, "
               "loads %llu, stores %llu, calls %llu\n"
               "runs %llu, returned %llu, trapped %llu, fuel %llu, refused %llu, invalid %llu\n",
               (unsigned long long)s->cases, (unsigned long long)s->funcs,
               (unsigned long long)s->insts, (unsigned long long)s->blocks,
               (unsigned long long)s->slots, (unsigned long long)s->loads,
               (unsigned long long)s->stores, (unsigned long long)s->calls,
               (unsigned long long)s->runs, (unsigned long long)s->returned,
               (unsigned long long)s->trapped, (unsigned long long)s->fuel,
               (unsigned long long)s->refused, (unsigned long long)s->invalid);
    write_traps(out, s);
    buf_char(out, '\n');
    for (int k = 0; k < GEN_FIGURES; k++) write_figure(out, &figures[k]);
    write_sizes(out, s);
    write_fused(out, s);
    write_census(out, s);
    cli_put(buf_str(out));
}

/* ---- JSON --------------------------------------------------------------------------------- */

static json_t *figure_object(const GenFigure *f)
{
    json_t *o = json_pack("{s:f, s:f, s:b, s:s}", "value", f->value, "least", f->least, "holds",
                          gen_figure_holds(f), "meaning", f->meaning);
    if (isfinite(f->most)) json_object_set_new(o, "most", json_real(f->most));
    return o;
}

typedef const uint64_t Census[OP_COUNT][TYPE_COUNT];

/* Numbers by instruction and type; zeros only where there should be one. */
static json_t *census_object(Census *n, bool can(Op op, Type t))
{
    json_t *all = json_object();
    for (Op op = 0; op < OP_COUNT; op++) {
        json_t *types = json_object();
        for (Type t = 1; t < TYPE_COUNT; t++)
            if ((*n)[op][t] || can(op, t))
                json_object_set_new(types, type_name(t), json_integer((json_int_t)(*n)[op][t]));
        if (json_object_size(types)) json_object_set(all, op_name(op), types);
        json_decref(types);
    }
    return all;
}

static void put_json(const GenStats *s, const GenFigure *figures)
{
    json_t *shares = json_object(), *sizes = json_object();
    char name[16];
    for (int k = 0; k < GEN_FIGURES; k++)
        json_object_set_new(shares, figures[k].name, figure_object(&figures[k]));
    for (uint32_t k = 0; k < GEN_SIZES; k++) {
        snprintf(name, sizeof name, "%u", gen_stats_size(k));
        json_object_set_new(sizes, name, json_integer((json_int_t)s->sizes[k]));
    }
    json_t *all = json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "cases",
                            (json_int_t)s->cases, "runs", (json_int_t)s->runs, "slots",
                            (json_int_t)s->slots, "accesses", (json_int_t)(s->loads + s->stores),
                            "figures", shares, "trapped", describe_traps(s->trapped_by),
                            "sizes", sizes, "fused",
                            census_object(&s->fused, gen_can_fuse), "executed",
                            census_object(&s->ops, gen_can_make));
    json_dumpf(all, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(all);
}

int gen_stats_command(uint64_t n, const GenOptions *g, bool json)
{
    static GenStats s;
    GenFigure figures[GEN_FIGURES];
    const char *error;
    Judge *j = judge_create(&(JudgeOptions){.backends = "interp"}, &error);
    CHECK(j);
    Arena *a = arena_create();
    for (uint64_t seed = 0; seed < n; seed++, arena_reset(a)) survey_seed(&s, j, seed, g, a);
    gen_stats_figures(&s, figures);
    if (json) put_json(&s, figures);
    else put_text(&s, figures, a);
    bool good = true;
    for (int k = 0; k < GEN_FIGURES; k++) good &= gen_figure_holds(&figures[k]);
    arena_destroy(a);
    judge_destroy(j);
    return good ? EXIT_AGREE : EXIT_FINDING;
}
