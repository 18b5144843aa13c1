/* Vectors of 16 to 64 bits where it matters that nothing is known of what stands above. */
#include "jit/x64/rule.h"

static Form interleave_form(unsigned bits)
{
    static const uint16_t forms[] = {FORM_punpcklbw, FORM_punpcklwd, FORM_punpckldq,
                                     FORM_punpcklqdq};
    return (Form)forms[__builtin_ctz(bits / 8)];
}

static Reg zero(Lower *l)
{
    Reg d = xmm(l);
    load_bits(l, d, 16, (Bits){0});
    return d;
}

static void set_if(Lower *l, Cond c) { materialise(l, test_one(c), result(l, 0)); }

/* As an integer of as many bits */
bool lower_any_true(Lower *l)
{
    unsigned bits = type_bits(type_of(l, arg(l, 0)));
    Reg n = temp(l, REG_GPR, bits == 64 ? 8 : 4);
    unary(l, bits == 64 ? FORM_movq_rx : FORM_movd_rx, n, use(l, arg(l, 0)));
    emit_test(l, form_sized(FORM_test, bits), in_reg(n), in_reg(n), 0);
    set_if(l, COND_nz);
    return true;
}

/* Lanes that are 0 have all bits set; one bit of each byte is looked at. */
bool lower_all_true(Lower *l)
{
    static const uint16_t forms[] = {FORM_pcmpeqb, FORM_pcmpeqw, FORM_pcmpeqd};
    Type t = type_of(l, arg(l, 0));
    Form compare = (Form)forms[__builtin_ctz(type_lane_bits(t) / 8)];
    Reg mask = temp(l, REG_GPR, 4);
    unary(l, FORM_pmovmskb, mask, packed(l, compare, use(l, arg(l, 0)), zero(l)));
    emit_test(l, FORM_test_i_32, in_reg(mask), NO_OPERAND, (1 << type_bytes(t)) - 1);
    set_if(l, COND_z);
    return true;
}

/* The lower half of the lanes, twice as wide */
static void widen(Lower *l, Reg d, Reg x, unsigned bits, bool sign)
{
    Form interleave = interleave_form(bits);
    if (!sign) return binary(l, interleave, d, x, zero(l));
    if (bits == 32) return binary(l, interleave, d, x, packed_imm(l, FORM_psrad_i, x, 31));
    with_imm(l, bits == 8 ? FORM_psraw_i : FORM_psrad_i, d, packed(l, interleave, x, x), bits);
}

/* Half of two lanes is a scalar. */
bool lower_widen_small(Lower *l)
{
    Type t = (Type)l->i->type;
    unsigned bits = type_lane_bits(t);
    bool sign = l->i->op == OP_swiden_low || l->i->op == OP_swiden_high;
    bool high = l->i->op == OP_swiden_high || l->i->op == OP_uwiden_high;
    Reg x = use(l, arg(l, 0));
    if (high) x = packed_imm(l, FORM_psrldq_i, x, type_bytes(t) / 2);
    if (type_lanes(t) > 2) {
        widen(l, result(l, 0), x, bits, sign);
    } else {
        Reg lane = xmm(l);
        widen(l, lane, x, bits, sign);
        unary(l, bits == 32 ? FORM_movq_rx : FORM_movd_rx, result(l, 0), lane);
    }
    return true;
}

/* Sums of neighbours, of which the lanes in between are left over, put together. */
static void add_neighbours(Lower *l, Reg d, Reg x, unsigned bits)
{
    if (bits == 32) {
        Reg sums = packed(l, FORM_paddd, x, packed_imm(l, FORM_pshufd, x, 0xb1));
        return with_imm(l, FORM_pshufd, d, sums, 0x08);
    }
    if (bits == 16) {
        Reg sums = packed(l, FORM_paddw, packed_imm(l, FORM_pslld_i, x, 16), x);
        Reg words = packed_imm(l, FORM_psrad_i, sums, 16);
        return binary(l, FORM_packssdw, d, words, words);
    }
    static const Bits low_bytes = {.u64 = {0x00ff00ff00ff00ff, 0x00ff00ff00ff00ff}};
    Reg sums = packed(l, FORM_paddb, packed_imm(l, FORM_psrlw_i, x, 8), x);
    Reg bytes = packed_bits(l, FORM_pand, sums, low_bytes);
    binary(l, FORM_packuswb, d, bytes, bytes);
}

/* Both operands fit in one register. */
bool lower_pairwise_small(Lower *l)
{
    Type t = (Type)l->i->type;
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    Reg both = packed(l, interleave_form(type_bits(t)), x, y);
    add_neighbours(l, result(l, 0), both, type_lane_bits(t));
    return true;
}
