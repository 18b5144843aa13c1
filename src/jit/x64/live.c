#include "jit/x64/live.h"

typedef struct {
    MFunc *m;
    Live *live;
    Arena *a;
    uint32_t *added;  /* by register: loop to whose invariants it went last, plus 1 */
    uint32_t *extend; /* by register: end of the outermost loop that keeps it alive */
    uint32_t loop;    /* of the current block */
    uint32_t *next;   /* end of Live.before */
} Walk;

/* The value must be kept in every loop around here that does not define it. */
static void add_invariant(Walk *w, Reg r)
{
    uint32_t n = w->loop, def = w->live->regs[r.i].def;
    if (reg_is_physical(r) || w->added[r.i] == n + 1) return;
    for (; n != NO_INDEX; n = w->m->loops.at[n].outer) {
        const MLoop *loop = &w->m->loops.at[n];
        if (def >= position_of_start(&w->m->blocks.at[loop->header])) return;
        if (w->added[r.i] == n + 1) return;
        *vec_push(w->a, &w->live->loops[n].invariants) = r.i - REG_FIRST_VIRTUAL;
        if (n == w->loop) w->added[r.i] = n + 1;
        uint32_t end = 2 * w->m->blocks.at[loop->last].end;
        if (end > w->extend[r.i]) w->extend[r.i] = end;
    }
}

/* Gives where the register was mentioned before. A definition dominates what else mentions its
 * register, so it is met first. */
static inline uint32_t mention(RegLife *life, uint32_t at)
{
    uint32_t before = life->last;
    life->def |= before ? 0 : at;
    life->last = at;
    return before;
}

/* -- What an instruction mentions -------------------------------------------------------------- */

static bool has_same_operands(const MInst *i)
{
    if (!reg_is_virtual(i->reg[0]) || !reg_equal(i->reg[0], i->reg[1])) return false;
    return form_info[i->form].operands_n == 2 || reg_equal(i->reg[1], i->reg[2]);
}

/* Instructions differ so much in what they mention that jumps would be guessed wrong: there is none
 * that matters. */
static Note note_of(const MInst *i)
{
    unsigned roles = form_roles[i->form], at = roles_memory(roles);
    if (unlikely(roles & ROLES_SAME) && has_same_operands(i)) return NOTE_SAME | ROLE_DEF;
    unsigned base = (i->mem.kind == MEM_BASE) & !reg_equal(i->mem.base, REG_NONE);
    unsigned index = (i->mem.kind != MEM_LABEL) & !reg_equal(i->mem.index, REG_NONE);
    unsigned plain = roles & NOTE_FROM_ROLES;
    unsigned with_memory = (plain & ~(ROLE_USE_DEF * place_bit(at) | NOTE_COPY)) |
                           base * place_bit(PLACE_BASE) | index * place_bit(PLACE_INDEX);
    unsigned memory = reg_equal(i->reg[at], REG_MEMORY);
    unsigned note = plain ^ ((plain ^ with_memory) & -memory);
    return (Note)(note & ~((minst_mark(i) == MARK_keep) * (unsigned)NOTE_COPY));
}

/* -- The walk ---------------------------------------------------------------------------------- */

static void note_call(Walk *w, uint32_t at)
{
    *vec_push(w->a, &w->live->calls) = at;
    for (uint32_t n = w->loop; n != NO_INDEX; n = w->m->loops.at[n].outer)
        w->m->loops.at[n].calls = true;
}

static void walk_inst_in_loop(Walk *w, MInst *i, Note note)
{
    for (unsigned rest = note_places(note); rest; rest &= rest - 1)
        add_invariant(w, *minst_place(i, first_place(rest)));
}

