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

/* ---- built in: options are lines of `word  meaning` ---------------------------------------- */

static json_t *describe_words(const char *text)
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

static void show_built_in(const Options *o, const Backend *b)
{
    if (o->json)
        describe_print(json_pack("{s:s, s:s, s:o}", "name", b->name, "meaning", b->meaning,
                                 "options", describe_words(b->options)),
                       stdout);
    else
        printf("%-18s %s\n%s", b->name, b->meaning, b->options);
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

static void print_options(const Library *l)
{
    for (uint32_t k = 0; k < l->noptions; k++) {
        const TallyOption *o = &l->options[k];
        bool flag = strcmp(o->values, "true|false") == 0;
        printf("  %s%s%s  (%s)\n      %s\n", o->name, flag ? "" : "=", flag ? "" : o->values,
               *o->fallback ? o->fallback : "nothing", o->help);
    }
}

static void show_library(const Options *o, const char *name)
{
    const char *error;
    const Library *l = library_open(o->arena, str_of(name), &error);
    if (o->json && !l) {
        describe_print(json_pack("{s:s, s:s}", "name", name, "problem", error), stdout);
    } else if (o->json) {
        const TallyBackend *b = l->api;
        describe_print(json_pack("{s:s, s:s, s:s, s:s, s:o}", "name", name, "version", b->version,
                                 "meaning", b->meaning, "path", l->path, "options",
                                 describe_options(l)),
                       stdout);
    } else if (!l) {
        printf("%-18s not usable: %s\n", name, error);
    } else {
        printf("%-18s %s: %s\n", name, l->api->version, l->api->meaning);
        if (o->name) print_options(l);
    }
}

static void show_libraries(const Options *o)
{
    NameVec names = {0};
    library_list(o->arena, &names);
    for (uint32_t k = 0; k < names.n; k++) show_library(o, names.at[k]);
    for (const KnownLibrary *known = library_known(); known->name; known++) {
        bool there = false;
        for (uint32_t k = 0; k < names.n; k++) there |= !strcmp(names.at[k], known->name);
        if (there) continue;
        if (o->json)
            describe_print(json_pack("{s:s, s:s, s:s}", "name", known->name, "meaning",
                                     known->meaning, "problem", known->command),
                           stdout);
        else
            printf("%-18s %s; not built: %s\n", known->name, known->meaning, known->command);
    }
}

static void show_machine(const Options *o)
{
    const char *cpu = backend_cpu_features(o->arena);
    if (o->json)
        describe_print(json_pack("{s:s, s:s}", "default", DEFAULT_BACKENDS, "cpu_features", cpu),
                       stdout);
    else
        printf("\ndefault    " DEFAULT_BACKENDS "\nthis CPU   %s\n",
               *cpu ? cpu : "sse2 only");
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
               "in `backends` beside this program.\n\n"
               "Example: tally backends jit",
    };
    Options o = {.arena = arena_create()};
    cli_parse(&argp, argc, argv, &o);
    int status = o.name ? show_one(&o) : show_all(&o);
    arena_destroy(o.arena);
    return cli_finish(status);
}
