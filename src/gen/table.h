/* What can be generated, from ops.def: for each type the instructions that give it, expanded by
 * weight, so that choosing is one look-up.
 *
 *     Producer p = choose_producer(&c, TY_i32, types);      some op with its controlling type
 *     Type t = choose_operand(&c, op_info[p.op].operands[k], p.type, types);
 *
 * `types` is the set (bit mask over Type) of types that are switched on.
 */
#ifndef GEN_TABLE_H
#define GEN_TABLE_H

#include "gen/bytes.h"

enum {
#define KIND(type, weight) KIND_##type,
#include "gen/kinds.def"
    KIND_COUNT,
    KIND_none = -1
};

extern const Type kind_type[KIND_COUNT];
extern int8_t kind_of[TYPE_COUNT]; /* KIND_none for types that are not generated */

typedef struct {
    uint8_t op, type;
} Producer;

typedef enum { NAN_makes, NAN_carries, NAN_never } NanResult;
typedef enum {
    GUARD_none,
    GUARD_nonzero,
    GUARD_positive,
    GUARD_halved,
    GUARD_small_u,
    GUARD_small_s,
} Guard;

typedef struct {
    uint64_t excluded; /* controlling types for which it is not generated */
    uint64_t rare;     /* for which it is chosen seldom */
    uint8_t nan;       /* NanResult */
    bool nan_fixed;    /* float operands must not be NaNs of open bits */
    uint8_t guard;     /* Guard */
    bool known;        /* can be generated */
} OpPlan;
extern OpPlan op_plan[OP_COUNT];

/* The sets of scalar integers, of floats and of vectors among generated types. */
uint64_t kinds_mask(bool floats, bool vectors);

/* Whether `op` is generated with that controlling type; whether an operand of that letter may have
 * type `t` then. */
bool table_has_producer(Op op, Type control);
bool table_accepts(char letter, Type control, Type t);

Type choose_type(Choice *c, uint64_t types);
/* OP_COUNT in `op` when nothing among `types` gives it. */
Producer choose_producer(Choice *c, Type result, uint64_t types);
/* TY_none when there is none. */
Type choose_operand(Choice *c, char letter, Type control, uint64_t types);
/* A load or store whose controlling type is `t`. */
Op choose_load(Choice *c, Type t);
Op choose_store(Choice *c, Type t);

#endif
