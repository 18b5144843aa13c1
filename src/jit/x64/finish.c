/* The last step of allocation: the instructions in their final order, with prologue, epilogues and
 * the moves of edges, and jumps that name blocks.
 *
 * The moves of an edge stand in front of the jump at its block's end when it is that jump's, at the
 * beginning of the block it leads to when nothing else leads there, else in a block of their own
 * behind all others.
 */
#include "jit/x64/allocate_local.h"
#include "jit/x64/frame.h"

typedef struct {
    MFunc *m;
    MInsts out;
    MInsts epilogue;
    Fuel *fuel;
} Finish;

static bool allowed(const Finish *p, Rewrite r, const MInst *i)
{
    return fuel_take(p->fuel, r, NULL, p->m->index, (Inst){minst_origin(i)});
}

static void add(Finish *p, const MInst *insts, uint32_t n)
{
    vec_reserve(p->m->arena, &p->out, p->out.n + n);
    if (n) memcpy(p->out.at + p->out.n, insts, n * sizeof *insts);
    p->out.n += n;
}

static void add_moves(Finish *p, const MEdge *e)
{
    if (e->nmoves) add(p, &p->m->moves.at[e->moves], e->nmoves);
}

static bool names_edge(const MInst *i)
{
    return (i->form == FORM_jcc || i->form == FORM_jmp) &&
        label_kind((uint32_t)i->imm) == LABEL_edge;
}

static MEdge *named_edge(const Finish *p, const MInst *i)
{
    return &p->m->edges.at[label_number((uint32_t)i->imm)];
}

/* A block of its own for the moves; the edge then leads there. */
static void make_stub(Finish *p, MEdge *e)
{
    MFunc *m = p->m;
    MBlock *stub = vec_push(m->arena, &m->blocks);
    *stub = (MBlock){.ir = BLOCK_none, .edges = (uint32_t)(e - m->edges.at), .nedges = 1,
                     .loop = NO_INDEX};
    e->stub = m->blocks.n - 1;
}

/* Where a jump along this edge, not the one at the block's end, has to go. */
static uint32_t landing(Finish *p, MEdge *e)
{
    if (!e->nmoves) return e->to;
    if (p->m->blocks.at[e->to].npreds == 1) {
        p->m->blocks.at[e->to].moves = (uint32_t)(e - p->m->edges.at) + 1;
        return e->to;
    }
    if (!e->stub) make_stub(p, e);
    return e->stub;
}

static void finish_branch(Finish *p, MInst *i)
{
    i->imm = label_of(LABEL_block, landing(p, named_edge(p, i)));
}

/* The jump at the end of block `k`. */
static void finish_jump(Finish *p, uint32_t k, MInst *i)
{
    const MEdge *e = named_edge(p, i);
    if (p->m->blocks.at[e->to].moves != (uint32_t)(e - p->m->edges.at) + 1) add_moves(p, e);
    if (e->to == k + 1 && allowed(p, REWRITE_jump_dropped, i)) return;
    i->imm = label_of(LABEL_block, e->to);
    add(p, i, 1);
}

static bool needs_stub(const Finish *p, const MEdge *e)
{
    return e->nmoves && p->m->blocks.at[e->to].npreds != 1;
}

/* Turn this:  jcc edge1 (with moves); jmp edge2 (without, or they can stand at its target)
 * into this:  jncc edge2; jmp edge1             whose moves then stand in front of the jump */
static void prefer_moves_at_end(Finish *p, MInst *jcc, MInst *jmp)
{
    if (!names_edge(jcc) || jcc->form != FORM_jcc) return;
    if (!names_edge(jmp) || jmp->form != FORM_jmp) return;
    if (!needs_stub(p, named_edge(p, jcc)) || needs_stub(p, named_edge(p, jmp))) return;
    if (!allowed(p, REWRITE_moves_at_end, jcc)) return;
    int64_t label = jcc->imm;
    jcc->imm = jmp->imm;
    jmp->imm = label;
    jcc->cond = (uint8_t)cond_inverse((Cond)jcc->cond);
}

static void finish_table(Finish *p, uint32_t table)
{
    const MTable *t = &p->m->tables.at[table];
    for (uint32_t k = 0; k < t->n; k++) {
        MEdge *e = &p->m->edges.at[t->edges + k];
        landing(p, e);
    }
}

