/* A saved finding as it was: its case, and a machine that offers what that one offered.
 *
 *     Reloaded r;
 *     if (!reload(&r, arena, "findings/NAME", &error)) …
 *     for (uint32_t k = 0; k < r.notes.n; k++) puts(r.notes.at[k]);
 *     judge_create(&(JudgeOptions){.backends = r.record.configs}, &error)
 */
#ifndef TRIAGE_RELOAD_H
#define TRIAGE_RELOAD_H

#include "oracle/finding.h"

typedef struct {
    FindingRecord record;
    Case *c;
    VEC(const char *) notes; /* sentences: what is not as it was */
    bool lacks_features;     /* a configuration cannot run here as it ran then */
} Reloaded;

/* Decodes `input` where this build still makes the same case of it, else reads `case.clif` and
 * notes that. Hides from this process the CPU features that the finding's machine did not have
 * (TALLY_CPU, unless it is set), so that `native` means what it meant there; to be called before
 * any configuration is opened. False with `*error`, or NULL there when messages have been
 * printed. */
bool reload(Reloaded *r, Arena *a, const char *folder, const char **error);

#endif
