#define _GNU_SOURCE
#include "backend/library.h"

#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static const KnownLibrary known[] = {
#define LIBRARY(name, command, version, meaning) {#name, command, version, meaning},
#include "backend/known.def"
    {0},
};

const KnownLibrary *library_known(void) { return known; }

/* How a library that is not there can be built; NULL when this tree cannot. */
static const char *recipe_for(Arena *a, Str name)
{
    for (const KnownLibrary *l = known; l->name; l++) {
        size_t n = strlen(l->name);
        if (str_is(name, l->name)) return l->command;
        if (*l->version && name.n > n + 1 && !memcmp(name.at, l->name, n) && name.at[n] == '-')
            return arena_printf(a, "%s %s=%.*s", l->command, l->version, (int)(name.n - n - 1),
                                name.at + n + 1);
    }
    return NULL;
}

/* The folder `backends` beside the running program. */
static const char *own_folder(Arena *a)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    while (n > 0 && path[n - 1] != '/') n--;
    return arena_printf(a, "%.*sbackends", (int)(n > 0 ? n : 0), path);
}

static const char *folders(Arena *a)
{
    const char *given = getenv("TALLY_BACKENDS");
    return given ? arena_printf(a, "%s:%s", given, own_folder(a)) : own_folder(a);
}

/* The path of a library; NULL when no folder has it. */
static const char *find(Arena *a, Str name)
{
    if (memchr(name.at, '/', name.n)) return arena_strndup(a, name.at, name.n);
    Str left = str_of(folders(a));
    for (Str folder; (folder = str_next_word(&left, ":")).n;) {
        const char *path = arena_printf(a, "%.*s/%.*s.so", (int)folder.n, folder.at, (int)name.n,
                                        name.at);
        if (access(path, F_OK) == 0) return path;
    }
    return NULL;
}

static const char *not_found(Arena *a, Str name)
{
    const char *recipe = recipe_for(a, name);
    if (recipe)
        return arena_printf(a, "the back end `%.*s` is not built: %s", (int)name.n, name.at,
                            recipe);
    return arena_printf(a,
                        "no back end is called `%.*s`: none that is built in, no %.*s.so in %s",
                        (int)name.n, name.at, (int)name.n, name.at, folders(a));
}

Library *library_open(Arena *a, Str name, const char **error)
{
    Library *l = arena_new(a, Library);
    l->name = arena_strndup(a, name.at, name.n);
    l->path = find(a, name);
    if (!l->path) return *error = not_found(a, name), NULL;
    if (!library_ask(l, a, error)) return NULL;
    l->dialect = dialect_for(str_of(l->api->dialect ? l->api->dialect : "current"));
    return l;
}

static const TallyOption *find_option(const Library *l, Str name)
{
    for (uint32_t k = 0; k < l->noptions; k++)
        if (str_is(name, l->options[k].name)) return &l->options[k];
    return NULL;
}

bool library_takes(const TallyOption *o, const char *value)
{
    const char *values = o->values;
    if (strcmp(values, "TEXT") == 0) return true;
    if (strcmp(values, "NUMBER") == 0) return *value && !value[strspn(value, "0123456789")];
    Str left = str_of(values);
    for (Str word; (word = str_next_word(&left, "|")).n;)
        if (str_is(word, value)) return true;
    return false;
}

bool library_settings(const Library *l, Arena *a, const char *const *words, uint32_t n,
                      TallySetting *settings, const char **error)
{
    for (uint32_t k = 0; k < n; k++) {
        const char *equal = strchr(words[k], '=');
        Str name = {words[k], equal ? (size_t)(equal - words[k]) : strlen(words[k])};
        const TallyOption *o = find_option(l, name);
        if (!o) {
            *error = arena_printf(a, "%s has no option `%.*s`; tally backends %s lists them",
                                  l->name, (int)name.n, name.at, l->name);
            return false;
        }
        settings[k] = (TallySetting){o->name, equal ? equal + 1 : "true"};
        if (library_takes(o, settings[k].value)) continue;
        *error = arena_printf(a, "%s: `%s` is no value of %s; it takes %s", l->name,
                              settings[k].value, o->name, o->values);
        return false;
    }
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void list_folder(Arena *a, const char *path, NameVec *out)
{
    DIR *d = opendir(path);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d));) {
        size_t n = strlen(e->d_name);
        if (n <= 3 || strcmp(e->d_name + n - 3, ".so") != 0) continue;
        *vec_push(a, out) = arena_strndup(a, e->d_name, n - 3);
    }
    closedir(d);
}

void library_list(Arena *a, NameVec *out)
{
    Str left = str_of(folders(a));
    for (Str folder; (folder = str_next_word(&left, ":")).n;)
        list_folder(a, arena_strndup(a, folder.at, folder.n), out);
    if (out->n) qsort(out->at, out->n, sizeof *out->at, by_name);
    uint32_t kept = 0;
    for (uint32_t k = 0; k < out->n; k++)
        if (!kept || strcmp(out->at[kept - 1], out->at[k]) != 0) out->at[kept++] = out->at[k];
    out->n = kept;
}
