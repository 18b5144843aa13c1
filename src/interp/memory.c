#include "interp/memory.h"

enum {
    WORD = SHADOW_WORD,
    PAD = 2 * WORD,      /* behind the last byte, for words that reach over */
    GAP = 16,            /* dead bytes between slots: the widest access; */
    WIDE_GAP = 2000,     /* and where they lie apart */
    SLOT_FILL = 0xd7,    /* what nobody should see */
    LATE_SERIAL = 1u << 31,
};

/* Bytes of a shadow: state and region, written, origins. */
static uint64_t shadow_bytes(uint64_t capacity)
{
    uint64_t n = capacity + PAD;
    return 2 * n + n * sizeof(uint32_t) + n / WORD * sizeof(uint32_t);
}

/* The shadow from `offset` on, a multiple of WORD, in `pages`, which are for `capacity`. */
static void attach_shadow(Span *s, const Pages *pages, uint64_t capacity, uint64_t offset)
{
    uint64_t n = capacity + PAD;
    uint32_t *numbers = (uint32_t *)(void *)(pages->at + 2 * n);
    s->state = pages->at + offset;
    s->region = pages->at + n + offset;
    s->written = numbers + offset;
    s->origins = numbers + n + offset / WORD;
}

static Pages open_pages(size_t size)
{
    Pages p = pages_reserve(size);
    pages_open(&p);
    return p;
}

void memory_init(Memory *m)
{
    *m = (Memory){.arena = arena_create()};
    m->slots = open_pages(SLOT_STACK_BYTES);
    m->slot_shadow = open_pages(shadow_bytes(SLOT_STACK_BYTES));
    m->heap_shadow = open_pages(shadow_bytes(HEAP_SHADOW_BYTES));
    Span *s = vec_push(m->arena, &m->spans);
    s->base = (uint64_t)(uintptr_t)m->slots.at;
    s->heap = NO_INDEX;
    attach_shadow(s, &m->slot_shadow, SLOT_STACK_BYTES, 0);
}

void memory_release(Memory *m)
{
    pages_release(&m->slots);
    pages_release(&m->slot_shadow);
    pages_release(&m->heap_shadow);
    arena_destroy(m->arena);
}

static void clean_heaps(Memory *m)
{
    for (uint32_t k = 1; k < m->spans.n; k++) {
        Span *s = &m->spans.at[k];
        if (s->touched_from >= s->touched_to) continue;
        memset(s->state + s->touched_from, 0, s->touched_to - s->touched_from);
        memset(s->region + s->touched_from, 0, s->touched_to - s->touched_from);
    }
}

static void mark_cell(Span *s, uint64_t offset)
{
    memset(s->state + offset, SHADOW_cell, 8);
    s->state[offset] |= SHADOW_head;
    span_touch(s, offset, 8);
}

static uint64_t add_object(Memory *m, uint64_t base, uint64_t size, uint32_t span)
{
    *vec_push(m->arena, &m->objects) = (Object){base, size, span};
    return m->objects.n - 1;
}

static bool add_heap(Memory *m, const InterpHeap *h, uint64_t *shadow)
{
    Span *s = vec_push(m->arena, &m->spans);
    s->base = (uint64_t)(uintptr_t)h->base;
    s->size = h->size;
    s->heap = h->heap;
    s->tag = h->region ? h->region + 1 : 0;
    s->fault = h->fault;
    s->touched_from = h->size;
    add_object(m, s->base, s->size, m->spans.n - 1);
    if (h->fault) return true;
    if (h->size > HEAP_SHADOW_BYTES - *shadow) return false;
    attach_shadow(s, &m->heap_shadow, HEAP_SHADOW_BYTES, *shadow);
    *shadow = align_up(*shadow + h->size, WORD);
    for (uint32_t k = 0; k < h->ncells; k++) {
        CHECK(h->cells[k].offset + 8 <= h->size);
        mark_cell(s, h->cells[k].offset);
    }
    return true;
}

