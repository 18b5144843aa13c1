/* Loads, stores, casts to vectors, and what global values load. */
#include "jit/split_local.h"

/* x in the lower lane */
static Value vector_of(Split *s, Value low, Value high)
{
    Value v = build_unary(&s->b, OP_scalar_to_vector, TY_i64x2, low);
    return build_insertlane(&s->b, v, high, 1);
}

static bool is_big(const InstData *i) { return i->flags.bits & MEMFLAG_big; }

/* Eight bytes further on. An offset ends at 2^31. */
static Value load_second(Split *s, const InstData *i, Value at)
{
    int64_t offset = i->imm + 8;
    if (offset != (int32_t)offset) {
        at = on_two(s, OP_iadd, at, constant(s, 8));
        offset = i->imm;
    }
    return build_load(&s->b, OP_load, TY_i64, i->flags, at, (int32_t)offset);
}

static Halves load_halves(Split *s, const InstData *i, Value at)
{
    Value x = build_load(&s->b, OP_load, TY_i64, i->flags, at, (int32_t)i->imm);
    Value y = load_second(s, i, at);
    return is_big(i) ? (Halves){y, x} : (Halves){x, y};
}

void split_load(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    give(s, i, load_halves(s, i, plain(s, i, 0)));
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

/* -- Global values -----------------------------------------------------------------------------
 *
 * Turn   v1 = symbol_value.i32 gv2     where gv2 = load.i32 notrap aligned gv1+4
 * into   v1 = load.i32 notrap aligned v0+12          gv1 = iadd_imm.i64 gv0, 8
 *                                                    gv0 = vmctx, which is v0 */

static Value vmctx(const Func *f)
{
    uint32_t k = 0;
    while (f->sig.params.at[k].purpose != PURPOSE_vmctx) k++;
    return func_block(f, func_entry(f))->params.at[k];
}

static Value symbol(Split *s, uint32_t global)
{
    InstData i = {.op = OP_symbol_value, .type = TY_i64, .entity = global};
    return func_inst(s->b.f, build_inst(&s->b, &i))->result;
}

static Halves load_global(Split *s, const GlobalValueData *g, Value at)
{
    InstData i = {.flags = g->flags, .imm = g->offset};
    if (g->type == TY_i128) return load_halves(s, &i, at);
    Value x = build_load(&s->b, OP_load, (Type)g->type, g->flags, at, (int32_t)g->offset);
    return (Halves){x, VALUE_none};
}

static Halves add_global(Split *s, const GlobalValueData *g, Halves x)
{
    unsigned spare = g->type == TY_i128 ? 0 : 64 - type_bits((Type)g->type);
    Type type = g->type == TY_i128 ? TY_i64 : (Type)g->type;
    int64_t n = (int64_t)((uint64_t)g->offset << spare) >> spare;
    Value add = build_iconst(&s->b, type, n);
    if (g->type != TY_i128) return (Halves){on_two(s, OP_iadd, x.low, add), VALUE_none};
    Value low = on_two(s, OP_uadd_overflow, x.low, add);
    return (Halves){low, on_three(s, OP_uadd_overflow_cin, x.high, constant(s, n < 0 ? -1 : 0),
                                  second(low))};
}

/* From the base of all bases on. */
static Halves global_value(Split *s, uint32_t global)
{
    const GlobalValueData *g = &s->b.f->globals.at[global];
    switch ((GlobalKind)g->kind) {
    case GLOBAL_vmctx: return (Halves){vmctx(s->b.f), VALUE_none};
    case GLOBAL_symbol:
    case GLOBAL_dyn_scale: return (Halves){symbol(s, global), VALUE_none};
    case GLOBAL_load: return load_global(s, g, global_value(s, g->base).low);
    case GLOBAL_iadd_imm: break;
    }
    return add_global(s, g, global_value(s, g->base));
}

void split_global(Split *s, const InstData *i, const SplitRow *row)
{
    (void)row;
    give(s, i, global_value(s, i->entity));
}
