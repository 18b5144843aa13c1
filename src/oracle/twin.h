/* The upstream twin of a case: a file that Cranelift's own runner can run.
 *
 * A wrapper without parameters holds the heaps as slots, as far from a multiple of TWIN_SLOT_ALIGN
 * as they were placed, fills them with their first contents,
 * calls the function of one run, folds every heap byte into one number and returns it behind the
 * results; the run line gives what the interpreter returns for exactly that. What cannot be said
 * there has no twin: a run that traps, a fault heap, a heap flush with an unmapped page whose edge
 * matters, heaps over TWIN_HEAP_BYTES.
 */
#ifndef ORACLE_TWIN_H
#define ORACLE_TWIN_H

#include "oracle/judge.h"

enum {
    TWIN_HEAP_BYTES = 4096,
    TWIN_SLOT_ALIGN = 16, /* Cranelift honours no more: slots that ask for more are legalised */
};

/* The twin of run `run`, in `a`; NULL with a reason when there is none. Needs the interpreter
 * among the judge's configurations. */
Case *twin_make(Judge *j, const Case *c, uint32_t run, Arena *a, const char **reason);

#endif
