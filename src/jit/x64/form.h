/* Machine forms: everything the JIT knows about an x86-64 instruction is its row in insns.def.
 *
 *     FORM_add_32                              add r32, r/m32
 *     form_sized(FORM_add, 32)                 the same, for a width known at run time
 *     form_info[FORM_add_32].operand[1]        used; a general register or memory; 4 bytes
 *     form_takes_memory(FORM_add_32, 1)        true: a 4-byte load may be folded into operand 1
 *     form_info[FORM_paddd].operand[1].align   16: ... if it is aligned so (legacy SSE)
 *     form_info[FORM_paddd].vex                FORM_vpaddd, the sibling with another prefix
 *
 * A register and a memory operand in the same place are one form: `rm` and `xm` operands take
 * either, and folding a load means replacing the operand. Where roles or widths differ between the
 * two, there are two rows.
 *
 * insns.def is read once, by form_init, into two tables: `form_info` (roles, kinds, widths: for
 * lowering, register allocation, listings and tests) and `form_code` (bytes: for the encoder).
 */
#ifndef JIT_X64_FORM_H
#define JIT_X64_FORM_H

#include "jit/x64/features.h"
#include "jit/x64/reg.h"

/* One number a form. A SIZED row has four, for 8, 16, 32 and 64 bits, of which those below the
 * row's least width are not forms (their info has no mnemonic). */
typedef enum {
#define FORM(name, ...) FORM_##name,
#define SIZED(name, ...) \
    FORM_##name, FORM_##name##_8 = FORM_##name, FORM_##name##_16, FORM_##name##_32, \
    FORM_##name##_64,
#include "jit/x64/insns.def"
    FORM_COUNT,
    FORM_NONE = FORM_COUNT,
} Form;

/* The form of a SIZED row for 8, 16, 32 or 64 bits. */
static inline Form form_sized(Form row, unsigned bits)
{
    return (Form)(row + (unsigned)__builtin_ctz(bits >> 3));
}

/* Roles: what the instruction does with an operand. Memory's address is always used. A definition
 * of a 32-bit general register clears its upper half; of 8 or 16 bits keeps the rest; of a vector
 * register narrower than 128 bits says nothing of the bits above. */
enum { ROLE_USE = 1, ROLE_DEF = 2, ROLE_USE_DEF = 3 };

/* Kinds: what may stand in an operand's place. */
enum {
    TAKES_GPR = 1,    /* a general register */
    TAKES_XMM = 2,    /* a vector register */
    TAKES_MEMORY = 4, /* memory */
    TAKES_IMM = 8,    /* MInst.imm, sign-extended from its width by the CPU */
    TAKES_UIMM = 16,  /* MInst.imm, an unsigned number: a count, a control byte */
    TAKES_LABEL = 32, /* MInst.imm is a label's number */
};

enum { FORM_OPERANDS = 4, FORM_NO_OPERAND = FORM_OPERANDS - 1, REG_ANY = 0xff };

typedef struct {
    uint8_t role;         /* ROLE_*; immediates and labels are uses */
    uint8_t takes;        /* TAKES_* */
    uint8_t fixed;        /* the only register it takes, REG_rcx say; or REG_ANY */
    uint8_t bytes;        /* width as a register or immediate; 0 when it is memory only */
    uint8_t memory_bytes; /* bytes accessed when it is memory; 0: no access (lea) or no memory */
    uint8_t align;        /* alignment that a memory operand must have, in bytes, else a fault */
} FormOperand;

typedef struct {
    const char *name;     /* the row's */
    const char *mnemonic; /* the manual's, without the condition; NULL: this is not a form */
    const char *operands; /* the row's text */
    const char *bytes;    /* the row's text */
    FormOperand operand[FORM_OPERANDS];
    uint8_t operands_n;
    uint8_t bits;            /* 8 to 64 in a SIZED row, else 0 */
    uint8_t feature;         /* the Feature without which it must not be executed */
    uint8_t flags_read;      /* without those of the condition */
    uint8_t flags_written;   /* with a meaning */
    uint8_t flags_undefined; /* left undefined */
    bool has_cond;           /* MInst.cond matters, and its flags are read */
    uint16_t vex;            /* the VEX form with the same name after a `v`, or FORM_NONE */
} FormInfo;

