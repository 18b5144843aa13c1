#include "ir/type.h"

const TypeInfo type_info[TYPE_COUNT] = {
    [TY_none] = {"none", TY_none, 0, 0, 0, CLASS_NONE},
#define TYPE(name, lane, lanes, bits, class) \
    [TY_##name] = {#name, TY_##lane, lanes, bits, (lanes) * (bits), CLASS_##class},
#include "ir/types.def"
};

_Static_assert(TYPE_COUNT <= 64, "a set of types is one 64-bit word");

Type type_from_name(Str name)
{
    for (Type t = 1; t < TYPE_COUNT; t++)
        if (str_is(name, type_info[t].name)) return t;
    return TY_none;
}

Type type_with(TypeClass class, unsigned lane_bits, unsigned lanes)
{
    for (Type t = 1; t < TYPE_COUNT; t++) {
        const TypeInfo *i = &type_info[t];
        if (i->lane_class == class && i->lane_bits == lane_bits && i->lanes == lanes) return t;
    }
    return TY_none;
}

Type type_int_like(Type t)
{
    return type_with(CLASS_INT, type_lane_bits(t), type_lanes(t));
}

Type type_truth(Type t)
{
    return t == TY_none ? TY_none : type_is_vector(t) ? type_int_like(t) : TY_i8;
}

Type type_half_lanes(Type t)
{
    if (type_lanes(t) < 2) return TY_none;
    return type_with(type_info[t].lane_class, type_lane_bits(t) * 2, type_lanes(t) / 2);
}

Type type_twice_lanes(Type t)
{
    if (type_lanes(t) < 2) return TY_none;
    return type_with(type_info[t].lane_class, type_lane_bits(t) / 2, type_lanes(t) * 2);
}

Type type_half_int(Type t)
{
    return type_is_int(t) ? type_with(CLASS_INT, type_bits(t) / 2, 1) : TY_none;
}

Type type_twice_int(Type t)
{
    return type_is_int(t) ? type_with(CLASS_INT, type_bits(t) * 2, 1) : TY_none;
}

static bool is_member(TypeSet set, const TypeInfo *t)
{
    switch (set) {
#define TYPESET(name, member) \
    case SET_##name: return member;
#include "ir/typesets.def"
    case TYPESET_COUNT: break;
    }
    return false;
}

static uint64_t masks[TYPESET_COUNT];

/* Runs before main, so that readers need no lock and no check. */
__attribute__((constructor(101))) static void fill_masks(void)
{
    for (TypeSet set = 0; set < TYPESET_COUNT; set++)
        for (Type t = 1; t < TYPE_COUNT; t++)
            if (is_member(set, &type_info[t])) masks[set] |= UINT64_C(1) << t;
}

uint64_t typeset_mask(TypeSet set)
{
    return masks[set];
}
