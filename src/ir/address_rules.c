/* The rules of address.def: from what is known of operands to what is known of the result. */
#include "ir/address_local.h"


static const Fact *operand(const Derivation *d, const InstData *i, unsigned k)
{
    return &d->x->facts[inst_args_const(i)[k].i];
}

static unsigned bits_of_result(const InstData *i) { return type_bits(i->type); }

/* ---- sources ------------------------------------------------------------------------------ */

static Fact rule_constant(Derivation *d, const InstData *i)
{
    (void)d;
    unsigned spare = 64 - bits_of_result(i);
    return fact_number(number_exact((int64_t)((uint64_t)i->imm << spare) >> spare));
}

static Fact rule_slot(Derivation *d, const InstData *i)
{
    (void)d;
    return (Fact){.kind = FACT_address, .base = i->entity, .n = number_exact(i->imm)};
}

static Fact rule_code(Derivation *d, const InstData *i)
{
    (void)d;
    uint64_t bit = UINT64_C(1) << (i->entity < 63 ? i->entity : 63);
    return (Fact){.kind = FACT_code, .n.low = bit};
}

/* Tells where something lies. */
static Fact rule_place(Derivation *d, const InstData *i)
{
    (void)d, (void)i;
    return fact_mixed();
}

static Fact rule_load(Derivation *d, const InstData *i)
{
    return cell_load(d, i);
}

/* ---- addresses and numbers ---------------------------------------------------------------- */

static bool is_number(const Fact *a) { return a->kind == FACT_number; }
static bool is_address(const Fact *a) { return a->kind == FACT_address; }

static Fact moved(const Fact *p, Number n)
{
    return (Fact){.kind = FACT_address, .base = p->base, .n = n};
}

static Fact rule_add(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0), *b = operand(d, i, 1);
    Number sum = number_add(a->n, b->n, bits_of_result(i));
    if (is_number(a) && is_number(b)) return fact_number(sum);
    if (is_address(a) && is_number(b)) return moved(a, sum);
    if (is_number(a) && is_address(b)) return moved(b, sum);
    return fact_mixed();
}

static Fact rule_sub(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0), *b = operand(d, i, 1);
    Number difference = number_sub(a->n, b->n, bits_of_result(i));
    if (is_number(a) && is_number(b)) return fact_number(difference);
    if (is_address(a) && is_number(b)) return moved(a, difference);
    if (is_address(a) && is_address(b) && address_same_object(d->x, a, b))
        return fact_number(difference);
    return fact_mixed();
}

enum { ROUNDED_MOST = 1 << 16 }; /* no object is aligned to more */

/* Bits of an address that are known whatever the object's place; or the address rounded down. */
static Fact mask_address(Derivation *d, const InstData *i, const Fact *p, const Fact *mask)
{
    if (!is_number(mask) || !number_is_exact(&mask->n)) return fact_mixed();
    uint64_t low, bits = mask->n.low;
    unsigned nlow = address_low(d->x, p, &low);
    if (!(bits & ~low_mask(nlow))) return fact_number(number_exact((int64_t)(low & bits)));
    if (!is_power_of_two(-bits) || -bits > ROUNDED_MOST) return fact_mixed();
    return fact_round(d, &d->choices[i->result.i], *p, (unsigned)__builtin_ctzll(bits));
}

static Fact rule_and(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0), *b = operand(d, i, 1);
    if (is_number(a) && is_number(b))
        return fact_number(number_and(a->n, b->n, bits_of_result(i)));
    if (is_address(a)) return mask_address(d, i, a, b);
    if (is_address(b)) return mask_address(d, i, b, a);
    return fact_mixed();
}

static Fact rule_choice(Derivation *d, const InstData *i)
{
    return fact_choose(d, &d->choices[i->result.i], *operand(d, i, 1), *operand(d, i, 2));
}

