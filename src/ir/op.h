/* Instructions, formats, conditions, trap codes: the tables ops.def, formats.def and so on as C.
 *
 *     const OpInfo *o = &op_info[OP_iadd];
 *     o->format == FORMAT_binary, o->effects & EFFECT_P, o->operands is "TT", o->results is "T"
 */
#ifndef IR_OP_H
#define IR_OP_H

#include "ir/type.h"

typedef enum {
#define OP(name, format, types, rule, effects, meaning) OP_##name,
#include "ir/ops.def"
    OP_COUNT
} Op;

typedef enum {
#define FORMAT(name, operands) FORMAT_##name,
#include "ir/formats.def"
    FORMAT_COUNT
} Format;

typedef enum {
    EFFECT_P = 1 << 0, /* pure: the result depends on the operands alone */
    EFFECT_C = 1 << 1, /* the first two operands may be exchanged */
    EFFECT_L = 1 << 2, /* may read memory */
    EFFECT_S = 1 << 3, /* may write memory */
    EFFECT_X = 1 << 4, /* may trap */
    EFFECT_E = 1 << 5, /* has another effect, or depends on more than operands and memory */
    EFFECT_K = 1 << 6, /* calls */
    EFFECT_B = 1 << 7, /* branches within the function */
    EFFECT_R = 1 << 8, /* leaves the function */
    EFFECT_T = 1 << 9, /* ends a block */
} Effect;

typedef struct {
    const char *name;
    Format format;
    TypeSet types;
    uint16_t effects;   /* of Effect */
    char operands[8];   /* the rule's letters before `>` */
    char results[4];    /* and behind it */
    int8_t type_operand; /* the value operand that gives the controlling type, or -1 */
    bool has_type;      /* has a controlling type at all */
    bool needs_suffix;  /* the text must say it: `.i32` */
    bool indirect;      /* calls the first operand */
    bool tries;         /* has an exception table (ir/func.h) */
    uint8_t only_type;  /* the one Type there is, which the text never says; else TY_none */
    uint8_t access_bytes; /* of one lane in memory when it is narrower than the type's; else 0 */
    TypeMask suffix;      /* the types that the text may say; with addresses of 32 bits, which the
                             verifier refuses */
    const char *meaning;
} OpInfo;

extern OpInfo op_info[OP_COUNT]; /* constant once main has begun */
extern const char *const format_operands[FORMAT_COUNT];

/* OP_COUNT when there is no such instruction. */
Op op_from_name(Str name);

static inline const char *op_name(Op op) { return op_info[op].name; }
static inline bool op_has(Op op, unsigned effects) { return op_info[op].effects & effects; }

/* Whether `type` may stand for rule letter `letter` when the controlling type is `control`. */
bool rule_accepts(char letter, Type control, Type type);

/* The one type that a result letter stands for; TY_none when it does not exist, and for `*`. */
Type rule_result(char letter, Type control);

/* Bytes that a load or store of `op` with controlling type `type` touches (0 for others). */
static inline unsigned op_access_bytes(Op op, Type type)
{
    const OpInfo *o = &op_info[op];
    if (!(o->effects & (EFFECT_L | EFFECT_S)) || (o->effects & EFFECT_K)) return 0;
    return o->access_bytes ? o->access_bytes * type_lanes(type) : type_bytes(type);
}

typedef enum {
#define INTCC(name, inverse, swap) INTCC_##name,
#define FLOATCC(name, inverse, swap)
#include "ir/conds.def"
    INTCC_COUNT
} IntCC;

typedef enum {
#define INTCC(name, inverse, swap)
#define FLOATCC(name, inverse, swap) FLOATCC_##name,
#include "ir/conds.def"
    FLOATCC_COUNT
} FloatCC;

typedef struct {
    const char *name;
    uint8_t inverse, swap;
} CondInfo;

extern const CondInfo intcc_info[INTCC_COUNT];
extern const CondInfo floatcc_info[FLOATCC_COUNT];

/* 1 to 250 are `user1` to `user250`; 0 is no trap. */
typedef uint8_t TrapCode;
enum {
    TRAP_none = 0,
    TRAP_user_last = 250,
#define TRAP(name, number, older) TRAP_##name = number,
#include "ir/traps.def"
};

/* Writes at most 8 bytes and a NUL; returns `text`. */
const char *trap_name(TrapCode code, char text[static 12]);
/* How often runs trapped, for printing: `user` for all of userN together, then the other codes;
 * only those that came. Returns how many. */
typedef struct {
    const char *name; /* static */
    uint64_t n;
} TrapSum;
enum { TRAP_SUMS_MAX = 256 - TRAP_user_last };
uint32_t trap_sums(const uint64_t by_code[static 256], TrapSum out[static TRAP_SUMS_MAX]);

/* TRAP_none when the name is none. */
TrapCode trap_from_name(Str name);

typedef enum {
#define ATOMIC(name) ATOMIC_##name,
#include "ir/atomics.def"
    ATOMIC_COUNT
} AtomicOp;
extern const char *const atomic_names[ATOMIC_COUNT];

typedef enum {
#define CALLCONV(name, catches, payload) CALLCONV_##name,
#include "ir/callconvs.def"
    CALLCONV_COUNT
} CallConv;
extern const char *const callconv_names[CALLCONV_COUNT];

typedef struct {
    bool catches;
    uint8_t payload;
} CallConvInfo;

extern const CallConvInfo callconv_info[CALLCONV_COUNT];

enum {
#define MEMFLAG(name, meaning) MEMFLAG_BIT_##name,
#include "ir/memflags.def"
    MEMFLAG_COUNT
};
enum {
#define MEMFLAG(name, meaning) MEMFLAG_##name = 1 << MEMFLAG_BIT_##name,
#include "ir/memflags.def"
};
extern const char *const memflag_names[MEMFLAG_COUNT];

#endif
