/* Worker processes: what they do to themselves is told in a line, and nothing of them stays. */
#define _GNU_SOURCE
#include "oracle/process.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* What a worker does between an order and its answer; it may say how to find what it started. */
typedef struct {
    void (*act)(void);
    volatile pid_t child;
    volatile uint32_t orders;
} Script;

static Script *script; /* shared with the worker */

static void serve(void *data, int socket, const char *folder)
{
    Script *s = data;
    (void)folder;
    signal(SIGSEGV, SIG_DFL); /* cmocka's */
    for (char byte; read(socket, &byte, 1) == 1;) {
        s->orders++;
        s->act();
        if (write(socket, &byte, 1) != 1) _exit(5);
    }
    _exit(0);
}

/* ---- acts ---- */

static void nothing(void) {}

static void crash(void)
{
    printf("last ");
    fflush(stdout);
    fprintf(stderr, "words\n");
    raise(SIGSEGV);
}

static void crash_at_second(void)
{
    if (script->orders == 1) fprintf(stderr, "a warning of the first order\n");
    else raise(SIGSEGV);
}

static void leave_child(void)
{
    pid_t pid = fork();
    if (pid == 0) pause();
    script->child = pid;
}

static void leave_child_and_crash(void)
{
    leave_child();
    raise(SIGSEGV);
}

static void close_all(void) { closefrom(0); }

static void close_all_and_loop(void)
{
    closefrom(0);
    for (volatile uint32_t k = 0;; k++) continue;
}

static void loop(void)
{
    for (volatile uint32_t k = 0;; k++) continue;
}

/* More than is kept. */
static void say_much(void)
{
    for (int k = 0; k < 20000; k++) fprintf(stderr, "warning\n");
}

/* ---- a world in which one acts ---- */

typedef struct {
    Arena *arena;
    char tmp[64];
    Process p;
} World;

static int open_world(void **state)
{
    World *w = calloc(1, sizeof *w);
    w->arena = arena_create();
    w->p.seconds = 1;
    snprintf(w->tmp, sizeof w->tmp, "/tmp/test-process-XXXXXX");
    assert_non_null(mkdtemp(w->tmp));
    setenv("TMPDIR", w->tmp, 1);
    script = mmap(NULL, sizeof *script, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    *state = w;
    return 0;
}

/* Its folder is gone, too. */
static int close_world(void **state)
{
    World *w = *state;
    process_stop(&w->p);
    bool left = rmdir(w->tmp) != 0;
    if (left) print_error("%s is not empty\n", w->tmp);
    arena_destroy(w->arena);
    munmap(script, sizeof *script);
    free(w);
    return left;
}

static void start(World *w, void (*act)(void))
{
    *script = (Script){.act = act};
    process_start(&w->p, w->arena, serve, script);
}

static void expect_end(World *w, const char *how, bool stuck)
{
    assert_false(process_tell(&w->p) && process_wait(&w->p));
    assert_string_equal(w->p.end, how);
    assert_int_equal(w->p.stuck, stuck);
    assert_false(process_lives(&w->p));
}

/* A killed child may wait for somebody to take leave of it. */
static bool runs(pid_t pid)
{
    char path[40], state = 'X';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(path, "r");
    if (f && fscanf(f, "%*d (%*[^)]) %c", &state) != 1) state = 'X';
    if (f) fclose(f);
    return state != 'X' && state != 'Z';
}

/* ---- tests ---- */

static void answers(void **state)
{
    World *w = *state;
    start(w, nothing);
    for (int k = 0; k < 3; k++) {
        assert_true(process_tell(&w->p));
        assert_true(process_wait(&w->p));
        assert_true(process_lives(&w->p));
    }
    assert_int_equal(script->orders, 3);
}

static void crash_is_told_with_last_words(void **state)
{
    World *w = *state;
    start(w, crash);
    expect_end(w, "SIGSEGV: last words", false);
    start(w, crash);
    expect_end(w, "SIGSEGV: last words", false);
}

static void words_of_another_order_are_not_told(void **state)
{
    World *w = *state;
    start(w, crash_at_second);
    assert_true(process_tell(&w->p) && process_wait(&w->p));
    expect_end(w, "SIGSEGV", false);
}

static void child_goes_with_it(void **state)
{
    World *w = *state;
    start(w, leave_child);
    assert_true(process_tell(&w->p) && process_wait(&w->p));
    assert_true(runs(script->child));
    process_stop(&w->p);
    while (runs(script->child)) usleep(1000);
}

/* The child holds the socket: nobody hangs up. */
static void child_does_not_hide_a_crash(void **state)
{
    World *w = *state;
    start(w, leave_child_and_crash);
    expect_end(w, "SIGSEGV", false);
    while (runs(script->child)) usleep(1000);
}

static void one_that_hangs_up_and_ends(void **state)
{
    World *w = *state;
    start(w, close_all);
    expect_end(w, "exit with status 5", false);
}

static void one_that_hangs_up_and_stays(void **state)
{
    World *w = *state;
    start(w, close_all_and_loop);
    expect_end(w, "did not end", true);
}

static void one_that_does_not_end(void **state)
{
    World *w = *state;
    start(w, loop);
    expect_end(w, "did not end", true);
}

/* Nobody waits for it: it is nobody's fault. */
static void one_that_is_killed_meanwhile(void **state)
{
    World *w = *state;
    start(w, nothing);
    assert_true(process_tell(&w->p) && process_wait(&w->p));
    kill(w->p.pid, SIGKILL);
    while (process_lives(&w->p)) usleep(1000);
    start(w, nothing);
    assert_true(process_tell(&w->p) && process_wait(&w->p));
}

static void output_is_not_kept_for_ever(void **state)
{
    World *w = *state;
    struct stat s;
    start(w, say_much);
    for (int k = 0; k < 5; k++) assert_true(process_tell(&w->p) && process_wait(&w->p));
    assert_int_equal(fstat(w->p.output, &s), 0);
    assert_in_range(s.st_size, 1, 200000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(answers),
        TEST(crash_is_told_with_last_words),
        TEST(words_of_another_order_are_not_told),
        TEST(child_goes_with_it),
        TEST(child_does_not_hide_a_crash),
        TEST(one_that_hangs_up_and_ends),
        TEST(one_that_hangs_up_and_stays),
        TEST(one_that_does_not_end),
        TEST(one_that_is_killed_meanwhile),
        TEST(output_is_not_kept_for_ever),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
