/* A case that lets its outcome depend on where its slots lie differs between back ends and says
 * nothing of them: it is invalid, not a finding. */
#include "ir/read.h"
#include "oracle/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

typedef struct {
    const char *body; /* of %f(i64), with 64: from slot 0 to slot 1 in the interpreter */
    VerdictKind kind;
} Row;

static const Row rows[] = {
    /* another slot's bytes through the first one's address */
    {"v6 = iadd v1, v0\n v7 = load.i64 v6\n return v7\n", VERDICT_invalid},
    {"v6 = iadd v1, v0\n store v5, v6\n v7 = load.i64 v2\n return v7\n", VERDICT_invalid},
    /* the same where nothing shows it */
    {"v6 = iadd v1, v0\n store v4, v6\n v7 = load.i64 v1\n return v7\n", VERDICT_invalid},
    {"v6 = iadd v1, v0\n v7 = load.i8 v6+1\n return v3\n", VERDICT_invalid},
    /* how far two slots are from each other */
    {"v6 = isub v2, v1\n return v6\n", VERDICT_invalid},
    /* within one slot */
    {"v6 = iadd v1, v0\n v7 = isub v6, v0\n v8 = load.i64 v7\n return v8\n", VERDICT_agree},
    {"v6 = isub v1, v1\n return v6\n", VERDICT_agree},
};

static const Case *make_case(Arena *a, const char *body)
{
    const char *text = arena_printf(a,
                                    "function %%f(i64) -> i64 {\n"
                                    "    ss0 = explicit_slot 32, align = 16\n"
                                    "    ss1 = explicit_slot 32, align = 16\n"
                                    "block0(v0: i64):\n"
                                    " v1 = stack_addr.i64 ss0\n"
                                    " v2 = stack_addr.i64 ss1\n"
                                    " v3 = iconst.i64 3\n"
                                    " v4 = iconst.i64 4\n"
                                    " v5 = iconst.i64 5\n"
                                    " store v3, v1\n"
                                    " store v4, v2\n"
                                    " %s"
                                    "}\n"
                                    "; print: %%f(64)\n"
                                    "; discipline: addresses\n", body);
    Diag d = {.arena = a, .file = "test"};
    const Case *c = case_read(a, "test", str_of(text), &d);
    diag_print(&d, stderr);
    assert_non_null(c);
    return c;
}

static void test_rows(void **state)
{
    (void)state;
    const char *error;
    Judge *j = judge_create(&(JudgeOptions){.backends = "interp,jit:none:sse2"}, &error);
    Arena *a = arena_create();
    assert_non_null(j);
    for (size_t k = 0; k < countof(rows); k++) {
        Verdict v;
        judge_case(j, make_case(a, rows[k].body), &v);
        if (v.kind != rows[k].kind) fprintf(stderr, "row %zu: %s\n", k, v.text);
        assert_int_equal(v.kind, rows[k].kind);
    }
    judge_destroy(j);
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
