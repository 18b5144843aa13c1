/* Vectors lane by lane: comparing, choosing the smaller or larger, shifting bytes. */
#include "jit/x64/rule.h"

static Reg all_ones(Lower *l)
{
    Reg d = xmm(l);
    load_bits(l, d, 16, (Bits){.u64 = {UINT64_MAX, UINT64_MAX}});
    return d;
}

static unsigned lane_index(Type t) { return (unsigned)__builtin_ctz(type_lane_bits(t) / 8); }

/* -- Comparing integers ------------------------------------------------------------------------ */

/* Both halves must be equal. */
static Reg equal_quads(Lower *l, Reg x, Reg y)
{
    if (has_feature(l, FEATURE_SSE41)) return packed(l, FORM_pcmpeqq, x, y);
    Reg halves = packed(l, FORM_pcmpeqd, x, y);
    return packed(l, FORM_pand, halves, packed_imm(l, FORM_pshufd, halves, 0xb1));
}

static Reg equal_lanes(Lower *l, Type t, Reg x, Reg y)
{
    static const uint16_t forms[] = {FORM_pcmpeqb, FORM_pcmpeqw, FORM_pcmpeqd};
    if (type_lane_bits(t) == 64) return equal_quads(l, x, y);
    return packed(l, (Form)forms[lane_index(t)], x, y);
}

/* The upper halves decide, signed, unless they are equal; then the lower ones, unsigned: their top
 * bits are flipped to compare them signed. */
static Reg greater_quads(Lower *l, Reg x, Reg y)
{
    if (has_feature(l, FEATURE_SSE42)) return packed(l, FORM_pcmpgtq, x, y);
    Bits flip = {.u64 = {0x80000000, 0x80000000}};
    Reg a = packed_bits(l, FORM_pxor, x, flip), b = packed_bits(l, FORM_pxor, y, flip);
    Reg greater = packed(l, FORM_pcmpgtd, a, b), equal = packed(l, FORM_pcmpeqd, a, b);
    Reg high = packed_imm(l, FORM_pshufd, greater, 0xf5);
    Reg low = packed_imm(l, FORM_pshufd, greater, 0xa0);
    Reg tie = packed_imm(l, FORM_pshufd, equal, 0xf5);
    return packed(l, FORM_por, high, packed(l, FORM_pand, tie, low));
}

static Bits top_bits(Type t)
{
    Bits b = {0};
    for (unsigned k = 0; k < type_lanes(t); k++)
        bits_set_lane(&b, t, k, (uint64_t)1 << (type_lane_bits(t) - 1));
    return b;
}

/* x > y; unsigned lanes with their top bits flipped */
static Reg greater_lanes(Lower *l, Type t, bool sign, Reg x, Reg y)
{
    static const uint16_t forms[] = {FORM_pcmpgtb, FORM_pcmpgtw, FORM_pcmpgtd};
    if (!sign) {
        x = packed_bits(l, FORM_pxor, x, top_bits(t));
        y = packed_bits(l, FORM_pxor, y, top_bits(t));
    }
    if (type_lane_bits(t) == 64) return greater_quads(l, x, y);
    return packed(l, (Form)forms[lane_index(t)], x, y);
}

/* Everything is made of equal, signed or unsigned greater, exchange and negation. */
static const struct {
    bool equal, sign, swap, negate;
} int_compares[INTCC_COUNT] = {
    [INTCC_eq] = {.equal = true},
    [INTCC_ne] = {.equal = true, .negate = true},
    [INTCC_sgt] = {.sign = true},
    [INTCC_slt] = {.sign = true, .swap = true},
    [INTCC_sle] = {.sign = true, .negate = true},
    [INTCC_sge] = {.sign = true, .swap = true, .negate = true},
    [INTCC_ugt] = {.swap = false},
    [INTCC_ult] = {.swap = true},
    [INTCC_ule] = {.negate = true},
    [INTCC_uge] = {.swap = true, .negate = true},
};

