/* What the files of allocation share: which register holds which value at the current point of the
 * walk. The point lies in front of everything that was written so far. */
#ifndef JIT_X64_ALLOCATE_LOCAL_H
#define JIT_X64_ALLOCATE_LOCAL_H

#include "jit/x64/allocate.h"
#include "jit/x64/live.h"

enum { HOLDS_NOTHING = UINT32_MAX, HOLDS_FIXED = UINT32_MAX - 1 };

/* Edges through memory pass this one: it is never allocated. */
enum { SCRATCH_XMM = REG_xmm15 };

/* What each register holds: a virtual register's number or HOLDS_*. */
typedef struct {
    uint32_t holder[REG_COUNT];
    RegSet held;   /* at a block's boundary: registers that hold values */
    RegSet params; /* those of them that hold the block's own parameters */
} RegState;

typedef struct {
    MFunc *m;
    Live *live;
    Arena *a;
    MCode out;
    uint32_t origin; /* MInst.extra of the current instruction */

    RegState regs;
    RegLife *values;       /* by virtual register */
    RegSet allocatable;
    RegSet free;           /* allocatable, and hold nothing */
    RegSet busy;           /* operands of the current instruction */
    RegSet written;        /* by the current instruction: no place for what lives across it */
    RegSet ever;           /* ever held anything */

    uint32_t nbefore, ncalls; /* what is left of the lists in `live` */
    uint32_t call;            /* position of the last call that is left, 0: none */

    Fuel *fuel;

    RegState *entry;       /* by block, once it was walked */
    RegState **exit;       /* by block, where edges go backward */
} Assign;

#define NO_REGS ((RegSet)0)

/* None for NO_REG. */
static inline RegSet bit_of(uint32_t reg) { return (RegSet)((uint64_t)1 << reg); }
static inline uint32_t vreg_number(Reg r) { return r.i - REG_FIRST_VIRTUAL; }
static inline const VReg *vreg_at(const Assign *s, uint32_t v) { return &s->m->vregs.at[v]; }
static inline RegSet class_regs(const Assign *s, uint32_t v)
{
    return vreg_at(s, v)->class == REG_XMM ? REGS_XMM : REGS_GPR;
}

/* Whether code around the current instruction may be rewritten so. */
static inline bool permits(const Assign *s, Rewrite r)
{
    return fuel_take(s->fuel, r, NULL, s->m->index, (Inst){(s->origin >> 4) - 1});
}

/* -- Registers (regs.c) -- */

/* Where the physical register is mentioned or clobbered next before here. */
static inline uint32_t clobbered_at(const Assign *s, uint32_t reg)
{
    uint32_t saved = reg_callee_saved() >> reg & 1, at = s->live->regs[reg].last;
    uint32_t call = s->call & (saved - 1);
    return call > at ? call : at;
}

static inline void hold(Assign *s, uint32_t v, uint32_t reg)
{
    s->regs.holder[reg] = v;
    s->values[v].reg = (uint8_t)reg;
    s->free &= ~bit_of(reg);
    s->ever |= bit_of(reg);
}

static inline void release(Assign *s, uint32_t v)
{
    uint32_t reg = s->values[v].reg;
    s->values[v].reg = NO_REG;
    s->regs.holder[reg] = HOLDS_NOTHING;
    s->free |= bit_of(reg);
}

static inline void hold_fixed(Assign *s, uint32_t reg)
{
    s->regs.holder[reg] = HOLDS_FIXED;
    s->free &= ~bit_of(reg);
}

static inline void release_fixed(Assign *s, uint32_t reg)
{
    s->regs.holder[reg] = HOLDS_NOTHING;
    s->free |= bit_of(reg) & s->allocatable;
}

/* The best of the candidates for `v` from here to its definition; NO_REG when there is none. */
uint32_t pick(const Assign *s, uint32_t v, RegSet candidates);

/* Makes the register free: what it holds is restored behind the current instruction. */
void vacate(Assign *s, uint32_t reg);

/* A register of the class of `v`, vacated if need be; not one of `except` nor of `busy`. */
uint32_t demand(Assign *s, uint32_t v, RegSet except);

/* The value whose register `demand` would vacate is mentioned at... */
uint32_t cheapest_victim(const Assign *s, RegSet candidates);

/* -- Inserted instructions (regs.c) -- */

/* Make an instruction of one of which only the mark is there. */
void move_inst(MInst *i, const MFunc *m, uint32_t v, uint32_t to, uint32_t from);
void load_inst(MInst *i, Assign *s, uint32_t v, uint32_t to);
void store_inst(MInst *i, Assign *s, uint32_t v, uint32_t from);
void remat_inst(MInst *i, const MFunc *m, uint32_t v, uint32_t to);

/* In front of what is there. */
static inline MInst *insert(Assign *s, Mark mark)
{
    MInst *i = mcode_push(s->a, &s->out, 1);
    *i = (MInst){.extra = (s->origin & ~15u) | mark};
    s->m->marks[mark]++;
    return i;
}

/* The frame slot of `v`, made when it is first asked for. */
uint32_t spill_slot(Assign *s, uint32_t v);

/* -- Boundaries of blocks (boundary.c) -- */

/* Sets up what the registers hold behind the last instruction of block `k`, from what its
 * successors expect. */
void enter_block_end(Assign *s, uint32_t k);

/* Notes what the registers hold before the first. */
void leave_block_start(Assign *s, uint32_t k);

/* -- Moves at edges (moves.c) -- */

/* A register, or PLACE_SLOT plus a frame slot; or nowhere: the value is made anew. */
enum { PLACE_SLOT = REG_COUNT, PLACE_REMAT = UINT32_MAX };

typedef struct {
    uint32_t v;        /* a value of the class and size that is moved */
    uint32_t to, from; /* places */
    uint32_t remat;    /* the value to make when `from` is PLACE_REMAT */
} EdgeMove;

typedef VEC(EdgeMove) EdgeMoves;

/* Appends to MFunc.moves instructions that do all moves at once; `moves` is used up. */
void write_moves(Assign *s, EdgeMoves *moves);

/* -- Finish (finish.c) -- */

void finish_code(Assign *s);

#endif
