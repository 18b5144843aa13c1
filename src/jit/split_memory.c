/* Loads, stores, casts to vectors, and conversions from integers to floats. */
#include "jit/split_local.h"

/* x in the lower lane */
static Value vector_of(Split *s, Value low, Value high)
{
    Value v = build_unary(&s->b, OP_scalar_to_vector, TY_i64x2, low);
    return build_insertlane(&s->b, v, high, 1);
}

static bool is_big(const InstData *i) { return i->flags.bits & MEMFLAG_big; }

/* Eight bytes further on. An offset ends at 2^31. */
static Value load_second(Split *s, const InstData *i)
{
    Value at = plain(s, i, 0);
    int64_t offset = i->imm + 8;
    if (offset != (int32_t)offset) {
        at = on_two(s, OP_iadd, at, constant(s, 8));
        offset = i->imm;
    }
    return build_load(&s->b, OP_load, TY_i64, i->flags, at, (int32_t)offset);
}

void split_load(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Value x = build_load(&s->b, OP_load, TY_i64, i->flags, plain(s, i, 0), (int32_t)i->imm);
    Value y = load_second(s, i);
    give(s, i, is_big(i) ? (Halves){y, x} : (Halves){x, y});
}

/* One access: if it traps, nothing has been written. */
void split_store(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 0);
    MemFlags flags = i->flags;
    if (is_big(i)) {
        Value low = on(s, OP_bswap, x.high);
        x = (Halves){low, on(s, OP_bswap, x.low)};
        flags.bits &= (uint8_t)~MEMFLAG_big;
    }
    Value v = vector_of(s, x.low, x.high);
    build_store(&s->b, OP_store, flags, v, plain(s, i, 1), (int32_t)i->imm);
}

/* The order that the flags name is that of an i128 too: big-endian, its high half comes first. */
static void cast_to_wide(Split *s, const InstData *i)
{
    Value v = plain(s, i, 0);
    if (func_type(s->b.f, v) != TY_i64x2) v = build_bitcast(&s->b, TY_i64x2, v, i->flags);
    Value first = build_extractlane(&s->b, v, 0), then = build_extractlane(&s->b, v, 1);
    give(s, i, is_big(i) ? (Halves){then, first} : (Halves){first, then});
}

static void cast_from_wide(Split *s, const InstData *i)
{
    Halves x = halves(s, i, 0);
    Value v = is_big(i) ? vector_of(s, x.high, x.low) : vector_of(s, x.low, x.high);
    if (i->type != TY_i64x2) v = build_bitcast(&s->b, i->type, v, i->flags);
    give_plain(s, i, 0, v);
}

void split_bitcast(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    if (i->type == TY_f128 || func_type(s->b.f, operand(i, 0)) == TY_f128) refuse(s, i);
    else if (!is_wide(s, operand(i, 0))) cast_to_wide(s, i);
    else if (i->type == TY_i128) give(s, i, halves(s, i, 0));
    else cast_from_wide(s, i);
}

/* with: the functions for f32 and for f64 */
void split_from_int(Split *s, const InstData *i, const SplitRow *row)
{
    Halves x = halves(s, i, 0);
    if (i->type != TY_f32 && i->type != TY_f64) return refuse(s, i);
    Library fn = row->with[i->type == TY_f64];
    give_plain(s, i, 0, call_library(s, fn, (Value[]){x.low, x.high}));
}
