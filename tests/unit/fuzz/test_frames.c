/* Signatures are told apart by a crash collector, which sees three lines of a crash. */
#include "fuzz/frames.h"

#include "collector.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { SIGNATURES = 200, LINE = 80 };

static const char *const kinds[] = {"results", "memory", "trap", "hung", "abi"};
static const char *const families[] = {"iadd", "imul", "load", "store", "rotl"};

static void make_signature(char *out, uint32_t k)
{
    snprintf(out, LINE / 2, "%s-jit-none-sse2-%s-%s", kinds[k % 5], families[k / 5 % 5],
             families[k / 25 % 5]);
    if (k >= 125) snprintf(out + strlen(out), LINE / 2 - strlen(out), "-%s", families[k / 125]);
}

/* The three lines that a collector sees. */
static void make_state(State *s, uint32_t k)
{
    char signature[LINE / 2];
    FrameNames f;
    make_signature(signature, k);
    frames_of(signature, &f);
    s->n = STATE_LINES;
    snprintf(s->line[0], sizeof s->line[0], "%s %s", f.letters, signature);
    snprintf(s->line[1], sizeof s->line[1], "%s", f.inner);
    snprintf(s->line[2], sizeof s->line[2], "%s", f.outer);
}

static void no_pair_is_merged(void **state)
{
    (void)state;
    static State all[SIGNATURES];
    for (uint32_t i = 0; i < SIGNATURES; i++) {
        make_state(&all[i], i);
        for (uint32_t j = 0; j < i; j++)
            if (state_merged(&all[i], &all[j]))
                fail_msg("%s and %s are merged", all[i].line[0], all[j].line[0]);
    }
}

/* The comparer itself, by states that ClusterFuzz's own was asked about. */
static const struct {
    State a, b;
    bool merged;
} known[] = {
    {{{"one", "two", "three"}, 3}, {{"one", "two", "three"}, 3}, true},
    {{{"abcdefgh", "one", "two"}, 3}, {{"one", "two", "ijklmnop"}, 3}, true},
    {{{"abcdefgh", "one", "qrstuvwx"}, 3}, {{"one", "yzabcdef", "ijklmnop"}, 3}, false},
    {{{"mm_jit", "mm_jit_ret", "mm_jit_ret_imul"}, 3},
     {{"mm_jit", "mm_jit_ret", "mm_jit_ret_iadd"}, 3},
     true},
    {{{"mma_jit_ret_imul", "mmb_jit_ret_imul", "mmc_jit_ret_imul"}, 3},
     {{"mma_jit_ret_iadd", "mmb_jit_ret_iadd", "mmc_jit_ret_iadd"}, 3},
     true},
    {{{"qnufyflnppftueawahtpatak", "xmjsqetdepttlcltq", "xwxzauoszswcobqai"}, 3},
     {{"znexznhukrsmpkcumhxmvhft", "xvtzgpscxuivfolta", "xhsyteyhqdnurosdf"}, 3},
     false},
    {{{""}, 0}, {{""}, 0}, false},
};

static void known_pairs(void **state)
{
    (void)state;
    for (size_t k = 0; k < countof(known); k++)
        if (state_merged(&known[k].a, &known[k].b) != known[k].merged)
            fail_msg("pair %zu", k);
}

static void names_are_letters_only(void **state)
{
    (void)state;
    for (uint32_t k = 0; k < SIGNATURES; k++) {
        char a[LINE / 2];
        make_signature(a, k);
        FrameNames f;
        frames_of(a, &f);
        assert_int_equal(strspn(f.inner, "abcdefghijklmnopqrstuvwxyz"), FRAMES_NAME_SIZE - 1);
        assert_int_equal(strspn(f.outer, "abcdefghijklmnopqrstuvwxyz"), FRAMES_NAME_SIZE - 1);
    }
}

static void the_process_aborts(void **state)
{
    (void)state;
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGABRT, SIG_DFL);
        frames_abort("results-jit");
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_pairs),
        cmocka_unit_test(no_pair_is_merged),
        cmocka_unit_test(names_are_letters_only),
        cmocka_unit_test(the_process_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
