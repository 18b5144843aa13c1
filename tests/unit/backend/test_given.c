/* What a back end that takes text is given: the file's header, its functions, their entries. */
#include "backend/given.h"
#include "ir/read.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *text_of(Arena *a, const char *file, const char *version)
{
    Diag d = {.arena = a};
    const uint8_t entered[] = {1};
    Case *c = case_read(a, "case", str_of(file), &d);
    if (!c) diag_print(&d, stderr);
    assert_non_null(c);
    size_t n;
    const char *text = given_text(given_make(a, c, entered, 16, dialect_for(str_of(version))), &n);
    assert_int_equal(strlen(text), n);
    return text;
}

#define NARROW(header) header \
    "function %f(i8) -> i8 system_v {\n" \
    "block0(v0: i8):\n" \
    "    return v0\n" \
    "}\n"
#define NARROW_WRITTEN \
    "function %f(i8) -> i8 system_v {\n" \
    "block0(v0: i8):\n" \
    "    return v0\n" \
    "}\n" \
    "\n" \
    "function %tally_entry_0(i64, i64) system_v {\n" \
    "    sig0 = (i8) -> i8 system_v\n" \
    "    fn0 = %f sig0\n" \
    "\n" \
    "block0(v0: i64, v1: i64):\n" \
    "    v2 = load.i64 notrap aligned v0\n" \
    "    v3 = ireduce.i8 v2\n" \
    "    v4 = call fn0(v3)\n" \
    "    store notrap aligned v4, v1\n" \
    "    return\n" \
    "}\n" \
    "\n"

static void functions_have_entries(void **state)
{
    (void)state;
    Arena *a = arena_create();
    assert_string_equal(text_of(a, NARROW(""), "current"),
                        "test run\ntarget x86_64\n" NARROW_WRITTEN);
    arena_destroy(a);
}

#define HEADER \
    "test interpret\n" \
    "set opt_level=speed\n" \
    "set enable_multi_ret_implicit_sret\n" \
    "target x86_64 has_avx\n"

static void what_a_file_sets_comes_along(void **state)
{
    (void)state;
    Arena *a = arena_create();
    assert_string_equal(text_of(a, NARROW(HEADER), "current"), HEADER NARROW_WRITTEN);
    assert_string_equal(text_of(a, NARROW(HEADER), "0.113"),
                        "test interpret\nset opt_level=speed\n"
                        "target x86_64 has_avx\n" NARROW_WRITTEN);
    arena_destroy(a);
}

static void the_pinned_register_is_kept(void **state)
{
    (void)state;
    Arena *a = arena_create();
    const char *text = text_of(a,
                               "function %f() system_v {\n"
                               "block0:\n"
                               "    v0 = iconst.i64 7\n"
                               "    set_pinned_reg v0\n"
                               "    return\n"
                               "}\n",
                               "current");
    static const char header[] = "test run\nset enable_pinned_reg=true\ntarget x86_64\n";
    static const char body[] = "block0(v0: i64, v1: i64):\n"
                               "    v2 = get_pinned_reg.i64\n"
                               "    v3 = iconst.i64 0\n"
                               "    set_pinned_reg v3\n"
                               "    call fn0()\n"
                               "    set_pinned_reg v2\n"
                               "    return\n"
                               "}\n";
    assert_memory_equal(text, header, strlen(header));
    assert_non_null(strstr(text, body));
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_have_entries),
        cmocka_unit_test(what_a_file_sets_comes_along),
        cmocka_unit_test(the_pinned_register_is_kept),
    };
    return cmocka_run_group_tests_name("given", tests, NULL, NULL);
}
