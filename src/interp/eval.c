/* Evaluators from the rows of eval.def. The table is read several times: first each row becomes a
 * small function on lanes (one on uint64_t, one on Wide where i128 is possible, or on float and
 * double), then an evaluator that applies it. */
#include "interp/engine.h"
#include "interp/float.h"
#include "interp/soft.h"

#include <tgmath.h>

typedef uint64_t Lane1(uint64_t x, unsigned bits);
typedef uint64_t Lane2(uint64_t x, uint64_t y, unsigned bits);
typedef uint64_t Lane3(uint64_t x, uint64_t y, uint64_t z, unsigned bits);
typedef Wide Wide1(Wide x, unsigned bits);
typedef Wide Wide2(Wide x, Wide y, unsigned bits);
typedef Wide Wide3(Wide x, Wide y, Wide z, unsigned bits);
typedef TrapCode LaneTrap(uint64_t x, uint64_t y, unsigned bits, TrapCode code);
typedef TrapCode WideTrap(Wide x, Wide y, unsigned bits, TrapCode code);

/* Integer lanes, one operand to three. */

static bool lanes1(Interp *in, const InstData *i, Lane1 *lane)
{
    const Bits *x = operand(in, i, 0);
    Bits r = {0};
    Type t = i->type;
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++)
        bits_set_lane(&r, t, k, lane(bits_lane(x, t, k), type_lane_bits(t)));
    *result(in, i) = r;
    return true;
}

static bool lanes2(Interp *in, const InstData *i, Lane2 *lane)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    Bits r = {0};
    Type t = i->type;
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++)
        bits_set_lane(&r, t, k, lane(bits_lane(x, t, k), bits_lane(y, t, k), type_lane_bits(t)));
    *result(in, i) = r;
    return true;
}

static bool lanes3(Interp *in, const InstData *i, Lane3 *lane)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1), *z = operand(in, i, 2);
    Bits r = {0};
    Type t = i->type;
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++)
        bits_set_lane(&r, t, k, lane(bits_lane(x, t, k), bits_lane(y, t, k), bits_lane(z, t, k),
                                     type_lane_bits(t)));
    *result(in, i) = r;
    return true;
}

static ALWAYS_INLINE bool apply1(Interp *in, const InstData *i, Lane1 *lane, Wide1 *wide)
{
    const Bits *x = operand(in, i, 0);
    unsigned bits = type_lane_bits(i->type);
    if (unlikely(type_lanes(i->type) > 1)) return lanes1(in, i, lane);
    if (bits <= 64) *result(in, i) = bits_of(low64(lane(x->u64[0], bits), bits));
    else result(in, i)->u128 = wide(x->u128, bits);
    return true;
}

static ALWAYS_INLINE bool apply2(Interp *in, const InstData *i, Lane2 *lane, Wide2 *wide)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    unsigned bits = type_lane_bits(i->type);
    if (unlikely(type_lanes(i->type) > 1)) return lanes2(in, i, lane);
    if (bits <= 64) *result(in, i) = bits_of(low64(lane(x->u64[0], y->u64[0], bits), bits));
    else result(in, i)->u128 = wide(x->u128, y->u128, bits);
    return true;
}

typedef uint64_t Origin(uint64_t x, uint64_t y, uint64_t p, uint64_t q);

/* Of what may be addresses: i64. */
static ALWAYS_INLINE bool apply_derive(Interp *in, const InstData *i, Lane2 *lane, Wide2 *wide,
                                       Origin *origin)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    if (i->type != TY_i64) return apply2(in, i, lane, wide);
    uint64_t from = origin(x->u64[0], y->u64[0], bits_origin(x), bits_origin(y));
    *result(in, i) = (Bits){.u64 = {lane(x->u64[0], y->u64[0], 64), from}};
    return true;
}

static ALWAYS_INLINE bool apply3(Interp *in, const InstData *i, Lane3 *lane, Wide3 *wide)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1), *z = operand(in, i, 2);
    unsigned bits = type_lane_bits(i->type);
    if (unlikely(type_lanes(i->type) > 1)) return lanes3(in, i, lane);
    if (bits <= 64)
        *result(in, i) = bits_of(low64(lane(x->u64[0], y->u64[0], z->u64[0], bits), bits));
    else
        result(in, i)->u128 = wide(x->u128, y->u128, z->u128, bits);
    return true;
}

