/* What can be generated, from ops.def: for each type the instructions that give it, expanded by
 * weight, so that choosing is one look-up.
 *
 *     Producer p = choose_producer(&c, TY_i32, types, off);      some op with its controlling type
 *     Type t = choose_operand(&c, op_info[p.op].operands[k], p.type, op_types(p.op, types, off));
 *
 * `types` is the set (bit mask over Type) of types that are switched on, `off` the families that
 * are switched off.
 */
#ifndef GEN_TABLE_H
#define GEN_TABLE_H

#include "gen/bytes.h"

enum {
#define KIND(type, weight, places, family) KIND_##type,
#include "gen/kinds.def"
    KIND_COUNT,
    KIND_none = -1,
    PLACES_MAX = 6,
};

extern const Type kind_type[KIND_COUNT];
extern const uint8_t kind_places[KIND_COUNT]; /* for values in scope, at most PLACES_MAX */
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
    uint64_t rare;     /* that it has where the family `odd` is on */
    uint64_t soft;     /* that it has where the family `soft` is on */
    uint8_t nan;       /* NanResult */
    bool nan_fixed;    /* float operands must not be NaNs of open bits */
    uint8_t guard;     /* Guard */
    bool known;        /* can be generated */
} OpPlan;
extern OpPlan op_plan[OP_COUNT];

/* The types that are generated where the families `off` (of OFF_…) are switched off. */
uint64_t kinds_on(uint32_t off);
/* The scalar integers among generated types. */
uint64_t kinds_of_integers(void);
/* How many values of these types can stand in scope; those of 128-bit lanes count twice. */
uint32_t kinds_sinks(uint64_t types);
/* Those of `types` that `op` may touch: as controlling type, operand or result. */
uint64_t op_types(Op op, uint64_t types, uint32_t off);

/* Whether `op` can be made with that controlling type from `types` alone; whether an operand of
 * that letter may have type `t` then. */
bool table_has_producer(Op op, Type control, uint64_t types);
bool table_accepts(char letter, Type control, Type t);

Type choose_type(Choice *c, uint64_t types);
/* OP_COUNT in `op` when nothing among `types` gives it. */
Producer choose_producer(Choice *c, Type result, uint64_t types, uint32_t off);
/* TY_none when there is none. */
Type choose_operand(Choice *c, char letter, Type control, uint64_t types);
/* A load or store whose controlling type is `t`. */
Op choose_load(Choice *c, Type t);
Op choose_store(Choice *c, Type t);
/* The plain one no more often than others. */
Op choose_access(Choice *c, Type t, bool store);

#endif
