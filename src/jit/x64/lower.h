/* Lowering: a function of IR to machine instructions in virtual registers.
 *
 * Blocks are walked from the last to the first and each from its end, so that a value's users are
 * lowered before it: whatever they all took in as part of themselves (constants, addresses, loads,
 * compares) is not computed again, and what nobody needs is not computed at all.
 *
 * What an instruction becomes is said by rows (rules.def), or by a function where a row cannot say
 * it (isel_*.c).
 *
 * Requires a function whose every instruction has a rule (lower_refusal); breaks nothing.
 */
#ifndef JIT_X64_LOWER_H
#define JIT_X64_LOWER_H

#include "jit/facts.h"
#include "jit/x64/features.h"
#include "jit/x64/mfunc.h"
#include "jit/x64/pool.h"

typedef struct {
    const Func *f;
    uint32_t index; /* of `f` in its module */
    FeatureSet features;
    Pool *pool;
    Arena *arena; /* what is made lives here */
} LowerRequest;

MFunc *lower_func(const LowerRequest *q);

/* NULL when all of `f` can be lowered; else the reason, in `a`. */
const char *lower_refusal(const Func *f, FeatureSet features, Arena *a);

#endif
