/* Evaluators that touch memory. Every access goes through `reach`, which finds the object, checks
 * what the flags promise and, under discipline, the shadow's rules. */
#include "interp/engine.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    uint64_t address;
    unsigned n;
    bool write;
    bool word;      /* of type i64 */
    MemFlags flags;
    uint64_t value; /* what a write of a word writes */
} Access;

/* Null, a fault heap: legal unless the access says that it cannot trap. */
static bool trap_access(Interp *in, const Access *a)
{
    if (!(a->flags.bits & MEMFLAG_notrap))
        return stop_trap(in, a->flags.trap ? a->flags.trap : TRAP_heap_oob);
    return stop_invalid(in, "notrap, but nothing can be accessed at %#llx",
                        (unsigned long long)a->address);
}

static bool reject(Interp *in, const Access *a, const char *what)
{
    return stop_invalid(in, "%s (%u bytes at %#llx)", what, a->n, (unsigned long long)a->address);
}

static bool reject_wild(Interp *in, const Access *a)
{
    return reject(in, a, memory_is_slot_address(&in->memory, a->address)
                             ? "accesses bytes outside of any live slot"
                             : "accesses bytes outside of any object");
}

static bool reject_by_rule(Interp *in, const Access *a, const Span *s, Rule rule)
{
    char object[32] = "a slot";
    if (s->heap != NO_INDEX) snprintf(object, sizeof object, "heap%u", s->heap);
    return stop_invalid(in, "%s (%u bytes at %#llx, %s)", rule_text[rule], a->n,
                        (unsigned long long)a->address, object);
}

/* The region of an access: number plus 2, 1 for none; 0 when a byte does not hold it. */
static uint8_t tag_of(const Interp *in, MemFlags flags)
{
    if (!flags.region) return 1;
    uint32_t number = in->f->regions.at[flags.region - 1].number;
    return number <= REGION_LAST ? (uint8_t)(number + 2) : 0;
}

static bool keeps_discipline(Interp *in, const Access *a, Span *s)
{
    Memory *m = &in->memory;
    Manner how = {
        .tag = tag_of(in, a->flags),
        .word = a->word,
        .address = a->write && a->word && memory_is_address(m, a->value),
        .readonly = a->flags.bits & MEMFLAG_readonly,
        .serial = in->serial,
    };
    if (!how.tag) return stop_refused(in, "regions above %u", REGION_LAST);
    if (a->write && a->word && s->heap != NO_INDEX && is_private_address(in, a->value))
        return reject(in, a, "stores the address of a slot or function in a heap");
    Rule rule = a->write ? memory_write(m, s, a->address, a->n, &how)
                         : memory_read(m, s, a->address, a->n, &how);
    return rule == RULE_kept || reject_by_rule(in, a, s, rule);
}

/* Whether an access may be done at its address; false when the run is over. */
static bool reach(Interp *in, const Access *a)
{
    in->access_address = a->address;
    in->access_bytes = a->n;
    if ((a->flags.bits & MEMFLAG_aligned) && unlikely(a->address & (a->n - 1)))
        return reject(in, a, "claims an alignment that it has not");
    Span *s = memory_find(&in->memory, a->address, a->n);
    if (unlikely(!s)) return a->address < NULL_BYTES ? trap_access(in, a) : reject_wild(in, a);
    if (unlikely(s->fault)) return trap_access(in, a);
    if (s->heap == NO_INDEX && unlikely(!memory_is_live(s, a->address, a->n)))
        return reject_wild(in, a);
    return !in->options->discipline || keeps_discipline(in, a, s);
}

static uint64_t address_of(const Interp *in, const InstData *i, unsigned k)
{
    return operand(in, i, k)->u64[0] + (uint64_t)i->imm;
}

/* In memory bytes stand in the order of the flags within each lane. */
static void swap_if_big(MemFlags flags, Bits *b, unsigned lane_bytes, unsigned bytes)
{
    if (likely(!(flags.bits & MEMFLAG_big))) return;
    Bits old = *b;
    for (unsigned k = 0; k < bytes; k++)
        b->u8[k] = old.u8[k / lane_bytes * lane_bytes + lane_bytes - 1 - k % lane_bytes];
}

static bool read_bits(Interp *in, const Access *a, unsigned lane_bytes, Bits *r)
{
    const uint8_t *at = (const uint8_t *)(uintptr_t)a->address;
    if (unlikely(!reach(in, a))) return false;
    *r = (Bits){0};
    switch (a->n) {
    case 1: memcpy(r, at, 1); break;
    case 2: memcpy(r, at, 2); break;
    case 4: memcpy(r, at, 4); break;
    case 8: memcpy(r, at, 8); break;
    default: memcpy(r, at, 16); break;
    }
    swap_if_big(a->flags, r, lane_bytes, a->n);
    return true;
}

