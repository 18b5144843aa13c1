/* Vectors lane by lane: choosing by top bits, counting bits, rotating, products of quads. */
#include "jit/x64/rule.h"

static unsigned lane_bits(const Lower *l) { return type_lane_bits((Type)l->i->type); }

static Reg zero(Lower *l)
{
    Reg d = xmm(l);
    load_bits(l, d, 16, (Bits){0});
    return d;
}

static Bits bytes(uint8_t n)
{
    uint64_t eight = n * UINT64_C(0x0101010101010101);
    return (Bits){.u64 = {eight, eight}};
}

static Bits words(uint16_t n)
{
    uint64_t four = n * UINT64_C(0x0001000100010001);
    return (Bits){.u64 = {four, four}};
}

/* -- Choosing ---------------------------------------------------------------------------------- */

/* Each lane's top bit in all of its bits */
static Reg sign_mask(Lower *l, Reg x, unsigned bits)
{
    if (bits == 8) return packed(l, FORM_pcmpgtb, zero(l), x);
    if (bits == 16) return packed_imm(l, FORM_psraw_i, x, 15);
    Reg signs = packed_imm(l, FORM_psrad_i, x, 31);
    if (bits == 32) return signs;
    return packed_imm(l, FORM_pshufd, signs, bits == 64 ? 0xf5 : 0xff);
}

/* The forms look at top bits of bytes, doublewords or quads. */
static Form blend_form(unsigned bits)
{
    return bits == 32 ? FORM_blendvps : bits == 64 ? FORM_blendvpd : FORM_pblendvb;
}

bool lower_blendv(Lower *l)
{
    unsigned bits = lane_bits(l);
    Reg c = use(l, arg(l, 0)), x = use(l, arg(l, 1)), y = use(l, arg(l, 2)), d = result(l, 0);
    if (has_feature(l, FEATURE_SSE41)) {
        Form form = best_form(l, blend_form(bits));
        bool vex = form != blend_form(bits);
        Reg wide = bits == 16 || bits == 128 ? sign_mask(l, c, bits) : c;
        Reg mask = vex ? wide : reg_of(REG_xmm0);
        if (!vex) copy(l, mask, wide);
        emit_sources(l, form, d, (Operand[]){in_reg(y), in_reg(x), in_reg(mask)}, 3, 0);
        return true;
    }
    Reg differs = packed(l, FORM_pxor, x, y);
    Reg part = packed(l, FORM_pand, differs, sign_mask(l, c, bits));
    binary(l, FORM_pxor, d, part, y);
    return true;
}

/* -- Counting bits ----------------------------------------------------------------------------- */

/* By a table of what each half of a byte has. */
static Reg count_by_table(Lower *l, Reg x)
{
    static const Bits ones = {.u64 = {0x0302020102010100, 0x0403030203020201}};
    Reg low = packed_bits(l, FORM_pand, x, bytes(0x0f));
    Reg high = packed_bits(l, FORM_pand, packed_imm(l, FORM_psrlw_i, x, 4), bytes(0x0f));
    Reg table = xmm(l);
    load_bits(l, table, 16, ones);
    return packed(l, FORM_paddb, packed(l, FORM_pshufb, table, low),
                  packed(l, FORM_pshufb, table, high));
}

/* Sums of neighbouring bits, pairs, nibbles (Warren, "Hacker's Delight", 5-1) */
static Reg count_by_sums(Lower *l, Reg x)
{
    Reg odd = packed_bits(l, FORM_pand, packed_imm(l, FORM_psrlw_i, x, 1), bytes(0x55));
    Reg pairs = packed(l, FORM_psubb, x, odd);
    Reg high = packed_bits(l, FORM_pand, packed_imm(l, FORM_psrlw_i, pairs, 2), bytes(0x33));
    Reg nibbles = packed(l, FORM_paddb, packed_bits(l, FORM_pand, pairs, bytes(0x33)), high);
    Reg sums = packed(l, FORM_paddb, nibbles, packed_imm(l, FORM_psrlw_i, nibbles, 4));
    return packed_bits(l, FORM_pand, sums, bytes(0x0f));
}

/* What bytes have, added up in each lane */
bool lower_popcnt_lanes(Lower *l)
{
    Reg x = use(l, arg(l, 0)), d = result(l, 0);
    Reg n = has_feature(l, FEATURE_SSSE3) ? count_by_table(l, x) : count_by_sums(l, x);
    if (lane_bits(l) == 8) {
        copy(l, d, n);
    } else if (lane_bits(l) == 64) {
        binary(l, FORM_psadbw, d, n, zero(l));
    } else {
        Reg both = packed(l, FORM_paddb, n, packed_imm(l, FORM_psrlw_i, n, 8));
        Reg sums = packed_bits(l, FORM_pand, both, words(0xff));
        if (lane_bits(l) == 16) copy(l, d, sums);
        else with_bits(l, FORM_pmaddwd, d, sums, words(1));
    }
    return true;
}

