/* Numbers as text: what each spelling means, what is refused, and that printing is exact. */
#include "ir/bits_text.h"

#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef struct {
    Type type;
    const char *text;
    uint64_t low, high;
    const char *printed; /* NULL: as `text` */
} Number;

static const Number floats[] = {
    {TY_f32, "0.0", 0, 0, NULL},
    {TY_f32, "-0.0", 0x80000000, 0, NULL},
    {TY_f32, "0x1.000000p0", 0x3f800000, 0, NULL},
    {TY_f32, "0x1", 0x3f800000, 0, "0x1.000000p0"},
    {TY_f32, "+0x1.8p1", 0x40400000, 0, "0x1.800000p1"},
    {TY_f32, "0x.cp2", 0x40400000, 0, "0x1.800000p1"},
    {TY_f32, "-0x1.fffffep127", 0xff7fffff, 0, NULL},
    {TY_f32, "0x0.000002p-126", 1, 0, NULL},
    {TY_f32, "0x1p-149", 1, 0, "0x0.000002p-126"},
    {TY_f32, "0x0.fffffep-126", 0x7fffff, 0, NULL},
    {TY_f32, "+Inf", 0x7f800000, 0, NULL},
    {TY_f32, "-Inf", 0xff800000, 0, NULL},
    {TY_f32, "NaN", 0x7fc00000, 0, "+NaN"},
    {TY_f32, "-NaN", 0xffc00000, 0, NULL},
    {TY_f32, "+NaN:0x1", 0x7fc00001, 0, NULL},
    {TY_f32, "-sNaN:0x1", 0xff800001, 0, NULL},
    {TY_f32, "+sNaN:0x3fffff", 0x7fbfffff, 0, NULL},
    {TY_f64, "0x1.0000000000000p0", 0x3ff0000000000000, 0, NULL},
    {TY_f64, "0x0.0000000000001p-1022", 1, 0, NULL},
    {TY_f64, "+NaN:0x7ffffffffffff", 0x7fffffffffffffff, 0, NULL},
    {TY_f16, "0x1.ffcp15", 0x7bff, 0, NULL},
    {TY_f16, "0x0.004p-14", 1, 0, NULL},
    {TY_f16, "+Inf", 0x7c00, 0, NULL},
    {TY_f128, "0x1.0000000000000000000000000001p1", 1, 0x4000000000000000, NULL},
    {TY_f128, "-NaN", 0, 0xffff800000000000, NULL},
};

static const Number integers[] = {
    {TY_i8, "0", 0, 0, NULL},
    {TY_i8, "-128", 0x80, 0, NULL},
    {TY_i8, "255", 0xff, 0, "-1"},
    {TY_i8, "0xff", 0xff, 0, "-1"},
    {TY_i16, "9999", 9999, 0, NULL},
    {TY_i16, "0x2710", 10000, 0, NULL},
    {TY_i32, "-10000", 0xffffd8f0, 0, NULL},
    {TY_i32, "0x0001_0000", 0x10000, 0, NULL},
    {TY_i32, "1_000", 1000, 0, "1000"},
    {TY_i64, "-9223372036854775808", 0x8000000000000000, 0, NULL},
    {TY_i64, "18446744073709551615", UINT64_MAX, 0, "-1"},
    {TY_i64, "0x7fff_ffff_ffff_ffff", INT64_MAX, 0, NULL},
    {TY_i128, "-1", UINT64_MAX, UINT64_MAX, NULL},
    {TY_i128, "0x0001_0000_0000_0000_0000", 0, 1, NULL},
    {TY_i128, "0x8000_0000_0000_0000_0000_0000_0000_0000", 0, 0x8000000000000000, NULL},
    {TY_i128, "340282366920938463463374607431768211455", UINT64_MAX, UINT64_MAX, "-1"},
    {TY_i128, "-170141183460469231731687303715884105728", 0, 0x8000000000000000,
     "0x8000_0000_0000_0000_0000_0000_0000_0000"},
};

static const char *read_number(Type type, const char *text, Bits *out)
{
    *out = (Bits){0};
    Str s = str_of(text);
    return type_is_float(type) ? bits_read_float(s, type, out)
                               : bits_read_int(s, type_bits(type), out);
}

static const char *print_number(Arena *a, Type type, const Bits *bits)
{
    Buf out = {.arena = a};
    if (type_is_float(type)) bits_write_float(&out, bits, type);
    else bits_write_int(&out, bits, type);
    return out.at;
}

static void check_number(Arena *a, const Number *n)
{
    Bits bits;
    const char *wrong = read_number(n->type, n->text, &bits);
    if (wrong) fail_msg("%s: %s", n->text, wrong);
    if (bits.u64[0] != n->low || bits.u64[1] != n->high)
        fail_msg("%s: 0x%llx 0x%llx", n->text, (unsigned long long)bits.u64[1],
                 (unsigned long long)bits.u64[0]);
    assert_string_equal(print_number(a, n->type, &bits), n->printed ? n->printed : n->text);
}

