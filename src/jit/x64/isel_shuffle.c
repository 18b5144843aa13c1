/* Vectors as a whole: splats, single lanes, shuffles, loads that widen. */
#include "jit/x64/rule.h"

static Reg gpr(Lower *l) { return temp(l, REG_GPR, 4); }

static Reg zero(Lower *l)
{
    Reg d = xmm(l);
    load_bits(l, d, 16, (Bits){0});
    return d;
}

bool lower_vconst(Lower *l)
{
    const ConstantData *c = &l->f->constants.at[l->i->entity];
    Bits b = {0};
    memcpy(&b, c->bytes, min_u64(c->n, sizeof b));
    load_bits(l, result(l, 0), 16, b);
    return true;
}

/* -- Splat ------------------------------------------------------------------------------------- */

/* The scalar in the lowest lane, whatever stands above. */
static Reg in_lowest_lane(Lower *l, Value v)
{
    Type t = type_of(l, v);
    if (type_in_xmm(t)) return use(l, v);
    Reg d = xmm(l);
    unary(l, type_bits(t) == 64 ? FORM_movq_xr : FORM_movd_xr, d, use(l, v));
    return d;
}

/* One instruction that can read the lane from memory. */
static bool broadcast(Lower *l, unsigned bits)
{
    static const uint16_t forms[] = {FORM_vpbroadcastb, FORM_vpbroadcastw, FORM_vpbroadcastd,
                                     FORM_vpbroadcastq};
    Value x = arg(l, 0);
    if (!has_feature(l, FEATURE_AVX2)) return false;
    Form form = (Form)forms[__builtin_ctz(bits / 8)];
    Operand o = can_fuse(l, x, bits / 8, 1) ? use_rm(l, x, bits / 8, 1)
                                            : in_reg(in_lowest_lane(l, x));
    emit(l, form, result(l, 0), o, NO_OPERAND, 0);
    return true;
}

bool lower_splat(Lower *l)
{
    unsigned bits = type_lane_bits((Type)l->i->type);
    if (broadcast(l, bits)) return true;
    Reg x = in_lowest_lane(l, arg(l, 0)), d = result(l, 0);
    if (bits == 8) x = packed(l, FORM_punpcklbw, x, x);
    if (bits <= 16) x = packed_imm(l, FORM_pshuflw, x, 0);
    with_imm(l, FORM_pshufd, d, x, bits == 64 ? 0x44 : 0);
    return true;
}

/* The lowest 16 bits of a vector register, with zeros above */
static Reg low_word(Lower *l, Reg x)
{
    Reg d = gpr(l);
    with_imm(l, FORM_pextrw, d, x, 0);
    return d;
}

/* movd and movq clear what is above; narrower integers are extended first. */
bool lower_scalar_to_vector(Lower *l)
{
    Type t = type_of(l, arg(l, 0));
    Reg d = result(l, 0);
    if (t == TY_f16) unary(l, FORM_movd_xr, d, low_word(l, use(l, arg(l, 0))));
    else if (t == TY_f32) binary(l, FORM_movss_rr, d, zero(l), use(l, arg(l, 0)));
    else if (t == TY_f64) unary(l, FORM_movq, d, use(l, arg(l, 0)));
    else if (t == TY_i64) unary(l, FORM_movq_xr, d, use(l, arg(l, 0)));
    else unary(l, FORM_movd_xr, d, extended32(l, arg(l, 0), false));
    return true;
}

/* -- Lanes ------------------------------------------------------------------------------------- */

/* Puts a byte into its word. */
static void insert_byte(Lower *l, Reg d, Reg x, Reg byte, unsigned lane)
{
    Reg word = gpr(l), kept = gpr(l), low = gpr(l), merged = gpr(l);
    with_imm(l, FORM_pextrw, word, x, lane / 2);
    with_imm(l, FORM_and_i_32, kept, word, lane % 2 ? 0xff : 0xff00);
    unary(l, FORM_movzxb_32, low, byte);
    if (lane % 2) {
        Reg high = gpr(l);
        with_imm(l, FORM_shl_i_32, high, low, 8);
        low = high;
    }
    binary(l, FORM_or_32, merged, kept, low);
    emit(l, best_form(l, FORM_pinsrw), d, in_reg(x), in_reg(merged), lane / 2);
}

