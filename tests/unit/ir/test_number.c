/* Every statement about a result holds for all values that the operands may have: all pairs of
 * small sets of 8-bit values, through every operation. */
#include "base/rng.h"
#include "ir/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

enum { BITS = 8, MOST = 6 };

typedef struct {
    int8_t at[MOST];
    unsigned n;
    Number known; /* the join of its members */
} Set;

static Set random_set(Rng *r)
{
    Set s = {.n = 1 + (unsigned)rng_below(r, MOST)};
    unsigned shift = (unsigned)rng_below(r, 5);
    for (unsigned k = 0; k < s.n; k++) {
        s.at[k] = (int8_t)((uint8_t)rng_u64(r) << shift);
        Number one = number_exact(s.at[k]);
        s.known = k ? number_join(s.known, one) : one;
    }
    return s;
}

static bool holds(Number n, int64_t value)
{
    return n.lo <= value && value <= n.hi && (((uint64_t)value ^ n.low) & low_mask(n.nlow)) == 0;
}

#define A ((int64_t)a)
#define B ((int64_t)b)
#define U(x) ((uint8_t)(x))

/* name, what is known, what it is for two values, when it is defined, when one value is found */
#define BINARY(ROW) \
    ROW(add, number_add(x, y, BITS), (int8_t)(a + b), true, true) \
    ROW(sub, number_sub(x, y, BITS), (int8_t)(a - b), true, true) \
    ROW(mul, number_mul(x, y, BITS), (int8_t)(a * b), true, true) \
    ROW(and, number_and(x, y, BITS), (int8_t)(a & b), true, true) \
    ROW(or, number_or(x, y, BITS), (int8_t)(a | b), true, true) \
    ROW(xor, number_xor(x, y, BITS), (int8_t)(a ^ b), true, true) \
    ROW(not, number_not(x), (int8_t)~a, true, true) \
    ROW(smin, number_smin(x, y), a < b ? a : b, true, true) \
    ROW(smax, number_smax(x, y), a > b ? a : b, true, true) \
    ROW(umin, number_umin(x, y, BITS), U(a) < U(b) ? a : b, true, true) \
    ROW(umax, number_umax(x, y, BITS), U(a) > U(b) ? a : b, true, true) \
    ROW(udiv, number_udiv(x, y, BITS), (int8_t)(U(a) / U(b)), b != 0, a >= 0 && b > 0) \
    ROW(urem, number_urem(x, y, BITS), (int8_t)(U(a) % U(b)), b != 0, a >= 0 && b > 0) \
    ROW(shl, number_shl(x, 3, BITS), (int8_t)(U(a) << 3), true, true) \
    ROW(ushr, number_ushr(x, 3, BITS), (int8_t)(U(a) >> 3), true, true) \
    ROW(ushr_none, number_ushr(x, 8, BITS), a, true, true) \
    ROW(sshr, number_sshr(x, 3, BITS), (int8_t)(a >> 3), true, true) \
    ROW(zero_extend, number_zero_extend(x, BITS), U(a), true, true) \
    ROW(reduce, number_reduce(x, 4), (int8_t)(U(a) << 4) >> 4, true, true) \
    ROW(join, number_join(x, y), b, true, a == b) \
    ROW(widen, number_widen(x, y, BITS), b, true, a == b) \
    ROW(wide_add, number_add(x, y, 64), A + B, true, true) \
    ROW(wide_mul, number_mul(x, y, 64), A * B, true, true)

#define DEFINE(name, known, value, defined, exact) \
    static Number known_##name(Number x, Number y) { (void)y; return known; } \
    static int64_t value_##name(int8_t a, int8_t b) { (void)a, (void)b; return value; } \
    static bool defined_##name(int8_t b) { (void)b; return defined; } \
    static bool exact_##name(int8_t a, int8_t b) { (void)a, (void)b; return exact; }
BINARY(DEFINE)

static const struct {
    const char *name;
    Number (*known)(Number x, Number y);
    int64_t (*value)(int8_t a, int8_t b);
    bool (*defined)(int8_t b);
    bool (*exact)(int8_t a, int8_t b);
} rows[] = {
#define ROW(name, known, value, defined, exact) \
    {#name, known_##name, value_##name, defined_##name, exact_##name},
    BINARY(ROW)
};

static void statements_hold(void **state)
{
    (void)state;
    Rng r = rng_seeded(7);
    for (unsigned round = 0; round < 20000; round++) {
        Set x = random_set(&r), y = random_set(&r);
        for (size_t k = 0; k < countof(rows); k++) {
            Number n = rows[k].known(x.known, y.known);
            for (unsigned p = 0; p < x.n * y.n; p++) {
                int8_t a = x.at[p % x.n], b = y.at[p / x.n];
                if (rows[k].defined(b) && !holds(n, rows[k].value(a, b)))
                    fail_msg("%s of %d and %d", rows[k].name, a, b);
            }
        }
    }
}

/* Where the answer is one number, it is found. */
static void exact_stays_exact(void **state)
{
    (void)state;
    for (unsigned p = 0; p < 65536; p++) {
        int8_t a = (int8_t)p, b = (int8_t)(p >> 8);
        for (size_t k = 0; k < countof(rows); k++) {
            if (!rows[k].defined(b) || !rows[k].exact(a, b)) continue;
            Number n = rows[k].known(number_exact(a), number_exact(b));
            if (!number_is(&n, rows[k].value(a, b)))
                fail_msg("%s of %d and %d", rows[k].name, a, b);
        }
    }
}

/* The shapes that addresses are made of. */
static void follows_indices(void **state)
{
    (void)state;
    Number i = number_and(number_any(32), number_exact(7), 32);
    Number scaled = number_shl(number_zero_extend(i, 32), 4, 64);
    assert_int_equal(scaled.lo, 0);
    assert_int_equal(scaled.hi, 112);
    assert_int_equal(scaled.nlow, 4);
    assert_int_equal(scaled.low, 0);
    Number far = number_add(scaled, number_exact(INT64_C(-0x80000000) + 8), 64);
    Number back = number_add(far, number_exact(INT64_C(0x80000000)), 64);
    assert_int_equal(back.lo, 8);
    assert_int_equal(back.hi, 120);
    assert_int_equal(back.low, 8);
    Number twelve = number_mul(number_between(0, 3), number_exact(12), 64);
    assert_int_equal(twelve.hi, 36);
    assert_int_equal(twelve.nlow, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_hold),
        cmocka_unit_test(exact_stays_exact),
        cmocka_unit_test(follows_indices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
