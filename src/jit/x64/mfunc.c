#include "jit/x64/mfunc.h"

/* What is there stays at the end. */
void mcode_reserve(Arena *a, MCode *c, uint32_t n)
{
    uint32_t room = c->n + n;
    MInst *fresh = arena_array_room(a, MInst, room);
    if (c->n) memcpy(fresh + room - c->n, c->at, c->n * sizeof *c->at);
    c->at = fresh + room - c->n;
    c->room = fresh;
}

uint32_t mfunc_slot(MFunc *m, uint32_t bytes, uint32_t align)
{
    *vec_push(m->arena, &m->slots) = (MSlot){.bytes = bytes, .align = align};
    return m->slots.n - 1;
}

void mfunc_delete(MFunc *m, uint32_t k)
{
    CHECK(k < m->code.n);
    MInst *i = &m->code.at[k];
    m->marks[MARK_deleted] += minst_mark(i) != MARK_deleted;
    *i = (MInst){.form = FORM_nop, .extra = minst_extra(MARK_deleted, minst_origin(i))};
}

static const char *const mark_names[] = {
    [MARK_none] = "",          [MARK_keep] = "",         [MARK_move] = "move",
    [MARK_load] = "load",      [MARK_store] = "store",   [MARK_remat] = "remat",
    [MARK_prologue] = "frame", [MARK_epilogue] = "frame", [MARK_deleted] = "deleted",
};

static void print_params(const MFunc *m, uint32_t first, uint32_t n, Buf *out)
{
    for (uint32_t k = 0; k < n; k++)
        buf_printf(out, "%sv%u", k ? ", " : "", m->regs.at[first + k].i - REG_FIRST_VIRTUAL);
}

static void print_edge(const MFunc *m, uint32_t e, Buf *out)
{
    const MEdge *edge = &m->edges.at[e];
    buf_printf(out, "    edge %u: block %u(", e, edge->to);
    print_params(m, edge->args, m->blocks.at[edge->to].nparams, out);
    buf_text(out, ")\n");
    for (uint32_t k = 0; k < edge->nmoves; k++) {
        buf_text(out, "        ");
        minst_print(&m->moves.at[edge->moves + k], out);
        buf_char(out, '\n');
    }
}

static void print_insts(const MFunc *m, uint32_t first, uint32_t end, Buf *out)
{
    for (uint32_t k = first; k < end; k++) {
        const MInst *i = &m->code.at[k];
        buf_text(out, "    ");
        minst_print(i, out);
        const char *mark = mark_names[minst_mark(i)];
        if (*mark) buf_printf(out, "   ; %s", mark);
        buf_char(out, '\n');
    }
}

static void print_block(const MFunc *m, const MBlock *b, uint32_t number, Buf *out)
{
    buf_printf(out, "block %u(", number);
    print_params(m, b->params, b->nparams, out);
    buf_text(out, "):\n");
    print_insts(m, b->first, b->end, out);
    for (uint32_t e = 0; e < b->nedges; e++) print_edge(m, b->edges + e, out);
}

void mfunc_print(const MFunc *m, Buf *out)
{
    print_insts(m, 0, m->blocks.n ? m->blocks.at[0].first : 0, out);
    for (uint32_t k = 0; k < m->blocks.n; k++) print_block(m, &m->blocks.at[k], k, out);
}
