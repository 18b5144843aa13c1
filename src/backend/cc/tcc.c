/* Back end `tcc`: libtcc in this process. */
#define _GNU_SOURCE
#include "backend/cc/batch.h"

#include <libtcc.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

/* libtcc.a may have been compiled for programs alone, which can have variables of libc within
 * themselves; a shared object cannot. tools/cc.mk gives the library these in their place. */
FILE *tally_tcc_stdout, *tally_tcc_stderr;
char **tally_tcc_environ;

typedef struct {
    struct obstack memory;
    char version[32];
} State;

/* ---- functions that code of tcc's may call: libm's, and those of its own run-time library ---- */

static uint64_t float_to_u64(float x) { return (uint64_t)x; }
static uint64_t double_to_u64(double x) { return (uint64_t)x; }
static float u64_to_float(uint64_t x) { return (float)x; }
static double u64_to_double(uint64_t x) { return (double)x; }

static void add_symbols(TCCState *t)
{
#define SYMBOL(name, function) tcc_add_symbol(t, name, (const void *)function);
#include "backend/cc/symbols.def"
}

/* ---- the toolchain ---- */

typedef struct {
    struct obstack *o;
    const char *message;
} Complaint;

/* The first error, without the name of the file and the line. */
static void complain(void *data, const char *text)
{
    Complaint *c = data;
    const char *error = strstr(text, "error: ");
    if (c->message || !error) return;
    error += strlen("error: ");
    c->message = obstack_copy0(c->o, error, strcspn(error, "\n"));
}

/* Memory of the unit's own, so that it is known where its code lies. */
static bool relocate(TCCState *t, Unit *unit)
{
    int size = tcc_relocate(t, NULL);
    if (size <= 0) return false;
    void *at = mmap(NULL, (size_t)size, PROT_READ | PROT_WRITE | PROT_EXEC,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) return false;
    *unit = (Unit){t, at, (size_t)size};
    return tcc_relocate(t, at) == 0;
}

static void drop(Unit *unit)
{
    if (unit->at) munmap((void *)unit->at, unit->size);
    if (unit->handle) tcc_delete(unit->handle);
    *unit = (Unit){0};
}

static bool build(void *data, const char *text, size_t n, uint32_t ncases, Unit *unit,
                  struct obstack *o, const char **message)
{
    (void)data, (void)n, (void)ncases;
    Complaint c = {.o = o};
    TCCState *t = tcc_new();
    *unit = (Unit){.handle = t};
    tcc_set_error_func(t, &c, complain);
    tcc_set_options(t, "-nostdlib");
    tcc_set_output_type(t, TCC_OUTPUT_MEMORY);
    add_symbols(t);
    if (tcc_compile_string(t, text) == 0 && relocate(t, unit)) return true;
    drop(unit);
    *message = c.message ? c.message : "it gives no reason";
    return false;
}

static void *find(const Unit *unit, const char *name)
{
    return tcc_get_symbol(unit->handle, name);
}

static void close_library(void *data)
{
    struct obstack memory = ((State *)data)->memory;
    obstack_free(&memory, NULL);
}

static const char *describe(void *data) { return ((State *)data)->version; }

static const char *features(void *data)
{
    (void)data;
    return "";
}

static const Toolchain toolchain = {build, find, drop, close_library, describe, features};

/* ---- opening ---- */

static const TallyOption *options(uint32_t *n)
{
    static const TallyOption all[] = {
#define OPTION(name, values, fallback, help) {#name, values, fallback, help},
#include "backend/cc/options.def"
    };
    *n = sizeof all / sizeof *all;
    return all;
}

/* libtcc says its version to the code that it compiles, as a decimal number: 927 is 0.9.27. */
static void find_version(State *s)
{
    const char *message;
    Unit unit;
    int (*version)(void);
    if (!build(s, "int version(void) { return __TINYC__; }", 0, 1, &unit, &s->memory, &message))
        return;
    *(void **)&version = find(&unit, "version");
    int n = version();
    snprintf(s->version, sizeof s->version, "tcc %d.%d.%d", n / 10000, n / 100 % 100, n % 100);
    drop(&unit);
}

static void *open_library(const TallyHost *host, const TallySetting *settings, uint32_t n,
                          const char **error)
{
    struct obstack memory;
    obstack_init(&memory);
    State *s = obstack_alloc(&memory, sizeof *s);
    *s = (State){.memory = memory};
    tally_tcc_stdout = stdout;
    tally_tcc_stderr = stderr;
    tally_tcc_environ = environ;
    find_version(s);
    WriterOptions o = settings_writer(settings, n);
    if (!toolchain_probe(&toolchain, s, host, &o, &s->memory, error)) return NULL;
    return batch_create(&toolchain, s, host, &o);
}

__attribute__((visibility("default"))) const TallyBackend *tally_backend(void)
{
    static const TallyBackend tcc = {
        .abi = TALLY_ABI,
        .size = sizeof(TallyBackend),
        .name = "tcc",
        .version = "1",
        .meaning = "libtcc in process, through C",
        .max_slot_align = 16,
        .max_cases = 16,
        .traits = TALLY_GLOBAL,
        .options = options,
        .open = open_library,
        .close = batch_close,
        .describe = batch_describe,
        .features = batch_features,
        .refuses = batch_refuses,
        .compile = batch_compile,
        .entry = batch_entry,
        .code = batch_code,
    };
    return &tcc;
}
