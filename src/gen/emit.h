/* Appending instructions: counts steps, notes which values were used and which may be NaNs whose
 * bits are open (nan.def). Everything that the generator builds goes through here.
 */
#ifndef GEN_EMIT_H
#define GEN_EMIT_H

#include "gen/state.h"

Inst gen_inst(Fn *fn, const InstData *i);
Value gen_value(Fn *fn, const InstData *i); /* its first result */

Value gen_iconst(Fn *fn, Type t, int64_t n);
Value gen_unary(Fn *fn, Op op, Type t, Value x);
Value gen_binary(Fn *fn, Op op, Value x, Value y);
Value gen_binary_imm(Fn *fn, Op op, Value x, int64_t n); /* with a constant of x's type */
Value gen_select(Fn *fn, Op op, Value c, Value x, Value y);
Value gen_icmp(Fn *fn, IntCC cc, Value x, Value y);
Value gen_bitcast(Fn *fn, Type t, Value x);
Value gen_load(Fn *fn, Op op, Type t, MemFlags flags, Value p, int32_t offset);
void gen_store(Fn *fn, Op op, MemFlags flags, Value x, Value p, int32_t offset);
Value gen_stack_addr(Fn *fn, Slot s, int64_t offset);
/* `p` plus bytes; `p` itself when there are none. */
Value gen_offset(Fn *fn, Value p, int64_t bytes);
void gen_jump(Fn *fn, Block to, const Value *args, uint32_t n);
void gen_brif(Fn *fn, Value c, BlockCall then, BlockCall otherwise);
void gen_table(Fn *fn, Value x, const BlockCall *dests, uint32_t n); /* dests[0]: default */
BlockCall gen_dest(Fn *fn, Block to, const Value *args, uint32_t n); /* uses the arguments */

Block gen_block(Fn *fn); /* an empty one, appended to the layout */
Value block_param(Fn *fn, Block b, Type t);

/* Between these, instructions go to the prologue. */
typedef struct {
    Builder b;
    uint64_t mult;
} Place;
Place prologue_begin(Fn *fn);
void prologue_end(Fn *fn, Place place);

bool value_is_used(const Fn *fn, Value v);
void value_set_used(Fn *fn, Value v);
/* A float whose NaNs have open bits. */
bool value_is_open(const Fn *fn, Value v);
void value_set_open(Fn *fn, Value v);

/* Whether a call that takes `steps` here stays within the budget. */
bool can_run(const Fn *fn, uint64_t steps);

/* Whether `insts` further instructions here stay within budget and limits. */
bool can_afford(const Fn *fn, uint64_t insts);

#endif
