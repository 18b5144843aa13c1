/* Float instructions against the processor's own (SSE2 by intrinsics, which no compiler folds into
 * other arithmetic), and against results that were worked out by hand. */
#include "apply.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#define NAN32 UINT32_C(0x7fc00000)
#define NAN64 UINT64_C(0x7ff8000000000000)

static uint64_t bits64(double x) { return (Bits){.f64 = {x}}.u64[0]; }
static uint32_t bits32(float x) { return (Bits){.f32 = {x}}.u32[0]; }
static double double_of(uint64_t bits) { return (Bits){.u64 = {bits}}.f64[0]; }
static float float_of(uint32_t bits) { return (Bits){.u32 = {bits}}.f32[0]; }

static const uint64_t samples64[] = {
    0, 0x8000000000000000, /* zeros */
    1, 0x8000000000000001, 0x000fffffffffffff, /* subnormal */
    0x0010000000000000, 0x8010000000000000, 0x001fffffffffffff, /* smallest normal */
    0x3ff0000000000000, 0xbff0000000000000, 0x3ff0000000000001, 0x3fefffffffffffff, /* 1 */
    0x3fe0000000000000, 0xbfe0000000000000, 0x3fdfffffffffffff, 0x3ff8000000000000, /* 0.5, 1.5 */
    0x4004000000000000, 0xc004000000000000, 0x400c000000000000, /* 2.5, 3.5 */
    0x3fb999999999999a, 0x3fd5555555555555, 0x4005bf0a8b145769, /* 0.1, 1/3, e */
    0x4320000000000001, 0x4330000000000000, 0x432fffffffffffff, 0xc32fffffffffffff, /* 2^51.. */
    0x41dfffffffc00000, 0x43e0000000000000, 0x43f0000000000000, 0xc3e0000000000000,
    0x36a0000000000000, 0x380fffffffffffff, 0x3810000000000000, 0x47efffffefffffff,
    0x47effffff0000000, /* around the limits of f32 */
    0x7fefffffffffffff, 0xffefffffffffffff, 0x7ff0000000000000, 0xfff0000000000000,
    0x7ff8000000000000, 0xfff8000000000000, 0x7ff0000000000001, 0xfff7ffffffffffff,
    0x7ff8dead00000001, /* NaNs, signalling ones too */
};

static const uint32_t samples32[] = {
    0, 0x80000000, 1, 0x80000001, 0x007fffff, 0x00800000, 0x80800000, 0x3f800000, 0xbf800000,
    0x3f800001, 0x3f7fffff, 0x3f000000, 0xbf000000, 0x3effffff, 0x3fc00000, 0x40200000, 0xc0200000,
    0x40600000, 0x3dcccccd, 0x3eaaaaab, 0x402df854, 0x4a800001, 0x4b000000, 0x4affffff, 0xcaffffff,
    0x4effffff, 0x4f000000, 0x5f000000, 0x5f800000, 0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000,
    0x7fc00000, 0xffc00000, 0x7f800001, 0xffbfffff, 0x7fc0dead,
};

static uint64_t one_nan64(double x) { return x != x ? NAN64 : bits64(x); }
static uint32_t one_nan32(float x) { return x != x ? NAN32 : bits32(x); }

#define SSE_DOUBLE(name, intrinsic) \
    static double name##64(double x, double y) \
    { \
        return _mm_cvtsd_f64(intrinsic(_mm_set_sd(x), _mm_set_sd(y))); \
    }
#define SSE_FLOAT(name, intrinsic) \
    static float name##32(float x, float y) \
    { \
        return _mm_cvtss_f32(intrinsic(_mm_set_ss(x), _mm_set_ss(y))); \
    }
SSE_DOUBLE(add, _mm_add_sd) SSE_FLOAT(add, _mm_add_ss)
SSE_DOUBLE(sub, _mm_sub_sd) SSE_FLOAT(sub, _mm_sub_ss)
SSE_DOUBLE(mul, _mm_mul_sd) SSE_FLOAT(mul, _mm_mul_ss)
SSE_DOUBLE(quotient, _mm_div_sd) SSE_FLOAT(quotient, _mm_div_ss)

