/* A list of blocks, the current one filled from the front. Blocks after the current one are
 * kept for reuse by arena_release and arena_reset, so that a loop over cases settles without any
 * call to malloc. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONS 1
#endif
#endif
#ifdef POISONS
#include <sanitizer/asan_interface.h>
#define POISON(p, n) __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#endif

enum { ALIGN = 16, FIRST_BLOCK = 64 << 10, LARGEST_BLOCK = 4 << 20 };

typedef struct ArenaBlock {
    struct ArenaBlock *next;
    size_t size;
    _Alignas(ALIGN) char bytes[];
} ArenaBlock;

struct Arena {
    ArenaBlock *first, *current;
    char *next, *end; /* free part of the current block */
    char *last;       /* the latest allocation, which may grow in place */
};

static ArenaBlock *block_create(size_t size)
{
    ArenaBlock *b = malloc(sizeof *b + size);
    if (!b) die("out of memory (%zu bytes)", size);
    b->next = NULL;
    b->size = size;
    POISON(b->bytes, size);
    return b;
}

static void enter_block(Arena *a, ArenaBlock *b)
{
    a->current = b;
    a->next = b->bytes;
    a->end = b->bytes + b->size;
    a->last = NULL;
}

Arena *arena_create(void)
{
    Arena *a = malloc(sizeof *a);
    if (!a) die("out of memory");
    a->first = block_create(FIRST_BLOCK);
    enter_block(a, a->first);
    return a;
}

void arena_destroy(Arena *a)
{
    if (!a) return;
    for (ArenaBlock *b = a->first, *next; b; b = next) {
        next = b->next;
        UNPOISON(b->bytes, b->size);
        free(b);
    }
    free(a);
}

/* Moves to a block with room for `size`: a kept one if it is large enough, else a new one. */
static void next_block(Arena *a, size_t size)
{
    ArenaBlock *b = a->current->next;
    if (!b || b->size < size) {
        size_t want = a->current->size * 2;
        if (want > LARGEST_BLOCK) want = LARGEST_BLOCK;
        if (want < size) want = size;
        ArenaBlock *fresh = block_create(want);
        fresh->next = b;
        a->current->next = fresh;
        b = fresh;
    }
    enter_block(a, b);
}

static char *alloc_raw(Arena *a, size_t size)
{
    if (size > SIZE_MAX / 2) die("out of memory");
    size = align_up(size + !size, ALIGN); /* no two have one address */
    if (unlikely((size_t)(a->end - a->next) < size)) next_block(a, size);
    char *p = a->next;
    a->next += size;
    a->last = p;
    UNPOISON(p, size);
    return p;
}

void *arena_alloc(Arena *a, size_t size)
{
    char *p = alloc_raw(a, size);
    return memset(p, 0, align_up(size, ALIGN));
}

void *arena_room(Arena *a, size_t size)
{
    return alloc_raw(a, size);
}

void *arena_grow_room(Arena *a, void *p, size_t old_size, size_t size)
{
    char *old = p;
    if (old && old == a->last && (size_t)(a->end - old) >= align_up(size, ALIGN)) {
        char *end = old + align_up(size, ALIGN);
        if (end > a->next) UNPOISON(a->next, (size_t)(end - a->next));
        a->next = end;
        return old;
    }
    char *fresh = alloc_raw(a, size);
    if (old_size) memcpy(fresh, old, old_size);
    return fresh;
}

void *arena_grow(Arena *a, void *p, size_t old_size, size_t size)
{
    char *grown = arena_grow_room(a, p, old_size, size);
    if (size > old_size) memset(grown + old_size, 0, align_up(size, ALIGN) - old_size);
    return grown;
}

char *arena_strndup(Arena *a, const char *text, size_t n)
{
    char *p = alloc_raw(a, n + 1);
    memcpy(p, text, n);
    p[n] = 0;
    return p;
}

char *arena_printf(Arena *a, const char *format, ...)
{
    va_list ap, again;
    va_start(ap, format);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, format, ap);
    va_end(ap);
    CHECK(n >= 0);
    char *p = alloc_raw(a, (size_t)n + 1);
    vsnprintf(p, (size_t)n + 1, format, again);
    va_end(again);
    return p;
}

ArenaMark arena_mark(const Arena *a)
{
    return (ArenaMark){a->current, a->next};
}

/* What lies behind the free part's beginning is poisoned already. */
void arena_release(Arena *a, ArenaMark mark)
{
    if (a->current == mark.block) {
        POISON(mark.next, (size_t)(a->next - mark.next));
    } else {
        POISON(mark.next, (size_t)(mark.block->bytes + mark.block->size - mark.next));
        for (ArenaBlock *b = mark.block->next; b != a->current; b = b->next)
            POISON(b->bytes, b->size);
        POISON(a->current->bytes, (size_t)(a->next - a->current->bytes));
    }
    a->current = mark.block;
    a->next = mark.next;
    a->end = mark.block->bytes + mark.block->size;
    a->last = NULL;
}

void arena_reset(Arena *a)
{
    arena_release(a, (ArenaMark){a->first, a->first->bytes});
}

size_t arena_used(const Arena *a)
{
    size_t used = (size_t)(a->next - a->current->bytes);
    for (const ArenaBlock *b = a->first; b != a->current; b = b->next) used += b->size;
    return used;
}
