#include "base/pages.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* 2 GiB and room for the widest access at the end of the longest displacement. */
static const size_t MAX_GUARD = ((size_t)2 << 30) + ((size_t)1 << 20);

Pages pages_reserve(size_t size)
{
    size = align_up(size, PAGE_BYTES);
    for (size_t guard = MAX_GUARD; guard >= PAGES_MIN_GUARD; guard = guard / 2 & -PAGE_BYTES) {
        uint8_t *p = mmap(NULL, guard + size + guard, PROT_NONE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p != MAP_FAILED) return (Pages){p + guard, size, guard};
    }
    die("cannot reserve %zu bytes of address space: %s", size, strerror(errno));
}

void pages_open(const Pages *p)
{
    if (mprotect(p->at, p->size, PROT_READ | PROT_WRITE) != 0)
        die("cannot make %zu bytes of memory accessible: %s", p->size, strerror(errno));
}

void pages_release(Pages *p)
{
    if (p->at) munmap(p->at - p->guard, p->guard + p->size + p->guard);
    *p = (Pages){0};
}
