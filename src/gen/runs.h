/* The runs of a case: heaps for the address parameters of the entry function, and arguments. */
#ifndef GEN_RUNS_H
#define GEN_RUNS_H

#include "gen/state.h"

/* All runs, from their records. The entry function is the last one, and finished. */
void runs_make(Gen *g, size_t start);

#endif
