/* Value types (types.def) and what is asked of them. All look-ups are table reads.
 *
 *     type_bits(TY_i32x4) == 128, type_lanes(TY_i32x4) == 4, type_lane(TY_i32x4) == TY_i32
 *     type_truth(TY_f64x2) == TY_i64x2, type_truth(TY_f64) == TY_i8
 */
#ifndef IR_TYPE_H
#define IR_TYPE_H

#include "base/str.h"

typedef enum {
    TY_none,
#define TYPE(name, lane, lanes, bits, class) TY_##name,
#define DYNAMIC(name, lane, lanes, bits, class) TY_##name,
#include "ir/types.def"
    TYPE_COUNT
} Type;

typedef enum { CLASS_NONE, CLASS_INT, CLASS_FLOAT } TypeClass;

typedef struct {
    const char *name;
    Type lane;
    uint16_t lanes;     /* 0 of a dynamic vector */
    uint16_t min_lanes; /* the same, but for a dynamic vector what its lanes are a multiple of */
    uint8_t lane_bits;
    uint16_t bits; /* of the whole value; 0 of a dynamic vector */
    TypeClass lane_class;
} TypeInfo;

extern const TypeInfo type_info[TYPE_COUNT];

static inline const char *type_name(Type t) { return type_info[t].name; }
static inline unsigned type_bits(Type t) { return type_info[t].bits; }
static inline unsigned type_bytes(Type t) { return type_info[t].bits / 8u; }
static inline unsigned type_lanes(Type t) { return type_info[t].lanes; }
static inline unsigned type_lane_bits(Type t) { return type_info[t].lane_bits; }
static inline Type type_lane(Type t) { return type_info[t].lane; }

/* Of a fixed number of lanes. */
static inline bool type_is_vector(Type t) { return type_info[t].lanes > 1; }

static inline bool type_is_dynamic(Type t) { return type_info[t].min_lanes > type_info[t].lanes; }

/* A scalar integer, i8 to i128. */
static inline bool type_is_int(Type t)
{
    return type_info[t].lane_class == CLASS_INT && type_info[t].lanes == 1;
}

/* A scalar float, f16 to f128. */
static inline bool type_is_float(Type t)
{
    return type_info[t].lane_class == CLASS_FLOAT && type_info[t].lanes == 1;
}

/* Lanes (or the scalar itself) are floats. */
static inline bool type_has_float_lanes(Type t)
{
    return type_info[t].lane_class == CLASS_FLOAT;
}

/* Lives in a vector register of x86-64: floats and vectors. */
static inline bool type_in_xmm(Type t)
{
    return (type_info[t].lanes > 1) | (type_info[t].lane_class == CLASS_FLOAT);
}

/* Each of these gives TY_none when there is no such type. */
Type type_from_name(Str name); /* none of a dynamic vector */
Type type_with(TypeClass class, unsigned lane_bits, unsigned lanes);
Type type_truth(Type t);      /* what icmp and fcmp of `t` give */
Type type_int_like(Type t);   /* integer lanes of the same number and width */
Type type_half_lanes(Type t); /* half as many lanes, twice as wide */
Type type_twice_lanes(Type t);
Type type_half_int(Type t); /* i64 for i128, … */
Type type_twice_int(Type t);
Type type_to_dynamic(Type t); /* i32x4xN for i32x4 */
Type type_to_static(Type t);  /* and back */

/* A set of types. */
typedef struct {
    uint64_t half[2];
} TypeMask;

static inline bool mask_has(const TypeMask *m, Type t) { return m->half[t >> 6] >> (t & 63) & 1; }
static inline void mask_add(TypeMask *m, Type t) { m->half[t >> 6] |= UINT64_C(1) << (t & 63); }

static inline bool mask_is_empty(const TypeMask *m) { return !(m->half[0] | m->half[1]); }

/* The only member; TY_none when there are none or more. */
Type mask_single(const TypeMask *m);

typedef enum {
#define TYPESET(name, member) SET_##name,
#include "ir/typesets.def"
    TYPESET_COUNT
} TypeSet;

const TypeMask *typeset_members(TypeSet set);

/* The members among the first 63 types, which all that can be run are: `mask >> TY_i8 & 1`. */
static inline uint64_t typeset_mask(TypeSet set) { return typeset_members(set)->half[0]; }

#endif
