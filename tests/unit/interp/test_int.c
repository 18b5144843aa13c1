/* Integer instructions at every width against arithmetic as on paper, and a table of results that
 * were worked out by hand. */
#include "pencil.h"
#include "apply.h"

#include "base/rng.h"

/* What an instruction must come to. */
typedef struct {
    Wide value;
    unsigned flag; /* the second result, where there is one */
    TrapCode trap;
} Expected;

typedef Expected Reference(Wide x, Wide y, Wide z, unsigned n);

#define P(v) pencil_of((v), n)
#define REFERENCE(name) \
    static Expected name(Wide x, Wide y, Wide z, unsigned n)
#define VALUE(...) ((Expected){.value = pencil_number(__VA_ARGS__)})
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"

REFERENCE(add) { return VALUE(pencil_add(P(x), P(y), 0, NULL)); }
REFERENCE(sub) { return VALUE(pencil_sub(P(x), P(y), 0, NULL)); }
REFERENCE(negate) { return VALUE(pencil_negate(P(x))); }
REFERENCE(magnitude) { return VALUE(pencil_magnitude(P(x))); }
REFERENCE(mul) { return VALUE(pencil_lower_half(pencil_mul(P(x), P(y)))); }
REFERENCE(umulhi) { return VALUE(pencil_upper_half(pencil_mul(P(x), P(y)))); }
REFERENCE(smulhi) { return VALUE(pencil_upper_half(pencil_mul_signed(P(x), P(y)))); }
REFERENCE(umin) { return VALUE(pencil_less(P(y), P(x)) ? P(y) : P(x)); }
REFERENCE(umax) { return VALUE(pencil_less(P(x), P(y)) ? P(y) : P(x)); }
REFERENCE(smin) { return VALUE(pencil_less_signed(P(y), P(x)) ? P(y) : P(x)); }
REFERENCE(smax) { return VALUE(pencil_less_signed(P(x), P(y)) ? P(y) : P(x)); }

static Pencil signed_result(Pencil p, bool negative) { return negative ? pencil_negate(p) : p; }

static Expected divide(Wide x, Wide y, unsigned n, bool is_signed, bool want_remainder)
{
    Pencil a = P(x), b = P(y), rest;
    if (pencil_is_zero(b)) return (Expected){.trap = TRAP_int_divz};
    if (!is_signed) {
        Pencil q = pencil_divide(a, b, &rest);
        return VALUE(want_remainder ? rest : q);
    }
    Pencil q = pencil_divide(pencil_magnitude(a), pencil_magnitude(b), &rest);
    if (want_remainder) return VALUE(signed_result(rest, pencil_sign(a)));
    bool negative = pencil_sign(a) != pencil_sign(b);
    if (!negative && pencil_sign(q)) return (Expected){.trap = TRAP_int_ovf};
    return VALUE(signed_result(q, negative));
}

REFERENCE(udiv) { return divide(x, y, n, false, false); }
REFERENCE(urem) { return divide(x, y, n, false, true); }
REFERENCE(sdiv) { return divide(x, y, n, true, false); }
REFERENCE(srem) { return divide(x, y, n, true, true); }

/* With a flag: computed in one digit more, where nothing overflows; for products in twice. */
static Expected with_flag(Pencil wide, unsigned n, bool is_signed)
{
    Pencil cut = wide;
    cut.n = n;
    Pencil back = pencil_widen(cut, wide.n, is_signed);
    return (Expected){.value = pencil_number(cut),
                      .flag = memcmp(back.digit, wide.digit, wide.n) != 0};
}

