/* Back end `cc`: any C compiler that makes shared objects. */
#define _GNU_SOURCE
#include "backend/cc/batch.h"
#include "backend/cc/run.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define obstack_chunk_alloc malloc
#define obstack_chunk_free free

enum { WORDS_MAX = 100 };

typedef struct {
    const TallyHost *host;
    struct obstack memory;
    char *words[WORDS_MAX]; /* of the command, without files */
    unsigned nwords, ncommand; /* the first are the command itself */
    bool vectors_off;
    unsigned seconds;
    WriterOptions options;
    const char *about, *features;
    uint64_t units; /* that were built: names of files are used once, the loader knows them */
} State;

static char *print(State *s, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    obstack_vprintf(&s->memory, format, args);
    va_end(args);
    obstack_1grow(&s->memory, 0);
    return obstack_finish(&s->memory);
}

static void add_word(State *s, const char *word)
{
    if (s->nwords < WORDS_MAX - 1) s->words[s->nwords++] = print(s, "%s", word);
}

/* `+` stands for a blank. */
static void add_words(State *s, const char *text)
{
    while (*(text += strspn(text, "+ "))) {
        size_t n = strcspn(text, "+ ");
        add_word(s, print(s, "%.*s", (int)n, text));
        text += n;
    }
}

/* ---- the toolchain ---- */

static bool write_file(const char *path, const char *text, size_t n)
{
    FILE *f = fopen(path, "w");
    bool ok = f && fwrite(text, 1, n, f) == n;
    return f && fclose(f) == 0 && ok;
}

static bool compile(State *s, const char *source, const char *object, uint32_t ncases,
                    struct obstack *o, const char **message)
{
    char *argv[WORDS_MAX + 8];
    unsigned n = s->nwords;
    memcpy(argv, s->words, n * sizeof *argv);
    argv[n++] = "-o";
    argv[n++] = (char *)object;
    argv[n++] = (char *)source;
    argv[n++] = "-lm";
    argv[n] = NULL;
    Ran r = command_run(s->host->folder, argv, s->seconds + ncases, o);
    if (!r.ok) *message = command_message(&r, o);
    return r.ok;
}

typedef struct {
    uintptr_t base;
    Unit *unit;
} Search;

static int find_code(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    Search *s = data;
    if (info->dlpi_addr != s->base) return 0;
    for (unsigned k = 0; k < info->dlpi_phnum; k++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[k];
        if (p->p_type != PT_LOAD || !(p->p_flags & PF_X)) continue;
        s->unit->at = (const void *)(s->base + p->p_vaddr);
        s->unit->size = p->p_memsz;
    }
    return 1;
}

static bool load(const char *object, Unit *unit, struct obstack *o, const char **message)
{
    struct link_map *map;
    *unit = (Unit){.handle = dlopen(object, RTLD_NOW | RTLD_LOCAL)};
    if (!unit->handle) {
        const char *text = dlerror(), *behind = text ? strstr(text, ": ") : NULL;
        *message = obstack_copy0(o, behind ? behind + 2 : "?", strlen(behind ? behind + 2 : "?"));
        return false;
    }
    if (dlinfo(unit->handle, RTLD_DI_LINKMAP, &map) == 0)
        dl_iterate_phdr(find_code, &(Search){map->l_addr, unit});
    return true;
}

static bool build(void *data, const char *text, size_t n, uint32_t ncases, Unit *unit,
                  struct obstack *o, const char **message)
{
    State *s = data;
    char source[4096], object[4096];
    snprintf(source, sizeof source, "%s/unit.c", s->host->folder);
    snprintf(object, sizeof object, "%s/unit-%llu.so", s->host->folder,
             (unsigned long long)s->units++);
    if (!write_file(source, text, n)) {
        *message = "cannot write its source";
        return false;
    }
    bool ok = compile(s, source, object, ncases, o, message) && load(object, unit, o, message);
    unlink(object);
    return ok;
}

static void *find(const Unit *unit, const char *name)
{
    return dlsym(unit->handle, name);
}

static void drop(Unit *unit)
{
    dlclose(unit->handle);
}

static void close_command(void *data)
{
    struct obstack memory = ((State *)data)->memory;
    obstack_free(&memory, NULL);
}

static const char *describe(void *data) { return ((State *)data)->about; }
static const char *features(void *data) { return ((State *)data)->features; }

static const Toolchain toolchain = {build, find, drop, close_command, describe, features};

/* ---- opening ---- */

