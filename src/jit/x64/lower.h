/* Lowering: a function of IR to machine instructions in virtual registers.
 *
 * Blocks are walked from the last to the first and each from its end, so that a value's users are
 * lowered before it: whatever they all took in as part of themselves (constants, addresses, loads,
 * compares) is not computed again, and what nobody needs is not computed at all.
 *
 * What an instruction becomes is said by rows (rules.def), or by a function where a row cannot say
 * it (isel_*.c).
 *
 * Requires a verified function; breaks nothing. A function with an instruction or a type that no
 * row is for is refused.
 */
#ifndef JIT_X64_LOWER_H
#define JIT_X64_LOWER_H

#include "jit/facts.h"
#include "jit/fuel.h"
#include "jit/x64/features.h"
#include "jit/x64/mfunc.h"
#include "jit/x64/pool.h"

struct RuleTable; /* jit/x64/rule.h */

typedef struct {
    const Func *f;
    uint32_t index;                /* of `f` in its module */
    const struct RuleTable *rules; /* says which features may be used */
    Pool *pool;
    Arena *arena; /* what is made lives here */
    Fuel *fuel;   /* for its optional rewrites; may be NULL */
} LowerRequest;

/* NULL with the reason in `*refused`, which lives in the arena, when the function is refused. */
MFunc *lower_func(const LowerRequest *q, const char **refused);

#endif
