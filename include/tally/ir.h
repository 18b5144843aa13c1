/* A module of CLIF as a back end walks it: read-only arrays, made by tally, plain C.
 *
 *     for (uint32_t k = 0; k < m->nfuncs; k++)
 *         for (uint32_t b = 0; b < m->funcs[k].nblocks; b++) {
 *             const TallyBlock *block = &m->funcs[k].blocks[b];     the entry block is blocks[0]
 *             for (uint32_t i = 0; i < block->ninsts; i++) emit(&block->insts[i]);
 *         }
 *
 * Values, blocks, slots, signatures and references are numbers: indices into the arrays of their
 * function. Everything lives as long as the case that it belongs to (tally/backend.h). The language
 * is CLIF as the pinned version of Cranelift reads it, after verification, with slot alignments
 * that the back end honours.
 */
#ifndef TALLY_IR_H
#define TALLY_IR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TALLY_NONE UINT32_MAX

/* i8 to i128 and f16 to f128 have one lane; i32x4 is {32, 4, false}. No type: lane_bits 0. */
typedef struct {
    uint8_t lane_bits; /* 8 to 128 */
    uint8_t lanes;
    bool is_float;
} TallyType;

/* An instruction of the language. `format` and `operands` are the same for all that look alike;
 * letters of `operands` stand for: v a value, * the remaining values, i u h f d an immediate, k a
 * constant, s a shuffle mask, c x a condition, t a trap code, r an atomic operation, m flags, o an
 * offset, b a destination, j a table of them, F S l an entity. */
typedef struct {
    const char *name;     /* "iadd" */
    const char *format;   /* "binary" */
    const char *operands; /* "v, v" */
} TallyOp;

/* Flags of a memory access. */
enum {
    TALLY_NOTRAP = 1,   /* never traps */
    TALLY_ALIGNED = 2,  /* the address is a multiple of the access's size */
    TALLY_READONLY = 4, /* the bytes are not written from entry to exit of the activation */
    TALLY_CAN_MOVE = 8, /* may move to where its operands are available */
    TALLY_BIG = 16,
    TALLY_LITTLE = 32,
};

/* Where control may go; `block` is an index into TallyFunc.blocks. */
typedef struct {
    uint32_t block, nargs;
    const uint32_t *args;
} TallyDest;

typedef struct {
    uint32_t op;             /* index into TallyHost.ops */
    TallyType type;          /* the controlling type: of `iadd.i32` i32, of a load what is loaded
                                into, of a store what is stored */
    uint32_t nargs;
    const uint32_t *args;    /* values, in the order of the text */
    uint32_t nresults;
    uint32_t result;         /* the first; others follow it; TALLY_NONE for none */
    const char *cond;        /* "ult", "uno"; "add", "xchg" of atomics; else NULL */
    int64_t imm;             /* integer (sign-extended), bits of a float, offset, or lane */
    const uint8_t *bytes;    /* constant or shuffle mask, in memory order; else NULL */
    uint32_t nbytes;
    uint32_t ndests;
    const TallyDest *dests;  /* jump 1; brif then, else; br_table default, entries */
    uint32_t entity;         /* slot, reference (call, func_addr) or signature (call_indirect) */
    uint8_t flags;           /* TALLY_NOTRAP … */
    uint8_t region;          /* alias region's number plus 1; 0 is none */
    uint8_t trap;            /* the trap's code; of an access that may trap, the code it has then */
} TallyInst;

typedef struct {
    uint32_t nparams;
    const uint32_t *params; /* values */
    uint32_t ninsts;
    const TallyInst *insts; /* the last is the terminator */
    bool cold;
} TallyBlock;

typedef enum { TALLY_EXTEND_NONE, TALLY_EXTEND_UNSIGNED, TALLY_EXTEND_SIGNED } TallyExtend;
typedef enum { TALLY_NORMAL, TALLY_SRET, TALLY_SARG, TALLY_VMCTX } TallyPurpose;

typedef struct {
    TallyType type;
    TallyExtend extend;   /* what the caller (of a result: the callee) owes the upper bits */
    TallyPurpose purpose;
} TallyParam;

typedef struct {
    const char *conv; /* "system_v" */
    uint32_t nparams, nreturns;
    const TallyParam *params, *returns;
} TallySignature;

typedef struct {
    uint64_t bytes;
    uint32_t align; /* a power of two, at most the back end's max_slot_align */
} TallySlot;

/* A function that is called or whose address is taken. */
typedef struct {
    uint32_t func; /* index into TallyModule.funcs; TALLY_NONE: outside, by its name */
    uint32_t sig;  /* index into TallyFunc.sigs */
    const char *name;
} TallyRef;

typedef struct {
    const char *name; /* "%f" or "u0:7" */
    TallySignature sig;
    uint32_t nslots, nsigs, nrefs, nblocks, nvalues;
    const TallySlot *slots;
    const TallySignature *sigs;
    const TallyRef *refs;
    const TallyBlock *blocks;
    const TallyType *values; /* the type of each */
} TallyFunc;

typedef struct {
    uint32_t nfuncs;
    const TallyFunc *funcs;
} TallyModule;

#endif
