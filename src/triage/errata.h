/* Run lines of Cranelift's tests that contradict its documentation (errata.def). */
#ifndef TRIAGE_ERRATA_H
#define TRIAGE_ERRATA_H

#include "ir/case.h"

/* If the text's line of `run` is one of them, the run expects what the documentation says. */
bool errata_correct(Str text, Run *run, Arena *a);

#endif
