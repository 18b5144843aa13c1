/* The AFL++ program: a fork server that starts when everything is set up, test cases in shared
 * memory, many of them in one process.
 *
 *     afl-fuzz -i build/seeds -o out -- build/tally_afl
 *     build/tally_afl FILE...            or bytes on standard input: replays them
 */
#include "fuzz/target.h"

#include "base/file.h"

#include <stdio.h>
#include <unistd.h>

enum { INPUTS_A_PROCESS = 100000 };

__AFL_FUZZ_INIT();

static void replay(const char *path)
{
    Arena *a = arena_create();
    Str input;
    const char *error;
    if (!file_read(a, path, FILE_LIMIT, &input, &error)) {
        fprintf(stderr, "tally: %s: %s\n", path, error);
        _exit(EXIT_INPUT);
    }
    target_input((const uint8_t *)input.at, input.n);
    arena_destroy(a);
}

int main(int argc, char **argv)
{
    target_start("afl");
    for (int k = 1; k < argc; k++) replay(argv[k]);
    if (argc > 1) return 0;

    __AFL_INIT();
    const uint8_t *bytes = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(INPUTS_A_PROCESS)) target_input(bytes, (size_t)__AFL_FUZZ_TESTCASE_LEN);
    return 0;
}
