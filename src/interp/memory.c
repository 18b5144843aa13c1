#include "interp/memory.h"

enum {
    WORD = SHADOW_WORD,
    PAD = 2 * WORD,      /* behind the last byte, for words that reach over */
    SHADOW_PER_BYTE = 6, /* state, region, written */
    GAP = 16,            /* dead bytes between slots: the widest access; */
    WIDE_GAP = 2000,     /* and where they lie apart */
    SLOT_FILL = 0xd7,    /* what nobody should see */
    LATE_SERIAL = 1u << 31,
};

/* The shadow of `size` bytes from `offset` on in `pages`, which are for `capacity`. */
static void attach_shadow(Span *s, const Pages *pages, uint64_t capacity, uint64_t offset)
{
    s->state = pages->at + offset;
    s->region = pages->at + capacity + PAD + offset;
    s->written = (uint32_t *)(void *)(pages->at + 2 * (capacity + PAD)) + offset;
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
    m->slot_shadow = open_pages((SLOT_STACK_BYTES + PAD) * SHADOW_PER_BYTE);
    m->heap_shadow = open_pages((HEAP_SHADOW_BYTES + PAD) * SHADOW_PER_BYTE);
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

static bool add_heap(Memory *m, const InterpHeap *h, uint64_t *shadow)
{
    Span *s = vec_push(m->arena, &m->spans);
    s->base = (uint64_t)(uintptr_t)h->base;
    s->size = h->size;
    s->heap = h->heap;
    s->tag = h->region ? h->region + 1 : 0;
    s->fault = h->fault;
    s->touched_from = h->size;
    m->lowest = min_u64(m->lowest, s->base);
    m->highest = max_u64(m->highest, s->base + s->size);
    if (h->fault) return true;
    if (h->size > HEAP_SHADOW_BYTES - *shadow) return false;
    attach_shadow(s, &m->heap_shadow, HEAP_SHADOW_BYTES, *shadow);
    *shadow += h->size;
    for (uint32_t k = 0; k < h->ncells; k++) {
        CHECK(h->cells[k].offset + 8 <= h->size);
        mark_cell(s, h->cells[k].offset);
    }
    return true;
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
    memset(m->recent, 0, sizeof m->recent);
    m->lowest = m->spans.at[0].base;
    m->highest = m->lowest + SLOT_STACK_BYTES;
    m->thaws.n = 0;
    m->discipline = o->discipline;
    m->gap = !o->discipline ? 0 : o->apart ? WIDE_GAP : GAP;
    uint64_t shadow = 0;
    for (uint32_t k = 0; k < nheaps; k++) {
        if (add_heap(m, &heaps[k], &shadow)) continue;
        m->spans.n--;
        return false;
    }
    return true;
}

Span *memory_find_other(Memory *m, uint64_t address)
{
    for (uint32_t k = 1; k < m->spans.n; k++) {
        if (!span_covers(&m->spans.at[k], address)) continue;
        m->recent[address >> RECENT_SHIFT & (RECENT - 1)] = k;
        return &m->spans.at[k];
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
    MemoryMark mark = {m->spans.at[0].size, m->thaws.n, m->innermost};
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

uint64_t memory_push_slot(Memory *m, uint64_t bytes, uint32_t align)
{
    Span *s = &m->spans.at[0];
    uint64_t end = s->base + s->size, at = place_slot(m, end, align);
    uint64_t offset = at - s->base;
    if (bytes > SLOT_STACK_BYTES || !extend_slots(m, at + bytes + m->gap - end)) return 0;
    memset(s->state + offset, m->discipline ? SHADOW_raw : 0, bytes);
    memset(s->region + offset, 0, bytes);
    memset(m->slots.at + offset, m->discipline ? SLOT_FILL : 0, bytes);
    return at;
}

bool memory_find_target(const Memory *m, uint64_t value)
{
    if (memory_is_slot_address(m, value)) return true;
    for (uint32_t k = 1; k < m->spans.n; k++)
        if (value - m->spans.at[k].base <= m->spans.at[k].size) return true;
    return false;
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
