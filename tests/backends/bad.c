/* A back end that does what its option says (bad.def) to victims: cases with the constant 0xbad, or
 * with `every=N` one in N of all. What is no victim is left to the back end of
 * docs/writing-a-backend.md, from which this one is made. */
#define _GNU_SOURCE
#define tally_backend example_backend
#include EXAMPLE
#undef tally_backend

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef LIES
#define LIES 0 /* it says beforehand that it can do everything */
#endif
#ifndef MAX_CASES
#define MAX_CASES 1
#endif

static State *example;
static uint32_t every; /* 0: the constant says */
static const struct Misdeed *misdeed;
static bool victim; /* the case at hand */

/* ---- while it compiles: what is not done here, the example does ---- */

static void segfault(TallyCompiled *out)
{
    (void)out;
    *(volatile char *)8 = 0;
}

static void says_and_dies(TallyCompiled *out)
{
    fprintf(stderr, "compiling\nv17 has no home at %p\nnote: this is a bug\n", (void *)out);
    abort();
}

static void exits_3(TallyCompiled *out)
{
    (void)out;
    fprintf(stderr, "no licence\n");
    exit(3);
}

static void exits_0(TallyCompiled *out)
{
    (void)out;
    exit(0);
}

/* What a CHECK of tally's that fails in its worker looks like. */
static void ends_as_tally(TallyCompiled *out)
{
    (void)out;
    fprintf(stderr, "tally: our own bug: file.c:1: CHECK(true)\n");
    exit(4);
}

static void fails(TallyCompiled *out)
{
    static const char message[] = "rule 12: \xe2\x80\x98i8\xe2\x80\x99\nis not i8, is it\xff";
    *out = (TallyCompiled){TALLY_FAILED, message};
}

static void gives_status_7(TallyCompiled *out)
{
    out->status = (TallyStatus)7;
}

/* entry() looks at what these leave. */
static void no_entry(TallyCompiled *out) { (void)out; }
static void foreign_entry(TallyCompiled *out) { (void)out; }

/* A child holds what tally listens to. */
static void dies_as_parent(TallyCompiled *out)
{
    if (fork() == 0) pause();
    segfault(out);
}

static void hangs_up(TallyCompiled *out)
{
    (void)out;
    closefrom(0);
}

static void hangs_up_and_loops(TallyCompiled *out)
{
    hangs_up(out);
    for (;;) continue;
}

static void loops_for_ever(TallyCompiled *out)
{
    (void)out;
    for (volatile int k = 0;; k++) continue;
}

static void waits_for_ever(TallyCompiled *out)
{
    (void)out;
    for (;;) pause();
}

static void writes_garbage(TallyCompiled *out)
{
    (void)out;
    for (int k = 0; k < 10000; k++) {
        printf("{\"event\":\"finding\"} \xff\n");
        fprintf(stderr, "tally: our own bug\n");
    }
}

static void starts_children(TallyCompiled *out)
{
    (void)out;
    for (int k = 0; k < 3; k++)
        if (fork() == 0) pause();
}

static void ignore(int sig) { (void)sig; }

static void spoils_signals(TallyCompiled *out)
{
    sigset_t all;
    (void)out;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int sig = 1; sig < 64; sig++) signal(sig, sig % 2 ? ignore : SIG_IGN);
}

