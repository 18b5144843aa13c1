#define _GNU_SOURCE
#include "oracle/folder.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* What folders are called that are filled, or there for a while. */
static const char filled[] = ".new-", temporary[] = "tally-worker-";

/* Whether `path` is what `fd` was opened as: nobody has removed or renamed it since. */
static bool is_still(const char *path, int fd)
{
    struct stat now, then;
    return fstat(fd, &then) == 0 && stat(path, &now) == 0 && now.st_dev == then.st_dev &&
           now.st_ino == then.st_ino;
}

/* Opens the folder and locks it; -1 when another process has it or was faster. */
static int open_locked(const char *path, bool must_lock)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return -1;
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    bool cannot = !locked && errno != EWOULDBLOCK; /* a file system without locks */
    if ((locked || (cannot && !must_lock)) && is_still(path, fd)) return fd;
    close(fd);
    return -1;
}

/* Everything that is in it. */
static void empty(int fd)
{
    DIR *d = fdopendir(dup(fd));
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        const char *name = e->d_name;
        if (!strcmp(name, ".") || !strcmp(name, "..") || unlinkat(fd, name, 0) == 0) continue;
        int inner = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (inner < 0) continue;
        empty(inner);
        close(inner);
        unlinkat(fd, name, AT_REMOVEDIR);
    }
    if (d) closedir(d);
}

static void remove_all(const char *path, int fd)
{
    empty(fd);
    rmdir(path);
}

static bool make(Folder *f, Arena *a, const char *parent, const char *prefix, const char **error)
{
    for (int tries = 0; tries < 16; tries++) {
        f->path = arena_printf(a, "%s/%sXXXXXX", parent, prefix);
        if (!mkdtemp(f->path)) break;
        f->fd = open_locked(f->path, false);
        if (f->fd >= 0) return true;
        rmdir(f->path); /* a sweep has it */
    }
    *error = arena_printf(a, "%s: %s", f->path, strerror(errno));
    return false;
}

bool folder_begin(Folder *f, Arena *a, const char *parent, const char **error)
{
    bool ok = file_make_folder(parent, error) && make(f, a, parent, filled, error);
    if (ok) fchmod(f->fd, 0755);
    return ok;
}

static const char *temporary_parent(void)
{
    const char *tmp = getenv("TMPDIR");
    return tmp && *tmp ? tmp : "/tmp";
}

bool folder_begin_temporary(Folder *f, Arena *a, const char **error)
{
    return make(f, a, temporary_parent(), temporary, error);
}

bool folder_finish(Folder *f, const char *path, const char **error)
{
    *error = NULL;
    if (rename(f->path, path) == 0) {
        close(f->fd);
        return true;
    }
    if (errno != EEXIST && errno != ENOTEMPTY) *error = strerror(errno);
    folder_drop(f);
    return false;
}

void folder_drop(Folder *f)
{
    remove_all(f->path, f->fd);
    close(f->fd);
}

static void sweep_one(const char *parent, const char *name)
{
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s/%s", parent, name) >= sizeof path) return;
    struct stat s;
    int fd = open_locked(path, true);
    if (fd < 0) return; /* it is being used */
    if (fstat(fd, &s) == 0 && s.st_uid == geteuid()) remove_all(path, fd);
    close(fd);
}

static void sweep(const char *parent, const char *prefix)
{
    DIR *d = opendir(parent);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (strncmp(e->d_name, prefix, strlen(prefix)) == 0) sweep_one(parent, e->d_name);
    closedir(d);
}

void folder_sweep(const char *parent) { sweep(parent, filled); }
void folder_sweep_temporary(void) { sweep(temporary_parent(), temporary); }
