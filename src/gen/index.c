/* The parts of an address with an index:
 *
 *     bounded   x & 7, umin(x, 5), x urem 6, x < 6 ? x : 0, x >>u 29, a loop's counter
 *     wrapped   in the narrow type: high bits set and shifted, multiplied or added out again
 *     widened   to i64, by zeros or by the sign (then it may be negative)
 *     scaled    shifted, multiplied, added to itself
 *     placed    added to the address before or after a displacement that the access takes back
 */
#include "gen/index.h"

#include "gen/pick.h"

/* An i64 in [lo, hi], lo plus multiples of the stride. */
typedef struct {
    Value v;
    int64_t lo, hi;
    uint64_t stride;
    uint64_t known; /* divides the stride, and is known to */
    bool provable;
} Index;

typedef struct {
    Value v;
    uint64_t count; /* 0 <= v < count */
    bool provable;
} Bounded;

static unsigned log2_floor(uint64_t n) { return 63 - (unsigned)__builtin_clzll(n); }

static Bounded by_mask(Fn *fn, Choice *c, Value x, uint64_t count)
{
    (void)c;
    uint64_t power = UINT64_C(1) << log2_floor(count);
    return (Bounded){gen_binary_imm(fn, OP_band, x, (int64_t)power - 1), power, true};
}

static Bounded by_minimum(Fn *fn, Choice *c, Value x, uint64_t count)
{
    (void)c;
    return (Bounded){gen_binary_imm(fn, OP_umin, x, (int64_t)count - 1), count, true};
}

static Bounded by_remainder(Fn *fn, Choice *c, Value x, uint64_t count)
{
    (void)c;
    return (Bounded){gen_binary_imm(fn, OP_urem, x, (int64_t)count), count, true};
}

static Bounded by_choice(Fn *fn, Choice *c, Value x, uint64_t count)
{
    Type t = func_type(fn->f, x);
    Value limit = gen_iconst(fn, t, (int64_t)count);
    Value below = gen_icmp(fn, INTCC_ult, x, limit);
    Value other = gen_iconst(fn, t, choose(c, (uint32_t)count));
    return (Bounded){gen_select(fn, OP_select, below, x, other), count, false};
}

static Bounded by_shift(Fn *fn, Choice *c, Value x, uint64_t count)
{
    (void)c;
    unsigned bits = type_bits(func_type(fn->f, x)), keep = log2_floor(count);
    if (keep == 0) return by_mask(fn, c, x, count);
    return (Bounded){gen_binary_imm(fn, OP_ushr, x, (int64_t)(bits - keep)), UINT64_C(1) << keep,
                     true};
}

typedef Bounded Bounder(Fn *, Choice *, Value, uint64_t);
static Bounder *const bounders[] = {by_mask,     by_mask,      by_mask,   by_minimum,
                                    by_minimum,  by_remainder, by_choice, by_shift};

/* `count` must be a number of the type, and below half of it. */
static Bounded make_bounded(Fn *fn, Choice *c, Type t, uint64_t count)
{
    const Scope *s = &fn->scope;
    if (s->ncounters && chance(c, 1, 2)) {
        const Counter *k = &s->counters[choose(c, s->ncounters)];
        if (k->type == t && k->count <= count) return (Bounded){k->v, k->count, false};
    }
    Value x = scope_value(fn, c, t);
    return bounders[choose(c, countof(bounders))](fn, c, x, count);
}

Value index_bounded(Fn *fn, Choice *c, Type t, uint64_t count)
{
    return make_bounded(fn, c, t, count).v;
}

static Index widen(Fn *fn, Choice *c, Bounded b)
{
    Index i = {b.v, 0, (int64_t)b.count - 1, 1, 1, b.provable};
    if (func_type(fn->f, b.v) == TY_i64) return i;
    i.v = gen_unary(fn, chance(c, 1, 3) ? OP_sextend : OP_uextend, TY_i64, b.v);
    return i;
}

