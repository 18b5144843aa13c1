/* A function in machine instructions: what lowering makes, allocation rewrites and the emitter
 * turns into bytes.
 *
 * Instructions stand in one array, blocks in the order in which they will lie in memory. A block's
 * last instructions are its jumps; each names an edge by label_of(LABEL_edge, n), and after
 * allocation a block. Virtual register n holds CLIF value n for n < values of the function;
 * further ones are temporaries. Except for block parameters, which edges define, a virtual
 * register is defined once or, within one block, by a copy or constant that the instructions right
 * behind it modify in place.
 *
 * Physical registers appear where the machine demands them (shift counts, division, arguments):
 * copies to and from them stand close around, and allocation keeps them free between a definition
 * and the uses that follow it in the same block.
 */
#ifndef JIT_X64_MFUNC_H
#define JIT_X64_MFUNC_H

#include "ir/func.h"
#include "jit/x64/minst.h"

enum { NO_VREG = UINT32_MAX };

/* What an instruction is there for. */
typedef enum {
    MARK_none,     /* computes */
    MARK_keep,     /* a register move that is more than a copy (it clears the upper half) */
    MARK_move,     /* from register to register, because allocation wanted the value elsewhere */
    MARK_load,     /* reload of a spilled value */
    MARK_store,    /* store of a spilled value after its definition */
    MARK_remat,    /* a constant or address made again instead of being reloaded */
    MARK_prologue, /* frame set-up */
    MARK_epilogue,
    MARK_deleted,  /* left out by the emitter */
    MARK_COUNT,
} Mark;

/* MInst.extra: the mark, and above it the CLIF instruction it was made for plus 1. */
static inline Mark minst_mark(const MInst *i) { return (Mark)(i->extra & 15); }
static inline uint32_t minst_origin(const MInst *i) { return (i->extra >> 4) - 1; }
static inline uint32_t minst_extra(Mark mark, uint32_t origin) { return (origin + 1) << 4 | mark; }

/* Labels in MInst.imm and Mem.label. */
typedef enum {
    LABEL_edge,  /* of MFunc.edges; before allocation */
    LABEL_block, /* of MFunc.blocks; after it */
    LABEL_trap,  /* the exit stub for a trap code */
    LABEL_func,  /* a function of the module */
    LABEL_const, /* an entry of the constant pool */
    LABEL_table, /* of MFunc.tables */
    LABEL_inst,  /* of MFunc.code, in the prologue */
    LABEL_next,  /* behind the instruction that follows the jump */
} LabelKind;

static inline uint32_t label_of(LabelKind kind, uint32_t n) { return (uint32_t)kind << 28 | n; }
static inline LabelKind label_kind(uint32_t label) { return (LabelKind)(label >> 28); }
static inline uint32_t label_number(uint32_t label) { return label & 0x0fffffff; }

/* Instructions in program order that grow at the front, because lowering and allocation both walk
 * backwards. `at` moves; an index from the end stays. */
typedef struct {
    MInst *at;
    uint32_t n;
    MInst *room; /* allocated from here to at + n */
} MCode;

/* Room for `n` more. */
void mcode_reserve(Arena *a, MCode *c, uint32_t n);

/* `n` new first elements; their content is what the caller makes it. */
static inline MInst *mcode_push(Arena *a, MCode *c, uint32_t n)
{
    if (unlikely((size_t)(c->at - c->room) < n)) mcode_reserve(a, c, c->n + n);
    c->n += n;
    return c->at -= n;
}

typedef VEC(MInst) MInsts;

typedef struct {
    uint8_t class; /* RegClass */
    uint8_t bytes; /* of a spill slot: 4, 8 or 16 */
    uint8_t hint;  /* a physical register that it is copied from or to, REG_ANY */
    uint32_t remat; /* index into MFunc.remats plus 1: how to make it anew; 0: it cannot be */
} VReg;

typedef struct {
    uint32_t from, to; /* blocks */
    uint32_t args;     /* index into MFunc.regs; one virtual register for each parameter of `to` */
    uint32_t moves;    /* after allocation: index into MFunc.moves, in program order */
    uint32_t nmoves;
    uint32_t stub; /* after allocation: the block that does the moves and goes on to `to`, or 0 */
    uint32_t next_back; /* during allocation: another edge back to the same block, plus 1 */
    bool handler;       /* of an exception: it leaves the call that is the block's last one, and no
                           jump names it; then its arguments may be physical registers */
} MEdge;

