/* Statements: what one record of a function's section makes, and the control flow over them. */
#ifndef GEN_STMT_H
#define GEN_STMT_H

#include "gen/expr.h"

typedef enum {
    STMT_nothing,
#define STATEMENT(name, weight, family, instead) STMT_##name,
#include "gen/statements.def"
    STMT_COUNT
} Stmt;

/* The statements of the next `n` records, or of those left in the section. */
void stmt_make_list(Fn *fn, uint32_t n);

typedef void StmtMaker(Fn *fn, Choice *c);

/* One for each row of statements.def: values and memory in stmt.c, addresses in stmt_address.c,
 * control flow in flow.c and loop.c, calls in call.c. */
#define STATEMENT(name, weight, family, instead) StmtMaker stmt_##name;
#include "gen/statements.def"

enum { STMT_COST = 120 }; /* instructions of one without what it nests and calls, at most */

/* A call of function `callee`, if its needs can be met here. */
bool call_make(Fn *fn, Choice *c, uint32_t callee);

/* Calls every finished function that nobody called yet. */
void call_forgotten(Fn *fn, Choice *c);

#endif
