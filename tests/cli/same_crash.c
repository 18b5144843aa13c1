/* Compares what two fuzzing processes have printed as a crash collector does (collector.h): ends
 * with 0 when it takes the two crashes for one, with 1 when they stay apart, and with 2 when one of
 * the two shows no complete state. Prints the states.
 *
 *     same_crash OUTPUT OUTPUT
 */
#include "tests/unit/fuzz/collector.h"

int main(int argc, char **argv)
{
    State states[2] = {0};
    for (int k = 1; k < argc && k <= 2; k++) {
        FILE *file = fopen(argv[k], "r");
        if (!file) continue;
        state_read(&states[k - 1], file);
        fclose(file);
        for (uint32_t j = 0; j < states[k - 1].n; j++) puts(states[k - 1].line[j]);
        puts("");
    }
    if (states[0].n != STATE_LINES || states[1].n != STATE_LINES) return 2;
    return state_merged(&states[0], &states[1]) ? 0 : 1;
}
