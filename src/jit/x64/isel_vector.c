/* 128-bit vectors: lanes, comparisons, shuffles. */
#include "jit/x64/rule.h"

static Reg xmm(Lower *l) { return temp(l, REG_XMM, 16); }

static Reg op2(Lower *l, Form form, Reg d, Reg x, Reg y)
{
    emit(l, best_form(l, form), d, in_reg(x), in_reg(y), 0);
    return d;
}

static Reg op2i(Lower *l, Form form, Reg d, Reg x, Reg y, int64_t n)
{
    emit(l, best_form(l, form), d, in_reg(x), in_reg(y), n);
    return d;
}

static Reg op1i(Lower *l, Form form, Reg d, Reg x, int64_t n)
{
    emit(l, best_form(l, form), d, in_reg(x), NO_OPERAND, n);
    return d;
}

static Reg constant(Lower *l, Bits bits)
{
    Reg d = xmm(l);
    load_bits(l, d, 16, bits);
    return d;
}

static Bits repeated(Type t, uint64_t lane)
{
    Bits b = {0};
    for (unsigned k = 0; k < type_lanes(t); k++) bits_set_lane(&b, t, k, lane);
    return b;
}

static Reg all_ones(Lower *l) { return constant(l, (Bits){.u64 = {UINT64_MAX, UINT64_MAX}}); }

/* The row of four forms for lanes of 8, 16, 32 and 64 bits. */
static Form by_lane(Type t, Form b, Form w, Form d, Form q)
{
    const Form forms[] = {b, w, d, q};
    return forms[__builtin_ctz(type_lane_bits(t) >> 3)];
}

bool lower_vector_neg(Lower *l)
{
    Type t = (Type)l->i->type;
    Form sub = by_lane(t, FORM_psubb, FORM_psubw, FORM_psubd, FORM_psubq);
    op2(l, sub, result(l, 0), constant(l, (Bits){0}), use(l, arg(l, 0)));
    return true;
}

/* -- Multiplication ---------------------------------------------------------------------------- */

/* Even lanes and odd lanes by pmuludq, the low halves put together again. */
bool lower_mul_i32x4(Lower *l)
{
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    Reg even = op2(l, FORM_pmuludq, xmm(l), x, y);
    Reg x_odd = op1i(l, FORM_pshufd, xmm(l), x, 0xf5);
    Reg y_odd = op1i(l, FORM_pshufd, xmm(l), y, 0xf5);
    Reg odd = op2(l, FORM_pmuludq, xmm(l), x_odd, y_odd);
    Reg low_even = op1i(l, FORM_pshufd, xmm(l), even, 0x08);
    Reg low_odd = op1i(l, FORM_pshufd, xmm(l), odd, 0x08);
    op2(l, FORM_punpckldq, result(l, 0), low_even, low_odd);
    return true;
}

/* low * low + ((high * low + low * high) << 32) */
bool lower_mul_i64x2(Lower *l)
{
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    Reg x_high = op1i(l, FORM_psrlq_i, xmm(l), x, 32);
    Reg y_high = op1i(l, FORM_psrlq_i, xmm(l), y, 32);
    Reg low = op2(l, FORM_pmuludq, xmm(l), x, y);
    Reg first = op2(l, FORM_pmuludq, xmm(l), x_high, y);
    Reg second = op2(l, FORM_pmuludq, xmm(l), y_high, x);
    Reg cross = op2(l, FORM_paddq, xmm(l), first, second);
    Reg raised = op1i(l, FORM_psllq_i, xmm(l), cross, 32);
    op2(l, FORM_paddq, result(l, 0), low, raised);
    return true;
}

/* -- Comparing integers ------------------------------------------------------------------------ */

static Reg equal_lanes(Lower *l, Type t, Reg x, Reg y)
{
    if (type_lane_bits(t) < 64 || has_feature(l, FEATURE_SSE41))
        return op2(l, by_lane(t, FORM_pcmpeqb, FORM_pcmpeqw, FORM_pcmpeqd, FORM_pcmpeqq), xmm(l), x,
                   y);
    Reg halves = op2(l, FORM_pcmpeqd, xmm(l), x, y);
    Reg swapped = op1i(l, FORM_pshufd, xmm(l), halves, 0xb1);
    return op2(l, FORM_pand, xmm(l), halves, swapped);
}

