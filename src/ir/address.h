/* Which values are addresses, and what is known of them and of all other integers.
 *
 *     Addresses *x = address_derive(f, cfg, arena);
 *     const Fact *p = address_fact(x, v);
 *     if (p->kind == FACT_address) use(&x->bases.at[p->base], &p->n);         base + n
 *     else if (p->kind == FACT_number) use(p->n.lo, p->n.hi);
 *
 * Decided from the function and the contracts of what it calls alone, in the order of control
 * flow, so that it is the same after a round trip through text:
 *
 *   - a stack_addr and a parameter with a contract are addresses; without any contract in the
 *     function, so is a parameter that a load or store uses (itself or plus constants);
 *   - address.def says what becomes of them: sums with numbers, roundings, choices are addresses;
 *     differences and comparisons within one object, and `addr & mask` where the masked bits are
 *     known, are numbers;
 *   - an i64 load of exactly a cell gives an address: a cell of a contract, or eight bytes of an
 *     own slot to which an address was stored last on every path;
 *   - block parameters are the choice of what is passed; 0 chosen instead of an address is null.
 *
 * A choice between addresses of one base keeps the base. Between several, it is a base of its own,
 * of which is known what is true of all of them. What rests on contracts and cells is true of runs
 * that keep the discipline (DESIGN, section 6).
 */
#ifndef IR_ADDRESS_H
#define IR_ADDRESS_H

#include "ir/cfg.h"
#include "ir/contract.h"
#include "ir/number.h"

typedef enum {
    FACT_none,    /* not computed: unreachable */
    FACT_number,  /* does not depend on where anything lies */
    FACT_address, /* base + n */
    FACT_code,    /* of a function: bit k of n.low stands for FuncRef k, 63 for all others */
    FACT_mixed,   /* depends on where things lie, or is only sometimes an address */
} FactKind;

typedef struct {
    uint8_t kind; /* FactKind */
    uint32_t base;
    Number n;
} Fact;

typedef enum {
    BASE_slot,   /* index: Slot */
    BASE_param,  /* index: parameter of the function */
    BASE_loaded, /* from a contract's cell */
    BASE_choice, /* one of several, null perhaps, or an address rounded to more than is known */
} BaseKind;

/* What an offset is added to: a place in an object. */
typedef struct {
    uint8_t kind;             /* BaseKind */
    bool bounded;             /* bytes outside of `range` are not the object's */
    bool readonly;            /* contracts say that nobody writes it during the activation */
    bool nowrite;             /* a contract says that the function does not write through it */
    bool own_slot;            /* may be in a slot of this activation */
    bool may_null;
    bool may_fault;           /* may be null or in an inaccessible heap */
    bool must_fault;          /* is one of these */
    uint8_t nlow;             /* as many lowest bits of the address are known: */
    uint64_t low;
    uint32_t index;
    ByteRange range;          /* around the base; surely the object's */
    const Contract *contract; /* of a parameter, or of what a cell points to; else NULL */
    uint8_t changes;          /* of a choice: how often it has lost bounds, */
    uint32_t born;            /* the pass that made it, */
    uint32_t last_link;       /* and its members, NO_INDEX for none */
} Base;

/* A choice is one of its members: they share their region. */
typedef struct {
    uint32_t choice, member;
    uint32_t previous; /* link of the same choice, NO_INDEX for none */
} BaseLink;

/* Eight bytes of a slot to which the function stores an address. */
typedef struct {
    uint32_t slot;
    int64_t offset;
} SlotCell;

/* What such bytes hold at one point. */
typedef struct {
    bool may, must; /* hold an address on some path; on every path */
    Fact fact;      /* FACT_none when they hold none */
} CellState;

typedef struct {
    const Func *f;
    const Cfg *cfg;
    Arena *arena;
    Fact *facts; /* by value */
    VEC(Base) bases; /* slots, then parameters, then others */
    VEC(BaseLink) links;
    VEC(SlotCell) cells;
    CellState *now; /* of each cell, while walking */
    struct Derivation *work;
} Addresses;

Addresses *address_derive(const Func *f, const Cfg *c, Arena *a);

static inline const Fact *address_fact(const Addresses *x, Value v)
{
    return &x->facts[v.i];
}

/* The fact's base, or NULL when it is no address. */
static inline const Base *address_base(const Addresses *x, const Fact *p)
{
    return p->kind == FACT_address ? &x->bases.at[p->base] : NULL;
}

/* The lowest bits of the address itself: `*low` and how many there are. */
unsigned address_low(const Addresses *x, const Fact *p, uint64_t *low);

/* Whether bytes [offset, offset + bytes) around an address surely belong to its object. */
bool address_is_within(const Addresses *x, const Fact *p, int64_t offset, uint64_t bytes);

/* Whether they may: false when whatever the offset is, some byte lies outside. */
bool address_may_be_within(const Addresses *x, const Fact *p, int64_t offset, uint64_t bytes);

/* Whether two addresses surely point into the same object. */
bool address_same_object(const Addresses *x, const Fact *p, const Fact *q);

/* How an instruction accesses memory: which operand is the address and how many bytes. */
typedef struct {
    uint8_t address; /* index among the operands */
    bool reads, writes;
    bool word;     /* moves one i64 as it stands: what a cell is read and written by */
    int8_t value;  /* index of the operand that is stored, or -1 */
    unsigned bytes;
    int64_t offset; /* constant */
} Access;

/* What of that an opcode says. */
typedef struct {
    bool accesses;
    uint8_t address;
    bool reads, writes;
    bool words; /* of an i64 */
    int8_t value;
    uint8_t lane_bytes; /* 0: those of the type */
} AccessRow;
extern AccessRow access_rows[OP_COUNT]; /* constant once main has begun */

/* False for what accesses no memory. */
static inline bool inst_access(const InstData *i, Access *out)
{
    const AccessRow *r = &access_rows[i->op];
    if (!r->accesses) return false;
    *out = (Access){
        .address = r->address,
        .reads = r->reads,
        .writes = r->writes,
        .word = i->type == TY_i64 && r->words && !(i->flags.bits & MEMFLAG_big),
        .value = r->value,
        .bytes = r->lane_bytes ? r->lane_bytes * type_lanes(i->type) : type_bytes(i->type),
        .offset = i->imm,
    };
    return true;
}

/* The cell of the address's contract at `offset` from it, when that is exact. */
const Cell *address_contract_cell(const Addresses *x, const Fact *p, int64_t offset);

/* The function references that a call may go to, at most 64; `*all` is false when it may go
 * elsewhere as well. */
uint32_t address_callees(const Addresses *x, const InstData *call, uint32_t refs[static 64],
                         bool *all);

/* Parameter contract `k` of the function behind reference `ref`; NULL when there is none. */
const Contract *address_callee_contract(const Func *f, uint32_t ref, uint32_t k);

/* What a cell of slot `slot` holds while walking; NULL when no address is stored there. */
CellState *address_cell(const Addresses *x, uint32_t slot, int64_t offset);

/* Calls `visit` for each instruction of each reachable block in order. x->now is what the cells
 * hold before it. */
void address_walk(Addresses *x, void (*visit)(void *data, Block b, Inst i), void *data);

#endif
