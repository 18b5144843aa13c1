/* A module as a loaded back end is given it: behind TallyCase of include/tally/backend.h.
 *
 *     Given *g = given_make(arena, c, entered, 16, dialect);
 *     const TallyModule *m = given_module(given_case(g));        made when it is asked for
 *     const char *text = given_text(given_case(g), &n);
 *
 * The module is changed: slots that ask for more alignment than the back end honours are rewritten
 * (ir/legalise.h), and entries are added behind its functions when the text is asked for.
 */
#ifndef BACKEND_GIVEN_H
#define BACKEND_GIVEN_H

#include "ir/write.h"
#include "tally/backend.h"

/* `entered`: one byte a function, whether it is entered from outside. All of it lives in `a`. The
 * dialect must not refuse the module. */
const TallyCase *given_make(Arena *a, const Case *c, const uint8_t *entered,
                            uint32_t max_slot_align, const Dialect *dialect);

/* The services of TallyHost. */
const TallyModule *given_module(const TallyCase *c);
const char *given_text(const TallyCase *c, size_t *n);
bool given_is_entered(const TallyCase *c, uint32_t func);

/* All instructions, by Op: TallyHost.ops; there are OP_COUNT. */
const TallyOp *given_ops(void);

/* The functions of a module as plain arrays in `a`. */
const TallyModule *view_module(Arena *a, const Module *m, uint32_t nfuncs);

#endif
