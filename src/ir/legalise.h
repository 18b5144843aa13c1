/* Slot alignment beyond what a back end aligns its frames to: the slot is enlarged, and its address
 * rounded up in the IR.
 *
 *     if (legalise_is_needed(m, 16)) {
 *         m = module_clone(m, arena);
 *         legalise_slots(m, 16);
 *     }
 *
 * Turns   ss0 = explicit_slot 24, align = 64     into   ss0 = explicit_slot 72, align = 16
 *         v1 = stack_addr.i64 ss0+8                     v2 = stack_addr.i64 ss0+48
 *                                                       v3 = iconst.i64 -64
 *                                                       v4 = band v2, v3
 *                                                       v5 = iconst.i64 8
 *                                                       v1 = iadd v4, v5
 *
 * Requires sound structure and keeps it; control flow and existing values stay as they are. The
 * result is for compiling: its slots are larger than the discipline's ranges say.
 */
#ifndef IR_LEGALISE_H
#define IR_LEGALISE_H

#include "ir/func.h"

/* Whether some slot asks for more than `max_align`, a power of two. */
bool legalise_is_needed(const Module *m, uint32_t max_align);

/* Changes the module in place; returns how many slots it changed. */
uint32_t legalise_slots(Module *m, uint32_t max_align);

#endif
