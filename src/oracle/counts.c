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

static void write_count(Buf *out, const char *name, uint64_t n)
{
    buf_printf(out, "%s%s %llu", out->n ? ", " : "", name, (unsigned long long)n);
}

void counts_write(Buf *out, const Counts *c)
{
    write_count(out, "executions", c->executions);
    write_count(out, "inputs", c->inputs);
    write_count(out, "runs", c->runs);
    write_count(out, "returned", c->returned);
    write_count(out, "trapped", c->trapped);
    write_traps(out, c);
    write_count(out, "fuel", c->fuel);
    write_count(out, "refused", c->refused);
    write_refusals(out, c);
    write_count(out, "invalid", c->invalid);
    write_count(out, "flaky", c->flaky);
    write_count(out, "findings", c->findings);
    write_count(out, "bytes compared", c->bytes_compared);
}
