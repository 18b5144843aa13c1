/* Parts of issues: texts without what they tell of this machine, headers for Cranelift's runner. */
#include "triage/issue_local.h"

#include "ir/read.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void paths(void **state)
{
    static const char *const rows[][2] = {
        {"", ""},
        {"a/b and 1 / 2", "a/b and 1 / 2"},
        {"isa/x64/emit.rs:12", "isa/x64/emit.rs:12"},
        {"at /srv/me/x/emit.rs:12: bad", "at emit.rs:12: bad"},
        {"(/scratch/tally-worker-1/batch.c)", "(batch.c)"},
        {"/x/tools/registry/src/index.example.io-6f17d22bba15001f/crate-1.2.3/src/isa.rs:7",
         "crate-1.2.3/src/isa.rs:7"},
        {"in '/x/registry/src/mirror.example/crate-1/src/a.rs'", "in 'crate-1/src/a.rs'"},
        {"cc=/opt/gcc/bin/gcc+-m64", "cc=gcc+-m64"},
        {"flags=-I/usr/include/x+-isystem+/usr/local/y", "flags=-Ix+-isystem+y"},
        {"~/x/y.c, ~", "y.c, ~"},
        {"one-a/b", "one-a/b"},
        {"/", "/"},
    };
    Arena *a = arena_create();
    (void)state;
    for (size_t k = 0; k < countof(rows); k++)
        assert_string_equal(issue_clean(a, rows[k][0]), rows[k][1]);
    arena_destroy(a);
}

static const TallyOption options[] = {
    {"native", "true", "true", "the extensions that this CPU has"},
    {"speed", "true", "", "opt_level=speed"},
    {"regalloc_algorithm", "backtracking|single_pass", "backtracking", "Algorithm"},
    {"use_egraphs", "true|false", "false", "Use egraphs."},
    {"probestack_size_log2", "NUMBER", "12", "The size"},
    {"has_avx", "true|false", "", "Has support for AVX."},
};

static const Case *read_case(Arena *a, const char *text)
{
    Diag d = {.arena = a, .file = "case", .text = str_of(text)};
    const Case *c = case_read(a, "case", str_of(text), &d);
    assert_non_null(c);
    return c;
}

/* Words of a configuration, and what the functions need, are settings; what is the CPU's is the
 * target's. */
static void headers(void **state)
{
    static const TallySetting settings[] = {
        {"native", "true"}, {"speed", "true"}, {"regalloc_algorithm", "single_pass"},
        {"use_egraphs", "true"}, {"probestack_size_log2", "13"}, {"has_avx", "false"},
    };
    Library l = {.dialect = dialect_current(), .options = options, .noptions = countof(options)};
    Config config = {.library = &l, .settings = settings, .nsettings = countof(settings),
                     .features = "has_sse3 has_ssse3"};
    Arena *a = arena_create();
    Buf out = {.arena = a};
    (void)state;
    issue_header(&out, &config, read_case(a, "function %f(i128) system_v {\nblock0(v0: i128):\n"
                                             "    return\n}\n"));
    assert_string_equal(out.at, "test run\n"
                                "set opt_level=speed\n"
                                "set regalloc_algorithm=single_pass\n"
                                "set use_egraphs=true\n"
                                "set probestack_size_log2=13\n"
                                "set enable_llvm_abi_extensions=true\n"
                                "target x86_64 has_sse3 has_ssse3\n");
    arena_destroy(a);
}

static void names(void **state)
{
    Config plain = {.name = "jit:none:sse2", .slug = "jit:none:sse2", .label = "jit:none:sse2"};
    Config loaded = {.name = "/x/back.so:fast", .slug = "back:fast",
                     .label = "back:fast (Back 1.2, part 3)"};
    Arena *a = arena_create();
    (void)state;
    assert_string_equal(issue_addressee(a, &plain), "jit:none:sse2");
    assert_string_equal(issue_addressee(a, &loaded), "Back 1.2");
    assert_string_equal(issue_name(a, &loaded), "back:fast");
    assert_true(str_is(issue_about(&loaded), "Back 1.2, part 3"));
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths),
        cmocka_unit_test(headers),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