/* A number whose bits from `low` on up to the type's last are random, and the last one set. */
static int64_t high_bits(Choice *c, unsigned bits, unsigned low)
{
    uint64_t n = choose_u64(c) << low | UINT64_C(1) << (bits - 1);
    return (int64_t)(bits == 64 ? n : n & ((UINT64_C(1) << bits) - 1));
}

/* (b | high) + -high: wraps back to b. */
static Index wrap_add(Fn *fn, Choice *c, Bounded b, uint64_t stride)
{
    unsigned bits = type_bits(func_type(fn->f, b.v)), low = log2_floor(b.count - 1) + 1;
    if (b.count < 2 || low >= bits) return widen(fn, c, b);
    uint64_t high = (uint64_t)high_bits(c, bits, low);
    (void)stride;
    b.provable = false;
    if (chance(c, 1, 2)) {
        b.v = gen_binary_imm(fn, OP_bor, b.v, (int64_t)high);
        b.v = gen_binary_imm(fn, OP_iadd, b.v, (int64_t)-high);
    } else {
        b.v = gen_binary_imm(fn, OP_isub, b.v, (int64_t)high);
        b.v = gen_binary_imm(fn, OP_iadd, b.v, (int64_t)high);
    }
    return widen(fn, c, b);
}

/* (b | high) << k or * 2^k: the high bits are lost, b is scaled. */
static Index wrap_scale(Fn *fn, Choice *c, Bounded b, uint64_t stride)
{
    unsigned bits = type_bits(func_type(fn->f, b.v)), k = log2_floor(stride);
    bool fits = b.count >= 2 && k > 0 && log2_floor(b.count - 1) + 1 + k < bits - 1;
    if (!fits || stride != UINT64_C(1) << k) return widen(fn, c, b);
    int64_t high = high_bits(c, bits, bits - k);
    b.provable = false;
    b.v = gen_binary_imm(fn, OP_bor, b.v, high);
    if (chance(c, 2, 3))
        b.v = gen_binary_imm(fn, OP_ishl, b.v, k);
    else
        b.v = gen_binary_imm(fn, OP_imul, b.v, INT64_C(1) << k);
    Index i = widen(fn, c, (Bounded){b.v, (b.count - 1) * stride + 1, b.provable});
    i.stride = i.known = stride;
    return i;
}

/* b - n with n at least b's count: negative, widened by the sign. */
static Index negative(Fn *fn, Choice *c, Bounded b, uint64_t stride)
{
    (void)stride;
    Type t = func_type(fn->f, b.v);
    int64_t n = (int64_t)b.count + (chance(c, 1, 2) ? (int64_t)choose(c, 32) : 0);
    if (n >= INT64_C(1) << (type_bits(t) - 2)) return widen(fn, c, b);
    Value v = chance(c, 1, 2) ? gen_binary_imm(fn, OP_isub, b.v, n)
                              : gen_binary_imm(fn, OP_iadd, b.v, -n);
    if (t != TY_i64) v = gen_unary(fn, OP_sextend, TY_i64, v);
    return (Index){v, -n, (int64_t)b.count - 1 - n, 1, 1, b.provable};
}

typedef Index Wrapper(Fn *, Choice *, Bounded, uint64_t);
static Wrapper *const wrappers[] = {wrap_add, wrap_scale, wrap_scale, negative};

static Index scale(Fn *fn, Choice *c, Index i, uint64_t stride)
{
    if (i.stride == stride) return i;
    CHECK(i.stride == 1);
    uint32_t how = choose(c, 4);
    i.known = stride;
    if (how == 3 && stride == 2)
        i.known = 1, i.v = gen_binary(fn, OP_iadd, i.v, i.v);
    else if (how >= 2 || !is_power_of_two(stride))
        i.v = gen_binary_imm(fn, OP_imul, i.v, (int64_t)stride);
    else
        i.v = gen_binary_imm(fn, OP_ishl, i.v, log2_floor(stride));
    i.lo *= (int64_t)stride;
    i.hi *= (int64_t)stride;
    i.stride = stride;
    return i;
}

