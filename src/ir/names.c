#include "ir/names.h"

enum { FIRST_CAP = 256 };

NameMap names_create(Arena *a, uint64_t seed)
{
    return (NameMap){
        .slots = arena_array(a, NameSlot, FIRST_CAP),
        .cap = FIRST_CAP,
        .epoch = 1,
        .seed = seed | 1,
        .arena = a,
    };
}

void names_clear(NameMap *m)
{
    m->n = 0;
    m->epoch++;
    memset(m->next, 0, sizeof m->next);
}

/* The slot that has the name, or the free one where it would go. */
static NameSlot *slot_of(const NameMap *m, unsigned kind, uint32_t number)
{
    uint64_t spread = number * UINT64_C(0x9e3779b97f4a7c15) + m->seed;
    unsigned __int128 product = (unsigned __int128)(m->seed ^ kind) * spread;
    uint32_t at = (uint32_t)(product >> 64 ^ product);
    for (;; at++) {
        NameSlot *s = &m->slots[at & (m->cap - 1)];
        if (s->epoch != m->epoch || (s->number == number && s->kind == kind)) return s;
    }
}

uint32_t names_find(const NameMap *m, unsigned kind, uint32_t number)
{
    const NameSlot *s = slot_of(m, kind, number);
    return s->epoch == m->epoch ? s->index : NO_INDEX;
}

static void grow(NameMap *m)
{
    NameSlot *old = m->slots;
    uint32_t n = m->cap;
    m->cap *= 2;
    m->slots = arena_array(m->arena, NameSlot, m->cap);
    for (uint32_t k = 0; k < n; k++)
        if (old[k].epoch == m->epoch) *slot_of(m, old[k].kind, old[k].number) = old[k];
}

bool names_add(NameMap *m, unsigned kind, uint32_t number, uint32_t index)
{
    if (m->n * 2 >= m->cap) grow(m);
    NameSlot *s = slot_of(m, kind, number);
    if (s->epoch == m->epoch) return false;
    *s = (NameSlot){number, index, kind, m->epoch};
    m->n++;
    if (number >= m->next[kind]) m->next[kind] = number + 1;
    return true;
}

uint32_t names_fresh(NameMap *m, unsigned kind, uint32_t index)
{
    uint32_t number = m->next[kind];
    while (number == NO_INDEX || !names_add(m, kind, number, index))
        number = number == NO_INDEX ? 0 : number + 1;
    m->next[kind] = number + 1;
    return number;
}
