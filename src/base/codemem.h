/* Memory for machine code: one file in memory, mapped twice. One view can be written, the other
 * executed; no mapping is ever both, and going from one to the other takes no system call.
 *
 *     CodeMem *m = codemem_create(0);
 *     uint8_t *out = codemem_next(m, 16);              the free bytes, at most codemem_room(m)
 *     size_t n = emit(out, codemem_room(m));
 *     codemem_add(m, n);                               they are taken now
 *     ((Entry *)codemem_exec_of(m, out))(args, results);
 *     codemem_rewind(m);                               before the next case
 *
 * Each configuration may have a region of its own. Pages are committed when they are first
 * written. Around the executable view lie inaccessible regions (base/pages.h): a displacement
 * relative to the instruction pointer reaches nothing of ours. After fork() parent and child have
 * a copy each, at the same addresses.
 */
#ifndef BASE_CODEMEM_H
#define BASE_CODEMEM_H

#include "base/pages.h"

enum { CODEMEM_DEFAULT_SIZE = 16 << 20, CODEMEM_MAX_SIZE = 1 << 30 };

typedef struct CodeMem {
    uint8_t *write; /* the writable view */
    uint8_t *exec;  /* the executable view of the same bytes */
    size_t size;    /* bytes in each view */
    size_t used;    /* bytes taken, from the front */
    Pages guarded;  /* what the executable view lies in */
    struct CodeMem *next_region;
} CodeMem;

/* A new empty region of `size` bytes, rounded up to pages; 0 means CODEMEM_DEFAULT_SIZE. Ends the
 * process with EXIT_RESOURCE and the reason when the kernel gives no such memory. */
CodeMem *codemem_create(size_t size);
void codemem_destroy(CodeMem *m);

/* Makes all room free again. The bytes that were taken become int3, so that a jump to code of an
 * earlier case never runs it. */
void codemem_rewind(CodeMem *m);

/* The writable view at `offset` bytes from its start. */
static inline uint8_t *codemem_write_at(const CodeMem *m, size_t offset)
{
    CHECK(offset <= m->size);
    return m->write + offset;
}

static inline const uint8_t *codemem_exec_at(const CodeMem *m, size_t offset)
{
    CHECK(offset <= m->size);
    return m->exec + offset;
}

/* The address at which the byte that is written at `written` is executed. */
static inline const uint8_t *codemem_exec_of(const CodeMem *m, const void *written)
{
    return codemem_exec_at(m, (size_t)((const uint8_t *)written - m->write));
}

/* The first free byte in the writable view, after rounding up to a power of two `align` (at most
 * a page); free bytes skipped by the rounding are taken. */
static inline uint8_t *codemem_next(CodeMem *m, size_t align)
{
    size_t at = align_up(m->used, align);
    m->used = at < m->size ? at : m->size;
    return m->write + m->used;
}

/* Free bytes. */
static inline size_t codemem_room(const CodeMem *m)
{
    return m->size - m->used;
}

/* Takes the next `n` bytes, n <= codemem_room(m). */
static inline void codemem_add(CodeMem *m, size_t n)
{
    CHECK(n <= codemem_room(m));
    m->used += n;
}

/* Does `pc` lie in the executable view, in bytes that are taken? */
static inline bool codemem_holds(const CodeMem *m, uint64_t pc)
{
    return pc - (uint64_t)(uintptr_t)m->exec < m->used;
}

#endif
