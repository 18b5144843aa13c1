/* Address space with inaccessible regions around it, so that stray accesses fault.
 *
 *     Pages p = pages_reserve(1 << 20);      p.at .. p.at + p.size is inaccessible, too
 *     pages_open(&p);                        now it can be read and written, and is zero
 *     pages_release(&p);
 *
 * The regions are so large that no 32-bit displacement from inside reaches past them; where
 * address space is limited (ulimit -v) they shrink, to PAGES_MIN_GUARD at the least. They cost
 * address space only.
 */
#ifndef BASE_PAGES_H
#define BASE_PAGES_H

#include "base/base.h"

enum { PAGE_BYTES = 4096, PAGES_MIN_GUARD = 1 << 20 };

typedef struct {
    uint8_t *at;
    size_t size;  /* as asked for, rounded up to pages */
    size_t guard; /* inaccessible bytes on either side */
} Pages;

/* Ends the process with EXIT_RESOURCE when there is not even room for the smallest guard. */
Pages pages_reserve(size_t size);

/* Makes all of `p` readable and writable. */
void pages_open(const Pages *p);

void pages_release(Pages *p);

#endif
