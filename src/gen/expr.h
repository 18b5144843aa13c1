/* Expressions: a value of a wanted type from values in scope, constants and loads.
 *
 * In a tree every inner value is used once, the leaves are loads, constants and extends, and no
 * side effect stands between a load and its user: what compilers ask for before they fuse.
 */
#ifndef GEN_EXPR_H
#define GEN_EXPR_H

#include "gen/scope.h"

typedef enum { EXPR_dag, EXPR_tree } ExprKind;

/* At most 2^depth leaves. */
Value expr_make(Fn *fn, Choice *c, Type t, unsigned depth, ExprKind kind);

/* A leaf: in a tree a load, constant or extend; else also a value in scope. */
Value expr_leaf(Fn *fn, Choice *c, Type t, ExprKind kind);

/* A value loaded from a picked place. */
Value expr_load(Fn *fn, Choice *c, Type t);

/* `v` stored and loaded back, so that what uses it uses a load; `v` itself where there is no room.
 * A side effect. */
Value expr_reload(Fn *fn, Choice *c, Value v);

/* A value that is true or false in ordinary runs, whatever it is made of. May have a
 * side effect. */
Value expr_condition(Fn *fn, Choice *c);

/* An i8 that is 1 in few runs, else 0. */
Value expr_rare(Fn *fn, Choice *c);

/* The same, or its opposite where it is to be `common`; any integer type, perhaps from memory. */
Value expr_rare_reloaded(Fn *fn, Choice *c, bool common);

enum { EXPR_COST = 40 }; /* instructions of one with depth 2, at most */

#endif
