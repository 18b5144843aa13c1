/* Files, read whole and written so that nothing that exists is ever half-overwritten.
 *
 *     Str text;
 *     const char *error;
 *     if (!file_read(a, "x.clif", FILE_LIMIT, &text, &error)) …   "no such file or directory"
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/str.h"

enum { FILE_LIMIT = 16 << 20 };

/* Reads the file `path`, `-` for standard input, of at most `limit` bytes; the text is followed by
 * a NUL that does not count. False with a reason in lower case: a directory, unreadable, larger
 * than the limit, … */
bool file_read(Arena *a, const char *path, size_t limit, Str *text, const char **error);

/* Writes beside `path`, then renames; a device or a pipe is written to as it is. False with a
 * reason;
 * then no file is changed. */
bool file_write(const char *path, Str text, const char **error);

/* Makes a folder and those above it. False with a reason when it is not there afterwards. */
bool file_make_folder(const char *path, const char **error);

/* Calls `visit` for `path` itself when it is a file, else for every file below it whose name ends
 * in `suffix`, in the order of names; names that begin with a dot are passed over. Stops when
 * `visit` returns false. False with a reason when `path` cannot be read. */
bool file_walk(Arena *a, const char *path, const char *suffix,
               bool (*visit)(void *data, const char *path), void *data, const char **error);

#endif
