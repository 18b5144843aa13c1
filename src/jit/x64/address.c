/* Addressing modes: base + index * scale + displacement, all modulo 2^64 as CLIF's addresses are.
 * What is taken in must therefore be 64-bit arithmetic, or an extension whose upper half is known.
 *
 *     v2 = iconst.i64 3
 *     v3 = ishl v1, v2
 *     v4 = iadd v0, v3         turn this
 *     v5 = load.i32 v4+16
 *
 *     mov eax, [v0+v1*8+16]    into this
 *
 * Constants are followed through blocks; a sum of two registers is taken in only within its block,
 * where it costs no longer lives.
 */
#include "jit/x64/lower_local.h"

/* What has been gathered so far. */
typedef struct {
    Lower *l;
    bool looks; /* nothing is written: no rewrite */
    int64_t disp;
    bool has_slot;
    uint32_t slot;
    Value base, index; /* VALUE_none: not there yet */
    uint8_t scale;
} Mode;

enum { PEELED = 8 };

static bool fits32(int64_t n) { return n == (int32_t)n; }

static bool is_none(Value v) { return v.i == NO_INDEX; }

static bool may(const Mode *m, Rewrite r) { return m->looks || allows(m->l, r); }

/* disp += n when the sum still fits. */
static bool add_constant(Mode *m, int64_t n, Rewrite r)
{
    int64_t sum;
    if (__builtin_add_overflow(m->disp, n, &sum) || !fits32(sum) || !may(m, r)) return false;
    m->disp = sum;
    return true;
}

static int64_t negated(int64_t n) { return (int64_t)-(uint64_t)n; }

/* v = x + constant: takes in the constant and gives x. */
static bool peel_sum(Mode *m, const InstData *d, Value *v)
{
    int64_t n;
    const Value *args = inst_args_const(d);
    if (constant_of(m->l, args[1], &n) &&
        add_constant(m, d->op == OP_isub ? negated(n) : n, REWRITE_address_constant)) {
        *v = args[0];
        return true;
    }
    if (d->op == OP_iadd && constant_of(m->l, args[0], &n) &&
        add_constant(m, n, REWRITE_address_constant)) {
        *v = args[1];
        return true;
    }
    return false;
}

/* Takes constants and a slot out of `*v`; false when nothing is left of it. */
static bool peel(Mode *m, Value *v)
{
    for (unsigned k = 0; k < PEELED; k++) {
        const InstData *d = func_def(m->l->f, *v);
        if (!d) return true;
        if (d->op == OP_stack_addr && !m->has_slot &&
            add_constant(m, d->imm, REWRITE_address_slot)) {
            m->has_slot = true;
            m->slot = d->entity;
            return false;
        }
        if (d->op == OP_iconst && add_constant(m, d->imm, REWRITE_address_constant)) return false;
        if ((d->op != OP_iadd && d->op != OP_isub) || !peel_sum(m, d, v)) return true;
    }
    return true;
}

/* d = x << 1, 2, 3 or x * 2, 4, 8. */
static bool scaled(Mode *m, const InstData *d, Value *x, uint8_t *scale)
{
    int64_t n;
    const Value *args = inst_args_const(d);
    if ((d->op != OP_ishl && d->op != OP_imul) || !constant_of(m->l, args[1], &n)) return false;
    if (d->op == OP_ishl) n = (n & 63) <= 3 ? 1 << (n & 63) : 0;
    if (n != 2 && n != 4 && n != 8) return false;
    *x = args[0];
    *scale = (uint8_t)__builtin_ctzll((uint64_t)n);
    return true;
}

/* A 64-bit register that `v` is equal to: itself, or, when it only adds zeros to a 32-bit value
 * whose register has them already, that one. */
static Value widened(Mode *m, Value v)
{
    const InstData *d = def_here(m->l, v, OP_uextend);
    if (!d) return v;
    Value x = inst_args_const(d)[0];
    return upper_half_is_zero(m->l, x) && may(m, REWRITE_address_extension) ? x : v;
}

static void add_register(Mode *m, Value v)
{
    Value x;
    uint8_t scale;
    const InstData *d = def_in_block(m->l, v);
    if (d && is_none(m->index) && scaled(m, d, &x, &scale) && may(m, REWRITE_address_scale)) {
        m->index = widened(m, x);
        m->scale = scale;
        return;
    }
    if (d) v = widened(m, v);
    *(is_none(m->base) && !m->has_slot ? &m->base : &m->index) = v;
}

/* Both halves of a sum, each of which may be a constant, a slot or a register. The slot must be
 * found before registers are placed, because it is the base. */
static void add_both(Mode *m, Value x, Value y)
{
    bool rest_x = peel(m, &x), rest_y = peel(m, &y);
    if (rest_x) add_register(m, x);
    if (rest_y) add_register(m, y);
}

static void gather(Mode *m, Value v)
{
    if (!peel(m, &v)) return;
    const InstData *d = def_here(m->l, v, OP_iadd);
    if (d && may(m, REWRITE_address_sum)) add_both(m, inst_args_const(d)[0], inst_args_const(d)[1]);
    else add_register(m, v);
}

static void address(Lower *l, Value v, int64_t offset, Mem *mem)
{
    Mode m = {.l = l, .disp = offset, .base = VALUE_none, .index = VALUE_none};
    gather(&m, v);
    mem->kind = m.has_slot ? MEM_SLOT : MEM_BASE;
    mem->disp = (int32_t)m.disp;
    mem->scale = m.scale;
    if (m.has_slot) mem->slot = m.slot;
    else mem->base = is_none(m.base) ? REG_NONE : use(l, m.base);
    mem->index = is_none(m.index) ? REG_NONE : use(l, m.index);
}

static Access *begin_access(Lower *l)
{
    vec_reserve(l->a, &l->accesses, l->accesses.n + 1);
    return &l->accesses.at[l->accesses.n++];
}

static Operand last_access(const Lower *l)
{
    return (Operand){REG_MEMORY, l->accesses.n - 1};
}

Operand memory_operand(Lower *l, Mem mem, TrapCode trap)
{
    *begin_access(l) = (Access){mem, trap};
    return last_access(l);
}

Operand lower_access(Lower *l, const InstData *i, Value at)
{
    Access *x = begin_access(l);
    x->trap = facts_access_trap(i);
    address(l, at, i->imm, &x->mem);
    return last_access(l);
}

/* Follows constants down to a slot. */
static bool slot_offset(const Lower *l, Value v, int64_t offset, uint32_t *slot, int64_t *at)
{
    Mode m = {.l = (Lower *)l, .looks = true, .disp = offset};
    m.base = m.index = VALUE_none;
    if (peel(&m, &v) || !m.has_slot) return false;
    *slot = m.slot;
    *at = m.disp;
    return true;
}

bool is_aligned(const Lower *l, const InstData *i, Value at, unsigned align)
{
    unsigned bytes = op_access_bytes((Op)i->op, (Type)i->type);
    if ((i->flags.bits & MEMFLAG_aligned) && bytes >= align) return true; /* the flag says so */
    uint32_t slot;
    int64_t offset;
    if (!slot_offset(l, at, i->imm, &slot, &offset)) return false;
    return l->f->slots.at[slot].align >= align && offset % align == 0;
}