/* Minimum and maximum from total order of the bits: sign and magnitude to two's complement. */
static int64_t rank64(double x)
{
    int64_t n = (int64_t)bits64(x);
    return n < 0 ? INT64_MIN - n - 1 : n;
}

static int64_t rank32(float x)
{
    int32_t n = (int32_t)bits32(x);
    return n < 0 ? (int64_t)INT32_MIN - n - 1 : n;
}

#define MIN_MAX(type, suffix) \
    static type min##suffix(type x, type y) \
    { \
        return isnan(x) || isnan(y) ? NAN : rank##suffix(x) < rank##suffix(y) ? x : y; \
    } \
    static type max##suffix(type x, type y) \
    { \
        return isnan(x) || isnan(y) ? NAN : rank##suffix(x) < rank##suffix(y) ? y : x; \
    }
MIN_MAX(double, 64)
MIN_MAX(float, 32)

static void arithmetic(void **state)
{
    (void)state;
    static const struct {
        Op op;
        double (*f64)(double, double);
        float (*f32)(float, float);
    } rows[] = {
        {OP_fadd, add64, add32},           {OP_fsub, sub64, sub32}, {OP_fmul, mul64, mul32},
        {OP_fdiv, quotient64, quotient32}, {OP_fmin, min64, min32}, {OP_fmax, max64, max32},
    };
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(rows); k++) {
        InstData data = {.op = (uint8_t)rows[k].op, .type = TY_f64};
        uint32_t f64 = bench_function(&b, data, (Type[]){TY_f64, TY_f64}, 2, NULL);
        data.type = TY_f32;
        uint32_t f32 = bench_function(&b, data, (Type[]){TY_f32, TY_f32}, 2, NULL);
        for (unsigned i = 0; i < countof(samples64); i++)
            for (unsigned j = 0; j < countof(samples64); j++) {
                Bits args[2] = {bits_of(samples64[i]), bits_of(samples64[j])};
                InterpResult r = bench_run(&b, f64, args, 2);
                double e = rows[k].f64(double_of(samples64[i]), double_of(samples64[j]));
                if (r.results[0].u64[0] != one_nan64(e))
                    fail_msg("%s %llx %llx", op_name(rows[k].op), (unsigned long long)samples64[i],
                             (unsigned long long)samples64[j]);
            }
        for (unsigned i = 0; i < countof(samples32); i++)
            for (unsigned j = 0; j < countof(samples32); j++) {
                Bits args[2] = {bits_of(samples32[i]), bits_of(samples32[j])};
                InterpResult r = bench_run(&b, f32, args, 2);
                float e = rows[k].f32(float_of(samples32[i]), float_of(samples32[j]));
                if (r.results[0].u64[0] != one_nan32(e))
                    fail_msg("%s %x %x", op_name(rows[k].op), samples32[i], samples32[j]);
            }
    }
    bench_close(&b);
}

/* Rounding by the exponent: bits below the point are cut off, then what was cut decides. `up` says
 * whether a magnitude with integer part `n` and cut-off `fraction` of `one` goes up. */
typedef bool GoesUp(bool negative, uint64_t n, uint64_t fraction, uint64_t one);

static bool up_never(bool s, uint64_t n, uint64_t f, uint64_t one)
{
    (void)s; (void)n; (void)f; (void)one;
    return false;
}

static bool up_positive(bool s, uint64_t n, uint64_t f, uint64_t one)
{
    (void)n; (void)one;
    return f && !s;
}

static bool up_negative(bool s, uint64_t n, uint64_t f, uint64_t one)
{
    (void)n; (void)one;
    return f && s;
}

static bool up_nearest_even(bool s, uint64_t n, uint64_t f, uint64_t one)
{
    (void)s;
    return 2 * f > one || (2 * f == one && (n & 1));
}

