/* A judge with a wrong rewrite in the third of its configurations. Behind cmocka.h. */
#ifndef UNIT_ORACLE_PLANTED_H
#define UNIT_ORACLE_PLANTED_H

#include "oracle/judge.h"

/* Turn this: x * y
 * Into this: x + y */
static void plant_add(void *data, PassStage *s)
{
    (void)data;
    for (uint32_t k = 0; s->after == PASS_legalise && k < s->module->funcs.n; k++) {
        Func *f = s->module->funcs.at[k];
        for (uint32_t i = 0; i < f->insts.n; i++)
            if (f->insts.at[i].op == OP_imul) f->insts.at[i].op = OP_iadd;
    }
}

static int open_judge(void **state)
{
    const char *error = "";
    JudgeOptions o = {
        .backends = "interp,jit:none:sse2,jit:none:sse2:planted",
        .host = {.pass_hook = plant_add},
    };
    *state = judge_create(&o, &error);
    if (!*state) print_error("%s\n", error);
    return *state ? 0 : -1;
}

static int close_judge(void **state)
{
    judge_destroy(*state);
    return 0;
}

#endif
