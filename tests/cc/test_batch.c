/* Back ends `cc` and `tcc` through their interface, with compilers that are ill on purpose: shell
 * scripts in front of gcc. BUILD is the folder of the build. */
#define _GNU_SOURCE
#include "backend/given.h"
#include "ir/read.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { MOST = 8 };

static jmp_buf after_trap;
static TallyRange faults[TALLY_RANGES];

static _Noreturn void trap_exit(int code) { longjmp(after_trap, code); }
static uint8_t trap_code(const char *name) { return trap_from_name(str_of(name)); }

typedef struct {
    Arena *arena;
    char folder[32];
    TallyHost host;
    const TallyBackend *api;
    void *state;
    const char *error;
    TallyCompiled out[MOST];
} Test;

static const TallyBackend *load(Arena *a, const char *name)
{
    const char *build = getenv("BUILD");
    void *handle = dlopen(arena_printf(a, "%s/backends/%s.so", build ? build : "build", name),
                          RTLD_NOW | RTLD_LOCAL);
    if (!handle) fail_msg("%s", dlerror());
    const TallyBackend *(*describe)(void);
    *(void **)&describe = dlsym(handle, TALLY_ENTRY);
    return describe();
}

/* `settings` are words NAME=VALUE, blanks between them. */
static void start(Test *t, const char *name, const char *settings)
{
    *t = (Test){.arena = arena_create(), .folder = "/tmp/tally-cc-XXXXXX"};
    assert_non_null(mkdtemp(t->folder));
    t->host = (TallyHost){
        .abi = TALLY_ABI, .size = sizeof t->host, .ops = given_ops(), .nops = OP_COUNT,
        .trap_exit = (const void *)trap_exit, .faults = faults, .folder = t->folder,
        .cpu_features = "has_sse3 has_sse41 has_avx", .module = given_module, .text = given_text,
        .is_entered = given_is_entered, .trap_code = trap_code,
    };
    t->api = load(t->arena, name);
    TallySetting list[8];
    uint32_t n = 0;
    Str left = str_of(settings);
    for (Str word; (word = str_next_word(&left, " ")).n;) {
        char *text = arena_strndup(t->arena, word.at, word.n), *equal = strchr(text, '=');
        *equal = 0;
        list[n++] = (TallySetting){text, equal + 1};
    }
    t->state = t->api->open(&t->host, list, n, &t->error);
}

static void stop(Test *t)
{
    if (t->state) t->api->close(t->state);
    const char *command = arena_printf(t->arena, "rm -rf %s", t->folder);
    assert_int_equal(system(command), 0);
    arena_destroy(t->arena);
}

/* A compiler that does `lines` when the file that it is given holds 0xbad, else what gcc does. The
 * script lies in `folder`, a template for mkdtemp. */
static char *make_compiler(char *folder, const char *lines)
{
    assert_non_null(mkdtemp(folder));
    char *path = NULL;
    assert_true(asprintf(&path, "%s/ill", folder) > 0);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fprintf(f, "#!/bin/sh\nfor word; do case $word in *.c)\n"
               "    if grep -q 0xbad \"$word\"; then\n%s\n    fi ;;\nesac; done\nexec gcc \"$@\"\n",
            lines);
    fclose(f);
    assert_int_equal(chmod(path, 0700), 0);
    return path;
}

static void remove_compiler(char *folder, char *path)
{
    unlink(path);
    rmdir(folder);
    free(path);
}

static const TallyCase *make_case(Test *t, const char *text)
{
    Diag d = {.arena = t->arena};
    Case *c = case_read(t->arena, "case", str_of(text), &d);
    if (!c) {
        diag_print(&d, stderr);
        fail();
    }
    uint8_t *entered = arena_alloc(t->arena, c->module->funcs.n);
    memset(entered, 1, c->module->funcs.n);
    return given_make(t->arena, c, entered, t->api->max_slot_align, dialect_current());
}

/* The function that multiplies by a number, which is its name as well. */
static const TallyCase *multiply_by(Test *t, unsigned n)
{
    return make_case(t, arena_printf(t->arena,
                                     "function %%f%u(i64) -> i64 {\nblock0(v0: i64):\n"
                                     "    v1 = iconst.i64 0x%x\n    v2 = imul v0, v1\n"
                                     "    return v2\n}\n", n, n));
}

/* Runs function `func` of case `k` on arguments of 64 bits; the trap's code, or 0. */
static int run(Test *t, uint32_t k, uint32_t func, const uint64_t *args, unsigned n,
               uint64_t results[4])
{
    _Alignas(16) uint64_t slots[16] = {0};
    _Alignas(16) uint64_t out[16];
    const void *at;
    size_t size;
    void (*entry)(const void *, void *);
    *(const void **)&entry = t->api->entry(t->state, k, func);
    t->api->code(t->state, k, &at, &size);
    assert_true((uintptr_t)entry - (uintptr_t)at < size);
    for (unsigned a = 0; a < n; a++) slots[2 * a] = args[a];
    int code = setjmp(after_trap);
    if (!code) entry(slots, out);
    for (unsigned r = 0; r < 4; r++) results[r] = out[2 * r];
    return code;
}