static bool shift_lanes(Interp *in, const InstData *i, Lane2 *lane, unsigned s)
{
    const Bits *x = operand(in, i, 0);
    Bits r = {0};
    Type t = i->type;
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++)
        bits_set_lane(&r, t, k, lane(bits_lane(x, t, k), s, type_lane_bits(t)));
    *result(in, i) = r;
    return true;
}

/* The amount is taken mod the width, a power of two: its low bits say it. */
static ALWAYS_INLINE bool apply_shift(Interp *in, const InstData *i, Lane2 *lane, Wide2 *wide)
{
    const Bits *x = operand(in, i, 0);
    unsigned bits = type_lane_bits(i->type);
    unsigned s = (unsigned)operand(in, i, 1)->u64[0] & (bits - 1);
    if (unlikely(type_lanes(i->type) > 1)) return shift_lanes(in, i, lane, s);
    if (bits <= 64) *result(in, i) = bits_of(low64(lane(x->u64[0], s, bits), bits));
    else result(in, i)->u128 = wide(x->u128, s, bits);
    return true;
}

static ALWAYS_INLINE bool apply_trap(Interp *in, const InstData *i, LaneTrap *trap, Lane2 *lane,
                                     WideTrap *wide_trap, Wide2 *wide)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    unsigned bits = type_lane_bits(i->type);
    if (likely(bits <= 64)) {
        TrapCode code = trap(x->u64[0], y->u64[0], bits, i->trap);
        if (unlikely(code)) return stop_trap(in, code);
        *result(in, i) = bits_of(low64(lane(x->u64[0], y->u64[0], bits), bits));
    } else {
        TrapCode code = wide_trap(x->u128, y->u128, bits, i->trap);
        if (code) return stop_trap(in, code);
        result(in, i)->u128 = wide(x->u128, y->u128, bits);
    }
    return true;
}

/* `carry` is an i8, or NULL for none. */
static ALWAYS_INLINE bool apply_flag(Interp *in, const InstData *i, const Bits *carry, Lane3 *lane,
                                     Lane3 *flag, Wide3 *wide, Wide3 *wide_flag)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    Bits *r = result(in, i);
    unsigned bits = type_lane_bits(i->type), z = carry && carry->u8[0];
    if (bits <= 64) {
        r[0] = bits_of(low64(lane(x->u64[0], y->u64[0], z, bits), bits));
        r[1] = bits_of(flag(x->u64[0], y->u64[0], z, bits));
    } else {
        r[0].u128 = wide(x->u128, y->u128, z, bits);
        r[1].u128 = wide_flag(x->u128, y->u128, z, bits);
    }
    return true;
}

static ALWAYS_INLINE bool apply_convert(Interp *in, const InstData *i, Wide1 *wide)
{
    unsigned from = type_lane_bits(func_type(in->f, i->args_.few[0]));
    Wide x = low128(operand(in, i, 0)->u128, from);
    result(in, i)->u128 = low128(wide(x, from), type_lane_bits(i->type));
    return true;
}

static bool apply_widen(Interp *in, const InstData *i, unsigned upper, Lane1 *lane)
{
    const Bits *x = operand(in, i, 0);
    Type t = i->type, to = type_half_lanes(t);
    unsigned n = type_lanes(to), first = upper ? n : 0;
    Bits r = {0};
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < n; k++)
        bits_set_lane(&r, to, k, lane(bits_lane(x, t, first + k), type_lane_bits(t)));
    *result(in, i) = r;
    return true;
}

typedef uint64_t NarrowLane(uint64_t x, SignedWide v, unsigned bits);

static bool apply_narrow(Interp *in, const InstData *i, NarrowLane *narrow)
{
    Type t = i->type, to = type_twice_lanes(t);
    unsigned n = type_lanes(t);
    Bits r = {0};
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < 2 * n; k++) {
        uint64_t x = bits_lane(operand(in, i, k / n), t, k % n);
        SignedWide v = sx64(x, type_lane_bits(t));
        bits_set_lane(&r, to, k, narrow(x, v, type_lane_bits(to)));
    }
    *result(in, i) = r;
    return true;
}

/* Float lanes. */