static void fills_folder(TallyCompiled *out)
{
    char path[500];
    (void)out;
    snprintf(path, sizeof path, "%s/a", example->host->folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/a/b", example->host->folder);
    close(open(path, O_CREAT | O_WRONLY, 0600));
}

static void leaks(TallyCompiled *out)
{
    enum { MIB = 1 << 20 };
    volatile char *lost = malloc(MIB);
    (void)out;
    for (size_t k = 0; lost && k < MIB; k += 4096) lost[k] = 1;
}

/* ---- as code: args in rdi, results in rsi ---- */

static const char crashes[] = "\x0f\x0b";
static const char loops[] = "\xeb\xfe";
static const char spoils_rbx[] = "\xbb\x01\x01\x01\x01\xc3";
static const char writes_beside[] = "\x48\x8b\x07\xc6\x40\x10\x01"; /* one behind 16 bytes */
static const char differs[] = "\x48\xc7\x06\x63\x63\x63\x63\xc3";
/* push rax; mov edi, …; mov rax, and the address of exit to come */
static const char exits_at_run[] = "\x50\xbf\x03\x01\x01\x01\x48\xb8";

typedef struct Misdeed {
    const char *name;
    void (*act)(TallyCompiled *out);
    const char *code;
} Misdeed;

#define ROW_nowhere(name) {#name, NULL, NULL},
#define ROW_compile(name) {#name, name, NULL},
#define ROW_code(name) {#name, NULL, name},
#define BAD(name, when, kind, says, slug) ROW_##when(name)
static const Misdeed misdeeds[] = {
#include "bad.def"
    /* These have a test each. */
    ROW_compile(leaks) ROW_compile(loops_for_ever) ROW_compile(waits_for_ever)
    ROW_compile(hangs_up_and_loops) ROW_compile(ends_as_tally) ROW_nowhere(dies_in_a_batch)
    ROW_nowhere(open_fails) ROW_nowhere(open_is_silent) ROW_nowhere(open_dies)
    ROW_nowhere(nothing)
    {0},
};

static bool does(const char *name) { return strcmp(misdeed->name, name) == 0; }

static const Misdeed *find_misdeed(const char *name)
{
    const Misdeed *m = misdeeds;
    while (m->name && strcmp(m->name, name) != 0) m++;
    return m;
}

static void *bad_open(const TallyHost *host, const TallySetting *settings, uint32_t n,
                      const char **error)
{
    misdeed = find_misdeed("nothing");
    for (uint32_t k = 0; k < n; k++)
        if (strcmp(settings[k].name, "do") == 0) misdeed = find_misdeed(settings[k].value);
        else every = (uint32_t)atoi(settings[k].value);
    *error = "there is no such misdeed";
    if (!misdeed->name) return NULL;
    if (does("open_dies")) segfault(NULL);
    *error = does("open_fails") ? "no licence for 3 seats" : NULL;
    if (*error || does("open_is_silent")) return NULL;
    return example = open_state(host, NULL, 0, error);
}

static bool has_constant(const TallyBlock *b, int64_t wanted)
{
    for (uint32_t k = 0; k < b->ninsts; k++)
        if (b->insts[k].imm == wanted) return true;
    return false;
}

static bool is_victim(const TallyModule *m)
{
    const TallyFunc *f = &m->funcs[m->nfuncs - 1];
    return every ? f->nvalues % every == 0 : has_constant(&f->blocks[0], 0xbad);
}

static const char *example_refuses(const TallyModule *m)
{
    for (uint32_t f = 0; f < m->nfuncs; f++)
        for (uint32_t b = 0; b < m->funcs[f].nblocks; b++)
            for (uint32_t k = 0; k < m->funcs[f].blocks[b].ninsts; k++) {
                const char *why = refuses(example, &m->funcs[f], &m->funcs[f].blocks[b].insts[k]);
                if (why) return why;
            }
    return NULL;
}

/* Every function is the misdeed. */
static void put_misdeed(const TallyModule *m)
{
    for (uint32_t f = 0; f < m->nfuncs; f++) example->entry[0][f] = example->code;
    example->start[0] = example->at = example->code;
    if (does("exits_at_run")) put(example, misdeed->code, (uint64_t)exit, 8);
    else put(example, misdeed->code, 0, 0);
    if (does("exits_at_run")) put(example, "\xff\xd0", 0, 0); /* call rax */
    if (does("writes_beside")) put_func(example, &m->funcs[0]);
    example->start[1] = example->at;
}

/* entry() does what is to be done. */
static bool spoils_entry(void) { return does("no_entry") || does("foreign_entry"); }

static void bad_compile(void *state, const TallyCase *const *cases, uint32_t n, TallyCompiled *out)
{
    const TallyModule *m = example->host->module(cases[0]);
    const char *why = example_refuses(m);
    victim = is_victim(m);
    if (does("dies_in_a_batch") && n > 1) segfault(out);
    if (victim && misdeed->act) misdeed->act(out);
    if (out->status != TALLY_COMPILED || (victim && spoils_entry())) return;
    if (victim && misdeed->code) put_misdeed(m);
    else if (why || (victim && LIES)) *out = (TallyCompiled){TALLY_REFUSED, why};
    else compile(state, cases, n, out);
}

static const void *bad_entry(void *state, uint32_t k, uint32_t func)
{
    if (victim && does("no_entry")) return NULL;
    return victim && does("foreign_entry") ? (const void *)exit : entry(state, k, func);
}

static const char *refuses_nothing(void *state, const TallyFunc *f, const TallyInst *i)
{
    (void)state, (void)f, (void)i;
    return NULL;
}

static const TallyOption *bad_options(uint32_t *n)
{
    static const TallyOption list[] = {
        {"do", "TEXT", "nothing", "the misdeed"},
        {"every", "NUMBER", "0", "victims are one case in so many"},
    };
    *n = sizeof list / sizeof *list;
    return list;
}

const TallyBackend *tally_backend(void)
{
    static TallyBackend b;
    b = *example_backend();
    b.name = "bad", b.version = "6.6";
    b.options = bad_options, b.open = bad_open, b.compile = bad_compile, b.entry = bad_entry;
    b.refuses = LIES ? refuses_nothing : NULL, b.max_cases = MAX_CASES;
    return &b;
}