static void insert_dword(Lower *l, Reg d, Reg x, Reg dword, unsigned lane)
{
    Reg half = xmm(l), high = gpr(l);
    emit(l, best_form(l, FORM_pinsrw), half, in_reg(x), in_reg(dword), lane * 2);
    with_imm(l, FORM_shr_i_32, high, dword, 16);
    emit(l, best_form(l, FORM_pinsrw), d, in_reg(half), in_reg(high), lane * 2 + 1);
}

/* The quad, in the low half of `q`, into lane 0 or 1. */
static void insert_quad(Lower *l, Reg d, Reg x, Reg q, unsigned lane)
{
    binary(l, lane ? FORM_punpcklqdq : FORM_movsd_rr, d, x, q);
}

static bool insert_directly(Lower *l, Form form, Value v, unsigned lane)
{
    unsigned bytes = type_bytes(type_of(l, v));
    if (!has_feature(l, FEATURE_SSE41) && form != FORM_pinsrw) return false;
    Operand x = in_reg(use(l, arg(l, 0)));
    emit(l, best_form(l, form), result(l, 0), x, use_rm(l, v, bytes, 1), lane);
    return true;
}

static void insert_int(Lower *l, unsigned bits, unsigned lane)
{
    static const uint16_t forms[] = {FORM_pinsrb, FORM_pinsrw, FORM_pinsrd, FORM_pinsrq};
    Value v = arg(l, 1);
    if (insert_directly(l, (Form)forms[__builtin_ctz(bits / 8)], v, lane)) return;
    Reg x = use(l, arg(l, 0)), d = result(l, 0);
    if (bits == 8) insert_byte(l, d, x, use(l, v), lane);
    else if (bits == 32) insert_dword(l, d, x, use(l, v), lane);
    else insert_quad(l, d, x, in_lowest_lane(l, v), lane);
}

static void insert_f32(Lower *l, unsigned lane)
{
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1)), d = result(l, 0);
    if (lane == 0) return binary(l, FORM_movss_rr, d, x, y);
    if (has_feature(l, FEATURE_SSE41))
        return emit(l, best_form(l, FORM_insertps), d, in_reg(x), in_reg(y), lane << 4);
    Reg dword = gpr(l);
    unary(l, FORM_movd_rx, dword, y);
    insert_dword(l, d, x, dword, lane);
}

bool lower_insertlane(Lower *l)
{
    unsigned lane = (unsigned)l->i->imm;
    Type t = type_of(l, arg(l, 1));
    if (t == TY_f16)
        emit(l, best_form(l, FORM_pinsrw), result(l, 0), in_reg(use(l, arg(l, 0))),
             in_reg(low_word(l, use(l, arg(l, 1)))), lane);
    else if (t == TY_f32) insert_f32(l, lane);
    else if (t == TY_f64)
        insert_quad(l, result(l, 0), use(l, arg(l, 0)), use(l, arg(l, 1)), lane);
    else insert_int(l, type_bits(t), lane);
    return true;
}

static void extract_int(Lower *l, unsigned bits, unsigned lane)
{
    static const uint16_t forms[] = {FORM_pextrb, FORM_pextrw, FORM_pextrd, FORM_pextrq};
    Reg x = use(l, arg(l, 0)), d = result(l, 0);
    if (bits >= 32 && lane == 0) return unary(l, bits == 64 ? FORM_movq_rx : FORM_movd_rx, d, x);
    if (bits == 16 || has_feature(l, FEATURE_SSE41))
        return with_imm(l, (Form)forms[__builtin_ctz(bits / 8)], d, x, lane);
    if (bits == 64) return unary(l, FORM_movq_rx, d, packed_imm(l, FORM_pshufd, x, 0xee));
    if (bits == 32) return unary(l, FORM_movd_rx, d, packed_imm(l, FORM_pshufd, x, lane * 0x55));
    Reg word = gpr(l);
    with_imm(l, FORM_pextrw, word, x, lane / 2);
    if (lane % 2) with_imm(l, FORM_shr_i_32, d, word, 8);
    else copy(l, d, word);
}

