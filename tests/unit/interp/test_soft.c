/* Arithmetic in integers against the machine's: formats of 32 and 64 bits go the same ways as those
 * of 16 and 128. Then what only these have: values worked out by hand or by another program. */
#include "interp/soft.h"

#include "base/rng.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

enum { ROUNDS = 200000 };

/* Near the ends of ranges, near one another, and anything. */
static uint64_t draw(Rng *rng, unsigned bits)
{
    unsigned fraction = bits == 32 ? 23 : 52;
    uint64_t x = rng_u64(rng), top = bits == 32 ? 255 : 2047, mask = UINT64_MAX >> (64 - bits);
    uint64_t sign = x >> 63 << (bits - 1), few = x >> 8 & 7;
    switch (x & 7) {
    case 0: return sign;
    case 1: return sign | top << fraction;
    case 2: return sign | (top - 1) << fraction | (few ? rng_u64(rng) & (mask >> 12) : 0);
    case 3: return sign | (rng_u64(rng) & ((UINT64_C(1) << fraction) - 1)); /* subnormal */
    case 4: return sign | (top / 2 + few) << fraction | few; /* few digits */
    case 5: return sign | ((top / 2 - 4 + few) << fraction) | (rng_u64(rng) & 0xffff);
    case 6: return sign | ((top / 2 + (x >> 16 & 127)) << fraction) | (rng_u64(rng) & 0x3fffff);
    default: return rng_u64(rng) & mask;
    }
}

static float as_f32(Wide x)
{
    uint32_t bits = (uint32_t)x;
    float f;
    return memcpy(&f, &bits, sizeof f), f;
}

static double as_f64(Wide x)
{
    uint64_t bits = (uint64_t)x;
    double f;
    return memcpy(&f, &bits, sizeof f), f;
}

static Wide of_f32(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return f == f ? bits : 0x7fc00000;
}

static Wide of_f64(double f)
{
    uint64_t bits;
    memcpy(&bits, &f, sizeof bits);
    return f == f ? bits : 0x7ff8000000000000;
}

static void same(const char *what, unsigned bits, Wide x, Wide y, Wide z, Wide got, Wide want)
{
    if (got == want) return;
    fail_msg("%s of %u bits: %#llx %#llx %#llx gives %#llx, not %#llx", what, bits,
             (unsigned long long)x, (unsigned long long)y, (unsigned long long)z,
             (unsigned long long)got, (unsigned long long)want);
}

#define CHECK_ALL(bits, as, of, fma_, sqrt_, ceil_, floor_, trunc_, rint_) \
    do { \
        same("add", bits, x, y, 0, soft_add(x, y, bits), of(as(x) + as(y))); \
        same("sub", bits, x, y, 0, soft_sub(x, y, bits), of(as(x) - as(y))); \
        same("mul", bits, x, y, 0, soft_mul(x, y, bits), of(as(x) * as(y))); \
        same("div", bits, x, y, 0, soft_div(x, y, bits), of(as(x) / as(y))); \
        same("fma", bits, x, y, z, soft_fma(x, y, z, bits), of(fma_(as(x), as(y), as(z)))); \
        same("sqrt", bits, x, 0, 0, soft_sqrt(x, bits), of(sqrt_(as(x)))); \
        same("ceil", bits, x, 0, 0, soft_ceil(x, bits), of(ceil_(as(x)))); \
        same("floor", bits, x, 0, 0, soft_floor(x, bits), of(floor_(as(x)))); \
        same("trunc", bits, x, 0, 0, soft_trunc(x, bits), of(trunc_(as(x)))); \
        same("nearest", bits, x, 0, 0, soft_nearest(x, bits), of(rint_(as(x)))); \
        SoftPair p = soft_compare(x, y, bits); \
        same("less", bits, x, y, 0, p.x < p.y, as(x) < as(y)); \
        same("equal", bits, x, y, 0, p.x == p.y, as(x) == as(y)); \
        same("greater", bits, x, y, 0, p.x > p.y, as(x) > as(y)); \
    } while (0)

static void as_the_machine(void **state)
{
    (void)state;
    Rng rng = rng_seeded(7);
    for (unsigned k = 0; k < ROUNDS; k++) {
        Wide x = draw(&rng, 32), y = draw(&rng, 32), z = draw(&rng, 32);
        if (k % 5 == 0) z = soft_mul(x, y, 32) ^ (Wide)1 << 31; /* little is left */
        CHECK_ALL(32, as_f32, of_f32, fmaf, sqrtf, ceilf, floorf, truncf, rintf);
        same("promote", 32, x, 0, 0, soft_convert(x, 32, 64), of_f64(as_f32(x)));
    }
    for (unsigned k = 0; k < ROUNDS; k++) {
        Wide x = draw(&rng, 64), y = draw(&rng, 64), z = draw(&rng, 64);
        if (k % 5 == 0) z = soft_mul(x, y, 64) ^ (Wide)1 << 63;
        CHECK_ALL(64, as_f64, of_f64, fma, sqrt, ceil, floor, trunc, rint);
        same("demote", 64, x, 0, 0, soft_convert(x, 64, 32), of_f32((float)as_f64(x)));
    }
}

