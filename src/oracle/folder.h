/* A folder that appears whole or not at all, whatever kills the process that fills it.
 *
 *     Folder f;
 *     if (!folder_begin(&f, a, "findings", &error)) …
 *     file_write(arena_printf(a, "%s/README", f.path), text, &error);
 *     folder_finish(&f, "findings/NAME", &error);      or folder_drop(&f)
 *
 * It is filled under a hidden name, locked (flock) by the process that fills it: a hidden folder
 * that nobody locks is what a killed process left, and folder_sweep removes it.
 */
#ifndef ORACLE_FOLDER_H
#define ORACLE_FOLDER_H

#include "base/arena.h"

typedef struct {
    char *path; /* while it is filled */
    int fd;     /* open and locked until it is finished or dropped */
} Folder;

/* Makes `parent` too. False with a reason when it cannot be made. */
bool folder_begin(Folder *f, Arena *a, const char *parent, const char **error);

/* Gives it its name. False when that cannot be: `*error` says why, or is NULL when something has
 * that name already; the folder is then gone. */
bool folder_finish(Folder *f, const char *path, const char **error);

void folder_drop(Folder *f);

/* Removes what killed processes left in `parent`, which need not exist. */
void folder_sweep(const char *parent);

/* The same for folders that are there for a while, in TMPDIR: folder_drop ends them, with all that
 * is in them. */
bool folder_begin_temporary(Folder *f, Arena *a, const char **error);
void folder_sweep_temporary(void);

#endif
