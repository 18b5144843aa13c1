/* The JIT as a back end. Option words: an optimisation level (`none`), a preset of CPU features
 * (`sse2` … `avx2`, `native`), single features (`has_avx=false`); `few`: values get a handful of
 * registers, so that many are spilled; `fuel=N`, `fuel-PASS=N`: a limit of rewrites (jit/fuel.h);
 * `planted`: with the host's pass hook, which other configurations do without. */
#include "backend/backend.h"
#include "jit/jit.h"

typedef struct {
    Jit *jit;
    CodeMem *memory;
    JitOptions options;
    const Module *module;
    JitCode code;
    Arena *pieces_arena;
    const char *missing; /* what this CPU lacks of the features, NULL for nothing */
    Fuel fuel;           /* in use when options.fuel is this */
} State;

/* Reads the words from left to right, starting from what this CPU has. */
static bool read_features(Arena *a, const char **words, uint32_t n, FeatureSet *features,
                          const char **error)
{
    Buf text = {.arena = a};
    buf_text(&text, "native");
    for (uint32_t k = 0; k < n; k++)
        if (words[k] && strcmp(words[k], "none") != 0) buf_printf(&text, " %s", words[k]);
    Str bad;
    if (feature_parse(buf_str(&text), features, &bad)) return true;
    *error = arena_printf(a, "the JIT has no option `%.*s`", (int)bad.n, bad.at);
    return false;
}

/* Names what the CPU lacks; NULL when it lacks nothing. */
static const char *missing_features(Arena *a, FeatureSet wanted)
{
    FeatureSet missing = wanted & ~feature_detect();
    if (!missing) return NULL;
    Buf text = {.arena = a};
    buf_text(&text, "this CPU lacks ");
    feature_print(missing, &text);
    return text.at;
}

/* What the configuration `few` leaves to values. */
static RegSet few_registers(void)
{
    return 1u << REG_rax | 1u << REG_rcx | 1u << REG_rdx | 1u << REG_rbx | 1u << REG_r10 |
           1u << REG_r11 | 1u << REG_xmm0 | 1u << REG_xmm1 | 1u << REG_xmm2 | 1u << REG_xmm3;
}

/* Whether the word is there; takes it out. */
static bool take_word(const char **words, uint32_t n, const char *word)
{
    bool found = false;
    for (uint32_t k = 0; k < n; k++) {
        if (!words[k] || strcmp(words[k], word) != 0) continue;
        words[k] = NULL;
        found = true;
    }
    return found;
}

/* A decimal number below FUEL_ALL, or that. */
static bool read_count(const char *text, uint32_t *n)
{
    uint64_t sum = 0;
    if (!*text) return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9') return false;
        sum = sum * 10 + (uint64_t)(*text - '0');
        if (sum > FUEL_ALL) return false;
    }
    *n = (uint32_t)sum;
    return true;
}

/* `fuel=N` is for all passes, `fuel-PASS=N` for one; false when the word is neither. */
static bool read_limit(const char *word, Fuel *fuel)
{
    static const char start[] = "fuel";
    if (strncmp(word, start, sizeof start - 1) != 0) return false;
    const char *name = word + sizeof start - 1, *equal = strchr(name, '=');
    uint32_t n;
    if (!equal || !read_count(equal + 1, &n)) return false;
    bool known = equal == name;
    for (unsigned p = 0; p < PASS_COUNT; p++) {
        Str pass = {name + 1, (size_t)(equal - name - 1)};
        if (equal != name && (*name != '-' || !str_is(pass, pass_name((Pass)p)))) continue;
        fuel->limit[p] = n;
        known = true;
    }
    return known;
}

/* Takes the words about fuel out; whether there were any. */
static bool take_limits(const char **words, uint32_t n, Fuel *fuel)
{
    bool any = false;
    *fuel = fuel_unlimited();
    for (uint32_t k = 0; k < n; k++) {
        if (!words[k] || !read_limit(words[k], fuel)) continue;
        words[k] = NULL;
        any = true;
    }
    return any;
}

