/* What the files explain*.c share. */
#ifndef TRIAGE_EXPLAIN_LOCAL_H
#define TRIAGE_EXPLAIN_LOCAL_H

#include "triage/explain.h"

/* Code and registers; the judge has the case placed. */
void explain_code(Explanation *x, Arena *a);

/* Where the value, or what is stored, comes from. */
void explain_steps(Explanation *x, Arena *a);

/* The name of a general register, by its number. */
const char *explain_register(unsigned number);

/* `%f3` in the arena; an instruction as one line. */
const char *explain_func_name(const Case *c, uint32_t func, Arena *a);
const char *explain_inst_text(const Case *c, uint32_t func, Inst inst, Arena *a);

/* Two hexadecimal digits a byte, the highest first. */
const char *explain_hex(Bits value, unsigned bytes, Arena *a);

/* Whether a site was seen to hold something else on one side. */
bool explain_differs(const Explanation *x, uint32_t site);

#endif
