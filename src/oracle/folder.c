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

#define PREFIX ".new-"

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
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return -1;
    bool locked = flock(fd, LOCK_EX | LOCK_NB) == 0;
    bool cannot = !locked && errno != EWOULDBLOCK; /* a file system without locks */
    if ((locked || (cannot && !must_lock)) && is_still(path, fd)) return fd;
    close(fd);
    return -1;
}

/* Its files and itself; there are no folders in it. */
static void remove_all(const char *path, int fd)
{
    DIR *d = fdopendir(dup(fd));
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) unlinkat(fd, e->d_name, 0);
    if (d) closedir(d);
    rmdir(path);
}

bool folder_begin(Folder *f, Arena *a, const char *parent, const char **error)
{
    if (!file_make_folder(parent, error)) return false;
    for (int tries = 0; tries < 16; tries++) {
        f->path = arena_printf(a, "%s/" PREFIX "XXXXXX", parent);
        if (!mkdtemp(f->path)) break;
        f->fd = open_locked(f->path, false);
        if (f->fd >= 0) {
            fchmod(f->fd, 0755);
            return true;
        }
        rmdir(f->path); /* a sweep has it */
    }
    *error = strerror(errno);
    return false;
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
    int fd = open_locked(path, true);
    if (fd < 0) return; /* it is being filled */
    remove_all(path, fd);
    close(fd);
}

void folder_sweep(const char *parent)
{
    DIR *d = opendir(parent);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d)) != NULL;)
        if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) == 0) sweep_one(parent, e->d_name);
    closedir(d);
}
