/* Evaluators that touch memory. Every access goes through `reach`, which finds the object, checks
 * what the flags promise and, under discipline, the shadow's rules. An Access is inlined away. */
#include "interp/engine.h"
#include "interp/rules.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    uint64_t address, origin; /* of the address */
    unsigned n;
    bool write;
    bool word;      /* of type i64 */
    MemFlags flags;
    Bits value;     /* what a write of a word writes */
} Access;

/* Null, a fault heap: legal unless the access says that it cannot trap. */
static COLD bool trap_access(Interp *in, uint64_t address, MemFlags flags)
{
    if (!(flags.bits & MEMFLAG_notrap))
        return stop_trap(in, flags.trap ? flags.trap : TRAP_heap_oob);
    return stop_invalid(in, "notrap, but nothing can be accessed at %#llx",
                        (unsigned long long)address);
}

static COLD bool reject(Interp *in, uint64_t address, unsigned n, const char *what)
{
    return stop_invalid(in, "%s (%u bytes at %#llx)", what, n, (unsigned long long)address);
}

static COLD bool reject_wild(Interp *in, uint64_t address, unsigned n)
{
    return reject(in, address, n, memory_is_slot_address(&in->memory, address)
                                      ? rule_text[RULE_dead]
                                      : "accesses bytes outside of any object");
}

/* Bytes that are not those of the object which the address was derived from. */
static COLD bool reject_stray(Interp *in, const Access *a)
{
    const Span *s = memory_find(&in->memory, a->address, a->n);
    if (a->address < NULL_BYTES) return trap_access(in, a->address, a->flags);
    if (!s || (!s->fault && !memory_is_live(s, a->address, a->n)))
        return reject_wild(in, a->address, a->n);
    return reject(in, a->address, a->n, rule_text[a->origin ? RULE_strays : RULE_no_address]);
}

static COLD bool reject_by_rule(Interp *in, uint64_t address, unsigned n, Rule rule)
{
    char object[32] = "a slot";
    const Span *s = memory_find(&in->memory, address, n);
    if (s->heap != NO_INDEX) snprintf(object, sizeof object, "heap%u", s->heap);
    return stop_invalid(in, "%s (%u bytes at %#llx, %s)", rule_text[rule], n,
                        (unsigned long long)address, object);
}

/* The region of an access: number plus 2, 1 for none; 0 when a byte does not hold it. */
static uint8_t tag_of(const Interp *in, MemFlags flags)
{
    if (!flags.region) return 1;
    uint32_t number = in->f->regions.at[flags.region - 1].number;
    return number <= REGION_LAST ? (uint8_t)(number + 2) : 0;
}

static ALWAYS_INLINE bool keeps_discipline(Interp *in, const Access *a, Span *s)
{
    Memory *m = &in->memory;
    Manner how = {
        .tag = tag_of(in, a->flags),
        .word = a->word,
        .origin = a->write && a->word ? bits_origin(&a->value) : 0,
        .readonly = a->flags.bits & MEMFLAG_readonly,
    };
    if (unlikely(!how.tag)) return stop_refused(in, "regions above %u", REGION_LAST);
    if (a->write && a->word && s->heap != NO_INDEX &&
        unlikely(is_private_address(in, a->value.u64[0])))
        return reject(in, a->address, a->n,
                      "stores the address of a slot or function in a heap");
    Rule rule = a->write ? rules_write(m, s, a->address, a->n, how)
                         : rules_read(m, s, a->address, a->n, how);
    return likely(rule == RULE_kept) || reject_by_rule(in, a->address, a->n, rule);
}

static ALWAYS_INLINE bool reach_disciplined(Interp *in, const Access *a, uint64_t *origin)
{
    Span *s = memory_find_within(&in->memory, a->origin, a->address, a->n);
    if (unlikely(!s)) return reject_stray(in, a);
    if (unlikely(s->fault)) return trap_access(in, a->address, a->flags);
    if (unlikely(!keeps_discipline(in, a, s))) return false;
    if (a->word && !a->write) *origin = memory_stored_origin(s, a->address);
    return true;
}