/* A displacement that the access's own offset can take back: anywhere in its range. */
static int64_t large_displacement(Choice *c)
{
    static const int64_t edges[] = {0x7fff0000, -0x7fff0000, 0x40000000, -0x40000000,
                                    0x10000,    -0x10000,    0x1000,     -0x1000};
    int64_t n = edges[choose(c, countof(edges))];
    uint32_t how = choose(c, 4);
    if (how == 3) n = (int64_t)choose_u32(c) - INT64_C(0x80000000); /* anywhere */
    if (n < -0x7fff0000) n = -0x7fff0000; /* room for the access's own offset */
    if (n > 0x7fff0000) n = 0x7fff0000;
    return how < 2 ? n : n + (int64_t)choose(c, 0x8000);
}

static Address moved(Address a, Value v, int64_t lo, int64_t hi, uint64_t stride, bool provable)
{
    uint64_t align = stride ? stride & -stride : a.align;
    a.v = v;
    a.lo += lo;
    a.hi += hi;
    if (align < a.align) a.align = (uint16_t)align;
    a.skew = (uint16_t)((uint64_t)a.skew + (uint64_t)lo) & (a.align - 1);
    a.provable &= provable;
    return a;
}

/* (p + n) + i, p + (i + n), i + p, (p + big) + (i - big) */
static Address place(Fn *fn, Choice *c, Address a, Index i)
{
    bool wild = is_on(fn->g, FAMILY_wrap);
    uint32_t how = choose(c, 8);
    if (how == 7 && wild) {
        int64_t n = large_displacement(c);
        Value p = gen_offset(fn, a.v, n);
        a = moved(a, gen_binary(fn, OP_iadd, p, i.v), i.lo, i.hi, i.known, i.provable);
        return moved(a, a.v, n, n, 0, true);
    }
    if (how == 6 && wild) {
        int64_t n = large_displacement(c);
        Value x = gen_offset(fn, i.v, n);
        a = moved(a, gen_binary(fn, OP_iadd, a.v, x), i.lo, i.hi, i.known, i.provable);
        return moved(a, a.v, n, n, 0, true);
    }
    if (how == 5 && wild) {
        int64_t n = (int64_t)choose_u64(c);
        i.provable = false;
        Value p = gen_offset(fn, a.v, n), x = gen_binary_imm(fn, OP_isub, i.v, n);
        return moved(a, gen_binary(fn, OP_iadd, p, x), i.lo, i.hi, i.known, i.provable);
    }
    if (how == 4) {
        Value v = gen_binary(fn, OP_iadd, i.v, a.v);
        return moved(a, v, i.lo, i.hi, i.known, i.provable);
    }
    return moved(a, gen_binary(fn, OP_iadd, a.v, i.v), i.lo, i.hi, i.known, i.provable);
}

static Type index_type(Choice *c)
{
    static const Type types[] = {TY_i32, TY_i32, TY_i32, TY_i64, TY_i64, TY_i64, TY_i16, TY_i8};
    return types[choose(c, countof(types))];
}

bool index_make(Fn *fn, Choice *c, const Address *a, ByteRange range, uint32_t bytes, Address *out)
{
    int64_t span = range.hi - range.lo - bytes - (a->hi - a->lo);
    if (span < 1 || a->v.i == NO_INDEX || !is_on(fn->g, FAMILY_index)) return false;
    uint64_t stride = UINT64_C(1) << choose(c, 5);
    while (stride > (uint64_t)span) stride /= 2;
    if (chance(c, 1, 8) && span >= 3) stride = span >= 5 && chance(c, 1, 2) ? 5 : 3;
    uint64_t count = (uint64_t)span / stride + 1;
    if (count > 16 && chance(c, 3, 4)) count = 16;
    if (count > 60) count = 60;
    Bounded b = make_bounded(fn, c, index_type(c), count);
    bool wraps = is_on(fn->g, FAMILY_wrap) && chance(c, 1, 2);
    Index i = wraps ? wrappers[choose(c, countof(wrappers))](fn, c, b, stride) : widen(fn, c, b);
    *out = place(fn, c, *a, scale(fn, c, i, stride));
    return true;
}
