/* Conversions between i128 and floats, by functions of the library. */
#include "jit/split_local.h"

#include <string.h>

/* with: the functions for f32 and for f64 */
void split_from_int(Split *s, const InstData *i, const SplitRow *row)
{
    Halves x = halves(s, i, 0);
    if (i->type != TY_f32 && i->type != TY_f64) return refuse(s, i);
    Library fn = row->with[i->type == TY_f64];
    give_plain(s, i, 0, call_library(s, fn, (Value[]){x.low, x.high}));
}

/* The operand as f64, in which f32 is exact; VALUE_none for formats that nothing computes with. */
static Value as_f64(Split *s, const InstData *i)
{
    Value x = plain(s, i, 0);
    Type from = func_type(s->b.f, x);
    if (from == TY_f32) return build_unary(&s->b, OP_fpromote, TY_f64, x);
    return from == TY_f64 ? x : VALUE_none;
}

/* with: the function, which gives some integer for everything */
void split_to_int_sat(Split *s, const InstData *i, const SplitRow *row)
{
    Value x = as_f64(s, i);
    if (x.i == NO_INDEX) return refuse(s, i);
    Value bits = build_bitcast(&s->b, TY_i64, x, (MemFlags){0});
    Value low = call_library(s, row->with[0], &bits);
    give(s, i, (Halves){low, second(low)});
}

static Value is(Split *s, FloatCC cc, Value x, double y)
{
    uint64_t bits;
    memcpy(&bits, &y, sizeof bits);
    return build_compare(&s->b, OP_fcmp, cc, x, build_f64const(&s->b, bits));
}

/* What is truncated to an i128 lies between these: -1 is no unsigned one, -2^127 a signed one. */
void split_to_int(Split *s, const InstData *i, const SplitRow *row)
{
    Value x = as_f64(s, i);
    bool sign = i->op == OP_fcvt_to_sint;
    if (x.i == NO_INDEX) return refuse(s, i);
    Value ordered = build_compare(&s->b, OP_fcmp, FLOATCC_ord, x, x);
    build_cond_trap(&s->b, OP_trapz, ordered, TRAP_bad_toint);
    Value above = sign ? is(s, FLOATCC_ge, x, -0x1p127) : is(s, FLOATCC_gt, x, -1);
    Value below = is(s, FLOATCC_lt, x, sign ? 0x1p127 : 0x1p128);
    build_cond_trap(&s->b, OP_trapz, on_two(s, OP_band, above, below), TRAP_int_ovf);
    split_to_int_sat(s, i, row);
}
