#define _GNU_SOURCE
#include "oracle/image.h"

#include "base/hash.h"
#include "base/rng.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* High enough for ASan's layout, far from where the kernel puts things. */
#define ARENA_AT UINT64_C(0x2a0000000000)

enum { PAGE = 4096, GUARD = 16 * PAGE, PADDING = 0xb9 };

/* Zones by size: pages of memory, and how many zones of it there are. */
static const struct {
    uint32_t bytes, count;
} zone_classes[] = {
    {PAGE, 16},
    {16 * PAGE, 4},
    {IMAGE_HEAP_BYTES, 4},
};

typedef struct {
    uint8_t *at; /* the accessible pages */
    uint8_t *fault; /* as many bytes that are never accessible */
    uint32_t bytes;
    uint8_t *first, *expected; /* room for copies of a heap, `bytes` each */
    bool painted; /* holds the pattern; the heap that is placed there aside */
} Zone;

struct Image {
    size_t mapped;
    Zone zones[IMAGE_HEAPS_MAX];
    uint32_t nzones;
    PlacedHeap heaps[IMAGE_HEAPS_MAX];
    uint64_t heap_bytes[IMAGE_HEAPS_MAX]; /* their sizes: the case may be gone by now */
    Zone *zone_of[IMAGE_HEAPS_MAX]; /* NULL for a fault heap */
    uint32_t case_heap[IMAGE_HEAPS_MAX]; /* index in the case, NO_INDEX for the vmctx block */
    uint32_t nheaps;
    Heap vmctx;
    pid_t shared_by; /* the process that called image_share, 0 for none */
    bool exposed;    /* the padding may have been written since it was looked at */
    bool kept_stray; /* the expectation has a store beside a heap: */
    ImageDifference kept;
    char reason[160];
};

static size_t arena_bytes(void)
{
    size_t n = GUARD;
    for (size_t k = 0; k < countof(zone_classes); k++)
        n += (size_t)zone_classes[k].count * 2 * (zone_classes[k].bytes + GUARD);
    return n;
}

static void *map_or_die(void *at, size_t size, int prot, int flags)
{
    void *p = mmap(at, size, prot, MAP_ANONYMOUS | MAP_NORESERVE | flags, -1, 0);
    if (p == MAP_FAILED) die("cannot map the heaps' arena (%zu bytes): %s", size, strerror(errno));
    if (at && p != at) die("the address of the heaps' arena is taken");
    return p;
}

static void open_zone(const Zone *z)
{
    if (mprotect(z->at, z->bytes, PROT_READ | PROT_WRITE)) die("mprotect: %s", strerror(errno));
}

static uint8_t *make_zone(Zone *z, uint8_t *at, uint32_t bytes, uint8_t **copies)
{
    z->bytes = bytes;
    z->at = at;
    open_zone(z);
    z->fault = at + bytes + GUARD;
    z->first = *copies;
    z->expected = *copies + bytes;
    *copies += 2 * (size_t)bytes;
    return z->fault + bytes + GUARD;
}