#define WIDER(v, is_signed) pencil_widen(P(v), n + 2, is_signed)
REFERENCE(uadd_flag) { return with_flag(pencil_add(WIDER(x, 0), WIDER(y, 0), 0, NULL), n, false); }
REFERENCE(sadd_flag) { return with_flag(pencil_add(WIDER(x, 1), WIDER(y, 1), 0, NULL), n, true); }
REFERENCE(usub_flag) { return with_flag(pencil_sub(WIDER(x, 0), WIDER(y, 0), 0, NULL), n, false); }
REFERENCE(ssub_flag) { return with_flag(pencil_sub(WIDER(x, 1), WIDER(y, 1), 0, NULL), n, true); }
REFERENCE(umul_flag) { return with_flag(pencil_mul(P(x), P(y)), n, false); }
REFERENCE(smul_flag) { return with_flag(pencil_mul_signed(P(x), P(y)), n, true); }
REFERENCE(uadd_cin) { return with_flag(pencil_add(WIDER(x, 0), WIDER(y, 0), z & 1, NULL), n, 0); }
REFERENCE(sadd_cin) { return with_flag(pencil_add(WIDER(x, 1), WIDER(y, 1), z & 1, NULL), n, 1); }
REFERENCE(usub_bin) { return with_flag(pencil_sub(WIDER(x, 0), WIDER(y, 0), z & 1, NULL), n, 0); }
REFERENCE(ssub_bin) { return with_flag(pencil_sub(WIDER(x, 1), WIDER(y, 1), z & 1, NULL), n, 1); }

REFERENCE(uadd_trap)
{
    Expected e = uadd_flag(x, y, z, n);
    return e.flag ? (Expected){.trap = 7} : (Expected){.value = e.value};
}

REFERENCE(rotl) { return VALUE(pencil_rotate_left(P(x), (unsigned)(y % n))); }
REFERENCE(rotr) { return VALUE(pencil_rotate_left(P(x), n - (unsigned)(y % n))); }
REFERENCE(ishl) { return VALUE(pencil_shift_left(P(x), (unsigned)(y % n))); }
REFERENCE(ushr) { return VALUE(pencil_shift_right(P(x), (unsigned)(y % n), 0)); }
REFERENCE(sshr) { return VALUE(pencil_shift_right(P(x), (unsigned)(y % n), pencil_sign(P(x)))); }

/* How many digits from the top (or bottom) equal `digit`. */
static unsigned run_length(Pencil p, bool from_top, uint8_t digit)
{
    unsigned k = 0;
    while (k < p.n && p.digit[from_top ? p.n - 1 - k : k] == digit) k++;
    return k;
}

REFERENCE(leading_zeros) { return (Expected){.value = run_length(P(x), true, 0)}; }
REFERENCE(trailing_zeros) { return (Expected){.value = run_length(P(x), false, 0)}; }
REFERENCE(sign_copies)
{
    return (Expected){.value = run_length(P(x), true, pencil_sign(P(x))) - 1};
}

REFERENCE(ones)
{
    unsigned count = 0;
    for (unsigned k = 0; k < n; k++) count += P(x).digit[k];
    return (Expected){.value = count};
}

/* Digits in groups of `group`, the groups in reverse order. */
static Expected reversed(Wide x, unsigned n, unsigned group)
{
    Pencil p = P(x), r = {.n = n};
    for (unsigned k = 0; k < n; k++)
        r.digit[k] = p.digit[(n / group - 1 - k / group) * group + k % group];
    return VALUE(r);
}

REFERENCE(bits_reversed) { return reversed(x, n, 1); }
REFERENCE(bytes_reversed) { return reversed(x, n, 8); }

/* Digit by digit, from a truth table: bit (x + 2y + 4z). */
static Expected by_table(Wide x, Wide y, Wide z, unsigned n, unsigned table)
{
    Pencil a = P(x), b = P(y), c = P(z), r = {.n = n};
    for (unsigned k = 0; k < n; k++)
        r.digit[k] = table >> (a.digit[k] + 2 * b.digit[k] + 4 * c.digit[k]) & 1;
    return VALUE(r);
}

REFERENCE(and) { return by_table(x, y, 0, n, 0x8); }
REFERENCE(or) { return by_table(x, y, 0, n, 0xe); }
REFERENCE(xor) { return by_table(x, y, 0, n, 0x6); }
REFERENCE(not) { return by_table(x, 0, 0, n, 0x1); }
REFERENCE(choose_bits) { return by_table(x, y, z, n, 0xd8); }
REFERENCE(mask) { return VALUE(pencil_is_zero(P(x)) ? P(0) : pencil_not(P(0))); }
#pragma GCC diagnostic pop

