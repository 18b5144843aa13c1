/* One access of any kind through a given address: load, store, or atomic, of any type, wherever in
 * the object it may go.
 */
#ifndef GEN_ACCESS_H
#define GEN_ACCESS_H

#include "gen/scope.h"

/* What it loads comes into scope. Nothing is made when there is no room. */
void access_any(Fn *fn, Choice *c, Address a);

/* `p` plus a zero that nobody sees through at once, and the flags without what rests on knowing
 * where it is. */
Value access_hide_alignment(Fn *fn, Choice *c, Value p, MemFlags *flags);

#endif
