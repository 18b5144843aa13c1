/* The pass hook: the one door through which something outside the JIT sees, or changes, what is
 * between two passes. It is for dumps, for checks, and for planting wrong rewrites to see whether
 * the fuzzer finds them. Release programs install no hook that changes anything.
 *
 *     static void drop_sign_extensions(void *data, PassStage *s)
 *     {
 *         if (s->after != PASS_lower) return;
 *         for (uint32_t k = 0; k < s->machine->code.n; k++)
 *             if (s->machine->code.at[k].form == FORM_movsxb_32) {
 *                 s->machine->code.at[k].form = FORM_movzxb_32;
 *                 s->changes++;
 *             }
 *     }
 *     JitOptions o = {.hook = drop_sign_extensions, ...};
 *
 * What is shown after which pass:
 *
 *   PASS_legalise  once a module: `module` is a private copy of the IR; instructions, operands,
 *                  flags, constants and offsets may be changed as long as the structure stays
 *                  valid (ir/verify.h). Everything after it works on the copy.
 *   PASS_lower     once a function: `machine` in virtual registers (jit/x64/mfunc.h). Instructions
 *                  may be changed, replaced, or deleted by mfunc_delete. Liveness is computed after
 *                  it, so registers may be exchanged too, as long as every use is dominated by a
 *                  definition.
 *   PASS_allocate  once a function: `machine` in physical registers, with prologue, epilogues,
 *                  spills, reloads and moves between registers as instructions, told apart by
 *                  minst_mark. The frame is laid out: deleting a push or changing its register
 *                  changes what runs and nothing else. Offsets of frame slots are
 *                  `machine->slots.at[k].offset`.
 *   PASS_emit      once a module: `code`, `code_size` are the bytes, not yet executable.
 *
 * `changes` counts what the hook changed; the sum over all stages is JitCode.changes, so that it is
 * known for each compiled module whether a planted fault was in it.
 *
 * With fuel (jit/fuel.h) a hook is a part of the pass that it follows: it is not called when the
 * pass has none left, and what it changed is a rewrite. One that makes several changes at a stage
 * takes fuel for each, with rewrite_of_hook, so that they can be told apart.
 */
#ifndef JIT_HOOK_H
#define JIT_HOOK_H

#include "jit/fuel.h"

struct MFunc;

typedef struct {
    Pass after;
    const char *name;      /* pass_name(after) */
    Module *module;        /* PASS_legalise: may be changed; else what is being compiled */
    uint32_t func;         /* PASS_lower, PASS_allocate: index of the function */
    struct MFunc *machine; /* PASS_lower, PASS_allocate */
    uint8_t *code;         /* PASS_emit: the writable view */
    size_t code_size;
    uint32_t changes; /* added to by the hook */
    Fuel *fuel;       /* JitOptions.fuel; may be NULL, which fuel_left and fuel_take take */
} PassStage;

typedef void PassHook(void *data, PassStage *stage);

#endif
