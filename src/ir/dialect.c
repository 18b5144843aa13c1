#include "ir/dialect.h"

const Dialect dialects[] = {
#define DIALECT(from, to, brif, tables, slot_align, traps, can_move, regions) \
    {from, to, brif, tables, slot_align, ACCESS_TRAPS_##traps, can_move, regions},
#include "ir/dialects.def"
};
const unsigned dialects_count = countof(dialects);

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

const char *dialect_op_name(const Dialect *d, Op op)
{
    for (unsigned k = 0; k < countof(older_words); k++) {
        const Older *older = &older_words[k];
        if (older->shape == OLDER_renamed && older->op == op && d->from <= older->until)
            return older->word;
    }
    return op_name(op);
}

bool dialect_says_type(const Dialect *d, Op op)
{
    static const uint8_t until[OP_COUNT] = {
#define TYPE_SAID(op, until) [OP_##op] = until,
#include "ir/dialects.def"
    };
    return d->from <= until[op];
}

const OlderRegion *dialect_older_region(Str word)
{
    for (unsigned k = 0; k < countof(older_regions); k++)
        if (str_is(word, older_regions[k].word)) return &older_regions[k];
    return NULL;
}

const char *dialect_region_flag(uint32_t number)
{
    for (unsigned k = 0; k < countof(older_regions); k++)
        if (older_regions[k].number == number) return older_regions[k].word;
    return NULL;
}

bool dialect_says_trap(const Dialect *d, TrapCode code)
{
    return code == TRAP_heap_oob || d->traps == ACCESS_TRAPS_ANY ||
           (d->traps == ACCESS_TRAPS_NAMED && code > TRAP_user_last);
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

static bool pinned_register(const Module *m)
{
    return module_has_op(m, OP_get_pinned_reg) || module_has_op(m, OP_set_pinned_reg);
}

static bool frames(const Module *m)
{
    static const Op ops[] = {OP_return_call, OP_return_call_indirect, OP_get_frame_pointer,
                             OP_get_return_address};
    for (size_t k = 0; k < countof(ops); k++)
        if (module_has_op(m, ops[k])) return true;
    return false;
}

const Setting dialect_settings[] = {
#define SETTING(word, since, when) {#word, since, when},
#include "ir/dialects.def"
};
const unsigned dialect_settings_count = countof(dialect_settings);

bool dialect_has_setting(const Dialect *d, Str word)
{
    Str name = str_next_word(&word, "=");
    for (unsigned k = 0; k < countof(dialect_settings); k++) {
        Str known = str_of(dialect_settings[k].word);
        if (!str_equal(name, str_next_word(&known, "="))) continue;
        return d->from >= dialect_settings[k].since;
    }
    return true;
}
