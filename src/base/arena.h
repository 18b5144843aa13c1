/* Memory that is given back all at once. Three lifetimes own an arena: process, case, pass.
 *
 *     Arena *a = arena_create();
 *     Inst *insts = arena_array(a, Inst, n);   zeroed, never NULL
 *     ArenaMark m = arena_mark(a);  ...  arena_release(a, m);
 *     arena_reset(a);                          keeps the memory for the next case
 *     arena_destroy(a);
 *
 * Nothing inside is freed alone. When memory (or the arena's limit) is exhausted the process ends
 * with EXIT_RESOURCE. Under ASan, memory that was released is poisoned.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/base.h"

typedef struct Arena Arena;

typedef struct {
    struct ArenaBlock *block;
    char *next;
} ArenaMark;

Arena *arena_create(void);
void arena_destroy(Arena *a);

/* `size` zeroed bytes, aligned for any type (16). */
void *arena_alloc(Arena *a, size_t size);

/* As arena_alloc, but the bytes hold anything: for what is written before it is read. */
void *arena_room(Arena *a, size_t size);

/* The same bytes moved to room for `size`; the last allocation grows in place. New bytes are
 * zero. `p` may be NULL when `old_size` is 0. */
void *arena_grow(Arena *a, void *p, size_t old_size, size_t size);

/* As arena_grow, but new bytes hold anything. */
void *arena_grow_room(Arena *a, void *p, size_t old_size, size_t size);

/* `n` bytes of `text` and a NUL. */
char *arena_strndup(Arena *a, const char *text, size_t n);

char *arena_printf(Arena *a, const char *format, ...) PRINTF_LIKE(2, 3);

ArenaMark arena_mark(const Arena *a);
void arena_release(Arena *a, ArenaMark mark);
void arena_reset(Arena *a);

/* Bytes handed out since creation or reset, padding included. */
size_t arena_used(const Arena *a);

#define arena_new(a, T) ((T *)arena_alloc((a), sizeof(T)))
#define arena_array_room(a, T, n) ((T *)arena_room((a), sizeof(T) * (size_t)(n)))
#define arena_array(a, T, n) ((T *)arena_alloc((a), sizeof(T) * (size_t)(n)))

#endif
