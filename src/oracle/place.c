#define _GNU_SOURCE
#include "oracle/place.h"

#include <link.h>
#include <stdio.h>
#include <string.h>

enum { OBJECTS_MAX = 64, HEX_DIGITS = 12 };

typedef struct {
    uint64_t base, from, to;
    char name[PLACE_SIZE - HEX_DIGITS - 4];
} Object;

static Object objects[OBJECTS_MAX];
static uint32_t nobjects;

static int learn_one(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size, (void)data;
    if (nobjects == OBJECTS_MAX) return 1;
    Object *o = &objects[nobjects++];
    const char *slash = strrchr(info->dlpi_name, '/');
    const char *name = slash ? slash + 1 : *info->dlpi_name ? info->dlpi_name : "tally";
    *o = (Object){.base = info->dlpi_addr, .from = UINT64_MAX};
    snprintf(o->name, sizeof o->name, "%s", name);
    for (size_t k = 0; k < info->dlpi_phnum; k++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[k];
        if (p->p_type != PT_LOAD) continue;
        o->from = min_u64(o->from, o->base + p->p_vaddr);
        o->to = max_u64(o->to, o->base + p->p_vaddr + p->p_memsz);
    }
    return 0;
}

void place_learn(void)
{
    nobjects = 0;
    dl_iterate_phdr(learn_one, NULL);
}

/* No function that may not be called from a handler. */
static void write_place(const Object *o, uint64_t offset, char *text)
{
    size_t n = strlen(o->name), shift = 4 * HEX_DIGITS;
    memcpy(text, o->name, n);
    memcpy(text + n, "+0x", 3);
    n += 3;
    while (shift > 4 && !(offset >> (shift - 4) & 15)) shift -= 4;
    for (; shift; shift -= 4) text[n++] = "0123456789abcdef"[offset >> (shift - 4) & 15];
    text[n] = 0;
}

void place_write(uint64_t pc, char text[static PLACE_SIZE])
{
    text[0] = 0;
    for (uint32_t k = 0; k < nobjects; k++)
        if (pc >= objects[k].from && pc < objects[k].to)
            write_place(&objects[k], pc - objects[k].base, text);
}
