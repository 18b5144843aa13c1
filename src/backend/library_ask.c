/* What a library says of itself, asked in a process of its own: constructors crash, print, install
 * handlers and start threads. The answer comes back in shared memory. */
#define _GNU_SOURCE
#include "backend/library.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OPTIONS_MAX = 1000, TEXT_BYTES = 1 << 20, LOAD_SECONDS = 20, LOAD_CLOCK = 60 };

/* Pointers lead into it, and mean the same on both sides. */
typedef struct {
    bool good;
    char error[1000]; /* empty: it did not come that far */
    TallyBackend api;
    TallyOption options[OPTIONS_MAX];
    uint32_t noptions;
    size_t used;
    char text[TEXT_BYTES];
} Sheet;

/* What is wrong with what a library says of itself; NULL for nothing. */
static const char *objection(Arena *a, const TallyBackend *b)
{
    if (!b) return TALLY_ENTRY " gives nothing";
    if (b->abi != TALLY_ABI)
        return arena_printf(a, "it speaks version %u of the interface, this tally version %u",
                            b->abi, TALLY_ABI);
    if (b->size < sizeof *b)
        return arena_printf(a, "its TallyBackend has %u bytes, and should have %zu", b->size,
                            sizeof *b);
    if (!b->name || !b->version || !b->meaning) return "it does not say what it is";
    if (!b->options || !b->open || !b->close || !b->compile || !b->entry || !b->code)
        return "a function is missing: options, open, close, compile, entry or code";
    if (!is_power_of_two(b->max_slot_align) || !b->max_cases)
        return "max_slot_align is no power of two, or max_cases is 0";
    if (!dialect_for(str_of(b->dialect ? b->dialect : "current")))
        return arena_printf(a, "its dialect `%s` is none that is written", b->dialect);
    return NULL;
}

const TallyBackend *library_load(const char *path, Arena *a, const char **error)
{
    const TallyBackend *(*describe)(void);
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return *error = arena_printf(a, "%s", dlerror()), NULL;
    *(void **)&describe = dlsym(handle, TALLY_ENTRY);
    const TallyBackend *b = describe ? describe() : NULL;
    const char *why = describe ? objection(a, b) : "it has no function " TALLY_ENTRY;
    if (!why) return b;
    *error = arena_printf(a, "%s: %s", path, why);
    return NULL;
}

/* ---- in the child ---- */

/* One line of ASCII. */
static const char *keep(Sheet *s, const char *text)
{
    size_t n = text ? strlen(text) : 0;
    if (!text || n >= TEXT_BYTES - s->used) return NULL;
    char *copy = s->text + s->used;
    for (size_t k = 0; k < n; k++) copy[k] = text[k] >= ' ' && text[k] <= '~' ? text[k] : '?';
    s->used += n + 1;
    return copy;
}

/* What is wrong with an option; NULL for nothing, and it is kept. */
static const char *keep_option(Sheet *s, const TallyOption *o)
{
    TallyOption *copy = &s->options[s->noptions++];
    *copy = (TallyOption){keep(s, o->name), keep(s, o->values), keep(s, o->fallback),
                          keep(s, o->help)};
    if (!copy->name || !copy->values || !copy->fallback || !copy->help)
        return "an option lacks its name, values, default or help";
    if (!*copy->name || copy->name[strcspn(copy->name, ":,= ")])
        return "the name of an option is empty, or has `:`, `,`, `=` or a blank in it";
    if (*copy->fallback && !library_takes(copy, copy->fallback))
        return "the default of an option is none of its values";
    return NULL;
}

static const char *keep_options(Sheet *s, const TallyBackend *b)
{
    uint32_t n = 0;
    const TallyOption *options = b->options(&n);
    if (n > OPTIONS_MAX || (n && !options)) return "it has too many options, or says so";
    for (uint32_t k = 0; k < n; k++) {
        const char *why = keep_option(s, &options[k]);
        if (why) return why;
    }
    return NULL;
}

