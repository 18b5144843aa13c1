#include "cli/cli.h"

#include "backend/backend.h"
#include "jit/x64/features.h"
#include "oracle/describe.h"

static const struct argp_option options[] = {
    {"json", 'j', 0, 0, "one JSON object a line", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    switch (key) {
    case 'j': *(bool *)state->input = true; return 0;
    case ARGP_KEY_ARG: argp_error(state, "`%s` is not understood", arg); return EINVAL;
    default: return ARGP_ERR_UNKNOWN;
    }
}

/* Back ends have their options as text: lines of `word  meaning`. */
static json_t *describe_options(const char *text)
{
    json_t *list = json_array();
    while (*text) {
        text += strspn(text, " ");
        size_t line = strcspn(text, "\n");
        const char *gap = strstr(text, "  ");
        size_t word = gap && gap < text + line ? (size_t)(gap - text) : line;
        size_t skip = word + strspn(text + word, " ");
        json_array_append_new(list, json_pack("{s:s%, s:s%}", "word", text, word, "meaning",
                                              text + skip, line - skip));
        text += line + (text[line] != 0);
    }
    return list;
}

static void print_json(const char *cpu)
{
    for (uint32_t k = 0; backends[k]; k++)
        describe_print(json_pack("{s:s, s:s, s:o}", "name", backends[k]->name, "meaning",
                                 backends[k]->meaning, "options",
                                 describe_options(backends[k]->options)),
                       stdout);
    describe_print(json_pack("{s:s, s:s}", "default", DEFAULT_BACKENDS, "cpu_features", cpu),
                   stdout);
}

static void print_text(const char *cpu)
{
    for (uint32_t k = 0; backends[k]; k++)
        printf("%-8s   %s\n%s", backends[k]->name, backends[k]->meaning, backends[k]->options);
    printf("\ndefault    " DEFAULT_BACKENDS "\nthis CPU   %s\n", *cpu ? cpu : "sse2 only");
}

int command_backends(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .doc = "List the back ends, their options, and what this CPU has.\v"
               "A configuration is a back end and option words: jit:none:sse2.\n\n"
               "Example: tally backends",
    };
    bool json = false;
    cli_parse(&argp, argc, argv, &json);
    Buf cpu = {.arena = arena_create()};
    buf_text(&cpu, "");
    feature_print(feature_detect(), &cpu);
    if (json) print_json(cpu.at);
    else print_text(cpu.at);
    arena_destroy(cpu.arena);
    return cli_finish(EXIT_AGREE);
}
