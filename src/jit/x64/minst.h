/* A machine instruction: a form and what stands in the places of its operands. The low-level IR
 * between lowering, register allocation and the encoder.
 *
 *     add ecx, [rdi+rsi*8+16]:
 *     MInst i = {.form = FORM_add_32,
 *                .reg = {reg_of(REG_rcx), REG_MEMORY},
 *                .mem = {.base = {REG_rdi}, .index = {REG_rsi}, .scale = 3, .disp = 16}};
 *
 * Operand k of the form stands in `reg[k]`, or is memory if that is REG_MEMORY. No form has two
 * memory operands, nor two immediates, so both have one place: `mem` and `imm`. Fixed operands
 * (the cl of a shift, rdx:rax of a division) are operands like any other: each holds a virtual
 * register until allocation and must hold the register that its form names afterwards.
 */
#ifndef JIT_X64_MINST_H
#define JIT_X64_MINST_H

#include "jit/x64/form.h"

#include <stddef.h>

typedef enum {
    MEM_BASE,  /* base + (index << scale) + disp; base, index may be REG_NONE */
    MEM_LABEL, /* label + disp, rip-relative (constants, tables); no index */
    MEM_SLOT,  /* frame slot + (index << scale) + disp; the encoder knows the frame */
} MemKind;

/* An address. As an index rsp is not allowed. */
typedef struct {
    union {
        Reg base;       /* MEM_BASE */
        uint32_t label; /* MEM_LABEL */
        uint32_t slot;  /* MEM_SLOT */
    };
    Reg index;
    int32_t disp;
    uint8_t kind;  /* MemKind */
    uint8_t scale; /* log2: 0 to 3 */
} Mem;

typedef struct {
    uint16_t form;  /* Form */
    uint8_t cond;   /* Cond, for forms with a condition; else 0 */
    uint8_t trap;   /* the owner's: what a fault here means; 0 none */
    uint32_t extra; /* the owner's: index of a side table (call sites) */
    Reg reg[FORM_OPERANDS];
    Mem mem;
    int64_t imm; /* the immediate, or a label's number */
} MInst;

/* The places in which registers stand: operands, then base and index, one behind the other. */
enum { PLACE_BASE = FORM_OPERANDS, PLACE_INDEX, MINST_REFS };
_Static_assert(offsetof(MInst, mem.base) == offsetof(MInst, reg) + PLACE_BASE * sizeof(Reg), "");
_Static_assert(offsetof(MInst, mem.index) == offsetof(MInst, reg) + PLACE_INDEX * sizeof(Reg), "");

static inline Reg *minst_place(MInst *i, unsigned place)
{
    return (Reg *)((char *)i + offsetof(MInst, reg)) + place;
}

/* One register that an instruction mentions. */
typedef struct {
    Reg *at;         /* where it stands: rewrite it in place */
    uint8_t role;    /* ROLE_*; base and index of memory are uses */
    uint8_t takes;   /* TAKES_GPR or TAKES_XMM */
    uint8_t fixed;   /* register it must be, or REG_ANY */
    uint8_t operand; /* operand number, or FORM_OPERANDS for base and index */
} RegRef;

/* The registers of `i`, in the order of the operands, base and index last; their number. */
unsigned minst_regs(MInst *i, RegRef refs[MINST_REFS]);

/* The operand that is memory, or FORM_OPERANDS if none is. */
unsigned minst_memory_operand(const MInst *i);

/* What is wrong with the instruction, or NULL: operands of the wrong kind or class, a physical
 * register that is not the fixed one, immediates that do not fit, rsp as an index; and once
 * `allocated`, virtual registers. What has no fault then, enc_inst encodes. */
const char *minst_fault(const MInst *i, bool allocated);

/* The instruction in the manual's syntax, for listings: `add ecx, [rdi+rsi*8+0x10]`; virtual
 * registers are v0, v1, ..., labels L0, L1, ... */
void minst_print(const MInst *i, Buf *out);

#endif
