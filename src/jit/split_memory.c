/* Loads, stores, and casts to vectors. */
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

/* The value as it lies in memory, or back. */
static Halves in_order(Split *s, const InstData *i, Halves x)
{
    if (!is_big(i)) return x;
    Value low = on(s, OP_bswap, x.high);
    return (Halves){low, on(s, OP_bswap, x.low)};
}

/* One access: if it traps, nothing has been written. */
void split_store(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = in_order(s, i, halves(s, i, 0));
    MemFlags flags = i->flags;
    flags.bits &= (uint8_t)~MEMFLAG_big;
    Value v = vector_of(s, x.low, x.high);
    build_store(&s->b, OP_store, flags, v, plain(s, i, 1), (int32_t)i->imm);
}

/* -- Atomic accesses ---------------------------------------------------------------------------
 *
 * A fault within the library would be nobody's trap. So a load comes first, which may trap; the 16
 * bytes are all accessible or none is, as the address is a multiple of 16. */

static Value touched(Split *s, const InstData *i, Value at)
{
    build_load(&s->b, OP_load, TY_i64, i->flags, at, 0);
    return at;
}

static void give_old(Split *s, const InstData *i, Value low)
{
    give(s, i, in_order(s, i, (Halves){low, second(low)}));
}

void split_atomic_load(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Value at = touched(s, i, plain(s, i, 0));
    give_old(s, i, call_library(s, LIBRARY_atomic_load, &at));
}

void split_atomic_store(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = in_order(s, i, halves(s, i, 0));
    Value at = touched(s, i, plain(s, i, 1));
    call_library(s, LIBRARY_atomic_store, (Value[]){at, x.low, x.high});
}

void split_atomic_cas(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves expected = in_order(s, i, halves(s, i, 1)), x = in_order(s, i, halves(s, i, 2));
    Value at = touched(s, i, plain(s, i, 0));
    give_old(s, i, call_library(s, LIBRARY_atomic_cas,
                                (Value[]){at, expected.low, expected.high, x.low, x.high}));
}

/* The library sees to the order: it is between reading and writing that it matters. */
void split_atomic_rmw(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    Halves x = halves(s, i, 1);
    Value at = touched(s, i, plain(s, i, 0));
    Value how = constant(s, (int64_t)split_rmw_number((AtomicOp)i->cond, is_big(i)));
    Value low = call_library(s, LIBRARY_atomic_rmw, (Value[]){at, how, x.low, x.high});
    give(s, i, (Halves){low, second(low)});
}

/* -- Casts ------------------------------------------------------------------------------------- */

/* Flags of a cast between halves as a vector and `other`. The order that is named is that of an
 * i128 too: big-endian, its high half comes first. Between scalars it means nothing. */
static MemFlags cast_flags(const InstData *i, Type other)
{
    MemFlags flags = i->flags;
    if (!type_is_vector(other)) flags.bits = MEMFLAG_little;
    return flags;
}

static Halves in_turn(MemFlags flags, Halves x)
{
    return flags.bits & MEMFLAG_big ? (Halves){x.high, x.low} : x;
}

static void cast_to_wide(Split *s, const InstData *i)
{
    Value v = plain(s, i, 0);
    Type from = func_type(s->b.f, v);
    MemFlags flags = cast_flags(i, from);
    if (from != TY_i64x2) v = build_bitcast(&s->b, TY_i64x2, v, flags);
    Value low = build_extractlane(&s->b, v, 0);
    give(s, i, in_turn(flags, (Halves){low, build_extractlane(&s->b, v, 1)}));
}

static void cast_from_wide(Split *s, const InstData *i)
{
    MemFlags flags = cast_flags(i, (Type)i->type);
    Halves x = in_turn(flags, halves(s, i, 0));
    Value v = vector_of(s, x.low, x.high);
    if (i->type != TY_i64x2) v = build_bitcast(&s->b, i->type, v, flags);
    give_plain(s, i, 0, v);
}

void split_bitcast(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    if (!is_wide(s, operand(i, 0))) cast_to_wide(s, i);
    else if (i->type == TY_i128) give(s, i, halves(s, i, 0));
    else cast_from_wide(s, i);
}