bool lower_extractlane(Lower *l)
{
    Type t = type_lane(type_of(l, arg(l, 0)));
    unsigned lane = (unsigned)l->i->imm;
    if (!type_in_xmm(t)) extract_int(l, type_bits(t), lane);
    else if (lane == 0) copy(l, result(l, 0), use(l, arg(l, 0)));
    else if (t == TY_f16) with_imm(l, FORM_psrldq_i, result(l, 0), use(l, arg(l, 0)), 2 * lane);
    else
        with_imm(l, FORM_pshufd, result(l, 0), use(l, arg(l, 0)), t == TY_f64 ? 0xee : lane * 0x55);
    return true;
}

/* -- Shuffles ---------------------------------------------------------------------------------- */

static const uint8_t *mask_of(const Lower *l)
{
    return l->f->constants.at[l->i->entity].bytes;
}

/* When whole doublewords of one operand are moved: the control byte of pshufd, else -1. */
static int dword_control(const uint8_t *mask, unsigned operand)
{
    int control = 0;
    for (unsigned k = 0; k < 4; k++) {
        unsigned first = mask[4 * k];
        if (first / 16 != operand || first % 4) return -1;
        for (unsigned n = 1; n < 4; n++)
            if (mask[4 * k + n] != first + n) return -1;
        control |= (int)(first % 16 / 4) << 2 * k;
    }
    return control;
}

/* What pshufb must be given to take from operand 0 or 1; 128 gives 0. */
static Bits byte_control(const uint8_t *mask, unsigned operand, bool *any)
{
    Bits b;
    *any = false;
    for (unsigned k = 0; k < 16; k++) {
        bool own = mask[k] / 16 == operand;
        b.u8[k] = own ? mask[k] % 16 : 0x80;
        *any |= own;
    }
    return b;
}

static void shuffle_bytes(Lower *l)
{
    bool from_x, from_y;
    Bits bx = byte_control(mask_of(l), 0, &from_x), by = byte_control(mask_of(l), 1, &from_y);
    Reg d = result(l, 0);
    if (!from_y) return with_bits(l, FORM_pshufb, d, use(l, arg(l, 0)), bx);
    if (!from_x) return with_bits(l, FORM_pshufb, d, use(l, arg(l, 1)), by);
    Reg a = xmm(l), b = xmm(l);
    with_bits(l, FORM_pshufb, a, use(l, arg(l, 0)), bx);
    with_bits(l, FORM_pshufb, b, use(l, arg(l, 1)), by);
    binary(l, FORM_por, d, a, b);
}

static Operand slot_byte(Lower *l, uint32_t slot, unsigned disp)
{
    Mem mem = {.kind = MEM_SLOT, .slot = slot, .disp = (int32_t)disp, .index = REG_NONE};
    return memory_operand(l, mem, TRAP_none);
}

/* One byte of the result in the low bits of a register. */
static Reg shuffled_byte(Lower *l, uint32_t slot, uint8_t from)
{
    Reg d = gpr(l);
    emit(l, FORM_movzxb_32, d, slot_byte(l, slot, from), NO_OPERAND, 0);
    return d;
}

/* Two operands in memory. */
static uint32_t store_both(Lower *l, Reg x, Reg y)
{
    uint32_t slot = mfunc_slot(l->m, 32, 16);
    emit_test(l, FORM_movaps_mr, slot_byte(l, slot, 0), in_reg(x), 0);
    emit_test(l, FORM_movaps_mr, slot_byte(l, slot, 16), in_reg(y), 0);
    return slot;
}

/* With word `k` := high : low */
static Reg with_word(Lower *l, Reg sum, unsigned k, Reg low, Reg high)
{
    Reg shifted = gpr(l), word = gpr(l), d = xmm(l);
    with_imm(l, FORM_shl_i_32, shifted, high, 8);
    binary(l, FORM_or_32, word, shifted, low);
    emit(l, best_form(l, FORM_pinsrw), d, in_reg(sum), in_reg(word), k);
    return d;
}

/* Without pshufb: both operands in memory, from which words are put together. */
static void shuffle_through_memory(Lower *l)
{
    uint32_t slot = store_both(l, use(l, arg(l, 0)), use(l, arg(l, 1)));
    Reg sum = zero(l);
    for (unsigned k = 0; k < 8; k++) {
        Reg low = shuffled_byte(l, slot, mask_of(l)[2 * k]);
        Reg high = shuffled_byte(l, slot, mask_of(l)[2 * k + 1]);
        sum = with_word(l, sum, k, low, high);
    }
    copy(l, result(l, 0), sum);
}

