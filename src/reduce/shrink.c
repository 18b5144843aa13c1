#include "reduce/shrink.h"

#include "reduce/lab.h"

enum { HANGS_MAX = 3, HANGS_MAX_OF_HANG = 12 };

/* The case with the run of the verdict alone, when that shows the same. */
static bool begin(Lab *l, Judge *j, const Case *c, const Verdict *v, Arena *a)
{
    Verdict alone;
    lab_open(l, &(LabOptions){.judge = j, .quick = true}, lab_single_run(c, v, a), v, a);
    if (lab_judge(l, l->c, &alone) != TRY_kept) return false;
    lab_adopt(l, lab_single_run(c, v, a), &alone);
    return true;
}

Case *shrink_case(Judge *j, const Case *c, const Verdict *v, Arena *a, uint32_t tries,
                  Verdict *out)
{
    Lab l;
    Cursor at = {0};
    TryResult r = TRY_none;
    Counts before = *judge_counts(j);
    uint32_t hangs = v->kind == VERDICT_hang ? HANGS_MAX_OF_HANG : HANGS_MAX;
    bool begun = begin(&l, j, c, v, a);
    while (begun && tries && hangs && (r = lab_try(&l, &at)) != TRY_over) {
        tries -= r != TRY_none;
        hangs -= r == TRY_hung;
    }
    *judge_counts(j) = before; /* candidates are no executions */
    Case *small = case_extract(l.c, l.c->runs.at[0].func, a);
    *out = l.verdict;
    lab_close(&l);
    return small;
}
