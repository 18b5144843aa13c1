#include "gen/scope.h"

#include "gen/nan.h"
#include "ir/contract.h"

void scope_init(Fn *fn)
{
    memset(fn->scope.vars, 0xff, sizeof fn->scope.vars);
    memset(fn->scope.held, 0, sizeof fn->scope.held);
    for (unsigned k = 0; k < DERIVED_MAX; k++) fn->scope.derived[k].origin = NO_ORIGIN;
    for (unsigned k = 0; k < CELLS_MAX; k++) fn->scope.cells[k].slot = NO_ORIGIN;
    fn->null = fn->fault = fn->out = NO_ORIGIN;
    fn->digest = VALUE_none;
}

Value scope_find(Fn *fn, Choice *c, Type t)
{
    const Scope *s = &fn->scope;
    int kind = kind_of[t];
    uint32_t places = kind_places[kind], at = choose(c, places), held = s->held[kind];
    if (!held) return VALUE_none;
    uint32_t around = held >> at | held << (places - at); /* place `at` comes first */
    at += (uint32_t)__builtin_ctz(around);
    return s->vars[kind][at < places ? at : at - places];
}

static Value widen_or_cut(Fn *fn, Choice *c, Type t, Value x)
{
    unsigned from = type_bits(func_type(fn->f, x)), to = type_bits(t);
    if (from == to) return x;
    if (from > to) return gen_unary(fn, OP_ireduce, t, x);
    return gen_unary(fn, chance(c, 1, 2) ? OP_sextend : OP_uextend, t, x);
}

static Value some_integer(Fn *fn, Choice *c)
{
    static const Type order[] = {TY_i64, TY_i32, TY_i8, TY_i16};
    for (unsigned k = 0, at = choose(c, 4); k < 4; k++, at++) {
        Value v = scope_find(fn, c, order[at % 4]);
        if (v.i != NO_INDEX) return v;
    }
    return VALUE_none;
}

Value scope_value(Fn *fn, Choice *c, Type t)
{
    Value v = scope_find(fn, c, t);
    if (v.i != NO_INDEX) return v;
    Value x = some_integer(fn, c);
    if (x.i == NO_INDEX) return gen_constant(fn, c, t);
    if (type_is_int(t)) return widen_or_cut(fn, c, t, x);
    if (t == TY_f16 || t == TY_f128)
        return gen_bitcast(fn, t, widen_or_cut(fn, c, type_int_like(t), x));
    if (type_is_float(t)) {
        x = widen_or_cut(fn, c, TY_i32, x);
        return gen_unary(fn, OP_fcvt_from_sint, t, x);
    }
    Value lane = scope_value(fn, c, type_lane(t));
    return gen_unary(fn, OP_splat, t, lane);
}

/* Something of both in one value of their type. */
static Value combine(Fn *fn, Choice *c, Value old, Value v)
{
    static const Op integer[] = {OP_bxor, OP_iadd, OP_isub};
    Type t = func_type(fn->f, v);
    if (type_has_float_lanes(t)) return nan_mix(fn, c, v, old);
    return gen_binary(fn, integer[choose(c, 3)], v, old);
}

void scope_set(Scope *s, Type t, unsigned n, Value v)
{
    s->vars[kind_of[t]][n] = v;
    s->held[kind_of[t]] |= (uint8_t)(1u << n);
}

void scope_add(Fn *fn, Choice *c, Value v)
{
    Type t = func_type(fn->f, v);
    unsigned n = choose(c, kind_places[kind_of[t]]);
    Value old = fn->scope.vars[kind_of[t]][n];
    if (old.i != NO_INDEX && !value_is_used(fn, old)) v = combine(fn, c, old, v);
    scope_set(&fn->scope, t, n, v);
}

void scope_add_counter(Fn *fn, Value v, uint64_t count)
{
    Scope *s = &fn->scope;
    if (s->ncounters == COUNTERS_MAX) return;
    s->counters[s->ncounters++] = (Counter){v, func_type(fn->f, v), count};
}

Origin origin_of_contract(const Contract *k)
{
    Origin b = {.range = k->range, .align = k->align, .skew = k->skew, .region = k->region,
              .writable = !k->nowrite && !k->readonly, .constant = k->readonly, .fault = k->fault,
              .cell = NO_CELL, .slot = {NO_INDEX}};
    if (k->init.n) b.init = k->init.at[0];
    if (k->cells.n) { /* at the end: data stands before it */
        b.cell = k->cells.at[0].offset;
        b.target = &k->cells.at[0].target;
        b.range.hi = b.cell;
        if (b.init.hi > b.cell) b.init.hi = b.cell;
    }
    return b;
}

uint8_t scope_add_origin(Fn *fn, Origin b, bool is_object)
{
    if (fn->norigins == ORIGINS_MAX || (is_object && fn->nobjects == 64)) return NO_ORIGIN;
    if (is_object) b.reach |= b.self = UINT64_C(1) << fn->nobjects++;
    fn->origins[fn->norigins] = b;
    return (uint8_t)fn->norigins++;
}

void scope_add_root(Fn *fn, uint8_t origin, Value v)
{
    CHECK(fn->nroots < ROOTS_MAX);
    const Origin *b = &fn->origins[origin];
    fn->roots[fn->nroots++] =
        (Address){.v = v, .origin = origin, .provable = true, .align = b->align, .skew = b->skew};
}

void scope_add_derived(Fn *fn, Choice *c, Address a)
{
    fn->scope.derived[choose(c, DERIVED_MAX)] = a;
}

bool origins_are_disjoint(const Origin *a, const Origin *b)
{
    if (a->region != b->region) return true; /* an object has one region or none */
    return !(a->reach & b->self) && !(b->reach & a->self);
}