static void integers(void **state)
{
    (void)state;
    Rng rng = rng_seeded(8);
    for (unsigned k = 0; k < ROUNDS; k++) {
        Wide n = (Wide)rng_u64(&rng) << 64 | rng_u64(&rng);
        n >>= rng_u64(&rng) % 128;
        same("f32", 32, n, 0, 0, soft_from_int(n, false, 32), of_f32((float)n));
        same("f64", 64, n, 0, 0, soft_from_int(n, true, 64), of_f64(-(double)n));
        Wide x = of_f64((double)(uint64_t)n * 0x1p-20);
        same("integer", 64, x, 0, 0, soft_to_int(x, 64).magnitude, (Wide)as_f64(x));
    }
    assert_true(soft_to_int(0x7ff8000000000000, 64).nan);
    assert_true(soft_to_int(0x47f0000000000000, 64).too_large); /* 2^128 */
    assert_false(soft_to_int(0x47efffffffffffff, 64).too_large);
    assert_true(soft_to_int(0xbff0000000000000, 64).negative);
}

/* In eighths, halves and so on of 16 bits. */
static void half_precision(void **state)
{
    (void)state;
    static const struct {
        Wide (*f)(Wide, Wide, unsigned);
        uint16_t x, y, want;
    } rows[] = {
        {soft_add, 0x3c00, 0x4000, 0x4200}, /* 1 + 2 = 3 */
        {soft_add, 0x7bff, 0x4c00, 0x7c00}, /* 65504 + 16: half a unit, to even, is infinity */
        {soft_add, 0x7bff, 0x4bff, 0x7bff},
        {soft_add, 0x3c00, 0x1000, 0x3c00}, /* 1 + 2^-11: half a unit, to even */
        {soft_add, 0x3c01, 0x1000, 0x3c02},
        {soft_add, 0x0001, 0x0001, 0x0002}, /* subnormal */
        {soft_sub, 0x0400, 0x0001, 0x03ff},
        {soft_mul, 0x3800, 0x0001, 0x0000}, /* half of the smallest, to even */
        {soft_mul, 0x3800, 0x0003, 0x0002},
        {soft_div, 0x3c00, 0x4200, 0x3555}, /* 1/3 */
        {soft_min, 0x8000, 0x0000, 0x8000},
        {soft_max, 0x8000, 0x0000, 0x0000},
        {soft_min, 0x7c01, 0x0000, 0x7e00},
    };
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++)
        same("row", 16, rows[k].x, rows[k].y, k, rows[k].f(rows[k].x, rows[k].y, 16),
             rows[k].want);
    same("sqrt", 16, 0x4000, 0, 0, soft_sqrt(0x4000, 16), 0x3da8);
    same("demote", 16, 0, 0, 0, soft_convert(0x3f801000, 32, 16), 0x3c00); /* a tie */
    same("demote", 16, 0, 0, 0, soft_convert(0x3f801001, 32, 16), 0x3c01);
    same("demote", 16, 0, 0, 0, soft_convert(0x477ff000, 32, 16), 0x7c00); /* 65520 */
    /* all numbers survive wider formats */
    for (unsigned x = 0; x < 0x7c00; x++)
        for (unsigned to = 32; to <= 128; to *= 2)
            same("round trip", to, x, 0, 0, soft_convert(soft_convert(x, 16, to), to, 16), x);
}

static Wide wide(uint64_t high, uint64_t low) { return (Wide)high << 64 | low; }

/* Sums and products of doubles are exact in 128 bits, or round as these say. */
static void quadruple_precision(void **state)
{
    (void)state;
    Wide one = wide(0x3fff000000000000, 0), three = wide(0x4000800000000000, 0);
    Wide third = wide(0x3ffd555555555555, 0x5555555555555555);
    Wide root_of_two = wide(0x3fff6a09e667f3bc, 0xc908b2fb1366ea95);
    assert_true(soft_div(one, three, 128) == third);
    assert_true(soft_sqrt(wide(0x4000000000000000, 0), 128) == root_of_two);
    assert_true(soft_add(one, wide(0x3f8e000000000000, 0), 128) == one); /* 2^-113: a tie */
    assert_true(soft_add(one, wide(0x3f8e000000000000, 1), 128) == one + 1);
    assert_true(soft_mul(third, three, 128) == one); /* 1 - 2^-114, a tie */
    assert_true(soft_fma(third, three, one ^ (Wide)1 << 127, 128) ==
                wide(0xbf8d000000000000, 0)); /* -2^-114 */
    assert_true(soft_convert(third, 128, 64) == 0x3fd5555555555555);
    assert_true(soft_to_int(wide(0x407effffffffffff, 0xffffffffffffffff), 128).magnitude ==
                ~(Wide)0 << 15);
    Rng rng = rng_seeded(9);
    for (unsigned k = 0; k < ROUNDS; k++) {
        uint64_t x = draw(&rng, 64), y = draw(&rng, 64);
        Wide a = soft_convert(x, 64, 128), b = soft_convert(y, 64, 128);
        same("product", 128, x, y, 0, soft_convert(soft_mul(a, b, 128), 128, 64),
             of_f64(as_f64(x) * as_f64(y)));
        same("back", 128, x, 0, 0, soft_convert(a, 128, 64), of_f64(as_f64(x)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_machine),
        cmocka_unit_test(integers),
        cmocka_unit_test(half_precision),
        cmocka_unit_test(quadruple_precision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
