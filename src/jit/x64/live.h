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
    VEC(uint32_t) before; /* by mention, in order: where that virtual register stood before */
    VEC(FixedMention) fixed; /* in order */
    VEC(uint32_t) calls;     /* positions */
    uint32_t fixed_last[REG_COUNT];
    LoopLive *loops; /* by loop */
} Live;

static inline uint32_t position_of(uint32_t inst) { return 2 * inst + 2; }
static inline uint32_t position_of_start(const MBlock *b) { return 2 * b->first + 1; }

Live *live_compute(MFunc *m, Arena *a);

/* minst_regs for instructions of virtual registers: an instruction that gives the same bits
 * whatever its operands hold (xorps a, a) only defines. */
unsigned live_regs(MInst *i, RegRef refs[MINST_REFS]);

static inline bool is_copy(const MInst *i)
{
    switch (i->form) {
    case FORM_mov_32: case FORM_mov_64: case FORM_movaps: case FORM_vmovaps:
        return !reg_equal(i->reg[1], REG_MEMORY) && minst_mark(i) != MARK_keep;
    }
    return false;
}

static inline bool is_call(const MInst *i)
{
    return i->form == FORM_call || i->form == FORM_call_rm;
}

/* rsp, and rbp where it holds the frame: not to be allocated, and not followed. */
static inline bool is_frame_reg(const MFunc *m, uint32_t reg)
{
    return reg == REG_rsp || (reg == REG_rbp && m->realigned);
}

#endif