/* Widths as a set: bit k stands for 8 << k. */
enum { ALL = 0x1f, FROM_16 = 0x1e, W32_64 = 0x0c, TO_64 = 0x0f };

static const struct {
    Op op;
    unsigned arity;
    unsigned widths;
    Reference *expected;
} instructions[] = {
    {OP_iadd, 2, ALL, add},
    {OP_isub, 2, ALL, sub},
    {OP_ineg, 1, ALL, negate},
    {OP_iabs, 1, ALL, magnitude},
    {OP_imul, 2, ALL, mul},
    {OP_umulhi, 2, ALL, umulhi},
    {OP_smulhi, 2, ALL, smulhi},
    {OP_umin, 2, ALL, umin},
    {OP_umax, 2, ALL, umax},
    {OP_smin, 2, ALL, smin},
    {OP_smax, 2, ALL, smax},
    {OP_udiv, 2, ALL, udiv},
    {OP_urem, 2, ALL, urem},
    {OP_sdiv, 2, ALL, sdiv},
    {OP_srem, 2, ALL, srem},
    {OP_uadd_overflow, 2, ALL, uadd_flag},
    {OP_sadd_overflow, 2, ALL, sadd_flag},
    {OP_usub_overflow, 2, ALL, usub_flag},
    {OP_ssub_overflow, 2, ALL, ssub_flag},
    {OP_umul_overflow, 2, ALL, umul_flag},
    {OP_smul_overflow, 2, ALL, smul_flag},
    {OP_uadd_overflow_cin, 3, ALL, uadd_cin},
    {OP_sadd_overflow_cin, 3, ALL, sadd_cin},
    {OP_usub_overflow_bin, 3, ALL, usub_bin},
    {OP_ssub_overflow_bin, 3, ALL, ssub_bin},
    {OP_uadd_overflow_trap, 2, W32_64, uadd_trap},
    {OP_rotl, 2, ALL, rotl},
    {OP_rotr, 2, ALL, rotr},
    {OP_ishl, 2, ALL, ishl},
    {OP_ushr, 2, ALL, ushr},
    {OP_sshr, 2, ALL, sshr},
    {OP_clz, 1, ALL, leading_zeros},
    {OP_ctz, 1, ALL, trailing_zeros},
    {OP_cls, 1, ALL, sign_copies},
    {OP_popcnt, 1, ALL, ones},
    {OP_bitrev, 1, ALL, bits_reversed},
    {OP_bswap, 1, FROM_16, bytes_reversed},
    {OP_band, 2, ALL, and},
    {OP_bor, 2, ALL, or},
    {OP_bxor, 2, ALL, xor},
    {OP_bnot, 1, ALL, not},
    {OP_bitselect, 3, ALL, choose_bits},
    {OP_bmask, 1, ALL, mask},
};

static const Type int_types[] = {TY_i8, TY_i16, TY_i32, TY_i64, TY_i128};

static Wide cut(Wide x, unsigned n) { return x & ~(Wide)0 >> (128 - n); }

/* Boundaries of a width, and some in between. */
static unsigned make_samples(unsigned n, Wide *out)
{
    Wide top = (Wide)1 << (n - 1), all = ~(Wide)0;
    Wide fives = all / 3, half = (Wide)1 << n / 2;
    const Wide list[] = {
        0, 1, 2, 3, 7, 8, n - 1, n, n + 1, all, all - 1, all - 6, top, top - 1, top + 1, top >> 1,
        top | top >> 1, half, half - 1, half + 1, -half, fives, 2 * fives,
        (Wide)0x0123456789abcdef << 64 | 0xfedcba9876543210, 0x9e3779b97f4a7c15,
    };
    for (unsigned k = 0; k < countof(list); k++) out[k] = cut(list[k], n);
    return countof(list);
}