static void walk_inst(Walk *w, MInst *i, Note note, uint32_t at)
{
    RegLife *regs = w->live->regs;
    uint32_t *before = w->next;
    for (unsigned rest = note_places(note); rest; rest &= rest - 1) {
        Reg r = *minst_place(i, first_place(rest));
        *before++ = mention(&regs[r.i], at);
    }
    w->next = before;
    if (unlikely(note & NOTE_CALL)) note_call(w, at);
    if (w->loop != NO_INDEX) walk_inst_in_loop(w, i, note);
}

static void walk_edge(Walk *w, const MEdge *e, uint32_t at)
{
    uint32_t n = w->m->blocks.at[e->to].nparams;
    for (uint32_t k = 0; k < n; k++) {
        Reg r = w->m->regs.at[e->args + k];
        *w->next++ = mention(&w->live->regs[r.i], at);
        if (w->loop != NO_INDEX) add_invariant(w, r);
    }
}

static void begin_block(Walk *w, const MBlock *b)
{
    w->loop = b->loop;
    for (uint32_t k = 0; k < b->nparams; k++) {
        RegLife *life = &w->live->regs[w->m->regs.at[b->params + k].i];
        life->def = life->last = position_of_start(b);
    }
}

static void walk_block(Walk *w, const MBlock *b)
{
    begin_block(w, b);
    for (uint32_t k = b->first; k < b->end; k++) {
        MInst *i = &w->m->code.at[k];
        InstLife *life = &w->live->insts[k];
        *life = (InstLife){(uint32_t)(w->next - w->live->before), note_of(i)};
        walk_inst(w, i, life->note, position_of(k));
    }
    for (uint32_t e = 0; e < b->nedges; e++)
        walk_edge(w, &w->m->edges.at[b->edges + e], 2 * b->end);
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
        uint32_t r = reg_virtual(v).i, from = w->live->regs[r].def, to = w->live->regs[r].last;
        if (w->extend[r] > to) to = w->extend[r];
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

static void find_rooms(Walk *w)
{
    const Pressure *p = count_pressure(w);
    for (uint32_t n = 0; n < w->m->loops.n; n++) {
        find_room(w, p, n, REG_GPR);
        find_room(w, p, n, REG_XMM);
    }
}

/* Nothing is mentioned yet. Physical registers are where they are, but those that is_frame_reg
 * names nowhere: nothing is put into them. */
static RegLife *make_lives(const MFunc *m, Arena *a)
{
    uint32_t n = REG_COUNT + m->vregs.n;
    RegLife *regs = arena_array_room(a, RegLife, n);
    static const RegLife fresh = {.reg = NO_REG, .param_reg = NO_REG};
    for (uint32_t k = 0; k < n; k++) regs[k] = fresh;
    for (uint32_t k = 0; k < REG_COUNT; k++) regs[k].reg = (uint8_t)k;
    regs[REG_rsp].reg = NO_REG;
    if (m->realigned) regs[REG_rbp].reg = NO_REG;
    return regs;
}

/* At most so many: an instruction has up to MINST_REFS, an edge one for each parameter. */
static uint32_t count_mentions(const MFunc *m)
{
    return m->code.n * MINST_REFS + m->regs.n;
}

Live *live_compute(MFunc *m, Arena *a)
{
    Live *live = arena_new(a, Live);
    live->regs = make_lives(m, a);
    live->insts = arena_array_room(a, InstLife, m->code.n);
    live->before = arena_array_room(a, uint32_t, count_mentions(m));
    Walk w = {.m = m, .live = live, .a = a, .next = live->before};
    if (m->loops.n) {
        live->loops = arena_array(a, LoopLive, m->loops.n);
        w.added = arena_array(a, uint32_t, REG_COUNT + m->vregs.n);
        w.extend = arena_array(a, uint32_t, REG_COUNT + m->vregs.n);
    }
    for (uint32_t k = 0; k < m->blocks.n; k++) walk_block(&w, &m->blocks.at[k]);
    live->nbefore = (uint32_t)(w.next - live->before);
    if (m->loops.n) find_rooms(&w);
    return live;
}
