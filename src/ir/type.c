#include "ir/type.h"

const TypeInfo type_info[TYPE_COUNT] = {
    [TY_none] = {"none", TY_none, 0, 0, 0, 0, CLASS_NONE},
#define TYPE(name, lane, lanes, bits, class) \
    [TY_##name] = {#name, TY_##lane, lanes, lanes, bits, (lanes) * (bits), CLASS_##class},
#define DYNAMIC(name, lane, lanes, bits, class) \
    [TY_##name] = {#name, TY_##lane, 0, lanes, bits, 0, CLASS_##class},
#include "ir/types.def"
};

_Static_assert(TYPE_COUNT <= 128, "a set of types is two 64-bit words");
_Static_assert(TY_f32x2 < 64, "types that can be run stand in the first word");

/* By class, log2 of the lane's bits less 3, log2 of the lanes; whether they are dynamic. */
static uint8_t by_shape[2][3][5][9];

static uint8_t *shape_slot(bool dynamic, TypeClass class, unsigned lane_bits, unsigned lanes)
{
    if (lane_bits < 8 || lane_bits > 128 || (lane_bits & (lane_bits - 1))) return NULL;
    if (lanes < 1 || lanes > 256 || (lanes & (lanes - 1))) return NULL;
    return &by_shape[dynamic][class][__builtin_ctz(lane_bits) - 3][__builtin_ctz(lanes)];
}

Type type_with(TypeClass class, unsigned lane_bits, unsigned lanes)
{
    const uint8_t *slot = shape_slot(false, class, lane_bits, lanes);
    return slot ? (Type)*slot : TY_none;
}

/* As `t`, with other lanes. */
static Type reshaped(Type t, bool dynamic, unsigned lane_bits, unsigned lanes)
{
    const uint8_t *slot = shape_slot(dynamic, type_info[t].lane_class, lane_bits, lanes);
    return slot ? (Type)*slot : TY_none;
}

Type type_to_dynamic(Type t)
{
    return type_is_vector(t) ? reshaped(t, true, type_lane_bits(t), type_lanes(t)) : TY_none;
}

Type type_to_static(Type t)
{
    if (!type_is_dynamic(t)) return TY_none;
    return reshaped(t, false, type_lane_bits(t), type_info[t].min_lanes);
}

/* A number of one to three digits without leading zeros; moves `at`. */
static unsigned read_number(Str name, size_t *at)
{
    unsigned n = 0;
    size_t begin = *at;
    while (*at < name.n && *at < begin + 3 && name.at[*at] >= '0' && name.at[*at] <= '9')
        n = n * 10 + (unsigned)(name.at[(*at)++] - '0');
    return *at > begin && name.at[begin] != '0' ? n : 0;
}

Type type_from_name(Str name)
{
    if (name.n < 2 || (name.at[0] != 'i' && name.at[0] != 'f')) return TY_none;
    size_t at = 1;
    unsigned lane_bits = read_number(name, &at), lanes = 1;
    if (at < name.n && name.at[at] == 'x') {
        at++;
        lanes = read_number(name, &at);
    }
    if (at != name.n) return TY_none;
    return type_with(name.at[0] == 'i' ? CLASS_INT : CLASS_FLOAT, lane_bits, lanes);
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
    unsigned lanes = type_info[t].min_lanes;
    if (lanes < 2) return TY_none;
    return reshaped(t, type_is_dynamic(t), type_lane_bits(t) * 2, lanes / 2);
}

Type type_twice_lanes(Type t)
{
    unsigned lanes = type_info[t].min_lanes;
    if (lanes < 2) return TY_none;
    return reshaped(t, type_is_dynamic(t), type_lane_bits(t) / 2, lanes * 2);
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

static TypeMask masks[TYPESET_COUNT];

/* Runs before main, so that readers need no lock and no check. */
__attribute__((constructor(101))) static void fill_tables(void)
{
    for (Type t = 1; t < TYPE_COUNT; t++) {
        const TypeInfo *i = &type_info[t];
        *shape_slot(type_is_dynamic(t), i->lane_class, i->lane_bits, i->min_lanes) = (uint8_t)t;
    }
    for (TypeSet set = 0; set < TYPESET_COUNT; set++)
        for (Type t = 1; t < TYPE_COUNT; t++)
            if (is_member(set, &type_info[t])) mask_add(&masks[set], t);
}

const TypeMask *typeset_members(TypeSet set)
{
    return &masks[set];
}

Type mask_single(const TypeMask *m)
{
    unsigned word = m->half[0] ? 0 : 1;
    uint64_t w = m->half[word];
    if (!w || (w & (w - 1)) || (!word && m->half[1])) return TY_none;
    return (Type)(word * 64 + (unsigned)__builtin_ctzll(w));
}
