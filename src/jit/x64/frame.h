/* The frame of a function: where its slots lie, and the instructions that make and leave it. */
#ifndef JIT_X64_FRAME_H
#define JIT_X64_FRAME_H

#include "base/pages.h"
#include "jit/x64/mfunc.h"

/* Gives every slot its offset from rsp. Requires `saved`; no slot may be added afterwards. */
void frame_layout(MFunc *m);

void frame_prologue(MFunc *m, MInsts *out);

/* What stands in front of a ret or a tail call. */
void frame_epilogue(MFunc *m, MInsts *out);

/* Behind it, in front of a tail call: the return address goes where `bytes` of stack arguments are
 * between it and the caller's frame. */
void frame_move_return(MFunc *m, uint32_t bytes, MInsts *out);

/* Bytes of stack arguments, those of tail calls included. */
static inline uint32_t frame_incoming(const MFunc *m) { return m->incoming + m->grown; }

/* Slots that the offset from rsp cannot say, because rsp was rounded down, become memory at rbp. */
void frame_fix_operands(const MFunc *m, MInst *code, uint32_t n);

#endif
