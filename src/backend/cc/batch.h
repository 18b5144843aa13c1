/* What the two back ends have in common: cases become translation units, a unit with several cases
 * is one compile, and one that fails is taken apart until the guilty case stands alone. A toolchain
 * is what makes a unit's text callable: a compiler command (cc.c), libtcc (tcc.c).
 */
#ifndef BACKEND_CC_BATCH_H
#define BACKEND_CC_BATCH_H

#include "backend/cc/writer.h"

#include <obstack.h>
#include <stdio.h>

/* Code that can be called. */
typedef struct {
    void *handle; /* the toolchain's */
    const void *at;
    size_t size;
} Unit;

typedef struct {
    /* Compiles and loads a unit of `ncases` cases. False and a message in `o` when it fails: the
     * same for the same reason. */
    bool (*build)(void *data, const char *text, size_t n, uint32_t ncases, Unit *unit,
                  struct obstack *o, const char **message);
    void *(*find)(const Unit *unit, const char *name);
    void (*drop)(Unit *unit);
    void (*close)(void *data);
    const char *(*describe)(void *data);
    const char *(*features)(void *data);
} Toolchain;

typedef struct Batch Batch;

enum { BATCH_CASES = 64 };

/* Finds out by probes what the compiler has, and how it aligns. False and a message in `o` when it
 * compiles nothing that works. */
bool toolchain_probe(const Toolchain *t, void *data, const TallyHost *host, WriterOptions *found,
                     struct obstack *o, const char **message);

/* `data` is the toolchain's, which is closed with the batch; host and toolchain must outlive it. */
Batch *batch_create(const Toolchain *t, void *data, const TallyHost *host, const WriterOptions *o);

/* Functions of TallyBackend; the state is the Batch. */
void batch_close(void *state);
const char *batch_describe(void *state);
const char *batch_features(void *state);
const char *batch_refuses(void *state, const TallyFunc *f, const TallyInst *i);
void batch_compile(void *state, const TallyCase *const *cases, uint32_t n, TallyCompiled *out);
const void *batch_entry(void *state, uint32_t k, uint32_t func);
void batch_code(void *state, uint32_t k, const void **at, size_t *size);

/* ---- settings ---- */

/* What was said of an option last, else `otherwise`. */
const char *settings_find(const TallySetting *settings, uint32_t n, const char *name,
                          const char *otherwise);
bool settings_have(const TallySetting *settings, uint32_t n, const char *name);

/* Those that are the writer's. */
WriterOptions settings_writer(const TallySetting *settings, uint32_t n);

#endif
