/* Moves that happen at once, as a sequence. A move may be written when nobody still reads its
 * destination. When none may, what is left goes round in circles: an exchange, or a copy in a
 * scratch slot, opens one.
 */
#include "jit/x64/allocate_local.h"

static bool is_slot(uint32_t place) { return place >= PLACE_SLOT && place != PLACE_REMAT; }

static bool is_gpr(uint32_t place) { return place < REG_xmm0; }

static void write(Assign *s, MInst i, Mark mark)
{
    i.extra = minst_extra(mark, NO_INDEX);
    *vec_push(s->a, &s->m->moves) = i;
}

/* Loads and stores name the slot of a value; here it is any slot. */
static void write_load(Assign *s, uint32_t v, uint32_t to, uint32_t slot)
{
    MInst i = load_inst(s, v, to);
    i.mem.slot = slot;
    write(s, i, MARK_load);
}

static void write_store(Assign *s, uint32_t v, uint32_t slot, uint32_t from)
{
    MInst i = store_inst(s, v, from);
    i.mem.slot = slot;
    write(s, i, MARK_store);
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
    Mem memory = {.kind = MEM_SLOT, .slot = from, .index = REG_NONE};
    Reg scratch = reg_of(SCRATCH_XMM);
    write(s, (MInst){.form = (uint16_t)load, .reg = {scratch, REG_MEMORY}, .mem = memory},
          MARK_load);
    memory.slot = to;
    write(s, (MInst){.form = (uint16_t)store, .reg = {REG_MEMORY, scratch}, .mem = memory},
          MARK_store);
}

/* A general register is borrowed: its content waits in the scratch register. */
static void write_remat_borrowing(Assign *s, uint32_t v, uint32_t slot)
{
    Form save = s->m->vex ? FORM_vmovq_xr : FORM_movq_xr;
    Form back = s->m->vex ? FORM_vmovq_rx : FORM_movq_rx;
    Reg borrowed = reg_of(REG_rax), scratch = reg_of(SCRATCH_XMM);
    write(s, (MInst){.form = (uint16_t)save, .reg = {scratch, borrowed}}, MARK_move);
    write(s, remat_inst(s->m, v, borrowed.i), MARK_remat);
    write_store(s, v, slot, borrowed.i);
    write(s, (MInst){.form = (uint16_t)back, .reg = {borrowed, scratch}}, MARK_move);
}

static void write_remat(Assign *s, const EdgeMove *e)
{
    if (!is_slot(e->to)) return write(s, remat_inst(s->m, e->remat, e->to), MARK_remat);
    if (vreg_at(s, e->remat)->class == REG_GPR)
        return write_remat_borrowing(s, e->remat, e->to - PLACE_SLOT);
    write(s, remat_inst(s->m, e->remat, SCRATCH_XMM), MARK_remat);
    write_store(s, e->v, e->to - PLACE_SLOT, SCRATCH_XMM);
}

static void write_move(Assign *s, const EdgeMove *e)
{
    if (e->from == PLACE_REMAT) write_remat(s, e);
    else if (is_slot(e->to) && is_slot(e->from))
        write_through(s, e->v, e->to - PLACE_SLOT, e->from - PLACE_SLOT);
    else if (is_slot(e->to)) write_store(s, e->v, e->to - PLACE_SLOT, e->from);
    else if (is_slot(e->from)) write_load(s, e->v, e->to, e->from - PLACE_SLOT);
    else write(s, move_inst(s->m, e->v, e->to, e->from), MARK_move);
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
        write(s, (MInst){.form = FORM_xchg_64, .reg = {{e.to}, {e.from}}}, MARK_move);
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
