/* Read-modify-write of memory that no single instruction does: a loop around cmpxchg. To allocation
 * it is one instruction, FORM_rmw, so that nothing is put between what it consists of.
 *
 *     mov rax, [p]                 lowering writes this
 *     rmw rax, [p], x, t
 *
 *     again:                       and emit_loop.c this for the latter
 *     mov t, rax
 *     and t, x
 *     lock cmpxchg [p], t
 *     jnz again
 *
 * rax then holds what was in memory. MInst.imm says which operation it is.
 */
#ifndef JIT_X64_EMIT_LOOP_H
#define JIT_X64_EMIT_LOOP_H

#include "ir/op.h"
#include "jit/x64/enc.h"

/* `exchanged`: the bytes in memory stand in the other order. */
static inline int64_t rmw_number(AtomicOp op, bool exchanged)
{
    return (int64_t)op << 1 | exchanged;
}

/* Writes the loop; gives the offset of the instruction that accesses memory. */
uint32_t emit_rmw(Enc *e, const MInst *i);

#endif
