/* Checks a run against what its line says: results, trap code, heap bytes.
 *
 *     if (!expect_holds(run, &outcome, image, text, sizeof text)) puts(text);
 */
#ifndef ORACLE_EXPECT_H
#define ORACLE_EXPECT_H

#include "oracle/image.h"

/* Whether two values are the same; with `any_nan` every NaN is the same as every other. */
bool expect_same(Type t, const Bits *a, const Bits *b, bool any_nan);

/* `image` holds what the run left. With `any_nan` a NaN stands for every NaN: for files that say
 * which one a certain machine makes. False with a sentence in `text`. */
bool expect_holds(const Run *run, const Outcome *o, const Image *image, bool any_nan, char *text,
                  size_t size);

#endif
