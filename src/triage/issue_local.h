/* The parts of an issue (issue.h). */
#ifndef TRIAGE_ISSUE_LOCAL_H
#define TRIAGE_ISSUE_LOCAL_H

#include "ir/write.h"
#include "triage/issue.h"

/* The configuration that the issue is about, and the one that says what was expected: the odd one
 * and whom it is compared with; where nobody is named, the first two that differ. Indices among the
 * judge's configurations; NO_INDEX where there is none. */
typedef struct {
    uint32_t subject, expected;
} IssueSides;
IssueSides issue_sides(const Issue *i);

/* NULL for NO_INDEX. */
const Config *issue_config(const Issue *i, uint32_t k);
const Config *issue_subject(const Issue *i);

/* As it is written in a list, without the folder of a library that was given by its path. */
const char *issue_name(Arena *a, const Config *config);

/* What stands in parentheses behind a configuration's name: `Cranelift 0.137.1, regalloc2 0.15.2`;
 * empty where nothing does. */
Str issue_about(const Config *config);

/* Who is to be told: the first of those words, else the configuration. */
const char *issue_addressee(Arena *a, const Config *config);

/* Text of others without paths of this machine, in `a`: `/a/b/c.rs:12` becomes `c.rs:12`,
 * `/x/registry/src/HOST/crate-1.0/src/c.rs` becomes `crate-1.0/src/c.rs`. */
const char *issue_clean(Arena *a, const char *text);

/* A block of text as it is: ```language. */
void issue_fence(Buf *out, const char *language, Str text);

/* The header lines that make Cranelift's own runner compile as a configuration of the library does:
 * settings and the features of the CPU. Appended; `c` has the rest of the header. */
void issue_header(Buf *out, const Config *config, const Case *c);

/* The C that was compiled for a run, in `a`, with a `main` that calls it and prints results and
 * heaps. NULL where the configuration compiles no C, with a reason where it cannot be written. */
const char *issue_c_program(Arena *a, Judge *j, const Config *config, const Case *c,
                            const Run *run, const char **reason);

/* The sections on expected and actual, and on votes. */
void issue_write_outcome(Buf *out, const Issue *i);

#endif
