/* Which index a numbered name of the text stands for (`v7` is value 3), for one function at a
 * time. A hash table, so that numbers may be as far apart as they like; its seed comes from the
 * text, so that no text can be made to collide.
 */
#ifndef IR_NAMES_H
#define IR_NAMES_H

#include "ir/func.h"
#include "ir/lex.h"

typedef struct {
    uint32_t number, index, kind, epoch;
} NameSlot;

typedef struct {
    NameSlot *slots;
    uint32_t cap, n, epoch;
    uint64_t seed;
    Arena *arena;
    uint32_t next[TOKEN_COUNT]; /* above every number seen */
} NameMap;

NameMap names_create(Arena *a, uint64_t seed);

/* Forgets all names. */
void names_clear(NameMap *m);

/* NO_INDEX when there is no such name; `kind` is that of its token. */
uint32_t names_find(const NameMap *m, unsigned kind, uint32_t number);

/* False, and nothing changes, when the name is there. */
bool names_add(NameMap *m, unsigned kind, uint32_t number, uint32_t index);

/* A number that no name of this kind has; adds it. */
uint32_t names_fresh(NameMap *m, unsigned kind, uint32_t index);

#endif
