/* What the files of the verifier share: a function in work, and how an error is said. */
#ifndef IR_VERIFY_LOCAL_H
#define IR_VERIFY_LOCAL_H

#include "ir/cfg.h"
#include "ir/verify.h"

typedef struct {
    const Module *m;
    const Func *f;
    Arena *arena; /* scratch */
    Diag *d;
    Block block;          /* in work, or BLOCK_none */
    const InstData *inst; /* in work, or NULL */
    bool sound;           /* the structure is verified, so that instructions can be written */
} Verifier;

/* `%f: block2: v9 = iadd v3, v4: TEXT`, as far as function, block and instruction are known. */
COLD void verifier_error(const Verifier *v, const char *format, ...) PRINTF_LIKE(2, 3);

/* What is spoken of: `argument 1, cell 8`. Made into text for a message only. */
typedef struct Subject {
    const char *word;
    int64_t number; /* not shown when `plain` */
    bool plain;
    const struct Subject *within;
} Subject;

const char *subject_text(const Subject *s, Arena *a);

/* As above with a block or the whole function for the place. */
#define verifier_error_block(v, b, ...) \
    verifier_error(&(Verifier){(v)->m, (v)->f, (v)->arena, (v)->d, (b), NULL}, __VA_ARGS__)
#define verifier_error_func(v, ...) verifier_error_block(v, BLOCK_none, __VA_ARGS__)

/* One instruction by its row: operands, destinations, immediates, results. False when something
 * was reported. Blocks' parameters must exist. */
bool verify_inst(const Verifier *v, const InstData *i);

/* Global values, dynamic types and slots, what is noted beside instructions. */
void verify_globals(const Verifier *v);

/* `%name` or `u0:7`. */
const char *verifier_func_name(const Func *f, Arena *a);

bool signature_equal(const Signature *a, const Signature *b);

#endif
