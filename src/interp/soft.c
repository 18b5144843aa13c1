/* A finite number is significand * 2^exponent with a significand of up to 256 bits: room for the
 * product of two of 113 bits. Where a sum needs more room, bits fall off at the end and leave their
 * mark in the last one that stays (`jam`): it is far below the one that rounding looks at, and so
 * what falls off decides ties and nothing else. */
#include "interp/soft.h"

/* ---- 256 bits ------------------------------------------------------------------------------ */

typedef struct {
    Wide high, low;
} Long;

static unsigned length128(Wide x) { return 128 - clz128(x, 128); }

static unsigned length(Long x)
{
    return x.high ? 128 + length128(x.high) : length128(x.low);
}

static Long shift_left(Long x, unsigned by)
{
    if (by == 0) return x;
    if (by >= 128) return (Long){x.low << (by - 128), 0};
    return (Long){x.high << by | x.low >> (128 - by), x.low << by};
}

static Long shift_right(Long x, unsigned by)
{
    if (by == 0) return x;
    if (by >= 256) return (Long){0, 0};
    if (by >= 128) return (Long){0, x.high >> (by - 128)};
    return (Long){x.high >> by, x.low >> by | x.high << (128 - by)};
}

static bool is_zero(Long x) { return !(x.high | x.low); }

static bool is_less(Long x, Long y)
{
    return x.high < y.high || (x.high == y.high && x.low < y.low);
}

static Long plus(Long x, Long y)
{
    Wide low = x.low + y.low;
    return (Long){x.high + y.high + (low < x.low), low};
}

static Long minus(Long x, Long y)
{
    return (Long){x.high - y.high - (x.low < y.low), x.low - y.low};
}

static bool is_equal(Long x, Long y) { return x.high == y.high && x.low == y.low; }

/* What falls off sets the last bit. */
static Long jam(Long x, unsigned by)
{
    Long y = shift_right(x, by);
    bool lost = by >= 256 ? !is_zero(x) : !is_equal(shift_left(y, by), x);
    y.low |= lost;
    return y;
}

static Long product(Wide x, Wide y) { return (Long){mulhi_u128(x, y, 128), x * y}; }

/* ---- formats ------------------------------------------------------------------------------- */

/* Bits of the trailing significand; the exponent's largest, which stands for infinity and NaN. */
typedef struct {
    unsigned bits, fraction;
    int top, bias;
} Format;

static Format format_of(unsigned bits)
{
    static const struct {
        uint8_t exponent, fraction;
    } widths[] = {{5, 10}, {8, 23}, {11, 52}, {15, 112}};
    unsigned k = bits == 16 ? 0 : bits == 32 ? 1 : bits == 64 ? 2 : 3;
    int top = (1 << widths[k].exponent) - 1;
    return (Format){bits, widths[k].fraction, top, top / 2};
}

typedef enum { ZERO, FINITE, INFINITE, NOT_A_NUMBER } Kind;

typedef struct {
    Kind kind;
    bool negative;
    int exponent; /* of the significand's last bit */
    Long significand;
} Number;

static Number unpack(Wide x, unsigned bits)
{
    Format f = format_of(bits);
    Wide fraction = low128(x, f.fraction);
    int exponent = (int)(x >> f.fraction) & f.top;
    Number n = {.kind = FINITE, .negative = top128(x, bits)};
    if (exponent == f.top) {
        n.kind = fraction ? NOT_A_NUMBER : INFINITE;
    } else if (exponent == 0 && fraction == 0) {
        n.kind = ZERO;
    } else {
        bool subnormal = exponent == 0;
        n.exponent = (subnormal ? 1 : exponent) - f.bias - (int)f.fraction;
        n.significand.low = fraction | (subnormal ? 0 : (Wide)1 << f.fraction);
    }
    return n;
}

static Wide pack(bool negative, int exponent, Wide fraction, Format f)
{
    return (Wide)negative << (f.bits - 1) | (Wide)(unsigned)exponent << f.fraction | fraction;
}

static Wide infinity(bool negative, Format f) { return pack(negative, f.top, 0, f); }
static Wide zero(bool negative, Format f) { return pack(negative, 0, 0, f); }
static Wide nan_of(Format f) { return pack(false, f.top, (Wide)1 << (f.fraction - 1), f); }

/* The significand without its `cut` last bits, rounded. */
static Wide rounded(Long x, unsigned cut)
{
    if (cut == 0) return x.low;
    Wide kept = shift_right(x, cut).low;
    Long rest = minus(x, shift_left((Long){0, kept}, cut));
    Long half = shift_left((Long){0, 1}, cut - 1);
    bool up = is_less(half, rest) || (is_equal(half, rest) && kept & 1);
    return kept + up;
}

