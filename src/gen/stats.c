#include "gen/stats_local.h"

#include "gen/table.h"

enum { MEAN_INSTS = 120, MEAN_STEPS = 300, MEAN_WRITTEN = 64 };

typedef enum { OF_case, OF_func, OF_run } ShareOf;

typedef struct {
    const char *name, *meaning;
    ShareOf of;
    uint32_t least, most; /* tenths of a percent */
} ShareInfo;

static const ShareInfo shares[SHARE_COUNT] = {
#define SHARE(name, of, least, most, meaning) \
    [SHARE_##name] = {#name, meaning, OF_##of, least, most},
#include "gen/stats.def"
};

/* ---- adding ------------------------------------------------------------------------------- */

static void count_insts(Survey *v)
{
    GenStats *s = v->s;
    for (uint32_t b = 0; b < v->f->layout.n; b++) {
        const BlockData *bd = func_block(v->f, v->f->layout.at[b]);
        s->blocks++;
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            const InstData *i = func_inst(v->f, bd->insts.at[n]);
            s->ops[i->op]++;
            s->loads += op_has(i->op, EFFECT_L) && !op_has(i->op, EFFECT_K);
            s->stores += op_has(i->op, EFFECT_S) && !op_has(i->op, EFFECT_K);
            if (!op_has(i->op, EFFECT_P) || !i->nresults) continue;
            s->pure++;
            uint32_t uses = 0;
            for (uint32_t k = 0; k < i->nresults; k++) uses += v->uses[inst_result(i, k).i];
            s->dead += uses == 0;
        }
    }
}

static void count_slots(Survey *v)
{
    for (uint32_t k = 0; k < v->f->slots.n; k++) {
        uint32_t align = v->f->slots.at[k].align;
        v->s->slots++;
        v->s->slot_aligns[align > 128 ? 8 : __builtin_ctz(align)]++;
        if (align >= 16) see(v, SHARE_slot16);
    }
    if (v->f->slots.n) see_func(v, SHARE_slots);
}

static void survey_func(Survey *v, uint32_t index)
{
    const Func *f = v->c->module->funcs.at[index];
    v->index = index;
    v->f = f;
    v->x = address_derive(f, cfg_compute(f, v->arena), v->arena);
    v->uses = func_count_uses(f, v->arena);
    v->seen_func = 0;
    count_insts(v);
    count_slots(v);
    survey_addresses(v);
    survey_calls(v);
    survey_trees(v);
    v->s->funcs++;
    for (int k = 0; k < SHARE_COUNT; k++) v->s->share[k] += v->seen_func >> k & 1;
}

void gen_stats_add(GenStats *s, const Case *c, Arena *scratch)
{
    ArenaMark mark = arena_mark(scratch);
    Survey v = {.s = s, .c = c, .arena = scratch};
    uint64_t insts = module_inst_count(c->module);
    for (uint32_t k = 0; k < c->module->funcs.n; k++) survey_func(&v, k);
    survey_edges(&v);
    if (v.stored_address && v.loaded_address) see(&v, SHARE_cell);
    for (int k = 0; k < SHARE_COUNT; k++) s->share[k] += v.seen >> k & 1;
    s->cases++;
    s->insts += insts;
    s->most_insts = max_u64(s->most_insts, insts);
    arena_release(scratch, mark);
}

void gen_stats_add_run(GenStats *s, const GenRun *run)
{
    s->runs++;
    s->steps += run->steps;
    s->written += run->written;
    s->most_steps = max_u64(s->most_steps, run->steps);
    if (run->trapped) {
        s->trapped++;
        s->trapped_by[run->trap]++;
        s->share[SHARE_trapped]++;
    } else {
        s->returned++;
    }
}

/* ---- what can be fused -------------------------------------------------------------------- */

bool gen_can_fuse(Op op, Type t)
{
    const OpInfo *o = &op_info[op];
    if (!op_plan[op].known || kind_of[t] == KIND_none) return false;
    for (int k = 0; k < KIND_COUNT; k++) {
        Type control = kind_type[k];
        uint64_t allowed = typeset_mask(o->types) & ~op_plan[op].excluded;
        if (!(allowed >> control & 1) || !table_has_producer(op, control)) continue;
        for (const char *l = o->operands; *l; l++)
            if (table_accepts(*l, control, t)) return true;
    }
    return false;
}

