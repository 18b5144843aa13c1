/* Verdicts for other programs: the JSON of finding.json and of --json.
 *
 *     json_t *o = describe_verdict(judge, c, &verdict);
 *     json_object_set_new(o, "file", json_string(path));
 *     describe_print(o, stdout);                             one line; takes the object
 *
 * Runs count from 1 there, as in every text for people.
 */
#ifndef ORACLE_DESCRIBE_H
#define ORACLE_DESCRIBE_H

#include "oracle/judge.h"

#include <jansson.h>
#include <stdio.h>

/* {kind, finding, text, alone, message, run, odd, other, difference, ballots}: `alone` whether the
 * case shows it by itself, `message` what a compiler said, `odd` and `other` are names of
 * configurations or null, `difference` {result | heap, offset, expected, actual} or null, ballots
 * one a configuration: {configuration, outcome, trap, results, group, detail}. */
json_t *describe_verdict(const Judge *j, const Case *c, const Verdict *v);

/* [{name, label, version, cpu_features}]: the version of a loaded back end; the flags that a
 * configuration compiles for, null when its code does not depend on the CPU. */
json_t *describe_configs(const Judge *j);

/* {compiler, sanitizers, flags}: how this program was built. */
json_t *describe_build(void);

/* {user, heap_oob, ..}: how often runs trapped (trap_sums). */
json_t *describe_traps(const uint64_t by_code[static 256]);

/* The counts of a campaign, by the names of the counts line. */
json_t *describe_counts(const Counts *c);

/* Both let go of `o`: its text in `a`, indented, with a newline; one line on `out`. */
const char *describe_text(json_t *o, Arena *a);
void describe_print(json_t *o, FILE *out);

#endif
