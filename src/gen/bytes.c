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
    uint8_t bytes[RECORD_BYTES] = {0};
    size_t left = in->n - in->at, n = left < RECORD_BYTES ? left : RECORD_BYTES;
    if (likely(n == RECORD_BYTES)) memcpy(bytes, in->bytes + in->at, RECORD_BYTES);
    else if (n) memcpy(bytes, in->bytes + in->at, n);
    in->at += n;
    uint64_t raw;
    memcpy(&raw, bytes, sizeof raw); /* x86-64 is little-endian */
    return choice_of(raw);
}
