/* What a compiler has is found out by compiling and running. */
#define _GNU_SOURCE
#include "backend/cc/batch.h"

#include <string.h>

/* Each frame is 16 bytes larger than the one above it, so that of the addresses of their locals
 * some are odd multiples of 16 if the compiler aligns to no more. */
#define FRAME(n, next) \
    "static __attribute__((noinline)) u64 frame" #n "(u64 sum)" \
    "{" \
    "    volatile u8 room[" #n " * 16];" \
    "    __attribute__((aligned(128))) volatile u8 local[8];" \
    "    room[0] = local[0] = 1;" \
    "    sum |= (u64)local;" \
    "    return " next " + room[0] - local[0];" \
    "}"

/* The lowest bit that is set in any of the addresses. */
static const char alignment_probe[] =
    FRAME(1, "sum") FRAME(2, "frame1(sum)") FRAME(3, "frame2(sum)") FRAME(4, "frame3(sum)")
    FRAME(5, "frame4(sum)") FRAME(6, "frame5(sum)") FRAME(7, "frame6(sum)")
    "int probe_alignment(void)"
    "{"
    "    u64 sum = frame7(0) & 127;"
    "    return sum ? (int)(sum & -sum) : 128;"
    "}";

typedef struct {
    const Toolchain *toolchain;
    void *data;
    const TallyHost *host;
    struct obstack *o;
    const char *message;
} Probe;

typedef struct {
    const char *name, *text;
    size_t field; /* in Abilities */
} Row;

static const Row rows[] = {
#define PROBE(name, field, function) {"probe_" #name, function, offsetof(Abilities, field)},
#include "backend/cc/probes.def"
};
enum { ROWS = sizeof rows / sizeof *rows };

static bool *ability(Abilities *has, const Row *row)
{
    return (bool *)((char *)has + row->field);
}

static bool build(Probe *p, Writer *w, Unit *unit)
{
    size_t n;
    const char *text = writer_end(w, &n);
    return p->toolchain->build(p->data, text, n, 1, unit, p->o, &p->message);
}

static int run(Probe *p, const Unit *unit, const char *name)
{
    int (*function)(void);
    *(void **)&function = p->toolchain->find(unit, name);
    return function ? function() : 0;
}

/* Probes `n` rows in one unit; false when it does not compile. */
static bool probe_rows(Probe *p, const Row *at, unsigned n, Abilities *found)
{
    WriterOptions o = {.slot_align = 16};
    for (unsigned k = 0; k < n; k++) *ability(&o.has, &at[k]) = true;
    Writer *w = writer_create(p->host, &o);
    Unit unit;
    writer_begin(w);
    for (unsigned k = 0; k < n; k++) writer_append(w, at[k].text);
    bool built = build(p, w, &unit);
    for (unsigned k = 0; built && k < n; k++)
        *ability(found, &at[k]) = run(p, &unit, at[k].name) == 1;
    if (built) p->toolchain->drop(&unit);
    writer_destroy(w);
    return built;
}

static uint32_t probe_alignment(Probe *p)
{
    Writer *w = writer_create(p->host, &(WriterOptions){.slot_align = 16});
    Unit unit;
    writer_begin(w);
    writer_append(w, alignment_probe);
    bool built = build(p, w, &unit);
    int align = built ? run(p, &unit, "probe_alignment") : 0;
    if (built) p->toolchain->drop(&unit);
    writer_destroy(w);
    return align > 0 ? (uint32_t)align : 0;
}

bool toolchain_probe(const Toolchain *t, void *data, const TallyHost *host, WriterOptions *found,
                     struct obstack *o, const char **message)
{
    Probe p = {.toolchain = t, .data = data, .host = host, .o = o};
    found->slot_align = probe_alignment(&p);
    *message = p.message;
    if (!found->slot_align) return false;
    if (!probe_rows(&p, rows, ROWS, &found->has))
        for (unsigned k = 0; k < ROWS; k++) probe_rows(&p, &rows[k], 1, &found->has);
    return true;
}
