/* Vector instructions against the processor's own, where it has them, and otherwise against tables
 * that were worked out by hand. */
#include "apply.h"

#include "base/rng.h"

#include <immintrin.h>
#include <string.h>

#define FOR_SSSE3 __attribute__((target("ssse3")))
#define FOR_SSE41 __attribute__((target("sse4.1")))

static __m128i load(const Bits *b) { return _mm_loadu_si128((const __m128i *)b); }

#define BINARY(target, name, intrinsic) \
    target static Bits name(const Bits *x, const Bits *y) \
    { \
        Bits r; \
        _mm_storeu_si128((__m128i *)&r, intrinsic(load(x), load(y))); \
        return r; \
    }

BINARY(, add8, _mm_add_epi8) BINARY(, add16, _mm_add_epi16) BINARY(, add32, _mm_add_epi32)
BINARY(, add64, _mm_add_epi64) BINARY(, sub8, _mm_sub_epi8) BINARY(, sub16, _mm_sub_epi16)
BINARY(, sub32, _mm_sub_epi32) BINARY(, sub64, _mm_sub_epi64)
BINARY(, adds8, _mm_adds_epi8) BINARY(, adds16, _mm_adds_epi16)
BINARY(, addus8, _mm_adds_epu8) BINARY(, addus16, _mm_adds_epu16)
BINARY(, subs8, _mm_subs_epi8) BINARY(, subs16, _mm_subs_epi16)
BINARY(, subus8, _mm_subs_epu8) BINARY(, subus16, _mm_subs_epu16)
BINARY(, avg8, _mm_avg_epu8) BINARY(, avg16, _mm_avg_epu16)
BINARY(, mul16, _mm_mullo_epi16) BINARY(FOR_SSE41, mul32, _mm_mullo_epi32)
BINARY(, mulhi16, _mm_mulhi_epi16) BINARY(, mulhiu16, _mm_mulhi_epu16)
BINARY(, minu8, _mm_min_epu8) BINARY(, maxs16, _mm_max_epi16)
BINARY(FOR_SSE41, mins8, _mm_min_epi8) BINARY(FOR_SSE41, maxu32, _mm_max_epu32)
BINARY(, and, _mm_and_si128) BINARY(, or, _mm_or_si128) BINARY(, xor, _mm_xor_si128)
BINARY(, packs16, _mm_packs_epi16) BINARY(, packs32, _mm_packs_epi32)
BINARY(, packus16, _mm_packus_epi16) BINARY(FOR_SSE41, packus32, _mm_packus_epi32)
BINARY(FOR_SSSE3, mulhrs, _mm_mulhrs_epi16) BINARY(FOR_SSSE3, shuffle8, _mm_shuffle_epi8)
/* The intrinsic takes its unsigned bytes first, CLIF its signed ones. */
#define maddubs_reversed(x, y) _mm_maddubs_epi16(y, x)
BINARY(FOR_SSSE3, maddubs, maddubs_reversed)
BINARY(FOR_SSSE3, hadd16, _mm_hadd_epi16) BINARY(FOR_SSSE3, hadd32, _mm_hadd_epi32)
BINARY(, equal8, _mm_cmpeq_epi8) BINARY(, greater16, _mm_cmpgt_epi16)
BINARY(, less32, _mm_cmplt_epi32)

#define UNARY(target, name, expression) \
    target static Bits name(const Bits *a, const Bits *unused) \
    { \
        Bits r; \
        __m128i x = load(a); \
        (void)unused; \
        _mm_storeu_si128((__m128i *)&r, expression); \
        return r; \
    }
UNARY(FOR_SSE41, low_s8, _mm_cvtepi8_epi16(x))
UNARY(FOR_SSE41, low_u8, _mm_cvtepu8_epi16(x))
UNARY(FOR_SSE41, low_s16, _mm_cvtepi16_epi32(x))
UNARY(FOR_SSE41, low_u32, _mm_cvtepu32_epi64(x))
UNARY(FOR_SSE41, high_s8, _mm_cvtepi8_epi16(_mm_srli_si128(x, 8)))
UNARY(FOR_SSE41, high_u16, _mm_cvtepu16_epi32(_mm_srli_si128(x, 8)))
UNARY(FOR_SSE41, high_s32, _mm_cvtepi32_epi64(_mm_srli_si128(x, 8)))
UNARY(FOR_SSSE3, abs8, _mm_abs_epi8(x))
UNARY(FOR_SSSE3, abs32, _mm_abs_epi32(x))
UNARY(, negative64, _mm_sub_epi64(_mm_setzero_si128(), x))
UNARY(, inverse, _mm_xor_si128(x, _mm_set1_epi32(-1)))

