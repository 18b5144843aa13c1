/* Regressions: the sentence, the name, the comment on top, and run lines that say what is meant. */
#include "triage/regression.h"

#include "ir/read.h"
#include "ir/write.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

typedef struct {
    Judge *judge;
    Arena *arena;
} Test;

static int open_test(void **state)
{
    static Test t;
    const char *error = "";
    t = (Test){judge_create(&(JudgeOptions){.backends = "interp"}, &error), arena_create()};
    *state = &t;
    return t.judge ? 0 : -1;
}

static int close_test(void **state)
{
    Test *t = *state;
    judge_destroy(t->judge);
    arena_destroy(t->arena);
    return 0;
}

static Case *read_case(Arena *a, const char *text)
{
    Diag d = {.arena = a, .file = "case", .text = str_of(text)};
    Case *c = case_read(a, "case", str_of(text), &d);
    if (!c) diag_print(&d, stderr);
    assert_non_null(c);
    return c;
}

static void sentences(void **state)
{
    Arena *a = ((Test *)*state)->arena;
    assert_null(regression_sentence(a, ""));
    assert_null(regression_sentence(a, " \t\n"));
    assert_string_equal(regression_sentence(a, " a load\n moved "), "a load moved.");
    assert_string_equal(regression_sentence(a, "a load moved."), "a load moved.");
}

static void names(void **state)
{
    Arena *a = ((Test *)*state)->arena;
    assert_string_equal(regression_name(a, "The load was moved over a store to the same slot."),
                        "load-moved-over-store");
    assert_string_equal(regression_name(a, "v44's upper half, i.e. 8 bytes, was lost"),
                        "v44-s-upper-half");
    assert_string_equal(regression_name(a, "It was what it is."), "");
    assert_string_equal(regression_name(a, "../../etc"), "etc");
}

static const char load[] =
    "function %load(i64) -> i32 system_v {\n"
    "block0(v0: i64):\n"
    "    v1 = load.i32 v0\n"
    "    return v1\n"
    "}\n"
    "; heap: <heap0> size=8, bytes=[07 00 00 00]\n";

static Case *with_lines(Arena *a, const char *lines)
{
    return read_case(a, arena_printf(a, "%s%s", load, lines));
}

static Str written(Arena *a, const Case *c, const char *cause)
{
    Buf out = {.arena = a};
    regression_write(&out, c, cause);
    return buf_str(&out);
}

/* No line is wider than it may be, none begins as a directive would, and all words are there. */
static void comments_are_no_directives(void **state)
{
    static const char cause[] =
        "what is read behind a run: of ten loads and more, each of which has a flag that it need "
        "not, heap bytes that traps: would have left as they were are seen by run and print and "
        "check-heap: twice, in the order of run run run run run run run run run run run run run "
        "run run run run run.";
    Arena *a = ((Test *)*state)->arena;
    Str text = written(a, with_lines(a, "; run: %load(<heap0>) == 7\n"), cause);
    Buf words = {.arena = a};
    Str left = text;
    for (Str line; (line = str_next_word(&left, "\n")).n && line.at[0] == ';';) {
        assert_true(line.n <= 100);
        assert_true(memcmp(line.at, "; run", 5) && memcmp(line.at, "; traps", 7) &&
                    memcmp(line.at, "; check", 7) && memcmp(line.at, "; print", 7));
        buf_add(&words, line.at + 1, line.n - 1);
    }
    assert_string_equal(words.at, arena_printf(a, " Cause: %s", cause));
    assert_int_equal(read_case(a, text.at)->runs.n, 1);
}

/* What the file says is what the case says. */
static void hashes(void **state)
{
    Arena *a = ((Test *)*state)->arena;
    const Case *print = with_lines(a, "; print: %load(<heap0>)\n");
    const Case *other = with_lines(a, "; print: %load(<heap0>+4)\n");
    Str text = written(a, with_lines(a, "; run: %load(<heap0>) == 7\n"), "x.");
    assert_true(regression_hash(a, print) == regression_hash(a, read_case(a, text.at)));
    assert_true(regression_hash(a, print) != regression_hash(a, other));
}