/* Whether an access may be done at its address; false when the run is over. `*origin` becomes that
 * of what a word holds. */
static ALWAYS_INLINE bool reach(Interp *in, const Access *a, uint64_t *origin)
{
    in->access_address = a->address;
    in->access_bytes = a->n;
    uint64_t odd = a->flags.bits & MEMFLAG_aligned ? a->n - 1 : 0;
    if (unlikely(a->address & odd))
        return reject(in, a->address, a->n, "claims an alignment that it has not");
    if (likely(in->memory.discipline)) return reach_disciplined(in, a, origin);
    const Span *s = memory_find(&in->memory, a->address, a->n);
    if (unlikely(!s && a->address >= NULL_BYTES)) return reject_wild(in, a->address, a->n);
    if (unlikely(!s || s->fault)) return trap_access(in, a->address, a->flags);
    return memory_is_live(s, a->address, a->n) || reject_wild(in, a->address, a->n);
}

static uint64_t address_of(const Interp *in, const InstData *i, unsigned k)
{
    return operand(in, i, k)->u64[0] + (uint64_t)i->imm;
}

/* In memory bytes stand in the order of the flags within each lane. */
static COLD Bits swapped(Bits b, unsigned lane_bytes, unsigned bytes)
{
    Bits r = {0};
    for (unsigned k = 0; k < bytes; k++)
        r.u8[k] = b.u8[k / lane_bytes * lane_bytes + lane_bytes - 1 - k % lane_bytes];
    return r;
}

static ALWAYS_INLINE bool read_bits(Interp *in, const Access *a, unsigned lane_bytes, Bits *r)
{
    uint64_t origin = 0;
    if (unlikely(!reach(in, a, &origin))) return false;
    *r = (Bits){.u64 = {0, origin}};
    memcpy(r, (const void *)(uintptr_t)a->address, a->n);
    if (unlikely(a->flags.bits & MEMFLAG_big)) *r = swapped(*r, lane_bytes, a->n);
    return true;
}

static ALWAYS_INLINE bool write_bits(Interp *in, const Access *a, unsigned lane_bytes,
                                     const Bits *x)
{
    void *at = (void *)(uintptr_t)a->address;
    uint64_t origin;
    if (unlikely(!reach(in, a, &origin))) return false;
    if (likely(!(a->flags.bits & MEMFLAG_big))) {
        memcpy(at, x, a->n);
    } else {
        Bits big = swapped(*x, lane_bytes, a->n);
        memcpy(at, &big, a->n);
    }
    return true;
}

/* One copy for all that is rare. */
static bool read_any(Interp *in, const Access *a, unsigned lane_bytes, Bits *r)
{
    return read_bits(in, a, lane_bytes, r);
}

static bool write_any(Interp *in, const Access *a, unsigned lane_bytes, const Bits *x)
{
    return write_bits(in, a, lane_bytes, x);
}

static bool is_word(const InstData *i) { return i->type == TY_i64; }

static unsigned lane_bytes(const InstData *i) { return type_lane_bits(i->type) / 8; }

/* The number of bytes is a constant here: of all that depends on it nothing is left. */
static ALWAYS_INLINE bool load(Interp *in, const InstData *i, unsigned n)
{
    Access a = {
        .address = address_of(in, i, 0),
        .origin = bits_origin(operand(in, i, 0)),
        .n = n,
        .word = n == 8 && is_word(i),
        .flags = i->flags,
    };
    return read_bits(in, &a, lane_bytes(i), result(in, i));
}

static ALWAYS_INLINE bool store(Interp *in, const InstData *i, unsigned n)
{
    const Bits *x = operand(in, i, 0);
    Access a = {
        .address = address_of(in, i, 1),
        .origin = bits_origin(operand(in, i, 1)),
        .n = n,
        .write = true,
        .word = n == 8 && is_word(i),
        .flags = i->flags,
        .value = *x,
    };
    return write_bits(in, &a, lane_bytes(i), x);
}

