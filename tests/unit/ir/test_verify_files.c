/* tests/verify: files in which `; error: TEXT` ends each line that the verifier must object to with
 * that text (and perhaps more), and no other line. */
#include "base/file.h"
#include "ir/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char expectation[] = "; error: ";

/* The expectation at the end of a line, empty when it has none. */
static Str expected(Str line)
{
    for (size_t k = 0; k + strlen(expectation) <= line.n; k++) {
        if (memcmp(line.at + k, expectation, strlen(expectation)) != 0) continue;
        size_t from = k + strlen(expectation);
        return (Str){line.at + from, line.n - from};
    }
    return (Str){0};
}

static bool says(const Diag *d, uint32_t line, Str text)
{
    const char *part = arena_strndup(d->arena, text.at, text.n);
    for (uint32_t k = 0; k < d->entries.n; k++) {
        const DiagEntry *e = &d->entries.at[k];
        if (e->line == line && strstr(e->text, part)) return true;
    }
    return false;
}

static bool has_message(const Diag *d, uint32_t line)
{
    return says(d, line, str_of(""));
}

static void check_line(const Diag *d, uint32_t number, Str line)
{
    Str text = expected(line);
    if (text.n && !says(d, number, text)) {
        diag_print(d, stderr);
        fail_msg("%s:%u: nothing says `%.*s`", d->file, number, (int)text.n, text.at);
    }
    if (!text.n && has_message(d, number)) {
        diag_print(d, stderr);
        fail_msg("%s:%u: a message that nobody expects", d->file, number);
    }
}

static bool check_file(void *data, const char *path)
{
    Arena *a = arena_create();
    Diag d = {.arena = a, .file = path};
    uint32_t number = 0;
    case_load(&d);
    assert_true(d.text.n > 0);
    for (const char *at = d.text.at, *end = at + d.text.n; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        size_t n = (size_t)((newline ? newline : end) - at);
        check_line(&d, ++number, (Str){at, n});
        at += n + 1;
    }
    assert_false(has_message(&d, 0));
    ++*(unsigned *)data;
    arena_destroy(a);
    return true;
}

static void files(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const char *error;
    unsigned count = 0;
    if (!file_walk(a, "tests/verify", ".clif", check_file, &count, &error)) fail_msg("%s", error);
    assert_true(count >= 5);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(files)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
