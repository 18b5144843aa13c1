#include "jit/x64/emit.h"

#include "jit/x64/emit_loop.h"

/* -- Labels ------------------------------------------------------------------------------------ */

typedef struct {
    Emitter *e;
    const MFunc *m;
    uint32_t first_block; /* label of block 0 */
    uint32_t inst_label;  /* label of an instruction of the prologue; NO_INDEX: none yet */
    uint32_t inst;
    uint32_t first_table;
    uint32_t skip;        /* label to be bound behind */
    const MInst *skipped; /* this instruction; NULL: none */
    JitTrap *traps;       /* of the function, with room for one at each instruction */
    uint32_t ntraps;
} Function;

static uint32_t pool_label(Emitter *e, uint32_t n)
{
    while (e->pool_labels.n <= n) *vec_push(e->arena, &e->pool_labels) = enc_label(&e->enc);
    return e->pool_labels.at[n];
}

static uint32_t trap_label(Emitter *e, uint32_t code)
{
    if (!e->trap_labels[code]) {
        e->trap_labels[code] = enc_label(&e->enc) + 1;
        e->trap_codes[e->ntrap_codes++] = (uint8_t)code;
    }
    return e->trap_labels[code] - 1;
}

/* The encoder's label for one that an instruction names. */
static uint32_t resolve(Function *f, const MInst *i, uint32_t label)
{
    uint32_t n = label_number(label);
    switch (label_kind(label)) {
    case LABEL_edge: break;
    case LABEL_block: return f->first_block + n;
    case LABEL_trap: return trap_label(f->e, n);
    case LABEL_func: return n;
    case LABEL_const: return pool_label(f->e, n);
    case LABEL_table: return f->first_table + n;
    case LABEL_inst: return f->inst_label;
    case LABEL_next: f->skipped = i + 1; return f->skip = enc_label(&f->e->enc);
    }
    bug("an edge is left after allocation");
}

/* -- Instructions ------------------------------------------------------------------------------ */

static void note_line(Function *f, const MInst *i)
{
    Emitter *e = f->e;
    uint32_t origin = minst_origin(i);
    if (e->lines.n && vec_last(&e->lines).func == f->m->index &&
        vec_last(&e->lines).inst.i == origin)
        return;
    *vec_push(e->arena, &e->lines) = (JitLine){enc_offset(&e->enc), f->m->index, {origin}};
}

static bool has_label(const MInst *i)
{
    return i->form == FORM_jcc || i->form == FORM_jmp;
}

/* Its trap, which was noted already, is that of the access. */
static void encode_loop(Function *f, const MInst *i)
{
    uint32_t access = emit_rmw(&f->e->enc, i);
    if (i->trap != TRAP_none) f->traps[f->ntraps - 1].offset = access;
}

/* With the encoder's labels. */
static void encode_labelled(Function *f, const MInst *i)
{
    MInst patched = *i;
    if (has_label(i)) patched.imm = resolve(f, i, (uint32_t)i->imm);
    else if (i->form == FORM_call || i->form == FORM_tail)
        patched.imm = f->m->calls.at[i->imm].callee;
    else if (form_code[i->form].shape == CODE_LOOP) return encode_loop(f, i);
    else patched.mem.label = resolve(f, i, i->mem.label);
    enc_inst(&f->e->enc, &patched);
}

static bool has_short_displacement(const Emitter *e, const MInst *i)
{
    if (minst_memory_operand(i) == FORM_OPERANDS) return false;
    int64_t disp = i->mem.disp;
    switch ((MemKind)i->mem.kind) {
    case MEM_LABEL: return false;
    case MEM_BASE: return disp == (int8_t)disp && !reg_equal(i->mem.base, REG_NONE);
    case MEM_SLOT: disp += e->enc.slot_offset[i->mem.slot]; break;
    }
    return disp == (int8_t)disp;
}

/* Whether it may be. */
static COLD void choose_width(Function *f, const MInst *i)
{
    Emitter *e = f->e;
    Inst inst = {minst_origin(i)};
    e->enc.wide = has_short_displacement(e, i) &&
                  !fuel_take(e->fuel, REWRITE_displacement_short, NULL, f->m->index, inst);
}

static void write_inst(Function *f, const MInst *i)
{
    Emitter *e = f->e;
    bool skipped = i == f->skipped;
    uint32_t skip = f->skip;
    if (likely(minst_mark(i) != MARK_deleted)) {
        if (unlikely(e->wants_lines)) note_line(f, i);
        f->traps[f->ntraps] = (JitTrap){enc_offset(&e->enc), i->trap};
        f->ntraps += i->trap != TRAP_none;
        if (unlikely(e->fuel)) choose_width(f, i);
        if ((i->mem.kind == MEM_LABEL) | form_code[i->form].label) encode_labelled(f, i);
        else enc_inst(&e->enc, i);
    }
    if (unlikely(skipped)) enc_bind(&e->enc, skip);
}

/* The one label inside a prologue is that of its probing loop. */
static void write_prologue(Function *f, uint32_t end)
{
    const MInst *code = f->m->code.at;
    for (uint32_t k = 0; k < end; k++)
        if (has_label(&code[k]) && label_kind((uint32_t)code[k].imm) == LABEL_inst) {
            f->inst = label_number((uint32_t)code[k].imm);
            f->inst_label = enc_label(&f->e->enc);
        }
    for (uint32_t k = 0; k < end; k++) {
        if (k == f->inst && f->inst_label != NO_INDEX) enc_bind(&f->e->enc, f->inst_label);
        write_inst(f, &code[k]);
    }
}