#define FOR_EACH_SIZE(access) \
    switch (type_bytes(i->type)) { \
    case 1: return access(in, i, 1); \
    case 2: return access(in, i, 2); \
    case 4: return access(in, i, 4); \
    case 8: return access(in, i, 8); \
    case 16: return access(in, i, 16); \
    default: return fits_bits(in, i->type); \
    }

bool eval_load(Interp *in, const InstData *i) { FOR_EACH_SIZE(load) }
bool eval_store(Interp *in, const InstData *i) { FOR_EACH_SIZE(store) }

/* Stores the `n` lowest bytes of an integer. */
static bool store_low(Interp *in, const InstData *i, unsigned n)
{
    Access a = {
        .address = address_of(in, i, 1),
        .origin = bits_origin(operand(in, i, 1)),
        .n = n,
        .write = true,
        .flags = i->flags,
    };
    return write_any(in, &a, n, operand(in, i, 0));
}

bool eval_istore8(Interp *in, const InstData *i) { return store_low(in, i, 1); }
bool eval_istore16(Interp *in, const InstData *i) { return store_low(in, i, 2); }
bool eval_istore32(Interp *in, const InstData *i) { return store_low(in, i, 4); }

/* Loads lanes narrower than the type's, each then extended. */
static bool load_extended(Interp *in, const InstData *i, uint64_t (*extend)(uint64_t, unsigned))
{
    unsigned bytes = op_info[i->op].access_bytes, lanes = type_lanes(i->type);
    Access a = {
        .address = address_of(in, i, 0),
        .origin = bits_origin(operand(in, i, 0)),
        .n = bytes * lanes,
        .flags = i->flags,
    };
    Type narrow = type_with(CLASS_INT, 8 * bytes, lanes);
    Bits from, r = {0};
    if (!read_any(in, &a, bytes, &from)) return false;
    for (unsigned k = 0; k < lanes; k++)
        bits_set_lane(&r, i->type, k, extend(bits_lane(&from, narrow, k), 8 * bytes));
    *result(in, i) = r;
    return true;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#define LOAD(op, e) \
    static uint64_t op##_lane(uint64_t x, unsigned bits) { return (uint64_t)(e); } \
    bool eval_##op(Interp *in, const InstData *i) { return load_extended(in, i, op##_lane); }
#define RMW(op, e) \
    static uint64_t rmw_##op##_64(uint64_t x, uint64_t y, unsigned bits) { return e; } \
    static Wide rmw_##op##_128(Wide x, Wide y, unsigned bits) { return e; }
#include "interp/access.def"
#pragma GCC diagnostic pop

static const struct {
    uint64_t (*narrow)(uint64_t x, uint64_t y, unsigned bits);
    Wide (*wide)(Wide x, Wide y, unsigned bits);
} rmw[ATOMIC_COUNT] = {
#define ATOMIC(name) [ATOMIC_##name] = {rmw_##name##_64, rmw_##name##_128},
#include "ir/atomics.def"
};

/* An atomic access of the whole type; such an access is aligned. */
static Access atomic_access(Interp *in, const InstData *i, unsigned address)
{
    Access a = {
        .address = operand(in, i, address)->u64[0],
        .origin = bits_origin(operand(in, i, address)),
        .n = type_bytes(i->type),
        .word = is_word(i),
        .flags = i->flags,
    };
    a.flags.bits |= MEMFLAG_aligned;
    return a;
}

static bool read_atomic(Interp *in, const InstData *i, Access *a, Bits *old)
{
    *a = atomic_access(in, i, 0);
    return read_any(in, a, a->n, old);
}

static bool write_atomic(Interp *in, Access *a, Bits value)
{
    a->write = true;
    a->value = value;
    return write_any(in, a, a->n, &value);
}

static Bits modified(AtomicOp op, const Bits *x, const Bits *y, unsigned bits)
{
    if (bits == 128) return (Bits){.u128 = rmw[op].wide(x->u128, y->u128, bits)};
    return bits_of(low64(rmw[op].narrow(x->u64[0], y->u64[0], bits), bits));
}

bool eval_atomic_load(Interp *in, const InstData *i)
{
    Access a;
    return read_atomic(in, i, &a, result(in, i));
}

bool eval_atomic_store(Interp *in, const InstData *i)
{
    Access a = atomic_access(in, i, 1);
    return write_atomic(in, &a, *operand(in, i, 0));
}

bool eval_atomic_rmw(Interp *in, const InstData *i)
{
    Access a;
    Bits old;
    if (!read_atomic(in, i, &a, &old)) return false;
    Bits now = modified((AtomicOp)i->cond, &old, operand(in, i, 1), type_bits(i->type));
    if (!write_atomic(in, &a, now)) return false;
    *result(in, i) = old;
    return true;
}

bool eval_atomic_cas(Interp *in, const InstData *i)
{
    Access a;
    Bits old;
    if (!read_atomic(in, i, &a, &old)) return false;
    const Bits *expected = operand(in, i, 1);
    bool same = i->type == TY_i128 ? old.u128 == expected->u128 : old.u64[0] == expected->u64[0];
    if (same && !write_atomic(in, &a, *operand(in, i, 2))) return false;
    *result(in, i) = old;
    return true;
}

/* Global values. */

/* Where a function of the module is; else nothing is known of what a linker would put there. */
static bool symbol_address(Interp *in, const GlobalValueData *g, Bits *r)
{
    if (g->tls) return stop_refused(in, "thread-local memory");
    if (g->callee == NO_INDEX) return stop_refused(in, "an address outside of the module");
    *r = bits_of(FUNC_ADDRESS + (uint64_t)g->callee * FUNC_STRIDE + (uint64_t)g->offset);
    return true;
}

static Bits vmctx(const Interp *in)
{
    const Func *f = in->f;
    uint32_t k = 0;
    while (f->sig.params.at[k].purpose != PURPOSE_vmctx) k++;
    return in->values[func_block(f, func_entry(f))->params.at[k].i];
}

static bool load_global(Interp *in, const GlobalValueData *g, Bits *r)
{
    Access a = {
        .address = r->u64[0] + (uint64_t)g->offset,
        .origin = bits_origin(r),
        .n = type_bytes(g->type),
        .word = g->type == TY_i64,
        .flags = g->flags,
    };
    return fits_bits(in, g->type) && read_any(in, &a, type_lane_bits(g->type) / 8, r);
}

/* From the base of all bases on: the verifier has seen that there is one. */
static bool global_value(Interp *in, uint32_t index, Bits *r)
{
    const GlobalValueData *g = &in->f->globals.at[index];
    switch ((GlobalKind)g->kind) {
    case GLOBAL_vmctx: return *r = vmctx(in), true;
    case GLOBAL_symbol: return symbol_address(in, g, r);
    case GLOBAL_dyn_scale: return stop_refused(in, "dynamic vectors");
    case GLOBAL_load: return global_value(in, g->base, r) && load_global(in, g, r);
    case GLOBAL_iadd_imm: break;
    }
    if (!global_value(in, g->base, r)) return false;
    if (type_bits(g->type) > 64) r->u128 += (Wide)(SignedWide)g->offset;
    else r->u64[0] = low64(r->u64[0] + (uint64_t)g->offset, type_bits(g->type));
    return true;
}

bool eval_symbol_value(Interp *in, const InstData *i)
{
    return global_value(in, i->entity, result(in, i));
}

bool eval_stack_addr(Interp *in, const InstData *i)
{
    const Bits *slots = in->values + in->f->values.n;
    Bits p = slots[i->entity];
    p.u64[0] += (uint64_t)i->imm;
    *result(in, i) = p;
    return true;
}
