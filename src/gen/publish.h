/* Observation at the end of a function: values that nobody used, bytes of slots. They go behind
 * the `out` parameter, or into a digest that the function returns. */
#ifndef GEN_PUBLISH_H
#define GEN_PUBLISH_H

#include "gen/scope.h"

/* Reserves `bytes` behind the out parameter, aligned; their offset. */
int64_t publish_reserve(Fn *fn, uint32_t bytes, uint32_t align);

/* Every value in a place that nobody used becomes observed. */
void publish_values(Fn *fn, Choice *c);

/* Loads in the place of those that callees make, where nothing is called or no address passed;
 * there stores, too, in the place of those behind out parameters. */
void publish_more(Fn *fn, Choice *c);

/* One value, any type. */
void publish_value(Fn *fn, Choice *c, Value v);

/* The bytes of all slots, cells excepted. */
void publish_slots(Fn *fn, Choice *c);

#endif
