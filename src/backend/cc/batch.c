#define _GNU_SOURCE
#include "backend/cc/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

struct Batch {
    const Toolchain *toolchain;
    void *data;
    const TallyHost *host;
    Writer *writer;
    struct obstack memory, messages; /* the latter of the last compile */
    void *messages_base;
    const TallyCase *const *cases;
    TallyCompiled *out;
    Unit units[BATCH_CASES];
    uint32_t nunits;
    uint32_t unit_of[BATCH_CASES]; /* index into units, or TALLY_NONE */
};

Batch *batch_create(const Toolchain *t, void *data, const TallyHost *host, const WriterOptions *o)
{
    struct obstack memory;
    obstack_init(&memory);
    Batch *b = obstack_alloc(&memory, sizeof *b);
    memset(b, 0, sizeof *b);
    b->toolchain = t;
    b->data = data;
    b->host = host;
    b->writer = writer_create(host, o);
    obstack_init(&b->messages);
    b->messages_base = obstack_alloc(&b->messages, 0);
    b->memory = memory;
    return b;
}

static void drop_units(Batch *b)
{
    for (uint32_t k = 0; k < b->nunits; k++) b->toolchain->drop(&b->units[k]);
    b->nunits = 0;
}

void batch_close(void *state)
{
    Batch *b = state;
    struct obstack memory = b->memory;
    drop_units(b);
    b->toolchain->close(b->data);
    writer_destroy(b->writer);
    obstack_free(&b->messages, NULL);
    obstack_free(&memory, NULL);
}

const char *batch_describe(void *state)
{
    const Batch *b = state;
    return b->toolchain->describe(b->data);
}

const char *batch_features(void *state)
{
    const Batch *b = state;
    return b->toolchain->features(b->data);
}

const char *batch_refuses(void *state, const TallyFunc *f, const TallyInst *i)
{
    const Batch *b = state;
    return writer_refuses(b->writer, f, i);
}

/* ---- compile ---- */

typedef struct {
    const TallyHost *host;
    const TallyCase *c;
} Entered;

static bool is_entered(const void *data, uint32_t func)
{
    const Entered *e = data;
    return e->host->is_entered(e->c, func);
}

/* Writes cases `from` to `to` but those that are refused; how many they are. */
static uint32_t write_cases(Batch *b, uint32_t from, uint32_t to)
{
    uint32_t written = 0;
    writer_begin(b->writer);
    for (uint32_t k = from; k < to; k++) {
        Entered e = {b->host, b->cases[k]};
        const char *why = b->out[k].status == TALLY_REFUSED
                              ? b->out[k].message
                              : writer_add(b->writer, b->host->module(e.c), k, is_entered, &e);
        b->out[k] = (TallyCompiled){why ? TALLY_REFUSED : TALLY_COMPILED, why};
        written += !why;
    }
    return written;
}

static void link_unit(Batch *b, const Unit *unit)
{
    Link *link = b->toolchain->find(unit, LINK_NAME);
    if (link) *link = (Link){b->host->trap_exit, b->host->faults};
}

/* Those of `from` to `to` that are not refused are what `out` says. */
static void settle(Batch *b, uint32_t from, uint32_t to, TallyCompiled out)
{
    for (uint32_t k = from; k < to; k++) {
        if (b->out[k].status == TALLY_REFUSED) continue;
        b->out[k] = out;
        if (out.status == TALLY_COMPILED) b->unit_of[k] = b->nunits - 1;
    }
}

static void compile_range(Batch *b, uint32_t from, uint32_t to)
{
    size_t n;
    const char *message;
    uint32_t written = write_cases(b, from, to);
    const char *text = writer_end(b->writer, &n);
    Unit *unit = &b->units[b->nunits];
    if (!written) return;
    if (b->toolchain->build(b->data, text, n, written, unit, &b->messages, &message)) {
        link_unit(b, unit);
        b->nunits++;
        settle(b, from, to, (TallyCompiled){TALLY_COMPILED, NULL});
    } else if (written == 1) {
        settle(b, from, to, (TallyCompiled){TALLY_FAILED, message});
    } else {
        uint32_t middle = from + (to - from) / 2;
        compile_range(b, from, middle);
        compile_range(b, middle, to);
    }
}

void batch_compile(void *state, const TallyCase *const *cases, uint32_t n, TallyCompiled *out)
{
    Batch *b = state;
    drop_units(b);
    obstack_free(&b->messages, b->messages_base);
    b->cases = cases;
    b->out = out;
    for (uint32_t k = 0; k < n; k++) {
        out[k] = (TallyCompiled){TALLY_COMPILED, NULL};
        b->unit_of[k] = TALLY_NONE;
    }
    compile_range(b, 0, n);
}

/* ---- what was compiled ---- */

const void *batch_entry(void *state, uint32_t k, uint32_t func)
{
    const Batch *b = state;
    char name[40];
    if (b->unit_of[k] == TALLY_NONE) return NULL;
    snprintf(name, sizeof name, ENTRY_NAME, k, func);
    return b->toolchain->find(&b->units[b->unit_of[k]], name);
}

void batch_code(void *state, uint32_t k, const void **at, size_t *size)
{
    const Batch *b = state;
    const Unit *unit = &b->units[b->unit_of[k]];
    *at = unit->at;
    *size = unit->size;
}

/* ---- settings ---- */

const char *settings_find(const TallySetting *settings, uint32_t n, const char *name,
                          const char *otherwise)
{
    for (uint32_t k = n; k-- > 0;)
        if (strcmp(settings[k].name, name) == 0) return settings[k].value;
    return otherwise;
}

bool settings_have(const TallySetting *settings, uint32_t n, const char *name)
{
    return strcmp(settings_find(settings, n, name, "false"), "true") == 0;
}

WriterOptions settings_writer(const TallySetting *settings, uint32_t n)
{
    return (WriterOptions){
        .typed = settings_have(settings, n, "typed"),
        .pointers = settings_have(settings, n, "pointers"),
        .noinline = settings_have(settings, n, "noinline"),
    };
}
