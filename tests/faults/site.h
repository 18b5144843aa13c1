/* Where a plant looks: one instruction of IR or of machine code, and what is asked about it. */
#ifndef FAULTS_SITE_H
#define FAULTS_SITE_H

#include "jit/hook.h"
#include "jit/x64/mfunc.h"

typedef struct {
    Func *f;     /* after legalise: the function, the block and the place in it */
    Block block;
    MFunc *m;    /* after lower and allocate */
    uint32_t at;
} Site;

/* Changes the code around a site; false when the site is not of the kind it looks for. */
typedef bool Plant(const Site *s);

/* Asks the plant about every instruction that the stage shows. */
void site_visit(PassStage *stage, Plant *plant);

/* -- IR -- */

InstData *site_inst(const Site *s, uint32_t at);

/* Takes instruction `at` out of its block. */
void site_remove(const Site *s, uint32_t at);

/* Moves instruction `from` in front of instruction `to`, an earlier one. */
void site_move(const Site *s, uint32_t from, uint32_t to);

void site_replace_value(Func *f, Value old, Value fresh);

static inline bool is_load(const InstData *i)
{
    return op_has(i->op, EFFECT_L) && !op_has(i->op, EFFECT_S | EFFECT_K | EFFECT_E);
}

static inline bool is_store(const InstData *i)
{
    return op_has(i->op, EFFECT_S) && !op_has(i->op, EFFECT_L | EFFECT_K | EFFECT_E);
}

static inline bool is_call(const InstData *i) { return op_has(i->op, EFFECT_K); }

/* Of a load or store. */
Value access_address(const InstData *i);
unsigned access_bytes(const Func *f, const InstData *i);

/* A constant integer's value. */
bool constant_value(const Func *f, Value v, int64_t *n);

/* What an address is computed from, by following additions. */
typedef struct {
    Value root;
    uint32_t param; /* the parameter of the function that the root is, NO_INDEX for none */
    int64_t offset; /* the constants on the way, without the access's own */
    bool exact;     /* nothing but constants was added */
} Origin;

Origin origin_of(const Func *f, Value address);

/* Whether all calls of `f` in its module are known and pass values for parameters `x` and `y` that
 * `differ` says are different. False when there is no call. */
typedef bool ArgumentCheck(const Func *caller, Value x, Value y);
bool all_calls_pass(const Func *f, uint32_t x, uint32_t y, ArgumentCheck *check);

/* Both addresses come from parameters for which every caller passes different values. */
bool other_parameter(const Func *f, const Origin *x, const Origin *y);

/* The slot that an address points into, NO_INDEX when it is not known to be one. */
uint32_t slot_of(const Func *f, const Origin *o);

/* Both access the same bytes: equal addresses and widths. */
bool same_place(const Func *f, const InstData *x, const InstData *y);

/* Whether `v` is defined by instruction `from` of the site's block or a later one. */
bool defined_from(const Site *s, Value v, uint32_t from);

#endif
