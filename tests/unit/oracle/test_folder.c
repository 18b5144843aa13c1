/* Folders appear whole; what killed processes left of others is removed, and nothing else. */
#define _GNU_SOURCE
#include "oracle/folder.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

typedef struct {
    Arena *arena;
    char parent[64];
} World;

static int open_world(void **state)
{
    World *w = calloc(1, sizeof *w);
    w->arena = arena_create();
    snprintf(w->parent, sizeof w->parent, "/tmp/test-folder-XXXXXX");
    *state = w;
    return mkdtemp(w->parent) ? 0 : -1;
}

static int close_world(void **state)
{
    World *w = *state;
    bool left = rmdir(w->parent) != 0;
    if (left) print_error("%s is not empty\n", w->parent);
    arena_destroy(w->arena);
    free(w);
    return left;
}

static const char *in(const World *w, const char *name)
{
    return arena_printf(w->arena, "%s/%s", w->parent, name);
}

static bool exists(const char *path)
{
    struct stat s;
    return stat(path, &s) == 0;
}

static void begin(const World *w, Folder *f)
{
    const char *error = NULL;
    assert_true(folder_begin(f, w->arena, w->parent, &error));
    assert_true(file_write(arena_printf(w->arena, "%s/file", f->path), str_of("x"), &error));
}

static void remove_finished(const char *path, const World *w)
{
    unlink(arena_printf(w->arena, "%s/file", path));
    assert_int_equal(rmdir(path), 0);
}

static void finished_appears(void **state)
{
    const World *w = *state;
    const char *error, *name = in(w, "name");
    Folder f;
    begin(w, &f);
    assert_false(exists(name));
    assert_true(folder_finish(&f, name, &error));
    assert_true(exists(in(w, "name/file")));
    assert_false(exists(f.path));
    folder_sweep(w->parent);
    assert_true(exists(in(w, "name/file")));
    remove_finished(name, w);
}

static void second_of_a_name_goes(void **state)
{
    const World *w = *state;
    const char *error, *name = in(w, "name");
    Folder first, second;
    begin(w, &first);
    begin(w, &second);
    assert_true(folder_finish(&first, name, &error));
    assert_false(folder_finish(&second, name, &error));
    assert_null(error);
    assert_false(exists(second.path));
    remove_finished(name, w);
}

static void dropped_goes(void **state)
{
    const World *w = *state;
    Folder f;
    begin(w, &f);
    folder_drop(&f);
    assert_false(exists(f.path));
}

/* A process that is killed lets go of its locks, and of nothing else. */
static void sweep_tells_living_from_dead(void **state)
{
    const World *w = *state;
    Folder dead, alive;
    begin(w, &dead);
    begin(w, &alive);
    close(dead.fd);
    folder_sweep(w->parent);
    assert_false(exists(dead.path));
    assert_true(exists(arena_printf(w->arena, "%s/file", alive.path)));
    folder_drop(&alive);
}

static void sweep_leaves_others_alone(void **state)
{
    const World *w = *state;
    const char *mine = in(w, ".mine");
    assert_int_equal(mkdir(mine, 0755), 0);
    folder_sweep(w->parent);
    assert_true(exists(mine));
    assert_int_equal(rmdir(mine), 0);
    folder_sweep(in(w, "nowhere"));
}

static void parent_that_is_a_file(void **state)
{
    const World *w = *state;
    const char *error = NULL, *file = in(w, "file");
    Folder f;
    assert_true(file_write(file, str_of("x"), &error));
    assert_false(folder_begin(&f, w->arena, file, &error));
    assert_non_null(error);
    unlink(file);
}

/* With folders in it, and with a link to what is not its. */
static void temporary_goes_with_all_that_is_in_it(void **state)
{
    const World *w = *state;
    const char *error = NULL, *kept = in(w, "kept");
    Folder mine, dead;
    setenv("TMPDIR", w->parent, 1);
    assert_int_equal(mkdir(kept, 0755), 0);
    assert_true(folder_begin_temporary(&mine, w->arena, &error));
    assert_true(folder_begin_temporary(&dead, w->arena, &error));
    const char *inner = arena_printf(w->arena, "%s/inner", dead.path);
    assert_int_equal(mkdir(inner, 0755), 0);
    assert_true(file_write(arena_printf(w->arena, "%s/file", inner), str_of("x"), &error));
    assert_int_equal(symlink(kept, arena_printf(w->arena, "%s/link", inner)), 0);
    close(dead.fd);
    folder_sweep_temporary();
    assert_false(exists(dead.path));
    assert_true(exists(mine.path));
    assert_true(exists(kept));
    folder_drop(&mine);
    assert_false(exists(mine.path));
    unsetenv("TMPDIR");
    assert_int_equal(rmdir(kept), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finished_appears, open_world, close_world),
        cmocka_unit_test_setup_teardown(second_of_a_name_goes, open_world, close_world),
        cmocka_unit_test_setup_teardown(dropped_goes, open_world, close_world),
        cmocka_unit_test_setup_teardown(sweep_tells_living_from_dead, open_world, close_world),
        cmocka_unit_test_setup_teardown(sweep_leaves_others_alone, open_world, close_world),
        cmocka_unit_test_setup_teardown(parent_that_is_a_file, open_world, close_world),
        cmocka_unit_test_setup_teardown(temporary_goes_with_all_that_is_in_it, open_world,
                                        close_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
