/* Back ends in shared objects, as include/tally/backend.h says.
 *
 *     Library *l = library_open(arena, str_of("cranelift-0.111.0"), &error);
 *     library_settings(l, arena, words, n, settings, &error)
 *
 * A name is looked for as NAME.so in the folders of TALLY_BACKENDS (separated by `:`), then in
 * `backends` beside the running program; what holds a `/` is a path. A library is never loaded into
 * this process: one that is forked for it asks what the library says of itself (library_ask.c), and
 * workers (oracle/remote.h) load it again.
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
    const TallyBackend *api; /* what it says of itself, in one line of ASCII each; functions are
                                NULL */
    const Dialect *dialect; /* of its text */
    const TallyOption *options;
    uint32_t noptions;
} Library;

/* NULL and a message in `a` when it is not there or does not speak this interface. */
Library *library_open(Arena *a, Str name, const char **error);

/* Loads a library for good: what workers do. NULL and a message in `a` when that fails. */
const TallyBackend *library_load(const char *path, Arena *a, const char **error);

/* Fills in `api` and the options of the library at `path`. False and a message in `a`. */
bool library_ask(Library *l, Arena *a, const char **error);

/* Whether the option takes a value: its `values` are NUMBER, TEXT, or words separated by `|`. */
bool library_takes(const TallyOption *o, const char *value);

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
