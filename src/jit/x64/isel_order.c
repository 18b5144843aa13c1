/* Memory in big-endian order: an access as it is, and the bytes of each lane exchanged. */
#include "jit/x64/rule.h"

/* SSE2 exchanges the bytes of words; then words change places within their lane, and halves of the
 * whole where there is one lane. */
static Reg exchange_lanes(Lower *l, Reg x, unsigned lane_bytes)
{
    if (lane_bytes == 1) return x;
    Reg up = packed_imm(l, FORM_psllw_i, x, 8), down = packed_imm(l, FORM_psrlw_i, x, 8);
    Reg words = packed(l, FORM_por, up, down);
    if (lane_bytes == 2) return words;
    int64_t order = lane_bytes == 4 ? 0xb1 : 0x1b;
    Reg d = packed_imm(l, FORM_pshufhw, packed_imm(l, FORM_pshuflw, words, order), order);
    return lane_bytes == 16 ? packed_imm(l, FORM_pshufd, d, 0x4e) : d;
}

static Reg integer(Lower *l, unsigned bytes)
{
    return temp(l, REG_GPR, bytes == 8 ? 8 : 4);
}

Reg exchange_bytes(Lower *l, Reg x, unsigned bytes)
{
    Reg d = integer(l, bytes);
    if (bytes == 2) with_imm(l, FORM_rol_i_16, d, x, 8);
    else unary(l, form_sized(FORM_bswap, bytes * 8), d, x);
    return d;
}

/* d := x, the integer of so many bytes that was loaded, as the instruction extends it. */
static void extend(Lower *l, Reg d, Reg x, unsigned bytes)
{
    bool wide = l->i->type == TY_i64;
    switch (l->i->op) {
    case OP_sload16: return unary(l, wide ? FORM_movsxw_64 : FORM_movsxw_32, d, x);
    case OP_sload32: return unary(l, FORM_movsxd, d, x);
    }
    unary(l, bytes == 2 ? FORM_movzxw_32 : form_sized(FORM_mov, bytes * 8), d, x);
    if (wide && bytes == 4) keep_last(l);
}

static void load_scalar(Lower *l, unsigned bytes)
{
    Reg raw = integer(l, bytes), d = result(l, 0);
    Form form = bytes == 2 ? FORM_movzxw_32 : form_sized(FORM_mov, bytes * 8);
    emit(l, form, raw, lower_access(l, l->i, arg(l, 0)), NO_OPERAND, 0);
    Reg x = exchange_bytes(l, raw, bytes);
    if (type_in_xmm((Type)l->i->type)) to_xmm(l, d, x, bytes * 8);
    else extend(l, d, x, bytes);
}

static void store_scalar(Lower *l, unsigned bytes)
{
    Reg x = use(l, arg(l, 0));
    if (type_in_xmm((Type)l->i->type)) {
        Reg bits = integer(l, bytes);
        from_xmm(l, bits, x, bytes * 8);
        x = bits;
    }
    Reg exchanged = exchange_bytes(l, x, bytes);
    Operand memory = lower_access(l, l->i, arg(l, 1));
    emit_test(l, form_sized(FORM_mov_mr, bytes * 8), memory, in_reg(exchanged), 0);
}

static void load_vector(Lower *l, unsigned bytes, unsigned lane_bytes)
{
    Reg raw = xmm(l);
    load_xmm(l, raw, lower_access(l, l->i, arg(l, 0)), bytes);
    Reg x = exchange_lanes(l, raw, lane_bytes);
    if (l->i->op == OP_load) copy(l, result(l, 0), x);
    else widen_lanes(l, in_reg(x));
}

static void store_vector(Lower *l, unsigned bytes, unsigned lane_bytes)
{
    Reg x = exchange_lanes(l, use(l, arg(l, 0)), lane_bytes);
    store_xmm(l, lower_access(l, l->i, arg(l, 1)), x, bytes);
}

/* As if stored and loaded again. */
static void cast(Lower *l)
{
    Type to = (Type)l->i->type, from = type_of(l, arg(l, 0));
    if (!type_is_vector(to) && !type_is_vector(from)) return rule_apply(l);
    Reg x = use(l, arg(l, 0)), bits = x;
    if (!type_in_xmm(from)) to_xmm(l, bits = xmm(l), x, type_bits(from));
    Reg stored = exchange_lanes(l, bits, type_lane_bits(from) / 8);
    Reg loaded = exchange_lanes(l, stored, type_lane_bits(to) / 8);
    if (type_in_xmm(to)) copy(l, result(l, 0), loaded);
    else from_xmm(l, result(l, 0), loaded, type_bits(to));
}

void lower_big_endian(Lower *l)
{
    Type t = (Type)l->i->type;
    unsigned bytes = op_access_bytes((Op)l->i->op, t), lane_bytes = bytes / type_lanes(t);
    bool atomic = op_has((Op)l->i->op, EFFECT_E); /* sees to it itself */
    bool in_vector = type_is_vector(t) || bytes == 16;
    if (l->i->op == OP_bitcast) cast(l);
    else if (lane_bytes == 1 || atomic) rule_apply(l);
    else if (op_has((Op)l->i->op, EFFECT_S))
        in_vector ? store_vector(l, bytes, lane_bytes) : store_scalar(l, bytes);
    else in_vector ? load_vector(l, bytes, lane_bytes) : load_scalar(l, bytes);
}