/* How a form is encoded; `*` marks what is an operand's number, or FORM_NO_OPERAND: a number that
 * the form has no register operand of, in whose place MInst.reg holds 0. */
typedef struct {
    uint32_t opcode;    /* escape bytes and opcode, first byte lowest */
    uint16_t prefix;    /* legacy prefixes, first byte lowest */
    uint8_t opcode_n;   /* bytes in `opcode` */
    uint8_t prefix_n;   /* bytes in `prefix` */
    uint8_t shape;      /* CODE_* */
    uint8_t rex;        /* REX.W as 0x48; with VEX as 0x80 */
    uint8_t digit;      /* ModRM.reg in place (<< 3), where no operand is */
    uint8_t cond_shift; /* of the byte in `opcode` that the condition or a register is added to */
    uint8_t low_mask;   /* 7: the low bits of `rm` are added there (CODE_OPREG); else 0 */
    uint8_t modrm_mask; /* 7 when there is ModRM, else 0 */
    uint8_t imm_n;      /* bytes of the immediate or label */
    uint8_t vex_map;    /* mmmmm */
    uint8_t vex_lpp;    /* pp; L is 0 so far */
    uint8_t reg, rm;    /* * in ModRM; `rm` also in the opcode (CODE_OPREG) */
    uint8_t vvvv;       /* * in VEX */
    uint8_t is4_mask;   /* 15: the last operand of four stands in the immediate; else 0 */
    uint8_t byte_registers; /* 1: `reg` is an 8-bit general register; 2: `rm` is, unless memory */
    bool has_digit;
    bool label;         /* the immediate is relative to a label; or CODE_LOOP, which has one */
} FormCode;

/* CODE_LOOP: no instruction but several (emit_loop.h); the encoder does not know it. */
typedef enum { CODE_PLAIN, CODE_OPREG, CODE_MODRM, CODE_VEX, CODE_LOOP } CodeShape;

extern FormInfo form_info[FORM_COUNT];
extern FormCode form_code[FORM_COUNT];

/* The same in short, for walks over all code: two bits for each operand, the first one lowest, with
 * ROLE_* of what may be a register or memory, 0 for immediates and labels; ROLES_COPY, ROLES_CALL,
 * ROLES_SAME; and two numbers. */
enum {
    ROLES_BITS = 2,
    ROLES_SAME = 1 << 12, /* with one register everywhere, gives the same bits whatever it holds */
    ROLES_COPY = 1 << 13, /* moves one whole register to another, when none is memory */
    ROLES_CALL = 1 << 14,
    ROLES_MEMORY_SHIFT = 16,
    ROLES_COUNT_SHIFT = 18,
};
extern uint32_t form_roles[FORM_COUNT];

/* The number of the operand that may be memory; 0 also when none may. */
static inline unsigned roles_memory(unsigned roles) { return roles >> ROLES_MEMORY_SHIFT & 3; }

/* How many operands are not immediates or labels: they come first. */
static inline unsigned roles_count(unsigned roles) { return roles >> ROLES_COUNT_SHIFT; }

/* Reads insns.def into the tables. To be called before anything else of src/jit/x64; any number of
 * times, from any thread. A row that does not follow the notation fails a CHECK that names it. */
void form_init(void);

/* Whether operand `k` may be memory: the question of load fusion and of spilled operands. */
static inline bool form_takes_memory(Form f, unsigned k)
{
    return (form_info[f].operand[k].takes & TAKES_MEMORY) != 0;
}

#endif