/* The single instruction that does it, with a load taken in where there is one. */
static Form direct_compare(const Lower *l, Type t)
{
    static const uint16_t equal[] = {FORM_pcmpeqb, FORM_pcmpeqw, FORM_pcmpeqd, FORM_pcmpeqq};
    static const uint16_t greater[] = {FORM_pcmpgtb, FORM_pcmpgtw, FORM_pcmpgtd, FORM_pcmpgtq};
    bool wide = type_lane_bits(t) == 64;
    if (int_compares[l->i->cond].equal)
        return wide && !has_feature(l, FEATURE_SSE41) ? FORM_NONE : (Form)equal[lane_index(t)];
    if (!int_compares[l->i->cond].sign || (wide && !has_feature(l, FEATURE_SSE42)))
        return FORM_NONE;
    return (Form)greater[lane_index(t)];
}

bool lower_icmp_lanes(Lower *l)
{
    Type t = type_of(l, arg(l, 0));
    bool swap = int_compares[l->i->cond].swap, negate = int_compares[l->i->cond].negate;
    Value first = arg(l, swap ? 1 : 0), second = arg(l, swap ? 0 : 1);
    Form form = direct_compare(l, t);
    Reg d = negate ? xmm(l) : result(l, 0), r = d;
    if (form != FORM_NONE) {
        form = best_form(l, form);
        Operand x = in_reg(use(l, first));
        unsigned align = form_info[form].operand[form_info[form].operands_n - 1].align;
        emit(l, form, d, x, use_rm(l, second, 16, align), 0);
    } else {
        Reg x = use(l, first), y = use(l, second);
        bool equal = int_compares[l->i->cond].equal, sign = int_compares[l->i->cond].sign;
        r = equal ? equal_lanes(l, t, x, y) : greater_lanes(l, t, sign, x, y);
        if (!negate) copy(l, d, r);
    }
    if (negate) binary(l, FORM_pxor, result(l, 0), r, all_ones(l));
    return true;
}

/* With a mask of the lanes where x is wanted: y ^ ((x ^ y) & mask). */
bool lower_minmax_lanes(Lower *l)
{
    Type t = (Type)l->i->type;
    bool sign = l->i->op == OP_smin || l->i->op == OP_smax;
    bool least = l->i->op == OP_smin || l->i->op == OP_umin;
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    Reg mask = least ? greater_lanes(l, t, sign, y, x) : greater_lanes(l, t, sign, x, y);
    Reg part = packed(l, FORM_pand, packed(l, FORM_pxor, x, y), mask);
    binary(l, FORM_pxor, result(l, 0), part, y);
    return true;
}

/* -- Comparing floats -------------------------------------------------------------------------- */

/* Predicates of cmpps (SDM vol. 2A, CMPPS). `ueq` and `one` need two: unordered or equal, and its
 * opposite. */
static const struct {
    uint8_t predicate;
    bool swap, two;
} float_compares[FLOATCC_COUNT] = {
    [FLOATCC_eq] = {0},
    [FLOATCC_lt] = {1},
    [FLOATCC_le] = {2},
    [FLOATCC_uno] = {3},
    [FLOATCC_ne] = {4},
    [FLOATCC_uge] = {5},
    [FLOATCC_ugt] = {6},
    [FLOATCC_ord] = {7},
    [FLOATCC_gt] = {1, .swap = true},
    [FLOATCC_ge] = {2, .swap = true},
    [FLOATCC_ule] = {5, .swap = true},
    [FLOATCC_ult] = {6, .swap = true},
    [FLOATCC_ueq] = {.two = true},
    [FLOATCC_one] = {.two = true},
};

