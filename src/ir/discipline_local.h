/* What the files of the discipline share: a function in work. */
#ifndef IR_DISCIPLINE_LOCAL_H
#define IR_DISCIPLINE_LOCAL_H

#include "ir/address.h"
#include "ir/verify_local.h"

/* Bases united by choices form a tree; its root knows the region. */
typedef struct {
    uint32_t parent;
    bool known;
    uint8_t region; /* number plus 1; 0 none */
} RegionNode;

/* Cells of a contract that are promised under another, and were found to agree. */
typedef struct {
    const Contract *own, *promised;
    int64_t offset;
} Forwarded;

typedef struct {
    Verifier v;
    Addresses *x;
    RegionNode *nodes; /* by base */
    uint32_t errors;   /* at which no more are looked for */
    Forwarded kept[64];
} Judge;

/* Reports it when what `base` stands for has another region already. */
void judge_region(Judge *j, uint32_t base, uint8_t region, const Subject *what);

/* Whether contracts make sense by themselves (discipline_contract.c). */
void judge_contracts(const Verifier *v);

/* Whether everything that `c` promises is true of `p`. */
void judge_promise(Judge *j, const Subject *what, const Contract *c, const Fact *p);

void judge_call(Judge *j, const InstData *i);

#endif
