#include "gen/stats_local.h"

#include "gen/table.h"

#include <math.h>

typedef enum { OF_case, OF_func, OF_run } Whole;

/* ---- a case ------------------------------------------------------------------------------- */

static void begin_func(GenSurvey *v, uint32_t index)
{
    FuncSurvey *t = &v->funcs[index];
    const Func *f = v->c->module->funcs.at[index];
    *t = (FuncSurvey){
        .index = index,
        .f = f,
        .x = address_derive(f, cfg_compute(f, v->arena), v->arena),
        .uses = func_count_uses(f, v->arena),
        .did = arena_array(v->arena, uint8_t, f->insts.n),
        .ways = arena_array(v->arena, uint64_t, f->blocks.n),
        .entered = arena_array(v->arena, bool, f->blocks.n),
    };
}

GenSurvey *gen_survey_begin(GenStats *s, const GenInput *in, const Case *c, Arena *a)
{
    GenSurvey *v = arena_new(a, GenSurvey);
    v->s = s;
    v->c = c;
    v->arena = a;
    v->nfuncs = c->module->funcs.n;
    CHECK(v->nfuncs <= SURVEY_FUNCS_MAX);
    v->funcs = arena_array(a, FuncSurvey, v->nfuncs);
    for (uint32_t k = 0; k < v->nfuncs; k++) begin_func(v, k);
    if (!(in->off & OFF_address)) see(v, SHARE_addresses);
    if (in->large) see(v, SHARE_large);
    return v;
}

static void count_accesses(GenStats *s, const InstData *i)
{
    Access a;
    if (!inst_access(i, &a)) return;
    s->loads += a.reads;
    s->stores += a.writes;
}

static void count_done(GenStats *s, const FuncSurvey *t, const InstData *i)
{
    s->ops[i->op][i->type]++;
    if (!op_has(i->op, EFFECT_P) || !i->nresults) return;
    uint32_t uses = 0;
    for (uint32_t k = 0; k < i->nresults; k++) uses += t->uses[inst_result(i, k).i];
    s->pure++;
    s->dead += uses == 0;
}

static void count_insts(GenSurvey *v, const FuncSurvey *t)
{
    for (uint32_t b = 0; b < t->f->layout.n; b++) {
        Block block = t->f->layout.at[b];
        const BlockData *bd = func_block(t->f, block);
        v->s->blocks++;
        for (uint32_t n = 0; n < bd->insts.n; n++) {
            const InstData *i = func_inst(t->f, bd->insts.at[n]);
            count_accesses(v->s, i);
            if (!survey_was_done(t, block, n)) continue;
            count_done(v->s, t, i);
            survey_kind(v, t, i);
        }
    }
}

static void count_slots(GenSurvey *v, FuncSurvey *t)
{
    for (uint32_t k = 0; k < t->f->slots.n; k++) {
        uint32_t align = t->f->slots.at[k].align;
        v->s->slot_aligns[align > 128 ? 8 : __builtin_ctz(align)]++;
        if (align >= 16) see(v, SHARE_slot16);
    }
    if (t->f->slots.n) t->seen |= UINT64_C(1) << SHARE_slots;
}

/* Functions that nobody called are counted as functions, and nothing in them. */
static void end_func(GenSurvey *v, FuncSurvey *t)
{
    v->s->funcs++;
    v->s->slots += t->f->slots.n;
    count_insts(v, t);
    if (!t->entered[func_entry(t->f).i]) return;
    count_slots(v, t);
    survey_signature(v, t);
    survey_addresses(v, t);
    survey_calls(v, t);
    survey_trees(v, t);
    for (int k = 0; k < SHARE_COUNT; k++) v->s->share[k] += t->seen >> k & 1;
}

uint32_t gen_stats_size(uint32_t k)
{
    static const uint16_t half[] = {1000, 1414}; /* steps of the square root of 2 from 4 on */
    return k == 0 ? 0 : (4u << k / 2) * half[k % 2] / 1000;
}

static uint32_t size_class(uint64_t insts)
{
    uint32_t k = 0;
    while (k + 1 < GEN_SIZES && gen_stats_size(k + 1) <= insts) k++;
    return k;
}

