/* Where in the libraries of this process an address lies, for those who see a fault:
 * `tcc.so+0x1149`.
 *
 *     place_learn();                                what is loaded now
 *     place_write(pc, text);                        in a signal's handler; empty: in none of them
 */
#ifndef ORACLE_PLACE_H
#define ORACLE_PLACE_H

#include "base/base.h"

enum { PLACE_SIZE = 64 };

void place_learn(void);
void place_write(uint64_t pc, char text[static PLACE_SIZE]);

#endif