/* All that is no function; what is wrong with it, NULL for nothing. */
static const char *keep_facts(Sheet *s, const TallyBackend *b)
{
    s->api = (TallyBackend){
        .abi = b->abi,
        .size = b->size,
        .name = keep(s, b->name),
        .version = keep(s, b->version),
        .meaning = keep(s, b->meaning),
        .dialect = keep(s, b->dialect),
        .max_slot_align = b->max_slot_align,
        .max_cases = b->max_cases,
        .traits = b->traits,
    };
    return s->api.name && s->api.version && s->api.meaning ? NULL : "it says too much of itself";
}

/* exit() runs nothing that the program around it wanted at its own end. */
static void leave(int status, void *data)
{
    (void)data;
    _exit(status);
}

/* Signals end it, whatever the program has made of them; and it ends. Raw: ASan may keep some. */
static void limit_child(void)
{
    static const struct rlimit no_core, seconds = {LOAD_SECONDS, LOAD_SECONDS};
    static const uint64_t by_default[4];
    for (int sig = 1; sig <= SIGRTMAX; sig++)
        syscall(SYS_rt_sigaction, sig, by_default, NULL, sizeof(uint64_t));
    setrlimit(RLIMIT_CORE, &no_core);
    setrlimit(RLIMIT_CPU, &seconds);
    alarm(LOAD_CLOCK);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd = 0; fd <= STDERR_FILENO; fd++) dup2(nothing, fd);
    on_exit(leave, NULL);
}

static _Noreturn void fill(Sheet *s, const char *path)
{
    const char *error = NULL;
    Arena *a = arena_create();
    limit_child();
    const TallyBackend *b = library_load(path, a, &error);
    const char *why = b ? keep_facts(s, b) : NULL;
    if (b && !why) why = keep_options(s, b);
    if (why) error = arena_printf(a, "%s: %s", path, why);
    if (error) snprintf(s->error, sizeof s->error, "%s", error);
    s->good = !error;
    _exit(0);
}

/* ---- in the parent ---- */

/* Why there is no answer. */
static const char *how_it_ended(Arena *a, const char *path, int status)
{
    if (WIFSIGNALED(status))
        return arena_printf(a, "%s: loading it ends in SIG%s", path,
                            sigabbrev_np(WTERMSIG(status)));
    return arena_printf(a, "%s: loading it ends the process, with status %d", path,
                        WEXITSTATUS(status));
}

static const char *copy(Arena *a, const char *text)
{
    return text ? arena_strndup(a, text, strlen(text)) : NULL;
}

static void take(Library *l, Arena *a, const Sheet *s)
{
    TallyBackend *b = arena_new(a, TallyBackend);
    TallyOption *options = arena_array(a, TallyOption, s->noptions);
    *b = s->api;
    b->name = copy(a, b->name), b->version = copy(a, b->version);
    b->meaning = copy(a, b->meaning), b->dialect = copy(a, b->dialect);
    for (uint32_t k = 0; k < s->noptions; k++) {
        const TallyOption *o = &s->options[k];
        options[k] = (TallyOption){copy(a, o->name), copy(a, o->values), copy(a, o->fallback),
                                   copy(a, o->help)};
    }
    l->api = b;
    l->options = options;
    l->noptions = s->noptions;
}

bool library_ask(Library *l, Arena *a, const char **error)
{
    int status = 0;
    Sheet *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    fflush(NULL);
    pid_t pid = s == MAP_FAILED ? -1 : fork();
    if (pid < 0) die("cannot load %s: %s", l->path, strerror(errno));
    if (pid == 0) fill(s, l->path);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
    bool good = s->good;
    if (good) take(l, a, s);
    else *error = *s->error ? copy(a, s->error) : how_it_ended(a, l->path, status);
    munmap(s, sizeof *s);
    return good;
}
