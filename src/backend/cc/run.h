/* Running a compiler.
 *
 *     char *argv[] = {"gcc", "-O2", …, NULL};
 *     Ran r = command_run(folder, argv, 20, o);
 *     if (!r.ok) puts(command_message(&r, o));
 *
 * What it prints is kept, its temporary files go to `folder`, it speaks English, and each of its
 * processes may use so many seconds of CPU time.
 */
#ifndef BACKEND_CC_RUN_H
#define BACKEND_CC_RUN_H

#include <obstack.h>
#include <stdbool.h>

typedef struct {
    bool ok;      /* exit status 0 */
    int status;   /* as waitpid gives it */
    char *output; /* of stdout and stderr, in `o` */
} Ran;

Ran command_run(const char *folder, char *const *argv, unsigned seconds, struct obstack *o);

/* Why it failed, in `o`: what a compiler says of its own mistake, or its first error. Without names
 * of files and lines, so that it is the same for the same reason. */
const char *command_message(const Ran *r, struct obstack *o);

#endif
