/* A growing array in an arena.
 *
 *     VEC(Inst) insts = {0};                  what lies behind `n` holds anything
 *     *vec_push(arena, &insts) = inst;        room for one more, zeroed
 *     for (uint32_t k = 0; k < insts.n; k++) use(insts.at[k]);
 */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/arena.h"

#define VEC(T) \
    struct { \
        T *at; \
        uint32_t n, cap; \
    }

#define vec_reserve(a, v, want) \
    ((want) > (v)->cap \
         ? (void)((v)->at = vec_grow((a), (v)->at, &(v)->cap, (v)->n, (want), sizeof *(v)->at)) \
         : (void)0)

/* A pointer to a new zeroed last element; what is only reserved holds anything. */
#define vec_push(a, v) \
    (vec_reserve((a), (v), (v)->n + 1), \
     __builtin_memset(&(v)->at[(v)->n], 0, sizeof *(v)->at), &(v)->at[(v)->n++])

#define vec_clear(v) ((void)((v)->n = 0))
#define vec_last(v) ((v)->at[(v)->n - 1])

static inline void *vec_grow(Arena *a, void *at, uint32_t *cap, uint32_t n, uint32_t want,
                             size_t size)
{
    uint32_t next = *cap ? *cap * 2 : 8;
    if (next < want) next = want;
    *cap = next;
    return arena_grow_room(a, at, n * size, next * size);
}

#endif
