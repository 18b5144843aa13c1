/* CPU features: words to sets and back, closed under what implies what; TALLY_CPU hides. */
#include "jit/x64/features.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define BIT(name) feature_bit(FEATURE_##name)

/* Exit statuses of this program when it only detects. */
enum { BASE_ONLY = 10, MORE = 11 };

static FeatureSet parsed(const char *text)
{
    FeatureSet set;
    assert_true(feature_parse(str_of(text), &set, NULL));
    return set;
}

static void presets_are_chains(void **state)
{
    (void)state;
    assert_int_equal(parsed(""), BIT(SSE2));
    assert_int_equal(parsed("sse2"), BIT(SSE2));
    assert_int_equal(parsed("ssse3"), BIT(SSE2) | BIT(SSE3) | BIT(SSSE3));
    assert_int_equal(parsed("sse41"), parsed("ssse3") | BIT(SSE41));
    assert_int_equal(parsed("sse42"), parsed("sse41") | BIT(SSE42) | BIT(POPCNT) | BIT(CX16));
    assert_int_equal(parsed("avx"), parsed("sse42") | BIT(AVX));
    assert_int_equal(parsed("avx2"), BIT(CX16) * 2 - 1);
    assert_int_equal(parsed("native"), feature_detect());
    assert_int_equal(parsed("avx2 sse2"), BIT(SSE2)); /* the last preset counts */
}

static void flags_bring_and_take_what_depends(void **state)
{
    (void)state;
    assert_int_equal(parsed("has_fma"), (parsed("avx") & ~(BIT(POPCNT) | BIT(CX16))) | BIT(FMA));
    assert_int_equal(parsed("avx2 has_avx=false"),
                     parsed("sse42") | BIT(BMI1) | BIT(BMI2) | BIT(LZCNT));
    assert_int_equal(parsed("avx2,has_sse3=false,has_lzcnt=true"),
                     BIT(SSE2) | BIT(POPCNT) | BIT(LZCNT) | BIT(BMI1) | BIT(BMI2) | BIT(CX16));
    assert_int_equal(parsed("has_avx512vbmi"), parsed("has_avx2") | BIT(AVX512F) | BIT(AVX512VBMI));
    assert_int_equal(parsed("has_avx512vl has_avx512f=false"), parsed("has_avx2"));
    assert_int_equal(parsed("\thas_bmi1=true\n has_bmi1=false "), BIT(SSE2));
}

static void unknown_words_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"sse5", "has_avx3", "has_avx=1", "has_avx=", "=", "has_",
                                        "SSE2", "avx2 has_fma=falsee"};
    for (size_t k = 0; k < countof(texts); k++) {
        FeatureSet set = 77;
        Str bad = {0};
        assert_false(feature_parse(str_of(texts[k]), &set, &bad));
        assert_int_equal(set, 77);
        assert_true(bad.n > 0 && bad.at + bad.n == texts[k] + strlen(texts[k]));
    }
}

static void sets_print_as_flags_that_parse_back(void **state)
{
    (void)state;
    Arena *a = arena_create();
    static const char *const texts[] = {"sse2", "sse42", "avx2", "has_bmi2", "native"};
    for (size_t k = 0; k < countof(texts); k++) {
        Buf out = {.arena = a};
        feature_print(parsed(texts[k]), &out);
        assert_int_equal(parsed(out.at ? out.at : ""), parsed(texts[k]));
    }
    Buf out = {.arena = a};
    feature_print(parsed("ssse3"), &out);
    assert_string_equal(out.at, "has_sse3 has_ssse3");
    arena_destroy(a);
}

/* The exit status of this program in a fresh process, since detection is remembered. */
static int status_with(const char *hide)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        setenv("TALLY_CPU", hide, 1);
        execl("/proc/self/exe", "test_features", "detect", (char *)NULL);
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void the_environment_hides_features(void **state)
{
    (void)state;
    assert_int_equal(status_with("sse2"), BASE_ONLY);
    assert_int_equal(status_with("avx2 has_sse3=false has_popcnt=false has_lzcnt=false "
                                 "has_bmi1=false has_bmi2=false has_cmpxchg16b=false"), BASE_ONLY);
    assert_int_equal(status_with("no-such-cpu"), EXIT_INPUT);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) return feature_detect() == BIT(SSE2) ? BASE_ONLY : MORE;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_are_chains),
        cmocka_unit_test(flags_bring_and_take_what_depends),
        cmocka_unit_test(unknown_words_are_refused),
        cmocka_unit_test(sets_print_as_flags_that_parse_back),
        cmocka_unit_test(the_environment_hides_features),
    };
    return cmocka_run_group_tests_name("features", tests, NULL, NULL);
}