static void check(Op op, Type t, const InterpResult *r, Expected e, const Bits *args)
{
    bool good = e.trap ? r->status == INTERP_trapped && r->trap == e.trap
                       : r->status == INTERP_returned && r->results[0].u128 == e.value &&
                             (r->nresults < 2 || r->results[1].u128 == e.flag);
    if (good) return;
    fail_msg("%s.%s of %llx:%llx, %llx:%llx: status %d, %llx:%llx, "
             "expected %llx:%llx flag %u trap %u",
             op_name(op), type_name(t), (unsigned long long)args[0].u64[1],
             (unsigned long long)args[0].u64[0], (unsigned long long)args[1].u64[1],
             (unsigned long long)args[1].u64[0], r->status,
             r->nresults ? (unsigned long long)r->results[0].u64[1] : 0,
             r->nresults ? (unsigned long long)r->results[0].u64[0] : 0,
             (unsigned long long)(e.value >> 64), (unsigned long long)e.value, e.flag, e.trap);
}

static uint32_t make_function(Bench *b, Op op, Type t, unsigned arity)
{
    InstData data = {.op = (uint8_t)op, .type = (uint8_t)t, .trap = 7};
    Type types[3] = {t, t, t};
    if (op_info[op].operands[2] == 'b') types[2] = TY_i8;
    bench_clear(b);
    return bench_function(b, data, types, arity, NULL);
}

static void check_pairs(Bench *b, Op op, Type t, unsigned arity, Reference *expected)
{
    Wide sample[40];
    unsigned n = type_bits(t), count = make_samples(n, sample);
    uint32_t func = make_function(b, op, t, arity);
    for (unsigned i = 0; i < count; i++) {
        for (unsigned j = 0; j < (arity > 1 ? count : 1); j++) {
            Wide z = arity < 3 ? 0 : op == OP_bitselect ? sample[(i + j) % count] : (i + j) % 2;
            Bits args[3] = {{.u128 = sample[i]}, {.u128 = sample[j]}, {.u128 = z}};
            InterpResult r = bench_run(b, func, args, arity);
            check(op, t, &r, expected(sample[i], arity > 1 ? sample[j] : 0, z, n), args);
        }
    }
}

static void agrees_with_pencil(void **state)
{
    (void)state;
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(instructions); k++)
        for (unsigned w = 0; w < countof(int_types); w++)
            if (instructions[k].widths >> w & 1)
                check_pairs(&b, instructions[k].op, int_types[w], instructions[k].arity,
                            instructions[k].expected);
    bench_close(&b);
}

/* Every pair of bytes. */
static void agrees_on_all_bytes(void **state)
{
    (void)state;
    static const Op ops[] = {OP_sdiv, OP_srem, OP_smulhi, OP_smul_overflow, OP_ssub_overflow,
                             OP_rotl, OP_sshr};
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(instructions); k++) {
        bool chosen = false;
        for (unsigned o = 0; o < countof(ops); o++) chosen |= ops[o] == instructions[k].op;
        if (!chosen) continue;
        uint32_t func = make_function(&b, instructions[k].op, TY_i8, 2);
        for (unsigned pair = 0; pair < 0x10000; pair++) {
            Bits args[2] = {bits_of(pair & 0xff), bits_of(pair >> 8)};
            InterpResult r = bench_run(&b, func, args, 2);
            check(instructions[k].op, TY_i8, &r,
                  instructions[k].expected(pair & 0xff, pair >> 8, 0, 8), args);
        }
    }
    bench_close(&b);
}

/* A shift amount of any type counts mod the width, whatever stands above. */
static void takes_amounts_of_any_type(void **state)
{
    (void)state;
    static const Op ops[] = {OP_ishl, OP_ushr, OP_sshr, OP_rotl, OP_rotr};
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(ops); k++) {
        for (unsigned w = 0; w < 25; w++) {
            Type types[2] = {int_types[w / 5], int_types[w % 5]};
            unsigned n = type_bits(types[0]);
            Wide amount = cut(((Wide)0xff << 100) + 0xf5, type_bits(types[1]));
            Bits args[2] = {{.u128 = cut((Wide)0x9234567890abcdef << 64 | 0xfedcba9876543291, n)},
                            {.u128 = amount}};
            bench_clear(&b);
            InstData data = {.op = (uint8_t)ops[k], .type = (uint8_t)types[0]};
            InterpResult r = bench_run(&b, bench_function(&b, data, types, 2, NULL), args, 2);
            for (unsigned o = 0; o < countof(instructions); o++)
                if (instructions[o].op == ops[k])
                    check(ops[k], types[0], &r,
                          instructions[o].expected(args[0].u128, amount % n, 0, n), args);
        }
    }
    bench_close(&b);
}

