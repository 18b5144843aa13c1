/* The rules for addresses: what each accepts and what it rejects, as CLIF. */
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* `body` is that of %f(i64, i64, i32), whose first parameters are addresses of 64 bytes each, at
 * 0 and at 8 modulo 16; ss0 has 32 bytes aligned to 16, ss1 has 16 aligned to 8. */
typedef struct {
    const char *name;
    const char *message; /* a part of it; NULL: accepted */
    const char *body;
    const char *more;    /* contracts; NULL: CONTRACTS G H */
} Row;

#define CONTRACTS \
    "; address: %f 0 range=0..64, align=16\n" \
    "; address: %f 1 range=0..64, align=16, skew=8\n"

static const char *const header = "function %f(i64, i64, i32) -> i32 {\n"
                                  "    region0 = 0 \"a\"\n"
                                  "    region1 = 1 \"b\"\n"
                                  "    ss0 = explicit_slot 32, align = 16\n"
                                  "    ss1 = explicit_slot 16, align = 8\n"
                                  "    sig0 = (i64) -> i32\n"
                                  "    fn0 = %g(i64) -> i32\n"
                                  "    fn1 = %h(i64, i64) -> i32\n"
                                  "block0(v0: i64, v1: i64, v2: i32):\n";

static const char *const g = "function %g(i64) -> i32 {\n"
                             "block0(v0: i64):\n"
                             "    v1 = load.i32 v0\n"
                             "    return v1\n"
                             "}\n";
static const char *const h = "function %h(i64, i64) -> i32 {\n"
                             "block0(v0: i64, v1: i64):\n"
                             "    v2 = load.i32 v0\n"
                             "    return v2\n"
                             "}\n";

/* Contracts of %g and %h where a row says nothing else. */
#define G "; address: %g 0 range=0..16\n"
#define H "; address: %h 0 range=0..16\n; address: %h 1 range=0..16\n"

#include "tests/unit/ir/discipline_rows.h"

/* Those lines of `directives` that are about function `name`. */
static void add_directives(Buf *out, const char *directives, char name)
{
    for (const char *at = directives; *at;) {
        const char *end = strchr(at, '\n') + 1;
        if (strchr(at, '%')[1] == name) buf_add(out, at, (size_t)(end - at));
        at = end;
    }
}

/* Directives stand behind the function they belong to. */
static const char *text_of_row(Arena *a, const Row *r)
{
    const char *directives = r->more ? r->more : CONTRACTS G H;
    Buf b = {.arena = a};
    buf_printf(&b, "%s%s    return v2\n}\n", header, r->body);
    add_directives(&b, directives, 'f');
    buf_text(&b, g);
    add_directives(&b, directives, 'g');
    buf_text(&b, h);
    add_directives(&b, directives, 'h');
    buf_text(&b, "; discipline: addresses\n");
    return b.at;
}

static bool has_message(const Diag *d, const char *text)
{
    for (uint32_t k = 0; k < d->entries.n; k++)
        if (strstr(d->entries.at[k].text, text)) return true;
    return false;
}

static Case *read_text(Arena *a, const char *name, const char *text)
{
    Diag d = {.arena = a};
    Case *c = case_read(a, name, str_of(text), &d);
    if (c) return c;
    diag_print(&d, stderr);
    fail_msg("%s cannot be read:\n%s", name, text);
    return NULL;
}

static void judge_row(const Row *r, bool is_file)
{
    Arena *a = arena_create();
    Case *c = read_text(a, r->name, is_file ? r->body : text_of_row(a, r));
    Diag d = {.arena = a, .file = r->name};
    bool ok = module_verify(c->module, VERIFY_DISCIPLINE, a, &d);
    if (ok == (r->message != NULL) || (r->message && !has_message(&d, r->message))) {
        diag_print(&d, stderr);
        fail_msg("%s: %s", r->name, r->message ? r->message : "should be accepted");
    }
    arena_destroy(a);
}

static void judges_each_row(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(rows); k++) judge_row(&rows[k], false);
    for (size_t k = 0; k < countof(files); k++) judge_row(&files[k], true);
}

/* The same verdict, word for word, after print and read. */
static void survives_a_round_trip(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(rows); k++) {
        Arena *a = arena_create();
        Case *c = read_text(a, rows[k].name, text_of_row(a, &rows[k]));
        Buf out = {.arena = a};
        case_write(&out, c, NULL);
        Case *copy = read_text(a, rows[k].name, buf_str(&out).at);
        Diag d = {.arena = a}, again = {.arena = a};
        module_verify(c->module, VERIFY_DISCIPLINE, a, &d);
        module_verify(copy->module, VERIFY_DISCIPLINE, a, &again);
        assert_int_equal(d.entries.n, again.entries.n);
        for (uint32_t n = 0; n < d.entries.n; n++)
            assert_string_equal(d.entries.at[n].text, again.entries.at[n].text);
        arena_destroy(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_each_row),
        cmocka_unit_test(survives_a_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
