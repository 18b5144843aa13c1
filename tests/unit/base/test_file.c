/* Files are read whole, and written so that nothing is ever half-overwritten. */
#define _GNU_SOURCE
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static Arena *arena;
static char folder[] = "/tmp/tally-test-XXXXXX";

static const char *in_folder(const char *name)
{
    return arena_printf(arena, "%s/%s", folder, name);
}

static void reads_what_was_written(void **state)
{
    (void)state;
    const char *error = NULL, *path = in_folder("a");
    Str text;
    assert_true(file_write(path, str_of("first"), &error));
    assert_true(file_write(path, (Str){"se\0ond", 6}, &error));
    assert_true(file_read(arena, path, 100, &text, &error));
    assert_int_equal(text.n, 6);
    assert_memory_equal(text.at, "se\0ond", 7);
}

static void refuses_with_a_reason(void **state)
{
    (void)state;
    const char *error = NULL;
    Str text;
    assert_false(file_read(arena, in_folder("missing"), 100, &text, &error));
    assert_non_null(error);
    assert_false(file_read(arena, folder, 100, &text, &error));
    assert_true(file_write(in_folder("long"), str_of("0123456789"), &error));
    assert_false(file_read(arena, in_folder("long"), 9, &text, &error));
    assert_non_null(strstr(error, "limit of 9"));
    assert_true(file_read(arena, in_folder("long"), 10, &text, &error));
    assert_false(file_write(in_folder("no/such/folder"), str_of("x"), &error));
    assert_false(file_make_folder(in_folder("long"), &error));
}

static bool collect(void *data, const char *path)
{
    Buf *out = data;
    buf_printf(out, "%s ", strrchr(path, '/') + 1);
    return strcmp(strrchr(path, '/') + 1, "stop.clif") != 0;
}

static void walks_in_order(void **state)
{
    (void)state;
    const char *error;
    Buf seen = {.arena = arena};
    assert_true(file_make_folder(in_folder("walk/b"), &error));
    static const char *const names[] = {"walk/c.clif", "walk/a.clif", "walk/b/x.clif",
                                        "walk/note.txt", "walk/.hidden.clif"};
    for (size_t k = 0; k < countof(names); k++)
        assert_true(file_write(in_folder(names[k]), str_of("x"), &error));
    assert_true(file_walk(arena, in_folder("walk"), ".clif", collect, &seen, &error));
    assert_string_equal(seen.at, "a.clif x.clif c.clif ");
    assert_true(file_write(in_folder("walk/b/stop.clif"), str_of("x"), &error));
    seen.n = 0;
    assert_true(file_walk(arena, in_folder("walk"), ".clif", collect, &seen, &error));
    assert_string_equal(seen.at, "a.clif stop.clif ");
    assert_false(file_walk(arena, in_folder("nowhere"), ".clif", collect, &seen, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(refuses_with_a_reason),
        cmocka_unit_test(walks_in_order),
    };
    arena = arena_create();
    if (!mkdtemp(folder)) return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    const char *remove = arena_printf(arena, "rm -rf '%s'", folder);
    if (system(remove) != 0) failed++;
    arena_destroy(arena);
    return failed;
}
