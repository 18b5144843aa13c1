#define _GNU_SOURCE
#include "base/codemem.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* mov $number, %eax; ret */
static int (*emit(CodeMem *m, uint32_t number))(void)
{
    uint8_t *out = codemem_next(m, 16);
    uint8_t bytes[6] = {0xb8, 0, 0, 0, 0, 0xc3};
    memcpy(bytes + 1, &number, 4);
    memcpy(out, bytes, sizeof bytes);
    codemem_add(m, sizeof bytes);
    return (int (*)(void))(uintptr_t)codemem_exec_of(m, out);
}

static void test_emit_and_run(void **state)
{
    (void)state;
    CodeMem *m = codemem_create(0);
    assert_int_equal(m->size, CODEMEM_DEFAULT_SIZE);
    int (*one)(void) = emit(m, 1), (*two)(void) = emit(m, 2);
    assert_int_equal(one(), 1);
    assert_int_equal(two(), 2);
    assert_int_equal(m->used, 22);
    assert_int_equal(codemem_room(m), m->size - 22);
    assert_ptr_equal(codemem_write_at(m, 3), m->write + 3);
    assert_ptr_equal(codemem_exec_at(m, 3), codemem_exec_of(m, codemem_write_at(m, 3)));
    assert_true(codemem_holds(m, (uintptr_t)m->exec + 21));
    assert_false(codemem_holds(m, (uintptr_t)m->exec + 22));
    assert_false(codemem_holds(m, (uintptr_t)m->exec - 1));
    codemem_destroy(m);
}

static void test_rewind(void **state)
{
    (void)state;
    CodeMem *m = codemem_create(8192);
    emit(m, 1);
    codemem_rewind(m);
    assert_int_equal(m->used, 0);
    for (int k = 0; k < 6; k++) assert_int_equal(m->exec[k], 0xcc);
    for (uint32_t k = 0; k < 1000; k++) { /* the same address, new code each time */
        codemem_rewind(m);
        assert_int_equal(emit(m, k)(), k);
    }
    codemem_destroy(m);
}

static void test_full(void **state)
{
    (void)state;
    CodeMem *m = codemem_create(1);
    assert_int_equal(m->size, 4096);
    codemem_add(m, 4095);
    codemem_next(m, 16);
    assert_int_equal(codemem_room(m), 0);
    codemem_rewind(m);
    assert_int_equal(codemem_room(m), 4096);
    codemem_destroy(m);
}

/* The protection of the mapping that holds `at`, as "rwxp" or "rwxs". */
static void protection_of(const void *at, char out[5])
{
    FILE *f = fopen("/proc/self/maps", "r");
    unsigned long from, to;
    char line[512];
    strcpy(out, "none");
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "%lx-%lx %4s", &from, &to, out) == 3 && (uintptr_t)at - from < to - from)
            break;
    fclose(f);
}

static void test_never_writable_and_executable(void **state)
{
    (void)state;
    CodeMem *m = codemem_create(0);
    char protection[5];
    protection_of(m->write, protection);
    assert_string_equal(protection, "rw-s");
    protection_of(m->exec, protection);
    assert_string_equal(protection, "r-xs");
    protection_of(m->exec - 1, protection);
    assert_string_equal(protection, "---p");
    protection_of(m->exec + m->size, protection);
    assert_string_equal(protection, "---p");
    codemem_destroy(m);
}

static void test_several_regions(void **state)
{
    (void)state;
    CodeMem *m[5];
    int (*number[5])(void);
    for (uint32_t k = 0; k < 5; k++) number[k] = emit(m[k] = codemem_create(4096), k);
    codemem_destroy(m[2]);
    codemem_rewind(m[0]);
    codemem_destroy(m[0]);
    assert_int_equal(number[1](), 1);
    assert_int_equal(number[4](), 4);
    codemem_destroy(m[4]);
    codemem_destroy(m[1]);
    assert_int_equal(number[3](), 3);
    codemem_destroy(m[3]);
}

/* Pages that were not written are not committed. */
static void test_pages_come_when_written(void **state)
{
    (void)state;
    CodeMem *m = codemem_create(64 << 20);
    static unsigned char resident[(64 << 20) / PAGE_BYTES];
    memset(codemem_write_at(m, 32 << 20), 1, 1);
    assert_int_equal(mincore(m->write, m->size, resident), 0);
    size_t pages = 0;
    for (size_t k = 0; k < countof(resident); k++) pages += resident[k] & 1;
    assert_in_range(pages, 1, 512); /* huge pages may round it up */
    codemem_destroy(m);
}

/* Parent and child write at the same address without seeing each other. */
static void test_fork(void **state)
{
    (void)state;
    CodeMem *m = codemem_create(0), *other = codemem_create(4096);
    int (*number)(void) = emit(m, 1), (*kept)(void) = emit(other, 7);
    pid_t pid = fork();
    if (pid == 0) {
        bool inherited = number() == 1 && kept() == 7;
        codemem_rewind(m);
        number = emit(m, 2);
        _exit(inherited && number() == 2 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    assert_int_equal(number(), 1);
    codemem_destroy(m);
    codemem_destroy(other);
}

static int status_with_address_space(size_t bytes)
{
    pid_t pid = fork();
    if (pid == 0) {
        close(STDERR_FILENO);
        struct rlimit limit = {.rlim_cur = bytes, .rlim_max = bytes};
        setrlimit(RLIMIT_AS, &limit);
        CodeMem *m = codemem_create(0);
        _exit(emit(m, 5)() == 5 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* Guards shrink where address space is short; without any there is a message, no crash. */
static void test_little_memory(void **state)
{
    (void)state;
    assert_int_equal(status_with_address_space(1), EXIT_RESOURCE);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__clang__) /* ASan alone takes more */
    assert_int_equal(status_with_address_space(256 << 20), 0);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_emit_and_run),
        cmocka_unit_test(test_rewind),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_never_writable_and_executable),
        cmocka_unit_test(test_several_regions),
        cmocka_unit_test(test_pages_come_when_written),
        cmocka_unit_test(test_fork),
        cmocka_unit_test(test_little_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
