/* A module of CLIF as C, with exactly CLIF's meaning and without undefined behaviour.
 *
 *     Writer *w = writer_create(host, &options);
 *     writer_begin(w);                           the prelude
 *     why = writer_add(w, module, k, entered)    NULL, or why it cannot: then nothing was added
 *     const char *text = writer_end(w, &n);      a translation unit with several modules
 *     writer_destroy(w);
 *
 * Functions are static; those that are entered have a wrapper, see ENTRY_NAME. The translation
 * unit has one more name that is seen from outside, the variable of LINK_NAME: a Link, which
 * whoever loads the code fills in before anything is entered.
 *
 * Values of type i64 are u64, addresses too. An access is made through a pointer that a slot's name
 * gives where the address is known to be that slot's; else through one made of the integer.
 */
#ifndef BACKEND_CC_WRITER_H
#define BACKEND_CC_WRITER_H

#include "tally/backend.h"

#define ENTRY_NAME "tally_entry_%u_%u" /* of module k, function f */
#define LINK_NAME "tally_link"

typedef struct {
    const void *trap; /* TallyHost.trap_exit */
    const TallyRange *faults;
} Link;

/* What the compiler has, as probes show. */
typedef struct {
#define PROBE(name, field, function) bool field;
#include "backend/cc/probes.def"
} Abilities;

typedef struct {
    Abilities has;
    uint32_t slot_align; /* that the compiler honours; above it the code rounds addresses itself */
    bool typed;          /* accesses through pointers of the access's type, not memcpy */
    bool pointers;       /* addresses computed from a slot's are pointers into that slot */
    bool noinline;
} WriterOptions;

typedef struct Writer Writer;

/* The host must outlive the writer. */
Writer *writer_create(const TallyHost *host, const WriterOptions *o);
void writer_destroy(Writer *w);

/* Why an instruction of a function cannot be written (a constant), NULL when it can. What is wrong
 * with the function itself is said of its first instruction. */
const char *writer_refuses(const Writer *w, const TallyFunc *f, const TallyInst *i);

void writer_begin(Writer *w);

/* `entered` says by its index which function gets an entry. The reason is a constant. */
typedef bool IsEntered(const void *data, uint32_t func);
const char *writer_add(Writer *w, const TallyModule *m, uint32_t k, IsEntered *entered,
                       const void *data);

/* More text as it is. */
void writer_append(Writer *w, const char *text);

/* NUL-terminated; lives until the next writer_begin. */
const char *writer_end(Writer *w, size_t *n);


#endif
