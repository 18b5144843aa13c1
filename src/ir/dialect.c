#include "ir/dialect.h"

const Dialect dialects[DIALECT_COUNT] = {
#define DIALECT(name, from, to, regions, slot_align) \
    [DIALECT_##name] = {#name, from, to, regions, slot_align},
#include "ir/dialects.def"
};

static const Older older_words[] = {
#define OLDER(word, until, shape, op) {#word, until, OLDER_##shape, OP_##op},
#include "ir/dialects.def"
};

static const OlderRegion older_regions[] = {
#define OLDER_REGION(word, number) {#word, number},
#include "ir/dialects.def"
};

static const struct {
    const char *word, *code;
} older_traps[] = {
#define OLDER_TRAP(word, code) {#word, #code},
#include "ir/dialects.def"
};

const Older *dialect_older(Str word)
{
    for (unsigned k = 0; k < countof(older_words); k++)
        if (str_is(word, older_words[k].word)) return &older_words[k];
    return NULL;
}

const OlderRegion *dialect_older_region(Str word)
{
    for (unsigned k = 0; k < countof(older_regions); k++)
        if (str_is(word, older_regions[k].word)) return &older_regions[k];
    return NULL;
}

TrapCode dialect_trap_code(Str word)
{
    for (unsigned k = 0; k < countof(older_traps); k++)
        if (str_is(word, older_traps[k].word)) return trap_from_name(str_of(older_traps[k].code));
    return trap_from_name(word);
}

/* Registers of x86-64's System V convention that results can be returned in. */
enum { RETURN_REGISTERS = 2 };

static bool has_many_results(const Signature *sig)
{
    unsigned ints = 0, floats = 0;
    for (uint32_t k = 0; k < sig->returns.n; k++) {
        Type t = (Type)sig->returns.at[k].type;
        if (type_in_xmm(t)) floats++;
        else ints += type_bits(t) > 64 ? 2 : 1;
    }
    return ints > RETURN_REGISTERS || floats > RETURN_REGISTERS;
}

static bool has_wide_params(const Signature *sig)
{
    for (uint32_t k = 0; k < sig->params.n; k++)
        if (sig->params.at[k].type == TY_i128) return true;
    for (uint32_t k = 0; k < sig->returns.n; k++)
        if (sig->returns.at[k].type == TY_i128) return true;
    return false;
}

static bool any_signature(const Module *m, bool (*is)(const Signature *sig))
{
    for (uint32_t k = 0; k < m->funcs.n; k++) {
        const Func *f = m->funcs.at[k];
        if (is(&f->sig)) return true;
        for (uint32_t s = 0; s < f->sigs.n; s++)
            if (is(&f->sigs.at[s])) return true;
    }
    return false;
}

static bool many_results(const Module *m) { return any_signature(m, has_many_results); }

static bool wide_params(const Module *m) { return any_signature(m, has_wide_params); }

const Setting dialect_settings[] = {
#define SETTING(word, when) {#word, when},
#include "ir/dialects.def"
};
const unsigned dialect_settings_count = countof(dialect_settings);
