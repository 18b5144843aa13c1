/* What the files of lowering share: the state of the walk, operands, and how instructions are
 * written.
 *
 * Code for one CLIF instruction (the root) is written forwards; that of a whole block is then put
 * in front of what is there, the root written last first:
 *
 *     Reg t = temp(l, REG_GPR, 8);
 *     emit(l, FORM_movsxd, t, use_rm(l, x, 4), NO_OPERAND, 0);
 *
 * Forms that modify their first operand are written like those that do not: emit() puts a copy in
 * front, which allocation drops when the source is not needed any more. With AVX it takes the VEX
 * sibling instead.
 */
#ifndef JIT_X64_LOWER_LOCAL_H
#define JIT_X64_LOWER_LOCAL_H

#include "jit/x64/abi.h"
#include "jit/x64/lower.h"

typedef struct {
    Mem mem;
    uint8_t trap; /* what a fault there means */
} Access;

typedef struct {
    Arena *a;
    const Func *f;
    MFunc *m;
    const Facts *facts;
    Pool *pool;
    FeatureSet features;
    const struct RuleTable *rules;
    const uint16_t *best; /* by form: its VEX sibling when AVX is there and it has one, or itself */
    bool *needed; /* by value: somebody wants it in a register */
    bool *sunk;   /* by instruction: executed as part of its user */
    bool shared;  /* what is written now is written elsewhere, too: it may not take in loads */
    Abi abi;      /* of the function */
    Reg area;     /* the hidden argument, in a virtual register */
    const char *refused; /* why the function cannot be lowered; NULL so far */
    Fuel *fuel;

    uint32_t block;    /* number of the current block */
    Inst at;           /* the root */
    const InstData *i; /* likewise */
    uint32_t origin;   /* MInst.extra of what is written for it */
    MInst *written;    /* what the block's roots became */
    uint32_t nwritten, cap;
    uint32_t *ends; /* by root plus 1: where in `written` its code begins, plus where it ends */
    VEC(Access) accesses; /* memory operands of the root */
} Lower;

/* A register, or memory: then `reg` is REG_MEMORY. */
typedef struct {
    Reg reg;
    uint32_t access; /* of Lower.accesses */
} Operand;

#define NO_OPERAND ((Operand){.reg = REG_NONE})

static inline Operand in_reg(Reg r) { return (Operand){.reg = r}; }
static inline bool is_memory(Operand o) { return reg_equal(o.reg, REG_MEMORY); }
static inline bool has_feature(const Lower *l, Feature f) { return l->features >> f & 1; }

/* Whether the root may be rewritten so; to be asked when all else is decided. */
static inline bool allows(const Lower *l, Rewrite r)
{
    return fuel_take(l->fuel, r, NULL, l->m->index, l->at);
}

/* -- Values (operand.c) -- */

static inline Value arg(const Lower *l, unsigned k) { return inst_args_const(l->i)[k]; }
static inline Type type_of(const Lower *l, Value v) { return func_type(l->f, v); }

/* The value in a register. */
static inline Reg use(Lower *l, Value v)
{
    l->needed[v.i] = true;
    return reg_virtual(v.i);
}

/* The value in a register, or, when it is a load that may be executed here, the memory that the
 * load reads: exactly `bytes` of it, and if `align` is more than 1 only if the address is known to
 * be a multiple of it. */
Operand use_rm(Lower *l, Value v, unsigned bytes, unsigned align);

/* Whether use_rm would give memory. */
bool can_fuse(const Lower *l, Value v, unsigned bytes, unsigned align);

/* Result `k` of the root. */
static inline Reg result(const Lower *l, unsigned k)
{
    return reg_virtual(inst_result(l->i, k).i);
}

/* Whether the value is needed behind the root. */
static inline bool is_live(const Lower *l, Value v) { return l->needed[v.i]; }

static inline Reg temp(Lower *l, RegClass class, unsigned bytes)
{
    return mfunc_vreg(l->m, class, bytes);
}

