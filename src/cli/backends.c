#include "cli/cli.h"

#include "backend/backend.h"

#include <stdio.h>

int command_backends(int argc, char **argv)
{
    static const struct argp argp = {
        .doc = "List the back ends and their options.\v"
               "A configuration is a back end and option words: jit:none:sse2.\n\n"
               "Example: tally backends",
    };
    cli_parse(&argp, argc, argv, NULL);
    for (uint32_t k = 0; backends[k]; k++)
        printf("%-8s %s\n%s", backends[k]->name, backends[k]->meaning, backends[k]->options);
    return cli_finish(EXIT_AGREE);
}
