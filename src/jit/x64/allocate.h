/* Register allocation: virtual registers become physical ones, and the frame is laid out.
 *
 * One walk backwards over the machine code, in which a value gets a register where it is last used
 * and keeps it up to its definition. When a register is wanted and none is free, the value whose
 * previous mention lies furthest back gives its up: it is restored behind the current instruction,
 * by a move from another register, by being made again, or by a reload from its slot, and the slot
 * is stored to once, right behind the definition, which the walk has still before it.
 *
 * Requires virtual registers whose uses are dominated by their definitions, and blocks in an order
 * in which dominators come first. Breaks nothing else; labels of edges become labels of blocks.
 */
#ifndef JIT_X64_ALLOCATE_H
#define JIT_X64_ALLOCATE_H

#include "jit/fuel.h"
#include "jit/x64/mfunc.h"

/* No value is put into the `avoided` registers. At least three general registers, r10 and r11, and
 * three vector registers must be left. `fuel` is for optional rewrites and may be NULL. */
void allocate_func(MFunc *m, RegSet avoided, Fuel *fuel);

#endif
