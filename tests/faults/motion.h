/* Two kinds of wrong rewrites of memory accesses.
 *
 * The first takes what an earlier load or store of the same place gave for what a load would give,
 * because it overlooks something between the two. They differ in what they overlook:
 *
 *     static Belief ignore_calls(const Site *s, const InstData *i)
 *     {
 *         return is_call(i) ? BELIEF_overlooked : BELIEF_stops;
 *     }
 *     bool plant_stale_over_call(const Site *s) { return reuse_known(s, FROM_load, ignore_calls); }
 */
#ifndef FAULTS_MOTION_H
#define FAULTS_MOTION_H

#include "tests/faults/site.h"

/* What a plant holds of an instruction that may write: it ends the search, it rightly does not
 * matter, or it is the mistake. */
typedef enum { BELIEF_stops, BELIEF_passes, BELIEF_overlooked } Belief;

/* Asked about each store and call between; `s` is the load's site. */
typedef Belief Between(const Site *s, const InstData *i);

enum { FROM_load = 1, FROM_store = 2 };

/* Turn this: x := load p; …; y := load p          or store x, p; …; y := load p
 * Into this: x := load p; …; y := x               with something overlooked between
 * `from` says which of them may come first. */
bool reuse_known(const Site *s, unsigned from, Between *between);

/* The second moves a load or store up in front of an instruction that it should have stayed behind.
 * They differ in what they move over, which this asks: */
typedef bool Spared(const Site *s, const InstData *i);

/* Turn this: store x, p; …; y := load q
 * Into this: y := load q; store x, p; …
 * when `spared` says of the nearest instruction above, other than pure ones and, for a load, loads,
 * that the site's access does not touch what it writes. */
bool move_over(const Site *s, Spared *spared);

#endif