typedef Bits Intrinsic(const Bits *x, const Bits *y);

static const struct {
    Op op;
    Type type;
    Intrinsic *expected;
    unsigned cond;
} rows[] = {
    {OP_iadd, TY_i8x16, add8, 0},            {OP_iadd, TY_i16x8, add16, 0},
    {OP_iadd, TY_i32x4, add32, 0},           {OP_iadd, TY_i64x2, add64, 0},
    {OP_isub, TY_i8x16, sub8, 0},            {OP_isub, TY_i16x8, sub16, 0},
    {OP_isub, TY_i32x4, sub32, 0},           {OP_isub, TY_i64x2, sub64, 0},
    {OP_sadd_sat, TY_i8x16, adds8, 0},       {OP_sadd_sat, TY_i16x8, adds16, 0},
    {OP_uadd_sat, TY_i8x16, addus8, 0},      {OP_uadd_sat, TY_i16x8, addus16, 0},
    {OP_ssub_sat, TY_i8x16, subs8, 0},       {OP_ssub_sat, TY_i16x8, subs16, 0},
    {OP_usub_sat, TY_i8x16, subus8, 0},      {OP_usub_sat, TY_i16x8, subus16, 0},
    {OP_avg_round, TY_i8x16, avg8, 0},       {OP_avg_round, TY_i16x8, avg16, 0},
    {OP_imul, TY_i16x8, mul16, 0},           {OP_imul, TY_i32x4, mul32, 0},
    {OP_smulhi, TY_i16x8, mulhi16, 0},       {OP_umulhi, TY_i16x8, mulhiu16, 0},
    {OP_umin, TY_i8x16, minu8, 0},           {OP_smax, TY_i16x8, maxs16, 0},
    {OP_smin, TY_i8x16, mins8, 0},           {OP_umax, TY_i32x4, maxu32, 0},
    {OP_band, TY_i64x2, and, 0},             {OP_bor, TY_f32x4, or, 0},
    {OP_bxor, TY_f64x2, xor, 0},             {OP_bnot, TY_i32x4, inverse, 0},
    {OP_snarrow, TY_i16x8, packs16, 0},      {OP_snarrow, TY_i32x4, packs32, 0},
    {OP_unarrow, TY_i16x8, packus16, 0},     {OP_unarrow, TY_i32x4, packus32, 0},
    {OP_x86_pmulhrsw, TY_i16x8, mulhrs, 0},  {OP_x86_pshufb, TY_i8x16, shuffle8, 0},
    {OP_x86_pmaddubsw, TY_i8x16, maddubs, 0},
    {OP_iadd_pairwise, TY_i16x8, hadd16, 0}, {OP_iadd_pairwise, TY_i32x4, hadd32, 0},
    {OP_icmp, TY_i8x16, equal8, INTCC_eq},   {OP_icmp, TY_i16x8, greater16, INTCC_sgt},
    {OP_icmp, TY_i32x4, less32, INTCC_slt},  {OP_ineg, TY_i64x2, negative64, 0},
    {OP_swiden_low, TY_i8x16, low_s8, 0},    {OP_uwiden_low, TY_i8x16, low_u8, 0},
    {OP_swiden_low, TY_i16x8, low_s16, 0},   {OP_uwiden_low, TY_i32x4, low_u32, 0},
    {OP_swiden_high, TY_i8x16, high_s8, 0},  {OP_uwiden_high, TY_i16x8, high_u16, 0},
    {OP_swiden_high, TY_i32x4, high_s32, 0}, {OP_iabs, TY_i8x16, abs8, 0},
    {OP_iabs, TY_i32x4, abs32, 0},
};