/* A significand of at most 250 bits; what is too small or too large becomes 0 or infinity. */
static Wide round_pack(Number n, unsigned bits)
{
    Format f = format_of(bits);
    int least = 1 - f.bias - (int)f.fraction; /* exponent of the last bit of subnormals */
    if (is_zero(n.significand)) return zero(n.negative, f);
    int last = n.exponent + (int)length(n.significand) - (int)f.fraction - 1;
    if (last < least) last = least;
    int cut = last - n.exponent;
    Wide kept = cut <= 0 ? shift_left(n.significand, (unsigned)-cut).low
                : cut > 252 ? 0 /* far below half of the smallest number */
                            : rounded(n.significand, (unsigned)cut);
    if (kept >> (f.fraction + 1)) {
        kept >>= 1;
        last++;
    }
    bool normal = kept >> f.fraction;
    int exponent = normal ? last + f.bias + (int)f.fraction : 0;
    if (exponent >= f.top) return infinity(n.negative, f);
    return pack(n.negative, exponent, low128(kept, f.fraction), f);
}

/* ---- sums, products ------------------------------------------------------------------------ */

enum { ROOM = 250 };

/* The same number with its first bit at ROOM. */
static Number spread(Number n)
{
    unsigned by = ROOM - length(n.significand);
    n.significand = shift_left(n.significand, by);
    n.exponent -= (int)by;
    return n;
}

/* Both finite and not 0; 0 has no sign yet. */
static Number sum(Number x, Number y)
{
    x = spread(x);
    y = spread(y);
    if (x.exponent < y.exponent ||
        (x.exponent == y.exponent && is_less(x.significand, y.significand))) {
        Number swap = x;
        x = y;
        y = swap;
    }
    Long small = jam(y.significand, (unsigned)(x.exponent - y.exponent));
    x.significand = x.negative == y.negative ? plus(x.significand, small)
                                             : minus(x.significand, small);
    return x;
}

static Wide add(Number x, Number y, unsigned bits)
{
    Format f = format_of(bits);
    if (x.kind == NOT_A_NUMBER || y.kind == NOT_A_NUMBER) return nan_of(f);
    if (x.kind == INFINITE && y.kind == INFINITE && x.negative != y.negative) return nan_of(f);
    if (x.kind == INFINITE || y.kind == INFINITE)
        return infinity(x.kind == INFINITE ? x.negative : y.negative, f);
    if (x.kind == ZERO && y.kind == ZERO) return zero(x.negative && y.negative, f);
    if (y.kind == ZERO) return round_pack(x, bits);
    if (x.kind == ZERO) return round_pack(y, bits);
    Number n = sum(x, y);
    if (is_zero(n.significand)) n.negative = false;
    return round_pack(n, bits);
}

Wide soft_add(Wide x, Wide y, unsigned bits)
{
    return add(unpack(x, bits), unpack(y, bits), bits);
}

Wide soft_sub(Wide x, Wide y, unsigned bits)
{
    return soft_add(x, y ^ (Wide)1 << (bits - 1), bits);
}

/* Exactly. */
static Number times(Number x, Number y)
{
    Number n = {.kind = FINITE, .negative = x.negative != y.negative};
    bool zeros = x.kind == ZERO || y.kind == ZERO;
    bool infinities = x.kind == INFINITE || y.kind == INFINITE;
    bool nan = x.kind == NOT_A_NUMBER || y.kind == NOT_A_NUMBER || (zeros && infinities);
    if (nan || zeros || infinities) {
        n.kind = nan ? NOT_A_NUMBER : zeros ? ZERO : INFINITE;
        return n;
    }
    n.exponent = x.exponent + y.exponent;
    n.significand = product(x.significand.low, y.significand.low);
    return n;
}

static Wide finish(Number n, unsigned bits)
{
    Format f = format_of(bits);
    switch (n.kind) {
    case NOT_A_NUMBER: return nan_of(f);
    case INFINITE: return infinity(n.negative, f);
    case ZERO: return zero(n.negative, f);
    case FINITE: break;
    }
    return round_pack(n, bits);
}

Wide soft_mul(Wide x, Wide y, unsigned bits)
{
    return finish(times(unpack(x, bits), unpack(y, bits)), bits);
}

Wide soft_fma(Wide x, Wide y, Wide z, unsigned bits)
{
    return add(times(unpack(x, bits), unpack(y, bits)), unpack(z, bits), bits);
}

/* ---- quotients, roots ---------------------------------------------------------------------- */

/* x / y in whole numbers, the last bit set when something is left; x has at most 250 bits. */
static Long quotient(Long x, Long y)
{
    Long q = {0, 0}, rest = {0, 0};
    for (unsigned k = length(x); k-- > 0;) {
        rest = shift_left(rest, 1);
        rest.low |= shift_right(x, k).low & 1;
        q = shift_left(q, 1);
        if (is_less(rest, y)) continue;
        rest = minus(rest, y);
        q.low |= 1;
    }
    q.low |= !is_zero(rest);
    return q;
}

Wide soft_div(Wide x, Wide y, unsigned bits)
{
    Number a = unpack(x, bits), b = unpack(y, bits);
    Format f = format_of(bits);
    bool negative = a.negative != b.negative;
    if (a.kind == NOT_A_NUMBER || b.kind == NOT_A_NUMBER) return nan_of(f);
    if (a.kind == b.kind && a.kind != FINITE) return nan_of(f); /* 0 / 0, infinity / infinity */
    if (a.kind == INFINITE || b.kind == ZERO) return infinity(negative, f);
    if (a.kind == ZERO || b.kind == INFINITE) return zero(negative, f);
    a = spread(a);
    a.significand = quotient(a.significand, b.significand);
    a.exponent -= b.exponent;
    a.negative = negative;
    return round_pack(a, bits);
}

