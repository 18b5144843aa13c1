/* Values and addresses in scope. */
#ifndef GEN_SCOPE_H
#define GEN_SCOPE_H

#include "gen/constant.h"

void scope_init(Fn *fn);

/* A value of the type: from a place in scope, converted from another type, or a constant. */
Value scope_value(Fn *fn, Choice *c, Type t);

/* The same, from a place or VALUE_none. */
Value scope_find(Fn *fn, Choice *c, Type t);

/* Puts `v` into place `n` of its type. */
void scope_set(Scope *s, Type t, unsigned n, Value v);

/* Puts `v` into a place. What stood there and was used by nobody becomes an operand of what stands
 * there now, so that it is observed with it. */
void scope_add(Fn *fn, Choice *c, Value v);

void scope_add_counter(Fn *fn, Value v, uint64_t count);

/* What a contract says, without `self` and `reach`. */
Origin origin_of_contract(const struct Contract *k);

/* A new object or a view of some; NO_ORIGIN when the table is full. `b.self` and `b.reach` of a new
 * object (`is_object`) are made here. */
uint8_t scope_add_origin(Fn *fn, Origin b, bool is_object);
void scope_add_root(Fn *fn, uint8_t origin, Value v);
void scope_add_derived(Fn *fn, Choice *c, Address a);

/* The origins can have no byte in common. */
bool origins_are_disjoint(const Origin *a, const Origin *b);

#endif
