#include "oracle/judge.h"

/* The codes that CLIF names one by one, `userN` together. */
static void write_traps(Buf *out, const Counts *c)
{
    const char *separator = " (";
    uint64_t user = 0;
    for (unsigned code = 1; code <= TRAP_user_last; code++) user += c->trapped_by[code];
    if (user) {
        buf_printf(out, " (user %llu", (unsigned long long)user);
        separator = ", ";
    }
    for (unsigned code = TRAP_user_last + 1; code < 256; code++) {
        char text[12];
        if (!c->trapped_by[code]) continue;
        buf_printf(out, "%s%s %llu", separator, trap_name((TrapCode)code, text),
                   (unsigned long long)c->trapped_by[code]);
        separator = ", ";
    }
    if (separator[0] == ',') buf_char(out, ')');
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
