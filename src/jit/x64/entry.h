/* Uniform entries: void entry(const void *args, void *results), one 16-byte slot a value;
 * the halves of an i128 (jit/split.h) share one.
 *
 * Arguments go from their slots to the places of the convention; a narrow integer is taken with
 * whatever stands above it. Results go to their slots, of which all other bytes become zero.
 */
#ifndef JIT_X64_ENTRY_H
#define JIT_X64_ENTRY_H

#include "ir/func.h"

/* Bytes that no entry to such a function exceeds, alignment to 16 included. */
size_t entry_room(const Signature *sig);

typedef struct {
    uint32_t callee; /* where the function begins, counted from the entry's start modulo 2^32 */
    bool vex;        /* AVX is there */
    bool pinned;     /* the module uses the pinned register */
} EntryOptions;

/* Writes one at `at`, into at most `room` bytes, which must do; gives its size. */
uint32_t entry_write(Arena *a, const Signature *sig, uint8_t *at, size_t room,
                     const EntryOptions *options);

#endif
