/* Lowering rules: rows of rules.def as a table that is asked by instruction and type.
 *
 * A row either gives steps, machine forms with operands that are named below, or a C function. For
 * an instruction, its rows are tried from the first to the last; the first whose feature is there
 * and whose condition holds is taken. A function may decline, then the next row is tried.
 */
#ifndef JIT_X64_RULE_H
#define JIT_X64_RULE_H

#include "jit/x64/lower_local.h"

/* Reads rules.def. Once before anything is lowered; again is harmless. */
void rule_init(void);

/* Writes the root's instructions into the group. A rule must exist. */
void rule_apply(Lower *l);

/* Whether an instruction is executed though nobody needs its results. */
enum { ROOT_NEVER = 0, ROOT_UNLESS_NOTRAP = 1, ROOT_ALWAYS = 2 };

/* For a set of features, what lowering asks about an instruction with a type. */
typedef struct {
    uint16_t row;        /* the first that may apply; RULE_NONE: it cannot be lowered */
    uint8_t root;        /* ROOT_* */
    bool refusable;      /* may be refused for what it calls or converts */
} RuleEntry;

typedef struct RuleTable {
    FeatureSet features;
    bool filled;
    RuleEntry of[OP_COUNT][TYPE_COUNT];
    VReg vreg[TYPE_COUNT];      /* for a value of the type */
    uint16_t best[FORM_COUNT];  /* Lower.best */
} RuleTable;

enum { RULE_NONE = 0xffff };

/* Letters of formats.def for what may not be there: a function, a symbol. */
#define NAMED_ENTITIES "Fg"

/* Makes the table one for `features`; costs nothing when it is already. */
void rule_table_fill(RuleTable *t, FeatureSet features);

/* Whether any row could apply. */
bool rule_exists(Op op, Type type, FeatureSet features);

/* The row that is tried first for them, as it is written; NULL when there is none. */
const char *rule_row_text(Op op, Type type, FeatureSet features);

/* Operands of a step. X, Y, Z are the root's operands in registers; MX, MY, MZ may also be memory,
 * when the operand is a load that can be taken in; D is the result, D2 the second one; A to G are
 * temporaries; a register's name is that register. What follows is not a register: N the constant
 * that operand y is (modulo its width for shifts), ARG the instruction's own immediate, IMM(n) a
 * number, K(name) an entry of constants.def in memory. */
typedef enum {
    O_none,
    O_X, O_Y, O_Z, O_MX, O_MY, O_MZ,
    O_D, O_D2,
    O_A, O_B, O_C, O_E, O_F, O_G,
    O_RAX, O_RCX, O_RDX,
    O_N, O_ARG,
    O_CONST = 64,
    O_IMM = 1 << 20, /* plus or minus up to 2^19 */
} StepOperand;

typedef enum {
#define CONSTANT(name, low, high) CONST_##name,
#include "jit/x64/constants.def"
    CONST_COUNT
} ConstantName;

/* When a row applies. */
typedef enum {
    ALWAYS,
    Y_I8,    /* operand y is a constant that fits in 8 bits, sign-extended */
    Y_I32,   /* ... in 32 bits */
    Y_CONST, /* operand y is a constant */
} When;

typedef bool RuleFunction(Lower *l);

/* Functions of isel_*.c that rows name. */
#define LOWER(...)
#define LOWER_BY(op, types, feature, function) RuleFunction function;
#include "jit/x64/rules.def"

#endif