/* What the cells of heap `k` hold at first: the address of another heap's first byte, and some. */
static void note_origins(Memory *m, uint32_t k, const InterpHeap *h)
{
    const Span *s = &m->spans.at[k];
    for (uint32_t n = 0; n < h->ncells && !h->fault; n++) {
        const HeapCell *cell = &h->cells[n];
        uint64_t target;
        memcpy(&target, h->base + cell->offset, sizeof target);
        target -= (uint64_t)cell->target_offset;
        s->origins[cell->offset / WORD] = (uint32_t)memory_origin_of(m, target);
    }
}

bool memory_begin(Memory *m, const InterpHeap *heaps, uint32_t nheaps, const InterpOptions *o)
{
    clean_heaps(m);
    if (m->youngest >= LATE_SERIAL) {
        memory_release(m);
        memory_init(m);
    }
    m->spans.n = 1;
    m->spans.at[0].size = 0;
    m->objects.n = m->thaws.n = 0;
    add_object(m, 0, 0, 0);
    m->discipline = o->discipline;
    m->gap = !o->discipline ? 0 : o->apart ? WIDE_GAP : GAP;
    uint64_t shadow = 0;
    for (uint32_t k = 0; k < nheaps; k++) {
        if (add_heap(m, &heaps[k], &shadow)) continue;
        m->spans.n--;
        return false;
    }
    for (uint32_t k = 0; k < nheaps; k++) note_origins(m, k + 1, &heaps[k]);
    return true;
}

Span *memory_find(Memory *m, uint64_t address, uint64_t n)
{
    for (uint32_t k = 0; k < m->spans.n; k++) {
        Span *s = &m->spans.at[k];
        uint64_t offset = address - s->base;
        if (offset < s->size) return n <= s->size - offset ? s : NULL;
    }
    return NULL;
}

/* `bytes` more at the end of the slots' span, dead. False when there is no room. */
static bool extend_slots(Memory *m, uint64_t bytes)
{
    Span *s = &m->spans.at[0];
    if (bytes > SLOT_STACK_BYTES - s->size) return false;
    memset(s->state + s->size, SHADOW_dead, bytes);
    s->size += bytes;
    return true;
}

MemoryMark memory_enter(Memory *m)
{
    MemoryMark mark = {m->spans.at[0].size, m->objects.n, m->thaws.n, m->innermost};
    m->innermost = ++m->youngest;
    extend_slots(m, max_u64(m->gap, GAP));
    return mark;
}

void memory_leave(Memory *m, MemoryMark mark)
{
    while (m->thaws.n > mark.thaws) {
        Thaw t = m->thaws.at[--m->thaws.n];
        shadow_set_word(t.state, shadow_word(t.state) & ~t.frozen);
    }
    m->spans.at[0].size = mark.slots;
    while (m->objects.n > mark.objects) m->objects.at[--m->objects.n].size = 0;
    m->innermost = mark.innermost;
}

/* The first address from `from` on that is a multiple of `align` and, under discipline, of nothing
 * larger. */
static uint64_t place_slot(const Memory *m, uint64_t from, uint64_t align)
{
    if (!m->discipline) return align_up(from, max_u64(align, 16));
    uint64_t at = align_up(from, align);
    return at & align ? at : at + align;
}

Bits memory_push_slot(Memory *m, uint64_t bytes, uint32_t align)
{
    Span *s = &m->spans.at[0];
    uint64_t end = s->base + s->size, at = place_slot(m, end, align);
    uint64_t offset = at - s->base;
    if (bytes > SLOT_STACK_BYTES || !extend_slots(m, at + bytes + m->gap - end))
        return bits_of(0);
    memset(s->state + offset, m->discipline ? SHADOW_raw : 0, bytes);
    memset(s->region + offset, 0, bytes);
    memset(m->slots.at + offset, m->discipline ? SLOT_FILL : 0, bytes);
    return m->discipline ? (Bits){.u64 = {at, add_object(m, at, bytes, 0)}} : bits_of(at);
}

uint64_t memory_origin_of(const Memory *m, uint64_t address)
{
    for (uint32_t k = 1; k < m->spans.n; k++)
        if (address - m->spans.at[k].base <= m->spans.at[k].size) return k;
    return 0;
}

