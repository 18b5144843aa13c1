#include "interp/memory.h"

#include <string.h>

const char *const rule_text[RULE_COUNT] = {
#define RULE(name, text) [RULE_##name] = text,
#include "interp/rules.def"
};

enum {
    WORD = 8,            /* shadow bytes worked on at a time */
    PAD = 2 * WORD,      /* behind the last byte, for words that reach over */
    SHADOW_PER_BYTE = 6, /* state, region, written */
    GAP = 16,            /* dead bytes between slots: the widest access */
    SLOT_FILL = 0xd7,    /* what nobody should see */
    LATE_SERIAL = 1u << 31,
};

#define EACH(flag) ((flag) * UINT64_C(0x0101010101010101))

static uint64_t word_at(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static void set_word(uint8_t *p, uint64_t w) { memcpy(p, &w, sizeof w); }

/* All bits of the first `n` bytes, 1 to 8. */
static uint64_t first_bytes(unsigned n) { return UINT64_MAX >> (64 - 8 * n); }

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

static void touch(Span *s, uint64_t offset, uint64_t n)
{
    if (offset < s->touched_from) s->touched_from = offset;
    if (offset + n > s->touched_to) s->touched_to = offset + n;
}

static void mark_cell(Span *s, uint64_t offset)
{
    memset(s->state + offset, SHADOW_cell, 8);
    s->state[offset] |= SHADOW_head;
    touch(s, offset, 8);
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

bool memory_begin(Memory *m, const InterpHeap *heaps, uint32_t nheaps, bool discipline)
{
    clean_heaps(m);
    if (m->serial >= LATE_SERIAL) {
        memory_release(m);
        memory_init(m);
    }
    m->spans.n = 1;
    m->spans.at[0].size = 0;
    m->last = 0;
    m->thaws.n = 0;
    m->written = 0;
    m->discipline = discipline;
    uint64_t shadow = 0;
    for (uint32_t k = 0; k < nheaps; k++) {
        if (add_heap(m, &heaps[k], &shadow)) continue;
        m->spans.n--;
        return false;
    }
    return true;
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
    MemoryMark mark = {m->spans.at[0].size, m->thaws.n};
    m->serial++;
    extend_slots(m, GAP);
    return mark;
}

void memory_leave(Memory *m, MemoryMark mark)
{
    while (m->thaws.n > mark.thaws) {
        Thaw t = m->thaws.at[--m->thaws.n];
        for (unsigned k = 0; k < WORD; k++)
            if (t.which >> k & 1) t.state[k] &= (uint8_t)~SHADOW_frozen;
    }
    m->spans.at[0].size = mark.slots;
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
    uint64_t offset = at - s->base, gap = m->discipline ? GAP : 0;
    if (bytes > SLOT_STACK_BYTES || !extend_slots(m, at + bytes + gap - end)) return 0;
    memset(s->state + offset, m->discipline ? SHADOW_raw : 0, bytes);
    memset(s->region + offset, 0, bytes);
    memset(m->slots.at + offset, m->discipline ? SLOT_FILL : 0, bytes);
    return at;
}

bool memory_is_address(const Memory *m, uint64_t value)
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
        if (word_at(state) & EACH(flags)) return false;
    return n == 0 || !(word_at(state) & EACH(flags) & first_bytes((unsigned)n));
}

bool memory_is_live(const Span *s, uint64_t address, uint64_t n)
{
    return is_clear(s, address, n, SHADOW_dead);
}

bool memory_is_initialised(const Span *s, uint64_t address, uint64_t n)
{
    return is_clear(s, address, n, SHADOW_raw);
}

/* Whether each of the bytes of `mask` in a word of regions is 0 or `tag`. */
static bool has_only_tag(uint64_t word, uint64_t mask, uint8_t tag)
{
    if (likely(((word ^ EACH(tag)) & mask) == 0 || (word & mask) == 0)) return true;
    for (word &= mask; word; word >>= 8)
        if ((word & 0xff) && (word & 0xff) != tag) return false;
    return true;
}

bool memory_has_tag(const Span *s, uint64_t address, uint64_t n, uint8_t tag)
{
    const uint8_t *region = s->region + (address - s->base);
    if (s->tag && s->tag != tag) return false;
    for (; n > WORD; n -= WORD, region += WORD)
        if (!has_only_tag(word_at(region), UINT64_MAX, tag)) return false;
    return n == 0 || has_only_tag(word_at(region), first_bytes((unsigned)n), tag);
}

/* Whether the shadow of eight bytes is that of one cell. */
static bool is_cell(uint64_t state)
{
    return (state & EACH(SHADOW_cell | SHADOW_head)) == (EACH(SHADOW_cell) | SHADOW_head);
}

bool memory_is_word(const Span *s, uint64_t address)
{
    uint64_t state = word_at(s->state + (address - s->base));
    return is_cell(state) || !(state & EACH(SHADOW_cell | SHADOW_raw));
}

/* Freezes those of up to eight bytes that are not frozen yet. */
static void freeze_word(Memory *m, uint8_t *state, unsigned n)
{
    Thaw t = {.state = state};
    for (unsigned k = 0; k < n; k++) {
        if (state[k] & SHADOW_frozen) continue;
        state[k] |= SHADOW_frozen;
        t.which |= (uint8_t)(1 << k);
    }
    if (t.which) *vec_push(m->arena, &m->thaws) = t;
}

void memory_freeze(Memory *m, Span *s, uint64_t address, uint64_t n)
{
    uint64_t offset = address - s->base;
    touch(s, offset, n);
    for (uint64_t k = 0; k < n; k += WORD)
        freeze_word(m, s->state + offset + k, (unsigned)min_u64(WORD, n - k));
}

/* The bytes of `mask` from `offset` on are accessed by `tag` from now on. */
static Rule tag_word(Span *s, uint64_t offset, uint64_t mask, uint8_t tag)
{
    uint8_t *region = s->region + offset;
    uint64_t old = word_at(region), now = EACH(tag);
    if (likely(((old ^ now) & mask) == 0)) return RULE_kept;
    if (s->tag && s->tag != tag) return RULE_heap_region;
    if (!has_only_tag(old, mask, tag)) return RULE_region;
    set_word(region, (old & ~mask) | (now & mask));
    return RULE_kept;
}

static bool was_written_since(const Span *s, uint64_t offset, unsigned n, uint32_t serial)
{
    for (unsigned k = 0; k < n; k++)
        if (s->written[offset + k] >= serial) return true;
    return false;
}

static Rule read_word(Memory *m, Span *s, uint64_t offset, unsigned n, const Manner *how)
{
    uint64_t mask = first_bytes(n), state = word_at(s->state + offset) & mask;
    if (unlikely(state & EACH(SHADOW_raw | SHADOW_cell))) {
        if (state & EACH(SHADOW_raw)) return RULE_raw;
        if (!how->word || !is_cell(state)) return RULE_cell_read;
    }
    if (how->readonly) {
        if (was_written_since(s, offset, n, how->serial)) return RULE_stale;
        freeze_word(m, s->state + offset, n);
    }
    return tag_word(s, offset, mask, how->tag);
}

static Rule write_word(Memory *m, Span *s, uint64_t offset, unsigned n, const Manner *how)
{
    uint64_t mask = first_bytes(n), old = word_at(s->state + offset), state = old & mask;
    if (unlikely(state & EACH(SHADOW_frozen | SHADOW_cell))) {
        if (state & EACH(SHADOW_frozen)) return RULE_frozen;
        if (!how->word || !is_cell(state)) return RULE_cell_write;
    }
    uint64_t now = EACH(SHADOW_wrote);
    if (how->address) now |= EACH(SHADOW_cell) | SHADOW_head;
    set_word(s->state + offset, (old & ~mask) | (now & mask));
    if (s->heap != NO_INDEX)
        m->written += (unsigned)__builtin_popcountll(EACH(SHADOW_wrote) & mask & ~state);
    for (unsigned k = 0; k < n; k++) s->written[offset + k] = m->serial;
    return tag_word(s, offset, mask, how->tag);
}

Rule memory_read(Memory *m, Span *s, uint64_t address, unsigned n, const Manner *how)
{
    uint64_t offset = address - s->base;
    touch(s, offset, n);
    if (likely(n <= WORD)) return read_word(m, s, offset, n, how);
    Rule rule = read_word(m, s, offset, WORD, how);
    return rule ? rule : read_word(m, s, offset + WORD, n - WORD, how);
}

Rule memory_write(Memory *m, Span *s, uint64_t address, unsigned n, const Manner *how)
{
    uint64_t offset = address - s->base;
    touch(s, offset, n);
    if (likely(n <= WORD)) return write_word(m, s, offset, n, how);
    Rule rule = write_word(m, s, offset, WORD, how);
    return rule ? rule : write_word(m, s, offset + WORD, n - WORD, how);
}