/* -- Behind the function ----------------------------------------------------------------------- */

static void write_trap_stubs(Emitter *e)
{
    for (uint32_t k = 0; k < e->ntrap_codes; k++) {
        uint8_t code = e->trap_codes[k];
        enc_bind(&e->enc, e->trap_labels[code] - 1);
        enc_inst(&e->enc, &(MInst){.form = FORM_mov_u32, .reg = {{REG_rdi}}, .imm = code});
        enc_inst(&e->enc, &(MInst){.form = FORM_jmp, .imm = e->common_trap});
        e->trap_labels[code] = 0;
    }
    e->ntrap_codes = 0;
}

static void write_tables(Function *f)
{
    static const uint64_t later = 0;
    Emitter *e = f->e;
    if (f->m->tables.n) enc_align(&e->enc, 8);
    for (uint32_t k = 0; k < f->m->tables.n; k++) {
        const MTable *t = &f->m->tables.at[k];
        enc_bind(&e->enc, f->first_table + k);
        *vec_push(e->arena, &e->tables) =
            (EmitTable){enc_offset(&e->enc), f->first_block, f->m, t};
        for (uint32_t n = 0; n < t->n; n++) enc_bytes(&e->enc, &later, sizeof later);
    }
}

static const int32_t *slot_offsets(Emitter *e, const MFunc *m)
{
    int32_t *offsets = arena_array_room(e->arena, int32_t, m->slots.n);
    for (uint32_t k = 0; k < m->slots.n; k++) offsets[k] = m->slots.at[k].offset;
    return offsets;
}

static void count(Emitter *e, const MFunc *m)
{
    JitStats *s = &e->stats;
    s->insts += m->code.n - m->marks[MARK_deleted];
    s->spill_loads += m->marks[MARK_load] + m->spill_operands;
    s->spill_stores += m->marks[MARK_store];
    s->remats += m->marks[MARK_remat];
    s->moves += m->marks[MARK_move];
}

void emit_func(Emitter *e, const MFunc *m)
{
    e->enc.slot_offset = slot_offsets(e, m);
    enc_align(&e->enc, 16);
    enc_bind(&e->enc, m->index);
    vec_reserve(e->arena, &e->traps, e->traps.n + m->code.n);
    Function f = {.e = e, .m = m, .inst_label = NO_INDEX,
                  .traps = e->traps.at + e->traps.n};
    f.first_block = enc_labels(&e->enc, m->blocks.n);
    f.first_table = enc_labels(&e->enc, m->tables.n);
    uint32_t start = enc_offset(&e->enc);
    write_prologue(&f, m->blocks.at[0].first);
    for (uint32_t k = 0; k < m->blocks.n; k++) {
        const MBlock *b = &m->blocks.at[k];
        enc_bind(&e->enc, f.first_block + k);
        for (uint32_t n = b->first; n < b->end; n++) write_inst(&f, &m->code.at[n]);
    }
    e->stats.bytes += enc_offset(&e->enc) - start;
    e->traps.n += f.ntraps;
    count(e, m);
    if (e->wants_lines)
        *vec_push(e->arena, &e->lines) = (JitLine){enc_offset(&e->enc), NO_INDEX, INST_none};
    write_trap_stubs(e);
    write_tables(&f);
}

/* -- The module -------------------------------------------------------------------------------- */

void emit_start(Emitter *e, Arena *a, Pool *pool, uint32_t nfuncs, uint8_t *code, size_t room,
                const void *trap_exit)
{
    *e = (Emitter){.arena = a, .pool = pool, .trap_exit = trap_exit, .nfuncs = nfuncs};
    enc_start(&e->enc, a, code, room, nfuncs);
    e->enc.frame = reg_of(REG_rsp);
    e->common_trap = enc_label(&e->enc);
}

static void write_common_trap(Emitter *e)
{
    uint32_t entry = pool_add(e->pool, bits_of((uint64_t)(uintptr_t)e->trap_exit));
    enc_bind(&e->enc, e->common_trap);
    Mem mem = {.kind = MEM_LABEL, .label = pool_label(e, entry), .index = REG_NONE};
    enc_inst(&e->enc, &(MInst){.form = FORM_jmp_rm, .reg = {REG_MEMORY}, .mem = mem});
}

static void write_pool(Emitter *e)
{
    enc_align(&e->enc, 16);
    for (uint32_t k = 0; k < e->pool->entries.n; k++) {
        enc_bind(&e->enc, pool_label(e, k));
        enc_bytes(&e->enc, &e->pool->entries.at[k], sizeof(Bits));
    }
}

static void fill_tables(const Emitter *e, uintptr_t address)
{
    for (uint32_t k = 0; k < e->tables.n; k++) {
        const EmitTable *t = &e->tables.at[k];
        for (uint32_t n = 0; n < t->table->n; n++) {
            const MEdge *edge = &t->m->edges.at[t->table->edges + n];
            uint32_t block = edge->stub ? edge->stub : edge->to;
            uint64_t to = address + e->enc.label_at.at[t->first_label + block];
            memcpy(e->enc.start + t->at + n * sizeof to, &to, sizeof to);
        }
    }
}

bool emit_finish(Emitter *e, uintptr_t address)
{
    write_common_trap(e);
    write_pool(e);
    if (!enc_finish(&e->enc)) return false;
    fill_tables(e, address);
    return true;
}
