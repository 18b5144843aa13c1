/* What the files of the C writer share. */
#ifndef BACKEND_CC_LOCAL_H
#define BACKEND_CC_LOCAL_H

#define _GNU_SOURCE
#include "backend/cc/writer.h"

#include <obstack.h>
#include <stdio.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

/* ---- how instructions are written: expr.def ---- */

typedef enum { FORM_refused, FORM_lanes, FORM_traps, FORM_code, FORM_special } Form;

typedef void WriteInst(Writer *w, const TallyInst *i);

typedef struct {
    const char *name;
    Form form;
    const char *(*objection)(const Writer *w, TallyType t); /* to the controlling type; or NULL */
    const char *lane, *vector; /* FORM_lanes; FORM_traps, code: the first; refused: why */
    const char *conds[2], *traps[2];
    WriteInst *write;
} Row;

/* ---- values ---- */

/* Where an address points: slot and offset; `exact`: the offset is known. */
typedef struct {
    uint32_t slot; /* TALLY_NONE: not known */
    int64_t offset;
    bool exact;
} Place;

/* What is known of a value before it is written. */
typedef struct {
    const TallyInst *def; /* NULL: a parameter */
    uint32_t block;       /* where it is defined */
    bool crosses;         /* used in another block, or set at branches */
    bool placed;          /* `place` was looked for */
    Place place;
} Fact;

typedef struct Name Name;

struct Writer {
    const TallyHost *host;
    WriterOptions options;
    const Row **rows;       /* by TallyInst.op */
    struct obstack text;    /* of the translation unit: one growing object */
    struct obstack scratch; /* of a function */
    struct obstack unit;    /* of a translation unit */
    struct obstack fixed;   /* of the writer */
    void *scratch_base, *unit_base;
    char *last;             /* the text that was ended last */
    Name *structs;          /* that have been declared */

    const TallyModule *m;
    uint32_t k; /* number of the module */
    const TallyFunc *f;
    uint32_t block;
    Fact *facts;
    uint32_t *entries; /* of each block: branches to it */
};

/* Adds to the unit's text. */
void emit(Writer *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
void emit_text(Writer *w, const char *text);

/* A statement, on a line of its own. */
void emit_inst(Writer *w, const TallyInst *i);

/* Why an instruction cannot be written, but for what its function says. */
const char *inst_refuses(const Writer *w, const TallyFunc *f, const TallyInst *i);

/* Fills facts and entries of the function. */
void facts_find(Writer *w);
Place facts_place(Writer *w, uint32_t value);

/* Which instructions a rule looks for. */
bool inst_is(const Writer *w, const TallyInst *i, const char *name);

/* ---- types: ctype.c ---- */

unsigned ctype_bytes(TallyType t);
bool ctype_is_float(TallyType t); /* lanes are float or double */

/* Types of C, as text in `out`. */
typedef struct { char at[16]; } TypeName;
TypeName ctype_name(TallyType t);                   /* u32x4 */
TypeName ctype_of(const Writer *w, uint32_t value);
TypeName ctype_lane(TallyType t);                   /* u32, f64 */
TypeName ctype_as(char letter, TallyType t);        /* lanes with another letter: s32x4 */
TypeName ctype_lane_as(char letter, unsigned bits); /* s32 */

/* The member that an array in place of a vector is, or "". */
const char *ctype_member(const Writer *w, TallyType t);

/* ---- pieces of statements ---- */

/* `u32 v9` where v9 is declared at its definition, else `v9`. */
void emit_target(Writer *w, uint32_t value);

/* `u32 v9; ` or nothing. */
void emit_declaration(Writer *w, uint32_t value);

/* A text of expr.def; `lane`: operands mean their lane k. */
void emit_pattern(Writer *w, const TallyInst *i, const char *pattern, bool lane);

/* The same for whole GNU vectors. */
void emit_vector_pattern(Writer *w, const TallyInst *i, const char *pattern);

/* Whether the pattern is about bits. */
bool pattern_has_bits(const char *pattern);

/* `trap_name` of expr.def as a number. */
unsigned trap_number(const Writer *w, const TallyInst *i, const char *name);

WriteInst write_compare, write_bitcast, write_shuffle, write_iconst, write_fconst,
    write_wide_const, write_vconst, write_load, write_store, write_extending_load,
    write_narrowing_store, write_stack_addr, write_atomic_rmw, write_atomic_cas, write_atomic_load,
    write_atomic_store, write_jump, write_brif, write_br_table, write_trap, write_return,
    write_call, write_call_indirect, write_func_addr;

/* Of a signature: the C type of what it returns, declared in the unit before the functions. */
void emit_struct(Writer *w, const TallySignature *sig);
void emit_return_type(Writer *w, const TallySignature *sig);

extern const Row rows[];

#endif
