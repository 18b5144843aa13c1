#include "backend/backend.h"

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

Config *config_open(Arena *a, Str spec, const BackendHost *host, const char **error)
{
    Str rest = spec;
    Str name = cut(&rest, ':');
    const Backend *b = find(name);
    if (!b) {
        *error = arena_printf(a, "no back end is called `%.*s`", (int)name.n, name.at);
        return NULL;
    }
    const char *words[WORDS_MAX];
    uint32_t n = 0;
    while (rest.n && n < WORDS_MAX) {
        Str word = cut(&rest, ':');
        words[n++] = arena_strndup(a, word.at, word.n);
    }
    if (rest.n) return *error = "too many options of one back end", NULL;
    Config *c = arena_new(a, Config);
    c->backend = b;
    c->name = arena_strndup(a, spec.at, spec.n);
    c->state = b->open(a, words, n, host, error);
    return c->state ? c : NULL;
}

bool configs_open(Arena *a, const char *list, const BackendHost *host, ConfigVec *out,
                  const char **error)
{
    Str rest = str_of(list);
    while (rest.n) {
        if (out->n == CONFIGS_MAX) return *error = "too many configurations", false;
        Config *c = config_open(a, cut(&rest, ','), host, error);
        if (!c) return false;
        c->fill = (uint8_t)(0xa5 + 0x37 * out->n);
        *vec_push(a, out) = c;
    }
    if (!out->n) *error = "the list of back ends is empty";
    return out->n != 0;
}

void configs_close(ConfigVec *configs)
{
    for (uint32_t k = 0; k < configs->n; k++)
        configs->at[k]->backend->close(configs->at[k]->state);
    configs->n = 0;
}
