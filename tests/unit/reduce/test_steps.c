/* What each step makes of a small case: steps.txt has a case, and what becomes of it at the first
 * site, in the step's order, to which the step applies. No step goes without. */
#include "base/file.h"
#include "ir/read.h"
#include "ir/verify.h"
#include "ir/write.h"
#include "reduce/step.h"
#include "reduce/tidy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char path[] = "tests/unit/reduce/steps.txt";

static Case *read_case(Str text, const char *name, Arena *a)
{
    Diag d = {.arena = a, .file = name};
    Case *c = case_read(a, name, text, &d);
    bool good = c && case_verify(c, a, &d);
    diag_print(&d, stderr);
    if (!good) { fwrite(text.at, 1, text.n, stderr); fail_msg("%s: the case is wrong", name); }
    return case_extract(c, c->runs.at[0].func, a);
}

static const StepInfo *find_step(const char *name)
{
    for (uint32_t k = 0; k < steps_n; k++)
        if (!strcmp(steps[k].name, name)) return &steps[k];
    fail_msg("%s: no such step", name);
    return NULL;
}

/* As the lab does it; NULL when the step applies nowhere. */
static const char *apply_step(const StepInfo *s, const Case *c, const Trace *t, Arena *a)
{
    SiteVec sites = s->sites(c, t, a);
    for (uint32_t k = 0; k < sites.n; k++) {
        Case *copy = case_extract(c, c->runs.at[0].func, a);
        if (!s->apply(copy, t, sites.at[k])) continue;
        Buf text = {.arena = a};
        clean_case(copy);
        tidy_case(copy);
        copy = case_extract(copy, copy->runs.at[0].func, a);
        number_case(copy);
        case_write(&text, copy, NULL);
        return arena_strndup(a, text.at, text.n);
    }
    return NULL;
}

/* Cuts off what is ahead of a line that begins with `word`. */
static bool cut(Str *rest, const char *word, Str *ahead)
{
    size_t n = strlen(word);
    for (size_t k = 0; k + n <= rest->n; k++) {
        if ((k && rest->at[k - 1] != '\n') || memcmp(rest->at + k, word, n)) continue;
        *ahead = (Str){rest->at, k};
        *rest = (Str){rest->at + k + n, rest->n - k - n};
        return true;
    }
    return false;
}

static const char *line(Str *rest, Arena *a)
{
    size_t n = 0;
    while (n < rest->n && rest->at[n] != '\n') n++;
    const char *text = arena_strndup(a, rest->at, n);
    n += n < rest->n;
    *rest = (Str){rest->at + n, rest->n - n};
    return text;
}

static void check(Judge *j, const char *name, Str before, Str after, Arena *a)
{
    Trace t;
    const Case *c = read_case(before, name, a);
    const StepInfo *s = find_step(name);
    assert_true(trace_run(j, c, a, a, &t));
    t.floats = true;
    const char *made = apply_step(s, c, &t, a);
    const char *want = arena_strndup(a, after.at, after.n);
    if (!made) fail_msg("%s: applies nowhere", name);
    if (strcmp(made, want)) fail_msg("%s: made\n%s\ninstead of\n%s", name, made, want);
    const Case *again = read_case(str_of(made), name, a);
    assert_non_null(again);
}

static void test_steps(void **state)
{
    (void)state;
    const char *error = "";
    Arena *a = arena_create();
    Judge *j = judge_create(&(JudgeOptions){.backends = "interp"}, &error);
    bool *told = arena_array(a, bool, steps_n);
    Str rest, ahead, after;
    assert_non_null(j);
    if (!file_read(a, path, FILE_LIMIT, &rest, &error)) fail_msg("%s: %s", path, error);
    bool more = cut(&rest, "step ", &ahead);
    while (more) {
        const char *name = line(&rest, a);
        if (!cut(&rest, "becomes\n", &ahead)) fail_msg("%s: without a result", name);
        more = cut(&rest, "step ", &after);
        told[find_step(name) - steps] = true;
        check(j, name, ahead, more ? after : rest, a);
    }
    for (uint32_t k = 0; k < steps_n; k++)
        if (!told[k]) fail_msg("%s: not in %s", steps[k].name, path);
    judge_destroy(j);
    arena_destroy(a);
}

/* Steps that make numbers smaller come to an end. */
static void test_ends(void **state)
{
    (void)state;
    Arena *a = arena_create();
    Trace t = {.floats = true};
    const Case *c = read_case(str_of("function %f(i64) -> i64 {\n"
                                     "    ss0 = explicit_slot 4096, align = 4096\n"
                                     "block0(v0: i64):\n"
                                     "    v1 = iconst.i64 0x7fff_ffff_ffff_ffff\n"
                                     "    v2 = iconst.i64 0x8000_0000_0000_0000\n"
                                     "    v3 = stack_addr.i64 ss0+2000\n"
                                     "    store v1, v0+1000\n"
                                     "    return v2\n"
                                     "}\n"
                                     "; address: %f 0 range=-4000..4000, align=4096\n"
                                     "; heap: <heap0> size=65536, align=4096\n"
                                     "; print: %f(<heap0>+32768)\n"),
                              "ends", a);
    for (uint32_t k = 0; k < steps_n; k++) {
        if (steps[k].how != HOW_again) continue;
        uint32_t times = 0;
        for (uint32_t site = 0; site < steps[k].sites(c, &t, a).n; site++) {
            Case *copy = case_extract(c, 0, a);
            SiteVec sites = steps[k].sites(copy, &t, a);
            for (times = 0; steps[k].apply(copy, &t, sites.at[site]); times++)
                if (times > 20000) fail_msg("%s: no end", steps[k].name);
        }
    }
    arena_destroy(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
