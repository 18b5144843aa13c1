/* The libFuzzer program (also for any engine that calls LLVMFuzzerTestOneInput).
 *
 * Exit status 77 on a finding whichever handler gets to see the abort: libFuzzer's own, or, with
 * handle_abort=1, that of a sanitizer, whose status is set here.
 */
#include "fuzz/target.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);

const char *__asan_default_options(void) { return "exitcode=77"; }
const char *__ubsan_default_options(void) { return "exitcode=77:print_stacktrace=1"; }

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    target_start("libfuzzer");
    for (int k = 1; k < *argc; k++)
        if (!strncmp((*argv)[k], "-seed=", 6)) target_seed(strtoull((*argv)[k] + 6, NULL, 10));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    target_input(bytes, n);
    return 0;
}
