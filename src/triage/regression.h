/* A finding as a regression: a CLIF file with the sentence of its cause on top and run lines that
 * say what the language means, as the interpreter runs it, whatever the back end under suspicion
 * does.
 *
 *     Regression r = {.folder = "corpus/regressions", .cause = "a load moved over a store"};
 *     int status = regression_add(&r, interp, c, arena);
 *     puts(r.said);         "corpus/regressions/load-moved-store.clif: 1 line passes in interp"
 *
 * `tally test FILE` passes in the interpreter, which has been tried before the file has its name.
 * Comments of a file that the case was read from are not kept.
 */
#ifndef TRIAGE_REGRESSION_H
#define TRIAGE_REGRESSION_H

#include "oracle/judge.h"

typedef struct {
    const char *folder; /* where regressions are; must be there */
    const char *name;   /* of the file, with or without .clif; NULL: words of the cause */
    const char *cause;  /* a sentence; its full stop is added */
    const char *path;   /* out: of the file that has been written, else NULL */
    const char *said;   /* out: one line, whatever happened */
} Regression;

/* Adds the case. `interp` is a judge whose first configuration is the interpreter. EXIT_AGREE, or
 * nothing is written and `said` has the reason: EXIT_INPUT where cause, name or folder do not do,
 * or the folder has the case already; EXIT_FINDING where the interpreter contradicts what the
 * case's own run lines expect; EXIT_UNJUDGED where it does not say what they come to. */
int regression_add(Regression *r, Judge *interp, const Case *c, Arena *a);

/* The parts of it. */

/* One line, blanks single, with a full stop; NULL when there is nothing but blanks. */
const char *regression_sentence(Arena *a, const char *cause);

/* The first words that say something, as a name of a file: `load-moved-store`. May be empty. */
const char *regression_name(Arena *a, const char *sentence);

/* The case with run lines that say what the interpreter makes of them: results or the trap's code,
 * and the bytes of every heap, but for those of addresses. NULL with a reason and, in `*status`,
 * what regression_add then returns. */
Case *regression_expect(Judge *interp, const Case *c, Arena *a, int *status, const char **reason);

/* The text of the file. */
void regression_write(Buf *out, const Case *c, const char *sentence);

/* Of the case without header, comments and expectations: equal for a case and the regression that
 * is made of it. */
uint64_t regression_hash(Arena *scratch, const Case *c);

#endif
