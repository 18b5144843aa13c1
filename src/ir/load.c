#include "ir/load.h"

#include "base/file.h"
#include "ir/read.h"
#include "ir/verify.h"

Case *case_load(Diag *d)
{
    const char *error;
    if (!file_read(d->arena, d->file, FILE_LIMIT, &d->text, &error)) {
        diag_error(d, 0, 0, "%s", error);
        return NULL;
    }
    Case *c = case_read(d->arena, d->file, d->text, d);
    return c && case_verify(c, d->arena, d) ? c : NULL;
}
