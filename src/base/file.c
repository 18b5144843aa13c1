#define _GNU_SOURCE
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool fail(const char **error)
{
    *error = strerror(errno);
    return false;
}

static bool read_all(Arena *a, int fd, size_t limit, Str *text, const char **error)
{
    size_t cap = 16384, n = 0;
    char *at = arena_alloc(a, cap);
    for (;;) {
        if (n + 1 >= cap) {
            size_t more = cap * 2 < limit + 2 ? cap * 2 : limit + 2;
            at = arena_grow(a, at, n, more);
            cap = more;
        }
        ssize_t got = read(fd, at + n, cap - n - 1);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(error);
        if (got == 0) break;
        n += (size_t)got;
        if (n > limit) {
            *error = arena_printf(a, "larger than the limit of %zu bytes", limit);
            return false;
        }
    }
    at[n] = 0;
    *text = (Str){at, n};
    return true;
}

bool file_read(Arena *a, const char *path, size_t limit, Str *text, const char **error)
{
    if (strcmp(path, "-") == 0) return read_all(a, STDIN_FILENO, limit, text, error);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fail(error);
    bool ok = read_all(a, fd, limit, text, error);
    close(fd);
    return ok;
}

static bool write_all(int fd, Str text)
{
    while (text.n) {
        ssize_t put = write(fd, text.at, text.n);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return false;
        text.at += put;
        text.n -= (size_t)put;
    }
    return true;
}

/* Devices and pipes: no file may take their place. */
static bool write_in_place(const char *path, Str text, const char **error)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return fail(error);
    bool ok = write_all(fd, text) || fail(error);
    close(fd);
    return ok;
}

bool file_write(const char *path, Str text, const char **error)
{
    struct stat s;
    if (stat(path, &s) == 0 && !S_ISREG(s.st_mode)) return write_in_place(path, text, error);
    char beside[4096];
    if ((size_t)snprintf(beside, sizeof beside, "%s.XXXXXX", path) >= sizeof beside) {
        *error = "the path is too long";
        return false;
    }
    int fd = mkstemp(beside);
    if (fd < 0) return fail(error);
    fchmod(fd, 0644);
    bool ok = write_all(fd, text);
    if (close(fd) != 0) ok = false;
    if (ok && rename(beside, path) == 0) return true;
    fail(error);
    unlink(beside);
    return false;
}

bool file_make_folder(const char *path, const char **error)
{
    char part[4096];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part) {
        *error = "the path is empty or too long";
        return false;
    }
    memcpy(part, path, n + 1);
    for (size_t k = 1; k <= n; k++) {
        if (part[k] != '/' && part[k] != 0) continue;
        char c = part[k];
        part[k] = 0;
        if (mkdir(part, 0755) != 0 && errno != EEXIST) return fail(error);
        part[k] = c;
    }
    struct stat s;
    if (stat(path, &s) == 0 && S_ISDIR(s.st_mode)) return true;
    *error = "exists and is not a folder";
    return false;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t n = strlen(name), m = strlen(suffix);
    return n >= m && strcmp(name + n - m, suffix) == 0;
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

typedef struct {
    Arena *arena;
    const char *suffix;
    bool (*visit)(void *data, const char *path);
    void *data;
    const char **error;
    bool stopped;
} Walk;

static bool walk_folder(Walk *w, const char *path, unsigned depth)
{
    struct dirent **names;
    int n = depth < 32 ? scandir(path, &names, visible, alphasort) : -1;
    if (n < 0) return fail(w->error);
    bool ok = true;
    for (int k = 0; k < n; k++) {
        const char *below = arena_printf(w->arena, "%s/%s", path, names[k]->d_name);
        struct stat s;
        if (ok && !w->stopped && stat(below, &s) == 0) {
            if (S_ISDIR(s.st_mode))
                ok = walk_folder(w, below, depth + 1);
            else if (ends_with(below, w->suffix))
                w->stopped = !w->visit(w->data, below);
        }
        free(names[k]);
    }
    free(names);
    return ok;
}

bool file_walk(Arena *a, const char *path, const char *suffix,
               bool (*visit)(void *data, const char *path), void *data, const char **error)
{
    struct stat s;
    if (strcmp(path, "-") == 0) return visit(data, path), true;
    if (stat(path, &s) != 0) return fail(error);
    if (!S_ISDIR(s.st_mode)) return visit(data, path), true;
    Walk w = {a, suffix, visit, data, error, false};
    return walk_folder(&w, path, 0);
}
