/* Moves that happen at once, as a sequence. A move may be written when nobody still reads its
 * destination. When none may, what is left goes round in circles: an exchange, or a copy in a
 * scratch slot, opens one.
 */
#include "jit/x64/allocate_local.h"

static bool is_slot(uint32_t place) { return place >= PLACE_SLOT && place != PLACE_REMAT; }

static bool is_gpr(uint32_t place) { return place < REG_xmm0; }

static MInst *write(Assign *s, Mark mark)
{
    MInst *i = vec_push(s->a, &s->m->moves);
    i->extra = minst_extra(mark, NO_INDEX);
    s->m->marks[mark]++;
    return i;
}

static void write_regs(Assign *s, Form form, Reg to, Reg from)
{
    MInst *i = write(s, MARK_move);
    i->form = (uint16_t)form;
    i->reg[0] = to;
    i->reg[1] = from;
}

/* Loads and stores name the slot of a value; here it is any slot. */
static void write_load(Assign *s, uint32_t v, uint32_t to, uint32_t slot)
{
    MInst *i = write(s, MARK_load);
    load_inst(i, s, v, to);
    i->mem.slot = slot;
}

static void write_store(Assign *s, uint32_t v, uint32_t slot, uint32_t from)
{
    MInst *i = write(s, MARK_store);
    store_inst(i, s, v, from);
    i->mem.slot = slot;
}

static void write_scratch(Assign *s, Form form, const Reg regs[2], uint32_t slot, Mark mark)
{
    MInst *i = write(s, mark);
    i->form = (uint16_t)form;
    i->reg[0] = regs[0];
    i->reg[1] = regs[1];
    i->mem = (Mem){.kind = MEM_SLOT, .slot = slot, .index = REG_NONE};
}

/* Through the scratch register, in the form for vector registers of that size. */
static void write_through(Assign *s, uint32_t v, uint32_t to, uint32_t from)
{
    static const uint16_t loads[] = {FORM_movss, FORM_movsd, FORM_movaps};
    static const uint16_t stores[] = {FORM_movss_mr, FORM_movsd_mr, FORM_movaps_mr};
    unsigned size = vreg_at(s, v)->bytes == 4 ? 0 : vreg_at(s, v)->bytes == 8 ? 1 : 2;
    Form load = (Form)loads[size], store = (Form)stores[size];
    if (s->m->vex) {
        load = (Form)form_info[load].vex;
        store = (Form)form_info[store].vex;
    }
    write_scratch(s, load, (Reg[]){reg_of(SCRATCH_XMM), REG_MEMORY}, from, MARK_load);
    write_scratch(s, store, (Reg[]){REG_MEMORY, reg_of(SCRATCH_XMM)}, to, MARK_store);
}

/* A general register is borrowed: its content waits in the scratch register. */
static void write_remat_borrowing(Assign *s, uint32_t v, uint32_t slot)
{
    Form save = s->m->vex ? FORM_vmovq_xr : FORM_movq_xr;
    Form back = s->m->vex ? FORM_vmovq_rx : FORM_movq_rx;
    Reg borrowed = reg_of(REG_rax), scratch = reg_of(SCRATCH_XMM);
    write_regs(s, save, scratch, borrowed);
    remat_inst(write(s, MARK_remat), s->m, v, borrowed.i);
    write_store(s, v, slot, borrowed.i);
    write_regs(s, back, borrowed, scratch);
}

static void write_remat(Assign *s, const EdgeMove *e)
{
    if (!is_slot(e->to)) return remat_inst(write(s, MARK_remat), s->m, e->remat, e->to);
    if (vreg_at(s, e->remat)->class == REG_GPR)
        return write_remat_borrowing(s, e->remat, e->to - PLACE_SLOT);
    remat_inst(write(s, MARK_remat), s->m, e->remat, SCRATCH_XMM);
    write_store(s, e->v, e->to - PLACE_SLOT, SCRATCH_XMM);
}

static void write_move(Assign *s, const EdgeMove *e)
{
    if (e->from == PLACE_REMAT) write_remat(s, e);
    else if (is_slot(e->to) && is_slot(e->from))
        write_through(s, e->v, e->to - PLACE_SLOT, e->from - PLACE_SLOT);
    else if (is_slot(e->to)) write_store(s, e->v, e->to - PLACE_SLOT, e->from);
    else if (is_slot(e->from)) write_load(s, e->v, e->to, e->from - PLACE_SLOT);
    else move_inst(write(s, MARK_move), s->m, e->v, e->to, e->from);
}

static bool is_read(const EdgeMoves *moves, uint32_t place, uint32_t except)
{
    for (uint32_t k = 0; k < moves->n; k++)
        if (k != except && moves->at[k].from == place) return true;
    return false;
}

static void remove_move(EdgeMoves *moves, uint32_t k)
{
    moves->at[k] = moves->at[--moves->n];
}

/* Who reads `place` reads `instead`. */
static void redirect(EdgeMoves *moves, uint32_t place, uint32_t instead)
{
    for (uint32_t k = 0; k < moves->n; k++)
        if (moves->at[k].from == place) moves->at[k].from = instead;
}

/* The value that stands in `place`, as the one who reads it knows it. */
static uint32_t value_in(const EdgeMoves *moves, uint32_t place)
{
    uint32_t k = 0;
    while (moves->at[k].from != place) k++;
    return moves->at[k].v;
}

/* Every destination that is left is also read, once. */
static void open_circle(Assign *s, EdgeMoves *moves)
{
    EdgeMove e = moves->at[0];
    if (is_gpr(e.to) && is_gpr(e.from)) {
        write_regs(s, FORM_xchg_64, reg_of(e.to), reg_of(e.from));
        remove_move(moves, 0);
        redirect(moves, e.to, e.from);
        for (uint32_t k = 0; k < moves->n; k++)
            if (moves->at[k].to == moves->at[k].from) remove_move(moves, k--);
        return;
    }
    uint32_t scratch = PLACE_SLOT + mfunc_slot(s->m, 16, 16);
    EdgeMove save = {.v = value_in(moves, e.to), .to = scratch, .from = e.to};
    write_move(s, &save);
    redirect(moves, e.to, scratch);
}

void write_moves(Assign *s, EdgeMoves *moves)
{
    while (moves->n) {
        uint32_t before = moves->n;
        for (uint32_t k = 0; k < moves->n;) {
            if (is_read(moves, moves->at[k].to, k)) {
                k++;
                continue;
            }
            write_move(s, &moves->at[k]);
            remove_move(moves, k);
        }
        if (moves->n == before) open_circle(s, moves);
    }
}