Image *image_create(Arena *a)
{
    Image *im = arena_new(a, Image);
    im->mapped = arena_bytes();
    uint8_t *at = map_or_die((void *)(uintptr_t)ARENA_AT, im->mapped, PROT_NONE,
                             MAP_PRIVATE | MAP_FIXED_NOREPLACE);
    uint8_t *copies = map_or_die(NULL, im->mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    at += GUARD;
    for (size_t k = 0; k < countof(zone_classes); k++)
        for (uint32_t n = 0; n < zone_classes[k].count; n++)
            at = make_zone(&im->zones[im->nzones++], at, zone_classes[k].bytes, &copies);
    return im;
}

void image_destroy(Image *im)
{
    if (!im) return;
    munmap(im->zones[0].first, im->mapped);
    munmap((void *)(uintptr_t)ARENA_AT, im->mapped);
}

void image_share(Image *im)
{
    if (im->shared_by == getpid()) return;
    map_or_die((void *)(uintptr_t)ARENA_AT, im->mapped, PROT_NONE, MAP_SHARED | MAP_FIXED);
    for (uint32_t k = 0; k < im->nzones; k++) {
        open_zone(&im->zones[k]);
        im->zones[k].painted = false;
    }
    im->nheaps = 0;
    im->exposed = false;
    im->shared_by = getpid();
}

bool image_covers(uint64_t address)
{
    return address - ARENA_AT < arena_bytes();
}

/* The offset of a heap in its zone. */
static uint32_t offset_in_zone(const Heap *h, uint32_t zone)
{
    uint32_t room = zone - (uint32_t)h->size;
    if (h->place == PLACE_START) return 0;
    if (h->place == PLACE_END) return room & ~(h->align - 1);
    uint32_t at = (room / 2 & ~(h->align - 1)) | h->align; /* an odd multiple of the alignment */
    return at <= room ? at : room & ~(h->align - 1);
}

/* The smallest free zone that holds the heap; place=any keeps off both ends where it can. */
static Zone *take_zone(Image *im, uint64_t *used, const Heap *h)
{
    uint64_t want = h->size + (h->place == PLACE_ANY && h->size <= PAGE / 2 ? 2 * h->align : 0);
    for (uint32_t k = 0; k < im->nzones; k++) {
        if (*used >> k & 1 || im->zones[k].bytes < want) continue;
        *used |= UINT64_C(1) << k;
        return &im->zones[k];
    }
    return NULL;
}

static bool add_heap(Image *im, uint64_t *used, const Heap *h, uint32_t index, const char **reason)
{
    Zone *z = im->nheaps < IMAGE_HEAPS_MAX ? take_zone(im, used, h) : NULL;
    if (!z) {
        snprintf(im->reason, sizeof im->reason, "no room for heap%u of %llu bytes", h->name,
                 (unsigned long long)h->size);
        *reason = im->reason;
        return false;
    }
    uint32_t k = im->nheaps++;
    im->heaps[k] = (PlacedHeap){(h->fault ? z->fault : z->at) + offset_in_zone(h, z->bytes), h};
    im->heap_bytes[k] = h->size;
    im->zone_of[k] = h->fault ? NULL : z;
    im->case_heap[k] = index;
    return true;
}

const uint8_t *image_first(const Image *im, uint32_t k)
{
    return im->zone_of[k] ? im->zone_of[k]->first : NULL;
}

const uint8_t *image_expected(const Image *im, uint32_t k)
{
    return im->zone_of[k] ? im->zone_of[k]->expected : NULL;
}

static void fill_heap(const Heap *h, uint8_t *at)
{
    switch (h->fill) {
    case FILL_BYTE: memset(at, h->fill_byte, h->size); break;
    case FILL_BYTES:
        memset(at, 0, h->size);
        memcpy(at, h->bytes.at, min_u64(h->bytes.n, h->size));
        break;
    case FILL_SEED: {
        Rng r = rng_seeded(h->seed);
        rng_fill(&r, at, h->size);
        break;
    }
    }
}

static void fill_cells(const Image *im, const Heap *h, uint8_t *at)
{
    for (uint32_t k = 0; k < h->cells.n; k++) {
        const HeapCell *cell = &h->cells.at[k];
        const PlacedHeap *target = image_heap(im, cell->heap);
        CHECK(target && cell->offset + 8 <= h->size);
        uint64_t address = (uint64_t)(uintptr_t)target->base + (uint64_t)cell->target_offset;
        memcpy(at + cell->offset, &address, 8);
    }
}

/* The older form: start and end of each static heap at its offsets in the block. */
static void fill_vmctx(const Image *im, uint8_t *at)
{
    memset(at, 0, im->vmctx.size);
    for (uint32_t k = 0; k < im->nheaps; k++) {
        const PlacedHeap *p = &im->heaps[k];
        if (!p->heap->vmctx) continue;
        uint64_t start = (uint64_t)(uintptr_t)p->base, end = start + p->heap->size;
        memcpy(at + p->heap->ptr, &start, 8);
        memcpy(at + p->heap->bound, &end, 8);
    }
}

static void make_contents(Image *im)
{
    for (uint32_t k = 0; k < im->nheaps; k++) {
        const Heap *h = im->heaps[k].heap;
        Zone *z = im->zone_of[k];
        if (!z) continue;
        if (!z->painted) memset(z->at, PADDING, z->bytes);
        z->painted = true;
        if (h == &im->vmctx) {
            fill_vmctx(im, z->first);
        } else {
            fill_heap(h, z->first);
            fill_cells(im, h, z->first);
        }
    }
}

/* Leaves padding where heaps were. */
static void remove_heaps(Image *im)
{
    for (uint32_t k = 0; k < im->nheaps; k++) {
        Zone *z = im->zone_of[k];
        if (z && im->exposed) z->painted = false;
        else if (z) memset(im->heaps[k].base, PADDING, im->heap_bytes[k]);
    }
    im->nheaps = 0;
    im->exposed = false;
}

/* How large the vmctx block of a function's heaps must be; 0 when it needs none. */
static uint64_t vmctx_size(const Case *c, uint32_t func)
{
    uint64_t size = 0;
    for (uint32_t k = 0; k < c->heaps.n; k++) {
        const Heap *h = &c->heaps.at[k];
        if (h->func == func && h->vmctx)
            size = max_u64(size, max_u64(h->ptr, h->bound) + UINT64_C(8));
    }
    return size;
}

bool image_place(Image *im, const Case *c, uint32_t func, const char **reason)
{
    uint64_t used = 0;
    remove_heaps(im);
    for (uint32_t k = 0; k < c->heaps.n; k++) {
        const Heap *h = &c->heaps.at[k];
        if (h->func == func && !add_heap(im, &used, h, k, reason)) return false;
    }
    im->vmctx = (Heap){.size = vmctx_size(c, func), .align = 16};
    if (im->vmctx.size && !add_heap(im, &used, &im->vmctx, NO_INDEX, reason)) return false;
    make_contents(im);
    for (uint32_t k = 0; k < im->nzones; k++) /* nobody looks at the others */
        im->zones[k].painted &= used >> k & 1;
    return true;
}

const PlacedHeap *image_heaps(const Image *im, uint32_t *n)
{
    *n = im->nheaps;
    return im->heaps;
}

const PlacedHeap *image_heap(const Image *im, uint32_t heap)
{
    for (uint32_t k = 0; k < im->nheaps; k++)
        if (im->case_heap[k] == heap) return &im->heaps[k];
    return NULL;
}

const PlacedHeap *image_vmctx(const Image *im)
{
    return im->vmctx.size ? image_heap(im, NO_INDEX) : NULL;
}

void image_restore(Image *im, bool exposed)
{
    for (uint32_t k = 0; k < im->nheaps; k++) {
        Zone *z = im->zone_of[k];
        if (!z) continue;
        if (im->exposed) memset(z->at, PADDING, z->bytes);
        memcpy(im->heaps[k].base, z->first, im->heap_bytes[k]);
    }
    im->exposed = exposed;
}

/* The first of `n` bytes at `at` that is no padding; NULL when all are. */
static const uint8_t *find_stray(const uint8_t *at, uint64_t n)
{
    static const uint8_t pattern[PAGE] = {[0 ... PAGE - 1] = PADDING};
    for (uint64_t k = 0; k < n; k += PAGE) {
        uint64_t part = min_u64(PAGE, n - k);
        if (memcmp(at + k, pattern, part) == 0) continue;
        for (at += k; *at == PADDING;) at++;
        return at;
    }
    return NULL;
}

static const uint8_t *find_difference(const uint8_t *at, const uint8_t *model, uint64_t n)
{
    if (memcmp(at, model, n) == 0) return NULL;
    while (*at == *model) at++, model++;
    return at;
}

/* The first byte of heap `k`'s zone that was written in the padding or, if `inside`, is not as
 * expected in the heap. */
static bool zone_differs(const Image *im, uint32_t k, bool inside, ImageDifference *where)
{
    const Zone *z = im->zone_of[k];
    const uint8_t *base = im->heaps[k].base, *end = base + im->heap_bytes[k], *at = NULL;
    if (im->exposed) at = find_stray(z->at, (uint64_t)(base - z->at));
    if (!at && inside) at = find_difference(base, z->expected, im->heap_bytes[k]);
    if (!at && im->exposed) at = find_stray(end, (uint64_t)(z->at + z->bytes - end));
    if (!at) return false;
    bool outside = at < base || at >= end;
    *where = (ImageDifference){
        .heap = k,
        .outside = outside,
        .offset = at - base,
        .expected = outside ? PADDING : z->expected[at - base],
        .actual = *at,
    };
    return true;
}

static bool any_differs(Image *im, bool inside, ImageDifference *where)
{
    for (uint32_t k = 0; k < im->nheaps; k++)
        if (im->zone_of[k] && zone_differs(im, k, inside, where)) return true;
    im->exposed = false; /* nothing has run since */
    return false;
}

bool image_stray(Image *im, ImageDifference *where)
{
    return im->exposed && any_differs(im, false, where);
}

void image_keep(Image *im)
{
    for (uint32_t k = 0; k < im->nheaps; k++) {
        Zone *z = im->zone_of[k];
        if (z) memcpy(z->expected, im->heaps[k].base, im->heap_bytes[k]);
    }
    im->kept_stray = image_stray(im, &im->kept);
}

bool image_differs(Image *im, ImageDifference *where)
{
    if (any_differs(im, true, where)) return true;
    *where = im->kept;
    where->expected = im->kept.actual;
    where->actual = PADDING;
    return im->kept_stray;
}

uint64_t image_hash(const Image *im)
{
    uint64_t hash = 0;
    for (uint32_t k = 0; k < im->nheaps; k++) {
        const Zone *z = im->zone_of[k];
        if (z) hash = hash_more(hash, z->at, z->bytes);
    }
    return hash;
}

uint64_t image_bytes(const Image *im)
{
    uint64_t n = 0;
    for (uint32_t k = 0; k < im->nheaps; k++)
        if (im->zone_of[k]) n += im->heap_bytes[k];
    return n;
}