/* A return, which removes what the convention says, or a tail call. */
static void leave(Finish *p, MInst *i)
{
    if (p->epilogue.n) add(p, p->epilogue.at, p->epilogue.n);
    if (i->form != FORM_ret) {
        frame_move_return(p->m, p->m->calls.at[i->imm].popped, &p->out);
    } else if (p->m->pops && frame_incoming(p->m)) {
        i->form = FORM_ret_n;
        i->imm = frame_incoming(p->m);
    }
}

/* Turn  lea r, [edge]  into  lea r, [block] */
static void finish_address(Finish *p, MInst *i)
{
    uint32_t label = i->mem.label;
    if (i->mem.kind != MEM_LABEL || label_kind(label) != LABEL_edge) return;
    i->mem.label = label_of(LABEL_block, landing(p, &p->m->edges.at[label_number(label)]));
}

static void finish_inst(Finish *p, uint32_t k, MInst *i)
{
    if (p->m->names_handlers) finish_address(p, i);
    if (i->form == FORM_ret || i->form == FORM_tail || i->form == FORM_tail_rm) {
        leave(p, i);
    } else if (names_edge(i)) {
        if (i->form == FORM_jmp) return finish_jump(p, k, i);
        finish_branch(p, i);
    }
    add(p, i, 1);
}

/* Returns, and jumps along edges, stand at a block's end; but a jump through a table stands behind
 * one along its default edge. The address of a handler stands anywhere. */
enum { JUMPS_AT_END = 3 };

static uint32_t first_jump(const Finish *p, uint32_t first, uint32_t end)
{
    bool anywhere = p->m->tables.n || p->m->names_handlers;
    return anywhere || end - first < JUMPS_AT_END ? first : end - JUMPS_AT_END;
}

static void finish_block(Finish *p, uint32_t k, MInst *code)
{
    MBlock *b = &p->m->blocks.at[k];
    uint32_t first = b->first, end = b->end, jump = first_jump(p, first, end);
    b->first = p->out.n;
    if (b->moves) add_moves(p, &p->m->edges.at[b->moves - 1]);
    if (end - first >= 2 && (end - first < 3 || code[end - 3].form != FORM_jcc))
        prefer_moves_at_end(p, &code[end - 2], &code[end - 1]);
    add(p, &code[first], jump - first);
    for (; jump < end; jump++) finish_inst(p, k, &code[jump]);
    p->m->blocks.at[k].end = p->out.n;
}

static void finish_stub(Finish *p, uint32_t k)
{
    MBlock *b = &p->m->blocks.at[k];
    const MEdge *e = &p->m->edges.at[b->edges];
    b->first = p->out.n;
    add_moves(p, e);
    add(p, &(MInst){.form = FORM_jmp, .imm = label_of(LABEL_block, e->to)}, 1);
    b->end = p->out.n;
}

/* Edges that no jump at a block's end takes decide where their moves stand, before their target is
 * written. */
static void plan_landings(Finish *p)
{
    for (uint32_t k = 0; k < p->m->tables.n; k++) finish_table(p, k);
    for (uint32_t k = 0; k < p->m->edges.n; k++)
        if (p->m->edges.at[k].handler) landing(p, &p->m->edges.at[k]);
}

void finish_code(Assign *s)
{
    MFunc *m = s->m;
    uint32_t nblocks = m->blocks.n;
    Finish p = {.m = m, .fuel = s->fuel};
    for (uint32_t k = 0; k < nblocks; k++) {
        m->blocks.at[k].first = s->out.n - m->blocks.at[k].first;
        m->blocks.at[k].end = s->out.n - m->blocks.at[k].end;
    }
    p.out.cap = s->out.n + s->out.n / 8 + 32;
    p.out.at = arena_array_room(s->a, MInst, p.out.cap);
    frame_epilogue(m, &p.epilogue);
    frame_prologue(m, &p.out);
    plan_landings(&p);
    for (uint32_t k = 0; k < nblocks; k++) finish_block(&p, k, s->out.at);
    for (uint32_t k = nblocks; k < m->blocks.n; k++) finish_stub(&p, k);
    if (m->realigned) frame_fix_operands(m, p.out.at, p.out.n);
    m->code = (MCode){.at = p.out.at, .n = p.out.n, .room = p.out.at};
}