/* Lanes at the edges of every width come up often: 0, -1, smallest and largest. */
static Bits random_lanes(Rng *rng)
{
    static const uint8_t edges[] = {0x00, 0xff, 0x80, 0x7f, 0x01, 0xfe};
    Bits b;
    rng_fill(rng, b.u8, 16);
    uint32_t which = (uint32_t)rng_u64(rng);
    for (unsigned k = 0; k < 16; k++)
        if (which >> k & 1) b.u8[k] = edges[b.u8[k] % countof(edges)];
    if (which >> 16 & 1) memset(b.u8 + 8 * (which >> 17 & 1), b.u8[0], 8);
    return b;
}

static void agrees_with_processor(void **state)
{
    (void)state;
    if (!__builtin_cpu_supports("sse4.1")) skip();
    Bench b = bench_open();
    Rng rng = rng_seeded(1);
    for (unsigned k = 0; k < countof(rows); k++) {
        Type t = rows[k].type, types[2] = {t, t};
        InstData data = {.op = (uint8_t)rows[k].op, .type = (uint8_t)t,
                         .cond = (uint8_t)rows[k].cond};
        unsigned arity = op_info[rows[k].op].operands[1] ? 2 : 1;
        bench_clear(&b);
        uint32_t func = bench_function(&b, data, types, arity, NULL);
        for (unsigned n = 0; n < 2000; n++) {
            Bits args[2] = {random_lanes(&rng), random_lanes(&rng)};
            InterpResult r = bench_run(&b, func, args, arity);
            if (!bits_equal(r.results[0], rows[k].expected(&args[0], &args[1])))
                fail_msg("%s.%s", op_name(rows[k].op), type_name(t));
        }
    }
    bench_close(&b);
}

/* One application with everything spelled out. */
static Bits apply(Bench *b, InstData data, const Type *types, const Bits *args, unsigned n,
                  const uint8_t *constant)
{
    bench_clear(b);
    InterpResult r = bench_run(b, bench_function(b, data, types, n, constant), args, n);
    assert_int_equal(r.status, INTERP_returned);
    return r.results[0];
}

#define APPLY(b, op_, type_, types, ...) \
    apply(b, (InstData){.op = op_, .type = type_}, (const Type[])types, \
          (const Bits[]){__VA_ARGS__}, sizeof((const Type[])types) / sizeof(Type), NULL)
#define LIST(...) {__VA_ARGS__}

static const Bits counting = {.u8 = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}};

static void assert_bits(Bits actual, Bits expected)
{
    assert_memory_equal(&actual, &expected, sizeof actual);
}

static void moves_lanes(void **state)
{
    (void)state;
    Bench b = bench_open();
    Bits r = APPLY(&b, OP_splat, TY_i16x8, LIST(TY_i16), bits_of(0xabcd));
    assert_bits(r, (Bits){.u64 = {0xabcdabcdabcdabcd, 0xabcdabcdabcdabcd}});
    r = APPLY(&b, OP_splat, TY_f64x2, LIST(TY_f64), bits_of(0x7ff0000000000001));
    assert_bits(r, (Bits){.u64 = {0x7ff0000000000001, 0x7ff0000000000001}});
    r = APPLY(&b, OP_scalar_to_vector, TY_i32x4, LIST(TY_i32), bits_of(7));
    assert_bits(r, bits_of(7));

    InstData data = {.op = OP_insertlane, .type = TY_i32x4, .imm = 2};
    r = apply(&b, data, (Type[]){TY_i32x4, TY_i32}, (Bits[]){counting, bits_of(0xdeadbeef)}, 2,
              NULL);
    assert_bits(r, (Bits){.u32 = {0x03020100, 0x07060504, 0xdeadbeef, 0x0f0e0d0c}});
    data = (InstData){.op = OP_extractlane, .type = TY_i8x16, .imm = 13};
    assert_bits(apply(&b, data, (Type[]){TY_i8x16}, &counting, 1, NULL), bits_of(13));
    data = (InstData){.op = OP_extractlane, .type = TY_i64x2, .imm = 1};
    assert_bits(apply(&b, data, (Type[]){TY_i64x2}, &counting, 1, NULL),
                bits_of(0x0f0e0d0c0b0a0908));

    const uint8_t mask[16] = {0, 16, 31, 15, 30, 14, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21};
    Bits others = {.u64 = {0x1716151413121110, 0x1f1e1d1c1b1a1918}};
    data = (InstData){.op = OP_shuffle, .type = TY_i8x16};
    r = apply(&b, data, (Type[]){TY_i8x16, TY_i8x16}, (Bits[]){counting, others}, 2, mask);
    assert_bits(r, (Bits){.u8 = {0, 16, 31, 15, 30, 14, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21}});

    Bits index = {.u8 = {15, 16, 0, 31, 128, 255, 1}};
    r = APPLY(&b, OP_swizzle, TY_i8x16, LIST(TY_i8x16, TY_i8x16), others, index);
    assert_bits(r, (Bits){.u8 = {31, 0, 16, 0, 0, 0, 17, 16, 16, 16, 16, 16, 16, 16, 16, 16}});

    Bits choice = {.u16 = {0x8000, 0x7fff, 0xffff, 0, 0x8001, 1, 0, 0x8000}};
    r = APPLY(&b, OP_blendv, TY_i16x8, LIST(TY_i16x8, TY_i16x8, TY_i16x8), choice, counting,
              others);
    assert_bits(r, (Bits){.u16 = {0x0100, 0x1312, 0x0504, 0x1716, 0x0908, 0x1b1a, 0x1d1c, 0x0f0e}});
    bench_close(&b);
}