/* Worked out by hand. */
static void gives_known_results(void **state)
{
    (void)state;
    static const struct {
        Op op;
        Type type;
        uint64_t x, y, expected;
    } rows[] = {
        {OP_iadd, TY_i8, 0xff, 0x02, 0x01},
        {OP_isub, TY_i16, 0, 1, 0xffff},
        {OP_imul, TY_i32, 0x10001, 0x10001, 0x20001},
        {OP_umulhi, TY_i64, UINT64_MAX, UINT64_MAX, UINT64_MAX - 1},
        {OP_smulhi, TY_i64, UINT64_MAX, 5, UINT64_MAX},
        {OP_smulhi, TY_i16, 0x8000, 0x8000, 0x4000},
        {OP_sdiv, TY_i32, 0xfffffff9, 2, 0xfffffffd},
        {OP_srem, TY_i32, 0xfffffff9, 2, 0xffffffff},
        {OP_srem, TY_i8, 0x80, 0xff, 0},
        {OP_urem, TY_i8, 0xff, 0x10, 0x0f},
        {OP_smin, TY_i8, 0x80, 0x7f, 0x80},
        {OP_umin, TY_i8, 0x80, 0x7f, 0x7f},
        {OP_rotl, TY_i8, 0x81, 1, 0x03},
        {OP_rotr, TY_i16, 0x0001, 17, 0x8000},
        {OP_ishl, TY_i32, 1, 33, 2},
        {OP_sshr, TY_i8, 0x80, 7, 0xff},
        {OP_ushr, TY_i64, UINT64_MAX, 63, 1},
    };
    static const struct {
        Op op;
        Type type;
        uint64_t x, expected;
    } unary[] = {
        {OP_iabs, TY_i8, 0x80, 0x80},        {OP_iabs, TY_i32, 0xffffffff, 1},
        {OP_clz, TY_i8, 0, 8},               {OP_clz, TY_i16, 1, 15},
        {OP_ctz, TY_i32, 0, 32},             {OP_ctz, TY_i64, UINT64_C(1) << 63, 63},
        {OP_cls, TY_i8, 0xff, 7},            {OP_cls, TY_i8, 0x40, 0},
        {OP_cls, TY_i32, 0, 31},             {OP_cls, TY_i16, 0xf000, 3},
        {OP_popcnt, TY_i16, 0x8421, 4},      {OP_bitrev, TY_i8, 0x13, 0xc8},
        {OP_bswap, TY_i32, 0x11223344, 0x44332211}, {OP_bmask, TY_i16, 0x0100, 0xffff},
        {OP_ineg, TY_i8, 0x80, 0x80},        {OP_bnot, TY_i16, 0x00ff, 0xff00},
    };
    Bench b = bench_open();
    for (unsigned k = 0; k < countof(rows); k++) {
        Bits args[2] = {bits_of(rows[k].x), bits_of(rows[k].y)};
        InterpResult r = bench_apply(&b, rows[k].op, rows[k].type, args, 2);
        check(rows[k].op, rows[k].type, &r, (Expected){.value = rows[k].expected}, args);
    }
    for (unsigned k = 0; k < countof(unary); k++) {
        Bits args[2] = {bits_of(unary[k].x)};
        InterpResult r = bench_apply(&b, unary[k].op, unary[k].type, args, 1);
        check(unary[k].op, unary[k].type, &r, (Expected){.value = unary[k].expected}, args);
    }
    bench_close(&b);
}

