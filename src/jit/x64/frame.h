/* The frame of a function: where its slots lie, and the instructions that make and leave it. */
#ifndef JIT_X64_FRAME_H
#define JIT_X64_FRAME_H

#include "base/pages.h"
#include "jit/x64/mfunc.h"

/* Gives every slot its offset from rsp. Requires `saved`; no slot may be added afterwards. */
void frame_layout(MFunc *m);

void frame_prologue(MFunc *m, MInsts *out);

/* What stands in front of a ret. */
void frame_epilogue(MFunc *m, MInsts *out);

#endif
