/* Reads a CLIF file: functions, what stands in the comments behind them (docs/clif-tests.md), and
 * the header. Takes what the reader of Cranelift 0.136 takes, and the older spellings of
 * dialects.def, which become current instructions.
 *
 *     Diag d = {0};
 *     Case *c = case_read(arena, "x.clif", text, &d);
 *     if (!c) diag_print(&d, stderr);
 *
 * What is read has the structure that ir/func.h promises: every name is resolved, controlling types
 * and result types are there, calls have signatures. Whether operands have the types that their
 * instruction wants is the verifier's question. Numbers of the text (`v7`) are kept as `name`.
 *
 * Source locations (`@0001`) and debug tags are dropped. What cannot be represented is an error.
 */
#ifndef IR_READ_H
#define IR_READ_H

#include "base/diag.h"
#include "ir/case.h"

/* NULL when there are errors: at most one a function and one a directive. Nothing in the case
 * points into `text`. `file`, `text` and, if it is NULL, `arena` of `d` are set. Warnings may be
 * there on success. Needs time linear in the text and at most LIMIT_reader_bytes. */
Case *case_read(Arena *a, const char *file, Str text, Diag *d);

#endif
