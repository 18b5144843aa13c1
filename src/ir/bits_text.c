#include "ir/bits_text.h"

typedef unsigned __int128 U128;

static U128 low_ones(unsigned n)
{
    return n >= 128 ? ~(U128)0 : ((U128)1 << n) - 1;
}

static int digit_value(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool skip_text(Str *text, const char *prefix)
{
    size_t n = strlen(prefix);
    if (text->n < n || memcmp(text->at, prefix, n) != 0) return false;
    text->at += n;
    text->n -= n;
    return true;
}

/* Whether there was a minus sign; either sign is skipped. */
static bool skip_sign(Str *text)
{
    bool minus = text->n && text->at[0] == '-';
    if (minus || (text->n && text->at[0] == '+')) skip_text(text, minus ? "-" : "+");
    return minus;
}

/* Digits to a number of at most 128 bits. */
static const char *read_magnitude(Str text, U128 *out)
{
    unsigned base = skip_text(&text, "0x") ? 16 : 10;
    U128 n = 0;
    bool any = false;
    for (size_t k = 0; k < text.n; k++) {
        if (text.at[k] == '_') continue;
        if (text.at[k] == '.') return "an integer has no fraction";
        int digit = digit_value(text.at[k]);
        if (digit < 0 || digit >= (int)base) return "not a digit of this number";
        U128 next = n * base + (unsigned)digit;
        if (n > ~(U128)0 / base || next < (unsigned)digit) return "the number is too large";
        n = next;
        any = true;
    }
    *out = n;
    return any ? NULL : "a number without digits";
}

const char *bits_read_int(Str text, unsigned bits, Bits *out)
{
    bool minus = skip_sign(&text);
    U128 n, half = (U128)1 << (bits - 1);
    const char *wrong = read_magnitude(text, &n);
    if (wrong) return wrong;
    if (minus ? n > half : n > low_ones(bits)) return "the number does not fit its type";
    out->u128 = (minus ? -n : n) & low_ones(bits);
    return NULL;
}

const char *bits_read_i64(Str text, int64_t lo, int64_t hi, int64_t *out)
{
    bool minus = skip_sign(&text);
    U128 n;
    const char *wrong = read_magnitude(text, &n);
    if (wrong) return wrong;
    if (n > (U128)1 << 63) return "the number is out of range";
    __int128 value = minus ? -(__int128)n : (__int128)n;
    if (value < lo || value > hi) return "the number is out of range";
    *out = (int64_t)value;
    return NULL;
}

/* The fields of an IEEE 754 format: exponent and trailing significand bits. */
typedef struct {
    unsigned exponent, fraction;
} FloatShape;

static FloatShape float_shape(Type type)
{
    switch (type_lane_bits(type)) {
    case 16: return (FloatShape){5, 10};
    case 32: return (FloatShape){8, 23};
    case 64: return (FloatShape){11, 52};
    default: return (FloatShape){15, 112};
    }
}

static U128 infinity(FloatShape s) { return low_ones(s.exponent) << s.fraction; }

static const char *read_payload(Str text, FloatShape s, bool quiet, U128 *out)
{
    U128 payload, quiet_bit = (U128)1 << (s.fraction - 1);
    const char *wrong = text.n > 2 ? read_magnitude(text, &payload) : "a payload is missing";
    if (wrong) return wrong;
    if (payload >= quiet_bit) return "the NaN's payload is too large";
    if (!quiet && payload == 0) return "a signalling NaN needs a payload";
    *out = infinity(s) | payload | (quiet ? quiet_bit : 0);
    return NULL;
}

static const char *read_special(Str text, FloatShape s, U128 *out)
{
    if (str_is(text, "0.0")) return *out = 0, NULL;
    if (str_is(text, "Inf")) return *out = infinity(s), NULL;
    if (str_is(text, "NaN")) return *out = infinity(s) | (U128)1 << (s.fraction - 1), NULL;
    if (skip_text(&text, "NaN:")) return read_payload(text, s, true, out);
    if (skip_text(&text, "sNaN:")) return read_payload(text, s, false, out);
    return "a float must be hexadecimal, as 0x1.8p3";
}

/* significand * 2^exponent */
typedef struct {
    U128 significand;
    int exponent;
} Scaled;

static const char *read_scaled(Str text, Scaled *out)
{
    unsigned digits = 0, behind = 0;
    bool point = false;
    int64_t exponent = 0;
    out->significand = 0;
    for (size_t k = 0; k < text.n; k++) {
        char c = text.at[k];
        int digit = digit_value(c);
        if (c == 'p') {
            Str rest = {text.at + k + 1, text.n - k - 1};
            if (bits_read_i64(rest, -32768, 32767, &exponent)) return "not an exponent";
            break;
        }
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (digit < 0) return "not a hexadecimal digit";
        if (++digits > 32) return "too many digits";
        behind += point;
        out->significand = out->significand << 4 | (unsigned)digit;
    }
    out->exponent = (int)exponent - 4 * (int)behind;
    return digits ? NULL : "a number without digits";
}

static unsigned bit_length(U128 n)
{
    uint64_t high = (uint64_t)(n >> 64), low = (uint64_t)n;
    if (high) return 128 - (unsigned)__builtin_clzll(high);
    return low ? 64 - (unsigned)__builtin_clzll(low) : 0;
}

/* Shifts to the right where no bit is lost. */
static bool shift_exactly(U128 *n, unsigned by)
{
    if (by >= 128 || *n & low_ones(by)) return false;
    *n >>= by;
    return true;
}

static const char *encode(Scaled x, FloatShape s, U128 *out)
{
    if (x.significand == 0) return *out = 0, NULL;
    unsigned length = bit_length(x.significand), want = s.fraction + 1;
    if (length > want && !shift_exactly(&x.significand, length - want)) return "too many bits";
    if (length < want) x.significand <<= want - length;
    x.exponent += (int)length - (int)want;
    int bias = (1 << (s.exponent - 1)) - 1;
    int biased = x.exponent + (int)s.fraction + bias;
    if (biased > (int)low_ones(s.exponent) - 1) return "the number is too large";
    if (biased > 0) {
        *out = (U128)(unsigned)biased << s.fraction | (x.significand & low_ones(s.fraction));
        return NULL;
    }
    if (1 - biased > (int)s.fraction || !shift_exactly(&x.significand, (unsigned)(1 - biased)))
        return "the number is too small";
    *out = x.significand;
    return NULL;
}

const char *bits_read_float(Str text, Type type, Bits *out)
{
    FloatShape s = float_shape(type);
    bool minus = skip_sign(&text);
    const char *wrong;
    if (skip_text(&text, "0x")) {
        Scaled x;
        wrong = read_scaled(text, &x);
        if (!wrong) wrong = encode(x, s, &out->u128);
    } else {
        wrong = read_special(text, s, &out->u128);
    }
    if (!wrong && minus) out->u128 |= (U128)1 << (s.exponent + s.fraction);
    return wrong;
}

const char *bits_read_hex(Str text, uint8_t *bytes, unsigned cap, unsigned *n)
{
    if (!skip_text(&text, "0x")) return "hexadecimal digits must follow 0x";
    unsigned digits = 0;
    memset(bytes, 0, cap);
    for (size_t k = text.n; k-- > 0;) {
        if (text.at[k] == '_') continue;
        int digit = digit_value(text.at[k]);
        if (digit < 0) return "not a hexadecimal digit";
        if (digits == 2 * cap) return "too many digits";
        bytes[digits / 2] |= (uint8_t)(digit << 4 * (digits % 2));
        digits++;
    }
    if (digits == 0 || digits % 2) return "there must be two digits for each byte";
    *n = digits / 2;
    return NULL;
}

static const char hex_digits[] = "0123456789abcdef";

static void write_digits(Buf *out, U128 n, unsigned count)
{
    char text[32];
    for (unsigned k = 0; k < count; k++) text[k] = hex_digits[(n >> 4 * (count - 1 - k)) & 15];
    buf_add(out, text, count);
}

/* As many groups of four digits as there are needed, `_` between them. */
static void write_groups(Buf *out, U128 n)
{
    unsigned group = (bit_length(n) + 15) / 16;
    buf_add(out, "0x", 2);
    while (group-- > 0) {
        write_digits(out, n >> 16 * group & 0xffff, 4);
        if (group) buf_char(out, '_');
    }
}

void bits_write_i64(Buf *out, int64_t n)
{
    if (n >= 10000) {
        write_groups(out, (uint64_t)n);
        return;
    }
    if (n < 0) buf_char(out, '-');
    buf_u64(out, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void bits_write_int(Buf *out, const Bits *b, Type type)
{
    unsigned spare = 64 - type_bits(type);
    if (type_bits(type) <= 64)
        bits_write_i64(out, (int64_t)(b->u64[0] << spare) >> spare);
    else if (b->u64[1] == 0 ? !(b->u64[0] >> 63) : b->u64[1] == UINT64_MAX && b->u64[0] >> 63)
        bits_write_i64(out, (int64_t)b->u64[0]);
    else
        write_groups(out, b->u128);
}

static void write_nan(Buf *out, U128 fraction, FloatShape s)
{
    U128 quiet_bit = (U128)1 << (s.fraction - 1), payload = fraction & (quiet_bit - 1);
    buf_text(out, fraction & quiet_bit ? "NaN" : "sNaN");
    if (fraction == quiet_bit) return;
    buf_add(out, ":0x", 3);
    write_digits(out, payload, (bit_length(payload) + 3) / 4);
}

void bits_write_float(Buf *out, const Bits *b, Type type)
{
    FloatShape s = float_shape(type);
    U128 fraction = b->u128 & low_ones(s.fraction);
    unsigned exponent = (unsigned)(b->u128 >> s.fraction & low_ones(s.exponent));
    bool minus = b->u128 >> (s.fraction + s.exponent) & 1;
    bool special = exponent == low_ones(s.exponent);
    if (minus || special) buf_char(out, minus ? '-' : '+');
    if (special) {
        if (fraction) write_nan(out, fraction, s);
        else buf_add(out, "Inf", 3);
        return;
    }
    if (!exponent && !fraction) {
        buf_add(out, "0.0", 3);
        return;
    }
    unsigned digits = (s.fraction + 3) / 4;
    int bias = (1 << (s.exponent - 1)) - 1, power = exponent ? (int)exponent - bias : 1 - bias;
    buf_add(out, exponent ? "0x1." : "0x0.", 4);
    write_digits(out, fraction << (4 * digits - s.fraction), digits);
    buf_char(out, 'p');
    if (power < 0) buf_char(out, '-');
    buf_u64(out, (uint64_t)(power < 0 ? -power : power));
}

void bits_write_hex(Buf *out, const uint8_t *bytes, unsigned n)
{
    buf_add(out, "0x", 2);
    while (n-- > 0) write_digits(out, bytes[n], 2);
}
