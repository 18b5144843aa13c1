/* One instruction at a time: a function that applies it to its parameters, built once and run
 * often. */
#ifndef TESTS_INTERP_APPLY_H
#define TESTS_INTERP_APPLY_H

#include "interp/interp.h"
#include "ir/build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

typedef unsigned __int128 Wide;
typedef __int128 SignedWide;

typedef struct {
    Arena *arena;
    Interp *interp;
    Module *module;
} Bench;

static inline Bench bench_open(void)
{
    Bench b = {.arena = arena_create(), .interp = interp_create()};
    b.module = module_create(b.arena);
    return b;
}

static inline void bench_close(Bench *b)
{
    interp_destroy(b->interp);
    arena_destroy(b->arena);
}

/* Starts over with an empty module. */
static inline void bench_clear(Bench *b)
{
    arena_reset(b->arena);
    b->module = module_create(b->arena);
}

/* The function `(types…) -> results` that is the instruction `data` on its parameters; `data` has
 * all but arguments. `constant`, when not NULL, is 16 bytes that the instruction names. */
static inline uint32_t bench_function(Bench *b, InstData data, const Type *types, unsigned n,
                                      const uint8_t *constant)
{
    Signature sig = {0};
    for (unsigned k = 0; k < n; k++) vec_push(b->arena, &sig.params)->type = (uint8_t)types[k];
    Func *f = func_create(b->module, funcname_text("test"), &sig);
    Block entry = build_entry(f);
    Builder builder = builder_at(f, entry);
    if (constant) data.entity = build_constant(f, constant, 16).i;
    inst_set_args(f, &data, func_block(f, entry)->params.at, n);
    Inst i = build_inst(&builder, &data);
    Value results[2];
    uint32_t nresults = func_inst(f, i)->nresults;
    for (uint32_t k = 0; k < nresults; k++) {
        results[k] = inst_result(func_inst(f, i), k);
        vec_push(b->arena, &f->sig.returns)->type = (uint8_t)func_type(f, results[k]);
    }
    build_return(&builder, results, nresults);
    return b->module->funcs.n - 1;
}

static inline InterpResult bench_run(Bench *b, uint32_t func, const Bits *args, unsigned n)
{
    InterpOptions o = {.fuel = 100, .max_depth = 10, .discipline = true};
    InterpResult r;
    interp_run(b->interp, b->module, func, args, n, NULL, 0, &o, &r);
    return r;
}

/* Builds and runs an instruction whose operands all have the controlling type. */
static inline InterpResult bench_apply(Bench *b, Op op, Type type, const Bits *args, unsigned n)
{
    Type types[3] = {type, type, type};
    bench_clear(b);
    InstData data = {.op = (uint8_t)op, .type = (uint8_t)type};
    return bench_run(b, bench_function(b, data, types, n, NULL), args, n);
}

#endif
