#define _GNU_SOURCE
#include "cli/cli.h"

#include "backend/backend.h"
#include "oracle/describe.h"

typedef struct {
    bool json;
    const char *name; /* of the one to describe; NULL: all, in brief */
    Arena *arena;
} Options;

static const struct argp_option options[] = {
    {"json", 'j', 0, 0, "one JSON object a line", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    Options *o = state->input;
    switch (key) {
    case 'j': o->json = true; return 0;
    case ARGP_KEY_ARG:
        if (o->name) argp_error(state, "one back end at a time");
        o->name = arg;
        return 0;
    default: return ARGP_ERR_UNKNOWN;
    }
}

enum { NAMES = 18, WORDS = 24 }; /* columns: of back ends, of options */

/* ---- built in: options are lines of `word  meaning` ---------------------------------------- */

static void show_word(const Options *o, json_t *list, Str line)
{
    const char *gap = memmem(line.at, line.n, "  ", 2);
    size_t word = gap ? (size_t)(gap - line.at) : line.n, skip = word;
    while (skip < line.n && line.at[skip] == ' ') skip++;
    const char *left = arena_strndup(o->arena, line.at, word);
    const char *text = arena_strndup(o->arena, line.at + skip, line.n - skip);
    if (list) json_array_append_new(list, json_pack("{s:s, s:s}", "word", left, "meaning", text));
    else cli_row(arena_printf(o->arena, "  %s", left), WORDS, text);
}

static void show_words(const Options *o, json_t *list, const char *text)
{
    Str left = str_of(text);
    for (Str line; (line = str_next_word(&left, "\n")).n;) show_word(o, list, line);
}

static void show_built_in(const Options *o, const Backend *b)
{
    json_t *list = o->json ? json_array() : NULL;
    if (!o->json) cli_row(b->name, NAMES, b->meaning);
    if (o->json || o->name) show_words(o, list, b->options);
    if (o->json)
        describe_print(json_pack("{s:s, s:s, s:o}", "name", b->name, "meaning", b->meaning,
                                 "options", list),
                       stdout);
}

/* ---- loaded -------------------------------------------------------------------------------- */

static json_t *describe_options(const Library *l)
{
    json_t *list = json_array();
    for (uint32_t k = 0; k < l->noptions; k++)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s}", "word", l->options[k].name,
                                              "values", l->options[k].values, "default",
                                              l->options[k].fallback, "meaning",
                                              l->options[k].help));
    return list;
}

static void print_option(const Options *o, const TallyOption *option)
{
    const char *text = option->help;
    bool flag = !strcmp(option->values, "true|false") || !strcmp(option->values, "true");
    const char *left = flag ? option->name
                            : arena_printf(o->arena, "%s=%s", option->name, option->values);
    if (*option->fallback) text = arena_printf(o->arena, "%s (%s)", text, option->fallback);
    cli_row(arena_printf(o->arena, "  %s", left), WORDS, text);
}

static void describe_library(const Library *l)
{
    const TallyBackend *b = l->api;
    describe_print(json_pack("{s:s, s:s, s:s, s:s, s:s?, s:i, s:o}", "name", l->name, "version",
                             b->version, "meaning", b->meaning, "path", l->path, "dialect",
                             b->dialect, "max_cases", (int)b->max_cases, "options",
                             describe_options(l)),
                   stdout);
}

static void print_library(const Options *o, const Library *l)
{
    const char *text = arena_printf(o->arena, "%s: %s", l->api->version, l->api->meaning);
    cli_row(l->name, o->name ? strlen(l->name) + 1 : NAMES, text);
    for (uint32_t k = 0; o->name && k < l->noptions; k++) print_option(o, &l->options[k]);
    if (o->name && l->noptions) puts("\nIn parentheses what holds when nothing is said.");
}

static void show_problem(const Options *o, const char *name, const char *problem)
{
    if (o->json) describe_print(json_pack("{s:s, s:s}", "name", name, "problem", problem), stdout);
    else printf("%-*s not usable: %s\n", NAMES - 1, name, problem);
}

static void show_library(const Options *o, const char *name)
{
    const char *error;
    const Library *l = library_open(o->arena, str_of(name), &error);
    if (!l) show_problem(o, name, error);
    else if (o->json) describe_library(l);
    else print_library(o, l);
}

static void show_missing(const Options *o, const NameVec *names, const KnownLibrary *l)
{
    for (uint32_t k = 0; k < names->n; k++)
        if (!strcmp(names->at[k], l->name)) return;
    if (o->json)
        describe_print(json_pack("{s:s, s:s, s:s}", "name", l->name, "meaning", l->meaning,
                                 "problem", l->command),
                       stdout);
    else
        cli_row(l->name, NAMES,
                arena_printf(o->arena, "not built (%s): %s", l->command, l->meaning));
}

static void show_libraries(const Options *o)
{
    NameVec names = {0};
    library_list(o->arena, &names);
    for (uint32_t k = 0; k < names.n; k++) show_library(o, names.at[k]);
    for (const KnownLibrary *l = library_known(); l->name; l++)
        show_missing(o, &names, l);
}

static void show_machine(const Options *o)
{
    const char *cpu = backend_cpu_features(o->arena);
    if (o->json) {
        describe_print(json_pack("{s:s, s:s}", "default", DEFAULT_BACKENDS, "cpu_features", cpu),
                       stdout);
        return;
    }
    putchar('\n');
    cli_row("default", NAMES, DEFAULT_BACKENDS);
    cli_row("this CPU", NAMES, *cpu ? cpu : "sse2 only");
    puts("\n`tally backends NAME` shows the options of one.");
}

static int show_one(const Options *o)
{
    const char *error;
    for (uint32_t k = 0; backends[k]; k++)
        if (strcmp(backends[k]->name, o->name) == 0) {
            show_built_in(o, backends[k]);
            return EXIT_AGREE;
        }
    if (library_open(o->arena, str_of(o->name), &error)) {
        show_library(o, o->name);
        return EXIT_AGREE;
    }
    fprintf(stderr, "tally backends: %s\n", error);
    return EXIT_INPUT;
}

static int show_all(const Options *o)
{
    for (uint32_t k = 0; backends[k]; k++) show_built_in(o, backends[k]);
    show_libraries(o);
    show_machine(o);
    return EXIT_AGREE;
}

int command_backends(int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "[NAME]",
        .doc = "List the back ends, what is not there and why, and what this CPU has; or describe "
               "one, with its options and their defaults.\v"
               "A configuration is a back end and option words: jit:none:sse2, "
               "cranelift:speed:has_avx=false. A back end in a shared object has the name of its "
               "file, or is given by path; it is looked for in the folders of TALLY_BACKENDS and "
               "in `backends` beside this program. docs/writing-a-backend.md says how one is "
               "written.\n\n"
               "Example: tally backends jit",
    };
    Options o = {.arena = arena_create()};
    cli_parse(&argp, argc, argv, &o);
    int status = o.name ? show_one(&o) : show_all(&o);
    arena_destroy(o.arena);
    return cli_finish(status);
}
