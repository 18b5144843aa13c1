/* Objects and the shadow of their bytes: which byte lies in a live object, was written, belongs to
 * a cell, is frozen, and by which region it was accessed last.
 *
 *     memory_begin(m, heaps, nheaps);                       one run
 *     MemoryMark mark = memory_enter(m);                    an activation begins
 *     uint64_t at = memory_push_slot(m, 24, 16);            its slots
 *     Span *s = memory_find(m, at + 8, 8);                  which object; NULL: none
 *     rule = memory_read(m, s, at + 8, 8, how);             the discipline's rules
 *     memory_leave(m, mark);                                slots die, bytes thaw
 *
 * A span is address space with one shadow: a heap, or the stack of all slots. Shadow bytes are
 * worked on eight at a time. What is zero is the ordinary byte of a heap: live, initialised, of no
 * cell. Heaps' shadow is put back to that after a run, where it was touched, so that a run with
 * large heaps costs no more than with small ones.
 */
#ifndef INTERP_MEMORY_H
#define INTERP_MEMORY_H

#include "base/pages.h"
#include "interp/interp.h"

/* Flags of a shadow byte. */
enum {
    SHADOW_dead = 1 << 0,   /* between slots */
    SHADOW_raw = 1 << 1,    /* never written */
    SHADOW_cell = 1 << 2,   /* part of a cell */
    SHADOW_head = 1 << 3,   /* its first byte */
    SHADOW_frozen = 1 << 4, /* must not be written while the activation that froze it lives */
    SHADOW_wrote = 1 << 5,  /* written in this run */
};

/* The rules that memory_read and memory_write enforce, and what to say of a broken one. */
typedef enum {
    RULE_kept,
#define RULE(name, text) RULE_##name,
#include "interp/rules.def"
    RULE_COUNT
} Rule;

extern const char *const rule_text[RULE_COUNT];

typedef struct {
    uint64_t base, size; /* of the slots' span: what is in use */
    uint8_t *state;      /* SHADOW_… of each byte */
    uint8_t *region;     /* tag of the accesses to it, 0 for none yet */
    uint32_t *written;   /* serial number of the youngest activation at the last write */
    uint64_t touched_from, touched_to; /* offsets whose shadow may not be zero */
    uint32_t heap;       /* NO_INDEX for the slots */
    uint8_t tag;         /* of the whole heap, 0 for none */
    bool fault;
} Span;

enum { REGION_LAST = UINT8_MAX - 2 }; /* the largest region number that has a tag */

/* How an access is made. */
typedef struct {
    uint8_t tag;     /* region number plus 2; 1 for an access without region */
    bool word;       /* an i64: may be a cell */
    bool address;    /* the i64 that is stored is an address: becomes a cell */
    bool readonly;   /* claims that nobody writes the bytes while the activation lives */
    uint32_t serial; /* of the activation that makes it */
} Manner;

/* Up to eight bytes that an activation froze. */
typedef struct {
    uint8_t *state;
    uint8_t which;
} Thaw;

typedef struct {
    Arena *arena;
    Pages slots;
    Pages slot_shadow, heap_shadow;
    VEC(Span) spans; /* the first is the slots' */
    uint32_t last;   /* where memory_find found something */
    VEC(Thaw) thaws;
    uint32_t serial; /* of the youngest activation */
    uint64_t written; /* bytes of heaps, each counted once */
    bool discipline;
} Memory;

enum { SLOT_STACK_BYTES = 4 << 20, HEAP_SHADOW_BYTES = 32 << 20 };

void memory_init(Memory *m);
void memory_release(Memory *m);

/* Forgets the last run. False when the heaps are larger than HEAP_SHADOW_BYTES together. */
bool memory_begin(Memory *m, const InterpHeap *heaps, uint32_t nheaps, bool discipline);

typedef struct {
    uint64_t slots;
    uint32_t thaws;
} MemoryMark;

/* An activation begins, and ends: its slots die, what it froze thaws. */
MemoryMark memory_enter(Memory *m);
void memory_leave(Memory *m, MemoryMark mark);

/* A slot of the innermost activation; 0 when there is no room. Under discipline slots stand apart,
 * else side by side in their order. */
uint64_t memory_push_slot(Memory *m, uint64_t bytes, uint32_t align);

/* The span in which all of `n` bytes lie; slots: they may still be dead (memory_is_live). */
static inline Span *memory_find(Memory *m, uint64_t address, uint64_t n)
{
    Span *s = &m->spans.at[m->last];
    uint64_t offset = address - s->base;
    if (likely(offset < s->size)) return n <= s->size - offset ? s : NULL;
    for (uint32_t k = 0; k < m->spans.n; k++) {
        s = &m->spans.at[k];
        offset = address - s->base;
        if (offset >= s->size) continue;
        m->last = k;
        return n <= s->size - offset ? s : NULL;
    }
    return NULL;
}

/* Whether all of `n` bytes belong to a live object. */
bool memory_is_live(const Span *s, uint64_t address, uint64_t n);

/* Checks and notes an access of 1 to 16 live bytes. */
Rule memory_read(Memory *m, Span *s, uint64_t address, unsigned n, const Manner *how);
Rule memory_write(Memory *m, Span *s, uint64_t address, unsigned n, const Manner *how);

/* Whether `n` live bytes are initialised; have been accessed by `tag` only, if at all. */
bool memory_is_initialised(const Span *s, uint64_t address, uint64_t n);
bool memory_has_tag(const Span *s, uint64_t address, uint64_t n, uint8_t tag);

/* Whether eight live bytes can be read as one i64: initialised, and a cell or no part of any. */
bool memory_is_word(const Span *s, uint64_t address);

/* Freezes `n` live bytes until the innermost activation ends. */
void memory_freeze(Memory *m, Span *s, uint64_t address, uint64_t n);

/* Whether a number points into a heap or right behind it, or to where slots are. */
bool memory_is_address(const Memory *m, uint64_t value);

/* The latter alone. */
static inline bool memory_is_slot_address(const Memory *m, uint64_t value)
{
    return value - (uint64_t)(uintptr_t)m->slots.at <= m->slots.size;
}

#endif
