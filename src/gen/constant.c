#include "gen/constant.h"

enum {
#define CONSTANT(weight, name, value) SPECIAL_##name,
#include "gen/constants.def"
};

enum {
    SPECIAL_TOTAL = 0
#define CONSTANT(weight, name, value) +weight
#include "gen/constants.def"
};

static uint8_t special_wheel[SPECIAL_TOTAL];

__attribute__((constructor)) static void fill_special_wheel(void)
{
    unsigned at = 0;
#define CONSTANT(weight, name, value) \
    for (unsigned k = 0; k < weight; k++) special_wheel[at++] = SPECIAL_##name;
#include "gen/constants.def"
}

static int64_t special(Choice *c, uint64_t B)
{
    uint64_t k = choose(c, 16), e = choose(c, (uint32_t)B);
    switch (special_wheel[choose(c, SPECIAL_TOTAL)]) {
#define CONSTANT(weight, name, value) \
    case SPECIAL_##name: return value;
#include "gen/constants.def"
    }
    return 0;
}

static const uint64_t floats[][5] = {
#define FLOAT(f16, f32, f64, high, low) {f16, f32, f64, high, (uint64_t)(low)},
#include "gen/floats.def"
};

static int64_t sign_extend(uint64_t n, unsigned bits)
{
    return (int64_t)(n << (64 - bits)) >> (64 - bits);
}

/* A constant of before, its negative or its complement. */
static int64_t reused(const Gen *g, Choice *c)
{
    int64_t n = g->reuse[choose(c, REUSE_MAX)];
    uint32_t how = choose(c, 4);
    return how == 3 ? ~n : how == 2 ? (int64_t)-(uint64_t)n : n;
}

int64_t choose_integer(Gen *g, Choice *c, unsigned bits)
{
    uint32_t how = choose(c, 16);
    if (how >= 13) return sign_extend((uint64_t)reused(g, c), bits);
    int64_t n = how < 8    ? special(c, bits)
                : how < 10 ? (int64_t)choose(c, 256) - 64
                           : (int64_t)choose_u64(c);
    n = sign_extend((uint64_t)n, bits);
    g->reuse[choose(c, REUSE_MAX)] = n;
    return n;
}

TrapCode choose_trap(Choice *c)
{
    static const TrapCode named[] = {TRAP_heap_oob, TRAP_int_ovf, TRAP_int_divz, TRAP_bad_toint,
                                     TRAP_stk_ovf};
    return chance(c, 1, 2) ? named[choose(c, countof(named))]
                           : (TrapCode)(1 + choose(c, TRAP_user_last));
}

/* A few significant bits, an exponent near 0. */
static uint64_t short_float(Choice *c, unsigned bits)
{
    double d = (double)((int32_t)choose(c, 4096) - 2048);
    d /= (double)(1u << choose(c, 8));
    float f = (float)d;
    uint32_t low;
    uint64_t all;
    memcpy(&low, &f, 4);
    memcpy(&all, &d, 8);
    return bits == 32 ? low : all;
}

/* The same of f16, and of the high half of f128: sign, exponent, the highest bits behind it. */
static uint64_t short_float_by_fields(Choice *c, unsigned bits)
{
    unsigned width = bits == 16 ? 10 : 48, bias = bits == 16 ? 15 : 16383;
    uint64_t exponent = bias - 8 + choose(c, 16), sign = choose(c, 2);
    uint64_t fraction = (uint64_t)choose(c, 64) << (width - 6);
    return sign << (bits == 16 ? 15 : 63) | exponent << width | fraction;
}

static Bits choose_float(Choice *c, unsigned bits)
{
    bool wide = bits == 128, usual = bits == 32 || bits == 64;
    if (chance(c, 1, 4)) {
        uint64_t x = usual ? short_float(c, bits) : short_float_by_fields(c, bits);
        return wide ? (Bits){.u64 = {0, x}} : bits_of(x);
    }
    const uint64_t *row = floats[choose(c, countof(floats))];
    return wide ? (Bits){.u64 = {row[4], row[3]}} : bits_of(row[bits / 32]);
}

/* A number of 64 bits in the low half, the high one, or both; or each half its own. */
static Bits choose_i128(Gen *g, Choice *c)
{
    uint64_t x = (uint64_t)choose_integer(g, c, 64), sign = (uint64_t)((int64_t)x >> 63);
    uint32_t how = choose(c, 8);
    return how < 4    ? (Bits){.u64 = {x, sign}}
           : how == 4 ? (Bits){.u64 = {x, 0}}
           : how == 5 ? (Bits){.u64 = {0, x}}
                      : (Bits){.u64 = {x, (uint64_t)choose_integer(g, c, 64)}};
}

static Bits choose_lane(Gen *g, Choice *c, Type lane)
{
    unsigned bits = type_bits(lane);
    if (type_has_float_lanes(lane)) return choose_float(c, bits);
    if (bits == 128) return choose_i128(g, c);
    return bits_of((uint64_t)choose_integer(g, c, bits) & ~UINT64_C(0) >> (64 - bits));
}

Bits choose_bits(Gen *g, Choice *c, Type t)
{
    Type lane = type_lane(t);
    Bits first = choose_lane(g, c, lane), b = {0};
    if (!type_is_vector(t)) return first;
    uint64_t x = first.u64[0];
    bool same = chance(c, 1, 4);
    for (unsigned k = 0; k < type_lanes(t); k++) {
        bits_set_lane(&b, t, k, x);
        if (same) continue;
        x = chance(c, 1, 4) ? choose_lane(g, c, lane).u64[0] : x + choose(c, 64);
    }
    return b;
}

static Value gen_i128(Fn *fn, const Bits *bits)
{
    Value low = gen_iconst(fn, TY_i64, (int64_t)bits->u64[0]);
    if (!bits->u64[1]) return gen_unary(fn, OP_uextend, TY_i128, low);
    if (bits->u64[1] == (uint64_t)((int64_t)bits->u64[0] >> 63))
        return gen_unary(fn, OP_sextend, TY_i128, low);
    return gen_binary(fn, OP_iconcat, low, gen_iconst(fn, TY_i64, (int64_t)bits->u64[1]));
}

static Value gen_float(Fn *fn, Type t, const Bits *bits)
{
    InstData i = {.type = (uint8_t)t, .imm = (int64_t)bits->u64[0]};
    i.op = t == TY_f16 ? OP_f16const : t == TY_f32 ? OP_f32const : OP_f64const;
    return gen_value(fn, &i);
}

/* Of the constant pool. */
static Value gen_pooled(Fn *fn, Op op, Type t, const Bits *bits)
{
    Constant k = build_constant(fn->f, bits, type_bytes(t));
    return gen_value(fn, &(InstData){.op = (uint8_t)op, .type = (uint8_t)t, .entity = k.i});
}

Value gen_bits(Fn *fn, Type t, const Bits *bits)
{
    if (type_is_vector(t)) return gen_pooled(fn, OP_vconst, t, bits);
    if (t == TY_i128) return gen_i128(fn, bits);
    if (t == TY_f128) return gen_pooled(fn, OP_f128const, t, bits);
    return type_is_int(t) ? gen_iconst(fn, t, (int64_t)bits->u64[0]) : gen_float(fn, t, bits);
}

Value gen_constant(Fn *fn, Choice *c, Type t)
{
    Bits bits = choose_bits(fn->g, c, t);
    return gen_bits(fn, t, &bits);
}
