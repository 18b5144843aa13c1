/* Atomic accesses. Plain loads are atomic and ordered as they must be; stores are exchanges; what
 * the CPU has no locked instruction for is a loop (emit_loop.h). */
#include "jit/x64/rule.h"

#include "jit/x64/emit_loop.h"

static unsigned bits(const Lower *l) { return type_bits((Type)l->i->type); }

static bool is_big(const Lower *l) { return (l->i->flags.bits & MEMFLAG_big) && bits(l) > 8; }

static Reg integer(Lower *l) { return temp(l, REG_GPR, bits(l) == 64 ? 8 : 4); }

/* The value as it lies in memory, or back. */
static Reg in_order(Lower *l, Reg x)
{
    return is_big(l) ? exchange_bytes(l, x, bits(l) / 8) : x;
}

/* Narrow integers are loaded with zeros above. */
static Form load_form(const Lower *l)
{
    if (bits(l) == 8) return FORM_movzxb_32;
    return bits(l) == 16 ? FORM_movzxw_32 : form_sized(FORM_mov, bits(l));
}

bool lower_atomic_load(Lower *l)
{
    Reg raw = is_big(l) ? integer(l) : result(l, 0);
    emit(l, load_form(l), raw, lower_access(l, l->i, arg(l, 0)), NO_OPERAND, 0);
    if (is_big(l)) copy(l, result(l, 0), in_order(l, raw));
    return true;
}

/* memory, x := x, memory; gives where x then is */
static Reg exchange(Lower *l, Form row, Operand memory, Reg x)
{
    Reg t = integer(l);
    copy(l, t, x);
    MInst *i = emit_inst(l, (MInst){.form = (uint16_t)form_sized(row, bits(l))});
    set_operand(l, i, 0, memory);
    i->reg[1] = t;
    return t;
}

bool lower_atomic_store(Lower *l)
{
    Reg x = in_order(l, use(l, arg(l, 0)));
    exchange(l, FORM_xchg, lower_access(l, l->i, arg(l, 1)), x);
    return true;
}

bool lower_atomic_cas(Lower *l)
{
    Reg expected = in_order(l, use(l, arg(l, 1))), x = in_order(l, use(l, arg(l, 2)));
    Reg rax = reg_of(REG_rax), old = is_big(l) ? integer(l) : result(l, 0);
    Operand memory = lower_access(l, l->i, arg(l, 0));
    copy(l, rax, expected);
    Form form = form_sized(FORM_lock_cmpxchg, bits(l));
    MInst *i = emit_inst(l, (MInst){.form = (uint16_t)form, .reg = {rax, REG_NONE, x}});
    set_operand(l, i, 1, memory);
    copy(l, old, rax);
    if (is_big(l)) copy(l, result(l, 0), in_order(l, old));
    return true;
}

/* -- Read, modify, write ----------------------------------------------------------------------- */

/* Locked instructions that leave nothing behind. */
static Form locked_form(AtomicOp op)
{
    switch (op) {
    case ATOMIC_add: return FORM_lock_add;
    case ATOMIC_sub: return FORM_lock_sub;
    case ATOMIC_and: return FORM_lock_and;
    case ATOMIC_or: return FORM_lock_or;
    case ATOMIC_xor: return FORM_lock_xor;
    case ATOMIC_nand: case ATOMIC_xchg: case ATOMIC_umin: case ATOMIC_umax: case ATOMIC_smin:
    case ATOMIC_smax: case ATOMIC_COUNT: break;
    }
    return FORM_NONE;
}

static void modify_in_loop(Lower *l, AtomicOp op, Operand memory, Reg x)
{
    Reg t = integer(l), rax = reg_of(REG_rax), old = is_big(l) ? integer(l) : result(l, 0);
    emit(l, load_form(l), rax, memory, NO_OPERAND, 0);
    copy(l, t, x); /* the loop uses and defines t, and so keeps it apart from what it only uses */
    Form form = form_sized(FORM_rmw, bits(l));
    MInst *i = emit_inst(l, (MInst){.form = (uint16_t)form, .reg = {rax, REG_NONE, x, t}});
    i->imm = rmw_number(op, is_big(l));
    set_operand(l, i, 1, memory);
    copy(l, old, rax);
    if (is_big(l)) copy(l, result(l, 0), in_order(l, old));
}

/* xadd subtracts what is negated. */
static void add_old(Lower *l, bool subtract, Operand memory, Reg x)
{
    Reg negated = integer(l);
    if (subtract) {
        unary(l, form_sized(FORM_neg, bits(l)), negated, x);
        x = negated;
    }
    copy(l, result(l, 0), exchange(l, FORM_lock_xadd, memory, x));
}

bool lower_atomic_rmw(Lower *l)
{
    AtomicOp op = (AtomicOp)l->i->cond;
    Form locked = is_live(l, inst_result(l->i, 0)) || is_big(l) ? FORM_NONE : locked_form(op);
    bool sum = (op == ATOMIC_add || op == ATOMIC_sub) && !is_big(l);
    Reg x = use(l, arg(l, 1));
    Operand memory = lower_access(l, l->i, arg(l, 0));
    if (locked != FORM_NONE)
        emit_test(l, form_sized(locked, bits(l)), memory, in_reg(x), 0);
    else if (op == ATOMIC_xchg)
        copy(l, result(l, 0), in_order(l, exchange(l, FORM_xchg, memory, in_order(l, x))));
    else if (sum) add_old(l, op == ATOMIC_sub, memory, x);
    else modify_in_loop(l, op, memory, x);
    return true;
}