/* Bits of an iconst, sign-extended; false when `v` is none. */
static inline bool constant_of(const Lower *l, Value v, int64_t *n)
{
    const InstData *d = func_def(l->f, v);
    if (!d || d->op != OP_iconst) return false;
    *n = d->imm;
    return true;
}

/* The instruction that defines `v` when it lies in the current block, else NULL. */
static inline const InstData *def_in_block(const Lower *l, Value v)
{
    const ValueData *d = func_value(l->f, v);
    if (d->kind != VALUE_RESULT) return NULL;
    return l->facts->insts[d->owner].block == l->block ? &l->f->insts.at[d->owner] : NULL;
}

/* The same when it has opcode `op`. */
static inline const InstData *def_here(const Lower *l, Value v, Op op)
{
    const InstData *d = def_in_block(l, v);
    return d && d->op == op ? d : NULL;
}

/* Whether a 32-bit value is computed by an instruction that clears the upper half. */
bool upper_half_is_zero(const Lower *l, Value v);

/* Bytes of a spill slot for the type, and the class of its registers. */
unsigned spill_bytes(Type t);
static inline RegClass class_of(Type t) { return type_in_xmm(t) ? REG_XMM : REG_GPR; }

/* -- Addresses (address.c) -- */

/* An operand of the root. */
Operand memory_operand(Lower *l, Mem mem, TrapCode trap);

/* Memory of a load or store; takes in what an address can say of how `at` is computed. */
Operand lower_access(Lower *l, const InstData *i, Value at);

/* Whether the address of `i`, a load of that many bytes, is known to be a multiple of `align`. */
bool is_aligned(const Lower *l, const InstData *i, Value at, unsigned align);

/* -- Instructions (emit_inst.c) -- */

/* Another instruction, of which only the form is there. */
static inline MInst *begin_inst(Lower *l, Form form)
{
    void written_grow(Lower *);
    if (unlikely(l->nwritten == l->cap)) written_grow(l);
    MInst *i = &l->written[l->nwritten++];
    *i = (MInst){0};
    i->form = (uint16_t)form;
    i->extra = l->origin;
    return i;
}

/* An instruction as it is. */
static inline MInst *emit_inst(Lower *l, MInst i)
{
    MInst *at = begin_inst(l, (Form)i.form);
    i.extra |= l->origin;
    *at = i;
    return at;
}

/* The latest. */
static inline MInst *last_inst(Lower *l) { return &l->written[l->nwritten - 1]; }

/* It is more than the copy that it looks like. */
static inline void keep_last(Lower *l) { last_inst(l)->extra |= MARK_keep; }

/* Operand `k` := x. */
void set_operand(const Lower *l, MInst *i, unsigned k, Operand x);

/* d := form(x, y, z, imm) for forms with up to three sources; `x` is a register when the form
 * modifies it. */
void emit(Lower *l, Form form, Reg d, Operand x, Operand y, int64_t imm);
void emit_sources(Lower *l, Form form, Reg d, const Operand *sources, unsigned n, int64_t imm);

/* form(x, y, imm) without a result: compares, stores. */
void emit_test(Lower *l, Form form, Operand x, Operand y, int64_t imm);

/* d := x, a plain copy. */
void copy(Lower *l, Reg d, Reg x);

/* A jump when `cond` holds. */
void jump_if(Lower *l, Cond cond, uint32_t label);

/* Exit with the trap code when `cond` holds. */
void trap_if(Lower *l, Cond cond, TrapCode code);

/* The form's VEX sibling when AVX is there and it has one. */
static inline Form best_form(const Lower *l, Form form) { return (Form)l->best[form]; }

/* d := form(x), form(x, y), form(x, n), in the best form. */
void unary(Lower *l, Form form, Reg d, Reg x);
void binary(Lower *l, Form form, Reg d, Reg x, Reg y);
void with_imm(Lower *l, Form form, Reg d, Reg x, int64_t n);
void with_bits(Lower *l, Form form, Reg d, Reg x, Bits bits); /* y from the constant pool */

