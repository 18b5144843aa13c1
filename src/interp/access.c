/* Evaluators that touch memory. Every access goes through `reach`, which finds the object, checks
 * what the flags promise and, under discipline, the shadow's rules. */
#include "interp/engine.h"

#include <stdio.h>
#include <string.h>

/* Null, a fault heap: legal unless the access says that it cannot trap. */
static uint8_t *trap_access(Interp *in, MemFlags flags, uint64_t address)
{
    if (flags.bits & MEMFLAG_notrap)
        stop_invalid(in, "notrap, but nothing can be accessed at %#llx",
                     (unsigned long long)address);
    else
        stop_trap(in, flags.trap ? flags.trap : TRAP_heap_oob);
    return NULL;
}

static uint8_t *reject(Interp *in, const char *what, uint64_t address, unsigned n)
{
    stop_invalid(in, "%s (%u bytes at %#llx)", what, n, (unsigned long long)address);
    return NULL;
}

static uint8_t *reject_wild(Interp *in, uint64_t address, unsigned n)
{
    bool slot = memory_is_slot_address(&in->memory, address);
    return reject(in, slot ? "accesses bytes outside of any live slot"
                           : "accesses bytes outside of any object", address, n);
}

static uint8_t *reject_by_rule(Interp *in, Rule rule, const Span *s, uint64_t address, unsigned n)
{
    char object[32] = "a slot";
    if (s->heap != NO_INDEX) snprintf(object, sizeof object, "heap%u", s->heap);
    stop_invalid(in, "%s (%u bytes at %#llx, %s)", rule_text[rule], n,
                 (unsigned long long)address, object);
    return NULL;
}

/* The region of an access: number plus 2, 1 for none; 0 when a byte does not hold it. */
static uint8_t tag_of(const Interp *in, MemFlags flags)
{
    if (!flags.region) return 1;
    uint32_t number = in->f->regions.at[flags.region - 1].number;
    return number <= REGION_LAST ? (uint8_t)(number + 2) : 0;
}

typedef struct {
    uint64_t address;
    unsigned n;
    bool write;
    bool word;      /* of type i64 */
    uint64_t value; /* what a write of a word writes */
} Access;

static bool keeps_discipline(Interp *in, const Access *a, MemFlags flags, Span *s)
{
    Memory *m = &in->memory;
    Manner how = {
        .tag = tag_of(in, flags),
        .word = a->word,
        .readonly = flags.bits & MEMFLAG_readonly,
        .serial = in->serial,
    };
    Rule rule;
    if (!how.tag) return stop_refused(in, "regions above %u", REGION_LAST);
    if (a->write) {
        how.address = a->word && memory_is_address(m, a->value);
        if (a->word && s->heap != NO_INDEX && is_private_address(in, a->value))
            return reject(in, "stores the address of a slot or function in a heap", a->address, 8);
        rule = memory_write(m, s, a->address, a->n, how);
    } else {
        rule = memory_read(m, s, a->address, a->n, how);
    }
    return rule == RULE_kept || reject_by_rule(in, rule, s, a->address, a->n);
}

/* Where an access may be done; NULL when the run is over. */
static uint8_t *reach(Interp *in, const Access *a, MemFlags flags)
{
    in->access_address = a->address;
    in->access_bytes = a->n;
    if ((flags.bits & MEMFLAG_aligned) && unlikely(a->address & (a->n - 1)))
        return reject(in, "claims an alignment that it has not", a->address, a->n);
    Span *s = memory_find(&in->memory, a->address, a->n);
    if (unlikely(!s)) {
        if (a->address < NULL_BYTES) return trap_access(in, flags, a->address);
        return reject_wild(in, a->address, a->n);
    }
    if (unlikely(s->fault)) return trap_access(in, flags, a->address);
    if (s->heap == NO_INDEX && unlikely(!memory_is_live(s, a->address, a->n)))
        return reject_wild(in, a->address, a->n);
    if (in->options->discipline && !keeps_discipline(in, a, flags, s)) return NULL;
    return (uint8_t *)(uintptr_t)a->address;
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

static bool read_bits(Interp *in, const Access *a, MemFlags flags, unsigned lane_bytes, Bits *r)
{
    const uint8_t *at = reach(in, a, flags);
    if (unlikely(!at)) return false;
    *r = (Bits){0};
    switch (a->n) {
    case 1: memcpy(r, at, 1); break;
    case 2: memcpy(r, at, 2); break;
    case 4: memcpy(r, at, 4); break;
    case 8: memcpy(r, at, 8); break;
    default: memcpy(r, at, 16); break;
    }
    swap_if_big(flags, r, lane_bytes, a->n);
    return true;
}

static bool write_bits(Interp *in, const Access *a, MemFlags flags, unsigned lane_bytes, Bits x)
{
    uint8_t *at = reach(in, a, flags);
    if (unlikely(!at)) return false;
    swap_if_big(flags, &x, lane_bytes, a->n);
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
    };
    return read_bits(in, &a, i->flags, type_lane_bits(i->type) / 8, result(in, i));
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
        .value = operand(in, i, 0)->u64[0],
    };
    unsigned lane = (unsigned)min_u64(n, type_lane_bits(i->type) / 8);
    return write_bits(in, &a, i->flags, lane, *operand(in, i, 0));
}