/* Signed x > y in lanes of 64 bits: the upper halves say so, or are equal and y - x borrows. */
static Reg greater_i64x2(Lower *l, Reg x, Reg y)
{
    Reg equal = op2(l, FORM_pcmpeqd, xmm(l), x, y), above = op2(l, FORM_pcmpgtd, xmm(l), x, y);
    Reg difference = op2(l, FORM_psubq, xmm(l), y, x);
    Reg borrow = op2(l, FORM_pand, xmm(l), equal, difference);
    Reg either = op2(l, FORM_por, xmm(l), borrow, above);
    Reg sign = op1i(l, FORM_psrad_i, xmm(l), either, 31);
    return op1i(l, FORM_pshufd, xmm(l), sign, 0xf5);
}

static Reg greater_lanes(Lower *l, Type t, Reg x, Reg y)
{
    if (type_lane_bits(t) == 64 && !has_feature(l, FEATURE_SSE42)) return greater_i64x2(l, x, y);
    return op2(l, by_lane(t, FORM_pcmpgtb, FORM_pcmpgtw, FORM_pcmpgtd, FORM_pcmpgtq), xmm(l), x, y);
}

/* How each condition is made of `==` and signed `>`: what is compared, in which order, and whether
 * the answer is inverted. Unsigned operands have their top bits inverted first. */
static const struct {
    bool equal, swap, invert, is_unsigned;
} int_conditions[INTCC_COUNT] = {
    [INTCC_eq] = {true, false, false, false},   [INTCC_ne] = {true, false, true, false},
    [INTCC_sgt] = {false, false, false, false}, [INTCC_sle] = {false, false, true, false},
    [INTCC_slt] = {false, true, false, false},  [INTCC_sge] = {false, true, true, false},
    [INTCC_ugt] = {false, false, false, true},  [INTCC_ule] = {false, false, true, true},
    [INTCC_ult] = {false, true, false, true},   [INTCC_uge] = {false, true, true, true},
};

bool lower_vector_icmp(Lower *l)
{
    Type t = (Type)l->i->type;
    unsigned cc = l->i->cond;
    bool swap = int_conditions[cc].swap;
    Reg x = use(l, arg(l, swap)), y = use(l, arg(l, !swap));
    if (int_conditions[cc].is_unsigned) {
        Reg top = constant(l, repeated(t, UINT64_C(1) << (type_lane_bits(t) - 1)));
        x = op2(l, FORM_pxor, xmm(l), x, top);
        y = op2(l, FORM_pxor, xmm(l), y, top);
    }
    Reg mask = int_conditions[cc].equal ? equal_lanes(l, t, x, y) : greater_lanes(l, t, x, y);
    if (int_conditions[cc].invert) op2(l, FORM_pxor, result(l, 0), mask, all_ones(l));
    else copy(l, result(l, 0), mask);
    return true;
}

/* -- Comparing floats -------------------------------------------------------------------------- */

/* Predicates of cmpps: eq 0, lt 1, le 2, unord 3, neq 4, nlt 5, nle 6, ord 7. `with` combines a
 * second one: 1 and, 2 or. */
static const struct {
    uint8_t first, with, second;
    bool swap;
} float_conditions[FLOATCC_COUNT] = {
    [FLOATCC_ord] = {7, 0, 0, false}, [FLOATCC_uno] = {3, 0, 0, false},
    [FLOATCC_eq] = {0, 0, 0, false},  [FLOATCC_ne] = {4, 0, 0, false},
    [FLOATCC_one] = {4, 1, 7, false}, [FLOATCC_ueq] = {0, 2, 3, false},
    [FLOATCC_lt] = {1, 0, 0, false},  [FLOATCC_le] = {2, 0, 0, false},
    [FLOATCC_gt] = {1, 0, 0, true},   [FLOATCC_ge] = {2, 0, 0, true},
    [FLOATCC_ult] = {6, 0, 0, true},  [FLOATCC_ule] = {5, 0, 0, true},
    [FLOATCC_ugt] = {6, 0, 0, false}, [FLOATCC_uge] = {5, 0, 0, false},
};

bool lower_vector_fcmp(Lower *l)
{
    unsigned cc = l->i->cond;
    bool swap = float_conditions[cc].swap;
    Form form = (Type)l->i->type == TY_f64x2 ? FORM_cmppd : FORM_cmpps;
    Reg x = use(l, arg(l, swap)), y = use(l, arg(l, !swap));
    Reg first = op2i(l, form, xmm(l), x, y, float_conditions[cc].first);
    if (!float_conditions[cc].with) return copy(l, result(l, 0), first), true;
    Reg second = op2i(l, form, xmm(l), x, y, float_conditions[cc].second);
    op2(l, float_conditions[cc].with == 1 ? FORM_pand : FORM_por, result(l, 0), first, second);
    return true;
}

