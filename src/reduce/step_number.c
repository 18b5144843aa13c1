/* Smaller numbers: constants, offsets, sizes, what the run passes. Each gets nearer to 0, so that
 * no two steps undo each other's work. */
#include "reduce/step.h"

/* ---- constants ---------------------------------------------------------------------------- */

static bool is_constant(const InstData *i)
{
    return i->nargs == 0 && i->nresults == 1 && op_has(i->op, EFFECT_P) &&
           strpbrk(format_operands[inst_op(i)->format], "ihfdk") != NULL;
}

static bool is_zero(const Func *f, const InstData *i)
{
    if (!strchr(format_operands[inst_op(i)->format], 'k')) return i->imm == 0;
    const ConstantData *c = &f->constants.at[i->entity];
    for (uint32_t k = 0; k < c->n; k++)
        if (c->bytes[k]) return false;
    return true;
}

bool step_zero_constant(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    InstData *i = data_at(c, p);
    if (!is_constant(i) || is_zero(f, i)) return false;
    Bits zero = bits_of(0);
    Value result = i->result;
    make_nop(i);
    insert_constant(f, p.block, p.at, result, &zero);
    return true;
}

bool step_one_constant(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (i->op != OP_iconst || (uint64_t)i->imm + 1 <= 2) return false;
    i->imm = 1;
    return true;
}

bool step_half_constant(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (i->op != OP_iconst || (uint64_t)i->imm + 1 <= 2) return false;
    i->imm /= 2;
    return true;
}

/* ---- offsets ------------------------------------------------------------------------------ */

static bool has_offset(const InstData *i)
{
    return i->imm && strchr(format_operands[inst_op(i)->format], 'o') != NULL;
}

bool step_zero_offset(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (!has_offset(i)) return false;
    i->imm = 0;
    return true;
}

bool step_half_offset(Case *c, const Trace *t, Site p)
{
    (void)t;
    InstData *i = data_at(c, p);
    if (!has_offset(i)) return false;
    i->imm /= 2;
    return true;
}

/* ---- slots and heaps ---------------------------------------------------------------------- */

bool step_half_slot(Case *c, const Trace *t, Site p)
{
    (void)t;
    SlotData *s = &func_at(c, p)->slots.at[p.at];
    if (s->bytes < 2) return false;
    s->bytes /= 2;
    return true;
}

bool step_less_slot(Case *c, const Trace *t, Site p)
{
    (void)t;
    SlotData *s = &func_at(c, p)->slots.at[p.at];
    if (s->bytes < 2) return false;
    s->bytes = (s->bytes - 1) & ~UINT64_C(7) ? (s->bytes - 1) & ~UINT64_C(7) : s->bytes - 1;
    return true;
}

bool step_align_slot(Case *c, const Trace *t, Site p)
{
    (void)t;
    SlotData *s = &func_at(c, p)->slots.at[p.at];
    if (s->align == 1) return false;
    s->align /= 2;
    return true;
}

static bool resize_heap(Heap *h, uint64_t size)
{
    if (size == 0 || size >= h->size) return false;
    h->size = size;
    h->bytes.n = (size_t)min_u64(h->bytes.n, size);
    uint32_t kept = 0;
    for (uint32_t k = 0; k < h->cells.n; k++)
        if (h->cells.at[k].offset + 8 <= size) h->cells.at[kept++] = h->cells.at[k];
    h->cells.n = kept;
    return true;
}

bool step_half_heap(Case *c, const Trace *t, Site p)
{
    (void)t;
    Heap *h = &c->heaps.at[p.at];
    return resize_heap(h, h->size / 2);
}

bool step_less_heap(Case *c, const Trace *t, Site p)
{
    (void)t;
    Heap *h = &c->heaps.at[p.at];
    uint64_t eights = (h->size - 1) & ~UINT64_C(7);
    return resize_heap(h, eights ? eights : h->size - 1);
}

bool step_align_heap(Case *c, const Trace *t, Site p)
{
    (void)t;
    Heap *h = &c->heaps.at[p.at];
    if (h->align == 1) return false;
    h->align /= 2;
    return true;
}

bool step_plain_heap(Case *c, const Trace *t, Site p)
{
    (void)t;
    Heap *h = &c->heaps.at[p.at];
    if (h->place == PLACE_ANY && !h->fault && !h->cells.n) return false;
    h->place = PLACE_ANY;
    h->fault = false;
    h->cells.n = 0;
    return true;
}

bool step_empty_heap(Case *c, const Trace *t, Site p)
{
    (void)t;
    Heap *h = &c->heaps.at[p.at];
    if (h->fill == FILL_BYTE && h->fill_byte == 0) return false;
    h->fill = FILL_BYTE;
    h->fill_byte = 0;
    h->bytes = (Str){0};
    return true;
}

/* ---- arguments ---------------------------------------------------------------------------- */

bool step_zero_argument(Case *c, const Trace *t, Site p)
{
    (void)t;
    DataValue *d = &c->runs.at[0].args.at[p.at];
    Bits zero = bits_of(0);
    if (d->heap || bits_equal(d->bits, zero)) return false;
    d->bits = zero;
    return true;
}

bool step_half_argument(Case *c, const Trace *t, Site p)
{
    (void)t;
    DataValue *d = &c->runs.at[0].args.at[p.at];
    if (d->heap || !type_is_int(d->type) || d->bits.u64[0] + d->bits.u64[1] < 2) return false;
    d->bits.u64[0] = d->bits.u64[0] / 2;
    d->bits.u64[1] = 0;
    return true;
}
