/* Smaller slots and heaps, and fewer. */
#include "reduce/step.h"

/* ---- slots -------------------------------------------------------------------------------- */

static bool names_slot(const InstData *i)
{
    return strchr(format_operands[inst_op(i)->format], 'l') != NULL;
}

static bool uses_slot(const Func *f, uint32_t slot)
{
    for (uint32_t b = 0; b < f->layout.n; b++) {
        const BlockData *bd = func_block(f, f->layout.at[b]);
        for (uint32_t k = 0; k < bd->insts.n; k++) {
            const InstData *i = func_inst(f, bd->insts.at[k]);
            if (names_slot(i) && i->entity == slot) return true;
        }
    }
    return false;
}

bool step_unused_slot(Case *c, const Trace *t, Site p)
{
    (void)t;
    Func *f = func_at(c, p);
    if (f->notes.n || uses_slot(f, p.at)) return false;
    for (uint32_t k = p.at + 1; k < f->slots.n; k++) f->slots.at[k - 1] = f->slots.at[k];
    f->slots.n--;
    for (uint32_t k = 0; k < f->insts.n; k++)
        if (names_slot(&f->insts.at[k]) && f->insts.at[k].entity > p.at) f->insts.at[k].entity--;
    return true;
}

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

/* ---- heaps -------------------------------------------------------------------------------- */

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
    if (h->place == PLACE_ANY && !h->fault) return false;
    h->place = PLACE_ANY;
    h->fault = false;
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