static uint64_t rounded(uint64_t x, unsigned mantissa, unsigned exponent_bits, GoesUp *goes_up)
{
    unsigned bias = (1u << (exponent_bits - 1)) - 1;
    uint64_t sign = x >> (mantissa + exponent_bits) << (mantissa + exponent_bits);
    uint64_t magnitude = x ^ sign, unit = UINT64_C(1) << mantissa;
    unsigned exponent = (unsigned)(magnitude >> mantissa);
    uint64_t infinity = (uint64_t)((2 << (exponent_bits - 1)) - 1) << mantissa;
    if (magnitude > infinity) return infinity | unit >> 1; /* the one NaN */
    if (exponent >= bias + mantissa) return x;
    if (exponent < bias) {
        /* below 1: only whether it is above, at or below one half matters */
        uint64_t half = (uint64_t)(bias - 1) << mantissa;
        uint64_t fraction = !magnitude ? 0 : magnitude < half ? 1 : magnitude == half ? 2 : 3;
        return sign | (goes_up(sign, 0, fraction, 4) ? (uint64_t)bias << mantissa : 0);
    }
    uint64_t one = unit >> (exponent - bias), fraction = magnitude & (one - 1);
    uint64_t whole = ((magnitude & (unit - 1)) | unit) / one;
    uint64_t down = magnitude - fraction; /* adding one unit may carry into the exponent: right */
    return sign | (goes_up(sign, whole, fraction, one) ? down + one : down);
}

static uint64_t root64(uint64_t x)
{
    __m128d r = _mm_sqrt_sd(_mm_setzero_pd(), _mm_set_sd(double_of(x)));
    return one_nan64(_mm_cvtsd_f64(r));
}

static uint32_t root32(uint32_t x)
{
    return one_nan32(_mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(float_of(x)))));
}

static void check_unary(Bench *b, Op op, GoesUp *goes_up)
{
    for (unsigned i = 0; i < countof(samples64); i++) {
        Bits x = bits_of(samples64[i]);
        InterpResult r = bench_apply(b, op, TY_f64, &x, 1);
        uint64_t e = goes_up ? rounded(x.u64[0], 52, 11, goes_up) : root64(x.u64[0]);
        if (r.results[0].u64[0] != e)
            fail_msg("%s.f64 %llx: %llx, not %llx", op_name(op), (unsigned long long)x.u64[0],
                     (unsigned long long)r.results[0].u64[0], (unsigned long long)e);
    }
    for (unsigned i = 0; i < countof(samples32); i++) {
        Bits x = bits_of(samples32[i]);
        InterpResult r = bench_apply(b, op, TY_f32, &x, 1);
        uint64_t e = goes_up ? rounded(x.u64[0], 23, 8, goes_up) : root32(x.u32[0]);
        if (r.results[0].u64[0] != e)
            fail_msg("%s.f32 %x: %x, not %x", op_name(op), x.u32[0], r.results[0].u32[0],
                     (unsigned)e);
    }
}

static void roots_and_rounding(void **state)
{
    (void)state;
    Bench b = bench_open();
    check_unary(&b, OP_sqrt, NULL);
    check_unary(&b, OP_trunc, up_never);
    check_unary(&b, OP_ceil, up_positive);
    check_unary(&b, OP_floor, up_negative);
    check_unary(&b, OP_nearest, up_nearest_even);
    bench_close(&b);
}

