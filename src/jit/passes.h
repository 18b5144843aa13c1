/* The names of the JIT's passes (passes.def). */
#ifndef JIT_PASSES_H
#define JIT_PASSES_H

#include "ir/func.h"

typedef enum {
#define PASS(name, requires, breaks) PASS_##name,
#include "jit/passes.def"
    PASS_COUNT
} Pass;

const char *pass_name(Pass pass);

#endif
