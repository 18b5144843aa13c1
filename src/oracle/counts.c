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

static void write_refusals(Buf *out, const Counts *c)
{
    for (uint32_t k = 0; k < c->nrefusals; k++)
        buf_printf(out, "%s%s %llu", k ? ", " : " (", c->refusals[k].reason,
                   (unsigned long long)c->refusals[k].count);
    if (c->nrefusals) buf_char(out, ')');
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
}
