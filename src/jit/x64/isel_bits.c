/* Counting and reversing bits, with what every x86-64 has. */
#include "jit/x64/rule.h"

static unsigned bits(const Lower *l) { return type_bits((Type)l->i->type); }

/* 32 or 64: the width in which narrower values are handled. */
static unsigned width(const Lower *l) { return bits(l) == 64 ? 64 : 32; }

static Reg wide_temp(Lower *l) { return temp(l, REG_GPR, width(l) / 8); }

static Reg sized(Lower *l, Form row, Reg x, Reg y)
{
    Reg d = wide_temp(l);
    binary(l, form_sized(row, width(l)), d, x, y);
    return d;
}

static Reg sized_imm(Lower *l, Form row, Reg x, int64_t n)
{
    Reg d = wide_temp(l);
    with_imm(l, form_sized(row, width(l)), d, x, n);
    return d;
}

/* x & the byte, in every byte */
static Reg masked(Lower *l, Reg x, uint8_t byte)
{
    uint64_t mask = 0x0101010101010101u * byte;
    if (width(l) == 32) return sized_imm(l, FORM_and_i, x, (int32_t)mask);
    return sized(l, FORM_and, x, int_constant(l, 8, (int64_t)mask));
}

/* d := leading zeros of x among `width` bits, less `less`, which narrower values have too many. */
static void leading_zeros(Lower *l, Reg d, Reg x, unsigned less)
{
    if (has_feature(l, FEATURE_LZCNT)) {
        Reg n = less ? wide_temp(l) : d;
        unary(l, form_sized(FORM_lzcnt, width(l)), n, x);
        if (less) with_imm(l, form_sized(FORM_sub_i8, width(l)), d, n, less);
        return;
    }
    /* the highest bit's number, -1 for none, subtracted from the highest possible */
    Reg none = int_constant(l, width(l) / 8, -1), found = wide_temp(l), highest = wide_temp(l);
    emit(l, form_sized(FORM_bsr, width(l)), found, in_reg(none), in_reg(x), 0);
    Type type = width(l) == 64 ? TY_i64 : TY_i32;
    choose(l, type, test_one(COND_z), highest, none, found);
    Reg top = int_constant(l, width(l) / 8, (int64_t)(width(l) - 1 - less));
    binary(l, form_sized(FORM_sub, width(l)), d, top, highest);
}

bool lower_clz(Lower *l)
{
    leading_zeros(l, result(l, 0), extended32(l, arg(l, 0), false), width(l) - bits(l));
    return true;
}

/* The leading zeros of x ^ (its sign everywhere), without the sign itself */
bool lower_cls(Lower *l)
{
    Reg x = extended32(l, arg(l, 0), true);
    Reg sign = sized_imm(l, FORM_sar_i, x, width(l) - 1);
    Reg differs = sized(l, FORM_xor, x, sign);
    leading_zeros(l, result(l, 0), differs, width(l) - bits(l) + 1);
    return true;
}

/* A bit above the value makes sure that one is found. */
bool lower_ctz(Lower *l)
{
    Reg x = use(l, arg(l, 0)), d = result(l, 0);
    if (bits(l) < 32) {
        Reg marked = sized_imm(l, FORM_or_i, x, (int64_t)1 << bits(l));
        emit(l, FORM_bsf_32, d, in_reg(marked), in_reg(marked), 0);
        return true;
    }
    Reg none = int_constant(l, width(l) / 8, (int64_t)bits(l)), found = wide_temp(l);
    emit(l, form_sized(FORM_bsf, width(l)), found, in_reg(none), in_reg(x), 0);
    choose(l, (Type)l->i->type, test_one(COND_z), d, none, found);
    return true;
}

/* Sums of neighbouring bits, pairs, nibbles, bytes (Warren, "Hacker's Delight", 5-1) */
bool lower_popcnt(Lower *l)
{
    Reg x = extended32(l, arg(l, 0), false);
    Reg odd = masked(l, sized_imm(l, FORM_shr_i, x, 1), 0x55);
    Reg pairs = sized(l, FORM_sub, x, odd);
    Reg high = masked(l, sized_imm(l, FORM_shr_i, pairs, 2), 0x33);
    Reg nibbles = sized(l, FORM_add, masked(l, pairs, 0x33), high);
    Reg bytes = sized(l, FORM_add, nibbles, sized_imm(l, FORM_shr_i, nibbles, 4));
    bytes = masked(l, bytes, 0x0f);
    Reg ones = int_constant(l, width(l) / 8, 0x0101010101010101);
    Reg sum = sized(l, FORM_imul, bytes, ones);
    with_imm(l, form_sized(FORM_shr_i, width(l)), result(l, 0), sum, width(l) - 8);
    return true;
}

/* Exchanges neighbouring groups of `n` bits; `low` marks the lower of two in a byte. */
static Reg exchange(Lower *l, Reg x, unsigned n, uint8_t low)
{
    Reg up = sized_imm(l, FORM_shl_i, masked(l, x, low), n);
    Reg down = masked(l, sized_imm(l, FORM_shr_i, x, n), low);
    return sized(l, FORM_or, up, down);
}

/* Bits within bytes, then bytes */
bool lower_bitrev(Lower *l)
{
    Reg x = use(l, arg(l, 0)), d = result(l, 0);
    x = exchange(l, x, 1, 0x55);
    x = exchange(l, x, 2, 0x33);
    x = exchange(l, x, 4, 0x0f);
    if (bits(l) == 8) copy(l, d, x);
    else if (bits(l) == 16) with_imm(l, FORM_rol_i_16, d, x, 8);
    else unary(l, form_sized(FORM_bswap, bits(l)), d, x);
    return true;
}