static void narrows_and_counts(void **state)
{
    (void)state;
    Bench b = bench_open();
    Bits x = {.u64 = {0x7fffffffffffffff, 0xffffffff80000000}}; /* as i64: large, -2^31 */
    Bits y = {.u64 = {0x8000000000000000, 5}};
    Type both[2] = {TY_i64x2, TY_i64x2};
    Bits args[2] = {x, y};
    InstData data = {.op = OP_snarrow, .type = TY_i64x2};
    assert_bits(apply(&b, data, both, args, 2, NULL),
                (Bits){.u32 = {0x7fffffff, 0x80000000, 0x80000000, 5}});
    data.op = OP_unarrow;
    assert_bits(apply(&b, data, both, args, 2, NULL), (Bits){.u32 = {0xffffffff, 0, 0, 5}});
    data.op = OP_uunarrow;
    assert_bits(apply(&b, data, both, args, 2, NULL),
                (Bits){.u32 = {0xffffffff, 0xffffffff, 0xffffffff, 5}});

    Bits q = {.u16 = {0x8000, 0x8000, 0x4000, 0x7fff, 1, 0xffff}};
    Bits p = {.u16 = {0x8000, 0x7fff, 0x0001, 0x7fff, 0x4000, 0x4000}};
    Bits r = APPLY(&b, OP_sqmul_round_sat, TY_i16x8, LIST(TY_i16x8, TY_i16x8), q, p);
    assert_bits(r, (Bits){.u16 = {0x7fff, 0x8001, 0x0001, 0x7ffe, 1, 0}});
    r = APPLY(&b, OP_sqmul_round_sat, TY_i32x4, LIST(TY_i32x4, TY_i32x4),
              (Bits){.u32 = {0x80000000, 0x40000000, 1}},
              (Bits){.u32 = {0x80000000, 0x40000000, 0x3fffffff}});
    assert_bits(r, (Bits){.u32 = {0x7fffffff, 0x20000000, 0}});

    Bits zeros = {0}, one = {.u64 = {0, 1}};
    Bits full = {.u32 = {1, 0x80000000, 2, 3}};
    assert_bits(APPLY(&b, OP_vany_true, TY_i32x4, LIST(TY_i32x4), zeros), bits_of(0));
    assert_bits(APPLY(&b, OP_vany_true, TY_i32x4, LIST(TY_i32x4), one), bits_of(1));
    assert_bits(APPLY(&b, OP_vall_true, TY_i32x4, LIST(TY_i32x4), one), bits_of(0));
    assert_bits(APPLY(&b, OP_vall_true, TY_i32x4, LIST(TY_i32x4), full), bits_of(1));
    assert_bits(APPLY(&b, OP_vall_true, TY_i64x2, LIST(TY_i64x2), one), bits_of(0));
    assert_bits(APPLY(&b, OP_vhigh_bits, TY_i8, LIST(TY_i32x4), full), bits_of(2));
    Bits highs = {.u64 = {0x8000000000000080, 0x80ff7f0000000000}};
    assert_bits(APPLY(&b, OP_vhigh_bits, TY_i32, LIST(TY_i8x16), highs), bits_of(0xc081));
    assert_bits(APPLY(&b, OP_vhigh_bits, TY_i8, LIST(TY_i8x16), highs), bits_of(0x81));
    Bits r8 = APPLY(&b, OP_popcnt, TY_i8x16, LIST(TY_i8x16), highs);
    assert_bits(r8, (Bits){.u64 = {0x0100000000000001, 0x0108070000000000}});
    bench_close(&b);
}