static uint64_t run_one(Test *t, uint32_t k, uint64_t arg)
{
    uint64_t results[4];
    assert_int_equal(run(t, k, 0, &arg, 1, results), 0);
    return results[0];
}

static void compile(Test *t, const TallyCase *const *cases, uint32_t n)
{
    if (!t->state) fail_msg("%s", t->error);
    t->api->compile(t->state, cases, n, t->out);
}

/* ---- */

static const struct {
    const char *lines, *message;
} illnesses[] = {
    {"echo \"$word:7:9: internal compiler error: in expand, at expr.cc:77\"; exit 4",
     "internal compiler error: in expand, at expr.cc:77"},
    {"echo 'during GIMPLE pass: vect';"
     "echo 'x.c:1:2: internal compiler error: Segmentation fault'; exit 4",
     "internal compiler error: Segmentation fault (during GIMPLE pass: vect)"},
    {"echo \"cc: $word:3: visit: Assertion \\`n > 0' failed.\"; exit 134",
     "Assertion `n > 0' failed."},
    {"echo \"2. Running pass 'A' on module '$word'\";"
     "echo \"3. Running pass 'B' on function '@f'\"; exit 139",
     "Running pass 'B'"},
    {"echo \"$word:9:1: error: no such type\"; exit 1", "no such type"},
    {"kill -SEGV $$", "SIGSEGV"},
    {"exit 3", "exit status 3"},
    {"while :; do :; done", "did not end"},
    {"for o; do case $o in *.so) : > \"$o\" ;; esac; done; exit 0", "file too short"},
};

static void test_guilty_case(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(illnesses); k++) {
        char folder[] = "/tmp/tally-ill-XXXXXX";
        char *path = make_compiler(folder, illnesses[k].lines), *settings;
        assert_true(asprintf(&settings, "cc=%s O0=true seconds=1", path) > 0);
        Test t;
        start(&t, "cc", settings);
        const TallyCase *cases[MOST];
        for (unsigned c = 0; c < MOST; c++) cases[c] = multiply_by(&t, c == 5 ? 0xbad : c + 1);
        /* A batch that does not end costs its limit at each step. */
        uint32_t n = strstr(illnesses[k].message, "end") ? 2 : MOST, guilty = n == 2 ? 0 : 5;
        compile(&t, cases + (n == 2 ? 5 : 0), n);
        for (uint32_t c = 0; c < n; c++) {
            assert_int_equal(t.out[c].status, c == guilty ? TALLY_FAILED : TALLY_COMPILED);
            if (c == guilty) assert_string_equal(t.out[c].message, illnesses[k].message);
            else assert_int_equal(run_one(&t, c, 3), 3 * (n == 2 ? 7 : c + 1));
        }
        compile(&t, cases, 1);
        assert_int_equal(run_one(&t, 0, 4), 4);
        stop(&t);
        free(settings);
        remove_compiler(folder, path);
    }
}

static void test_no_compiler(void **state)
{
    (void)state;
    static const struct {
        const char *settings, *error;
    } rows[] = {
        {"cc=/nowhere/gcc", "`/nowhere/gcc` is no compiler: "},
        {"cc=false", "`false` is no compiler: "},
        {"cc=+", "the option `cc` names no compiler"},
        {"cc=true", "`true` compiles nothing: "},
        {"flags=-no-such-flag", "`gcc` compiles nothing: "},
    };
    for (size_t k = 0; k < countof(rows); k++) {
        Test t;
        start(&t, "cc", rows[k].settings);
        assert_null(t.state);
        if (strncmp(t.error, rows[k].error, strlen(rows[k].error)) != 0) fail_msg("%s", t.error);
        stop(&t);
    }
}

static void test_description(void **state)
{
    (void)state;
    Test t;
    start(&t, "cc", "cc=gcc+-g0 O3=true native=true flags=-fno-ivopts++-DA=1");
    const char *about = t.api->describe(t.state);
    assert_non_null(strstr(about, "gcc"));
    assert_non_null(strstr(about, " -O3 -march=x86-64 -msse3 -msse4.1 -mavx -fno-ivopts -DA=1"));
    assert_string_equal(t.api->features(t.state), "has_sse3 has_sse41 has_avx");
    stop(&t);
    start(&t, "cc", "O1=true O0=true O0=false");
    assert_non_null(strstr(t.api->describe(t.state), " -O1"));
    assert_string_equal(t.api->features(t.state), "");
    stop(&t);
}

/* ---- compilers that lack something ---- */

static const char lacking[] =
    "function %lanes(i64) -> i64, i64 {\n"
    "    ss0 = explicit_slot 5, align = 64\n"
    "    ss1 = explicit_slot 5, align = 128\n"
    "block0(v0: i64):\n"
    "    v1 = splat.i64x2 v0\n"
    "    v2 = iadd v1, v1\n"
    "    v3 = extractlane v2, 1\n"
    "    v4 = stack_addr.i64 ss0\n"
    "    v5 = stack_addr.i64 ss1\n"
    "    v6 = iconst.i64 127\n"
    "    v7 = iconst.i64 63\n"
    "    v8 = band v4, v7\n"
    "    v9 = band v5, v6\n"
    "    v10 = bor v8, v9\n"
    "    return v3, v10\n"
    "}\n";