static Case *expect(Test *t, const char *text, int want)
{
    int status = EXIT_AGREE;
    const char *reason = "";
    Case *c = regression_expect(t->judge, read_case(t->arena, text), t->arena, &status, &reason);
    assert_int_equal(status, want);
    if (want == EXIT_AGREE) assert_non_null(c);
    else assert_true(*reason && !c);
    return c;
}

static void assert_says(Test *t, const char *text, const char *lines)
{
    Buf out = {.arena = t->arena};
    case_write(&out, expect(t, text, EXIT_AGREE), NULL);
    const char *at = strstr(out.at, lines);
    assert_non_null(at);
    assert_string_equal(at, lines);
    for (const char *line = out.at; line < at; line = strchr(line, '\n') + 1)
        assert_true(memcmp(line, "; run", 5) && memcmp(line, "; traps", 7) &&
                    memcmp(line, "; check", 7));
}

static void results_and_bytes(void **state)
{
    Test *t = *state;
    assert_says(t, arena_printf(t->arena, "%s; print: %%load(<heap0>)\n", load),
                "; run: %load(<heap0>) == 7\n"
                "; check-heap: <heap0> == [07 00 00 00 00 00 00 00]\n");
}

static void traps(void **state)
{
    Test *t = *state;
    assert_says(t,
                "function %f(i64, i32) -> i32 system_v {\n"
                "block0(v0: i64, v1: i32):\n"
                "    store v1, v0+4\n"
                "    v2 = udiv v1, v1\n"
                "    return v2\n"
                "}\n"
                "; heap: <heap0> size=8\n"
                "; print: %f(<heap0>, 0)\n"
                "; run: %f(<heap0>, 5)\n",
                "; traps: %f(<heap0>, 0) int_divz\n"
                "; check-heap: <heap0> == [00 00 00 00 00 00 00 00]\n"
                "; run: %f(<heap0>, 5) == 1\n"
                "; check-heap: <heap0> == [00 00 00 00 05 00 00 00]\n");
}

/* Addresses of heaps are this machine's: those that stand there at first, and those that are
 * stored. A long heap is a hash. */
static void addresses_are_left_out(void **state)
{
    Test *t = *state;
    assert_says(t,
                "function %f(i64, i64) system_v {\n"
                "block0(v0: i64, v1: i64):\n"
                "    store v1, v0+20\n"
                "    return\n"
                "}\n"
                "; heap: <heap0> size=32, cell 8 = <heap1>+4\n"
                "; heap: <heap1> size=100, fill=1\n"
                "; heap: <heap2> size=16, fault\n"
                "; print: %f(<heap0>, <heap1>)\n",
                "; run: %f(<heap0>, <heap1>) == []\n"
                "; check-heap: <heap0> == [00 00 00 00 00 00 00 00]\n"
                "; check-heap: <heap0>+16 == [00 00 00 00]\n"
                "; check-heap: <heap0>+28 == [00 00 00 00]\n"
                "; check-heap: <heap1> == xxh3:38226dedf28f099d size=100\n");
}

static void what_cannot_be_said(void **state)
{
    Test *t = *state;
    Arena *a = t->arena;
    expect(t, load, EXIT_INPUT); /* no run */
    expect(t, arena_printf(a, "%s; run: %%load(<heap0>) == 8\n", load), EXIT_FINDING);
    expect(t, "function %f() {\nblock0:\n    jump block0\n}\n; print: %f()\n", EXIT_UNJUDGED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences),
        cmocka_unit_test(names),
        cmocka_unit_test(comments_are_no_directives),
        cmocka_unit_test(hashes),
        cmocka_unit_test(results_and_bytes),
        cmocka_unit_test(traps),
        cmocka_unit_test(addresses_are_left_out),
        cmocka_unit_test(what_cannot_be_said),
    };
    return cmocka_run_group_tests(tests, open_test, close_test);
}
