/* What lowering asks about a function of IR, found in one walk forwards.
 *
 * Whether a load may be executed later, as part of the instruction that uses it, is answered by two
 * numbers an instruction:
 *
 *   stores  counts instructions before it in its block that may write memory
 *   run     counts, before it in its block, changes of the trap code from one instruction that may
 *           trap to the next; between instructions of one run the order of traps shows nowhere
 *
 * Requires reachable terminators; breaks nothing.
 */
#ifndef JIT_FACTS_H
#define JIT_FACTS_H

#include "ir/cfg.h"

typedef struct {
    uint32_t block;  /* position in the order, NO_INDEX when unreachable */
    uint32_t place;  /* in its block */
    uint32_t stores;
    uint32_t run;
} InstFacts;

typedef struct {
    Cfg *cfg;
    InstFacts *insts;  /* by instruction */
    uint32_t *uses;    /* by value: operands and block arguments that mention it, when reachable */
} Facts;

Facts *facts_compute(const Func *f, Arena *a);

/* What a fault of a load or store means, TRAP_none when there is none. */
TrapCode facts_access_trap(const InstData *i);

/* Whether load `load`, used by nothing but what is computed at `root`, may be executed there: both
 * are in one block, `root` is later, nothing between writes what it reads, and no trap between has
 * another code. */
bool facts_may_sink(const Func *f, const Facts *facts, Inst load, Inst root);

#endif
