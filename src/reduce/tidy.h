/* A case as a reader wants it: nothing is declared that nothing uses, and what is there is numbered
 * in the order of the text. Private to src/reduce. */
#ifndef REDUCE_TIDY_H
#define REDUCE_TIDY_H

#include "ir/case.h"

/* Drops what nothing uses, and puts what is left in the order of its first use. What the case means
 * stays. Done before functions are extracted: the order of those is that of the references. */
void tidy_case(Case *c);

/* Gives values, blocks and heaps the numbers that a reader expects. */
void number_case(Case *c);

#endif
