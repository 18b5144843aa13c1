/* What compilers say, cut down for people and for signatures. */
#define _GNU_SOURCE
#include "oracle/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

static void expect_clean(const char *text, const char *wanted)
{
    char room[100];
    snprintf(room, sizeof room, "%s", text);
    message_clean(room);
    assert_string_equal(room, wanted);
}

static void clean_is_one_line_of_ascii(void **state)
{
    (void)state;
    expect_clean("", "");
    expect_clean("as it is", "as it is");
    expect_clean("two\nlines\tand a tab \r\n", "two lines and a tab");
    expect_clean("\xe2\x80\x98x\xe2\x80\x99 \xe2\x80", "'x' ??");
    expect_clean("\x1b[31mred\x7f", "?[31mred?");
}

static void expect_words(const char *before, const char *text, const char *wanted)
{
    char room[64];
    int fd = memfd_create("said", 0);
    assert_true(write(fd, before, strlen(before)) == (ssize_t)strlen(before));
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    Str said = message_last_words(fd, (int64_t)strlen(before), room, sizeof room);
    assert_int_equal(said.n, strlen(wanted));
    assert_memory_equal(said.at, wanted, said.n);
    close(fd);
}

static void last_words_are_the_last_that_say_something(void **state)
{
    (void)state;
    expect_words("", "", "");
    expect_words("", "one\ntwo\n\n", "two");
    expect_words("", "no end", "no end");
    expect_words("earlier\n", "", "");
    expect_words("earlier\n", "later\n", "later");
    expect_words("", "thread panicked\nno register\nnote: run with X=1\n", "no register");
    expect_words("", "==7==ERROR: overflow\n    #0 0x12 in f\n==7==ABORTING\n", "==7==ABORTING");
    expect_words("", "a line that is longer than the room that there is for it all together\nend",
                 "end");
}

static void expect_slug(const char *text, const char *wanted)
{
    char slug[MESSAGE_SLUG];
    message_slug(text, slug, sizeof slug);
    assert_string_equal(slug, wanted);
}

static void slugs_hold_words_alone(void **state)
{
    (void)state;
    expect_slug("", "");
    expect_slug("12 0x7f3a /usr/lib/x.so", "");
    expect_slug("SIGABRT: v17 has no home at 0x7f12", "SIGABRT_v_has_no_home_at");
    expect_slug("src/isel.rs:12:5: entered unreachable code: `i8` (block3)",
                "entered_unreachable_code_i_block");
    expect_slug("a.c:12: Assertion `n != 0' failed.", "a_c_Assertion_n_failed");
    expect_slug("SIGSEGV at tcc.so+0x1149", "tcc_so_0x1149_SIGSEGV_at");
    expect_slug("SIGSEGV at tcc.so+0x1149: v17", "tcc_so_0x1149_SIGSEGV_at_v");
    expect_slug("words and words and words and words and words and words and words",
                "words_and_words_and_words_and_words_and_words_and_words_and");
}

static void causes_are_told_apart(void **state)
{
    (void)state;
    assert_true(message_is_alike("", ""));
    assert_true(message_is_alike("SIGSEGV: v1 at 0x10", "SIGSEGV: v22 at 0x33"));
    assert_false(message_is_alike("SIGSEGV: v1", "SIGABRT: v1"));
    assert_false(message_is_alike("SIGSEGV", "SIGSEGV: v1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clean_is_one_line_of_ascii),
        cmocka_unit_test(last_words_are_the_last_that_say_something),
        cmocka_unit_test(slugs_hold_words_alone),
        cmocka_unit_test(causes_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
