/* What allocation, which walks backwards, must know of what still lies before it. One walk
 * forwards. Positions are numbers that grow along the code: instruction k stands at 2k + 2, the
 * beginning of a block whose first instruction is k at 2k + 1.
 */
#ifndef JIT_X64_LIVE_H
#define JIT_X64_LIVE_H

#include "jit/x64/mfunc.h"

/* A value that a loop uses and does not define. */
typedef VEC(uint32_t) VRegVec;

typedef struct {
    VRegVec invariants;
    int16_t room[2]; /* by RegClass: registers that the loop's own values leave over */
} LoopLive;

/* A mention of a physical register, and where the one before it was. */
typedef struct {
    uint32_t reg, before;
} FixedMention;

typedef struct {
    uint32_t *last;      /* by virtual register: where it is mentioned last, 0: nowhere */
    uint32_t *first_def; /* by virtual register */
    uint8_t *hint;       /* by virtual register: a physical one it is copied from, REG_ANY */
    uint32_t *before;    /* by mention, in order: where that virtual register stood before */
    uint32_t nbefore;
    VEC(FixedMention) fixed; /* in order */
    VEC(uint32_t) calls;     /* positions */
    uint32_t fixed_last[REG_COUNT];
    LoopLive *loops; /* by loop */
} Live;

static inline uint32_t position_of(uint32_t inst) { return 2 * inst + 2; }
static inline uint32_t position_of_start(const MBlock *b) { return 2 * b->first + 1; }

Live *live_compute(MFunc *m, Arena *a);

/* A register that an instruction mentions. */
typedef struct {
    Reg *at; /* where it stands */
    uint8_t role;
    uint8_t operand; /* its number; FORM_OPERANDS for base and index */
} Mention;

static inline bool has_same_operands(const MInst *i)
{
    if (!reg_is_virtual(i->reg[0]) || !reg_equal(i->reg[0], i->reg[1])) return false;
    return form_info[i->form].operands_n == 2 || reg_equal(i->reg[1], i->reg[2]);
}

/* What minst_regs tells, without the rest; but an instruction that gives the same bits whatever its
 * one register holds (xorps a, a) only defines it. */
static inline unsigned live_mentions(MInst *i, Mention mentions[MINST_REFS])
{
    uint32_t roles = form_roles[i->form], rest = roles & (ROLES_COPY - 1);
    unsigned n = 0, k = 0;
    bool memory = false;
    if (unlikely(roles & ROLES_SAME) && has_same_operands(i)) {
        mentions[0] = (Mention){&i->reg[0], ROLE_DEF, 0};
        return 1;
    }
    for (; rest; rest >>= ROLES_BITS, k++) {
        if (reg_equal(i->reg[k], REG_MEMORY)) memory = true;
        else if (rest & ROLES_OPERAND)
            mentions[n++] = (Mention){&i->reg[k], rest & ROLES_OPERAND, (uint8_t)k};
    }
    if (!memory) return n;
    Mem *m = &i->mem;
    if (m->kind == MEM_BASE && !reg_equal(m->base, REG_NONE))
        mentions[n++] = (Mention){&m->base, ROLE_USE, FORM_OPERANDS};
    if (m->kind != MEM_LABEL && !reg_equal(m->index, REG_NONE))
        mentions[n++] = (Mention){&m->index, ROLE_USE, FORM_OPERANDS};
    return n;
}

static inline bool is_copy(const MInst *i)
{
    return (form_roles[i->form] & ROLES_COPY) && !reg_equal(i->reg[1], REG_MEMORY) &&
           minst_mark(i) != MARK_keep;
}

static inline bool is_call(const MInst *i)
{
    return form_roles[i->form] & ROLES_CALL;
}

/* rsp, and rbp where it holds the frame: not to be allocated, and not followed. */
static inline bool is_frame_reg(const MFunc *m, uint32_t reg)
{
    return reg == REG_rsp || (reg == REG_rbp && m->realigned);
}

#endif
