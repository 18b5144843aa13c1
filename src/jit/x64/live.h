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

/* What is known of a register at a point: at the end when going forwards, at the current
 * instruction when going backwards. */
typedef struct {
    uint32_t last; /* where it is mentioned last before here, 0: nowhere */
    uint32_t def;  /* where it is mentioned first, which defines it */
    /* The rest is allocation's. */
    uint8_t reg;              /* where it is: a physical register, NO_REG for none */
    uint8_t param_reg;        /* where it arrives as a block's parameter, NO_REG */
    bool param_in_memory : 1; /* it arrives in its slot */
    bool wants_store : 1;     /* a reload was written; the definition must store */
    uint32_t slot;            /* frame slot plus 1, 0: none yet */
} RegLife;

enum { NO_REG = REG_COUNT };

/* What an instruction does with registers: as the roles of its form, but for each place
 * (minst_place) and as it stands there. */
typedef uint16_t Note;
enum {
    NOTE_USES = ((1 << MINST_REFS * ROLES_BITS) - 1) / 3 * ROLE_USE,
    NOTE_SAME = ROLES_SAME, /* it has one register, and only defines it */
    NOTE_COPY = ROLES_COPY,
    NOTE_CALL = ROLES_CALL,
    NOTE_FROM_ROLES = NOTE_USES | NOTE_USES << 1 | NOTE_COPY | NOTE_CALL,
};

/* A set of places has one bit for each, at the lower bit of its role. */
static inline unsigned place_bit(unsigned place) { return 1u << ROLES_BITS * place; }
static inline unsigned first_place(unsigned set) { return (unsigned)__builtin_ctz(set) / 2; }
static inline unsigned last_place(unsigned set) { return (31 - (unsigned)__builtin_clz(set)) / 2; }

static inline unsigned note_places(Note note) { return (note | note >> 1) & NOTE_USES; }
static inline unsigned note_defs(Note note) { return note >> 1 & NOTE_USES; }
static inline unsigned note_only_uses(Note note) { return note & ~(note >> 1) & NOTE_USES; }
static inline unsigned note_role(Note note, unsigned place)
{
    return note >> ROLES_BITS * place & ROLE_USE_DEF;
}

typedef struct {
    uint32_t before; /* in Live.before, of its first mention */
    Note note;
} InstLife;

typedef struct {
    RegLife *regs;    /* by number, physical ones first */
    InstLife *insts;
    uint32_t *before; /* by mention, in order: where that register was mentioned before */
    uint32_t nbefore;
    VEC(uint32_t) calls; /* positions */
    LoopLive *loops;     /* by loop */
} Live;

static inline uint32_t position_of(uint32_t inst) { return 2 * inst + 2; }
static inline uint32_t position_of_start(const MBlock *b) { return 2 * b->first + 1; }

Live *live_compute(MFunc *m, Arena *a);

/* rsp, and rbp where it holds the frame: not to be allocated, and not followed. */
static inline bool is_frame_reg(const MFunc *m, uint32_t reg)
{
    return reg == REG_rsp || (reg == REG_rbp && m->realigned);
}

#endif