typedef float Float1(float x);
typedef float Float2(float x, float y);
typedef float Float3(float x, float y, float z);
typedef double Double1(double x);
typedef double Double2(double x, double y);
typedef double Double3(double x, double y, double z);
typedef Wide Soft1(Wide x, unsigned bits);
typedef Wide Soft2(Wide x, Wide y, unsigned bits);
typedef Wide Soft3(Wide x, Wide y, Wide z, unsigned bits);

static inline void set_f32(Bits *r, unsigned k, float x)
{
    if (likely(x == x)) r->f32[k] = x;
    else r->u32[k] = 0x7fc00000;
}

static inline void set_f64(Bits *r, unsigned k, double x)
{
    if (likely(x == x)) r->f64[k] = x;
    else r->u64[k] = 0x7ff8000000000000;
}

static COLD Wide soft_lane(const Bits *x, unsigned bits, unsigned k)
{
    return bits == 16 ? x->u16[k] : x->u128;
}

static COLD void set_soft(Bits *r, unsigned bits, unsigned k, Wide x)
{
    if (bits == 16) r->u16[k] = (uint16_t)x;
    else r->u128 = x;
}

/* Runs `set32` or `set64` for each lane k, or sets it to `soft`. */
#define EACH_FLOAT_LANE(set32, set64, soft) \
    Bits r = {0}; \
    unsigned n = type_lanes(i->type), bits = type_lane_bits(i->type); \
    if (!fits_bits(in, i->type)) return false; \
    if (bits == 32) { \
        for (unsigned k = 0; k < n; k++) set32; \
    } else if (bits == 64) { \
        for (unsigned k = 0; k < n; k++) set64; \
    } else { \
        for (unsigned k = 0; k < n; k++) set_soft(&r, bits, k, soft); \
    } \
    *result(in, i) = r; \
    return true

static ALWAYS_INLINE bool apply_float1(Interp *in, const InstData *i, Float1 *f, Double1 *d,
                                       Soft1 *s)
{
    const Bits *x = operand(in, i, 0);
    EACH_FLOAT_LANE(set_f32(&r, k, f(x->f32[k])), set_f64(&r, k, d(x->f64[k])),
                    s(soft_lane(x, bits, k), bits));
}

static ALWAYS_INLINE bool apply_float2(Interp *in, const InstData *i, Float2 *f, Double2 *d,
                                       Soft2 *s)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    EACH_FLOAT_LANE(set_f32(&r, k, f(x->f32[k], y->f32[k])),
                    set_f64(&r, k, d(x->f64[k], y->f64[k])),
                    s(soft_lane(x, bits, k), soft_lane(y, bits, k), bits));
}

static ALWAYS_INLINE bool apply_float3(Interp *in, const InstData *i, Float3 *f, Double3 *d,
                                       Soft3 *s)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1), *z = operand(in, i, 2);
    EACH_FLOAT_LANE(set_f32(&r, k, f(x->f32[k], y->f32[k], z->f32[k])),
                    set_f64(&r, k, d(x->f64[k], y->f64[k], z->f64[k])),
                    s(soft_lane(x, bits, k), soft_lane(y, bits, k), soft_lane(z, bits, k), bits));
}

#define minimum(x, y) _Generic((x), float: float_min32, double: float_min64)((x), (y))
#define maximum(x, y) _Generic((x), float: float_max32, double: float_max64)((x), (y))
#define nearest(x) _Generic((x), float: float_nearest32, double: float_nearest64)(x)

