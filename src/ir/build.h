/* Building functions, one generic entry for each format.
 *
 *     Func *f = func_create(module, name, &sig);      sig's vectors in the module's arena
 *     Block entry = build_entry(f);                   parameters from the signature
 *     Builder b = builder_at(f, entry);
 *     Value sum = build_binary(&b, OP_iadd, x, y);
 *     build_return(&b, &sum, 1);
 *
 * The controlling type comes from an operand where the row's rule says so; where the text needs a
 * suffix the entry takes the type. What the rule forbids is our own bug (CHECK), so the verifier
 * finds nothing of the kind in built functions.
 */
#ifndef IR_BUILD_H
#define IR_BUILD_H

#include "ir/bits.h"
#include "ir/func.h"

typedef struct {
    Func *f;
    Block at; /* instructions are appended here */
} Builder;

static inline Builder builder_at(Func *f, Block at) { return (Builder){f, at}; }

/* A function without blocks, appended to the module. `sig` is copied, its vectors are shared. */
Func *func_create(Module *m, FuncName name, const Signature *sig);
FuncName funcname_text(const char *text);

Block build_block(Func *f);           /* appended to the layout */
Block build_entry(Func *f);           /* with the signature's parameters */
Value build_param(Func *f, Block b, Type type);
Slot build_slot(Func *f, uint64_t bytes, uint32_t align);
SigRef build_sig(Func *f, const Signature *sig);
/* A reference to function `callee` of the same module; declares the signature. */
FuncRef build_ref(Func *f, uint32_t callee);
Constant build_constant(Func *f, const void *bytes, unsigned n);
/* The region of that number, declared when it is new: index plus 1, as MemFlags.region. */
uint8_t build_region(Func *f, uint32_t number);
BlockCall build_dest(Func *f, Block block, const Value *args, uint32_t nargs);

Value build_nullary(Builder *b, Op op, Type type);
Value build_unary(Builder *b, Op op, Type type, Value x); /* type TY_none: from the operand */
Value build_binary(Builder *b, Op op, Value x, Value y);
Value build_ternary(Builder *b, Op op, Value x, Value y, Value z);
Value build_iconst(Builder *b, Type type, int64_t n);
Value build_f32const(Builder *b, uint32_t bits);
Value build_f64const(Builder *b, uint64_t bits);
Value build_vconst(Builder *b, Type type, Bits bits);
Value build_bits(Builder *b, Type type, Bits bits); /* of any type; i128 takes three instructions */
Value build_compare(Builder *b, Op op, unsigned cond, Value x, Value y);
Value build_extractlane(Builder *b, Value x, unsigned lane);
Value build_insertlane(Builder *b, Value x, Value y, unsigned lane);
Value build_shuffle(Builder *b, Value x, Value y, const uint8_t mask[16]);
Value build_bitcast(Builder *b, Type type, Value x, MemFlags flags);
Value build_load(Builder *b, Op op, Type type, MemFlags flags, Value address, int32_t offset);
Inst build_store(Builder *b, Op op, MemFlags flags, Value x, Value address, int32_t offset);
Value build_stack_addr(Builder *b, Slot slot, int32_t offset);
Value build_func_addr(Builder *b, FuncRef fn);
Inst build_call(Builder *b, FuncRef fn, const Value *args, uint32_t nargs);
Inst build_call_indirect(Builder *b, SigRef sig, Value callee, const Value *args, uint32_t nargs);
Inst build_jump(Builder *b, BlockCall dest);
Inst build_brif(Builder *b, Value c, BlockCall then, BlockCall otherwise);
/* `dests[0]` is the default. */
Inst build_br_table(Builder *b, Value x, const BlockCall *dests, uint32_t ndests);
Inst build_return(Builder *b, const Value *values, uint32_t n);
Inst build_trap(Builder *b, TrapCode code);
Inst build_cond_trap(Builder *b, Op op, Value c, TrapCode code); /* trapz, trapnz */

/* Appends an instruction whose fields are set (args through inst_set_args), and makes its results;
 * all entries above end here, and the reader uses it. No type is checked; the rule gives the
 * results' types, or the signature of a call. */
Inst build_inst(Builder *b, const InstData *data);

/* Copies `n` values into the instruction's operands; more than four live in the arena. */
void inst_set_args(Func *f, InstData *i, const Value *args, uint32_t n);

/* Result types of an instruction by its rule, or by signature for calls; at most `cap` are
 * written; returns how many there are. */
uint32_t inst_result_types(const Func *f, const InstData *i, Type *types, uint32_t cap);

#endif