/* -- Rotating ---------------------------------------------------------------------------------- */

/* A count of shifts that is a constant or in a vector register. */
typedef struct {
    bool known;
    int64_t n;
    Reg reg;
} Count;

static const struct {
    uint16_t left, left_i, right, right_i;
} shift_forms[] = {
    {FORM_psllw, FORM_psllw_i, FORM_psrlw, FORM_psrlw_i},
    {FORM_pslld, FORM_pslld_i, FORM_psrld, FORM_psrld_i},
    {FORM_psllq, FORM_psllq_i, FORM_psrlq, FORM_psrlq_i},
};

static Reg shift(Lower *l, unsigned bits, bool left, Reg x, Count count)
{
    unsigned row = (unsigned)__builtin_ctz(bits / 16);
    if (count.known)
        return packed_imm(l, (Form)(left ? shift_forms[row].left_i : shift_forms[row].right_i), x,
                          count.n);
    return packed(l, (Form)(left ? shift_forms[row].left : shift_forms[row].right), x, count.reg);
}

static Reg in_vector(Lower *l, Reg n)
{
    Reg d = xmm(l);
    unary(l, FORM_movd_xr, d, n);
    return d;
}

/* The count modulo the width; `other`, what is left of the width. */
static void take_counts(Lower *l, unsigned bits, Count *count, Count *other)
{
    int64_t n;
    if (constant_of(l, arg(l, 1), &n)) {
        *count = (Count){.known = true, .n = n & (bits - 1)};
        *other = (Count){.known = true, .n = bits - count->n};
        return;
    }
    Reg low = temp(l, REG_GPR, 4), negated = temp(l, REG_GPR, 4), rest = temp(l, REG_GPR, 4);
    with_imm(l, FORM_and_i8_32, low, use(l, arg(l, 1)), bits - 1);
    unary(l, FORM_neg_32, negated, low);
    with_imm(l, FORM_add_i8_32, rest, negated, bits);
    *count = (Count){.reg = in_vector(l, low)};
    *other = (Count){.reg = in_vector(l, rest)};
}

/* Each byte doubled in a word, of which the upper or lower byte is then the rotated one. */
static Reg rotate_half(Lower *l, Form interleave, Reg x, bool left, Count count)
{
    Reg shifted = shift(l, 16, left, packed(l, interleave, x, x), count);
    if (left) return packed_imm(l, FORM_psrlw_i, shifted, 8);
    return packed_bits(l, FORM_pand, shifted, words(0xff));
}

bool lower_rotate_lanes(Lower *l)
{
    unsigned bits = lane_bits(l);
    bool left = l->i->op == OP_rotl;
    Reg x = use(l, arg(l, 0)), d = result(l, 0);
    Count count, other;
    take_counts(l, bits, &count, &other);
    if (bits == 8) {
        Reg low = rotate_half(l, FORM_punpcklbw, x, left, count);
        binary(l, FORM_packuswb, d, low, rotate_half(l, FORM_punpckhbw, x, left, count));
        return true;
    }
    Reg first = shift(l, bits, left, x, count);
    binary(l, FORM_por, d, first, shift(l, bits, !left, x, other));
    return true;
}

/* -- Products of quads ------------------------------------------------------------------------- */

static Reg quad_of(Lower *l, Reg x, unsigned lane)
{
    Reg d = temp(l, REG_GPR, 8);
    unary(l, FORM_movq_rx, d, lane ? packed_imm(l, FORM_pshufd, x, 0xee) : x);
    return d;
}

/* One lane after the other */
bool lower_mulhi_quads(Lower *l)
{
    Form form = l->i->op == OP_smulhi ? FORM_imul_wide_64 : FORM_mul_wide_64;
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1)), lanes[2];
    for (unsigned k = 0; k < 2; k++) {
        Reg factor = quad_of(l, x, k), other = quad_of(l, y, k);
        copy(l, reg_of(REG_rax), factor);
        emit_inst(l, (MInst){.form = (uint16_t)form, .reg = {{REG_rax}, {REG_rdx}, other}});
        lanes[k] = xmm(l);
        unary(l, FORM_movq_xr, lanes[k], reg_of(REG_rdx));
    }
    binary(l, FORM_punpcklqdq, result(l, 0), lanes[0], lanes[1]);
    return true;
}
