/* What the rules of splitting share: halves of values, and instructions on them.
 *
 *     void split_each(Split *s, const InstData *i, const SplitRow *row)
 *     {
 *         Halves x = halves(s, i, 0);
 *         give(s, i, (Halves){on(s, row->with[0], x.low), on(s, row->with[0], x.high)});
 *     }
 *
 * `i` is a copy of the instruction as it was; its operands are named by their number. What a rule
 * builds is appended to the block in work. Each result that somebody may use is given once.
 */
#ifndef JIT_SPLIT_LOCAL_H
#define JIT_SPLIT_LOCAL_H

#include "ir/build.h"
#include "jit/split.h"

typedef struct {
    Value low, high; /* `high` is VALUE_none for what is no i128 */
} Halves;

/* Functions of split_library.c. */
typedef enum {
#define LIBRARY(name, params, result) LIBRARY_##name,
#include "jit/split_library.def"
    LIBRARY_COUNT
} Library;

typedef struct {
    Builder b;
    Halves *of;        /* by value of the function as it was: what stands for it now */
    SigRef sigs[LIBRARY_COUNT]; /* declared when first needed; NO_INDEX: not yet */
    bool cmpxchg16b;            /* the CPU has it */
    const char *refused;
} Split;

typedef struct SplitRow SplitRow;
typedef void SplitRule(Split *s, const InstData *i, const SplitRow *row);

struct SplitRow {
    SplitRule *rule; /* NULL: there is none */
    enum { SPLIT_WIDE, SPLIT_ALL, SPLIT_WITH_CX16 } when; /* macros of split.def */
    uint8_t with[2];
};

/* -- Operands and results ---------------------------------------------------------------------- */

static inline bool is_wide(const Split *s, Value v) { return func_type(s->b.f, v) == TY_i128; }

static inline Value operand(const InstData *i, unsigned k) { return inst_args_const(i)[k]; }

static inline Halves halves(const Split *s, const InstData *i, unsigned k)
{
    return s->of[operand(i, k).i];
}

/* The operand when it is no i128; else its low half. */
static inline Value plain(const Split *s, const InstData *i, unsigned k)
{
    return halves(s, i, k).low;
}

/* Something that is not 0 when the operand is not. */
Value truth(Split *s, Value v);

static inline void give(Split *s, const InstData *i, Halves x)
{
    s->of[i->result.i] = x;
}

/* Result `k`, which is no i128. */
static inline void give_plain(Split *s, const InstData *i, unsigned k, Value x)
{
    s->of[inst_result(i, k).i] = (Halves){x, VALUE_none};
}

/* The instruction cannot be split. */
void refuse(Split *s, const InstData *i);

/* -- Building ---------------------------------------------------------------------------------- */

static inline Value constant(Split *s, int64_t n) { return build_iconst(&s->b, TY_i64, n); }

static inline Value on(Split *s, unsigned op, Value x)
{
    return build_unary(&s->b, (Op)op, TY_none, x);
}

static inline Value on_two(Split *s, unsigned op, Value x, Value y)
{
    return build_binary(&s->b, (Op)op, x, y);
}

static inline Value on_three(Split *s, unsigned op, Value x, Value y, Value z)
{
    return build_ternary(&s->b, (Op)op, x, y, z);
}

static inline Value compare(Split *s, unsigned cc, Value x, Value y)
{
    return build_compare(&s->b, OP_icmp, cc, x, y);
}

/* The second result of what made `first`. */
static inline Value second(Value first) { return (Value){first.i + 1}; }

/* c != 0 ? x : y */
Halves choose_halves(Split *s, Value c, Halves x, Halves y);

/* An i8: x cc y */
Value compare_halves(Split *s, IntCC cc, Halves x, Halves y);

/* x - y, of which the low half is computed by usub_overflow and so on. */
Halves subtract(Split *s, Halves x, Halves y);

/* Calls a function of the library; gives its first result. `params` are as many as it has. */
Value call_library(Split *s, Library fn, const Value *params);

/* What library_atomic_rmw takes for an operation; `big`: memory is in big-endian order. */
static inline uint64_t split_rmw_number(AtomicOp op, bool big) { return (uint64_t)op << 1 | big; }

/* -- Rules ------------------------------------------------------------------------------------- */

/* For what has no row: by its format. */
SplitRule split_spread;

#define SPLIT(op, rule, ...) SplitRule split_##rule;
#define SPLIT_ANY(op, rule, ...) SplitRule split_##rule;
#define SPLIT_CX16(op, rule, ...) SplitRule split_##rule;
#include "jit/split.def"

/* The functions themselves. */
const void *split_library_function(Library fn);

#endif
