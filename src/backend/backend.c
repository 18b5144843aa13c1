#define _GNU_SOURCE
#include "backend/backend.h"

#include <unistd.h>

const Backend *const backends[] = {&backend_interp, &backend_jit, NULL};

static const struct {
    const char *name;
    bool compared;
} outcomes[OUTCOME_COUNT] = {
#define OUTCOME(name, compared, meaning) [OUTCOME_##name] = {#name, compared},
#include "backend/outcomes.def"
};

const char *outcome_name(OutcomeKind kind) { return outcomes[kind].name; }
bool outcome_compares(OutcomeKind kind) { return outcomes[kind].compared; }

static void close_nothing(void *state)
{
    (void)state;
}

const Backend backend_library = {
    .name = "library",
    .meaning = "a back end in a shared object",
    .options = "",
    .close = close_nothing,
};

static const Backend *find(Str name)
{
    for (uint32_t k = 0; backends[k]; k++)
        if (str_is(name, backends[k]->name)) return backends[k];
    return NULL;
}

/* Cuts `spec` at `separator`; the rest stays in `*rest`. */
static Str cut(Str *rest, char separator)
{
    const char *end = rest->n ? memchr(rest->at, separator, rest->n) : NULL;
    Str head = {rest->at, end ? (size_t)(end - rest->at) : rest->n};
    *rest = end ? (Str){end + 1, rest->n - head.n - 1} : (Str){rest->at + rest->n, 0};
    return head;
}

enum { WORDS_MAX = 32 };

/* The words behind the name; false when there are too many. */
static bool read_words(Arena *a, Str rest, const char *words[WORDS_MAX], uint32_t *n)
{
    for (*n = 0; rest.n && *n < WORDS_MAX;) {
        Str word = cut(&rest, ':');
        words[(*n)++] = arena_strndup(a, word.at, word.n);
    }
    return rest.n == 0;
}

static bool open_built_in(Arena *a, Config *c, const char **words, uint32_t n,
                          const BackendHost *host, const char **error)
{
    c->state = c->backend->open(a, words, n, host, error);
    if (!c->state) return false;
    if (c->backend->features) c->features = c->backend->features(c->state, a);
    return true;
}

/* `/a/b/NAME.so:none` is NAME:none. */
static const char *short_name(Arena *a, const Config *c)
{
    Str rest = str_of(c->name), name = cut(&rest, ':');
    const char *slash = memrchr(name.at, '/', name.n);
    if (slash) name = (Str){slash + 1, (size_t)(name.at + name.n - slash - 1)};
    if (name.n > 3 && memcmp(name.at + name.n - 3, ".so", 3) == 0) name.n -= 3;
    return arena_printf(a, "%.*s%s%.*s", (int)name.n, name.at, rest.n ? ":" : "", (int)rest.n,
                        rest.at);
}

/* A path that means the same in every folder. */
static const char *from_root(Arena *a, const char *path)
{
    char here[4096];
    while (!strncmp(path, "./", 2)) path += 2;
    return getcwd(here, sizeof here) ? arena_printf(a, "%s/%s", here, path) : path;
}

static bool open_library(Arena *a, Config *c, Str name, const char **words, uint32_t n,
                         const char **error)
{
    TallySetting *settings = arena_array(a, TallySetting, n);
    c->backend = &backend_library;
    if (memchr(name.at, '/', name.n) && *name.at != '/') c->name = from_root(a, c->name);
    c->library = library_open(a, name, error);
    c->settings = settings;
    c->nsettings = n;
    return c->library && library_settings(c->library, a, words, n, settings, error);
}

Config *config_open(Arena *a, Str spec, const BackendHost *host, const char **error)
{
    const char *words[WORDS_MAX];
    uint32_t n;
    Str rest = spec, name = cut(&rest, ':');
    if (!read_words(a, rest, words, &n)) return *error = "too many options of one back end", NULL;
    Config *c = arena_new(a, Config);
    c->backend = find(name);
    c->name = c->label = arena_strndup(a, spec.at, spec.n);
    c->slug = short_name(a, c);
    bool opens = c->backend ? open_built_in(a, c, words, n, host, error)
                            : open_library(a, c, name, words, n, error);
    return opens ? c : NULL;
}

static void open_one(Arena *a, Str spec, const BackendHost *host, ConfigVec *out, Buf *problems)
{
    const char *error = "too many configurations";
    Config *c = out->n < CONFIGS_MAX ? config_open(a, spec, host, &error) : NULL;
    if (!c) {
        buf_printf(problems, "%s\n", error);
        return;
    }
    c->fill = (uint8_t)(0xa5 + 0x37 * out->n);
    *vec_push(a, out) = c;
}

void configs_open(Arena *a, const char *list, const BackendHost *host, ConfigVec *out,
                  Buf *problems)
{
    Str rest = str_of(list);
    if (!rest.n) buf_text(problems, "the list of back ends is empty\n");
    while (rest.n) open_one(a, cut(&rest, ','), host, out, problems);
}

void configs_close(ConfigVec *configs)
{
    for (uint32_t k = 0; k < configs->n; k++)
        configs->at[k]->backend->close(configs->at[k]->state);
    configs->n = 0;
}
