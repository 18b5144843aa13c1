/* The discipline's rules for one access to memory: rules.def says which, this is how they are kept.
 * They are inlined into the evaluators of access.c: one access in three steps is one to memory.
 *
 *     Rule rule = rules_read(m, s, at, 8, how);      checks and notes a read of bytes of span `s`
 *     if (rule != RULE_kept) puts(rule_text[rule]);
 */
#ifndef INTERP_RULES_H
#define INTERP_RULES_H

#include "interp/memory.h"

typedef enum {
    RULE_kept,
#define RULE(name, text) RULE_##name,
#include "interp/rules.def"
    RULE_COUNT
} Rule;

extern const char *const rule_text[RULE_COUNT];

enum { REGION_LAST = UINT8_MAX - 2 }; /* the largest region number that has a tag */

/* How an access is made. */
typedef struct {
    uint8_t tag;   /* region number plus 2; 1 for an access without region */
    bool word;     /* an i64: may be a cell */
    uint64_t origin; /* of the i64 that is stored; not 0: it is an address, becomes a cell */
    bool readonly; /* claims that nobody writes the bytes while the activation lives */
} Manner;

/* For bytes with flags that ask for a closer look: `state` is theirs, 0 beside them. */
Rule rules_judge_read(uint64_t state, bool word);
Rule rules_judge_write(uint64_t state, bool word);

/* For bytes that were accessed before, some or all of them by another tag. */
Rule rules_judge_tag(Span *s, uint64_t offset, uint64_t mask, uint8_t tag);

/* Bytes that a read takes for constant. */
Rule rules_freeze(Memory *m, Span *s, uint64_t offset, unsigned n);

/* The bytes of `mask` from `offset` on are accessed by `tag` from now on. */
static ALWAYS_INLINE Rule rules_tag_word(Span *s, uint64_t offset, uint64_t mask, uint8_t tag)
{
    uint64_t old = shadow_word(s->region + offset), now = EACH_BYTE(tag) & mask;
    bool fresh = (old & mask) == 0, same = ((old ^ now) & mask) == 0;
    if (unlikely(!(fresh | same))) return rules_judge_tag(s, offset, mask, tag);
    shadow_set_word(s->region + offset, old | now);
    return RULE_kept;
}

static ALWAYS_INLINE Rule rules_read_word(Memory *m, Span *s, uint64_t offset, unsigned n,
                                          Manner how)
{
    uint64_t mask = shadow_first_bytes(n), state = shadow_word(s->state + offset) & mask;
    Rule rule = RULE_kept;
    if (unlikely(state & EACH_BYTE(SHADOW_dead | SHADOW_raw | SHADOW_cell)))
        rule = rules_judge_read(state, how.word);
    if (unlikely(how.readonly) && rule == RULE_kept) rule = rules_freeze(m, s, offset, n);
    return likely(rule == RULE_kept) ? rules_tag_word(s, offset, mask, how.tag) : rule;
}

static ALWAYS_INLINE Rule rules_write_word(Memory *m, Span *s, uint64_t offset, unsigned n,
                                           Manner how)
{
    uint64_t mask = shadow_first_bytes(n), old = shadow_word(s->state + offset);
    uint64_t now = EACH_BYTE(SHADOW_wrote);
    if (unlikely(old & mask & EACH_BYTE(SHADOW_dead | SHADOW_frozen | SHADOW_cell))) {
        Rule rule = rules_judge_write(old & mask, how.word);
        if (rule != RULE_kept) return rule;
    }
    if (unlikely(how.origin)) {
        now |= EACH_BYTE(SHADOW_cell) | SHADOW_head;
        s->origins[offset / SHADOW_WORD] = (uint32_t)how.origin;
    }
    shadow_set_word(s->state + offset, (old & ~mask) | (now & mask));
    for (unsigned k = 0; k < n; k++) s->written[offset + k] = m->youngest;
    return rules_tag_word(s, offset, mask, how.tag);
}

/* Check and note an access of 1 to 8 bytes, or 16. */
static ALWAYS_INLINE Rule rules_read(Memory *m, Span *s, uint64_t address, unsigned n, Manner how)
{
    uint64_t offset = address - s->base;
    span_touch(s, offset, n);
    if (unlikely(s->tag && s->tag != how.tag)) return RULE_heap_region;
    if (n <= SHADOW_WORD) return rules_read_word(m, s, offset, n, how);
    Rule rule = rules_read_word(m, s, offset, SHADOW_WORD, how);
    return rule ? rule : rules_read_word(m, s, offset + SHADOW_WORD, SHADOW_WORD, how);
}

static ALWAYS_INLINE Rule rules_write(Memory *m, Span *s, uint64_t address, unsigned n, Manner how)
{
    uint64_t offset = address - s->base;
    span_touch(s, offset, n);
    if (unlikely(s->tag && s->tag != how.tag)) return RULE_heap_region;
    if (n <= SHADOW_WORD) return rules_write_word(m, s, offset, n, how);
    Rule rule = rules_write_word(m, s, offset, SHADOW_WORD, how);
    return rule ? rule : rules_write_word(m, s, offset + SHADOW_WORD, SHADOW_WORD, how);
}

#endif