typedef struct {
    Block ir;             /* BLOCK_none for code of an edge */
    uint32_t first, end;  /* its instructions */
    uint32_t edges;       /* index into MFunc.edges; the edges that leave it are neighbours */
    uint32_t nedges;
    uint32_t params;      /* index into MFunc.regs */
    uint32_t nparams;
    uint32_t npreds;      /* edges that enter it */
    uint32_t loop;        /* index of its innermost loop in MFunc.loops, NO_INDEX for none */
    uint32_t backward;    /* edges from later blocks, or itself, that enter it */
    /* During allocation: */
    uint32_t first_back;  /* first of the edges that go back to here (MEdge.next_back), plus 1 */
    uint32_t moves;       /* edge whose moves stand at its beginning, plus 1 */
} MBlock;

/* Blocks `header` to `last`, as far as they belong to it. */
typedef struct {
    uint32_t header, last; /* blocks */
    uint32_t outer;        /* index of the loop around it, NO_INDEX for none */
    uint16_t depth;        /* 1 for an outermost loop */
    bool calls;            /* a call is in it */
    uint8_t nexits;
    uint32_t exits[3]; /* some blocks that it leaves to */
} MLoop;

/* A place in the frame. Those of the function's stack slots come first, under the same numbers. */
typedef struct {
    uint32_t bytes, align;
    int32_t offset; /* from the frame's base, once it is laid out */
    bool fixed;     /* its offset is not the frame's to choose: among the stack arguments, counted
                       from their end until the frame is laid out */
} MSlot;

/* A call's side of registers; MInst.imm of a call, or tail call, is its index in MFunc.calls. */
typedef struct {
    RegSet uses, defs, clobbers; /* clobbers contain defs */
    uint32_t callee;             /* function of the module; NO_INDEX: indirect */
    uint32_t popped;             /* bytes that the callee removes from the stack */
} MCall;

typedef struct {
    uint32_t edges, n; /* edges[k] is where index k goes; neighbours in MFunc.edges */
} MTable;

typedef struct MFunc {
    Arena *arena;
    const Func *ir;
    uint32_t index; /* in the module */
    MCode code;
    VEC(MBlock) blocks;
    VEC(MEdge) edges;
    VEC(MLoop) loops;
    VEC(Reg) regs; /* parameters and arguments of blocks and edges */
    VEC(VReg) vregs;
    MInsts remats;
    MInsts moves;
    VEC(MSlot) slots;
    VEC(MCall) calls;
    VEC(MTable) tables;
    bool pinned;        /* it mentions the pinned register */
    bool catches;       /* it has edges to handlers, where no register is the caller's any more */
    bool names_handlers; /* outside of jumps there are labels of edges */
    bool vex;           /* AVX is there: moves take its forms */
    uint32_t spill_operands; /* reloads that became operands of instructions */
    uint32_t marks[MARK_COUNT]; /* how many instructions got one, but for none, keep and frames */
    uint32_t outgoing;  /* bytes of stack arguments and result areas below the slots */
    uint32_t incoming;  /* bytes of its own stack arguments, above the return address */
    uint32_t grown;     /* bytes added there, for tail calls that have more of them */
    bool pops;          /* it removes all of these when it returns */
    bool gives_frame;   /* a tail call writes where its own stack arguments are */
    uint32_t ntails;    /* how many of `calls` are tail calls */
    bool realigned;     /* slots ask for more than 16, or the frame pointer is asked for: rbp holds
                           the frame, rsp is aligned */
    RegSet saved;       /* callee-saved registers that are used */
    uint32_t frame_bytes; /* what the prologue subtracts from rsp, once it is laid out */
} MFunc;

/* Another virtual register. */
static inline Reg mfunc_vreg(MFunc *m, RegClass class, unsigned bytes)
{
    *vec_push(m->arena, &m->vregs) = (VReg){(uint8_t)class, (uint8_t)bytes, REG_ANY, 0};
    return reg_virtual(m->vregs.n - 1);
}

static inline VReg *mfunc_vreg_of(const MFunc *m, Reg r)
{
    return &m->vregs.at[r.i - REG_FIRST_VIRTUAL];
}

/* Another frame slot. */
uint32_t mfunc_slot(MFunc *m, uint32_t bytes, uint32_t align);

/* Takes instruction `k` out (it becomes a no-operation that the emitter leaves out). */
void mfunc_delete(MFunc *m, uint32_t k);

/* All of it, one instruction a line, for dumps. */
void mfunc_print(const MFunc *m, Buf *out);

#endif