/* -- Lanes ------------------------------------------------------------------------------------- */

/* An integer of any width in the low lane. */
static Reg low_lane(Lower *l, Type lane, Reg x)
{
    if (type_is_float(lane)) return x;
    return op1i(l, type_bits(lane) == 64 ? FORM_movq_xr : FORM_movd_xr, xmm(l), x, 0);
}

bool lower_splat(Lower *l)
{
    Type t = (Type)l->i->type;
    Reg d = result(l, 0), x = low_lane(l, type_lane(t), use(l, arg(l, 0)));
    switch (type_lane_bits(t)) {
    case 8: x = op2(l, FORM_punpcklbw, xmm(l), x, x); /* fall through */
    case 16: x = op1i(l, FORM_pshuflw, xmm(l), x, 0); /* fall through */
    case 32: op1i(l, FORM_pshufd, d, x, 0); break;
    default: op1i(l, FORM_pshufd, d, x, 0x44); break;
    }
    return true;
}

/* The lane moved to the bottom. */
static Reg lane_down(Lower *l, unsigned bits, Reg x, unsigned lane)
{
    if (lane == 0) return x;
    return op1i(l, FORM_pshufd, xmm(l), x, bits == 64 ? 0xee : lane);
}

static Reg word_of(Lower *l, Reg x, unsigned word)
{
    Reg d = temp(l, REG_GPR, 4);
    emit(l, best_form(l, FORM_pextrw), d, in_reg(x), NO_OPERAND, word);
    return d;
}

bool lower_extractlane(Lower *l)
{
    Type t = (Type)l->i->type;
    unsigned lane = (unsigned)l->i->imm, bits = type_lane_bits(t);
    Reg d = result(l, 0), x = use(l, arg(l, 0));
    if (type_has_float_lanes(t)) {
        copy(l, d, lane_down(l, bits, x, lane));
    } else if (bits == 8) {
        Reg pair = word_of(l, x, lane / 2);
        if (lane & 1) emit(l, FORM_shr_i_32, d, in_reg(pair), NO_OPERAND, 8);
        else copy(l, d, pair);
    } else if (bits == 16) {
        copy(l, d, word_of(l, x, lane));
    } else {
        op1i(l, bits == 64 ? FORM_movq_rx : FORM_movd_rx, d, lane_down(l, bits, x, lane), 0);
    }
    return true;
}

static Reg insert_word(Lower *l, Reg d, Reg x, Reg word, unsigned at)
{
    return op2i(l, FORM_pinsrw, d, x, word, at);
}

/* The byte put beside its neighbour in a word. */
static void insert_byte(Lower *l, Reg d, Reg x, Reg y, unsigned lane)
{
    Reg old = word_of(l, x, lane / 2), kept = temp(l, REG_GPR, 4), byte = temp(l, REG_GPR, 4);
    Reg word = temp(l, REG_GPR, 4);
    emit(l, FORM_and_i_32, kept, in_reg(old), NO_OPERAND, lane & 1 ? 0xff : 0xff00);
    emit(l, FORM_movzxb_32, byte, in_reg(y), NO_OPERAND, 0);
    if (lane & 1) {
        Reg raised = temp(l, REG_GPR, 4);
        emit(l, FORM_shl_i_32, raised, in_reg(byte), NO_OPERAND, 8);
        byte = raised;
    }
    emit(l, FORM_or_32, word, in_reg(kept), in_reg(byte), 0);
    insert_word(l, d, x, word, lane / 2);
}

static void insert_dword(Lower *l, Reg d, Reg x, Reg y, unsigned lane)
{
    if (has_feature(l, FEATURE_SSE41)) {
        op2i(l, FORM_pinsrd, d, x, y, lane);
        return;
    }
    Reg upper = temp(l, REG_GPR, 4);
    emit(l, FORM_shr_i_32, upper, in_reg(y), NO_OPERAND, 16);
    insert_word(l, d, insert_word(l, xmm(l), x, y, 2 * lane), upper, 2 * lane + 1);
}

/* y is in a vector register. */
static void insert_qword(Lower *l, Reg d, Reg x, Reg y, unsigned lane)
{
    op2(l, lane ? FORM_punpcklqdq : FORM_movsd_rr, d, x, y);
}