static void spellings(void **state)
{
    (void)state;
    Arena *a = arena_create();
    for (size_t k = 0; k < countof(floats); k++) check_number(a, &floats[k]);
    for (size_t k = 0; k < countof(integers); k++) check_number(a, &integers[k]);
    arena_destroy(a);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        Type type;
        const char *text, *problem;
    } rows[] = {
        {TY_i8, "256", "fit"},
        {TY_i8, "-129", "fit"},
        {TY_i32, "0x1_0000_0000", "fit"},
        {TY_i64, "18446744073709551616", "fit"},
        {TY_i128, "340282366920938463463374607431768211456", "large"},
        {TY_i128, "0x100000000000000000000000000000000", "large"},
        {TY_i32, "", "without digits"},
        {TY_i32, "-", "without digits"},
        {TY_i32, "0x", "without digits"},
        {TY_i32, "12a", "digit"},
        {TY_i32, "0xg", "digit"},
        {TY_i32, "--1", "digit"},
        {TY_f32, "1.5", "hexadecimal"},
        {TY_f32, "0", "hexadecimal"},
        {TY_f32, "0x", "without digits"},
        {TY_f32, "0x1.1.1", "digit"},
        {TY_f32, "0x1p", "exponent"},
        {TY_f32, "0x1px", "exponent"},
        {TY_f32, "0x1p99999", "exponent"},
        {TY_f32, "0x1.0000001p0", "bits"},
        {TY_f32, "0x1p128", "large"},
        {TY_f32, "0x1p-150", "small"},
        {TY_f32, "0x1.8p-149", "small"},
        {TY_f32, "0x123456789012345678901234567890123", "digits"},
        {TY_f32, "NaN:0x400000", "payload"},
        {TY_f32, "sNaN:0x0", "payload"},
        {TY_f32, "sNaN", "hexadecimal"},
        {TY_f32, "nan", "hexadecimal"},
    };
    for (size_t k = 0; k < countof(rows); k++) {
        Bits bits;
        const char *wrong = read_number(rows[k].type, rows[k].text, &bits);
        if (!wrong) fail_msg("`%s` is read", rows[k].text);
        if (!strstr(wrong, rows[k].problem)) fail_msg("`%s`: %s", rows[k].text, wrong);
    }
}

/* Any bits are printed as text that reads as the same bits. */
static void printing_is_exact(void **state)
{
    (void)state;
    static const Type types[] = {TY_i8,  TY_i16, TY_i32, TY_i64, TY_i128,
                                 TY_f16, TY_f32, TY_f64, TY_f128};
    Arena *a = arena_create();
    Rng rng = rng_seeded(1);
    for (unsigned k = 0; k < 20000; k++, arena_reset(a)) {
        Type type = types[k % countof(types)];
        Bits bits = {.u64 = {rng_u64(&rng), rng_u64(&rng)}}, again;
        if (k % 7 == 0) bits.u64[0] = bits.u64[0] >> (k % 64);
        if (k % 5 == 0) bits.u128 |= (unsigned __int128)0x7f << (type_bits(type) - 8);
        if (type_bits(type) < 128) bits.u128 &= ((unsigned __int128)1 << type_bits(type)) - 1;
        const char *text = print_number(a, type, &bits);
        assert_null(read_number(type, text, &again));
        if (!bits_equal(bits, again)) fail_msg("%s %s", type_name(type), text);
    }
    arena_destroy(a);
}

static void hexadecimal_bytes(void **state)
{
    (void)state;
    uint8_t bytes[4];
    unsigned n;
    assert_null(bits_read_hex(str_of("0x0001_02"), bytes, sizeof bytes, &n));
    assert_int_equal(n, 3);
    assert_memory_equal(bytes, "\2\1\0", 3);
    assert_non_null(bits_read_hex(str_of("0x012"), bytes, sizeof bytes, &n));
    assert_non_null(bits_read_hex(str_of("0x"), bytes, sizeof bytes, &n));
    assert_non_null(bits_read_hex(str_of("12"), bytes, sizeof bytes, &n));
    assert_non_null(bits_read_hex(str_of("0x0102030405"), bytes, sizeof bytes, &n));
    assert_non_null(bits_read_hex(str_of("0x0z"), bytes, sizeof bytes, &n));
    Arena *a = arena_create();
    Buf out = {.arena = a};
    bits_write_hex(&out, (const uint8_t *)"\2\1\0", 3);
    assert_string_equal(out.at, "0x000102");
    arena_destroy(a);
}

static void bounds(void **state)
{
    (void)state;
    int64_t n;
    assert_null(bits_read_i64(str_of("+8"), 0, 8, &n));
    assert_int_equal(n, 8);
    assert_null(bits_read_i64(str_of("-9223372036854775808"), INT64_MIN, INT64_MAX, &n));
    assert_true(n == INT64_MIN);
    assert_non_null(bits_read_i64(str_of("9"), 0, 8, &n));
    assert_non_null(bits_read_i64(str_of("-1"), 0, 8, &n));
    assert_non_null(bits_read_i64(str_of("9223372036854775808"), INT64_MIN, INT64_MAX, &n));
    assert_non_null(bits_read_i64(str_of("99999999999999999999"), INT64_MIN, INT64_MAX, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(spellings),         cmocka_unit_test(refused),
        cmocka_unit_test(printing_is_exact), cmocka_unit_test(hexadecimal_bytes),
        cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
