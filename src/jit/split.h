/* What has no registers becomes what has: each i128 two i64, its low and its high half.
 *
 * Registers hold 64 bits of an integer. So behind the verifier and in front of lowering a function
 * with values of i128 is rewritten, in a copy, as CLIF on halves that is as valid as before:
 *
 *     function %f(i128, i64) -> i128 {           function %f(i64, i64, i64) -> i64, i64 {
 *     block0(v0: i128, v1: i64):                 block0(v2: i64, v3: i64, v1: i64):
 *         v4 = load.i128 v1+16                       v5 = load.i64 v1+16
 *                                                    v6 = load.i64 v1+24
 *         v7 = iadd v0, v4                           v8, v9 = uadd_overflow v2, v5
 *                                                    v10, v11 = uadd_overflow_cin v3, v6, v9
 *         return v7                                  return v8, v10
 *     }                                          }
 *
 * Nothing behind this pass knows of it but the convention, which keeps the halves of an argument
 * together (AbiParam.low_half).
 *
 * How an instruction is split is said by a row of split.def: a rule, which is a function of
 * split_*.c, and what the rule is to use, as a rule serves several instructions. What merely hands
 * values on (calls, returns, branches, a condition, a shift's amount) has no row: its format says
 * what becomes of each operand. What a few instructions on halves cannot do (division, conversion
 * to floats, atomic accesses) is a call of a function of split_library.def, by a signature that
 * means the same to the C compiler and to CLIF's system_v. An i128 that has neither row nor format
 * is refused.
 *
 * A global value that lies behind the vmctx is no symbol that a machine instruction could name: it
 * becomes loads and sums, too.
 *
 * What is the same as before:
 *
 *   - Traps. A load is two loads, and if one traps, the other one's trap would have been the same.
 *     A store may not write half of its bytes and then trap, so it is one store of a vector. What
 *     traps of a division or an atomic access are instructions in front of the call.
 *   - Flags. What is true of an access is true of its halves.
 *   - Values that are not i128 keep their handles, unless the instruction that makes them is split.
 *
 * Requires a verified module; breaks nothing: the result verifies. Unreachable blocks are dropped,
 * and so are the contracts of functions that are split, since both speak of values that are gone.
 */
#ifndef JIT_SPLIT_H
#define JIT_SPLIT_H

#include "ir/func.h"

/* Which instruction of what was given one that was made stands for. */
typedef struct {
    uint32_t first;      /* those from here on were made */
    VEC(Inst) given;     /* by number of the one that was made, less `first` */
} SplitOrigins;

/* Whether any function has an i128, or mentions a global value that is no symbol. */
bool split_is_needed(const Module *m);

/* Splits all of that. `origins` has room for one a function; `cmpxchg16b`: the CPU has
 * that instruction. False with the reason in `*refused` when something cannot be split; the module
 * is then to be thrown away. All that is made lives in the module's arena. */
bool split_module(Module *m, bool cmpxchg16b, SplitOrigins *origins, const char **refused);

/* Whether there is a rule for the instruction with the controlling type i128. */
bool split_has_rule(Op op, bool cmpxchg16b);

static inline Inst split_origin(const SplitOrigins *o, Inst inst)
{
    return inst.i == NO_INDEX || inst.i < o->first ? inst : o->given.at[inst.i - o->first];
}

#endif
