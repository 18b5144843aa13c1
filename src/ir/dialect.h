/* CLIF over time (dialects.def): which older words mean what, and what the reader of an older
 * version of Cranelift takes.
 *
 *     const Older *older = dialect_older(str_of("iadd_imm"));
 *     older->shape == OLDER_imm_signed, older->op == OP_iadd
 *
 *     const Dialect *d = dialect_for(str_of("0.97.1"));
 *     if (!dialect_refuses(d, m, a)) case_write(&out, c, &(WriteOptions){.dialect = d});
 */
#ifndef IR_DIALECT_H
#define IR_DIALECT_H

#include "ir/case.h"

/* What an access may say it traps with. */
typedef enum {
    ACCESS_TRAPS_NO,    /* nothing: it is heap_oob */
    ACCESS_TRAPS_NAMED, /* no userN */
    ACCESS_TRAPS_ANY,
} AccessTraps;

typedef struct {
    uint16_t from, to; /* minor versions of Cranelift */
    bool brif, tables, slot_align;
    AccessTraps traps;
    bool can_move, regions;
} Dialect;

extern const Dialect dialects[];
extern const unsigned dialects_count;

/* The newest dialect. */
const Dialect *dialect_current(void);

/* The dialect of a version of Cranelift, "0.111" or "0.111.0", or "current"; NULL when it is none
 * or older than the first. */
const Dialect *dialect_for(Str version);

/* Why the module cannot be said in that dialect: "no instruction blendv before 0.95", in `a`; NULL
 * when it can. The same for every module that lacks the same. */
const char *dialect_refuses(const Dialect *d, const Module *m, Arena *a);

/* The module in the dialect's terms: as the reader of that version has to understand it. What has
 * no spelling there becomes what has one:
 *
 *     slots are enlarged, their addresses rounded (legalise.h)
 *     an access that cannot say its trap code says none (dialect_seen_trap)
 *     `readonly` stays where `can_move` stands with it
 *     region N becomes flag N mod 4, the fourth being none: equal ones stay equal
 *     a table's blocks that take arguments get a block of their own that jumps there
 *
 * Before regions were numbered, accesses without a flag were taken to be apart from all that have
 * one. That is so where each object has one region or none (`consistent`: what discipline says);
 * else a function that has both kinds of accesses loses all its regions.
 *
 * A copy in `a`; `m` itself for the current dialect. Not for one that is refused. */
Module *dialect_legalise(const Dialect *d, Module *m, bool consistent, Arena *a);

/* The code that a run of the legalised module traps with where one of `m` traps with `code`:
 * heap_oob when accesses of `m` have that code and cannot say it there. */
TrapCode dialect_seen_trap(const Dialect *d, const Module *m, TrapCode code);

/* Whether an access can say that it traps with `code`. */
bool dialect_says_trap(const Dialect *d, TrapCode code);

/* How an instruction is spelled there. */
const char *dialect_op_name(const Dialect *d, Op op);

/* Whether its text names the type in any case. */
bool dialect_says_type(const Dialect *d, Op op);

/* A line `set WORD`, since when it exists, and whether a module needs it. */
typedef struct {
    const char *word;
    uint16_t since;
    bool (*is_needed)(const Module *m);
} Setting;

/* Whether a setting is known there; one that no table names is. */
bool dialect_has_setting(const Dialect *d, Str word);

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
    OLDER_dynamic_load,
    OLDER_dynamic_store,
    OLDER_global_value,
    OLDER_branch,
    OLDER_branch_unless,
    OLDER_renamed,
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

/* The flag that stood for a region of that number; NULL when there was none. */
const char *dialect_region_flag(uint32_t number);

/* A trap code by its current or an older name; TRAP_none when there is none. */
TrapCode dialect_trap_code(Str word);

#endif
