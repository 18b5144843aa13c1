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

/* Who is told of each change, NULL for nobody: the CLIF instruction that the plant was asked about
 * when it made it, or whose machine code that was, NO_INDEX for none. Of a reload, what reads it;
 * of reloads and spills also the definitions of the values in the slot, before the change and
 * after it, and what reads them. Numbers are those of the module that the stage shows. */
typedef void SiteChanged(void *data, uint32_t func, Inst inst);
extern SiteChanged *site_changed;
extern void *site_changed_data;

/* -- IR -- */

InstData *site_inst(const Site *s, uint32_t at);

/* Takes instruction `at` out of its block. */
void site_remove(const Site *s, uint32_t at);

/* Moves instruction `from` to where instruction `to` is; those between make room. */
void site_move(const Site *s, uint32_t from, uint32_t to);

/* Moves the site's instruction in front of the last one of another block. */
void site_move_out(const Site *s, Block to);

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

/* What an address is computed from, by following additions. Constants are those of the additions
 * and of stack_addr. */
typedef struct {
    Value root;
    uint32_t param; /* the parameter of the function that the root is, NO_INDEX for none */
    uint32_t slot;  /* that the root points into, NO_INDEX for none */
    int64_t offset; /* the constants on the way, without the access's own */
    bool exact;     /* nothing but constants was added */
} Origin;

Origin origin_of(const Func *f, Value address);

bool same_root(const Origin *x, const Origin *y);

/* Whether all calls of `f` in its module are known and pass values for parameters `x` and `y` that
 * `check` is true of. False when there is no call. */
typedef bool ArgumentCheck(const Func *caller, Value x, Value y);
bool all_calls_pass(const Func *f, uint32_t x, uint32_t y, ArgumentCheck *check);

/* The same of the first call there is. */
bool first_call_passes(const Func *f, uint32_t x, uint32_t y, ArgumentCheck *check);

/* The address comes from a parameter of a function that others call. */
bool is_passed(const Func *f, const Origin *o);

/* Both addresses come from parameters for which every caller passes different values: which does
 * not say that they are apart. */
bool other_parameter(const Func *f, const Origin *x, const Origin *y);

/* Both access the same bytes: equal addresses and widths. */
bool same_place(const Func *f, const InstData *x, const InstData *y);

/* No byte in common, provably: different slots, or different offsets from one address. */
bool surely_apart(const Func *f, const InstData *x, const InstData *y);

/* Whether `v` is defined by instruction `from` of the site's block or a later one. */
bool defined_from(const Site *s, Value v, uint32_t from);

#endif
