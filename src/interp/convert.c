/* Evaluators of conversions: floats to integers and back, floats to wider and narrower ones. What C
 * has types for is left to C; formats of 16 and 128 bits and integers of 128 go by soft.h. */
#include "interp/engine.h"
#include "interp/float.h"
#include "interp/soft.h"

static bool is_plain(Type t) { return likely(type_lane_bits(t) == 32 || type_lane_bits(t) == 64); }

/* Lane `k` of type `t` as a double, exactly; as bits. */
static double float_lane(const Bits *x, Type t, unsigned k)
{
    return type_lane_bits(t) == 32 ? (double)x->f32[k] : x->f64[k];
}

static Wide lane_bits(const Bits *x, Type t, unsigned k)
{
    return type_lane_bits(t) == 128 ? x->u128 : bits_lane(x, t, k);
}

static void set_lane(Bits *r, Type t, unsigned k, Wide x)
{
    if (type_lane_bits(t) == 128) r->u128 = x;
    else bits_set_lane(r, t, k, (uint64_t)x);
}

/* ---- floats to integers ------------------------------------------------------------------- */

typedef struct {
    FloatFit fit;
    Wide value;
} Converted;

static Converted fit(SoftInt n, unsigned bits, bool is_signed)
{
    Wide limit = is_signed ? ((Wide)1 << (bits - 1)) - !n.negative
                           : n.negative ? 0 : low128(~(Wide)0, bits);
    bool fits = n.magnitude <= limit && !n.too_large;
    Wide magnitude = fits ? n.magnitude : limit;
    if (n.nan) return (Converted){FLOAT_nan, 0};
    return (Converted){fits ? FLOAT_fits : n.negative ? FLOAT_below : FLOAT_above,
                       low128(n.negative ? -magnitude : magnitude, bits)};
}

static COLD Converted convert_soft(Wide x, Type from, unsigned bits, bool is_signed)
{
    return fit(soft_to_int(x, type_lane_bits(from)), bits, is_signed);
}

static Converted convert(const Bits *x, Type from, unsigned k, Type to, bool is_signed)
{
    unsigned bits = type_lane_bits(to);
    if (!is_plain(from) || bits > 64)
        return convert_soft(lane_bits(x, from, k), from, bits, is_signed);
    uint64_t value;
    double d = float_lane(x, from, k);
    FloatFit done = is_signed ? float_to_signed(d, bits, &value)
                              : float_to_unsigned(d, bits, &value);
    return (Converted){done, value};
}

static bool to_integer(Interp *in, const InstData *i, bool is_signed)
{
    Type from = func_type(in->f, i->args_.few[0]);
    Converted c = convert(operand(in, i, 0), from, 0, (Type)i->type, is_signed);
    switch (c.fit) {
    case FLOAT_fits: break;
    case FLOAT_nan: return stop_trap(in, TRAP_bad_toint);
    case FLOAT_below:
    case FLOAT_above: return stop_trap(in, TRAP_int_ovf);
    }
    *result(in, i) = (Bits){.u128 = c.value};
    return true;
}

bool eval_fcvt_to_uint(Interp *in, const InstData *i) { return to_integer(in, i, false); }
bool eval_fcvt_to_sint(Interp *in, const InstData *i) { return to_integer(in, i, true); }

/* `smallest`: the smallest integer stands for all that does not fit. */
static bool to_lanes(Interp *in, const InstData *i, bool is_signed, bool smallest)
{
    Type from = func_type(in->f, i->args_.few[0]), t = (Type)i->type;
    Bits r = {0};
    if (!fits_bits(in, from) || !fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++) {
        Converted c = convert(operand(in, i, 0), from, k, t, is_signed);
        if (smallest && c.fit != FLOAT_fits) c.value = (Wide)1 << (type_lane_bits(t) - 1);
        set_lane(&r, t, k, c.value);
    }
    *result(in, i) = r;
    return true;
}

bool eval_fcvt_to_uint_sat(Interp *in, const InstData *i) { return to_lanes(in, i, false, false); }
bool eval_fcvt_to_sint_sat(Interp *in, const InstData *i) { return to_lanes(in, i, true, false); }
bool eval_x86_cvtt2dq(Interp *in, const InstData *i) { return to_lanes(in, i, true, true); }

/* ---- integers to floats ------------------------------------------------------------------- */

static COLD Wide soft_from(Wide x, bool is_signed, unsigned bits)
{
    bool negative = is_signed && (SignedWide)x < 0;
    return soft_from_int(negative ? -x : x, negative, bits);
}

/* C's conversions of integers round to nearest even. */
static void set_float(Bits *r, Type t, unsigned k, Wide x, bool is_signed)
{
    unsigned bits = type_lane_bits(t);
    if (!is_plain(t)) set_lane(r, t, k, soft_from(x, is_signed, bits));
    else if (bits == 32) r->f32[k] = is_signed ? (float)(SignedWide)x : (float)x;
    else r->f64[k] = is_signed ? (double)(SignedWide)x : (double)x;
}

static bool from_integer(Interp *in, const InstData *i, bool is_signed)
{
    Type from = func_type(in->f, i->args_.few[0]), t = (Type)i->type;
    Bits r = {0};
    if (!fits_bits(in, from) || !fits_bits(in, t)) return false;
    for (unsigned k = 0; k < type_lanes(t); k++) {
        Wide x = lane_bits(operand(in, i, 0), from, k);
        if (is_signed) x = (Wide)sx128(x, type_lane_bits(from));
        set_float(&r, t, k, x, is_signed);
    }
    *result(in, i) = r;
    return true;
}

bool eval_fcvt_from_uint(Interp *in, const InstData *i) { return from_integer(in, i, false); }
bool eval_fcvt_from_sint(Interp *in, const InstData *i) { return from_integer(in, i, true); }

/* ---- between float widths; a NaN becomes the one NaN -------------------------------------- */

static void set_promoted(Bits *r, unsigned k, float x)
{
    if (x == x) r->f64[k] = x;
    else r->u64[k] = 0x7ff8000000000000;
}

static void set_demoted(Bits *r, unsigned k, double x)
{
    if (x == x) r->f32[k] = (float)x;
    else r->u32[k] = 0x7fc00000;
}

static bool change_format(Interp *in, const InstData *i)
{
    const Bits *x = operand(in, i, 0);
    Type from = func_type(in->f, i->args_.few[0]), t = (Type)i->type;
    Bits r = {0};
    if (!is_plain(from) || !is_plain(t))
        set_lane(&r, t, 0, soft_convert(lane_bits(x, from, 0), type_bits(from), type_bits(t)));
    else if (type_bits(t) == 64) set_promoted(&r, 0, x->f32[0]);
    else set_demoted(&r, 0, x->f64[0]);
    *result(in, i) = r;
    return true;
}

bool eval_fpromote(Interp *in, const InstData *i) { return change_format(in, i); }
bool eval_fdemote(Interp *in, const InstData *i) { return change_format(in, i); }

bool eval_fvdemote(Interp *in, const InstData *i)
{
    Bits r = {0};
    for (unsigned k = 0; k < 2; k++) set_demoted(&r, k, operand(in, i, 0)->f64[k]);
    *result(in, i) = r;
    return true;
}

bool eval_fvpromote_low(Interp *in, const InstData *i)
{
    Bits r = {0};
    for (unsigned k = 0; k < 2; k++) set_promoted(&r, k, operand(in, i, 0)->f32[k]);
    *result(in, i) = r;
    return true;
}