/* Sums of products whose exact value is known. */
static void multiplies_and_adds_exactly(void **state)
{
    (void)state;
    static const struct {
        uint64_t x, y, z, expected;
    } rows[] = {
        /* (1 + 2^-52)^2 - (1 + 2^-51) = 2^-104: nothing is left when the product is rounded */
        {0x3ff0000000000001, 0x3ff0000000000001, 0xbff0000000000002, 0x3970000000000000},
        /* (1 + 2^-52)(1 - 2^-52) - 1 = -2^-104 */
        {0x3ff0000000000001, 0x3feffffffffffffe, 0xbff0000000000000, 0xb970000000000000},
        /* a product beyond the range that the addend brings back: 2^1023 * 2 - max */
        {0x7fe0000000000000, 0x4000000000000000, 0xffefffffffffffff, 0x7ca0000000000000},
        /* a product below the range rounds away, but not the sum's sign of zero */
        {1, 1, 0, 0},
        {0x8000000000000001, 1, 0, 0x8000000000000000},
        {0x3ff0000000000000, 0, 0x8000000000000000, 0},
        {0x7ff0000000000000, 0, 0x3ff0000000000000, NAN64},
        {0x7ff0000000000000, 0x3ff0000000000000, 0xfff0000000000000, NAN64},
        {0x7ff8000000000001, 0, 0, NAN64},
        {0, 0, 0xfff0000000000001, NAN64},
    };
    static const struct {
        uint32_t x, y, z, expected;
    } narrow[] = {
        {0x3f800001, 0x3f800001, 0xbf800002, 0x28800000}, /* 2^-46 */
        /* 1 + 2^-24 is a tie; one more in the 2^-60s decides: rounding twice would not see it */
        {0x3f800000, 0x3f800000, 0x33800000, 0x3f800000},
        {0x3f800001, 0x337fffff, 0x3f800000, 0x3f800001},
        {0x3f800001, 0x337ffffe, 0x3f800000, 0x3f800000},
        {0x7f7fffff, 0x40000000, 0xff7fffff, 0x7f7fffff},
    };
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(rows); k++) {
        Bits args[3] = {bits_of(rows[k].x), bits_of(rows[k].y), bits_of(rows[k].z)};
        InterpResult r = bench_apply(&b, OP_fma, TY_f64, args, 3);
        assert_int_equal(r.results[0].u64[0], rows[k].expected);
    }
    for (unsigned k = 0; k < countof(narrow); k++) {
        Bits args[3] = {bits_of(narrow[k].x), bits_of(narrow[k].y), bits_of(narrow[k].z)};
        InterpResult r = bench_apply(&b, OP_fma, TY_f32, args, 3);
        assert_int_equal(r.results[0].u64[0], narrow[k].expected);
    }
    bench_close(&b);
}

/* NaNs keep their payload, and only the sign changes. */
static void signs_are_bits(void **state)
{
    (void)state;
    Bench b = bench_open();
    for (unsigned i = 0; i < countof(samples64); i++) {
        uint64_t x = samples64[i], top = UINT64_C(1) << 63;
        Bits args[2] = {bits_of(x), bits_of(top)};
        assert_int_equal(bench_apply(&b, OP_fneg, TY_f64, args, 1).results[0].u64[0], x ^ top);
        assert_int_equal(bench_apply(&b, OP_fabs, TY_f64, args, 1).results[0].u64[0], x & ~top);
        InterpResult r = bench_apply(&b, OP_fcopysign, TY_f64, args, 2);
        assert_int_equal(r.results[0].u64[0], x | top);
        args[1] = bits_of(1);
        r = bench_apply(&b, OP_fcopysign, TY_f64, args, 2);
        assert_int_equal(r.results[0].u64[0], x & ~top);
    }
    Bits half = bits_of(0x7e01);
    assert_int_equal(bench_apply(&b, OP_fneg, TY_f16, &half, 1).results[0].u64[0], 0xfe01);
    Bits quad = {.u64 = {5, 0x8000000000000001}};
    Bits r = bench_apply(&b, OP_fabs, TY_f128, &quad, 1).results[0];
    assert_true(bits_equal(r, (Bits){.u64 = {5, 1}}));
    Bits lanes = {.u32 = {0x80000000, 0x7fc00001, 1, 0xff800000}};
    r = bench_apply(&b, OP_fneg, TY_f32x4, &lanes, 1).results[0];
    assert_true(bits_equal(r, (Bits){.u32 = {0, 0xffc00001, 0x80000001, 0x7f800000}}));
    bench_close(&b);
}

