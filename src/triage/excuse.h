/* Why run lines of a file need not run in a configuration that cannot run them: the file was not
 * meant for it (docs/clif-tests.md).
 *
 *     const char *why = excuse_of(c, config, arena);      "other architecture only"
 */
#ifndef TRIAGE_EXCUSE_H
#define TRIAGE_EXCUSE_H

#include "backend/backend.h"

/* In `a`; NULL when they should run. */
const char *excuse_of(const Case *c, const Config *config, Arena *a);

#endif