bool lower_shuffle(Lower *l)
{
    for (unsigned operand = 0; operand < 2; operand++) {
        int control = dword_control(mask_of(l), operand);
        if (control < 0) continue;
        with_imm(l, FORM_pshufd, result(l, 0), use(l, arg(l, operand)), control);
        return true;
    }
    if (has_feature(l, FEATURE_SSSE3)) shuffle_bytes(l);
    else shuffle_through_memory(l);
    return true;
}

/* -- Choosing bytes by numbers that are not constants ------------------------------------------ */

static Bits all_bytes(uint8_t n)
{
    uint64_t eight = n * UINT64_C(0x0101010101010101);
    return (Bits){.u64 = {eight, eight}};
}

/* The byte in the first half of the slot whose number is byte `k` of the second. */
static Reg chosen_byte(Lower *l, uint32_t slot, unsigned k)
{
    Reg index = temp(l, REG_GPR, 8), d = gpr(l);
    emit(l, FORM_movzxb_32, index, slot_byte(l, slot, 16 + k), NO_OPERAND, 0);
    Mem mem = {.kind = MEM_SLOT, .slot = slot, .index = index};
    emit(l, FORM_movzxb_32, d, memory_operand(l, mem, TRAP_none), NO_OPERAND, 0);
    return d;
}

/* Without pshufb: each byte through memory. What is out of range, above 15 or, for pshufb, above
 * 127, is masked out at the end. */
bool lower_permute(Lower *l)
{
    Reg x = use(l, arg(l, 0)), y = use(l, arg(l, 1));
    Bits last = all_bytes(l->i->op == OP_swizzle ? 15 : 127);
    Reg in_range = packed(l, FORM_pcmpeqb, packed_bits(l, FORM_pminub, y, last), y);
    uint32_t slot = store_both(l, x, packed_bits(l, FORM_pand, y, all_bytes(15)));
    Reg sum = zero(l);
    for (unsigned k = 0; k < 8; k++) {
        Reg low = chosen_byte(l, slot, 2 * k), high = chosen_byte(l, slot, 2 * k + 1);
        sum = with_word(l, sum, k, low, high);
    }
    binary(l, FORM_pand, result(l, 0), sum, in_range);
    return true;
}

/* -- Loads that widen -------------------------------------------------------------------------- */

static const struct {
    uint16_t direct, interleave, shift;
    uint8_t by;
    bool sign;
} widenings[] = {
    {FORM_pmovzxbw, FORM_punpcklbw, 0, 0, false},
    {FORM_pmovsxbw, FORM_punpcklbw, FORM_psraw_i, 8, true},
    {FORM_pmovzxwd, FORM_punpcklwd, 0, 0, false},
    {FORM_pmovsxwd, FORM_punpcklwd, FORM_psrad_i, 16, true},
    {FORM_pmovzxdq, FORM_punpckldq, 0, 0, false},
    {FORM_pmovsxdq, FORM_punpckldq, 0, 0, true},
};

static unsigned widening_of(const Lower *l)
{
    switch (l->i->op) {
    case OP_uload8x8: return 0;
    case OP_sload8x8: return 1;
    case OP_uload16x4: return 2;
    case OP_sload16x4: return 3;
    case OP_uload32x2: return 4;
    }
    return 5;
}

void widen_lanes(Lower *l, Operand low)
{
    unsigned w = widening_of(l);
    Reg d = result(l, 0);
    if (has_feature(l, FEATURE_SSE41)) {
        emit(l, best_form(l, (Form)widenings[w].direct), d, low, NO_OPERAND, 0);
        return;
    }
    Reg x = low.reg;
    if (is_memory(low)) {
        x = xmm(l);
        emit(l, FORM_movq, x, low, NO_OPERAND, 0);
    }
    Form interleave = (Form)widenings[w].interleave;
    if (!widenings[w].sign) binary(l, interleave, d, x, zero(l));
    else if (!widenings[w].shift)
        binary(l, interleave, d, x, packed_imm(l, FORM_psrad_i, x, 31));
    else
        with_imm(l, (Form)widenings[w].shift, d, packed(l, interleave, x, x), widenings[w].by);
}

bool lower_load_widening(Lower *l)
{
    widen_lanes(l, lower_access(l, l->i, arg(l, 0)));
    return true;
}
