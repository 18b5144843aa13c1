/* Objects and the shadow of their bytes: which byte lies in a live object, was written, belongs to
 * a cell, is frozen, and by which region it was accessed last.
 *
 *     memory_begin(m, heaps, nheaps);                       one run
 *     MemoryMark mark = memory_enter(m);                    an activation begins
 *     Bits p = memory_push_slot(m, 24, 16);                 its slots
 *     Span *s = memory_find(m, p.u64[0] + 8, 8);            where that is; NULL: nowhere
 *     s = memory_find_within(m, p.u64[1], p.u64[0] + 8, 8); the same, NULL: leaves the slot
 *     rule = rules_read(m, s, at + 8, 8, how);              the discipline's rules (rules.h)
 *     memory_leave(m, mark);                                slots die, bytes thaw
 *
 * A span is address space with one shadow: a heap, or the stack of all slots. Shadow bytes are
 * worked on eight at a time. What is zero is the ordinary byte of a heap: live, initialised, of no
 * cell. Heaps' shadow is put back to that after a run, where it was touched, so that a run with
 * large heaps costs no more than with small ones.
 *
 * Under discipline each object has a number above 0, its origin: that of the addresses which are
 * derived from it. Origins of slots are used again once their activation has ended.
 */
#ifndef INTERP_MEMORY_H
#define INTERP_MEMORY_H

#include "base/pages.h"
#include "interp/interp.h"

#include <string.h>

/* Flags of a shadow byte. */
enum {
    SHADOW_dead = 1 << 0,   /* between slots */
    SHADOW_raw = 1 << 1,    /* never written */
    SHADOW_cell = 1 << 2,   /* part of a cell */
    SHADOW_head = 1 << 3,   /* its first byte */
    SHADOW_frozen = 1 << 4, /* must not be written while the activation that froze it lives */
    SHADOW_wrote = 1 << 5,  /* written in this run */
};

typedef struct {
    uint64_t base, size; /* of the slots' span: what is in use */
    uint8_t *state;      /* SHADOW_… of each byte */
    uint8_t *region;     /* tag of the accesses to it, 0 for none yet */
    uint32_t *written;   /* serial number of the youngest activation at the last write */
    uint32_t *origins;   /* of the address in the cell whose head is one of eight bytes */
    uint64_t touched_from, touched_to; /* offsets whose shadow may not be zero */
    uint32_t heap;       /* NO_INDEX for the slots */
    uint8_t tag;         /* of the whole heap, 0 for none */
    bool fault;
} Span;

/* A heap, or a slot of a live activation. */
typedef struct {
    uint64_t base, size;
    uint32_t span;
} Object;

/* Those of eight bytes of state that an activation froze: SHADOW_frozen in each. */
typedef struct {
    uint8_t *state;
    uint64_t frozen;
} Thaw;

enum { SHADOW_WORD = 8 }; /* shadow bytes worked on at a time */

#define EACH_BYTE(flags) ((flags) * UINT64_C(0x0101010101010101))

static inline uint64_t shadow_word(const uint8_t *p)
{
    uint64_t w;
    memcpy(&w, p, sizeof w);
    return w;
}

static inline void shadow_set_word(uint8_t *p, uint64_t w) { memcpy(p, &w, sizeof w); }

/* All bits of the first `n` bytes, 1 to 8. */
static inline uint64_t shadow_first_bytes(unsigned n) { return UINT64_MAX >> (64 - 8 * n); }

/* Whether the state of eight bytes is that of one cell. */
static inline bool shadow_is_cell(uint64_t state)
{
    uint64_t cell = EACH_BYTE(SHADOW_cell) | SHADOW_head;
    return (state & EACH_BYTE(SHADOW_cell | SHADOW_head)) == cell;
}

/* The shadow of `n` bytes may be other than zero from now on. */
static inline void span_touch(Span *s, uint64_t offset, uint64_t n)
{
    s->touched_from = min_u64(s->touched_from, offset);
    s->touched_to = max_u64(s->touched_to, offset + n);
}

