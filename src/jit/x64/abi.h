/* Where arguments and results of a signature travel.
 *
 * The System V AMD64 ABI, 3.2.3: integers in rdi, rsi, rdx, rcx, r8, r9, floats and vectors in xmm0
 * to xmm7, the rest on the stack in 8 bytes each (16 and so aligned for vectors). The halves of an
 * i128 (jit/split.h) have two registers or 16 bytes of the stack, so aligned. Upper bits of narrow
 * integers mean nothing. Results: integers in rax, rdx, floats and vectors in xmm0, xmm1.
 * Beyond the ABI, which has no functions with more results than that: those that find no register
 * stand in an area of the caller's, 16 bytes each, whose address is a hidden first argument.
 * A structure (sarg) is copied onto the stack, at a multiple of 8; what the callee has is its
 * address there. An argument `sret` comes back in rax as if it were the first result.
 *
 * In the convention `tail` the callee removes the stack arguments when it returns, so that it may
 * hand its frame to a function that has more or fewer of them.
 */
#ifndef JIT_X64_ABI_H
#define JIT_X64_ABI_H

#include "ir/func.h"
#include "jit/x64/reg.h"

typedef struct {
    Reg reg;         /* REG_NONE: in memory */
    uint32_t offset; /* in the stack arguments, or in the result area */
} AbiPlace;

typedef struct {
    AbiPlace *params, *returns;
    uint32_t stack_bytes; /* of stack arguments, a multiple of 16 */
    uint32_t area_bytes;  /* of the result area; 0: there is none, and no hidden argument */
    bool pops;            /* the callee removes the stack arguments */
    uint32_t sret;        /* the parameter that comes back; NO_INDEX: none, or as a result */
    RegSet param_regs, return_regs; /* param_regs contain the hidden argument's */
} Abi;

void abi_compute(const Signature *sig, Arena *a, Abi *abi);

/* NULL when calls of this signature can be made; else why not. */
const char *abi_refusal(const Signature *sig);

bool abi_has_structures(const Signature *sig);

/* Where a parameter `sret` comes back. */
#define ABI_SRET_REG (reg_of(REG_rax))

/* The register of the hidden argument. */
#define ABI_AREA_REG (reg_of(REG_rdi))

/* The pinned register. In a module that mentions it no function uses it otherwise, saves or
 * restores it; the entry from outside saves it and sets it to 0. */
#define ABI_PINNED_REG (reg_of(REG_r15))

/* What a call may change. */
RegSet abi_clobbers(void);

/* Where value `k` of an exception arrives. All other registers are lost then. */
Reg abi_payload(uint32_t k);

#endif
