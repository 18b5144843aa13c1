#include "oracle/judge.h"

static void write_traps(Buf *out, const Counts *c)
{
    TrapSum sums[TRAP_SUMS_MAX];
    uint32_t n = trap_sums(c->trapped_by, sums);
    for (uint32_t k = 0; k < n; k++)
        buf_printf(out, "%s%s %llu", k ? ", " : " (", sums[k].name,
                   (unsigned long long)sums[k].n);
    if (n) buf_char(out, ')');
}

void reasons_add(Arena *a, Reasons *r, const char *reason)
{
    for (uint32_t k = 0; k < r->n; k++) {
        if (strcmp(r->at[k].reason, reason) != 0) continue;
        r->at[k].count++;
        return;
    }
    if (r->n == REASONS_MAX) {
        r->at[REASONS_MAX - 1].reason = "other reasons";
        r->at[REASONS_MAX - 1].count++;
        return;
    }
    r->at[r->n].reason = arena_strndup(a, reason, strlen(reason));
    r->at[r->n++].count = 1;
}

enum { REASONS_SHOWN = 12 };

/* The most frequent that has fewer than the one before it, or as many and comes later. */
static uint32_t next_reason(const Reasons *r, uint32_t before)
{
    uint32_t best = NO_INDEX;
    for (uint32_t k = 0; k < r->n; k++) {
        bool later = before == NO_INDEX || r->at[k].count < r->at[before].count ||
                     (r->at[k].count == r->at[before].count && k > before);
        if (later && (best == NO_INDEX || r->at[k].count > r->at[best].count)) best = k;
    }
    return best;
}

/* The most frequent; what the rest adds up to. */
static void write_reasons(Buf *out, const Reasons *r)
{
    uint64_t rest = 0;
    uint32_t shown = 0;
    for (uint32_t k = next_reason(r, NO_INDEX); k != NO_INDEX; k = next_reason(r, k), shown++)
        if (shown < REASONS_SHOWN)
            buf_printf(out, "%s%s %llu", shown ? ", " : " (", r->at[k].reason,
                       (unsigned long long)r->at[k].count);
        else rest += r->at[k].count;
    if (rest)
        buf_printf(out, ", %u other reasons %llu", shown - REASONS_SHOWN,
                   (unsigned long long)rest);
    if (shown) buf_char(out, ')');
}

static void write_refusals(Buf *out, const Counts *c) { write_reasons(out, &c->refused_by); }

/* What is there only where it is asked for: known defects, and what loaded back ends took. */
static void write_loaded(Buf *out, const Counts *c)
{
    if (c->suppressed) {
        buf_printf(out, ", suppressed %llu", (unsigned long long)c->suppressed);
        write_reasons(out, &c->suppressed_by);
    }
    for (uint32_t k = 0; k < c->ntaken; k++) {
        buf_printf(out, ", %s took %llu of %llu", c->taken[k].config->slug,
                   (unsigned long long)c->taken[k].took, (unsigned long long)c->taken[k].asked);
        if (c->taken[k].failed)
            buf_printf(out, " (failed on %llu)", (unsigned long long)c->taken[k].failed);
    }
}

static void write_nothing(Buf *out, const Counts *c)
{
    (void)out, (void)c;
}

static void write_count(Buf *out, const char *name, uint64_t n)
{
    buf_printf(out, "%s%s %llu", out->n ? ", " : "", name, (unsigned long long)n);
}

void counts_write(Buf *out, const Counts *c)
{
#define COUNT(field, name, detail) \
    write_count(out, name, c->field); \
    write_##detail(out, c);
#include "oracle/counts.def"
    write_loaded(out, c);
}
