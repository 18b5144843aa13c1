/* Runs a command and measures it: ends with its exit status, or with 125 and a message when it took
 * more memory or time than it may, or died of a signal.
 *
 *     within MEGABYTES SECONDS COMMAND [ARGUMENT]...      0 megabytes: not measured
 */
#include "limited.h"

int main(int argc, char **argv)
{
    if (argc < 4) return BROKEN;
    Limits l = {atol(argv[1]), (rlim_t)atol(argv[2]), -1, -1};
    return run_limited(argv + 3, &l);
}
