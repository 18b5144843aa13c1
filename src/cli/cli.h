/* What the subcommands share. Each is one file, src/cli/NAME.c, with `command_NAME`. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "ir/write.h"
#include "oracle/judge.h"

#include <argp.h>

#define COMMAND(name, text) int command_##name(int argc, char **argv);
#include "cli/commands.def"

/* Reads and verifies a case; a file that claims discipline is verified for it. NULL after the
 * messages have been printed to stderr. */
Case *cli_read_case(Arena *a, const char *path);

/* A judge for `tally COMMAND`. What does not open of its back ends is said on stderr, and the rest
 * goes on; NULL when nothing opens. */
Judge *cli_judge(const char *command, const JudgeOptions *o);

/* Says on stderr what is wrong with a judge's back ends, as far as it has not been said. */
void cli_problems(const char *command, const Judge *j);

/* The exit status when back ends were not there: EXIT_INPUT, unless `status` is graver. */
int cli_judged(const char *command, const Judge *j, int status);

/* Parses with `argp`, whose usage is shown as `tally COMMAND`; bad usage ends with EXIT_INPUT. */
void cli_parse(const struct argp *argp, int argc, char **argv, void *input);

/* What commands that take one finding have in common: its folder or a file, -b, -w, -j. */
typedef struct {
    const char *backends, *path;
    bool whole, json;
} FindingOptions;

/* For a parser whose other keys are all handled. */
error_t cli_finding_option(FindingOptions *o, int key, char *arg, struct argp_state *state);

/* A decimal or 0x number; ends with EXIT_INPUT when `text` is none. */
uint64_t cli_number(const struct argp_state *state, const char *option, const char *text);

/* The dialect of `--dialect`; ends with EXIT_INPUT when there is none of that name. */
const Dialect *cli_dialect(const struct argp_state *state, const char *text);

/* Appends the case; false with a message when the dialect lacks something that it needs. */
bool cli_write_case(Buf *out, const Case *c, const WriteOptions *options);

/* Writes text to stdout; ends with EXIT_RESOURCE when that fails (a full device). */
void cli_put(Str text);

/* A row of two columns on stdout: `left`, and from column `at` on `text`, broken between words so
 * that it fits on 80 columns. What is too long on the left has a line of its own. */
void cli_row(const char *left, size_t at, const char *text);

/* Flushes stdout; `status`, or EXIT_RESOURCE with a message when that fails. */
int cli_finish(int status);

/* Colour is for terminals, and for those who want it (NO_COLOR). */
bool cli_is_terminal(void);

/* Somebody looks at stderr: progress may be shown there. */
bool cli_watches_stderr(void);

#endif
