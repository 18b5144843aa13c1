/* CPU features: what this machine has, what a configuration may use.
 *
 *     FeatureSet host = feature_detect();              what CPU and system offer, less TALLY_CPU
 *     FeatureSet use;
 *     feature_parse(str_of("avx has_fma=false"), &use) a preset, then single flags
 *     if (use & ~host) ...                             this configuration cannot run here
 *
 * A set is always closed: a feature stands in it only with everything it implies.
 */
#ifndef JIT_X64_FEATURES_H
#define JIT_X64_FEATURES_H

#include "base/str.h"

typedef enum {
#define FEATURE(name, ...) FEATURE_##name,
#include "jit/x64/features.def"
    FEATURE_COUNT,
} Feature;

typedef uint32_t FeatureSet;

static inline FeatureSet feature_bit(Feature f)
{
    return (FeatureSet)1 << f;
}

/* What the CPU has, the operating system has enabled, and the environment variable TALLY_CPU (the
 * name of a preset, or words as for feature_parse) does not hide. Asked once, then remembered; a
 * TALLY_CPU that cannot be read ends the process with EXIT_INPUT. */
FeatureSet feature_detect(void);

/* The features of a description: words separated by blanks or commas, from left to right. A word is
 * a preset (presets.def: sse2, ssse3, sse41, sse42, avx, avx2, native, ...) which replaces what
 * stood before, or a flag (has_avx, has_avx=true, has_avx=false). Setting a flag brings what it
 * implies; clearing one takes away what implies it. Starts from the base. False on an unknown word,
 * `*set` then unchanged and `*bad` (may be NULL) the word. */
bool feature_parse(Str text, FeatureSet *set, Str *bad);

/* "SSE41" for FEATURE_SSE41. */
const char *feature_name(Feature f);

/* "has_sse41" for FEATURE_SSE41, "" for the base. */
const char *feature_flag(Feature f);

/* A set as flags separated by blanks, from the base up: "has_sse3 has_ssse3"; "" for the base. */
void feature_print(FeatureSet set, Buf *out);

#endif