void gen_survey_end(GenSurvey *v)
{
    GenStats *s = v->s;
    uint64_t insts = module_inst_count(v->c->module);
    for (uint32_t k = 0; k < v->nfuncs; k++) end_func(v, &v->funcs[k]);
    survey_heaps(v);
    for (int k = 0; k < SHARE_COUNT; k++) s->share[k] += v->seen >> k & 1;
    s->cases++;
    s->insts += insts;
    s->most_insts = max_u64(s->most_insts, insts);
    s->sizes[size_class(insts)]++;
}

/* ---- what can be fused -------------------------------------------------------------------- */

/* Not looked for: what is in few cases. */
static uint64_t frequent_types(Op op)
{
    enum { SELDOM = OFF_half | OFF_soft | OFF_odd };
    return op_types(op, kinds_on(SELDOM), SELDOM);
}

bool gen_can_make(Op op, Type t)
{
    const OpInfo *o = &op_info[op];
    bool access = o->format == FORMAT_load || o->format == FORMAT_store;
    if (kind_of[t] == KIND_none || !o->has_type) return false;
    uint64_t types = frequent_types(op);
    if (!(typeset_mask(o->types) & types & UINT64_C(1) << t)) return false;
    return access || (op_plan[op].known && table_has_producer(op, t, types));
}

/* Some operand of that letter, with some controlling type, can be of type `t`. */
static bool takes(Op op, Type t)
{
    const OpInfo *o = &op_info[op];
    for (int k = 0; k < KIND_COUNT; k++)
        for (const char *l = o->operands; gen_can_make(op, kind_type[k]) && *l; l++)
            if (table_accepts(*l, kind_type[k], t)) return true;
    return false;
}

bool gen_can_fuse(Op op, Type t)
{
    if (kind_of[t] == KIND_none || !(frequent_types(op) >> t & 1)) return false;
    if (op_plan[op].known) return takes(op, t);
    Format f = op_info[op].format;
    bool condition = f == FORMAT_brif || f == FORMAT_cond_trap;
    return condition ? type_is_int(t) : f == FORMAT_branch_table && t == TY_i32;
}

static void count_missing(GenStats *s)
{
    s->unfused = s->unfused_edge = s->unseen = 0;
    for (Op op = 0; op < OP_COUNT; op++)
        for (Type t = 1; t < TYPE_COUNT; t++) {
            s->unseen += !s->ops[op][t] && gen_can_make(op, t);
            if (!gen_can_fuse(op, t)) continue;
            s->unfused += !s->fused[op][t];
            bool widens = !type_is_vector(t) && type_bytes(t) < 16; /* 16 are never too many */
            s->unfused_edge += !s->fused_at_edge[op][t] && widens;
        }
}

/* ---- figures ------------------------------------------------------------------------------ */

static double mean(uint64_t sum, uint64_t n) { return n ? (double)sum / (double)n : 0; }

static uint64_t whole(const GenStats *s, Whole of)
{
    return of == OF_case ? s->cases : of == OF_func ? s->funcs : s->runs;
}

void gen_stats_figures(GenStats *s, GenFigure out[static GEN_FIGURES])
{
    GenFigure *f = out;
    count_missing(s);
    s->dead_permille = s->pure ? (1000 * s->dead + s->pure - 1) / s->pure : 0;
#define SHARE(name, of, least, most, meaning) \
    *f++ = (GenFigure){#name, meaning, "%", 100 * mean(s->share[SHARE_##name], whole(s, OF_##of)), \
                       least / 10.0, most / 10.0};
#define MEAN(name, sum, of, least, meaning) \
    *f++ = (GenFigure){#name, meaning, "", mean(s->sum, whole(s, OF_##of)), least, INFINITY};
#define LIMIT(name, field, most, meaning) \
    *f++ = (GenFigure){#name, meaning, "", (double)s->field, 0, most};
#include "gen/stats.def"
}

bool gen_figure_holds(const GenFigure *f)
{
    return f->value >= f->least && f->value <= f->most;
}