/* ---- printing ----------------------------------------------------------------------------- */

static uint64_t whole_of(const GenStats *s, ShareOf of)
{
    return of == OF_case ? s->cases : of == OF_func ? s->funcs : s->runs;
}

static double percent(uint64_t part, uint64_t whole)
{
    return whole ? 100.0 * (double)part / (double)whole : 0;
}

static double mean(uint64_t sum, uint64_t n) { return n ? (double)sum / (double)n : 0; }

void gen_stats_write(Buf *out, const GenStats *s)
{
    buf_printf(out, "cases %llu, functions %llu, instructions %llu (mean %.1f, most %llu)\n",
               (unsigned long long)s->cases, (unsigned long long)s->funcs,
               (unsigned long long)s->insts, mean(s->insts, s->cases),
               (unsigned long long)s->most_insts);
    buf_printf(out, "a case has slots %.2f, loads %.1f, stores %.1f, calls %.2f, blocks %.1f\n",
               mean(s->slots, s->cases), mean(s->loads, s->cases), mean(s->stores, s->cases),
               mean(s->calls, s->cases), mean(s->blocks, s->cases));
    buf_printf(out, "dead results %.2f %% of %llu\n", percent(s->dead, s->pure),
               (unsigned long long)s->pure);
    if (s->runs)
        buf_printf(out, "runs %llu, a case has steps %.1f, written bytes %.1f; most steps %llu\n",
                   (unsigned long long)s->runs, mean(s->steps, s->cases),
                   mean(s->written, s->cases), (unsigned long long)s->most_steps);
    for (int k = 0; k < SHARE_COUNT; k++) {
        const ShareInfo *i = &shares[k];
        buf_printf(out, "%-12s %5.1f %%  %s", i->name, percent(s->share[k], whole_of(s, i->of)),
                   i->meaning);
        if (i->least) buf_printf(out, " (at least %.1f)", i->least / 10.0);
        if (i->most < 1000) buf_printf(out, " (at most %.1f)", i->most / 10.0);
        buf_char(out, '\n');
    }
}

static uint32_t check_share(Buf *out, const GenStats *s, int k)
{
    const ShareInfo *i = &shares[k];
    uint64_t whole = whole_of(s, i->of), thousandths = s->share[k] * 1000;
    if (!whole || (thousandths >= i->least * whole && thousandths <= i->most * whole)) return 0;
    buf_printf(out, "%s: %.1f %%, wanted %.1f to %.1f: %s\n", i->name, percent(s->share[k], whole),
               i->least / 10.0, i->most / 10.0, i->meaning);
    return 1;
}

static uint32_t check_mean(Buf *out, const char *name, double got, double least)
{
    if (got >= least) return 0;
    buf_printf(out, "%s: mean %.1f, wanted %.1f\n", name, got, least);
    return 1;
}

static uint32_t check_fused(Buf *out, const GenStats *s)
{
    uint32_t broken = 0;
    for (Op op = 0; op < OP_COUNT; op++)
        for (Type t = 1; t < TYPE_COUNT; t++) {
            if (s->fused[op][t] || !gen_can_fuse(op, t)) continue;
            buf_printf(out, "no load of %s whose only use is %s\n", type_name(t), op_name(op));
            broken++;
        }
    return broken;
}

uint32_t gen_stats_broken(Buf *out, const GenStats *s)
{
    uint32_t broken = check_fused(out, s);
    for (int k = 0; k < SHARE_COUNT; k++) broken += check_share(out, s, k);
    broken += check_mean(out, "instructions", mean(s->insts, s->cases), MEAN_INSTS);
    if (!s->runs) return broken;
    broken += check_mean(out, "steps", mean(s->steps, s->cases), MEAN_STEPS);
    return broken + check_mean(out, "written bytes", mean(s->written, s->cases), MEAN_WRITTEN);
}
