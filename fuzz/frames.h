/* Ending a fuzzing process so that its signature shows in the stack trace.
 *
 *     frames_abort("results-jit-none-imul");
 *
 * Crash collectors (ClusterFuzz, OSS-Fuzz) tell crashes apart by three lines: the text of an
 * assertion and the top frames of the stack. Two crashes are one when two lines are equal, or when
 * the lines are more than 80 % alike on average. All findings of a differential fuzzer abort at one
 * place and have similar signatures; so the call passes through two functions picked by a hash of
 * the signature from two pools of 1,024 (tools/frames.awk writes them), and the text begins with
 * letters that are such a hash too. One hash may then be shared by chance without harm.
 */
#ifndef FUZZ_FRAMES_H
#define FUZZ_FRAMES_H

#include "base/base.h"

enum { FRAMES_POOL = 1024, FRAMES_NAME_SIZE = 18, FRAMES_LETTERS = 24 };

/* What a signature leads to: letters, and functions' names with NUL. */
typedef struct {
    char letters[FRAMES_LETTERS + 1];
    const char *outer, *inner; /* static */
} FrameNames;

void frames_of(const char *signature, FrameNames *out);

/* Prints a line like that of a failed assertion and calls abort() through the two functions. */
_Noreturn void frames_abort(const char *signature);

#endif
