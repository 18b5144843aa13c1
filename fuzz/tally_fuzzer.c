/* The libFuzzer program (also for any engine that calls LLVMFuzzerTestOneInput).
 *
 * Exit status 77 on a finding whichever handler gets to see the abort: libFuzzer's own, or, with
 * handle_abort=1, that of a sanitizer, whose status is set here.
 */
#include "fuzz/target.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void) { return "exitcode=77"; }
const char *__ubsan_default_options(void) { return "exitcode=77:print_stacktrace=1"; }

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    target_start("libfuzzer");
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    target_input(bytes, n);
    return 0;
}
