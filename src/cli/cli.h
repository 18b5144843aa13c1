/* What the subcommands share. Each is one file, src/cli/NAME.c, with `command_NAME`. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "ir/case.h"

#include <argp.h>

#define COMMAND(name, text) int command_##name(int argc, char **argv);
#include "cli/commands.def"

/* Reads and verifies a case; a file that claims discipline is verified for it. NULL after the
 * messages have been printed to stderr. */
Case *cli_read_case(Arena *a, const char *path);

/* Parses with `argp`, whose usage is shown as `tally COMMAND`; bad usage ends with EXIT_INPUT. */
void cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/* A decimal or 0x number; ends with EXIT_INPUT when `text` is none. */
uint64_t cli_number(const struct argp_state *state, const char *option, const char *text);

/* Writes text to stdout; ends with EXIT_RESOURCE when that fails (a full device). */
void cli_put(Str text);

/* Flushes stdout; `status`, or EXIT_RESOURCE with a message when that fails. */
int cli_finish(int status);

/* Colour is for terminals, and for those who want it (NO_COLOR). */
bool cli_is_terminal(void);

/* Somebody looks at stderr: progress may be shown there. */
bool cli_watches_stderr(void);

#endif