/* Pairs of widths; the operand has bits up to its own width. */
static void converts_widths(void **state)
{
    (void)state;
    Bench b = bench_open();
    for (unsigned w = 0; w < 25; w++) {
        Type from = int_types[w / 5], to = int_types[w % 5];
        Wide sample[40];
        unsigned n = type_bits(from), m = type_bits(to), count = make_samples(n, sample);
        for (unsigned k = 0; k < count; k++) {
            static const Op ops[] = {OP_uextend, OP_sextend, OP_ireduce, OP_bmask};
            Pencil x = pencil_of(sample[k], n);
            Pencil expected[] = {pencil_widen(x, 128, false), pencil_widen(x, 128, true), x,
                                 pencil_is_zero(x) ? x : pencil_not(pencil_of(0, 128))};
            for (unsigned o = 0; o < countof(ops); o++) {
                if (o < 2 ? n >= m : o == 2 && n <= m) continue;
                Bits arg = {.u128 = sample[k]};
                bench_clear(&b);
                InstData data = {.op = (uint8_t)ops[o], .type = (uint8_t)to};
                InterpResult r = bench_run(&b, bench_function(&b, data, &from, 1, NULL), &arg, 1);
                check(ops[o], to, &r, (Expected){.value = cut(pencil_number(expected[o]), m)},
                      (Bits[]){arg, arg});
            }
        }
    }
    bench_close(&b);
}

static void compares(void **state)
{
    (void)state;
    Bench b = bench_open();
    for (unsigned w = 0; w < countof(int_types); w++) {
        Type t = int_types[w];
        Wide sample[40];
        unsigned n = type_bits(t), count = make_samples(n, sample);
        for (unsigned cc = 0; cc < INTCC_COUNT; cc++) {
            InstData data = {.op = OP_icmp, .type = (uint8_t)t, .cond = (uint8_t)cc};
            bench_clear(&b);
            uint32_t func = bench_function(&b, data, (Type[]){t, t}, 2, NULL);
            for (unsigned k = 0; k < count * count; k++) {
                Bits args[2] = {{.u128 = sample[k / count]}, {.u128 = sample[k % count]}};
                Pencil x = P(args[0].u128), y = P(args[1].u128);
                bool equal = pencil_is_zero(pencil_sub(x, y, 0, NULL));
                bool below = pencil_less(x, y), less = pencil_less_signed(x, y);
                bool expected[INTCC_COUNT] = {
                    [INTCC_eq] = equal,        [INTCC_ne] = !equal,
                    [INTCC_slt] = less,        [INTCC_sge] = !less,
                    [INTCC_sgt] = !less && !equal, [INTCC_sle] = less || equal,
                    [INTCC_ult] = below,       [INTCC_uge] = !below,
                    [INTCC_ugt] = !below && !equal, [INTCC_ule] = below || equal,
                };
                InterpResult r = bench_run(&b, func, args, 2);
                check(OP_icmp, t, &r, (Expected){.value = expected[cc]}, args);
            }
        }
    }
    bench_close(&b);
}

static void splits_and_joins(void **state)
{
    (void)state;
    Bench b = bench_open();
    Bits x = {.u64 = {0x1122334455667788, 0x99aabbccddeeff00}};
    InterpResult r = bench_apply(&b, OP_isplit, TY_i128, &x, 1);
    assert_int_equal(r.nresults, 2);
    assert_true(bits_equal(r.results[0], bits_of(0x1122334455667788)));
    assert_true(bits_equal(r.results[1], bits_of(0x99aabbccddeeff00)));
    Bits halves[2] = {r.results[0], r.results[1]};
    r = bench_apply(&b, OP_iconcat, TY_i64, halves, 2);
    assert_true(bits_equal(r.results[0], x));
    r = bench_apply(&b, OP_isplit, TY_i16, (Bits[]){bits_of(0xabcd)}, 1);
    assert_true(bits_equal(r.results[0], bits_of(0xcd)));
    assert_true(bits_equal(r.results[1], bits_of(0xab)));
    r = bench_apply(&b, OP_iconcat, TY_i8, (Bits[]){bits_of(0xcd), bits_of(0xab)}, 2);
    assert_true(bits_equal(r.results[0], bits_of(0xabcd)));
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_pencil),
        cmocka_unit_test(agrees_on_all_bytes),
        cmocka_unit_test(takes_amounts_of_any_type),
        cmocka_unit_test(gives_known_results),
        cmocka_unit_test(converts_widths),
        cmocka_unit_test(compares),
        cmocka_unit_test(splits_and_joins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