static void *open_jit(Arena *a, const char **words, uint32_t n, const BackendHost *host,
                      const char **error)
{
    FeatureSet features;
    bool planted = host->pass_hook && take_word(words, n, "planted");
    bool few = take_word(words, n, "few");
    Fuel fuel;
    bool limited = take_limits(words, n, &fuel);
    if (!read_features(a, words, n, &features, error)) return NULL;
    State *s = arena_new(a, State);
    s->jit = jit_create();
    s->memory = codemem_create(0);
    s->pieces_arena = arena_create();
    s->missing = missing_features(a, features);
    s->options = (JitOptions){
        .features = features,
        .trap_exit = host->trap_exit,
        .avoided = few ? ~few_registers() : 0,
        .hook = planted ? host->pass_hook : NULL,
        .hook_data = host->pass_hook_data,
        .fuel = limited ? &s->fuel : NULL,
    };
    s->fuel = fuel;
    return s;
}

static void close_jit(void *state)
{
    State *s = state;
    jit_destroy(s->jit);
    codemem_destroy(s->memory);
    arena_destroy(s->pieces_arena);
}

static const char *features(void *state, Arena *a)
{
    Buf text = {.arena = a};
    buf_text(&text, "");
    feature_print(((State *)state)->options.features, &text);
    return text.at;
}

static bool compile(void *state, const Module *m, const char **refused)
{
    State *s = state;
    s->module = m;
    *refused = s->missing;
    if (s->missing) return false;
    codemem_rewind(s->memory);
    return jit_compile(s->jit, m, &s->options, s->memory, &s->code, refused);
}

static const void *entry(void *state, uint32_t func)
{
    State *s = state;
    return jit_entry(s->jit, &s->code, func);
}

static TrapCode trap_at(void *state, uint64_t pc)
{
    return jit_trap_at(&((State *)state)->code, pc);
}

static void code(void *state, const void **at, size_t *size)
{
    const State *s = state;
    *at = (const void *)s->code.start;
    *size = s->code.size;
}

/* Compiles once more, this time keeping track of lines. */
static const CodePiece *pieces(void *state, uint32_t *n)
{
    State *s = state;
    const char *refused;
    JitOptions with_lines = s->options;
    with_lines.wants_lines = true;
    codemem_rewind(s->memory);
    CHECK(jit_compile(s->jit, s->module, &with_lines, s->memory, &s->code, &refused));
    arena_reset(s->pieces_arena);
    CodePiece *list = arena_array(s->pieces_arena, CodePiece, s->code.nlines + 1);
    *n = s->code.nlines;
    for (uint32_t k = 0; k < *n; k++) {
        const JitLine *line = &s->code.lines[k];
        uint32_t end = k + 1 < *n ? line[1].offset : (uint32_t)s->code.size;
        list[k] = (CodePiece){line->offset, end - line->offset, line->func, line->inst.i};
    }
    return list;
}

static const Fuel *fuel(void *state) { return ((State *)state)->options.fuel; }

static const Module *lowered(void *state) { return ((State *)state)->code.module; }

static void stats(void *state, CodeStats *sum)
{
    const JitStats *j = &((State *)state)->code.stats;
    sum->bytes += j->bytes;
    sum->machine_insts += j->insts;
    sum->spill_loads += j->spill_loads;
    sum->spill_stores += j->spill_stores;
    sum->moves += j->moves;
}

const Backend backend_jit = {
    .name = "jit",
    .meaning = "our x86-64 JIT",
    .options = "none           optimisation level: straight lowering\n"
               "sse2 … avx2    a preset of CPU features; native: what this CPU has\n"
               "has_avx=false  a single feature\n"
               "few            values get a handful of registers\n"
               "fuel=N         at most N optional rewrites in each pass\n"
               "fuel-lower=N   in one pass: lower, allocate, emit\n",
    .open = open_jit,
    .close = close_jit,
    .features = features,
    .compile = compile,
    .entry = entry,
    .trap_at = trap_at,
    .code = code,
    .pieces = pieces,
    .stats = stats,
    .fuel = fuel,
    .lowered = lowered,
};

const char *backend_cpu_features(Arena *a)
{
    Buf text = {.arena = a};
    buf_text(&text, "");
    feature_print(feature_detect(), &text);
    return text.at;
}
