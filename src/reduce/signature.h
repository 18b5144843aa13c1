/* The signature of a finding: what stays the same when the same fault is found by another case.
 *
 *     CONFIGURATION-KIND-FAMILY_FAMILY…      jit_none_sse2-memory-load_extend
 *
 * The families are those of the operations that are left when the case has been shrunk, in
 * process, by a bounded number of candidates that still show the difference in the same
 * configuration; the kind is what is left of it then. Where a rule of the calling convention is
 * broken, any operations will do: the register or rule stands in their place. No value, block or
 * order enters. Where the compiler failed, died or was stuck, what it said stands there, without
 * numbers, addresses and paths (oracle/message.h): cc-died-SIGSEGV. A leak is no single case's:
 * cc-leak-memory.
 */
#ifndef REDUCE_SIGNATURE_H
#define REDUCE_SIGNATURE_H

#include "oracle/judge.h"

enum { SIGNATURE_SIZE = 128, SIGNATURE_TRIES = 2000, SIGNATURE_TRIES_SLOW = 200 };

/* Writes the signature of a verdict that is a finding. */
void signature_make(Judge *j, const Case *c, const Verdict *v, Arena *scratch,
                    char text[static SIGNATURE_SIZE]);

#endif
