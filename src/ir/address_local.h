/* What the files of the address derivation share. */
#ifndef IR_ADDRESS_LOCAL_H
#define IR_ADDRESS_LOCAL_H

#include "ir/address.h"

/* The base of what a slot's cell holds behind a call: by the contract of callee `ref`, or the
 * choice between several (NO_INDEX). */
typedef struct {
    const InstData *call;
    uint32_t cell, ref, base;
} CallCell;

/* A derivation in work. Facts and bases only become weaker, so repeating ends. `choices` are bases
 * that a value, or a cell on entry to a block, has of its own; NO_INDEX while it has none. */
typedef struct Derivation {
    Addresses *x;
    uint32_t *choices;      /* by value */
    uint32_t ncells;        /* tracked in this round; new ones are for the next */
    uint32_t *cell_choices; /* [block * ncells + cell] */
    CellState *in, *out;    /* on entry to each block and behind it, as above */
    bool *done;             /* by block: `out` is there */
    bool changed;           /* a fact, since this was cleared */
    bool weakened;          /* a base of an earlier pass, by this one */
    uint32_t passes;        /* of this round */
    uint32_t rounds;
    VEC(CallCell) calls;
} Derivation;

/* ---- facts (address_facts.c) -------------------------------------------------------------- */

static inline Fact fact_number(Number n) { return (Fact){.kind = FACT_number, .n = n}; }
static inline Fact fact_mixed(void) { return (Fact){.kind = FACT_mixed, .n = number_any(64)}; }

/* Scalar integers of up to 64 bits; facts about others say nothing. */
static inline bool fact_is_followed(Type t) { return type_is_int(t) && type_bits(t) <= 64; }

/* Nothing but that it is a number. */
const Fact *fact_any(Type t);

/* What `old` becomes when it is found to be `now`: no less than it was, and on a loop's entry with
 * bounds that do not creep. */
Fact fact_update(const Fact *old, Fact now, bool in_loop_header);

/* One of two, for a value or cell that has `*choice` for a base of its own when it needs one. */
Fact fact_choose(Derivation *d, uint32_t *choice, Fact a, Fact b);

/* `p` rounded down to a multiple of 2^k. */
Fact fact_round(Derivation *d, uint32_t *choice, Fact p, unsigned k);

/* An address of which a contract says everything. */
Fact fact_by_contract(Derivation *d, uint32_t *base, const Contract *c, BaseKind kind,
                      uint32_t index);

static inline bool fact_equal(const Fact *a, const Fact *b)
{
    return a->kind == b->kind && a->base == b->base && number_equal(&a->n, &b->n);
}

/* Bases of slots and parameters. */
void bases_begin(Derivation *d);

/* ---- instructions (address_rules.c) ------------------------------------------------------- */

/* What is known of the first result of `i`; of the others nothing is. `r` is no operand's. */
void inst_fact(Derivation *d, const InstData *i, Fact *r);

/* What constants are added to. */
Value value_without_constants(const Func *f, Value v);

/* ---- memory (address_cells.c) ------------------------------------------------------------- */

/* What a load gives. */
Fact cell_load(Derivation *d, const InstData *i);

/* What a store or call does to cells. */
void cell_store(Derivation *d, const InstData *i);
void cell_call(Derivation *d, const InstData *i);

/* Sets x->now to what holds on entry to a block; keeps what holds behind it. */
void cells_enter(Derivation *d, Block b);
void cells_leave(Derivation *d, Block b);

#endif