static void insert_f32(Lower *l, Reg d, Reg x, Reg y, unsigned lane)
{
    if (lane == 0) {
        op2(l, FORM_movss_rr, d, x, y);
        return;
    }
    Reg bits = temp(l, REG_GPR, 4);
    op1i(l, FORM_movd_rx, bits, y, 0);
    insert_dword(l, d, x, bits, lane);
}

bool lower_insertlane(Lower *l)
{
    Type t = (Type)l->i->type;
    unsigned lane = (unsigned)l->i->imm;
    Reg d = result(l, 0), x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    switch (type_lane_bits(t)) {
    case 8: insert_byte(l, d, x, y, lane); break;
    case 16: insert_word(l, d, x, y, lane); break;
    case 32:
        if (t == TY_f32x4) insert_f32(l, d, x, y, lane);
        else insert_dword(l, d, x, y, lane);
        break;
    default: insert_qword(l, d, x, low_lane(l, type_lane(t), y), lane); break;
    }
    return true;
}

/* -- Shuffle ----------------------------------------------------------------------------------- */

/* Control bytes for pshufb that take the bytes of one operand and zeros for the rest. */
static Bits shuffle_control(const uint8_t *mask, unsigned first)
{
    Bits b;
    for (unsigned k = 0; k < 16; k++) {
        unsigned from = (unsigned)mask[k] - first;
        b.u8[k] = mask[k] >= first && from < 16 ? (uint8_t)from : 0x80;
    }
    return b;
}

static bool takes_from(const uint8_t *mask, unsigned first)
{
    for (unsigned k = 0; k < 16; k++)
        if (mask[k] >= first && mask[k] < first + 16) return true;
    return false;
}

static Reg shuffle_part(Lower *l, Reg d, Value v, const uint8_t *mask, unsigned first)
{
    return op2(l, FORM_pshufb, d, use(l, v), constant(l, shuffle_control(mask, first)));
}

static Mem slot_memory(uint32_t slot, unsigned offset)
{
    return (Mem){.kind = MEM_SLOT, .slot = slot, .disp = (int32_t)offset, .index = REG_NONE};
}

static void spill(Lower *l, uint32_t slot, unsigned offset, Reg x)
{
    Operand to = {.reg = REG_MEMORY, .mem = slot_memory(slot, offset)};
    emit_test(l, best_form(l, FORM_movups_mr), to, in_reg(x), 0);
}

/* Through memory, byte by byte: what is left without pshufb. */
static void shuffle_in_memory(Lower *l, const uint8_t *mask)
{
    uint32_t slot = mfunc_slot(l->m, 48, 16);
    Reg zero = int_constant(l, 4, 0);
    spill(l, slot, 0, use(l, arg(l, 0)));
    spill(l, slot, 16, use(l, arg(l, 1)));
    for (unsigned k = 0; k < 16; k++) {
        Reg byte = zero;
        if (mask[k] < 32) {
            Operand from = {.reg = REG_MEMORY, .mem = slot_memory(slot, mask[k])};
            byte = temp(l, REG_GPR, 4);
            emit(l, FORM_movzxb_32, byte, from, NO_OPERAND, 0);
        }
        Operand to = {.reg = REG_MEMORY, .mem = slot_memory(slot, 32 + k)};
        emit_test(l, FORM_mov_mr_8, to, in_reg(byte), 0);
    }
    Operand all = {.reg = REG_MEMORY, .mem = slot_memory(slot, 32)};
    emit(l, best_form(l, FORM_movups), result(l, 0), all, NO_OPERAND, 0);
}

bool lower_shuffle(Lower *l)
{
    const uint8_t *mask = l->f->constants.at[l->i->entity].bytes;
    Reg d = result(l, 0);
    if (!has_feature(l, FEATURE_SSSE3)) return shuffle_in_memory(l, mask), true;
    bool x = takes_from(mask, 0), y = takes_from(mask, 16);
    if (!y) return shuffle_part(l, d, arg(l, 0), mask, 0), true;
    if (!x) return shuffle_part(l, d, arg(l, 1), mask, 16), true;
    Reg first = shuffle_part(l, xmm(l), arg(l, 0), mask, 0);
    Reg second = shuffle_part(l, xmm(l), arg(l, 1), mask, 16);
    op2(l, FORM_por, d, first, second);
    return true;
}