/* Whether none of `n` shadow bytes has one of the flags. */
static bool is_clear(const Span *s, uint64_t address, uint64_t n, uint64_t flags)
{
    const uint8_t *state = s->state + (address - s->base);
    for (; n > WORD; n -= WORD, state += WORD)
        if (shadow_word(state) & EACH_BYTE(flags)) return false;
    return n == 0 || !(shadow_word(state) & EACH_BYTE(flags) & shadow_first_bytes((unsigned)n));
}

bool memory_is_live(const Span *s, uint64_t address, uint64_t n)
{
    return is_clear(s, address, n, SHADOW_dead);
}

bool memory_has_cell(const Span *s, uint64_t address, uint64_t n)
{
    return !is_clear(s, address, n, SHADOW_cell);
}

void memory_copy_raw(Memory *m, const Span *s, uint64_t from, uint64_t to, uint64_t n)
{
    uint8_t *state = m->spans.at[0].state + (to - m->spans.at[0].base);
    const uint8_t *old = s->state + (from - s->base);
    for (uint64_t k = 0; k < n; k++)
        state[k] = s->heap == NO_INDEX ? old[k] & SHADOW_raw : 0;
}

bool memory_is_initialised(const Span *s, uint64_t address, uint64_t n)
{
    return s->heap != NO_INDEX || is_clear(s, address, n, SHADOW_raw); /* heaps are always */
}

/* Whether each of the bytes of `mask` in a word of regions is 0 or `tag`. */
static bool has_only_tag(uint64_t word, uint64_t mask, uint8_t tag)
{
    if (likely(((word ^ EACH_BYTE(tag)) & mask) == 0 || (word & mask) == 0)) return true;
    for (word &= mask; word; word >>= 8)
        if ((word & 0xff) && (word & 0xff) != tag) return false;
    return true;
}

bool memory_has_tag(const Span *s, uint64_t address, uint64_t n, uint8_t tag)
{
    const uint8_t *region = s->region + (address - s->base);
    if (s->tag) return s->tag == tag;
    for (; n > WORD; n -= WORD, region += WORD)
        if (!has_only_tag(shadow_word(region), UINT64_MAX, tag)) return false;
    return n == 0 || has_only_tag(shadow_word(region), shadow_first_bytes((unsigned)n), tag);
}

bool memory_is_word(const Span *s, uint64_t address)
{
    uint64_t state = shadow_word(s->state + (address - s->base));
    return shadow_is_cell(state) || !(state & EACH_BYTE(SHADOW_cell | SHADOW_raw));
}

/* Freezes those of up to eight bytes that are not frozen yet. */
static void freeze_word(Memory *m, uint8_t *state, unsigned n)
{
    uint64_t old = shadow_word(state);
    uint64_t fresh = EACH_BYTE(SHADOW_frozen) & shadow_first_bytes(n) & ~old;
    if (!fresh) return;
    shadow_set_word(state, old | fresh);
    *vec_push(m->arena, &m->thaws) = (Thaw){state, fresh};
}

void memory_freeze(Memory *m, Span *s, uint64_t address, uint64_t n)
{
    uint64_t offset = address - s->base;
    span_touch(s, offset, n);
    for (uint64_t k = 0; k < n; k += WORD)
        freeze_word(m, s->state + offset + k, (unsigned)min_u64(WORD, n - k));
}

uint64_t memory_count_written(const Memory *m)
{
    uint64_t count = 0;
    for (uint32_t k = 1; k < m->spans.n; k++) {
        const Span *s = &m->spans.at[k];
        for (uint64_t at = s->touched_from; at < s->touched_to; at += WORD) {
            uint64_t mask = shadow_first_bytes((unsigned)min_u64(WORD, s->touched_to - at));
            uint64_t wrote = shadow_word(s->state + at) & EACH_BYTE(SHADOW_wrote) & mask;
            count += (wrote / SHADOW_wrote * EACH_BYTE(1)) >> 56; /* the sum of all bytes */
        }
    }
    return count;
}
