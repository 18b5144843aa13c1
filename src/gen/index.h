/* Dynamic indices: a new address from one in scope, of which only the final range is bounded. On
 * the way there the index may wrap in its narrow type, be negative, be scaled and shifted, and
 * carry displacements that cancel. */
#ifndef GEN_INDEX_H
#define GEN_INDEX_H

#include "gen/scope.h"

/* An integer of type `t` in [0, count), count > 0. */
Value index_bounded(Fn *fn, Choice *c, Type t, uint64_t count);

/* From `a` (resolved, or a slot's root), so that accesses of `bytes` with some offset stay in
 * `range` (from the root). False when there is no room for more than one position. */
bool index_make(Fn *fn, Choice *c, const Address *a, ByteRange range, uint32_t bytes, Address *out);

#endif