/* Each condition is a set of outcomes: less, equal, greater, unordered. */
static void compares(void **state)
{
    (void)state;
    enum { LESS = 1, EQUAL = 2, GREATER = 4, UNORDERED = 8 };
    static const unsigned sets[FLOATCC_COUNT] = {
        [FLOATCC_ord] = LESS | EQUAL | GREATER,
        [FLOATCC_uno] = UNORDERED,
        [FLOATCC_eq] = EQUAL,
        [FLOATCC_ne] = LESS | GREATER | UNORDERED,
        [FLOATCC_one] = LESS | GREATER,
        [FLOATCC_ueq] = EQUAL | UNORDERED,
        [FLOATCC_lt] = LESS,
        [FLOATCC_le] = LESS | EQUAL,
        [FLOATCC_gt] = GREATER,
        [FLOATCC_ge] = GREATER | EQUAL,
        [FLOATCC_ult] = LESS | UNORDERED,
        [FLOATCC_ule] = LESS | EQUAL | UNORDERED,
        [FLOATCC_ugt] = GREATER | UNORDERED,
        [FLOATCC_uge] = GREATER | EQUAL | UNORDERED,
    };
    Bench b = bench_open();
    for (unsigned cc = 0; cc < FLOATCC_COUNT; cc++) {
        InstData data = {.op = OP_fcmp, .type = TY_f64, .cond = (uint8_t)cc};
        uint32_t f64 = bench_function(&b, data, (Type[]){TY_f64, TY_f64}, 2, NULL);
        data.type = TY_f32;
        uint32_t f32 = bench_function(&b, data, (Type[]){TY_f32, TY_f32}, 2, NULL);
        for (unsigned k = 0; k < countof(samples64) * countof(samples64); k++) {
            uint64_t x = samples64[k / countof(samples64)], y = samples64[k % countof(samples64)];
            double p = double_of(x), q = double_of(y);
            bool both_zero = !(x << 1) && !(y << 1);
            unsigned outcome = isnan(p) || isnan(q)                 ? UNORDERED
                               : both_zero || x == y                ? EQUAL
                               : rank64(p) < rank64(q)              ? LESS
                                                                    : GREATER;
            InterpResult r = bench_run(&b, f64, (Bits[]){bits_of(x), bits_of(y)}, 2);
            assert_int_equal(r.results[0].u64[0], (sets[cc] & outcome) != 0);
        }
        for (unsigned k = 0; k < countof(samples32) * countof(samples32); k++) {
            uint32_t x = samples32[k / countof(samples32)], y = samples32[k % countof(samples32)];
            float p = float_of(x), q = float_of(y);
            bool both_zero = !(x << 1) && !(y << 1);
            unsigned outcome = isnan(p) || isnan(q)                 ? UNORDERED
                               : both_zero || x == y                ? EQUAL
                               : rank32(p) < rank32(q)              ? LESS
                                                                    : GREATER;
            InterpResult r = bench_run(&b, f32, (Bits[]){bits_of(x), bits_of(y)}, 2);
            assert_int_equal(r.results[0].u64[0], (sets[cc] & outcome) != 0);
        }
    }
    bench_close(&b);
}

/* Converts one value between two types. */
static InterpResult convert(Bench *b, Op op, Type from, Type to, Bits x)
{
    bench_clear(b);
    InstData data = {.op = (uint8_t)op, .type = (uint8_t)to};
    return bench_run(b, bench_function(b, data, &from, 1, NULL), &x, 1);
}