/* Of addresses within one object, or whether one is null. */
static Fact rule_compare(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0), *b = operand(d, i, 1);
    bool equality = i->cond == INTCC_eq || i->cond == INTCC_ne;
    bool null_test = equality && ((is_address(a) && is_number(b) && number_is(&b->n, 0)) ||
                                  (is_address(b) && is_number(a) && number_is(&a->n, 0)));
    bool within = is_address(a) && is_address(b) && address_same_object(d->x, a, b);
    if (!(is_number(a) && is_number(b)) && !null_test && !within) return fact_mixed();
    return fact_number(type_is_vector(i->type) ? number_any(64) : number_between(0, 1));
}

/* The lower or higher of two addresses in one object is one of them. */
static Fact extreme(Derivation *d, const InstData *i, Number (*pick)(Number, Number, unsigned))
{
    const Fact *a = operand(d, i, 0), *b = operand(d, i, 1);
    if (is_number(a) && is_number(b))
        return fact_number(pick(a->n, b->n, bits_of_result(i)));
    if (is_address(a) && is_address(b) && address_same_object(d->x, a, b))
        return fact_choose(d, &d->choices[i->result.i], *a, *b);
    return fact_mixed();
}

static Fact rule_umin(Derivation *d, const InstData *i) { return extreme(d, i, number_umin); }
static Fact rule_umax(Derivation *d, const InstData *i) { return extreme(d, i, number_umax); }

/* ---- numbers ------------------------------------------------------------------------------ */

static Fact of_numbers(Derivation *d, const InstData *i, Number (*f)(Number, Number, unsigned))
{
    const Fact *a = operand(d, i, 0), *b = operand(d, i, 1);
    if (!is_number(a) || !is_number(b)) return fact_mixed();
    return fact_number(f(a->n, b->n, bits_of_result(i)));
}

static Number smin(Number a, Number b, unsigned bits) { (void)bits; return number_smin(a, b); }
static Number smax(Number a, Number b, unsigned bits) { (void)bits; return number_smax(a, b); }

static Fact rule_mul(Derivation *d, const InstData *i) { return of_numbers(d, i, number_mul); }
static Fact rule_or(Derivation *d, const InstData *i) { return of_numbers(d, i, number_or); }
static Fact rule_xor(Derivation *d, const InstData *i) { return of_numbers(d, i, number_xor); }
static Fact rule_smin(Derivation *d, const InstData *i) { return of_numbers(d, i, smin); }
static Fact rule_smax(Derivation *d, const InstData *i) { return of_numbers(d, i, smax); }
static Fact rule_udiv(Derivation *d, const InstData *i) { return of_numbers(d, i, number_udiv); }
static Fact rule_urem(Derivation *d, const InstData *i) { return of_numbers(d, i, number_urem); }

static Fact rule_not(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0);
    return is_number(a) ? fact_number(number_not(a->n)) : fact_mixed();
}

static Fact rule_neg(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0);
    if (!is_number(a)) return fact_mixed();
    return fact_number(number_sub(number_exact(0), a->n, bits_of_result(i)));
}

/* By a constant; else only that nothing is known. */
static Fact shift(Derivation *d, const InstData *i, Number (*f)(Number, unsigned, unsigned))
{
    const Fact *a = operand(d, i, 0), *by = operand(d, i, 1);
    unsigned bits = bits_of_result(i);
    if (!is_number(a) || !is_number(by)) return fact_mixed();
    if (!number_is_exact(&by->n)) return *fact_any(i->type);
    return fact_number(f(a->n, (unsigned)((uint64_t)by->n.lo & (bits - 1)), bits));
}

static Fact rule_shl(Derivation *d, const InstData *i) { return shift(d, i, number_shl); }
static Fact rule_ushr(Derivation *d, const InstData *i) { return shift(d, i, number_ushr); }
static Fact rule_sshr(Derivation *d, const InstData *i) { return shift(d, i, number_sshr); }