static bool write_bits(Interp *in, const Access *a, unsigned lane_bytes, Bits x)
{
    uint8_t *at = (uint8_t *)(uintptr_t)a->address;
    if (unlikely(!reach(in, a))) return false;
    swap_if_big(a->flags, &x, lane_bytes, a->n);
    switch (a->n) {
    case 1: memcpy(at, &x, 1); break;
    case 2: memcpy(at, &x, 2); break;
    case 4: memcpy(at, &x, 4); break;
    case 8: memcpy(at, &x, 8); break;
    default: memcpy(at, &x, 16); break;
    }
    return true;
}

static bool is_word(const InstData *i) { return i->type == TY_i64; }

bool eval_load(Interp *in, const InstData *i)
{
    if (!fits_bits(in, i->type)) return false;
    Access a = {
        .address = address_of(in, i, 0),
        .n = type_bytes(i->type),
        .word = is_word(i),
        .flags = i->flags,
    };
    return read_bits(in, &a, type_lane_bits(i->type) / 8, result(in, i));
}

/* Stores as many low bytes as the instruction says. */
static bool store_low(Interp *in, const InstData *i)
{
    unsigned n = op_access_bytes(i->op, i->type);
    if (!fits_bits(in, i->type)) return false;
    Access a = {
        .address = address_of(in, i, 1),
        .n = n,
        .write = true,
        .word = is_word(i) && n == 8,
        .flags = i->flags,
        .value = operand(in, i, 0)->u64[0],
    };
    unsigned lane = (unsigned)min_u64(n, type_lane_bits(i->type) / 8);
    return write_bits(in, &a, lane, *operand(in, i, 0));
}

bool eval_store(Interp *in, const InstData *i) { return store_low(in, i); }
bool eval_istore8(Interp *in, const InstData *i) { return store_low(in, i); }
bool eval_istore16(Interp *in, const InstData *i) { return store_low(in, i); }
bool eval_istore32(Interp *in, const InstData *i) { return store_low(in, i); }

/* Loads lanes narrower than the type's, each then extended. */
static bool load_extended(Interp *in, const InstData *i, uint64_t (*extend)(uint64_t, unsigned))
{
    unsigned bytes = op_info[i->op].access_bytes, lanes = type_lanes(i->type);
    Access a = {.address = address_of(in, i, 0), .n = bytes * lanes, .flags = i->flags};
    Type narrow = type_with(CLASS_INT, 8 * bytes, lanes);
    Bits from, r = {0};
    if (!read_bits(in, &a, bytes, &from)) return false;
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
    static uint64_t rmw_##op(uint64_t x, uint64_t y, unsigned bits) { return e; }
#include "interp/access.def"
#pragma GCC diagnostic pop

static uint64_t (*const rmw[ATOMIC_COUNT])(uint64_t x, uint64_t y, unsigned bits) = {
#define ATOMIC(name) [ATOMIC_##name] = rmw_##name,
#include "ir/atomics.def"
};

/* An atomic access of the whole type; such an access is aligned. */
static bool atomic_access(Interp *in, const InstData *i, unsigned address, Access *a)
{
    *a = (Access){
        .address = operand(in, i, address)->u64[0],
        .n = type_bytes(i->type),
        .word = is_word(i),
        .flags = i->flags,
    };
    a->flags.bits |= MEMFLAG_aligned;
    return a->n <= 8 || stop_refused(in, "atomic access of type %s", type_name(i->type));
}

static bool read_atomic(Interp *in, const InstData *i, Access *a, Bits *old)
{
    return atomic_access(in, i, 0, a) && read_bits(in, a, a->n, old);
}

static bool write_atomic(Interp *in, Access *a, uint64_t value)
{
    a->write = true;
    a->value = value;
    return write_bits(in, a, a->n, bits_of(value));
}

bool eval_atomic_load(Interp *in, const InstData *i)
{
    Access a;
    return read_atomic(in, i, &a, result(in, i));
}

bool eval_atomic_store(Interp *in, const InstData *i)
{
    Access a;
    return atomic_access(in, i, 1, &a) && write_atomic(in, &a, operand(in, i, 0)->u64[0]);
}

bool eval_atomic_rmw(Interp *in, const InstData *i)
{
    Access a;
    Bits old;
    if (!read_atomic(in, i, &a, &old)) return false;
    uint64_t now = rmw[i->cond](old.u64[0], operand(in, i, 1)->u64[0], type_bits(i->type));
    if (!write_atomic(in, &a, low64(now, type_bits(i->type)))) return false;
    *result(in, i) = old;
    return true;
}

bool eval_atomic_cas(Interp *in, const InstData *i)
{
    Access a;
    Bits old;
    if (!read_atomic(in, i, &a, &old)) return false;
    bool same = old.u64[0] == operand(in, i, 1)->u64[0];
    if (same && !write_atomic(in, &a, operand(in, i, 2)->u64[0])) return false;
    *result(in, i) = old;
    return true;
}

bool eval_stack_addr(Interp *in, const InstData *i)
{
    const Bits *slots = in->values + in->f->values.n;
    *result(in, i) = bits_of(slots[i->entity].u64[0] + (uint64_t)i->imm);
    return true;
}
