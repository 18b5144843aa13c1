/* The encoder: machine instructions to bytes.
 *
 *     Enc e;
 *     enc_start(&e, arena, code, size, label_count);
 *     enc_inst(&e, &inst);
 *     enc_bind(&e, label);
 *     if (!enc_finish(&e)) ...                  the buffer was full; nothing in it counts
 *
 * No call reports an error: once the buffer is full, `full` stays set and nothing more is written.
 * Jumps and rip-relative operands to labels leave a fixup, which enc_finish resolves. All registers
 * must be physical, fixed operands must hold their registers, immediates must fit.
 *
 * Source of the encoding: Intel SDM vol. 2A, chapter 2; bytes of each form: insns.def.
 */
#ifndef JIT_X64_ENC_H
#define JIT_X64_ENC_H

#include "base/vec.h"
#include "jit/x64/minst.h"

typedef struct {
    uint32_t at; /* offset of the 4 bytes to patch */
    uint32_t label;
} EncFixup;

typedef struct {
    uint8_t *start, *at, *end;
    bool full;
    uint8_t wide; /* 1: displacements take four bytes, whatever they are; 0: as few as do */
    Arena *arena;
    VEC(uint32_t) label_at; /* offset of each label, or ENC_UNBOUND */
    VEC(EncFixup) fixups;
    Reg frame;                  /* base of MEM_SLOT operands: rsp or rbp */
    const int32_t *slot_offset; /* from `frame`, by slot */
} Enc;

enum { ENC_UNBOUND = UINT32_MAX };

/* Room that must be left for an instruction to be written: the longest one is 15 bytes. */
enum { ENC_SLACK = 32 };

/* Starts at `code`, `size` bytes. Labels are 0 to `labels_n` - 1. `frame` and `slot_offset` are the
 * caller's to set, before the first MEM_SLOT operand. */
void enc_start(Enc *e, Arena *arena, uint8_t *code, size_t size, uint32_t labels_n);

/* Further labels, unbound; gives the first. */
uint32_t enc_labels(Enc *e, uint32_t n);

static inline uint32_t enc_label(Enc *e) { return enc_labels(e, 1); }

/* The label is here. */
void enc_bind(Enc *e, uint32_t label);

void enc_inst(Enc *e, const MInst *i);

/* Bytes that are not instructions (constants, tables). */
void enc_bytes(Enc *e, const void *bytes, size_t n);

/* No-ops up to a multiple of `align`, a power of two, counted from the start. */
void enc_align(Enc *e, uint32_t align);

/* Resolves all fixups; every label used must be bound. False if the buffer was full. */
bool enc_finish(Enc *e);

/* Bytes written so far. */
static inline uint32_t enc_offset(const Enc *e)
{
    return (uint32_t)(e->at - e->start);
}

#endif
