#include "cli/cli.h"

#include "fuzz/replay.h"
#include "oracle/finding.h"

#include <stdio.h>

static const struct {
    const char *name, *text;
    int (*run)(int argc, char **argv);
} commands[] = {
#define COMMAND(name, text) {#name, text, command_##name},
#include "cli/commands.def"
};

/* A command's name as it is typed, which lives until the next one. */
static const char *typed(const char *name)
{
    static char text[32];
    snprintf(text, sizeof text, "%s", name);
    for (char *at = text; (at = strchr(at, '_'));) *at = '-';
    return text;
}

static void print_help(FILE *out)
{
    fputs("tally, a differential fuzzer for code generators\n\n"
          "usage: tally COMMAND [ARGUMENT]…\n\n",
          out);
    for (size_t k = 0; k < countof(commands); k++)
        fprintf(out, "  %-16s %s\n", typed(commands[k].name), commands[k].text);
    fputs("\n`tally COMMAND --help` says more. For example:\n\n"
          "  tally gen --seed 1 | tally run -\n",
          out);
}

int main(int argc, char **argv)
{
    replay_if_asked();
    argp_err_exit_status = EXIT_INPUT;
    if (argc < 2) {
        print_help(stderr);
        return EXIT_INPUT;
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        print_help(stdout);
        return cli_finish(EXIT_AGREE);
    }
    if (!strcmp(argv[1], "--version")) {
        printf("tally %s (%s)\n", TALLY_VERSION, build_commit());
        return cli_finish(EXIT_AGREE);
    }
    for (size_t k = 0; k < countof(commands); k++)
        if (!strcmp(argv[1], typed(commands[k].name))) return commands[k].run(argc - 1, argv + 1);
    fprintf(stderr, "tally: there is no command `%s`; `tally --help` lists them\n", argv[1]);
    return EXIT_INPUT;
}
