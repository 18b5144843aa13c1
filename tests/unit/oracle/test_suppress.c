/* Known defects: which lines match, which files are refused. */
#include "oracle/suppress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

/* Reads `text` as a file; NULL and a message when it is none. */
static Suppressions *from_text(Arena *a, const char *text, const char **error)
{
    char path[] = "/tmp/tally-suppress-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
    Suppressions *s = suppress_read(a, path, error);
    unlink(path);
    return s;
}

static void test_matches(void **state)
{
    (void)state;
    static const struct {
        const char *line, *signature, *version;
        bool matches;
    } rows[] = {
        {"cl_*-crash-* * x", "cl_none-crash-float", "0.1", true},
        {"cl_*-crash-* * x", "cl_none-hang-float", "0.1", false},
        {"cl-* 0.97.1 x", "cl-crash", "0.97.1", true},
        {"cl-* 0.97.1 x", "cl-crash", "0.97.2", false},
        {"cl-* 0.88..0.97.1 x", "cl-crash", "0.97.1", true},
        {"cl-* 0.88..0.97.1 x", "cl-crash", "0.88.0", true},
        {"cl-* 0.88..0.97.1 x", "cl-crash", "0.100.0", false},
        {"cl-* 0.88..0.97.1 x", "cl-crash", "0.9.0", false},
        {"cl-* ..0.97.1 x", "cl-crash", "0.2", true},
        {"cl-* 0.97.1.. x", "cl-crash", "0.137.1", true},
        {"cl-* 0.97.1.. x", "cl-crash", "0.97.0", false},
        {"# c\n\n \t\ncl-*\t0.97.1..\tx", "cl-crash", "1", true},
    };
    for (size_t k = 0; k < countof(rows); k++) {
        Arena *a = arena_create();
        const char *error = NULL;
        Suppressions *s = from_text(a, rows[k].line, &error);
        assert_non_null(s);
        const char *found = suppress_match(s, rows[k].signature, rows[k].version);
        if (!!found != rows[k].matches) fail_msg("row %zu: %s", k, rows[k].line);
        if (found) assert_string_equal(found, "x");
        arena_destroy(a);
    }
}

static void test_reference(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const char *error;
    Suppressions *s = from_text(a, "a * first\na 1 second, all of it\n", &error);
    assert_string_equal(suppress_match(s, "a", "1"), "first");
    s = from_text(a, "b * first\na 1 second, all of it\n", &error);
    assert_string_equal(suppress_match(s, "a", "1"), "second, all of it");
    assert_null(suppress_match(NULL, "a", "1"));
    arena_destroy(a);
}

static void test_bad_lines(void **state)
{
    (void)state;
    static const char *const bad[] = {"a", "a *", "a 1.x ref", "a .. ref", "a * ref\nb 1"};
    for (size_t k = 0; k < countof(bad); k++) {
        Arena *a = arena_create();
        const char *error = NULL;
        assert_null(from_text(a, bad[k], &error));
        assert_non_null(strstr(error, k == 4 ? ":2: error: " : ":1: error: "));
        arena_destroy(a);
    }
}

static void test_no_file(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const char *error = NULL;
    assert_null(suppress_read(a, "/nonexistent/file", &error));
    assert_non_null(strstr(error, "/nonexistent/file: "));
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_reference),
        cmocka_unit_test(test_bad_lines),
        cmocka_unit_test(test_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
