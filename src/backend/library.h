/* Back ends in shared objects, as include/tally/backend.h says.
 *
 *     Library *l = library_open(arena, str_of("cranelift-0.111.0"), &error);
 *     library_settings(l, arena, words, n, settings, &error)
 *
 * A name is looked for as NAME.so in the folders of TALLY_BACKENDS (separated by `:`), then in
 * `backends` beside the running program; what holds a `/` is a path. The library stays loaded. All
 * that is asked of it here is to describe itself: the rest happens in a worker (oracle/remote.h).
 */
#ifndef BACKEND_LIBRARY_H
#define BACKEND_LIBRARY_H

#include "base/str.h"
#include "base/vec.h"
#include "ir/dialect.h"
#include "tally/backend.h"

typedef struct {
    const char *name; /* as it was asked for */
    const char *path;
    const TallyBackend *api;
    const Dialect *dialect; /* of its text */
    const TallyOption *options;
    uint32_t noptions;
} Library;

/* NULL and a message in `a` when it is not there or does not speak this interface. */
Library *library_open(Arena *a, Str name, const char **error);

/* Reads option words, `NAME=VALUE` or `NAME`; `settings` has room for `n`. False and a message in
 * `a` when one is unknown or its value is none. */
bool library_settings(const Library *l, Arena *a, const char *const *words, uint32_t n,
                      TallySetting *settings, const char **error);

typedef VEC(const char *) NameVec;

/* The names of all that can be looked for, sorted, each once. */
void library_list(Arena *a, NameVec *out);

/* What this tree can build, by which command; ends with a row of NULL. */
typedef struct {
    const char *name, *command, *version, *meaning;
} KnownLibrary;
const KnownLibrary *library_known(void);

#endif
