#define _GNU_SOURCE
#include "base/codemem.h"

#include "base/pages.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { INT3 = 0xcc };

/* All regions of the process: a child of fork() must find each of them. */
static CodeMem *regions;

static int memory_file(size_t size)
{
    int fd = memfd_create("tally-code", MFD_CLOEXEC);
    if (fd < 0) die("no memory for code: memfd_create: %s", strerror(errno));
    if (ftruncate(fd, (off_t)size) != 0)
        die("no memory for code: %zu bytes: %s", size, strerror(errno));
    return fd;
}

static uint8_t *view(void *at, size_t size, int protection, int fd)
{
    void *p = mmap(at, size, protection, MAP_SHARED | (at ? MAP_FIXED : 0), fd, 0);
    if (p == MAP_FAILED) die("cannot map %zu bytes for code: %s", size, strerror(errno));
    return p;
}

/* A shared mapping stays shared across fork(): the child moves to a file of its own before it
 * writes anything. */
static void leave_parent(void)
{
    for (CodeMem *m = regions; m; m = m->next_region) {
        int fd = memory_file(m->size);
        uint8_t *copy = view(NULL, m->size, PROT_READ | PROT_WRITE, fd);
        memcpy(copy, m->write, m->used);
        munmap(copy, m->size);
        view(m->write, m->size, PROT_READ | PROT_WRITE, fd);
        view(m->exec, m->size, PROT_READ | PROT_EXEC, fd);
        close(fd);
    }
}

static void watch_forks(void)
{
    static bool watching;
    if (watching) return;
    watching = true;
    if (pthread_atfork(NULL, NULL, leave_parent) != 0) die("out of memory");
}

CodeMem *codemem_create(size_t size)
{
    CHECK(size <= CODEMEM_MAX_SIZE);
    watch_forks();
    CodeMem *m = calloc(1, sizeof *m);
    if (!m) die("out of memory");
    m->size = align_up(size ? size : CODEMEM_DEFAULT_SIZE, PAGE_BYTES);
    m->guarded = pages_reserve(m->size);
    int fd = memory_file(m->size);
    m->exec = view(m->guarded.at, m->size, PROT_READ | PROT_EXEC, fd);
    m->write = view(NULL, m->size, PROT_READ | PROT_WRITE, fd);
    close(fd);
    m->next_region = regions;
    regions = m;
    return m;
}

void codemem_destroy(CodeMem *m)
{
    if (!m) return;
    CodeMem **link = &regions;
    while (*link != m) link = &(*link)->next_region;
    *link = m->next_region;
    munmap(m->write, m->size);
    pages_release(&m->guarded);
    free(m);
}

void codemem_rewind(CodeMem *m)
{
    memset(m->write, INT3, m->used);
    m->used = 0;
}
