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

static const uint64_t floats[][2] = {
#define FLOAT(f32, f64) {f32, f64},
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

static uint64_t choose_float(Choice *c, unsigned bits)
{
    if (chance(c, 1, 4)) { /* a few significant bits, an exponent near 0 */
        double d = (double)((int32_t)choose(c, 4096) - 2048);
        d /= (double)(1u << choose(c, 8));
        float f = (float)d;
        uint32_t low;
        uint64_t all;
        memcpy(&low, &f, 4);
        memcpy(&all, &d, 8);
        return bits == 32 ? low : all;
    }
    return floats[choose(c, countof(floats))][bits == 64];
}

uint64_t choose_lane(Gen *g, Choice *c, Type lane)
{
    unsigned bits = type_bits(lane);
    if (type_has_float_lanes(lane)) return choose_float(c, bits);
    return (uint64_t)choose_integer(g, c, bits);
}

Bits choose_bits(Gen *g, Choice *c, Type t)
{
    Bits b = {0};
    Type lane = type_lane(t);
    uint64_t x = choose_lane(g, c, lane);
    bool same = !type_is_vector(t) || chance(c, 1, 4);
    for (unsigned k = 0; k < type_lanes(t); k++) {
        bits_set_lane(&b, t, k, x);
        if (same) continue;
        x = chance(c, 1, 4) ? choose_lane(g, c, lane) : x + choose(c, 64);
    }
    return b;
}

Value gen_bits(Fn *fn, Type t, const Bits *bits)
{
    if (type_is_vector(t)) return gen_vconst(fn, t, bits);
    if (type_is_int(t)) return gen_iconst(fn, t, (int64_t)bits->u64[0]);
    Op op = t == TY_f32 ? OP_f32const : OP_f64const;
    int64_t imm = (int64_t)bits->u64[0];
    return gen_value(fn, &(InstData){.op = (uint8_t)op, .type = (uint8_t)t, .imm = imm});
}

Value gen_constant(Fn *fn, Choice *c, Type t)
{
    Bits bits = choose_bits(fn->g, c, t);
    return gen_bits(fn, t, &bits);
}
