/* What the head of a case decides: its size and where its parts lie in the input, signatures and
 * contracts. docs/format.md describes the bytes. */
#ifndef GEN_PLAN_H
#define GEN_PLAN_H

#include "gen/state.h"

enum {
    HEAD_BYTES = 2 * RECORD_BYTES,
    FUNC_BYTES = 2 * RECORD_BYTES,
    RUN_BYTES = RECORD_BYTES,
};

/* Reads the head: fills `g` but for what making functions adds. */
void plan_read(Gen *g, GenInput *in, const GenOptions *o);

/* Bytes of the case whose head stands at `in`, all parts of it. */
size_t plan_bytes(const Gen *g);

/* Where function `k`'s records, run `k`'s, and the section of function `k` begin. */
size_t plan_func_at(const Gen *g, uint32_t k);
size_t plan_run_at(const Gen *g, uint32_t k);
size_t plan_section_at(const Gen *g, uint32_t k);

/* A function with signature and contracts, without blocks. The range behind an out parameter is
 * set when the function is finished. */
Func *plan_func(Gen *g, uint32_t index, Choice *c);

#endif
