#include "jit/x64/live.h"

typedef struct {
    MFunc *m;
    Live *live;
    Arena *a;
    uint32_t *added;  /* by virtual register: loop to whose invariants it went last, plus 1 */
    uint32_t *extend; /* by virtual register: end of the outermost loop that keeps it alive */
    uint32_t loop;    /* of the current block */
} Walk;

/* The value must be kept in every loop around here that does not define it. */
static void add_invariant(Walk *w, uint32_t v)
{
    uint32_t n = w->loop, def = w->live->first_def[v];
    if (w->added[v] == n + 1) return;
    for (; n != NO_INDEX; n = w->m->loops.at[n].outer) {
        const MLoop *loop = &w->m->loops.at[n];
        if (def >= position_of_start(&w->m->blocks.at[loop->header])) return;
        if (w->added[v] == n + 1) return;
        *vec_push(w->a, &w->live->loops[n].invariants) = v;
        if (n == w->loop) w->added[v] = n + 1;
        uint32_t end = 2 * w->m->blocks.at[loop->last].end;
        if (end > w->extend[v]) w->extend[v] = end;
    }
}

static void mention(Walk *w, Reg r, uint32_t at)
{
    uint32_t v = r.i - REG_FIRST_VIRTUAL;
    w->live->before[w->live->nbefore++] = w->live->last[v];
    w->live->last[v] = at;
    if (w->loop != NO_INDEX) add_invariant(w, v);
}

static void define(Walk *w, Reg r, uint32_t at)
{
    uint32_t v = r.i - REG_FIRST_VIRTUAL;
    if (!w->live->first_def[v]) w->live->first_def[v] = at;
}

static void mention_fixed(Walk *w, Reg r, uint32_t at)
{
    if (is_frame_reg(w->m, r.i)) return;
    *vec_push(w->a, &w->live->fixed) = (FixedMention){r.i, w->live->fixed_last[r.i]};
    w->live->fixed_last[r.i] = at;
}

static void note_call(Walk *w, uint32_t at)
{
    *vec_push(w->a, &w->live->calls) = at;
    for (uint32_t n = w->loop; n != NO_INDEX; n = w->m->loops.at[n].outer)
        w->m->loops.at[n].calls = true;
}

/* v := physical register: there is where v should be. */
static void note_copy(Walk *w, const MInst *i)
{
    if (reg_is_virtual(i->reg[0]) && reg_is_physical(i->reg[1]))
        w->live->hint[i->reg[0].i - REG_FIRST_VIRTUAL] = (uint8_t)i->reg[1].i;
    if (reg_is_virtual(i->reg[1]) && reg_is_physical(i->reg[0]))
        w->live->hint[i->reg[1].i - REG_FIRST_VIRTUAL] = (uint8_t)i->reg[0].i;
}

static void walk_inst(Walk *w, MInst *i, uint32_t at)
{
    Mention mentions[MINST_REFS];
    unsigned n = live_mentions(i, mentions);
    for (unsigned k = 0; k < n; k++) {
        Reg r = *mentions[k].at;
        if (unlikely(!reg_is_virtual(r))) {
            mention_fixed(w, r, at);
            continue;
        }
        if (mentions[k].role & ROLE_DEF) define(w, r, at);
        mention(w, r, at);
    }
    if (is_call(i)) note_call(w, at);
    else if (is_copy(i)) note_copy(w, i);
}

static void walk_block(Walk *w, uint32_t number)
{
    const MBlock *b = &w->m->blocks.at[number];
    w->loop = b->loop;
    for (uint32_t k = 0; k < b->nparams; k++) {
        Reg r = w->m->regs.at[b->params + k];
        define(w, r, position_of_start(b));
        w->live->last[r.i - REG_FIRST_VIRTUAL] = position_of_start(b);
    }
    for (uint32_t k = b->first; k < b->end; k++) walk_inst(w, &w->m->code.at[k], position_of(k));
    for (uint32_t e = b->edges; e < b->edges + b->nedges; e++) {
        const MEdge *edge = &w->m->edges.at[e];
        uint32_t n = w->m->blocks.at[edge->to].nparams;
        for (uint32_t k = 0; k < n; k++) mention(w, w->m->regs.at[edge->args + k], 2 * b->end);
    }
}

/* -- Room in loops ----------------------------------------------------------------------------- */

typedef struct {
    int16_t live[2];
} Pressure;

/* How many values live at each instruction; an interval without holes, to the end of the loops
 * that keep it alive, is near enough. */
static Pressure *count_pressure(const Walk *w)
{
    uint32_t n = w->m->code.n + 2;
    Pressure *p = arena_array(w->a, Pressure, n);
    for (uint32_t v = 0; v < w->m->vregs.n; v++) {
        uint32_t from = w->live->first_def[v], to = w->live->last[v];
        if (!from) continue;
        if (w->extend[v] > to) to = w->extend[v];
        unsigned class = w->m->vregs.at[v].class;
        p[from / 2].live[class]++;
        p[to / 2].live[class]--;
    }
    for (uint32_t k = 1; k < n; k++) {
        p[k].live[0] += p[k - 1].live[0];
        p[k].live[1] += p[k - 1].live[1];
    }
    return p;
}

enum { GPRS = 14, XMMS = 15, SAVED_GPRS = 5 };

/* What lives at the header's beginning lives through the whole loop; anything more is the loop's
 * own. */
static void find_room(const Walk *w, const Pressure *p, uint32_t n, unsigned class)
{
    const MLoop *loop = &w->m->loops.at[n];
    uint32_t first = w->m->blocks.at[loop->header].first, end = w->m->blocks.at[loop->last].end;
    int16_t through = first ? p[first].live[class] : 0, most = through;
    int16_t params = 0;
    const MBlock *header = &w->m->blocks.at[loop->header];
    for (uint32_t k = 0; k < header->nparams; k++)
        params += mfunc_vreg_of(w->m, w->m->regs.at[header->params + k])->class == class;
    through -= params;
    for (uint32_t k = first; k <= end; k++)
        if (p[k].live[class] > most) most = p[k].live[class];
    int16_t room = (class == REG_GPR ? GPRS : XMMS) - (most - through);
    int16_t across = class == REG_GPR ? SAVED_GPRS : 0;
    if (loop->calls && room > across) room = across;
    w->live->loops[n].room[class] = room > 0 ? room : 0;
}

/* At most so many: an instruction has up to MINST_REFS, an edge one for each parameter. */
static uint32_t count_mentions(const MFunc *m)
{
    return m->code.n * MINST_REFS + m->regs.n;
}

Live *live_compute(MFunc *m, Arena *a)
{
    Live *live = arena_new(a, Live);
    live->last = arena_array(a, uint32_t, m->vregs.n);
    live->first_def = arena_array(a, uint32_t, m->vregs.n);
    live->hint = arena_array(a, uint8_t, m->vregs.n);
    memset(live->hint, REG_ANY, m->vregs.n);
    live->before = arena_array_room(a, uint32_t, count_mentions(m));
    live->loops = arena_array(a, LoopLive, m->loops.n);
    Walk w = {
        .m = m,
        .live = live,
        .a = a,
        .added = arena_array(a, uint32_t, m->vregs.n),
        .extend = arena_array(a, uint32_t, m->vregs.n),
    };
    for (uint32_t k = 0; k < m->blocks.n; k++) walk_block(&w, k);
    if (!m->loops.n) return live;
    const Pressure *p = count_pressure(&w);
    for (uint32_t n = 0; n < m->loops.n; n++) {
        find_room(&w, p, n, REG_GPR);
        find_room(&w, p, n, REG_XMM);
    }
    return live;
}