bool lower_fcmp_lanes(Lower *l)
{
    Form form = type_lane_bits(type_of(l, arg(l, 0))) == 32 ? FORM_cmpps : FORM_cmppd;
    form = best_form(l, form);
    bool swap = float_compares[l->i->cond].swap;
    Reg x = use(l, arg(l, swap ? 1 : 0)), y = use(l, arg(l, swap ? 0 : 1)), d = result(l, 0);
    if (!float_compares[l->i->cond].two) {
        emit(l, form, d, in_reg(x), in_reg(y), float_compares[l->i->cond].predicate);
        return true;
    }
    bool ueq = l->i->cond == FLOATCC_ueq;
    Reg a = xmm(l), b = xmm(l);
    emit(l, form, a, in_reg(x), in_reg(y), ueq ? CMP_UNORD : CMP_ORD);
    emit(l, form, b, in_reg(x), in_reg(y), ueq ? CMP_EQ : CMP_NEQ);
    binary(l, ueq ? FORM_orps : FORM_andps, d, a, b);
    return true;
}

/* -- Shifting bytes ---------------------------------------------------------------------------- */

/* The count, modulo 8, where vector shifts want it */
static Reg byte_count(Lower *l, Value v, unsigned more)
{
    Reg n = temp(l, REG_GPR, 4), d = xmm(l);
    with_imm(l, FORM_and_i8_32, n, use(l, v), 7);
    if (more) {
        Reg sum = temp(l, REG_GPR, 4);
        with_imm(l, FORM_add_i8_32, sum, n, more);
        n = sum;
    }
    unary(l, FORM_movd_xr, d, n);
    return d;
}

/* Shifts words; what came over from the other byte is masked out by shifted ones. */
static void shift_bytes_logical(Lower *l, Form form)
{
    Reg n = byte_count(l, arg(l, 1), 0);
    Reg words = packed(l, form, use(l, arg(l, 0)), n);
    Bits low = {.u64 = {0x00ff00ff00ff00ffu, 0x00ff00ff00ff00ffu}};
    Reg mask = xmm(l), doubled;
    emit(l, best_form(l, FORM_movaps), mask, pool_operand(l, low), NO_OPERAND, 0);
    if (form == FORM_psllw) {
        Reg shifted = packed_bits(l, FORM_pand, packed(l, form, mask, n), low);
        doubled = packed(l, FORM_por, shifted, packed_imm(l, FORM_psllw_i, shifted, 8));
    } else {
        Reg shifted = packed(l, form, mask, n);
        doubled = packed(l, FORM_por, shifted, packed_imm(l, FORM_psllw_i, shifted, 8));
    }
    binary(l, FORM_pand, result(l, 0), words, doubled);
}

/* Each byte in the upper half of a word, shifted 8 further down. */
static void shift_bytes_signed(Lower *l)
{
    Reg x = use(l, arg(l, 0)), n = byte_count(l, arg(l, 1), 8);
    Reg low = packed(l, FORM_psraw, packed(l, FORM_punpcklbw, x, x), n);
    Reg high = packed(l, FORM_psraw, packed(l, FORM_punpckhbw, x, x), n);
    binary(l, FORM_packsswb, result(l, 0), low, high);
}

bool lower_shift_bytes(Lower *l)
{
    switch (l->i->op) {
    case OP_ishl: shift_bytes_logical(l, FORM_psllw); break;
    case OP_ushr: shift_bytes_logical(l, FORM_psrlw); break;
    case OP_sshr: shift_bytes_signed(l); break;
    }
    return true;
}

/* Those of the lanes that the vector has */
static void keep_bits(Lower *l, Reg d, Reg bits, unsigned lanes)
{
    if (lanes == 8) unary(l, FORM_movzxb_32, d, bits);
    else with_imm(l, FORM_and_i8_32, d, bits, (1 << lanes) - 1);
}

bool lower_vhigh_bits(Lower *l)
{
    Type t = type_of(l, arg(l, 0));
    unsigned bits = type_lane_bits(t), lanes = type_lanes(t);
    Reg x = use(l, arg(l, 0));
    if (bits == 16) x = packed(l, FORM_packsswb, x, x);
    Form form = bits <= 16 ? FORM_pmovmskb : bits == 32 ? FORM_movmskps : FORM_movmskpd;
    bool whole = type_bits(t) == 128 && bits != 16;
    Reg found = whole ? result(l, 0) : temp(l, REG_GPR, 4);
    unary(l, form, found, x);
    if (!whole) keep_bits(l, result(l, 0), found, lanes);
    return true;
}
