/* Registers, flags and condition codes of x86-64.
 *
 *     Reg a = reg_of(REG_rax), v = reg_virtual(7);
 *     reg_name(a, 32)                     "eax"
 *     cond_inverse(COND_l)                COND_nl
 *
 * A `Reg` is a number: 0 to 15 are the general registers, 16 to 31 the vector registers, in the
 * order of their hardware encoding; everything from 32 up is a virtual register, whose class its
 * owner knows. The two highest numbers say "none" and "this operand is memory".
 */
#ifndef JIT_X64_REG_H
#define JIT_X64_REG_H

#include "base/base.h"

enum {
#define GPR(name, b8, b16, b32, b64, saved) REG_##name,
#define XMM(name) REG_##name,
#include "jit/x64/regs.def"
    REG_COUNT,
    REG_FIRST_VIRTUAL = REG_COUNT,
};

typedef struct {
    uint32_t i;
} Reg;

#define REG_NONE ((Reg){UINT32_MAX})       /* no base, no index */
#define REG_MEMORY ((Reg){UINT32_MAX - 1}) /* the operand is the instruction's memory operand */

typedef enum { REG_GPR, REG_XMM } RegClass;

/* A set of physical registers, one bit each. */
typedef uint32_t RegSet;

#define REGS_GPR ((RegSet)0x0000ffff)
#define REGS_XMM ((RegSet)0xffff0000)

/* What a System V callee keeps: rbx, rsp, rbp, r12 to r15. */
static inline RegSet reg_callee_saved(void)
{
    return 0
#define GPR(name, b8, b16, b32, b64, saved) | (RegSet)saved << REG_##name
#define XMM(name)
#include "jit/x64/regs.def"
        ;
}

static inline Reg reg_of(uint32_t physical)
{
    return (Reg){physical};
}

static inline Reg reg_virtual(uint32_t n)
{
    return (Reg){REG_FIRST_VIRTUAL + n};
}

static inline bool reg_equal(Reg a, Reg b)
{
    return a.i == b.i;
}

static inline bool reg_is_physical(Reg r)
{
    return r.i < REG_COUNT;
}

static inline bool reg_is_virtual(Reg r)
{
    return r.i >= REG_FIRST_VIRTUAL && r.i < UINT32_MAX - 1;
}

/* The class of a physical register. */
static inline RegClass reg_class(Reg r)
{
    return r.i < REG_xmm0 ? REG_GPR : REG_XMM;
}

/* The assembler's name of a physical register at a width of 8, 16, 32, 64 bits (general) or any
 * (vector); "none" for everything else. */
const char *reg_name(Reg r, unsigned bits);

/* The arithmetic flags, bits of a set. */
enum { FLAG_O = 1, FLAG_S = 2, FLAG_Z = 4, FLAG_A = 8, FLAG_P = 16, FLAG_C = 32 };

/* FLAG_O for 'O'; 0 if there is none. */
uint8_t flag_of(char letter);

/* Condition codes, by the low four bits of their opcodes. */
typedef enum {
#define COND(name, reads, when) COND_##name,
#include "jit/x64/conds.def"
    COND_COUNT,
} Cond;

static inline Cond cond_inverse(Cond c)
{
    return (Cond)(c ^ 1);
}

/* `nle` for COND_nle. */
const char *cond_name(Cond c);

/* The flags that decide, a set of FLAG_*. */
uint8_t cond_flags(Cond c);

#endif
