/* Planted misdeeds: what the oracle must survive and name. They are chosen by the environment of
 * tally_planted and tally_planted_fuzzer:
 *
 *     TALLY_PLANT=endless_loop        in modules that have a function %victim
 *     TALLY_PLANT=endless_loop/16     and in one of about 16 others
 *     TALLY_PLANT=load_over_store     a fault of faults.def
 *     TALLY_PLANT=./mine.so           a fault of a shared object
 *     TALLY_PLANT=null_in_oracle      none in generated code: the oracle dereferences null
 */
#ifndef FAULTS_MISDEEDS_H
#define FAULTS_MISDEEDS_H

#include "tests/faults/faults.h"

typedef struct {
    const char *name;
    OutcomeKind outcome;
    const char *meaning;
    PassHook *hook; /* its data is a MisdeedState */
} Misdeed;

extern const Misdeed misdeeds[];
extern const uint32_t misdeeds_n;

typedef struct {
    uint32_t share; /* one of so many modules besides those with a victim; 0: none */
} MisdeedState;

#endif
