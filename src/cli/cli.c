#define _GNU_SOURCE
#include "cli/cli.h"

#include "ir/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

Case *cli_read_case(Arena *a, const char *path)
{
    Diag d = {.arena = a, .file = path};
    Case *c = case_load(&d);
    diag_print(&d, stderr);
    return c;
}

void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    char *name = NULL;
    if (asprintf(&name, "tally %s", argv[0]) < 0) die("out of memory");
    argv[0] = name;
    argp_parse(argp, argc, argv, 0, NULL, input);
}

uint64_t cli_number(const struct argp_state *state, const char *option, const char *text)
{
    char *end;
    errno = 0;
    uint64_t n = strtoull(text, &end, 0);
    if (!*text || *end || errno || strchr(text, '-'))
        argp_error(state, "%s takes a number, not `%s`", option, text);
    return n;
}

void cli_put(Str text)
{
    if (fwrite(text.at, 1, text.n, stdout) != text.n) die("standard output: %s", strerror(errno));
}

int cli_finish(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "tally: standard output: %s\n", strerror(errno));
        return EXIT_RESOURCE;
    }
    return status;
}

bool cli_is_terminal(void)
{
    return isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
}

bool cli_watches_stderr(void)
{
    return isatty(STDERR_FILENO);
}
