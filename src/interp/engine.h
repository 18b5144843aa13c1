/* Inside the interpreter: the state of a run, and what evaluators may do with it.
 *
 * Under discipline the upper half of an i64, which no other type of that width has a use for,
 * holds its origin (memory.h): that of the object which it was derived from as an address, 0 for
 * a number. What copies a value copies that too; what computes one makes it a number, but for the
 * rows of eval.def and the evaluators that say otherwise. Numbers alone leave the interpreter.
 *
 * There is one evaluator `eval_NAME` for each instruction: made from eval.def's row by eval.c, or
 * written out in odd.c (values), access.c (memory) or flow.c (control). It reads operands, sets
 * results, and returns true to go on with the instruction at `next`, false when the run is over.
 */
#ifndef INTERP_ENGINE_H
#define INTERP_ENGINE_H

#include "interp/lane.h"
#include "interp/memory.h"

/* What an activation puts back when it ends: the state of its caller (f is NULL for the first
 * activation's) and of memory before it. */
typedef struct {
    const Func *f;
    Bits *values;
    const Inst *next;
    MemoryMark memory;
    uint32_t func;
} Activation;

struct Interp {
    /* the innermost activation */
    const Func *f;
    Bits *values; /* the frame: one for each Value, then one for each slot: its address */
    const Inst *next;
    Inst inst; /* the instruction being done */
    uint32_t func;

    uint64_t steps, calls;
    const Module *module;
    const InterpOptions *options;
    InterpResult *result;
    Memory memory;
    Arena *arena;
    VEC(Activation) activations; /* the last one is the innermost */
    Pages value_pages;
    Bits *scratch;           /* behind all frames: room for SCRATCH_VALUES between two steps */
    uint64_t access_address; /* of the last access, for the hook */
    uint32_t access_bytes;
    uint64_t pinned; /* the pinned register */
    char reason[512];
};

typedef bool Evaluator(Interp *in, const InstData *i);

#define OP(name, format, types, rule, effects, meaning) Evaluator eval_##name;
#include "ir/ops.def"

/* Addresses of functions: numbers where nothing is mapped, and that no shift or count makes: who
 * returns or stores one is taken for leaking it. */
#define FUNC_ADDRESS UINT64_C(0x7a115bd39e40)

/* Addresses of exception handlers: numbers that are no addresses, one for each function, block and
 * handler. */
#define HANDLER_ADDRESS UINT64_C(0x4a115bd300000000)
enum { HANDLER_BLOCK_BITS = 17, HANDLER_FUNC_BITS = 33 };

bool is_handler_address(const Interp *in, uint64_t value);

enum { FUNC_STRIDE = 16, VALUE_BYTES = 16 << 20, SCRATCH_VALUES = UINT16_MAX + 1 };

/* End the run; they return false, for evaluators to return. */
bool stop_trap(Interp *in, TrapCode code);
bool stop_invalid(Interp *in, const char *format, ...) PRINTF_LIKE(2, 3);
bool stop_refused(Interp *in, const char *format, ...) PRINTF_LIKE(2, 3);

/* Begins an activation of function `func`: its frame, slots, `n` arguments from `values` (through
 * `args`, or in order when that is NULL), and the check of its contracts. */
bool activation_begin(Interp *in, uint32_t func, const Bits *values, const Value *args, uint32_t n);

/* Checks the contracts of function `f` on entry. */
bool contracts_check(Interp *in, const Func *f, const Bits *args);

/* Where the next activation's frame goes. */
static inline Bits *frame_end(const Interp *in)
{
    return in->f ? in->values + in->f->values.n + in->f->slots.n : (Bits *)in->value_pages.at;
}

/* Tells the hook, if there is one. */
void trace_event(Interp *in, TraceKind kind, Block block);

static inline void trace(Interp *in, TraceKind kind, Block block)
{
    if (unlikely(in->options->trace)) trace_event(in, kind, block);
}

static inline bool is_func_address(const Interp *in, uint64_t value)
{
    return value - FUNC_ADDRESS < (uint64_t)in->module->funcs.n * FUNC_STRIDE;
}

/* Whether a number means something else, or nothing, outside of this interpreter. */
static inline bool is_private_address(const Interp *in, uint64_t value)
{
    uint64_t func = (value - HANDLER_ADDRESS) >> HANDLER_FUNC_BITS;
    return memory_is_slot_address(&in->memory, value) || is_func_address(in, value) ||
           unlikely(func < in->module->funcs.n && is_handler_address(in, value));
}

/* The origin of an i64. */
static inline uint64_t bits_origin(const Bits *b) { return b->u64[1]; }

static inline const Bits *operand(const Interp *in, const InstData *i, unsigned k)
{
    return &in->values[i->args_.few[k].i];
}

static inline Bits *result(const Interp *in, const InstData *i)
{
    return &in->values[i->result.i];
}

/* Whether an integer of any width is other than 0. */
static inline bool is_true(const Interp *in, const InstData *i)
{
    const Bits *x = operand(in, i, 0);
    if (likely(x->u64[0] || !x->u64[1])) return x->u64[0];
    return type_bits(func_type(in->f, i->args_.few[0])) > 64;
}

/* Whether a value of type `t` has room in Bits; stops the run when it has not. */
static inline bool fits_bits(Interp *in, Type t)
{
    return likely(type_bits(t) <= 128) ||
           stop_refused(in, "values of type %s are too wide", type_name(t));
}

#endif