/* The same into a new vector register. */
Reg xmm(Lower *l);
Reg packed(Lower *l, Form form, Reg x, Reg y);
Reg packed_imm(Lower *l, Form form, Reg x, int64_t n);
Reg packed_bits(Lower *l, Form form, Reg x, Bits bits);

/* -- Constants (consts.c) -- */

void set_remat(Lower *l, Reg r, MInst i);
void load_int(Lower *l, Reg d, unsigned bytes, int64_t n);
Reg int_constant(Lower *l, unsigned bytes, int64_t n);
void load_bits(Lower *l, Reg d, unsigned bytes, Bits bits);
Operand pool_operand(Lower *l, Bits bits);

/* -- Conditions (cond.c) -- */

/* How the flags tell whether something holds. */
typedef struct {
    Cond first, second;
    enum { ONE, BOTH, EITHER } how;
} Test;

Test invert_test(Test t);

/* Writes the compare that decides whether `v` is not 0. */
Test test_value(Lower *l, Value v);

/* The same for the compare instruction `i`. */
Test test_compare(Lower *l, const InstData *i);

/* d := t ? x : y, for a type with registers of its own */
void choose(Lower *l, Type type, Test t, Reg d, Reg x, Reg y);

/* d := 1 or 0 in the low byte */
void materialise(Lower *l, Test t, Reg d);

static inline Test test_one(Cond c) { return (Test){.first = c, .how = ONE}; }

/* The integer condition as the flags of `cmp` have it. */
Cond cond_of(IntCC cc);

/* -- Integers (isel_int.c) -- */

/* The value in 32 bits, extended with its sign or with zeros. */
Reg extended32(Lower *l, Value v, bool sign);

/* -- Conversions (isel_convert.c) -- */

/* d := x as an integer of so many bits */
typedef struct {
    Reg d, x;
    bool wide;     /* from f64, else f32 */
    bool sign;     /* to a signed integer */
    unsigned bits; /* of the integer */
} ToInt;

/* What does not fit becomes the nearest that does, NaN 0. */
void to_int_saturating(Lower *l, const ToInt *c);

/* What does not fit, NaN included, becomes the smallest integer. */
void to_int_or_smallest(Lower *l, const ToInt *c);

/* d := the integer of 64 bits as f64 (`wide`) or f32 */
void convert_quad(Lower *l, Reg d, Reg x, bool sign, bool wide);

/* Predicates of cmpps and its like (SDM vol. 2A, CMPPS). */
enum { CMP_EQ, CMP_LT, CMP_LE, CMP_UNORD, CMP_NEQ, CMP_ORD = 7 };

/* -- Memory (isel_memory.c, isel_shuffle.c, isel_order.c) -- */

/* A vector register's lowest 2, 4, 8 or 16 bytes from memory and to it, at any alignment. */
void load_xmm(Lower *l, Reg d, Operand memory, unsigned bytes);
void store_xmm(Lower *l, Operand memory, Reg x, unsigned bytes);

/* The result of a load that widens, from the 8 bytes that it reads. */
void widen_lanes(Lower *l, Operand low);

/* Lowers the root, an access or a bitcast with the flag `big`. */
void lower_big_endian(Lower *l);

/* Bits of a scalar between the two classes of registers: 16 to 64 of them. */
void to_xmm(Lower *l, Reg d, Reg x, unsigned bits);
void from_xmm(Lower *l, Reg d, Reg x, unsigned bits);

/* The integer of 2, 4 or 8 bytes with its bytes exchanged; what stands above 2 stays. */
Reg exchange_bytes(Lower *l, Reg x, unsigned bytes);

/* -- Calls (call.c) -- */

/* Calls a C function of floats: d := fn(args). */
void call_c(Lower *l, const void *fn, Reg d, const Reg *args, unsigned n);

/* Copies what the caller passed into the parameters of the entry block. */
void lower_entry(Lower *l);

#endif