static void shifts_lanes_alike(void **state)
{
    (void)state;
    Bench b = bench_open();
    Bits x = {.u32 = {1, 0x80000000, 0xffffffff, 0x12345678}};
    Bits amount = bits_of(36); /* 4, mod 32 */
    assert_bits(APPLY(&b, OP_ishl, TY_i32x4, LIST(TY_i32x4, TY_i8), x, amount),
                (Bits){.u32 = {0x10, 0, 0xfffffff0, 0x23456780}});
    assert_bits(APPLY(&b, OP_ushr, TY_i32x4, LIST(TY_i32x4, TY_i64), x, amount),
                (Bits){.u32 = {0, 0x08000000, 0x0fffffff, 0x01234567}});
    assert_bits(APPLY(&b, OP_sshr, TY_i32x4, LIST(TY_i32x4, TY_i16), x, amount),
                (Bits){.u32 = {0, 0xf8000000, 0xffffffff, 0x01234567}});
    assert_bits(APPLY(&b, OP_rotl, TY_i32x4, LIST(TY_i32x4, TY_i32), x, amount),
                (Bits){.u32 = {0x10, 8, 0xffffffff, 0x23456781}});
    bench_close(&b);
}

static void works_on_float_lanes(void **state)
{
    (void)state;
    Bench b = bench_open();
    Bits x = {.f32 = {1.5f, -0.0f, 3e38f, -7.0f}}, y = {.f32 = {2.0f, 0.0f, 3e38f, 2.0f}};
    Bits r = APPLY(&b, OP_fadd, TY_f32x4, LIST(TY_f32x4, TY_f32x4), x, y);
    assert_bits(r, (Bits){.u32 = {0x40600000, 0, 0x7f800000, 0xc0a00000}});
    r = APPLY(&b, OP_fmin, TY_f32x4, LIST(TY_f32x4, TY_f32x4), y, x);
    assert_bits(r, (Bits){.f32 = {1.5f, -0.0f, 3e38f, -7.0f}});
    Bits p = {.f64 = {-1.5, 2.5}};
    r = APPLY(&b, OP_nearest, TY_f64x2, LIST(TY_f64x2), p);
    assert_bits(r, (Bits){.f64 = {-2.0, 2.0}});
    r = APPLY(&b, OP_fvdemote, TY_f64x2, LIST(TY_f64x2), p);
    assert_bits(r, (Bits){.f32 = {-1.5f, 2.5f, 0, 0}});
    r = APPLY(&b, OP_fvpromote_low, TY_f32x4, LIST(TY_f32x4), x);
    assert_bits(r, (Bits){.f64 = {1.5, -0.0}});
    InstData less = {.op = OP_fcmp, .type = TY_f64x2, .cond = FLOATCC_lt};
    Bits zeros = {0}, args[2] = {p, zeros};
    assert_bits(apply(&b, less, (Type[]){TY_f64x2, TY_f64x2}, args, 2, NULL),
                (Bits){.u64 = {UINT64_MAX, 0}});

    Bits wide = {.f32 = {-1.0f, 300.7f, 1e20f, -1e20f}};
    r = APPLY(&b, OP_fcvt_to_sint_sat, TY_i32x4, LIST(TY_f32x4), wide);
    assert_bits(r, (Bits){.u32 = {0xffffffff, 300, 0x7fffffff, 0x80000000}});
    r = APPLY(&b, OP_fcvt_to_uint_sat, TY_i32x4, LIST(TY_f32x4), wide);
    assert_bits(r, (Bits){.u32 = {0, 300, 0xffffffff, 0}});
    r = APPLY(&b, OP_x86_cvtt2dq, TY_i32x4, LIST(TY_f32x4), wide);
    assert_bits(r, (Bits){.u32 = {0xffffffff, 300, 0x80000000, 0x80000000}});
    r = APPLY(&b, OP_fcvt_from_sint, TY_f32x4, LIST(TY_i32x4),
              (Bits){.u32 = {0xffffffff, 0x7fffffff, 0x80000000, 3}});
    assert_bits(r, (Bits){.f32 = {-1.0f, 0x1p31f, -0x1p31f, 3.0f}});
    r = APPLY(&b, OP_fcvt_from_uint, TY_f64x2, LIST(TY_i64x2),
              (Bits){.u64 = {UINT64_MAX, 1}});
    assert_bits(r, (Bits){.f64 = {0x1p64, 1.0}});
    bench_close(&b);
}

