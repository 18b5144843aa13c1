/* Calls of finished functions, and of the function in work: by itself, and in tail position. */
#ifndef GEN_CALL_H
#define GEN_CALL_H

#include "gen/scope.h"

/* A call of function `callee`, direct or not, in tail position where `tail` says so. */
Inst call_emit(Fn *fn, Choice *c, uint32_t callee, bool tail, const Value *args, uint32_t n);

/* An argument for parameter `param`, which is no address, of a function with that plan. */
Value call_data(Fn *fn, Choice *c, const FuncPlan *plan, uint32_t param, const Signature *sig);

/* if (counter) self(parameters, counter - 1); the results come into scope. Once a function. */
void call_itself(Fn *fn, Choice *c);

/* Ends the block with the call in tail position that the function was planned for, or leaves it
 * open in front of an ordinary return: always, or when a condition says so. True when nothing
 * follows. All but results is published already. */
bool call_tail(Fn *fn, Choice *c);

#endif
