/* What a reduction has decided, in a file, so that another process goes on with it. Private to
 * src/reduce.
 *
 *     JournalEntry e = {.text = text, .of = hash, …};
 *     bool resumed = journal_read(path, arena, &e);      as it was, or as it is in the file
 *     journal_write(path, &e);
 *
 * The file is JSON. It is of use to the build that wrote it, for the case it was written about; for
 * any other it counts as none.
 */
#ifndef REDUCE_JOURNAL_H
#define REDUCE_JOURNAL_H

#include "reduce/lab.h"
#include "reduce/reduce.h"

typedef struct {
    uint64_t of; /* hash of the case in the beginning, as text */
    Str text;    /* the case now */
    Cursor at;   /* `skip` places behind it are decided */
    uint32_t skip, hangs;
    ReduceProgress p;
} JournalEntry;

/* False when nothing of use is there; the entry is then as it was. Its text lives in `a`. */
bool journal_read(const char *path, Arena *a, JournalEntry *e);

/* Written beside it, then renamed. A file that cannot be written ends the process with
 * EXIT_RESOURCE. */
void journal_write(const char *path, const JournalEntry *e);

#endif
