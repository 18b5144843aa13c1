/* A fault that every second process has: the length of the file EVERY_SECOND, which each process
 * makes one byte longer, decides. What it does is no finding that repeats. */
#include "tests/faults/faults.h"

#include <stdio.h>
#include <stdlib.h>

static bool planted;

__attribute__((constructor)) static void take_turns(void)
{
    const char *path = getenv("EVERY_SECOND");
    FILE *f = path ? fopen(path, "a") : NULL;
    if (!f) return;
    fputc('x', f);
    planted = ftell(f) % 2 == 1;
    fclose(f);
}

/* Turn this: x ^ y
 * Into this: x | y */
static void hook(void *data, PassStage *s)
{
    (void)data;
    for (uint32_t k = 0; planted && s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        for (uint32_t i = 0; i < f->insts.n; i++)
            if (f->insts.at[i].op == OP_bxor) f->insts.at[i].op = OP_bor, s->changes++;
    }
}

const Fault tally_fault = {
    .name = "every_second",
    .family = "flaky",
    .cpu = "sse2",
    .meaning = "some processes take exclusive or for or",
    .model = "none",
    .hook = hook,
};
