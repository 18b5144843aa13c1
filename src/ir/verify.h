/* Whether a module is what it claims to be.
 *
 *     Diag d = {.arena = a, .file = "x.clif", .text = text};
 *     if (!module_verify(m, VERIFY_STRUCTURE, scratch, &d)) diag_print(&d, stderr);
 *
 * VERIFY_STRUCTURE is for everything that is read: types by the rule letters of ops.def, operands
 * and immediates by the letters of formats.def, terminators, block arguments, dominance,
 * signatures, conventions, flags, slots, constants. What passes can be interpreted and compiled
 * without any further check of form.
 *
 * VERIFY_DISCIPLINE is structure and then the rules for addresses (ir/discipline.h), for what we
 * generate and for files that claim it.
 *
 * Every error is reported, not the first alone; each names function, block and instruction, and
 * the line when the module was read from text. Uses in unreachable blocks need a definition
 * somewhere in the function, and no more. `scratch` is left as it was found, unless it is the arena
 * of `d` and messages had to stay there.
 */
#ifndef IR_VERIFY_H
#define IR_VERIFY_H

#include "base/diag.h"
#include "ir/case.h"

typedef enum { VERIFY_STRUCTURE, VERIFY_DISCIPLINE } VerifyLevel;

/* True when nothing was found. */
bool module_verify(const Module *m, VerifyLevel level, Arena *scratch, Diag *d);

/* The module (with discipline when the case claims it), heaps, run lines against signatures, and
 * what runs pass against contracts. */
bool case_verify(const Case *c, Arena *scratch, Diag *d);

#endif