/* The same bits; big-endian turns the bytes of each lane of both types. */
static void casts_bits(void **state)
{
    (void)state;
    Bench b = bench_open();
    InstData data = {.op = OP_bitcast, .type = TY_i64x2, .flags = {.bits = MEMFLAG_little}};
    Type from = TY_i32x4;
    assert_bits(apply(&b, data, &from, &counting, 1, NULL), counting);
    data.flags.bits = MEMFLAG_big;
    assert_bits(apply(&b, data, &from, &counting, 1, NULL),
                (Bits){.u32 = {0x07060504, 0x03020100, 0x0f0e0d0c, 0x0b0a0908}});
    data = (InstData){.op = OP_bitcast, .type = TY_i32};
    from = TY_f32;
    Bits nan = bits_of(0x7f800001);
    assert_bits(apply(&b, data, &from, &nan, 1, NULL), nan);
    bench_close(&b);
}

static void chooses_whole_values(void **state)
{
    (void)state;
    Bench b = bench_open();
    Bits x = counting, y = {.u64 = {5, 6}};
    Bits high_only = {.u64 = {0, 1}};
    Bits r = APPLY(&b, OP_select, TY_i8x16, LIST(TY_i128, TY_i8x16, TY_i8x16), high_only, x, y);
    assert_bits(r, x);
    r = APPLY(&b, OP_select, TY_i8x16, LIST(TY_i8, TY_i8x16, TY_i8x16), bits_of(0), x, y);
    assert_bits(r, y);
    r = APPLY(&b, OP_select_spectre_guard, TY_i64, LIST(TY_i8, TY_i64, TY_i64), bits_of(2),
              bits_of(3), bits_of(4));
    assert_bits(r, bits_of(3));
    Bits mask = {.u64 = {0xff00ff00ff00ff00, UINT64_MAX}};
    r = APPLY(&b, OP_bitselect, TY_f32x4, LIST(TY_f32x4, TY_f32x4, TY_f32x4), mask, x, y);
    assert_bits(r, (Bits){.u64 = {0x0700050003000105, x.u64[1]}});
    bench_close(&b);
}

/* 64-bit vectors use the lower half, and leave the upper one zero. */
static void works_on_short_vectors(void **state)
{
    (void)state;
    Bench b = bench_open();
    Bits x = bits_of(0xffff00010002ffff), y = bits_of(0x0001000100010001);
    Bits r = APPLY(&b, OP_iadd, TY_i16x4, LIST(TY_i16x4, TY_i16x4), x, y);
    assert_bits(r, bits_of(0x0000000200030000));
    bench_clear(&b);
    Bits args[2] = {bits_of(0), bits_of(0)};
    InterpResult wide = bench_apply(&b, OP_iadd, TY_i32x8, args, 2);
    assert_int_equal(wide.status, INTERP_refused);
    InstData nothing = {.op = OP_nop};
    uint32_t func = bench_function(&b, nothing, (const Type[]){TY_i32x8}, 1, NULL);
    assert_int_equal(bench_run(&b, func, args, 1).status, INTERP_refused);
    bench_close(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_processor),
        cmocka_unit_test(moves_lanes),
        cmocka_unit_test(narrows_and_counts),
        cmocka_unit_test(shifts_lanes_alike),
        cmocka_unit_test(works_on_float_lanes),
        cmocka_unit_test(casts_bits),
        cmocka_unit_test(chooses_whole_values),
        cmocka_unit_test(works_on_short_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
