/* Machine code that a configuration made, as text.
 *
 *     CodeLines *lines = code_of_inst(config, func, inst, arena);
 *     for (uint32_t k = 0; k < lines->n; k++) puts(lines->at[k].text);      mov eax, [rsi]
 */
#ifndef TRIAGE_CODE_H
#define TRIAGE_CODE_H

#include "backend/backend.h"

typedef struct {
    uint32_t offset, size; /* in the code of the module */
    const char *text;      /* jumps go to offsets */
} CodeLine;

typedef VEC(CodeLine) CodeLines;

/* What was made for one instruction (INST_none: for none of the function's), of the module that the
 * configuration has compiled last. Empty where it has no machine code of its own, or the
 * configuration shows none. */
CodeLines *code_of_inst(const Config *config, uint32_t func, Inst inst, Arena *a);

/* The same around an offset, whatever it was made for. */
CodeLines *code_around(const Config *config, uint64_t offset, Arena *a);

#endif