/* Literal floats, so that the table reads as the rule: what is cut off at the point must fit. */
static void floats_to_integers(void **state)
{
    (void)state;
    enum { FITS = 0, BAD = TRAP_bad_toint, OVER = TRAP_int_ovf };
    static const struct {
        double x;
        Type to;
        bool is_signed;
        TrapCode trap;
        uint64_t expected; /* of the saturating form, and of the other when it does not trap */
    } rows[] = {
        {0.0, TY_i8, true, FITS, 0},
        {-0.0, TY_i8, false, FITS, 0},
        {-0.999, TY_i8, false, FITS, 0},
        {-1.0, TY_i8, false, OVER, 0},
        {255.999, TY_i8, false, FITS, 255},
        {256.0, TY_i8, false, OVER, 255},
        {127.999, TY_i8, true, FITS, 127},
        {128.0, TY_i8, true, OVER, 127},
        {-128.999, TY_i8, true, FITS, 0x80},
        {-129.0, TY_i8, true, OVER, 0x80},
        {-1.5, TY_i16, true, FITS, 0xffff},
        {32768.0, TY_i16, true, OVER, 0x7fff},
        {65535.5, TY_i16, false, FITS, 0xffff},
        {2147483647.5, TY_i32, true, FITS, 0x7fffffff},
        {2147483648.0, TY_i32, true, OVER, 0x7fffffff},
        {-2147483648.9, TY_i32, true, FITS, 0x80000000},
        {-2147483649.0, TY_i32, true, OVER, 0x80000000},
        {4294967295.5, TY_i32, false, FITS, 0xffffffff},
        {4294967296.0, TY_i32, false, OVER, 0xffffffff},
        {0x1.fffffffffffffp62, TY_i64, true, FITS, 0x7ffffffffffffc00},
        {0x1p63, TY_i64, true, OVER, 0x7fffffffffffffff},
        {-0x1p63, TY_i64, true, FITS, 0x8000000000000000},
        {-0x1.0000000000001p63, TY_i64, true, OVER, 0x8000000000000000},
        {0x1p63, TY_i64, false, FITS, 0x8000000000000000},
        {0x1.fffffffffffffp63, TY_i64, false, FITS, 0xfffffffffffff800},
        {0x1p64, TY_i64, false, OVER, 0xffffffffffffffff},
        {INFINITY, TY_i32, true, OVER, 0x7fffffff},
        {-INFINITY, TY_i32, true, OVER, 0x80000000},
        {INFINITY, TY_i32, false, OVER, 0xffffffff},
        {-INFINITY, TY_i64, false, OVER, 0},
        {NAN, TY_i32, true, BAD, 0},
        {-NAN, TY_i64, false, BAD, 0},
    };
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(rows); k++) {
        bool narrow = (double)(float)rows[k].x == rows[k].x || isnan(rows[k].x);
        for (unsigned w = 0; w < 1u + narrow; w++) {
            Type from = w ? TY_f32 : TY_f64;
            Bits x = w ? bits_of(bits32((float)rows[k].x)) : bits_of(bits64(rows[k].x));
            Op trapping = rows[k].is_signed ? OP_fcvt_to_sint : OP_fcvt_to_uint;
            Op saturating = rows[k].is_signed ? OP_fcvt_to_sint_sat : OP_fcvt_to_uint_sat;
            InterpResult r = convert(&b, trapping, from, rows[k].to, x);
            assert_int_equal(r.status, rows[k].trap ? INTERP_trapped : INTERP_returned);
            assert_int_equal(r.trap, rows[k].trap);
            if (!rows[k].trap) assert_int_equal(r.results[0].u64[0], rows[k].expected);
            r = convert(&b, saturating, from, rows[k].to, x);
            assert_int_equal(r.status, INTERP_returned);
            assert_int_equal(r.results[0].u64[0], rows[k].expected);
        }
    }
    bench_close(&b);
}

