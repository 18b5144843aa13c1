/* CLIF's spellings over time (dialects.def): which can be written, and which older words mean what.
 *
 *     const Older *older = dialect_older(str_of("iadd_imm"));
 *     older->shape == OLDER_imm_signed, older->op == OP_iadd
 */
#ifndef IR_DIALECT_H
#define IR_DIALECT_H

#include "ir/case.h"

typedef struct {
    const char *name;
    uint16_t from, to; /* minor versions of Cranelift */
    bool regions;      /* declared as `regionN`; else heap, table, vmctx */
    bool slot_align;
} Dialect;

typedef enum {
#define DIALECT(name, from, to, regions, slot_align) DIALECT_##name,
#include "ir/dialects.def"
    DIALECT_COUNT
} DialectId;

extern const Dialect dialects[DIALECT_COUNT];

/* A line `set WORD`, and whether a module needs it. */
typedef struct {
    const char *word;
    bool (*is_needed)(const Module *m);
} Setting;

extern const Setting dialect_settings[];
extern const unsigned dialect_settings_count;

/* What follows an older word, and what it becomes. */
typedef enum {
    OLDER_imm_signed,
    OLDER_imm_unsigned,
    OLDER_imm_reversed,
    OLDER_icmp_imm,
    OLDER_complement,
    OLDER_stack_load,
    OLDER_stack_store,
    OLDER_branch,
    OLDER_branch_unless,
    OLDER_SHAPE_COUNT
} OlderShape;

typedef struct {
    const char *word;
    uint16_t until; /* the last version that had it */
    OlderShape shape;
    Op op;
} Older;

typedef struct {
    const char *word;
    uint32_t number;
} OlderRegion;

/* NULL when there is no such word. */
const Older *dialect_older(Str word);
const OlderRegion *dialect_older_region(Str word);

/* A trap code by its current or an older name; TRAP_none when there is none. */
TrapCode dialect_trap_code(Str word);

#endif
