#include "interp/rules.h"

const char *const rule_text[RULE_COUNT] = {
#define RULE(name, text) [RULE_##name] = text,
#include "interp/rules.def"
};

Rule rules_judge_read(uint64_t state, bool word)
{
    if (state & EACH_BYTE(SHADOW_dead)) return RULE_dead;
    if (state & EACH_BYTE(SHADOW_raw)) return RULE_raw;
    return word && shadow_is_cell(state) ? RULE_kept : RULE_cell_read;
}

Rule rules_judge_write(uint64_t state, bool word)
{
    if (state & EACH_BYTE(SHADOW_dead)) return RULE_dead;
    if (state & EACH_BYTE(SHADOW_frozen)) return RULE_frozen;
    bool is_cell = state & EACH_BYTE(SHADOW_cell);
    return !is_cell || (word && shadow_is_cell(state)) ? RULE_kept : RULE_cell_write;
}

Rule rules_judge_tag(Span *s, uint64_t offset, uint64_t mask, uint8_t tag)
{
    uint64_t old = shadow_word(s->region + offset);
    for (uint64_t rest = old & mask; rest; rest >>= 8)
        if ((rest & 0xff) && (rest & 0xff) != tag) return RULE_region;
    shadow_set_word(s->region + offset, (old & ~mask) | (EACH_BYTE(tag) & mask));
    return RULE_kept;
}

Rule rules_freeze(Memory *m, Span *s, uint64_t offset, unsigned n)
{
    for (unsigned k = 0; k < n; k++)
        if (s->written[offset + k] >= m->innermost) return RULE_stale;
    memory_freeze(m, s, s->base + offset, n);
    return RULE_kept;
}
