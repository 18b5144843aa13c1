/* Slots: made and initialised in the prologue; publish.h shows their bytes at the end. */
#ifndef GEN_SLOT_H
#define GEN_SLOT_H

#include "gen/scope.h"

enum { SLOTS_MAX = 10, SLOT_BYTES_MAX = 128 };

/* Its origin, NO_ORIGIN when the budget has no room for it. All its data bytes are initialised. */
uint8_t slot_make(Fn *fn, Choice *c, SlotPlan plan);

/* Alignment for a slot of its own: 1 to 128. */
uint32_t slot_choose_align(Fn *fn, Choice *c);
uint8_t slot_choose_region(const Gen *g, Choice *c);
/* Fewer without vectors, where it takes more accesses to fill and to publish them. */
uint32_t slot_choose_bytes(const Gen *g, Choice *c);

/* A slot that no address is made of but for its bytes to be published. */
void slot_make_guard(Fn *fn, Choice *c);

#endif
