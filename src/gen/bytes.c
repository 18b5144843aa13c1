#include "gen/bytes.h"

#include "base/rng.h"

const FamilyInfo gen_families[FAMILY_COUNT] = {
#define FAMILY(name, inputs, meaning) {#name, meaning},
#include "gen/families.def"
};

static bool parse_family(Str word, uint32_t *off)
{
    for (unsigned k = 0; k < FAMILY_COUNT; k++) {
        if (!str_is(word, gen_families[k].name)) continue;
        *off |= 1u << k;
        return true;
    }
    return false;
}

bool gen_parse_off(Str list, uint32_t *off)
{
    while (list.n) {
        const char *comma = memchr(list.at, ',', list.n);
        size_t n = comma ? (size_t)(comma - list.at) : list.n;
        if (!parse_family((Str){list.at, n}, off)) return false;
        size_t skip = comma ? n + 1 : n;
        list = (Str){list.at + skip, list.n - skip};
    }
    return true;
}

Choice input_record(GenInput *in)
{
    uint64_t raw = 0;
    size_t left = in->n - in->at;
    size_t n = left < RECORD_BYTES ? left : RECORD_BYTES;
    for (size_t k = 0; k < n; k++) raw |= (uint64_t)in->bytes[in->at + k] << 8 * k;
    in->at += n;
    return choice_of(raw);
}
