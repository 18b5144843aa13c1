/* A finding on one screen: the first value or stored byte that is wrong (triage/locate.h), the CLIF
 * around it with what both hold, its machine code and registers, where the value comes from, and
 * the heaps.
 *
 *     Explanation *x = explain(judge, c, &verdict, arena);      c has one run, the one that differs
 *     Picture p = {.out = &out, .mark = NO_OFFSET};
 *     explain_write(&p, x);                                     for people
 *     json_t *o = explain_json(x);                              for programs
 */
#ifndef TRIAGE_EXPLAIN_H
#define TRIAGE_EXPLAIN_H

#include "triage/code.h"
#include "triage/locate.h"
#include "triage/picture.h"

#include <jansson.h>

/* One step back from a wrong value: a definition, or what passes it on. */
typedef struct {
    uint32_t depth;   /* 0: what is named */
    const char *text; /* `v4 = iadd.i64 v0, v3`, `argument of %f: <heap0>+8` */
    uint32_t site;    /* of the value, NO_INDEX for none */
} ExplainStep;

typedef struct {
    Judge *judge;
    const Case *c;
    const Verdict *v;
    const Located *located;
    VEC(ExplainStep) steps;

    /* Of the odd one, where it shows its machine code: */
    Inst code_inst;         /* whose code it is: what is named, or its first user in the block that
                               has code, when it has none of its own; INST_none: what stands
                               beside the function's instructions, where a convention is broken */
    const CodeLines *code;
    bool has_registers;     /* as they are behind the last line of it, or at the fault */
    uint64_t registers_at;  /* an offset in the code */
    ExecRegisters registers;
} Explanation;

Explanation *explain(Judge *j, const Case *c, const Verdict *v, Arena *a);

/* At most EXPLAIN_LINES lines of EXPLAIN_WIDTH columns; what does not fit is cut. */
enum { EXPLAIN_LINES = 39, EXPLAIN_WIDTH = 100 };
void explain_write(Picture *p, const Explanation *x);

/* {what, by, function, block, instruction, value, execution, executions, expected, actual, watched,
 * tried, gone_when_all_watched, gone_when_watched, written_by, late, steps, code, registers,
 * registers_at}: null, false or empty where there is none. Numbers are hexadecimal text. */
json_t *explain_json(const Explanation *x);

/* Words of LocatedWhat and LocatedBy, as JSON has them. */
const char *located_what(LocatedWhat what);
const char *located_by(LocatedBy by);

#endif
