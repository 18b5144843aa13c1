/* What the libFuzzer and the AFL++ program share around a session: the options from TALLY_OPTIONS,
 * the first line, the report of a finding, the counts at the end.
 *
 *     target_start("libfuzzer");
 *     target_input(bytes, n);      returns when there is no finding, ends by abort() on one
 */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include "fuzz/session.h"

/* Once a process. Prints versions, options and configurations in one line; ends with EXIT_INPUT
 * when TALLY_OPTIONS is wrong. The counts line is printed when the process exits, also when it is
 * stopped
 * by SIGINT or SIGTERM between two inputs (exit status 128 + signal). */
void target_start(const char *engine);

/* The engine's seed, where it is known: written into findings. */
void target_seed(uint64_t seed);

/* A new finding, or one seen before, ends the process by frames_abort; a flaky one does not. */
void target_input(const uint8_t *bytes, size_t n);

#endif
