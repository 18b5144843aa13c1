/* icmp and fcmp: the conditions of compare.def. */
#include "interp/engine.h"
#include "interp/soft.h"

typedef bool Compare64(uint64_t x, uint64_t y, unsigned bits);
typedef bool Compare128(Wide x, Wide y, unsigned bits);
typedef bool CompareFloat(float x, float y);
typedef bool CompareDouble(double x, double y);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define ICMP(cc, e) \
    static bool icmp_##cc##_64(uint64_t x, uint64_t y, unsigned bits) { return e; } \
    static bool icmp_##cc##_128(Wide x, Wide y, unsigned bits) { return e; }
#define FCMP(cc, e) \
    static bool fcmp_##cc##_32(float x, float y) { return e; } \
    static bool fcmp_##cc##_64(double x, double y) { return e; }
#include "interp/compare.def"
#pragma GCC diagnostic pop

static const struct {
    Compare64 *narrow;
    Compare128 *wide;
} int_conds[INTCC_COUNT] = {
#define INTCC(name, inverse, swap) {icmp_##name##_64, icmp_##name##_128},
#define FLOATCC(name, inverse, swap)
#include "ir/conds.def"
};

static const struct {
    CompareFloat *f32;
    CompareDouble *f64;
} float_conds[FLOATCC_COUNT] = {
#define INTCC(name, inverse, swap)
#define FLOATCC(name, inverse, swap) {fcmp_##name##_32, fcmp_##name##_64},
#include "ir/conds.def"
};

bool eval_icmp(Interp *in, const InstData *i)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    Type t = func_type(in->f, i->args_.few[0]);
    unsigned bits = type_lane_bits(t);
    Bits r = {0};
    if (!fits_bits(in, t)) return false;
    if (bits == 128) {
        r.u8[0] = int_conds[i->cond].wide(x->u128, y->u128, bits);
    } else if (type_lanes(t) == 1) {
        r.u8[0] = int_conds[i->cond].narrow(x->u64[0], y->u64[0], bits);
    } else {
        for (unsigned k = 0; k < type_lanes(t); k++) {
            bool yes = int_conds[i->cond].narrow(bits_lane(x, t, k), bits_lane(y, t, k), bits);
            bits_set_lane(&r, t, k, -(uint64_t)yes);
        }
    }
    *result(in, i) = r;
    return true;
}

static COLD bool compare_soft(const InstData *i, const Bits *x, const Bits *y, unsigned bits,
                              unsigned k)
{
    SoftPair p = bits == 16 ? soft_compare(x->u16[k], y->u16[k], bits)
                            : soft_compare(x->u128, y->u128, bits);
    return float_conds[i->cond].f64(p.x, p.y);
}

bool eval_fcmp(Interp *in, const InstData *i)
{
    const Bits *x = operand(in, i, 0), *y = operand(in, i, 1);
    Type t = func_type(in->f, i->args_.few[0]);
    unsigned bits = type_lane_bits(t), n = type_lanes(t);
    Bits r = {0};
    if (!fits_bits(in, t)) return false;
    for (unsigned k = 0; k < n; k++) {
        bool yes = bits == 32   ? float_conds[i->cond].f32(x->f32[k], y->f32[k])
                   : bits == 64 ? float_conds[i->cond].f64(x->f64[k], y->f64[k])
                                : compare_soft(i, x, y, bits, k);
        bits_set_lane(&r, t, k, n > 1 ? -(uint64_t)yes : yes);
    }
    *result(in, i) = r;
    return true;
}