static const TallyOption *options(uint32_t *n)
{
    static const TallyOption all[] = {
#define COMMAND_OPTIONS
#define OPTION(name, values, fallback, help) {#name, values, fallback, help},
#include "backend/cc/options.def"
#undef COMMAND_OPTIONS
    };
    *n = sizeof all / sizeof *all;
    return all;
}

/* The last of the words O0, O1, … that is on. */
static const char *level(const TallySetting *settings, uint32_t n)
{
    for (uint32_t k = n; k-- > 0;)
        if (settings[k].name[0] == 'O' && settings_have(settings, n, settings[k].name))
            return settings[k].name;
    return "O2";
}

/* Flags for the features of `native`. */
static void add_features(State *s)
{
    static const struct {
        const char *name, *flag;
    } known[] = {
#define FEATURE(name, flag) {#name, flag},
#include "backend/cc/features.def"
    };
    const char *has = s->host->cpu_features;
    add_word(s, "-march=x86-64");
    s->features = print(s, "%s", has);
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
        size_t n = strlen(known[k].name);
        for (const char *at = has; (at = strstr(at, known[k].name)); at += n)
            if (at[n] == ' ' || at[n] == 0) {
                add_word(s, known[k].flag);
                break;
            }
    }
}

/* The words that are shown are those that a user may choose. */
static void read_settings(State *s, const TallySetting *at, uint32_t n)
{
    add_words(s, settings_find(at, n, "cc", "gcc"));
    s->ncommand = s->nwords;
    add_word(s, print(s, "-%s", level(at, n)));
    if (settings_have(at, n, "sse2")) add_word(s, "-march=x86-64");
    if (settings_have(at, n, "native")) add_features(s);
    add_words(s, settings_find(at, n, "flags", ""));
    s->options = settings_writer(at, n);
    s->vectors_off = settings_have(at, n, "arrays");
    s->seconds = (unsigned)strtoul(settings_find(at, n, "seconds", "10"), NULL, 10);
}

/* The first line of what it says of itself, and the words. */
static bool describe_command(State *s, const char **error)
{
    char *argv[WORDS_MAX + 2];
    memcpy(argv, s->words, s->ncommand * sizeof *argv);
    argv[s->ncommand] = "--version";
    argv[s->ncommand + 1] = NULL;
    if (!s->ncommand) return *error = "the option `cc` names no compiler", false;
    Ran r = command_run(s->host->folder, argv, s->seconds, &s->memory);
    if (!r.ok) {
        *error = print(s, "`%s` is no compiler: %s", argv[0], command_message(&r, &s->memory));
        return false;
    }
    s->about = print(s, "%.*s", (int)strcspn(r.output, "\n"), r.output);
    for (unsigned k = s->ncommand; k < s->nwords; k++)
        s->about = print(s, "%s %s", s->about, s->words[k]);
    return true;
}

/* What the interface of shared objects and the meaning of CLIF need. */
static void add_own_flags(State *s)
{
    add_word(s, "-w");
    add_word(s, "-shared");
    add_word(s, "-fPIC");
    add_word(s, "-ffp-contract=off");
}

static State *create(const TallyHost *host)
{
    struct obstack memory;
    obstack_init(&memory);
    State *s = obstack_alloc(&memory, sizeof *s);
    *s = (State){.host = host, .features = ""};
    s->memory = memory;
    return s;
}

static void *open_command(const TallyHost *host, const TallySetting *settings, uint32_t n,
                          const char **error)
{
    State *s = create(host);
    const char *message;
    read_settings(s, settings, n);
    if (!describe_command(s, error)) return NULL;
    add_own_flags(s);
    if (!toolchain_probe(&toolchain, s, host, &s->options, &s->memory, &message)) {
        *error = print(s, "`%s` compiles nothing: %s", s->words[0], message);
        return NULL;
    }
    s->options.has.vectors &= !s->vectors_off;
    return batch_create(&toolchain, s, host, &s->options);
}

__attribute__((visibility("default"))) const TallyBackend *tally_backend(void)
{
    static const TallyBackend cc = {
        .abi = TALLY_ABI,
        .size = sizeof(TallyBackend),
        .name = "cc",
        .version = "1",
        .meaning = "a C compiler, through C",
        .max_slot_align = 128,
        .max_cases = BATCH_CASES,
        .traits = TALLY_FORKS,
        .options = options,
        .open = open_command,
        .close = batch_close,
        .describe = batch_describe,
        .features = batch_features,
        .refuses = batch_refuses,
        .compile = batch_compile,
        .entry = batch_entry,
        .code = batch_code,
    };
    return &cc;
}