/* The root of x in whole numbers, twice, the last bit set when something is left. */
static Long root(Long x)
{
    Wide r = 0;
    for (unsigned k = 127; k-- > 0;) {
        Wide trial = r | (Wide)1 << k;
        if (!is_less(x, product(trial, trial))) r = trial;
    }
    Long twice = shift_left((Long){0, r}, 1);
    twice.low |= !is_equal(product(r, r), x);
    return twice;
}

Wide soft_sqrt(Wide x, unsigned bits)
{
    Number n = unpack(x, bits);
    if (n.kind == ZERO || n.kind == NOT_A_NUMBER) return finish(n, bits);
    if (n.negative) return nan_of(format_of(bits));
    if (n.kind == INFINITE) return finish(n, bits);
    n = spread(n);
    if (n.exponent & 1) {
        n.significand = shift_left(n.significand, 1);
        n.exponent--;
    }
    n.significand = root(n.significand);
    n.exponent = n.exponent / 2 - 1;
    return round_pack(n, bits);
}

/* ---- order --------------------------------------------------------------------------------- */

static bool is_nan(Wide x, unsigned bits) { return unpack(x, bits).kind == NOT_A_NUMBER; }

/* In the order of the numbers, -0 before +0. */
static SignedWide rank_of(Wide x, unsigned bits)
{
    Wide magnitude = low128(x, bits - 1);
    return top128(x, bits) ? -(SignedWide)magnitude - 1 : (SignedWide)magnitude;
}

static bool is_zero_of(Wide x, unsigned bits) { return low128(x, bits - 1) == 0; }

SoftPair soft_compare(Wide x, Wide y, unsigned bits)
{
    if (is_nan(x, bits) || is_nan(y, bits)) return (SoftPair){__builtin_nan(""), 0};
    if (is_zero_of(x, bits) && is_zero_of(y, bits)) return (SoftPair){0, 0};
    SignedWide a = rank_of(x, bits), b = rank_of(y, bits);
    return (SoftPair){a > b, b > a};
}

Wide soft_min(Wide x, Wide y, unsigned bits)
{
    if (is_nan(x, bits) || is_nan(y, bits)) return nan_of(format_of(bits));
    return rank_of(x, bits) < rank_of(y, bits) ? x : y;
}

Wide soft_max(Wide x, Wide y, unsigned bits)
{
    if (is_nan(x, bits) || is_nan(y, bits)) return nan_of(format_of(bits));
    return rank_of(x, bits) < rank_of(y, bits) ? y : x;
}

/* ---- integers ------------------------------------------------------------------------------ */

typedef enum { UP, DOWN, TO_ZERO, TO_EVEN } Direction;

static Wide to_whole(Wide x, unsigned bits, Direction direction)
{
    Number n = unpack(x, bits);
    if (n.kind != FINITE || n.exponent >= 0) return finish(n, bits);
    unsigned cut = (unsigned)-n.exponent < 200 ? (unsigned)-n.exponent : 200;
    Long whole = shift_right(n.significand, cut);
    bool left = !is_equal(shift_left(whole, cut), n.significand);
    bool away = direction == UP ? left && !n.negative : direction == DOWN && left && n.negative;
    if (direction == TO_EVEN) whole = (Long){0, rounded(n.significand, cut)};
    if (away) whole = plus(whole, (Long){0, 1});
    n.significand = whole;
    n.exponent = 0;
    return round_pack(n, bits);
}

Wide soft_ceil(Wide x, unsigned bits) { return to_whole(x, bits, UP); }
Wide soft_floor(Wide x, unsigned bits) { return to_whole(x, bits, DOWN); }
Wide soft_trunc(Wide x, unsigned bits) { return to_whole(x, bits, TO_ZERO); }
Wide soft_nearest(Wide x, unsigned bits) { return to_whole(x, bits, TO_EVEN); }

Wide soft_convert(Wide x, unsigned from, unsigned to) { return finish(unpack(x, from), to); }

Wide soft_from_int(Wide magnitude, bool negative, unsigned bits)
{
    Number n = {.kind = FINITE, .negative = negative, .significand = {0, magnitude}};
    return round_pack(n, bits);
}

SoftInt soft_to_int(Wide x, unsigned bits)
{
    Number n = unpack(x, bits);
    SoftInt r = {.nan = n.kind == NOT_A_NUMBER, .negative = n.negative};
    if (n.kind == INFINITE || n.kind == FINITE) {
        int end = n.exponent + (int)length(n.significand);
        r.too_large = n.kind == INFINITE || end > 128;
        if (r.too_large) r.magnitude = ~(Wide)0;
        else if (n.exponent >= 0) r.magnitude = n.significand.low << n.exponent;
        else if (end > 0) r.magnitude = n.significand.low >> -n.exponent;
    }
    return r;
}
