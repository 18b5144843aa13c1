/* Saved findings: a folder named by the signature, made whole or not at all.
 *
 *     input          the bytes of the one case
 *     case.clif      the case itself, the durable form
 *     upstream.clif  its twin for Cranelift's own runner, where it can be said
 *     finding.json   versions, build, options, configurations with their CPU features, verdict,
 *                    hashes, command to reproduce
 *     README         the same for people
 */
#ifndef ORACLE_FINDING_H
#define ORACLE_FINDING_H

#include "base/diag.h"
#include "oracle/judge.h"

#define TALLY_VERSION "0.1.0"

typedef struct {
    const Judge *judge;
    const Case *c;
    const Case *twin; /* oracle/twin.h, NULL when there is none */
    const Verdict *verdict;
    const char *signature;
    Str input;           /* empty: the case did not come from bytes */
    uint32_t format;     /* number of the byte format */
    const char *engine;  /* libfuzzer, afl, tally */
    uint64_t seed;       /* of the engine; of the case where the engine is tally */
    bool has_seed;
    const char *options; /* as TALLY_OPTIONS */
} Finding;

/* Saves into `dir`/SIGNATURE. A finding that is there already stays as it is and counts as saved.
 * The folder's path, in `a`; NULL with a reason when it cannot be written. */
const char *finding_save(Arena *a, const char *dir, const Finding *f, const char **error);

/* The command that shows what is saved in `folder`, as this process would be called: the words of
 * the environment that begin with TALLY_, the program `tally` beside this one. */
const char *finding_command(Arena *a, const char *folder);

/* What finding.json of a folder says, as far as replaying needs it. */
typedef struct {
    const char *signature, *configs, *options;
    const char *word; /* finding_word of its verdict */
    bool alone;       /* the case shows it by itself */
    const char *engine, *version, *commit;
    const char *features; /* CPU features of the configurations that ran: flags with blanks */
    uint32_t format;
    uint64_t case_hash;
} FindingRecord;

/* Everything is in `d->arena`. False when `d` has errors; they are of folder/finding.json. */
bool finding_load(const char *folder, FindingRecord *out, Diag *d);

/* What a verdict is known by when it comes again: its kind and the configuration named, or NULL. */
const char *finding_word(Arena *a, const char *kind, const char *odd);

/* XXH3-64 of the printed case, heaps and runs included. */
uint64_t case_hash(Arena *scratch, const Case *c);

/* The build's commit, `unknown` outside of a checkout. */
const char *build_commit(void);

#endif
