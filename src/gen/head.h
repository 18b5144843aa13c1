/* The head of a case: what is switched on, how large the case is, and where its parts lie in the
 * input. docs/format.md describes the bytes.
 */
#ifndef GEN_HEAD_H
#define GEN_HEAD_H

#include "gen/state.h"

enum {
    MASKS = 3,
    HEAD_BYTES = RECORD_BYTES,
    FUNC_BYTES = 2 * RECORD_BYTES,
    RUN_BYTES = RECORD_BYTES,
};

/* Fills `g` but for what making functions adds. */
void head_read(Gen *g, GenInput *in, const GenOptions *o);

/* Bytes of the whole case; the same whatever is switched off. */
size_t head_bytes(const Gen *g);

/* Where function `k`'s records, run `k`'s, and the section of function `k` begin, from the head. */
size_t head_func_at(const Gen *g, uint32_t k);
size_t head_run_at(const Gen *g, uint32_t k);
size_t head_section_at(const Gen *g, uint32_t k);

#endif