bool eval_store(Interp *in, const InstData *i) { return store_low(in, i); }
bool eval_istore8(Interp *in, const InstData *i) { return store_low(in, i); }
bool eval_istore16(Interp *in, const InstData *i) { return store_low(in, i); }
bool eval_istore32(Interp *in, const InstData *i) { return store_low(in, i); }

/* Loads lanes narrower than the type's, each then extended. */
static bool load_extended(Interp *in, const InstData *i, uint64_t (*extend)(uint64_t, unsigned))
{
    unsigned bytes = op_info[i->op].access_bytes, lanes = type_lanes(i->type);
    Access a = {.address = address_of(in, i, 0), .n = bytes * lanes};
    Type narrow = type_with(CLASS_INT, 8 * bytes, lanes);
    Bits from, r = {0};
    if (!read_bits(in, &a, i->flags, bytes, &from)) return false;
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
static bool atomic_access(Interp *in, const InstData *i, unsigned address, Access *a,
                          MemFlags *flags)
{
    *a = (Access){
        .address = operand(in, i, address)->u64[0],
        .n = type_bytes(i->type),
        .word = is_word(i),
    };
    *flags = i->flags;
    flags->bits |= MEMFLAG_aligned;
    return a->n <= 8 || stop_refused(in, "atomic access of type %s", type_name(i->type));
}

bool eval_atomic_load(Interp *in, const InstData *i)
{
    Access a;
    MemFlags flags;
    return atomic_access(in, i, 0, &a, &flags) && read_bits(in, &a, flags, a.n, result(in, i));
}

static bool write_atomic(Interp *in, Access *a, MemFlags flags, uint64_t value)
{
    a->write = true;
    a->value = value;
    return write_bits(in, a, flags, a->n, bits_of(value));
}

bool eval_atomic_store(Interp *in, const InstData *i)
{
    Access a;
    MemFlags flags;
    return atomic_access(in, i, 1, &a, &flags) &&
           write_atomic(in, &a, flags, operand(in, i, 0)->u64[0]);
}

bool eval_atomic_rmw(Interp *in, const InstData *i)
{
    Access a;
    MemFlags flags;
    Bits old;
    if (!atomic_access(in, i, 0, &a, &flags) || !read_bits(in, &a, flags, a.n, &old)) return false;
    uint64_t now = rmw[i->cond](old.u64[0], operand(in, i, 1)->u64[0], type_bits(i->type));
    if (!write_atomic(in, &a, flags, low64(now, type_bits(i->type)))) return false;
    *result(in, i) = old;
    return true;
}

bool eval_atomic_cas(Interp *in, const InstData *i)
{
    Access a;
    MemFlags flags;
    Bits old;
    if (!atomic_access(in, i, 0, &a, &flags) || !read_bits(in, &a, flags, a.n, &old)) return false;
    bool same = old.u64[0] == operand(in, i, 1)->u64[0];
    if (same && !write_atomic(in, &a, flags, operand(in, i, 2)->u64[0])) return false;
    *result(in, i) = old;
    return true;
}

bool eval_stack_addr(Interp *in, const InstData *i)
{
    const Bits *slots = in->values + in->f->values.n;
    *result(in, i) = bits_of(slots[i->entity].u64[0] + (uint64_t)i->imm);
    return true;
}
