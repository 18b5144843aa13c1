/* Known defects, so that a campaign can go on past them: a file of one a line,
 *
 *     # signature                          versions           reference
 *     cranelift*-crash-float_compare*      0.88..0.137.1      wasmtime #12345
 *     cc_*-died-*                          *                  a crash that is known
 *
 * The signature is a pattern as of the shell (`*`, `?`, `[…]`). Versions are those of the back end
 * that the finding names: `*`, one, or a range whose ends belong to it and may be left out
 * (`..0.97.1`). The rest of the line says where the defect is known.
 */
#ifndef ORACLE_SUPPRESS_H
#define ORACLE_SUPPRESS_H

#include "base/str.h"

typedef struct Suppressions Suppressions;

/* What the file says, in `a`; NULL and a message when it cannot be read or a line is none. */
Suppressions *suppress_read(Arena *a, const char *path, const char **error);

/* The reference of the first line that matches; NULL for none. */
const char *suppress_match(const Suppressions *s, const char *signature, const char *version);

#endif
