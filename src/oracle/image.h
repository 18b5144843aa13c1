/* The heaps of a run, laid out in memory: one arena at one fixed address, so that an address that
 * is stored in a heap is the same number in every configuration.
 *
 *     Image *im = image_create(arena);               once per process
 *     image_place(im, case, run);                    addresses and first contents
 *     for each configuration: image_restore(im, true); …run…; compare
 *     image_keep(im);                                what the reference left: the expectation
 *     if (image_differs(im, &place)) …
 *
 * Each heap has a zone of its own: pages with inaccessible pages on both sides. The bytes of those
 * pages that no heap covers, the padding, hold a pattern and are looked at like the heap's own, so
 * that a store beside the heap shows; a run that leaves them alone costs no write to them. Where
 * nothing is asked for (place=any) a heap's address is a multiple of its alignment and of no larger
 * power of two.
 */
#ifndef ORACLE_IMAGE_H
#define ORACLE_IMAGE_H

#include "backend/backend.h"

typedef struct Image Image;

enum {
    IMAGE_HEAPS_MAX = 24,       /* heaps of one run, the vmctx block included */
    IMAGE_HEAP_BYTES = 1 << 20, /* the largest heap */
};

/* Maps the arena of heaps; ends the process with EXIT_RESOURCE when its address is taken. The
 * book-keeping lives in `a`. */
Image *image_create(Arena *a);
void image_destroy(Image *im);

/* Makes the arena memory that processes share which are forked from now on, without what it holds:
 * heaps are to be placed again. Does nothing where this process has done so before. */
void image_share(Image *im);

/* Lays out the heaps of function `func` and makes their first contents. False, with a sentence in
 * `*reason` that lives as long as the image, when they do not fit. */
bool image_place(Image *im, const Case *c, uint32_t func, const char **reason);

/* The heaps as placed, those of the case first, in its order; a vmctx block last. */
const PlacedHeap *image_heaps(const Image *im, uint32_t *n);

/* The placed heap of a case's heap index, NULL when it is another function's. */
const PlacedHeap *image_heap(const Image *im, uint32_t heap);

/* The implicit vmctx block of the older heap form, NULL when there is none. */
const PlacedHeap *image_vmctx(const Image *im);

/* Writes the first contents into the arena, padding included. `exposed`: what runs next may write
 * anywhere in it, which is true of generated code and not of the interpreter. */
void image_restore(Image *im, bool exposed);

/* Remembers what the arena holds now as the expectation. */
void image_keep(Image *im);

typedef struct {
    uint32_t heap;    /* index among image_heaps */
    bool outside;     /* beside the heap: no object covers the byte */
    int64_t offset;   /* of the first byte that differs, from the heap's start */
    uint8_t expected, actual;
} ImageDifference;

/* Compares the arena with the expectation. Padding that was written is always a difference. */
bool image_differs(Image *im, ImageDifference *where);

/* Whether the padding was written: a store where no object is. */
bool image_stray(Image *im, ImageDifference *where);

/* Of everything that image_differs compares, as it is now. */
uint64_t image_hash(const Image *im);

/* Bytes of heaps (without padding) that a comparison looks at. */
uint64_t image_bytes(const Image *im);

/* What heap `k` of image_heaps held at first, and what the reference left there. */
const uint8_t *image_first(const Image *im, uint32_t k);
const uint8_t *image_expected(const Image *im, uint32_t k);

/* Whether an address lies in the arena, guards included. */
bool image_covers(uint64_t address);

#endif