static unsigned bits_of_operand(const Derivation *d, const InstData *i)
{
    return type_bits(func_type(d->x->f, inst_args_const(i)[0]));
}

static Fact rule_uextend(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0);
    if (!is_number(a)) return fact_mixed();
    return fact_number(number_zero_extend(a->n, bits_of_operand(d, i)));
}

static Fact rule_sextend(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0);
    return is_number(a) ? *a : fact_mixed();
}

static Fact rule_reduce(Derivation *d, const InstData *i)
{
    const Fact *a = operand(d, i, 0);
    if (!is_number(a)) return fact_mixed();
    if (bits_of_operand(d, i) > 64) return *fact_any(i->type);
    return fact_number(number_reduce(a->n, bits_of_result(i)));
}

static Fact rule_unsigned(Derivation *d, const InstData *i)
{
    (void)d;
    return fact_number(number_between(0, (int64_t)low_mask(8u * op_info[i->op].access_bytes)));
}

static Fact rule_signed(Derivation *d, const InstData *i)
{
    (void)d;
    return fact_number(number_any(8u * op_info[i->op].access_bytes));
}

static Fact rule_count(Derivation *d, const InstData *i)
{
    if (!is_number(operand(d, i, 0))) return fact_mixed();
    return fact_number(number_between(0, (int64_t)bits_of_result(i)));
}

static Fact rule_truth(Derivation *d, const InstData *i)
{
    Type t = func_type(d->x->f, i->result);
    return type_is_vector(t) ? *fact_any(t) : fact_number(number_between(0, 1));
}

/* ---- dispatch ----------------------------------------------------------------------------- */

/* A rule writes where the fact belongs: passing it on would cost more than the rule itself. */
typedef void Rule(Derivation *d, const InstData *i, Fact *r);

#define SEE(op, rule) \
    static void see_##op(Derivation *d, const InstData *i, Fact *r) { *r = rule_##rule(d, i); }
#include "ir/address.def"

static Rule *const rules[OP_COUNT] = {
#define SEE(op, rule) [OP_##op] = see_##op,
#include "ir/address.def"
};

/* By op: whether all operands are of the controlling type, so that no i64 comes in by another. */
static bool only_control[OP_COUNT];

/* Runs after op.c's constructor, which has a priority. */
__attribute__((constructor)) static void fill_only_control(void)
{
    for (Op op = 0; op < OP_COUNT; op++)
        only_control[op] = strspn(op_info[op].operands, "T") == strlen(op_info[op].operands);
}

/* Whether no operand is an address, those aside that an instruction of any kind may take: where it
 * accesses memory, and conditions, which ask for null. */
static bool takes_numbers(const Derivation *d, const InstData *i)
{
    const char *letters = inst_op(i)->operands;
    if ((only_control[i->op] && i->type != TY_i64) || op_has(i->op, EFFECT_K)) return true;
    for (uint32_t k = 0; k < i->nargs; k++)
        if (letters[k] != 'C' && letters[k] != 'a' && !is_number(operand(d, i, k))) return false;
    return true;
}

void inst_fact(Derivation *d, const InstData *i, Fact *r)
{
    Type t = func_type(d->x->f, i->result);
    if (rules[i->op] && fact_is_followed(t)) rules[i->op](d, i, r);
    else *r = takes_numbers(d, i) ? *fact_any(t) : fact_mixed();
}

static bool follows(const Func *f, Value v, Rule *rule)
{
    const InstData *i = func_def(f, v);
    return i && rules[i->op] == rule;
}

Value value_without_constants(const Func *f, Value v)
{
    for (uint32_t k = 0; k < f->insts.n && follows(f, v, see_iadd); k++) {
        const Value *args = inst_args_const(func_def(f, v));
        if (follows(f, args[1], see_iconst)) v = args[0];
        else if (follows(f, args[0], see_iconst)) v = args[1];
        else break;
    }
    return v;
}
