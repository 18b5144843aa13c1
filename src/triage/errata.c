#include "triage/errata.h"

typedef struct {
    const char *line;
    TrapCode trap;
    uint64_t high, low;
} Erratum;

static const Erratum errata[] = {
#define ERRATUM(line, trap, high, low) {line, TRAP_##trap, high, low},
#include "triage/errata.def"
};

static Str line_of(Str text, uint32_t number)
{
    const char *at = text.at, *end = text.at + text.n, *newline = NULL;
    while (at < end && number-- > 0) {
        if (newline) at = newline + 1;
        newline = memchr(at, '\n', (size_t)(end - at));
        if (!newline) newline = end;
    }
    return (Str){at, newline ? (size_t)(newline - at) : 0};
}

static void correct(const Erratum *e, Run *run, Arena *a)
{
    DataValue *right = arena_new(a, DataValue);
    *right = (DataValue){.type = TY_i128, .bits.u64 = {e->low, e->high}};
    run->kind = e->trap == TRAP_none ? RUN_RUN : RUN_TRAPS;
    run->trap = e->trap;
    run->results.at = right;
}

bool errata_correct(Str text, Run *run, Arena *a)
{
    Str line = line_of(text, run->line);
    for (size_t k = 0; k < countof(errata); k++) {
        if (!str_is(line, errata[k].line)) continue;
        correct(&errata[k], run, a);
        return true;
    }
    return false;
}