static void integers_to_floats(void **state)
{
    (void)state;
    static const struct {
        uint64_t x;
        Type from;
        bool is_signed;
        float f32;
        double f64;
    } rows[] = {
        {0, TY_i8, true, 0.0f, 0.0},
        {0x80, TY_i8, true, -128.0f, -128.0},
        {0x80, TY_i8, false, 128.0f, 128.0},
        {0xffff, TY_i16, true, -1.0f, -1.0},
        {0xffff, TY_i16, false, 65535.0f, 65535.0},
        {0x01000001, TY_i32, true, 16777216.0f, 16777217.0}, /* tie, to even */
        {0x01000003, TY_i32, true, 16777220.0f, 16777219.0},
        {0xffffffff, TY_i32, false, 4294967296.0f, 4294967295.0},
        {0x7fffffff, TY_i32, true, 2147483648.0f, 2147483647.0},
        {0x0020000000000001, TY_i64, true, 0x1p53f, 0x1p53},
        {0x0020000000000003, TY_i64, false, 0x1p53f, 0x1.0000000000002p53},
        {0xffffffffffffffff, TY_i64, false, 0x1p64f, 0x1p64},
        {0xffffffffffffffff, TY_i64, true, -1.0f, -1.0},
        {0x8000000000000000, TY_i64, true, -0x1p63f, -0x1p63},
        {0x8000008000000001, TY_i64, false, 0x1.000002p63f, 0x1.00000100000p63}, /* above a tie */
        {0x8000000000000400, TY_i64, false, 0x1p63f, 0x1p63},
        {0x8000000000000401, TY_i64, false, 0x1p63f, 0x1.0000000000001p63},
    };
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(rows); k++) {
        Op op = rows[k].is_signed ? OP_fcvt_from_sint : OP_fcvt_from_uint;
        InterpResult r = convert(&b, op, rows[k].from, TY_f32, bits_of(rows[k].x));
        assert_int_equal(r.results[0].u64[0], bits32(rows[k].f32));
        r = convert(&b, op, rows[k].from, TY_f64, bits_of(rows[k].x));
        assert_int_equal(r.results[0].u64[0], bits64(rows[k].f64));
    }
    Bits minus_one = {.u64 = {UINT64_MAX, UINT64_MAX}};
    InterpResult r = convert(&b, OP_fcvt_from_uint, TY_i128, TY_f64, minus_one);
    assert_int_equal(r.results[0].u64[0], bits64(0x1p128));
    r = convert(&b, OP_fcvt_from_sint, TY_i128, TY_f64, minus_one);
    assert_int_equal(r.results[0].u64[0], bits64(-1.0));
    bench_close(&b);
}

static void between_floats(void **state)
{
    (void)state;
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(samples64); k++) {
        double x = double_of(samples64[k]);
        float e = _mm_cvtss_f32(_mm_cvtsd_ss(_mm_setzero_ps(), _mm_set_sd(x)));
        InterpResult r = convert(&b, OP_fdemote, TY_f64, TY_f32, bits_of(samples64[k]));
        assert_int_equal(r.results[0].u64[0], one_nan32(e));
    }
    for (unsigned k = 0; k < countof(samples32); k++) {
        float x = float_of(samples32[k]);
        double e = _mm_cvtsd_f64(_mm_cvtss_sd(_mm_setzero_pd(), _mm_set_ss(x)));
        InterpResult r = convert(&b, OP_fpromote, TY_f32, TY_f64, bits_of(samples32[k]));
        assert_int_equal(r.results[0].u64[0], one_nan64(e));
    }
    bench_close(&b);
}

static void refuses_wide_vectors(void **state)
{
    (void)state;
    Bench b = bench_open();
    Bits x = bits_of(0), xs[2] = {x, x};
    assert_int_equal(bench_apply(&b, OP_fadd, TY_f32x8, xs, 2).status, INTERP_refused);
    assert_int_equal(bench_apply(&b, OP_sqrt, TY_f16x16, &x, 1).status, INTERP_refused);
    InterpResult r = convert(&b, OP_fcvt_to_sint_sat, TY_f64x4, TY_i64x4, x);
    assert_int_equal(r.status, INTERP_refused);
    assert_non_null(strstr(r.reason, "f64x4"));
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arithmetic),
        cmocka_unit_test(roots_and_rounding),
        cmocka_unit_test(multiplies_and_adds_exactly),
        cmocka_unit_test(signs_are_bits),
        cmocka_unit_test(compares),
        cmocka_unit_test(floats_to_integers),
        cmocka_unit_test(integers_to_floats),
        cmocka_unit_test(between_floats),
        cmocka_unit_test(refuses_wide_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
