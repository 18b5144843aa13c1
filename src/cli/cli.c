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

void cli_problems(const char *command, const Judge *j)
{
    static size_t said;
    const char *problems = judge_problems(j);
    Str left = {problems ? problems + said : "", problems ? strlen(problems + said) : 0};
    said += left.n;
    for (Str line; (line = str_next_word(&left, "\n")).n;)
        fprintf(stderr, "tally %s: %.*s\n", command, (int)line.n, line.at);
}

Judge *cli_judge(const char *command, const JudgeOptions *o)
{
    const char *error;
    Judge *j = judge_create(o, &error);
    if (j) cli_problems(command, j);
    else fprintf(stderr, "tally %s: %s\n", command, error);
    return j;
}

int cli_judged(const char *command, const Judge *j, int status)
{
    cli_problems(command, j);
    bool light = status == EXIT_AGREE || status == EXIT_UNJUDGED;
    return judge_problems(j) && light ? EXIT_INPUT : status;
}

void cli_parse(const struct argp *argp, int argc, char **argv, void *input)
{
    char *name = NULL;
    if (asprintf(&name, "tally %s", argv[0]) < 0) die("out of memory");
    argv[0] = name;
    argp_parse(argp, argc, argv, 0, NULL, input);
}

error_t cli_finding_option(FindingOptions *o, int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'b': o->backends = arg; return 0;
    case 'w': o->whole = true; return 0;
    case 'j': o->json = true; return 0;
    case ARGP_KEY_ARG:
        if (o->path) argp_error(state, "one finding at a time");
        o->path = arg;
        return 0;
    case ARGP_KEY_NO_ARGS: argp_error(state, "which finding?"); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
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

const Dialect *cli_dialect(const struct argp_state *state, const char *text)
{
    const Dialect *d = dialect_for(str_of(text));
    if (!d)
        argp_error(state, "--dialect takes a version of Cranelift from 0.%u on, not `%s`",
                   dialects[0].from, text);
    return d;
}

bool cli_write_case(Buf *out, const Case *c, const WriteOptions *options)
{
    const Dialect *d = options->dialect;
    const char *reason = d ? dialect_refuses(d, c->module, out->arena) : NULL;
    if (reason) fprintf(stderr, "tally: this dialect cannot say the case: %s\n", reason);
    else case_write(out, c, options);
    return !reason;
}

void cli_put(Str text)
{
    if (fwrite(text.at, 1, text.n, stdout) != text.n) die("standard output: %s", strerror(errno));
}

/* Columns that a text takes. */
static size_t width_of(Str s)
{
    size_t n = 0;
    for (size_t k = 0; k < s.n; k++) n += ((unsigned char)s.at[k] & 0xc0) != 0x80;
    return n;
}

void cli_row(const char *left, size_t at, const char *text)
{
    enum { COLUMNS = 80 };
    size_t column = width_of(str_of(left));
    bool first = true;
    fputs(left, stdout);
    if (column >= at) column = COLUMNS;
    Str rest = str_of(text);
    for (Str word; (word = str_next_word(&rest, " ")).n; first = false) {
        size_t n = width_of(word);
        bool breaks = column + !first + n > COLUMNS && (column > at || first);
        if (breaks) putchar('\n'), column = 0;
        if (column < at) printf("%*s", (int)(at - column), ""), column = at;
        else if (!first) putchar(' '), column++;
        printf("%.*s", (int)word.n, word.at);
        column += n;
    }
    putchar('\n');
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
