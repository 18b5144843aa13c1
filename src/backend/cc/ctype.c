/* Types of C for types of CLIF. Floats that C has not (f16, f128) are carried as unsigned bits. */
#include "backend/cc/local.h"


unsigned ctype_bytes(TallyType t)
{
    return t.lane_bits / 8u * t.lanes;
}

bool ctype_is_float(TallyType t)
{
    return t.is_float && (t.lane_bits == 32 || t.lane_bits == 64);
}

TypeName ctype_as(char letter, TallyType t)
{
    TypeName name;
    if (t.lanes > 1)
        snprintf(name.at, sizeof name.at, "%c%ux%u", letter, t.lane_bits, t.lanes);
    else
        name = ctype_lane_as(letter, t.lane_bits);
    return name;
}

TypeName ctype_lane_as(char letter, unsigned bits)
{
    TypeName name;
    snprintf(name.at, sizeof name.at, "%c%u", letter, bits);
    return name;
}

TypeName ctype_name(TallyType t)
{
    return ctype_as(ctype_is_float(t) ? 'f' : 'u', t);
}

TypeName ctype_of(const Writer *w, uint32_t value)
{
    return ctype_name(w->f->values[value]);
}

TypeName ctype_lane(TallyType t)
{
    return ctype_lane_as(ctype_is_float(t) ? 'f' : 'u', t.lane_bits);
}

const char *ctype_member(const Writer *w, TallyType t)
{
    return t.lanes > 1 && !w->options.has.vectors ? ".l" : "";
}
