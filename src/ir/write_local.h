/* Parts of the writer that its files share. */
#ifndef IR_WRITE_LOCAL_H
#define IR_WRITE_LOCAL_H

#include "ir/write.h"

/* `ss7` */
static inline void write_name(Buf *out, const char *prefix, uint32_t number)
{
    buf_text(out, prefix);
    buf_u64(out, number);
}

/* `block1(v2, v3)`; `[block1(v2, v3), block4]` */
void write_destination(Buf *out, const Func *f, const BlockCall *call);
void write_table(Buf *out, const Func *f, const BlockCall *at, uint32_t n);

/* Flags of a memory access, each with a blank before it. */
void write_flags(Buf *out, const Func *f, MemFlags flags, const Dialect *d);

/* A constant's bytes in memory order: as one lane, or as a vector. */
void write_lane(Buf *out, const uint8_t *bytes, Type lane);
void write_vector(Buf *out, const uint8_t *bytes, Type type);

/* Slots, regions, global values, callees, constants, tables. */
void write_declarations(Buf *out, const Func *f, const Dialect *d);

#endif