/* First reading: functions on lanes. An expression need not mention all of its parameters. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define INT1(op, e) \
    static uint64_t op##_lane(uint64_t x, unsigned bits) { return (uint64_t)(e); } \
    static Wide op##_wide(Wide x, unsigned bits) { return (Wide)(e); }
#define INT2(op, e) \
    static uint64_t op##_lane(uint64_t x, uint64_t y, unsigned bits) { return (uint64_t)(e); } \
    static Wide op##_wide(Wide x, Wide y, unsigned bits) { return (Wide)(e); }
#define DERIVE2(op, e, o) \
    INT2(op, e) \
    static uint64_t op##_origin(uint64_t x, uint64_t y, uint64_t p, uint64_t q) { return o; }
#define INT3(op, e) \
    static uint64_t op##_lane(uint64_t x, uint64_t y, uint64_t z, unsigned bits) { return e; } \
    static Wide op##_wide(Wide x, Wide y, Wide z, unsigned bits) { return e; }
#define LANE2(op, e) \
    static uint64_t op##_lane(uint64_t x, uint64_t y, unsigned bits) { return e; }
#define SHIFT(op, e) \
    static uint64_t op##_lane(uint64_t x, uint64_t s, unsigned bits) { return (uint64_t)(e); } \
    static Wide op##_wide(Wide x, Wide s, unsigned bits) { return (Wide)(e); }
#define TRAP2(op, t, e) \
    INT2(op, e) \
    static TrapCode op##_trap(uint64_t x, uint64_t y, unsigned bits, TrapCode code) { return t; } \
    static TrapCode op##_wide_trap(Wide x, Wide y, unsigned bits, TrapCode code) { return t; }
#define FLAG2(op, e, f) FLAG3(op, e, f)
#define FLAG3(op, e, f) \
    static uint64_t op##_lane(uint64_t x, uint64_t y, uint64_t z, unsigned bits) { return e; } \
    static uint64_t op##_flag(uint64_t x, uint64_t y, uint64_t z, unsigned bits) { return f; } \
    static Wide op##_wide(Wide x, Wide y, Wide z, unsigned bits) { return e; } \
    static Wide op##_wide_flag(Wide x, Wide y, Wide z, unsigned bits) { return f; }
#define CONVERT(op, e) \
    static Wide op##_wide(Wide x, unsigned bits) { return (Wide)(e); }
#define FLOAT1(op, e, s) \
    static float op##_f32(float x) { return e; } \
    static double op##_f64(double x) { return e; }
#define FLOAT2(op, e, s) \
    static float op##_f32(float x, float y) { return e; } \
    static double op##_f64(double x, double y) { return e; }
#define FLOAT3(op, e, s) \
    static float op##_f32(float x, float y, float z) { return e; } \
    static double op##_f64(double x, double y, double z) { return e; }
#define WIDEN(op, upper, e) \
    static uint64_t op##_lane(uint64_t x, unsigned bits) { return (uint64_t)(e); }
#define NARROW(op, e) \
    static uint64_t op##_lane(uint64_t x, SignedWide v, unsigned bits) { return e; }
#define REFUSE(op, why)
#include "interp/eval.def"
#pragma GCC diagnostic pop

/* Second reading: the evaluators. */
#define EVALUATOR(op, call) \
    bool eval_##op(Interp *in, const InstData *i) { return call; }
#define INT1(op, e) EVALUATOR(op, apply1(in, i, op##_lane, op##_wide))
#define INT2(op, e) EVALUATOR(op, apply2(in, i, op##_lane, op##_wide))
#define DERIVE2(op, e, o) \
    EVALUATOR(op, apply_derive(in, i, op##_lane, op##_wide, op##_origin))
#define INT3(op, e) EVALUATOR(op, apply3(in, i, op##_lane, op##_wide))
#define LANE2(op, e) EVALUATOR(op, lanes2(in, i, op##_lane))
#define SHIFT(op, e) EVALUATOR(op, apply_shift(in, i, op##_lane, op##_wide))
#define TRAP2(op, t, e) \
    EVALUATOR(op, apply_trap(in, i, op##_trap, op##_lane, op##_wide_trap, op##_wide))
#define FLAG2(op, e, f) \
    EVALUATOR(op, apply_flag(in, i, NULL, op##_lane, op##_flag, op##_wide, op##_wide_flag))
#define FLAG3(op, e, f) \
    EVALUATOR(op, apply_flag(in, i, operand(in, i, 2), op##_lane, op##_flag, op##_wide, \
                             op##_wide_flag))
#define CONVERT(op, e) EVALUATOR(op, apply_convert(in, i, op##_wide))
#define FLOAT1(op, e, s) EVALUATOR(op, apply_float1(in, i, op##_f32, op##_f64, s))
#define FLOAT2(op, e, s) EVALUATOR(op, apply_float2(in, i, op##_f32, op##_f64, s))
#define FLOAT3(op, e, s) EVALUATOR(op, apply_float3(in, i, op##_f32, op##_f64, s))
#define WIDEN(op, upper, e) EVALUATOR(op, apply_widen(in, i, upper, op##_lane))
#define NARROW(op, e) EVALUATOR(op, apply_narrow(in, i, op##_lane))
#define REFUSE(op, why) \
    bool eval_##op(Interp *in, const InstData *i) { (void)i; return stop_refused(in, "%s", why); }
#include "interp/eval.def"
