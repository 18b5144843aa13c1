/* A case from a file: read, parsed, verified.
 *
 *     Diag d = {.arena = a, .file = "x.clif"};
 *     Case *c = case_load(&d);
 *     diag_print(&d, stderr);
 */
#ifndef IR_LOAD_H
#define IR_LOAD_H

#include "base/diag.h"
#include "ir/case.h"

/* The case of `d->file` (`-` is standard input), in `d->arena`; a file that claims discipline is
 * verified for it. NULL when `d` has errors. The file's text is left in `d->text`. */
Case *case_load(Diag *d);

#endif