typedef struct {
    Arena *arena;
    Pages slots;
    Pages slot_shadow, heap_shadow;
    VEC(Span) spans; /* the first is the slots' */
    VEC(Object) objects; /* by origin; the first is none, then heaps, then slots */
    VEC(Thaw) thaws;
    uint32_t youngest;  /* serial number of the last activation that began, */
    uint32_t innermost; /* and of the one that runs */
    bool discipline;
    uint32_t gap; /* dead bytes around a slot */
} Memory;

enum { SLOT_STACK_BYTES = 4 << 20, HEAP_SHADOW_BYTES = 32 << 20 };

void memory_init(Memory *m);
void memory_release(Memory *m);

/* Forgets the last run. False when the heaps are larger than HEAP_SHADOW_BYTES together. */
bool memory_begin(Memory *m, const InterpHeap *heaps, uint32_t nheaps, const InterpOptions *o);

typedef struct {
    uint64_t slots;
    uint32_t objects, thaws, innermost;
} MemoryMark;

/* An activation begins, and ends: its slots die, what it froze thaws. */
MemoryMark memory_enter(Memory *m);
void memory_leave(Memory *m, MemoryMark mark);

/* A slot of the innermost activation: its address and its origin; address 0 when there is no room.
 * Under discipline slots stand apart, else side by side in their order. */
Bits memory_push_slot(Memory *m, uint64_t bytes, uint32_t align);

/* The span in which all of `n` bytes lie; slots: they may still be dead (memory_is_live). */
Span *memory_find(Memory *m, uint64_t address, uint64_t n);

/* The span of `n` bytes of the object with that origin; NULL when they are not all its own. */
static inline Span *memory_find_within(Memory *m, uint64_t origin, uint64_t address, uint64_t n)
{
    const Object *o = &m->objects.at[origin];
    uint64_t offset = address - o->base;
    if (unlikely(offset >= o->size || n > o->size - offset)) return NULL;
    return &m->spans.at[o->span];
}

/* Whether any of the bytes is part of a cell. */
bool memory_has_cell(const Span *s, uint64_t address, uint64_t n);

/* Bytes of a slot at `to` become as initialised as those of `s` at `from`. */
void memory_copy_raw(Memory *m, const Span *s, uint64_t from, uint64_t to, uint64_t n);

/* The origin of an address that comes from outside: of the heap that it points into or right
 * behind; 0 when there is none. */
uint64_t memory_origin_of(const Memory *m, uint64_t address);

/* The origin of the address that is stored at live bytes; 0 when no cell begins there. */
static inline uint64_t memory_stored_origin(const Span *s, uint64_t address)
{
    uint64_t offset = address - s->base;
    return s->state[offset] & SHADOW_head ? s->origins[offset / SHADOW_WORD] : 0;
}

/* Whether all of `n` bytes belong to a live object. */
bool memory_is_live(const Span *s, uint64_t address, uint64_t n);

/* How many bytes of heaps are SHADOW_wrote. */
uint64_t memory_count_written(const Memory *m);

/* Whether `n` live bytes are initialised; have been accessed by `tag` only, if at all. */
bool memory_is_initialised(const Span *s, uint64_t address, uint64_t n);
bool memory_has_tag(const Span *s, uint64_t address, uint64_t n, uint8_t tag);

/* Whether eight live bytes can be read as one i64: initialised, and a cell or no part of any. */
bool memory_is_word(const Span *s, uint64_t address);

/* Freezes `n` live bytes until the innermost activation ends. */
void memory_freeze(Memory *m, Span *s, uint64_t address, uint64_t n);

/* Whether a number points to where slots are. */
static inline bool memory_is_slot_address(const Memory *m, uint64_t value)
{
    return value - (uint64_t)(uintptr_t)m->slots.at <= m->slots.size;
}

#endif