static void check_lacking(const char *backend, const char *settings)
{
    Test t;
    uint64_t results[4], arg = 21;
    start(&t, backend, settings);
    const TallyCase *c = make_case(&t, lacking);
    compile(&t, &c, 1);
    if (t.out[0].status != TALLY_COMPILED) fail_msg("%s: %s", settings, t.out[0].message);
    assert_int_equal(run(&t, 0, 0, &arg, 1, results), 0);
    assert_int_equal(results[0], 42);
    assert_int_equal(results[1], 0);
    stop(&t);
}

static void test_lacking(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "O0=true", "arrays=true",
        "flags=-Dvector_size(n)=unused",        /* as a compiler that ignores the attribute */
        "flags=-D__builtin_shufflevector=none", /* as gcc 11 */
        "flags=-D__builtin_add_overflow=none+-D__atomic_fetch_nand=none",
        "flags=-D__builtin_memcpy=none+-O0",
        "flags=-Daligned(n)=aligned(n>16?16:n)", /* as tcc */
    };
    for (size_t k = 0; k < countof(rows); k++) check_lacking("cc", rows[k]);
    check_lacking("tcc", "typed=true");
}

static void test_128_bits(void **state)
{
    (void)state;
    static const char text[] = "function %wide(i64) -> i64, i64 {\nblock0(v0: i64):\n"
                               "    v1 = iconcat v0, v0\n    v2 = umulhi v1, v1\n"
                               "    v3, v4 = isplit v2\n    return v3, v4\n}\n";
    Test t;
    uint64_t results[4], arg = UINT64_MAX;
    start(&t, "cc", "O1=true");
    const TallyCase *c = make_case(&t, text);
    const TallyFunc *f = &given_module(c)->funcs[0];
    assert_null(t.api->refuses(t.state, f, &f->blocks[0].insts[0]));
    compile(&t, &c, 1);
    assert_int_equal(run(&t, 0, 0, &arg, 1, results), 0);
    assert_true(results[0] == UINT64_MAX - 1 && results[1] == UINT64_MAX);
    stop(&t);
    start(&t, "tcc", "");
    c = make_case(&t, text);
    f = &given_module(c)->funcs[0];
    assert_string_equal(t.api->refuses(t.state, f, &f->blocks[0].insts[0]), "128-bit integers");
    stop(&t);
}

/* ---- traps ---- */

static const char accesses[] =
    "function %checked(i64) -> i64 {\nblock0(v0: i64):\n"
    "    v1 = load.i64 user5 v0+8\n    return v1\n}\n"
    "function %unchecked(i64) -> i64 {\nblock0(v0: i64):\n"
    "    v1 = load.i64 notrap v0+8\n    return v1\n}\n"
    "function %deep(i64) {\n    fn0 = %checked(i64) -> i64\nblock0(v0: i64):\n"
    "    v1 = iconst.i64 9\n    store notrap v1, v0\n    v2 = iconst.i64 0\n"
    "    v3 = call fn0(v2)\n    store notrap v3, v0\n    return\n}\n";

/* A range traps for every access that has a byte in it, on either side. */
static void check_accesses(const char *backend, const char *settings)
{
    Test t;
    uint64_t results[4], words[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    start(&t, backend, settings);
    const TallyCase *c = make_case(&t, accesses);
    compile(&t, &c, 1);
    uint64_t base = (uint64_t)words;
    static const struct {
        int64_t at;
        int code;
    } rows[] = {{8, 0}, {17, 5}, {24, 5}, {31, 5}, {32, 0}};
    for (size_t k = 0; k < countof(rows); k++) {
        uint64_t arg = base + (uint64_t)rows[k].at - 8;
        faults[TALLY_RANGES - 1] = (TallyRange){base + 24, base + 32};
        assert_int_equal(run(&t, 0, 0, &arg, 1, results), rows[k].code);
        if (!rows[k].code) assert_int_equal(results[0], rows[k].at / 8);
        assert_int_equal(run(&t, 0, 1, &arg, 1, results), 0);
        faults[TALLY_RANGES - 1] = (TallyRange){0};
        assert_int_equal(run(&t, 0, 0, &arg, 1, results), 0);
    }
    assert_int_equal(run(&t, 0, 0, &(uint64_t){65535 - 8}, 1, results), 5);
    assert_int_equal(run(&t, 0, 2, &base, 1, results), 5);
    assert_int_equal(words[0], 9); /* what was stored before the trap is there */
    stop(&t);
}

static void test_accesses(void **state)
{
    (void)state;
    check_accesses("cc", "O0=true");
    check_accesses("cc", "O3=true typed=true");
    check_accesses("tcc", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guilty_case), cmocka_unit_test(test_no_compiler),
        cmocka_unit_test(test_description), cmocka_unit_test(test_lacking),
        cmocka_unit_test(test_128_bits),    cmocka_unit_test(test_accesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
