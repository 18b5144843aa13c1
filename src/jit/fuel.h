/* Fuel: how many optional rewrites a pass may still apply, so that a wrong one can be found by
 * halving their number. The rewrites are rows of rewrites.def.
 *
 *     Fuel fuel = fuel_unlimited();
 *     fuel.limit[PASS_lower] = 7;
 *     jit_compile(jit, m, &(JitOptions){.fuel = &fuel, ...}, memory, &code, &refused);
 *     fuel.applied[PASS_lower]            at most 7
 *     fuel.last[PASS_lower]               which the seventh was, and of which instruction
 *
 * A pass asks in front of each rewrite, when nothing else speaks against it, and takes the other
 * way when the answer is no:
 *
 *     if (is_zero(y) && fuel_take(fuel, REWRITE_add_zero, NULL, func, inst)) return x;
 *
 * The first n rewrites of a pass are the same whatever its limit is, as long as that is at least n
 * and passes before it have the same limits: with n - 1 and with n allowed, what is compiled
 * differs by one rewrite. With no rewrite allowed at all code is as right as with all of them.
 *
 * The pass hook (jit/hook.h) counts as part of the pass that it follows.
 */
#ifndef JIT_FUEL_H
#define JIT_FUEL_H

#include "jit/passes.h"

typedef enum {
#define REWRITE(pass, name, text) REWRITE_##name,
#include "jit/rewrites.def"
    REWRITE_COUNT
} Rewrite;

typedef struct {
    Rewrite rewrite;
    const char *detail; /* what of it, static: the row of rules.def; NULL: nothing more */
    uint32_t func;      /* index into the module */
    Inst inst;          /* of the module that was given; INST_none: none in particular */
} FuelRewrite;

typedef struct {
    uint32_t limit[PASS_COUNT];   /* how many may be applied in one compilation */
    uint32_t applied[PASS_COUNT]; /* how many were */
    FuelRewrite last[PASS_COUNT]; /* the last of them, when there is one */
} Fuel;

enum { FUEL_ALL = UINT32_MAX };

Fuel fuel_unlimited(void);

const char *rewrite_name(Rewrite r);
const char *rewrite_text(Rewrite r); /* one line */
Pass rewrite_pass(Rewrite r);

/* The one that stands for the hook's changes behind a pass, REWRITE_COUNT for passes without it. */
Rewrite rewrite_of_hook(Pass pass);

/* Out of line, for those who have fuel. */
COLD bool fuel_take_one(Fuel *f, Rewrite r, const char *detail, uint32_t func, Inst inst);

/* Whether the rewrite may be applied, which is then counted. Without a Fuel all may be. */
static inline bool fuel_take(Fuel *f, Rewrite r, const char *detail, uint32_t func, Inst inst)
{
    return likely(!f) || fuel_take_one(f, r, detail, func, inst);
}

/* Whether fuel_take would allow one in this pass. */
static inline bool fuel_left(const Fuel *f, Pass pass)
{
    return likely(!f) || f->applied[pass] < f->limit[pass];
}

/* The last one taken was not applied after all; `before` is what `last` was. */
static inline void fuel_give_back(Fuel *f, Pass pass, FuelRewrite before)
{
    f->applied[pass]--;
    f->last[pass] = before;
}

/* Nothing is applied yet in passes from `first` on. */
void fuel_restart(Fuel *f, Pass first);

#endif
