/* tests/read/good: each file is printed as its neighbour `.golden` says, and the golden text is
 * printed as itself. With BLESS=1 in the environment the neighbours are written anew; `git diff`
 * then shows the difference.
 *
 * tests/read/bad: `; error: TEXT` (or warning) ends each line that the reader must object to with
 * that text (and perhaps more), and no other line.
 *
 * Every file is also cut at every byte: that gives a case or a message, and never a wild read. */
#include "base/file.h"
#include "ir/read.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static Str read_whole(Arena *a, const char *path)
{
    Str text;
    const char *error;
    if (!file_read(a, path, FILE_LIMIT, &text, &error)) fail_msg("%s: %s", path, error);
    return text;
}

static Str print(Arena *a, const char *path, Str text)
{
    Diag d = {0};
    const Case *c = case_read(a, path, text, &d);
    if (!c) {
        diag_print(&d, stderr);
        fail_msg("%s cannot be read", path);
    }
    assert_int_equal(d.entries.n, 0);
    Buf out = {.arena = a};
    case_write(&out, c, NULL);
    return buf_str(&out);
}

static bool check_good(void *data, const char *path)
{
    Arena *a = arena_create();
    Str printed = print(a, path, read_whole(a, path));
    const char *golden = arena_printf(a, "%.*sgolden", (int)strlen(path) - 4, path);
    const char *error;
    if (getenv("BLESS") && !file_write(golden, printed, &error)) fail_msg("%s: %s", golden, error);
    Str wanted = read_whole(a, golden);
    if (!str_equal(printed, wanted))
        fail_msg("%s is printed as\n%.*s", path, (int)printed.n, printed.at);
    if (!str_equal(print(a, golden, wanted), wanted)) fail_msg("%s is not stable", golden);
    ++*(unsigned *)data;
    arena_destroy(a);
    return true;
}

static Str expectation(Str line, const char *mark)
{
    size_t n = strlen(mark);
    for (size_t k = 0; k + n <= line.n; k++)
        if (memcmp(line.at + k, mark, n) == 0) return (Str){line.at + k + n, line.n - k - n};
    return (Str){0};
}

static unsigned messages(const Diag *d, uint32_t line, DiagLevel level, Str text)
{
    const char *part = arena_strndup(d->arena, text.at, text.n);
    unsigned count = 0;
    for (uint32_t k = 0; k < d->entries.n; k++) {
        const DiagEntry *e = &d->entries.at[k];
        count += e->line == line && e->level == level && strstr(e->text, part);
    }
    return count;
}

/* Exactly the messages of that level that the line asks for. */
static void check_line(const Diag *d, uint32_t number, Str line, DiagLevel level, const char *mark)
{
    Str text = expectation(line, mark);
    if (text.n && !messages(d, number, level, text)) {
        diag_print(d, stderr);
        fail_msg("%s:%u: nothing says `%.*s`", d->file, number, (int)text.n, text.at);
    }
    if (messages(d, number, level, str_of("")) != (text.n > 0)) {
        diag_print(d, stderr);
        fail_msg("%s:%u: a message that nobody expects", d->file, number);
    }
}

static bool check_bad(void *data, const char *path)
{
    Arena *a = arena_create();
    Diag d = {.arena = a};
    Str text = read_whole(a, path);
    case_read(a, path, text, &d);
    uint32_t number = 0;
    for (const char *at = text.at, *end = at + text.n; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        Str line = {at, (size_t)((newline ? newline : end) - at)};
        check_line(&d, ++number, line, DIAG_ERROR, "; error: ");
        check_line(&d, number, line, DIAG_UNSUPPORTED, "; unsupported: ");
        check_line(&d, number, line, DIAG_WARNING, "; warning: ");
        at += line.n + 1;
    }
    ++*(unsigned *)data;
    arena_destroy(a);
    return true;
}

/* A buffer of exactly the size, so that the sanitizer sees a read behind it. */
static void read_prefix(Arena *a, const char *path, Str text, size_t n)
{
    char *copy = malloc(n ? n : 1);
    assert_non_null(copy);
    memcpy(copy, text.at, n);
    Diag d = {0};
    const Case *c = case_read(a, path, (Str){copy, n}, &d);
    assert_int_equal(c == NULL, d.errors > 0);
    free(copy);
}

static bool check_cuts(void *data, const char *path)
{
    Arena *text_arena = arena_create(), *a = arena_create();
    Str text = read_whole(text_arena, path);
    for (size_t n = 0; n <= text.n; n++, arena_reset(a)) read_prefix(a, path, text, n);
    ++*(unsigned *)data;
    arena_destroy(a);
    arena_destroy(text_arena);
    return true;
}

static void walk(const char *folder, bool (*visit)(void *data, const char *path), unsigned least)
{
    Arena *a = arena_create();
    const char *error;
    unsigned count = 0;
    if (!file_walk(a, folder, ".clif", visit, &count, &error)) fail_msg("%s", error);
    assert_true(count >= least);
    arena_destroy(a);
}

static void good_files(void **state)
{
    (void)state;
    walk("tests/read/good", check_good, 12);
}

static void bad_files(void **state)
{
    (void)state;
    walk("tests/read/bad", check_bad, 4);
}

static void cut_files(void **state)
{
    (void)state;
    walk("tests/read", check_cuts, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_files),
        cmocka_unit_test(bad_files),
        cmocka_unit_test(cut_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
